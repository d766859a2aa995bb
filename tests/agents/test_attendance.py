"""« Présences » as the team and the office use it, with plain forms and by the script's own batches."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from marelle.activities.kinds import BookingMode
from marelle.agents.attendance.posting import asked_openings
from marelle.attendance.models import Call, Tick
from marelle.bookings.models import Absence, Attendance
from marelle.bookings.states import BookingState
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.core.french import day_plain
from marelle.families.models import HealthSheet, Person, PickupBan, PickupContact
from marelle.journal.models import Entry
from tests.offer import LONG_AGO
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

DAY = date(2026, 12, 2)
NOW = datetime(2026, 12, 2, 8, 30, tzinfo=PARIS)


class Door(Scenario):
    """A Wednesday morning for two groups: Zoé and Léo are booked, Ana is enrolled and not booked."""

    def __init__(self, **fields) -> None:
        super().__init__()
        self.wednesdays = self.activity("Mercredis", **fields)
        self.small = self.group(self.wednesdays, "Petits", (3, 5))
        self.big = self.group(self.wednesdays, "Grands", (6, 12))
        self.slot(self.wednesdays, "Matin", "08:00", "12:00", weekdays=[2])
        self.rule(self.wednesdays)
        (self.small_morning,) = self.openings(self.wednesdays, DAY, group=self.small)
        (self.morning,) = self.openings(self.wednesdays, DAY, group=self.big)
        self.durand = self.home("Durand", "Camille")
        self.zoe, self.leo, self.ana = (self.enrolled(name) for name in ("Zoé", "Léo", "Ana"))
        self.held = self.booking(self.zoe, self.morning)
        self.told_away = self.booking(self.leo, self.morning)
        self.user = self.staff("animatrice", Role.ANIMATOR)
        self.director = self.staff("directeur", Role.DIRECTOR)

    def enrolled(self, name):
        child = self.child(self.durand, name)
        self.enrolment(child, self.wednesdays, self.durand, group=self.big)
        return child


def of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def world(time_machine) -> Door:
    time_machine.move_to(NOW, tick=False)
    return Door()


@pytest.fixture
def client(world) -> Client:
    return of(world.user)


def row_of(page: str, child, first=None) -> str:
    """The row of a child, or the one of its stay that begins with an opening."""
    key = rf"{child.pk}-{first.pk if first else '[0-9]+'}"
    found = re.search(rf"<li id=c{key}[ >].*?</li>", page, re.DOTALL)
    assert found, f"no row of {child}"
    return found.group()


def counts(page: str) -> list[str]:
    found = re.search(r'id="door-count">(.*?)</p>', page, re.DOTALL).group(1)
    return re.findall(r">([^<]+)</span>", found.replace("\xa0", " "))


def touch(client, page, kind, child="-", opening="", **more):
    """Send the plain form of a page with one of its buttons."""
    text = page.content.decode()
    fields = {name: re.search(rf'name="{name}" value="([^"]*)"', text).group(1) for name in ("form", "a")}
    action = re.search(r'<form id="door" method="post" action="([^"]+)"', text).group(1).replace("&amp;", "&")
    # The openings of a row are those that the page says; a call and « Tous présents » name theirs.
    first = getattr(opening, "pk", opening)
    button = f"{kind} - {first}" if child == "-" else f"{kind} {child.pk}-{first}"
    return client.post(action, {**fields, "t": button, **more}, follow=True)


def test_the_list_says_what_must_be_known_of_each_child(world, client):
    HealthSheet.objects.create(
        child=world.zoe, allergies="Arachide", is_severe=True, pai=True, updated_at=NOW
    )
    PickupContact.objects.create(
        child=world.zoe,
        family=world.durand.family,
        name="Mamie Jeanne",
        link="Grand-mère",
        may_fetch=True,
        may_be_called=True,
        order=1,
    )
    PickupBan.objects.create(child=world.zoe, name="Paul Martin", since=LONG_AGO, set_at=NOW)
    Absence.objects.create(booking=world.told_away, declared_at=NOW, declared_by="Camille")
    HealthSheet.objects.create(child=world.ana, allergies="Lait", updated_at=NOW)
    page = client.get("/agents/presences/").content.decode()
    row = row_of(page, world.zoe)
    # The list itself may weigh 135 kB: see tests/ui/test_door.py.
    assert len(page.encode()) - len(row.encode()) < 15_000
    for told in ("Allergie grave", "PAI", "Grands", "Camille Durand", "Mamie Jeanne", "<s>Paul Martin</s>"):
        assert told in row
    may_come = re.search(rf"<li data-c={world.ana.pk} [^\n]*?</p><p class=wh>.*?</p>", page).group()
    assert ("Allergie</em>" in may_come, "Camille Durand" in may_come) == (True, True)
    assert f"<option data-n={world.ana.pk}>Ana Durand<" in page
    assert not {"Arachide", "Lait"} & set(re.findall(r"\w+", page))
    assert "Absence déclarée" in row_of(page, world.leo)
    assert f"id=c{world.ana.pk}-" not in page
    assert Entry.objects.filter(verb="health.listed").count() == 1
    client.get("/agents/presences/", headers={"X-Door-Again": "1"})
    assert Entry.objects.filter(verb="health.listed").count() == 1


def test_the_office_corrects_a_past_day_and_reads_no_health(world, time_machine):
    HealthSheet.objects.create(child=world.zoe, allergies="Arachide", updated_at=NOW)
    time_machine.move_to(datetime(2026, 12, 4, 10, tzinfo=PARIS), tick=False)
    office = of(world.staff("guichet", Role.OFFICE))
    page = office.get("/agents/presences/?jour=2026-12-02")
    assert "Allergie" not in page.content.decode()
    assert ">Ana Durand<" in page.content.decode()
    assert "data-c=" not in page.content.decode()
    touch(office, page, "absent", world.zoe, world.morning)
    assert not Attendance.objects.get(child=world.zoe).present
    assert of(world.user).get("/agents/presences/?jour=2026-12-02").status_code == 404


def test_a_form_sent_twice_ticks_once_and_an_undo_takes_back(world, client):
    page = client.get("/agents/presences/")
    for _time in range(2):
        answer = touch(client, page, "present", world.zoe, world.morning)
    assert Tick.objects.count() == 1
    assert "Présent" in row_of(answer.content.decode(), world.zoe)
    seen = Attendance.objects.get(child=world.zoe)
    assert (seen.present, seen.noted_by) == (True, "Animatrice")
    touch(client, client.get("/agents/presences/"), "undone", world.zoe, world.morning)
    assert not Attendance.objects.filter(child=world.zoe).exists()


def test_an_absence_is_excused_and_a_departure_says_to_whom(world, client):
    page = client.get("/agents/presences/")
    touch(client, page, "absent_excused", world.zoe, world.morning, reason="illness", text="fièvre")
    assert "Absent excusé · Malade" in row_of(client.get("/agents/presences/").content.decode(), world.zoe)
    page = client.get("/agents/presences/")
    touch(client, page, "arrived", world.zoe, world.morning, hour="08:05")
    page = client.get("/agents/presences/")
    touch(client, page, "left", world.zoe, world.morning, hour="08:20", who="other", other="Tante Lise")
    seen = Attendance.objects.get(child=world.zoe)
    assert (seen.arrived_at, seen.handed_to) == (NOW.replace(minute=5), "Tante Lise")
    assert "Tante Lise" in row_of(client.get("/agents/presences/").content.decode(), world.zoe)
    page = client.get("/agents/presences/")
    answer = touch(client, page, "left", world.zoe, world.morning, hour="08:01")
    assert "départ vient avant l’arrivée" in answer.content.decode()


def test_the_page_of_a_child_does_without_the_script(world, client):
    page = client.get("/agents/presences/").content.decode()
    address = re.search(r'href="(enfant/[^"]+)"', row_of(page, world.zoe)).group(1)
    own = client.get("/agents/presences/" + address.replace("&amp;", "&"))
    assert own.status_code == 200
    assert "Absent excusé" in own.content.decode()
    assert client.get(f"/agents/presences/enfant/{world.ana.pk}/").status_code == 404


def test_everyone_present_spares_who_is_told_absent(world, client):
    Absence.objects.create(booking=world.told_away, declared_at=NOW, declared_by="Camille")
    page = client.get("/agents/presences/")
    touch(client, page, "everyone", "-", world.morning)
    assert [one.child for one in Attendance.objects.all()] == [world.zoe]


def test_everyone_present_is_of_the_group_chosen_and_of_all_its_openings(world, client):
    lunch = world.opening(world.slot(world.wednesdays, "Repas", "12:00", "13:00", weekdays=[2]), DAY)
    mila = world.child(world.durand, "Mila")
    world.enrolment(mila, world.wednesdays, world.durand, group=world.small)
    for child in (world.zoe, mila):
        world.booking(child, lunch)
    chosen = f"activite={world.wednesdays.pk}&groupe={world.big.pk}&m={lunch.pk}"
    touch(client, client.get(f"/agents/presences/?{chosen}"), "everyone", "-", lunch)
    assert [one.child for one in Attendance.objects.all()] == [world.zoe]
    many = ",".join(str(pk) for pk in range(1, 100))
    assert len(asked_openings({"t": f"everyone - {many}"})) == 99


def test_a_child_that_comes_twice_is_ticked_for_one_stay_at_a_time(world, client, time_machine):
    evening = world.opening(world.slot(world.wednesdays, "Soir", "16:30", "18:30", weekdays=[2]), DAY)
    world.booking(world.zoe, evening)
    page = client.get("/agents/presences/").content.decode()
    moments = re.findall(r'<option value="([^"]*)"( selected)?>([^<]*)<', page.partition('name="m"')[2])
    assert (str(evening.pk), "", "Soir · 16\xa0h\xa030 – 18\xa0h\xa030") in moments
    morning = ",".join(str(pk) for pk in sorted((world.small_morning.pk, world.morning.pk)))
    assert [value for value, selected, _label in moments if selected] == [morning]
    assert (counts(page)[-1], "<small>Grands<" in row_of(page, world.zoe)) == ("2 attendus", True)
    page = client.get("/agents/presences/?m=")
    text = page.content.decode()
    assert counts(text)[-1] == "2 attendus"
    assert "<small>Matin · Grands<" in row_of(text, world.zoe, world.morning)
    own = client.get(
        "/agents/presences/"
        + re.search(r'href="(enfant/[^"]+)"', row_of(text, world.zoe, evening)).group(1).replace("&amp;", "&")
    ).content.decode()
    assert ("Soir · Grands" in own, f'value="left {world.zoe.pk}-{evening.pk}"' in own) == (True, True)
    answer = touch(client, page, "present", world.zoe, evening)
    assert answer.redirect_chain[-1][0].endswith(f"&m=#c{world.zoe.pk}-{evening.pk}")
    assert "<p class=st></p>" in row_of(answer.content.decode(), world.zoe, world.morning)
    assert "<p class=st>Présent</p>" in row_of(answer.content.decode(), world.zoe, evening)
    touch(client, client.get("/agents/presences/?m="), "undone", world.zoe, evening)
    touch(client, page, "everyone", "-", f"{morning},{evening.pk}")
    assert {one.opening for one in Attendance.objects.all()} == {world.morning}
    time_machine.move_to(NOW.replace(hour=13), tick=False)
    client.force_login(world.user)
    page = client.get("/agents/presences/")
    assert f"id=c{world.leo.pk}-" not in page.content.decode()
    touch(client, page, "everyone", "-", evening)
    assert Attendance.objects.filter(opening=evening, child=world.zoe).exists()


def test_the_list_of_tomorrow_is_read_and_not_ticked(world, client, time_machine):
    assert "<button" in row_of(client.get("/agents/presences/").content.decode(), world.zoe)
    time_machine.move_to(NOW - timedelta(days=1), tick=False)
    HealthSheet.objects.create(child=world.zoe, allergies="Arachide", updated_at=NOW)
    page = client.get(f"/agents/presences/?jour={DAY}")
    text = page.content.decode()
    assert "<button" not in row_of(text, world.zoe)
    assert "elle se pointe le jour même" in text
    assert counts(text) == ["2 attendus"]
    own = client.get(f"/agents/presences/enfant/{world.zoe.pk}/?jour={DAY}").content.decode()
    for told in ("Allergie", "Camille Durand", "elle se pointe le jour même"):
        assert told in own
    assert set(re.findall(r'name="?t"? value="(\w+)', text + own)) == {"close"}
    answer = touch(client, page, "everyone", "-", world.morning).content.decode()
    assert "rien n’est noté" in answer
    assert "sont présents" not in answer


def test_who_is_absent_for_a_part_or_waits_for_an_answer_is_ticked_by_itself(world, client):
    lunch = world.opening(world.slot(world.wednesdays, "Repas", "12:00", "13:00", weekdays=[2]), DAY)
    world.booking(world.leo, lunch)
    Absence.objects.create(booking=world.told_away, declared_at=NOW, declared_by="Camille")
    world.booking(world.ana, world.morning, state=BookingState.REQUESTED)
    page = client.get("/agents/presences/").content.decode()
    assert "Absence déclarée pour une partie" in row_of(page, world.leo)
    assert 'class="own due"' in row_of(page, world.leo)
    assert "en attente de réponse" in row_of(page, world.ana)
    assert 'class="own"' in row_of(page, world.ana)
    assert 'class="due"' in row_of(page, world.zoe)
    assert counts(page) == ["0 présent", "0 venu", "2 attendus"]


def test_a_child_not_booked_and_one_nobody_enrolled(world, client):
    page = client.get("/agents/presences/")
    pressed_by_enter = re.search(r'<button[^>]* name="t" value="([^"]*)"', page.content.decode()).group(1)
    assert pressed_by_enter == "unbooked"
    button = {"unbooked": "Ana Durand", "opening": world.morning.pk}
    answer = touch(client, page, "unbooked", **button).content.decode()
    assert "sans réservation" in row_of(answer, world.ana)
    answer = touch(client, page, "noted", unbooked="Nina Inconnue", opening=world.morning.pk).content.decode()
    assert "le bureau s’en occupe" in answer
    assert Tick.objects.get(kind="noted").name == "Nina Inconnue"
    answer = touch(client, page, "unbooked", unbooked="Qui que ce soit", opening=world.morning.pk)
    assert "Aucun enfant de ce nom" in answer.content.decode()


def test_a_call_is_closed_with_who_and_when_then_opened_again(world, client, time_machine):
    page = client.get("/agents/presences/")
    assert 'class="door-calls" data-few="2" open>' in page.content.decode()
    world.opening(world.slot(world.wednesdays, "Repas", "12:00", "13:00", weekdays=[2]), DAY)
    touch(client, page, "call_closed", "-", world.morning)
    page = client.get("/agents/presences/")
    assert 'class="door-calls" data-few="2">' in page.content.decode()
    assert 'Appels\xa0: <b data-of=".shut">1</b> clos sur <b>3</b>' in page.content.decode()
    assert "appel clos à 8\xa0h\xa030 par Animatrice" in page.content.decode()
    time_machine.move_to(NOW.replace(minute=31), tick=False)
    touch(client, page, "call_reopened", "-", world.morning)
    assert Call.objects.get().state == Call.State.OPEN


def test_a_group_a_slot_and_a_moment_are_chosen(world, client):
    self_made = world.enrolled("Tom")
    world.booking(self_made, world.small_morning)
    page = client.get(f"/agents/presences/?m={world.small_morning.pk}").content.decode()
    assert f"id=c{self_made.pk}-" in page
    assert f"id=c{world.zoe.pk}-" not in page
    chosen = f"activite={world.wednesdays.pk}&groupe={world.big.pk}"
    page = client.get(f"/agents/presences/?{chosen}").content.decode()
    assert f"id=c{self_made.pk}-" not in page
    assert f"id=c{world.zoe.pk}-" in page


def test_free_access_has_no_booking_and_is_ticked_all_the_same(time_machine):
    time_machine.move_to(NOW, tick=False)
    world = Door(booking_mode=BookingMode.FREE)
    client = of(world.user)
    touch(
        client,
        client.get("/agents/presences/"),
        "unbooked",
        unbooked="ana  durand",
        opening=world.morning.pk,
    )
    assert Tick.objects.get(child=world.ana).outcome == "applied"


def batch(client, ticks, address, **more):
    body = {"sent_at": NOW.isoformat(), "version": "", "ticks": ticks, **more}
    return client.post(address, json.dumps(body), content_type="application/json")


def a_tick(world, kind="present", **more):
    return {
        "id": str(uuid4()),
        "kind": kind,
        "at": NOW.isoformat(),
        "opening": world.morning.pk,
        "child": world.zoe.pk,
        **more,
    }


def test_a_batch_is_answered_tick_by_tick_and_kept_once(world, client):
    address = f"/agents/presences/pointages/?structure={world.the_structure.pk}"
    ticks = [a_tick(world), a_tick(world, child=world.ana.pk), {"id": "?", "kind": "present"}]
    for _time in range(2):
        answer = batch(client, ticks, address).json()
    codes = {one["id"]: one["code"] for one in answer["outcomes"]}
    assert [codes[one["id"]] for one in ticks] == ["applied", "unbooked", "malformed"]
    assert answer["reload"]
    assert Tick.objects.count() == 2
    for unread in ("{", "[]", "[" * 100_000):
        assert client.post(address, unread, content_type="application/json").status_code == 400
    assert client.post(address, {"ticks": "[]"}).status_code == 400
    elsewhere = world.structure("Ailleurs")
    assert batch(client, ticks, f"/agents/presences/pointages/?structure={elsewhere.pk}").status_code == 404


def test_who_said_what_is_shown_where_two_devices_disagree(world, client, django_assert_num_queries):
    page = client.get("/agents/presences/")
    other = of(world.director)
    for kind in ("present", "absent", "undone"):
        touch(client, client.get("/agents/presences/"), kind, world.leo, world.morning)
    touch(client, page, "present", world.zoe, world.morning)
    with CaptureQueriesContext(connection) as before:
        client.get("/agents/presences/")
        asked = len(before)
    touch(other, page, "absent", world.zoe, world.morning)
    with django_assert_num_queries(asked):
        page = client.get("/agents/presences/").content.decode()
    row = row_of(page, world.zoe)
    assert "Deux appareils ne disent pas la même chose. " in row
    for told in ("Animatrice : présent, 8\xa0h\xa030", "Directeur : absent, 8\xa0h\xa030"):
        assert told in row
    assert "Deux appareils" not in row_of(page, world.leo)
    child = client.get(f"/agents/presences/enfant/{world.zoe.pk}/?s={world.morning.pk}").content.decode()
    assert "Animatrice : présent" in child
    touch(other, other.get("/agents/presences/"), "present", world.zoe, world.morning)
    assert "Deux appareils" not in client.get("/agents/presences/").content.decode()


def test_two_children_of_one_name_are_told_apart_by_their_birth_and_none_by_a_number(world, client):
    twin = world.enrolled("Anà")
    older = world.enrolled("Ana")
    Person.objects.filter(pk=older.pk).update(birth_date=date(2017, 5, 3))
    born = day_plain(Person.objects.get(pk=twin.pk).birth_date)
    names = re.findall(r"<option data-n=[0-9]+>([^<]+)", client.get("/agents/presences/").content.decode())
    assert names == [f"Ana Durand ({born})", "Ana Durand (3 mai 2017)", f"Anà Durand ({born}, fiche 2)"]
    page = client.get("/agents/presences/")
    button = {"opening": world.morning.pk}
    answer = touch(client, page, "unbooked", unbooked="Ana Durand", **button).content.decode()
    assert "Aucun enfant de ce nom" in answer
    touch(client, page, "unbooked", unbooked="Ana Durand (3 mai 2017)", **button)
    assert Attendance.objects.get().child == older
    assert "Ana Durand (3 mai 2017)" in row_of(client.get("/agents/presences/").content.decode(), older)


def test_a_name_says_nothing_of_who_is_enrolled_elsewhere(world):
    elsewhere = of(world.staff("autre", Role.ANIMATOR, structure=world.structure("Ailleurs")))
    address = f"/agents/presences/pointer/?structure={world.the_structure.pk}"
    for name in ("Ana Durand", "Personne"):
        asked = {"t": "unbooked", "unbooked": name, "opening": world.morning.pk}
        assert elsewhere.post(address, asked).status_code == 404
