"""One home becomes two: each keeps what is its own, sees nothing of the other, and no booking is lost."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from marelle.accounts.models import Device
from marelle.activities.models import Quota
from marelle.billing.models import Invoice
from marelle.billing.selectors import invoices_of
from marelle.bookings.models import Booking, BookingRequest
from marelle.bookings.states import BookingState
from marelle.cases.models import Case
from marelle.enrolments.models import EndRequest, Enrolment, GroupChoice
from marelle.families.finding.selectors import families_matching
from marelle.families.models import (
    ChangeRequest,
    Consent,
    ConsentType,
    CustodyPeriod,
    Family,
    Guardianship,
    Person,
    PickupContact,
    PickupPermission,
    Residence,
)
from marelle.families.rules import CustodyHolidays, CustodyWeeks
from marelle.families.selectors import children
from marelle.flows.actor.actors import actor_for
from marelle.flows.home.merging.rows import pointers, pointing_models
from marelle.flows.home.separating.fates import FATES
from marelle.flows.home.separating.plan import ALWAYS, OTHER_HOLIDAYS, OTHER_WEEKS, Pattern, Reach
from marelle.journal.models import Entry
from marelle.mail.models import Message as Mail
from marelle.messaging.models import Message, Thread
from marelle.papers.models import Paper, PaperType
from tests.care import contact, permission
from tests.flows.together import NEXT_WEDNESDAY, NOW, TODAY, WEDNESDAY, Together, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(time_machine: Any) -> Together:
    time_machine.move_to(NOW, tick=False)
    return Together()


# Who lives where


def test_who_leaves_has_a_file_of_its_own_and_each_child_is_where_it_was_said(world):
    new = world.separate()
    assert world.homes_of(world.sacha) == {"Sacha Durand"}
    assert world.homes_of(world.leo) == {"Sacha Durand"}
    assert world.homes_of(world.milo) == {"Durand", "Sacha Durand"}
    assert world.homes_of(world.zoe) == {"Durand"}
    assert Residence.objects.get(family=new).street == "4 impasse du Lavoir"
    assert Person.objects.get(pk=world.sacha.pk).email == "sacha@ailleurs.example"
    assert [child.first_name for child in children(actor_for(world.sacha.account), day=TODAY)] == [
        "Léo",
        "Milo",
    ]
    assert [child.first_name for child in children(world.home_of_both.actor, day=TODAY)] == ["Zoé", "Milo"]
    assert [one.id for one in families_matching("sacha", limit=5)] == [new.pk]


def test_the_two_homes_share_the_weeks_of_a_child(world):
    new = world.separate()
    rows = CustodyPeriod.objects.filter(until=None).values_list(
        "member__family", "weeks", "holidays", "since"
    )
    assert set(rows) == {
        (new.pk, "odd", "first_half", TODAY),
        (world.family.pk, "even", "second_half", TODAY),
    }


def test_the_other_home_has_the_weeks_that_are_left():
    for weeks in CustodyWeeks:
        for holidays in CustodyHolidays:
            pattern = Pattern(weeks, holidays)
            assert pattern.of_the_other.of_the_other == pattern
    assert set(OTHER_WEEKS) == set(CustodyWeeks)
    assert set(OTHER_HOLIDAYS) == set(CustodyHolidays)


def test_no_weeks_said_are_no_weeks_written(world):
    world.separate(world.plan(patterns={world.milo.pk: ALWAYS}))
    assert not CustodyPeriod.objects.exists()


def test_a_child_that_is_also_in_a_third_home_goes_on_sharing_its_time(world):
    third = world.home("Petit", "Alex")
    world.shared(world.leo, world.home_of_both, third)
    new = world.separate()
    assert world.homes_of(world.leo) == {"Petit", "Sacha Durand"}
    assert CustodyPeriod.objects.get(member__family=new, member__person=world.leo).weeks == "even"


def test_guardians_keep_their_rights(world):
    world.guardian_before = list(Guardianship.objects.order_by("pk").values_list())
    world.separate()
    assert list(Guardianship.objects.order_by("pk").values_list()) == world.guardian_before


# Enrolments and bookings


def test_bookings_to_come_go_with_the_child_and_those_of_before_stay(world):
    new = world.separate()
    assert world.days(world.leo, world.family) == [date(2026, 11, 18)]
    assert world.days(world.leo, new) == [WEDNESDAY, NEXT_WEDNESDAY]
    assert world.days(world.milo, world.family) == [date(2026, 11, 18), WEDNESDAY]
    assert world.days(world.milo, new) == [NEXT_WEDNESDAY]
    assert world.days(world.zoe, world.family) == [date(2026, 11, 18), WEDNESDAY, NEXT_WEDNESDAY]
    assert Quota.objects.get(openings=world.first).taken == 3


def test_an_enrolment_ends_in_one_home_the_day_before_it_begins_in_the_other(world):
    new = world.separate()
    old = Enrolment.objects.get(pk=world.enrolments[world.milo].pk)
    there = Enrolment.objects.get(family=new, person=world.milo)
    assert (old.family, old.state, old.ends_on) == (world.family, "accepted", NEXT_WEDNESDAY - timedelta(1))
    assert (there.state, there.starts_on, there.ends_on) == (
        "accepted",
        NEXT_WEDNESDAY,
        world.wednesdays.last_day,
    )
    assert GroupChoice.objects.get(enrolment=there).group == world.group_of_all


def test_an_enrolment_that_waits_goes_whole_with_its_case(world):
    row = world.enrolments[world.leo]
    Booking.objects.filter(enrolment=row).delete()
    Enrolment.objects.filter(pk=row.pk).update(state=Enrolment.State.REQUESTED)
    case = world.case("enrolment", row.pk)
    new = world.separate()
    assert Enrolment.objects.get(person=world.leo).family == new
    case.refresh_from_db()
    assert case.family_id == new.pk


def test_an_end_asked_for_goes_with_the_enrolment(world):
    row = world.enrolments[world.leo]
    end = EndRequest.objects.create(
        enrolment=row, last_day=date(2026, 12, 31), requested_at=NOW, requested_by="Camille"
    )
    case = world.case("end", end.pk)
    new = world.separate()
    end.refresh_from_db()
    case.refresh_from_db()
    assert (end.enrolment.family_id, case.family_id) == (new.pk, new.pk)


def test_bookings_asked_for_in_one_go_are_of_one_home(world):
    asked = BookingRequest.objects.create(
        child=world.milo, family=world.family, activity=world.wednesdays, asked_at=NOW, asked_by="Camille"
    )
    case = world.case("booking_request", asked.pk)
    rows = Booking.objects.filter(child=world.milo)
    rows.filter(day__gte=TODAY).update(state=BookingState.REQUESTED, request=asked)
    with refused("request_of_both"):
        world.preview()
    new = world.separate(world.plan(enrolments={world.enrolments[world.milo].pk: WEDNESDAY}))
    case.refresh_from_db()
    assert (BookingRequest.objects.get().family, case.family_id) == (new, new.pk)


def test_a_permission_for_a_shared_child_goes_with_who_gave_it(world):
    """Two adults of one name are told apart."""
    world.sacha.first_name, world.sacha.last_name = world.home_of_both.adult.first_name, "Durand"
    world.sacha.save()
    day = NEXT_WEDNESDAY
    theirs = permission(world.home_of_both, world.milo, day, "Line Roche", giver=world.sacha)
    stays = permission(world.home_of_both, world.milo, day, "Ana Petit", giver=world.home_of_both.adult)
    by_agent = permission(world.home_of_both, world.milo, day, "Rachid Haddad")
    new = world.separate()
    families = [PickupPermission.objects.get(pk=row.pk).family for row in (theirs, stays, by_agent)]
    assert families == [new, world.family, world.family]


def test_a_shared_child_keeps_its_enrolments_where_nothing_else_is_said(world):
    new = world.separate(world.plan(enrolments={}))
    assert world.days(world.milo, new) == []
    assert len(world.days(world.milo, world.family)) == 3


# What is about somebody goes with them; what was the home's stays


def test_what_is_about_who_leaves_goes_and_the_rest_stays(world):
    kind = PaperType.objects.create(
        authority=world.the_authority, title="Assurance", why="Pour tous.", about="child"
    )
    for child in (world.zoe, world.leo, world.milo):
        Paper.objects.create(
            paper_type=kind, family=world.family, person=child, sent_at=NOW, sent_by="Camille"
        )
        contact(world.home_of_both, child)
    change = ChangeRequest.objects.create(
        family=world.family, kind="field", person=world.sacha, field="adult.phone",
        old={"value": "1"}, new={"value": "2"}, asked_at=NOW, asked_by="Sacha",
    )  # fmt: skip
    of_milo = PickupContact.objects.get(child=world.milo)
    new = world.separate(world.plan(contacts=frozenset({of_milo.pk})))
    assert set(Paper.objects.filter(family=new).values_list("person", flat=True)) == {world.leo.pk}
    named = set(PickupContact.objects.filter(family=new).values_list("child", flat=True))
    assert named == {world.leo.pk, world.milo.pk}
    change.refresh_from_db()
    assert change.family == new


def test_an_answer_given_together_is_the_answer_of_both(world):
    kind = ConsentType.objects.create(authority=world.the_authority, code="photo", label="Photos")
    for child in (world.zoe, world.leo, world.milo):
        Consent.objects.create(
            child=child, family=world.family, type=kind, school_year=2026, given=False,
            answered_by="Camille", answered_at=NOW,
        )  # fmt: skip
    new = world.separate()
    assert set(Consent.objects.values_list("child", "family", "given")) == {
        (world.zoe.pk, world.family.pk, False),
        (world.leo.pk, new.pk, False),
        (world.milo.pk, world.family.pk, False),
        (world.milo.pk, new.pk, False),
    }


def test_an_exchange_goes_with_who_began_it(world):
    for account in (world.home_of_both.user, world.sacha.account):
        thread = Thread.objects.create(
            family=world.family,
            structure=world.the_structure,
            subject=str(account),
            opened_at=NOW,
            last_at=NOW,
        )
        for who in (account, world.home_of_both.user, world.sacha.account):
            Message.objects.create(
                thread=thread, from_staff=False, author=str(who), account_id=who.pk, text="Bonjour", at=NOW
            )
    new = world.separate()
    assert set(Thread.objects.values_list("family", "subject")) == {
        (world.family.pk, str(world.home_of_both.user)),
        (new.pk, str(world.sacha.account)),
    }


def test_the_bills_of_before_are_read_by_both_and_those_of_after_by_the_home_that_has_them(world):
    def invoice(number: str, day: date) -> None:
        Invoice.objects.create(
            authority=world.the_authority, family=world.family, number=number, month=date(2026, 9, 1),
            issued_on=day, due_on=date(2026, 12, 31), total=Decimal(12), paid=Decimal(0),
        )  # fmt: skip

    invoice("BEFORE", TODAY - timedelta(1))
    invoice("AFTER", TODAY)
    world.separate()
    assert [row.number for row in invoices_of(actor_for(world.sacha.account))] == ["BEFORE"]
    assert {row.number for row in invoices_of(world.home_of_both.actor)} == {"BEFORE", "AFTER"}


def test_each_table_that_points_at_a_home_says_what_becomes_of_its_rows():
    def of_homes(model: Any) -> bool:
        return any(pointer.root is Family for pointer in pointers(model))

    assert {model for model in pointing_models() if of_homes(model)} == set(FATES)


def test_a_leaving_asked_for_has_happened(world):
    change = ChangeRequest.objects.create(
        family=world.family, kind="remove", person=world.sacha, new={"leaving": "2026-12-01"},
        asked_at=NOW, asked_by="Camille",
    )  # fmt: skip
    world.case("change", change.pk)
    world.separate()
    change.refresh_from_db()
    assert change.state != "open"
    assert not Case.objects.open().exists()


# Who is told, and how it is written down


def test_both_homes_are_told_and_neither_of_the_other(world):
    new = world.separate()
    mails = list(Mail.objects.filter(kind="families/home_separated").order_by("to"))
    assert {mail.to for mail in mails} == {world.home_of_both.adult.email, "sacha@ailleurs.example"}
    of_new = next(mail for mail in mails if mail.to == "sacha@ailleurs.example")
    of_old = next(mail for mail in mails if mail.to != "sacha@ailleurs.example")
    assert new.number in str(of_new.text)
    assert world.family.number not in str(of_new.text)
    assert new.number not in str(of_old.text)
    entries = Entry.objects.filter(verb__in=("family.separated", "family.begun"))
    assert {(entry.verb, entry.family_id, entry.actor_label) for entry in entries} == {
        ("family.separated", world.family.pk, "Guichet"),
        ("family.begun", new.pk, "Guichet"),
    }


def test_the_sessions_of_who_leaves_end_and_the_account_opens_the_new_file(world):
    left, stayed = Client(), Client()
    left.force_login(world.sacha.account)
    stayed.force_login(world.home_of_both.user)
    for client in (left, stayed):
        client.get("/compte/")
    for client, user in ((left, world.sacha.account), (stayed, world.home_of_both.user)):
        key = client.session.session_key
        Device.objects.create(user=user, session_key=key, first_seen=NOW, last_seen=NOW)
    new = world.separate()
    assert left.get("/famille/").status_code == 302
    assert stayed.get("/famille/").status_code == 200
    left.force_login(world.sacha.account)
    assert left.get("/famille/").status_code == 200
    assert actor_for(world.sacha.account).family_id == new.pk


def test_the_preview_says_what_it_would_do(world):
    found = world.preview(world.plan(adults={world.sacha.pk: Reach(world.home_of_both.adult.email, "")}))
    assert {(one.enrolment.person.first_name, one.since, one.bookings) for one in found.moving} == {
        ("Léo", TODAY, 2),
        ("Milo", NEXT_WEDNESDAY, 1),
    }
    assert found.same_reach == ("Sacha",)
    assert set(found.unseen) == {("Camille", "Léo"), ("Sacha", "Zoé")}
