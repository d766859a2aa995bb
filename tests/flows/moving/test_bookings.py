"""Bookings and attendance brought from another software: understood line by line, counted, written once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.activities.catalogue import definition_changed
from marelle.activities.models import Activity, Opening, Quota
from marelle.attendance.models import Mismatch, Tick
from marelle.billing.models import BillingTerms
from marelle.bookings.models import Absence, Attendance, Booking
from marelle.bookings.recounting import day_recount
from marelle.bookings.states import BookingState
from marelle.core.actor import Role
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.flows.actor.actors import actor_for
from marelle.flows.models import MovingImport
from marelle.flows.moving import services
from marelle.flows.moving.billed import months_billed_here
from marelle.flows.moving.labels import counts_text
from marelle.flows.moving.lines import hour_read
from marelle.flows.moving.plans import Fate
from marelle.flows.moving.services import (
    ReasonMissing,
    moving_report,
    moving_start,
    movings_advance,
    movings_forget,
    sums_now,
)
from marelle.flows.moving.subjects import Kind
from marelle.journal.models import Entry
from marelle.mail.models import Message
from tests.flows.moving.files import BOOKING, GONE, GONE_TOO, NOW, TO_COME, ZOE, Mover

pytestmark = pytest.mark.django_db
B = Kind.BOOKINGS


@pytest.fixture
def world(time_machine) -> Mover:
    time_machine.move_to(NOW)
    made = Mover()
    made.enrolment(made.zoe, made.wednesdays, made.durand)
    return made


def taken(opening: Opening) -> tuple[int, int]:
    quota = opening.quotas.get()
    return quota.taken, quota.overdraft


def counters_right() -> bool:
    days = Quota.objects.order_by("day").values_list("day", flat=True).distinct()
    return not any(day_recount(day, today=local(NOW).date(), writes=False) for day in days)


def test_what_a_file_says_is_written_once_with_its_places_and_nobody_is_mailed(world):
    lines = [
        world.booking_line(GONE, "présent"),
        world.booking_line(GONE_TOO, "absent"),
        world.booking_line(TO_COME),
    ]
    row = world.brought(B, BOOKING, *lines)
    assert (row.state, row.counts["new"], row.problems) == ("done", 3, [])
    assert set(Booking.objects.values_list("day", "state", "by_family", "created_by")) == {
        (day, "booked", False, "Guichet") for day in (GONE, GONE_TOO, TO_COME)
    }
    assert set(Attendance.objects.values_list("day", "present")) == {(GONE, True), (GONE_TOO, False)}
    assert [taken(world.days[day]) for day in (GONE, GONE_TOO, TO_COME)] == [(1, 0)] * 3
    assert counters_right()
    told = [
        (one.about.label, one.month, one.measure.value, one.in_file, one.before, one.differs)
        for one in sums_now(row)
    ]
    assert told == [
        ("Mercredis", date(2026, 11, 1), "bookings", 2, 0, 0),
        ("Mercredis", date(2026, 11, 1), "present", 1, 0, 0),
        ("Mercredis", date(2026, 11, 1), "absent", 1, 0, 0),
        ("Mercredis", date(2026, 12, 1), "bookings", 1, 0, 0),
    ]
    entry = Entry.objects.get(verb="booking.moved_in")
    assert (entry.subject_label, entry.family_id, entry.data) == (
        "Zoé Durand · Mercredis",
        world.durand.family.pk,
        {"lines": 3},
    )
    assert not Message.objects.exists()
    again = world.brought(B, BOOKING, *lines)
    assert (again.counts["new"], again.counts["same"]) == (0, 3)
    assert (Booking.objects.count(), Tick.objects.count()) == (3, 2)
    assert counts_text(again.counts) == "0 lignes reprises, 3 déjà là."
    assert counters_right()


def test_a_later_file_adds_what_the_first_did_not_know(world):
    world.brought(B, BOOKING, world.booking_line(GONE))
    row = world.brought(
        B, [*BOOKING, "Arrivée", "Départ"], [*world.booking_line(GONE, "présent"), "8h40", "11:55"]
    )
    assert (row.counts["new"], Booking.objects.count()) == (1, 1)
    seen = Attendance.objects.get()
    assert [local(at).strftime("%H:%M") for at in (seen.arrived_at, seen.left_at)] == ["08:40", "11:55"]


def test_absences_told_are_of_the_booking_and_what_was_cancelled_is_left(world):
    head = [*BOOKING, "Prévenu le"]
    lines = [
        [*world.booking_line(GONE, "Absent prévenu"), "16/11/2026"],
        [*world.booking_line(GONE_TOO, "absent excusé"), ""],
        [*world.booking_line(TO_COME, "annulé"), ""],
    ]
    row = world.brought(B, head, *lines)
    assert (row.counts["new"], row.counts["nothing"]) == (2, 1)
    told = Absence.objects.order_by("booking__day")
    assert [(local(one.declared_at).date(), one.justified) for one in told] == [
        (date(2026, 11, 16), False),
        (GONE_TOO, True),
    ]
    assert {(one.measure.value, one.differs) for one in sums_now(row)} == {("bookings", 0), ("absent", 0)}
    assert not Attendance.objects.exists()


def test_who_came_without_a_booking_has_no_place_and_nobody_is_told(world):
    row = world.brought(B, BOOKING, world.booking_line(GONE, "sans réservation"))
    assert row.counts["new"] == 1
    assert (Booking.objects.count(), Attendance.objects.get().present) == (0, True)
    assert taken(world.days[GONE]) == (0, 0)
    assert not Mismatch.objects.exists()


def test_each_line_that_is_not_understood_says_why_and_all_are_said_at_once(world):
    petit = world.home("Petit", "Anne")
    sami = world.child(petit, "Sami", born=date(2018, 1, 2))
    small = world.group(world.wednesdays, "3–5 ans", (3, 5))
    world.enrolment(sami, world.wednesdays, petit, ends_on=GONE)
    world.opening(world.morning, date(2026, 12, 16), state="closed", reason="Grève")
    world.opening(world.morning, date(2026, 12, 23), group=small)
    other = world.activity("Matins", structure=world.structure("École", authority=world.authority("Autre")))
    lines = [
        ["", "Zoé", "04/03/2019", "Mercredis", "Matin", GONE, ""],
        ["Durand", "Zoé", "31/02/2019", "Mercredis", "Matin", "demain", "peut-être"],
        ["Durand", "Zoë", "05/03/2019", "Mercredis", "Matin", GONE, ""],
        [*ZOE, "Cantine", "Matin", GONE, ""],
        [*ZOE, "Mercredis", "Soir", GONE, ""],
        [*ZOE, "Mercredis", "Matin", GONE + timedelta(days=1), ""],
        [*ZOE, "Mercredis", "Matin", TO_COME, "présent"],
        [*ZOE, "Mercredis", "Matin", "2026-12-16", ""],
        [*ZOE, "Mercredis", "Matin", "2028-12-16", ""],
        ["Petit", "Sami", "2018-01-02", "Mercredis", "Matin", TO_COME, ""],
        [*ZOE, other.name, "Matin", GONE, ""],
        world.booking_line(GONE),
        world.booking_line(GONE, "présent"),
        [*ZOE, "Mercredis", "Matin", TO_COME, "absent prévenu"],
    ]
    row = world.read(B, BOOKING, *lines)
    wrong = world.wrong(row)
    assert [where for where, _said in wrong] == [
        "2",
        "3",
        "3",
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
        "10",
        "11",
        "12",
        "14",
        "15",
    ]
    said = " | ".join(f"{where} {text}" for where, text in wrong)
    for part in (
        "2 Nom enfant : cette information est nécessaire",
        "3 Date de naissance enfant : donnez une date qui existe",
        "« peut-être » n’est pas connu",
        "4 Nom enfant : aucun enfant de ce nom, né ce jour-là",
        "« Cantine » n’est pas une activité d’ici",
        "« Soir » n’est pas un créneau de « Mercredis »",
        "7 Jour : « Matin » n’a pas lieu ce jour-là",
        "8 État : ce jour n’est pas encore passé",
        "9 Jour : c’est fermé ce jour-là ici : Grève",
        "10 Jour : ce jour n’est pas dans l’inscription de Zoé Durand",
        "11 Jour : ce jour n’est pas dans l’inscription de Sami Petit",
        "« Matins » n’est pas de votre service",
        "14 c’est déjà dit à la ligne 13",
        "15 Prévenu le : cette information est nécessaire",
    ):
        assert part in said.replace("\u00a0", " "), part
    row = world.brought(B, BOOKING, *lines)
    assert (row.counts["new"], row.counts["wrong"]) == (1, 13)
    assert [(where, cells[0]) for where, _code, _data, cells in row.problems][:2] == [(2, ""), (3, "Durand")]


def test_lines_before_their_enrolment_are_left_then_taken(world):
    leo = world.child(world.durand, "Léo", born=date(2020, 1, 1))
    line = world.booking_line(TO_COME, who=["Durand", "Léo", "01/01/2020"])
    row = world.brought(B, BOOKING, line)
    assert (row.counts["new"], row.problems[0][1]) == (0, "not_enrolled")
    world.enrolment(leo, world.wednesdays, world.durand)
    assert world.brought(B, BOOKING, line).counts["new"] == 1


def test_a_place_past_the_gauge_is_left_unless_an_agent_gives_it_with_a_reason(world):
    petit = world.home("Petit", "Anne")
    whos = []
    for n, name in enumerate(("Ana", "Bob"), start=1):
        child = world.child(petit, name, born=date(2018, 1, n))
        world.enrolment(child, world.wednesdays, petit)
        whos.append(["Petit", name, f"2018-01-0{n}"])
    lines = [world.booking_line(TO_COME, who=who) for who in (*whos, ZOE)]
    read = world.read(B, BOOKING, *lines)
    assert moving_report(world.office, read, now=NOW).past_capacity == 1
    assert [(where, "plus de place" in said) for where, said in world.wrong(read)] == [("4", True)]
    with pytest.raises(ReasonMissing):
        moving_start(actor=world.office, moving_id=read.pk, past_capacity=True, reason=" ", now=NOW)
    row = world.brought(B, BOOKING, *lines)
    assert (row.counts["new"], taken(world.days[TO_COME])) == (2, (2, 0))
    row = world.brought(B, BOOKING, *lines, reason="donnée avant")
    assert (row.counts["new"], row.counts["same"], taken(world.days[TO_COME])) == (1, 2, (3, 1))
    last = Booking.objects.get(child=world.zoe)
    assert (last.derogation, last.passed) == ("donnée avant", "full")
    assert counters_right()


def test_days_gone_by_get_their_openings_once_something_is_brought_onto_them(world):
    """An activity that was defined in the middle of its year has none before."""
    mornings = world.activity("Matins")
    slot = world.slot(mornings, "Accueil", "07:30", "08:30", weekdays=[0, 1, 3, 4], capacity=1)
    world.rule(mornings)
    leo = world.child(world.durand, "Léo", born=date(2020, 1, 1))
    for child in (world.zoe, leo):
        world.enrolment(child, mornings, world.durand)
    monday, sunday, far = date(2026, 11, 16), date(2026, 11, 15), date(2026, 11, 30)
    lines = [
        [*ZOE, "Matins", "Accueil", monday, "présent"],
        ["Durand", "Léo", "2020-01-01", "Matins", "Accueil", monday, "présent"],
        [*ZOE, "Matins", "Accueil", sunday, "présent"],
        [*ZOE, "Matins", "Accueil", far, ""],
    ]
    read = world.read(B, BOOKING, *lines)
    wrong = [(one.where, one.code) for one in moving_report(world.office, read, now=NOW).problems]
    assert wrong == [("3", "past_capacity"), ("4", "not_held"), ("5", "not_held")]
    assert not slot.openings.exists()
    row = world.brought(B, BOOKING, *lines)
    assert (row.counts["new"], [code for _where, code, _data, _cells in row.problems]) == (
        1, ["past_capacity", "not_held", "not_held"],
    )  # fmt: skip
    opening = slot.openings.get()
    assert (opening.day, local(opening.starts_at).strftime("%H:%M"), taken(opening)) == (
        monday,
        "07:30",
        (1, 0),
    )
    assert counters_right()
    again = world.brought(B, BOOKING, *lines, reason="donnée avant")
    assert (again.counts["new"], again.counts["same"], taken(opening)) == (1, 1, (2, 1))


def test_what_is_here_and_says_otherwise_stays(world):
    opening = world.days[GONE]
    world.booking(world.zoe, world.days[TO_COME], state=BookingState.WAITING)
    world.brought(B, BOOKING, world.booking_line(GONE, "absent"))
    row = world.brought(B, BOOKING, world.booking_line(GONE, "présent"), world.booking_line(TO_COME))
    assert [code for _where, code, _data, _cells in row.problems] == ["seen_otherwise", "waits_here"]
    assert not Attendance.objects.get(opening=opening).present


def test_a_child_of_two_homes_needs_the_number_and_the_other_home_keeps_its_booking(world):
    other = world.home("Martin", "Sacha")
    world.shared(world.zoe, world.durand, other)
    world.enrolment(world.zoe, world.wednesdays, other)
    row = world.brought(B, BOOKING, world.booking_line(GONE))
    assert row.problems[0][1] == "several_homes"
    numbered = [str(other.family.number), *world.booking_line(GONE)]
    assert world.brought(B, ["Dossier", *BOOKING], numbered).counts["new"] == 1
    assert Booking.objects.get().family == other.family
    mine = [str(world.durand.family.number), *world.booking_line(GONE)]
    assert world.brought(B, ["Dossier", *BOOKING], mine).problems[0][1] == "other_home"


def test_two_slots_that_exclude_each_other_are_not_both_brought(world):
    whole = world.slot(world.wednesdays, "Journée", "08:00", "17:00")
    whole.excludes.add(world.morning)
    definition_changed(Activity.objects.filter(pk=world.wednesdays.pk))
    world.opening(whole, GONE)
    row = world.brought(B, BOOKING, world.booking_line(GONE), [*ZOE, "Mercredis", "Journée", GONE, ""])
    assert [code for _where, code, _data, _cells in row.problems] == ["conflict"]
    assert Booking.objects.get().opening == world.days[GONE]


def test_hours_are_those_of_the_line_where_a_slot_is_booked_by_the_hour(world):
    nursery = world.activity("Crèche")
    world.slot(nursery, "Journée", "07:30", "18:30", by_hour=True, weekdays=[2], capacity=3)
    world.rule(nursery)
    world.openings(nursery, TO_COME)
    world.enrolment(world.zoe, nursery, world.durand)
    head = [*BOOKING, "Début", "Fin"]
    line = [*ZOE, "Crèche", "Journée", TO_COME, ""]
    row = world.brought(B, head, [*line, "08:15", "12:00"], [*line, "", ""], [*line, "08:30", "12h"])
    assert [code for _where, code, _data, _cells in row.problems] == ["bad_hours", "bad_hours"]
    booking = Booking.objects.get()
    assert [local(at).strftime("%H:%M") for at in (booking.starts_at, booking.ends_at)] == ["08:30", "12:00"]
    assert world.brought(B, head, [*line, "08:30", "12:00"]).counts["same"] == 1
    assert world.brought(B, head, [*line, "09:00", "12:00"]).problems[0][1] == "other_hours"
    assert counters_right()


def test_batches_go_on_where_a_dead_worker_stopped(world, monkeypatch):
    monkeypatch.setattr(services, "BATCH", 2)
    lines = [world.booking_line(day) for day in world.days]
    row = world.read(B, BOOKING, *lines)
    moving_start(actor=world.office, moving_id=row.pk, past_capacity=False, reason="", now=NOW)
    asked = []

    def dies(*args, **kwargs):
        asked.append(1)
        if len(asked) == 2:
            raise SystemExit
        return written(*args, **kwargs)

    written = services.bringing.write
    monkeypatch.setattr(services.bringing, "write", dies)
    with pytest.raises(SystemExit):
        movings_advance(now=NOW)
    row.refresh_from_db()
    assert (row.state, row.done_lines, Booking.objects.count()) == ("queued", 2, 2)
    movings_advance(now=NOW)
    row.refresh_from_db()
    assert (row.state, row.done_lines, row.counts["new"], Booking.objects.count()) == ("done", 4, 4, 4)
    assert counters_right()


def test_months_billed_here_are_told_before_they_count_in_a_bill(world):
    row = world.read(B, BOOKING, world.booking_line(GONE), world.booking_line(TO_COME))
    today = local(NOW).date()
    assert months_billed_here(moving_report(world.office, row, now=NOW).sums, today) == ()
    BillingTerms.objects.create(authority=world.the_authority, since=date(2026, 12, 1))
    assert months_billed_here(moving_report(world.office, row, now=NOW).sums, today) == ()
    BillingTerms.objects.create(authority=world.the_authority, since=date(2026, 11, 1))
    assert months_billed_here(moving_report(world.office, row, now=NOW).sums, today) == (date(2026, 11, 1),)


def test_only_the_office_brings_files_each_its_own_and_never_for_its_own_home(world):
    director = actor_for(world.staff("direction", Role.DIRECTOR))
    with pytest.raises(NotYours):
        world.read(B, BOOKING, world.booking_line(GONE), actor=director)
    row = world.read(B, BOOKING, world.booking_line(GONE))
    colleague = actor_for(world.staff("collegue", Role.OFFICE))
    with pytest.raises(NotYours):
        services.moving_found(colleague, row.pk)
    assert services.moving_found(actor_for(world.staff("admin", Role.ADMINISTRATOR)), row.pk) == row
    world.zoe.refresh_from_db()
    adult = world.durand.adult
    adult.account = world.user
    adult.save()
    world.user.refresh_from_db()
    parent = actor_for(type(world.user).objects.get(pk=world.user.pk))
    assert world.brought(B, BOOKING, world.booking_line(GONE), actor=parent).problems[0][1] == "own_home"


def test_a_file_that_nobody_starts_goes_and_a_report_after_a_month(world):
    row = world.read(B, BOOKING, world.booking_line(GONE))
    done = world.brought(B, BOOKING, [*ZOE, "Cantine", "Matin", GONE, ""])
    assert movings_forget(now=NOW) == 0
    assert movings_forget(now=NOW + timedelta(days=2)) == 1
    assert not MovingImport.objects.filter(pk=row.pk).exists()
    assert movings_forget(now=NOW + timedelta(days=31)) == 1
    done.refresh_from_db()
    assert done.problems == []


def test_queries_do_not_grow_with_the_lines(world):
    petit = world.home("Petit", "Anne")
    lines = []
    for n in range(1, 21):
        child = world.child(petit, f"Enfant{chr(96 + n)}", born=date(2018, 1, n))
        world.enrolment(child, world.wednesdays, petit)
        lines.append(world.booking_line(GONE, who=["Petit", child.first_name, child.birth_date.isoformat()]))
    counts = []
    for some in (lines[:2], lines[:2], lines):
        row = world.read(B, BOOKING, *some)
        with CaptureQueriesContext(connection) as queries:
            report = moving_report(world.office, row, now=NOW)
        counts.append(len(queries))
    assert len(report.plan.of(Fate.NEW)) == 2
    assert counts[1] == counts[2] <= counts[0]


@pytest.mark.parametrize(
    ("text", "hour"),
    [("08:30", "08:30"), ("8h", "08:00"), ("8 h 05", "08:05"), ("8h30", "08:30"), ("08:30:00", "08:30")],
)
def test_hours_as_people_write_them(text, hour):
    assert hour_read(text).isoformat("minutes") == hour
