"""« Personnel »: what each day needs, what is planned, and who wrote it first."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from marelle.activities.models import StaffPlan
from marelle.bookings.supervising import staffed_days
from marelle.core.actor import Role
from marelle.families.models import Person
from marelle.journal.models import Entry
from tests.agents.test_places import DAY, NOW, Village, text
from tests.scenario import PASSWORD

pytestmark = pytest.mark.django_db

PAGE = "/agents/places/personnel/?jour=2026-12-02"


@pytest.fixture
def world(time_machine) -> Village:
    time_machine.move_to(NOW)
    world = Village()
    for number in range(8):
        child = world.enrolled(f"Enfant {number}", world.big)
        world.booking(child, world.mornings[world.big.pk])
    return world


@pytest.fixture
def director(world) -> Client:
    return world.as_role(Role.DIRECTOR)


def field(slot=None) -> str:
    return f"n-{DAY}" + (f".{slot}" if slot else "")


@pytest.mark.parametrize(("born", "needed"), [(date(2020, 12, 3), 2), (date(2020, 12, 2), 1), (None, 2)])
def test_ages_are_those_of_the_day_also_when_a_month_is_read(world, born, needed):
    """Nine children, more than five hours: eight an adult until they are six, twelve from that day on."""
    Person.objects.filter(bookings__day=DAY).update(birth_date=born)
    for first, last in ((DAY, DAY), (date(2026, 12, 1), date(2026, 12, 31))):
        need = staffed_days(world.the_structure.pk, first=first, last=last)[DAY].need
        assert (need.needed, need.lacking) == (needed, None)


@pytest.mark.parametrize(
    ("month", "day", "asked", "shown"),
    [
        (11, 30, "", "Décembre 2026"),
        (11, 30, "?jour=2026-11-30", "Novembre 2026"),
        (12, 30, "", "Décembre 2026"),
    ],
    ids=["nothing more this month", "a day is asked for", "nothing more at all"],
)
def test_it_opens_on_the_first_month_with_something_to_come(world, time_machine, month, day, asked, shown):
    time_machine.move_to(NOW.replace(month=month, day=day))
    assert shown in text(world.as_role(Role.DIRECTOR).get(f"/agents/places/personnel/{asked}"))


def test_what_is_typed_is_kept_and_what_lacks_is_said_on_the_calendar_too(world, director):
    page = text(director.get(PAGE))
    assert "Mercredi 2 décembre" in page
    done = text(director.post(PAGE, {field(): "1", f"s-{field()}": ""}, follow=True))
    assert "Le personnel prévu est enregistré." in done
    assert "Il manque du personnel : mercredi 2 décembre." in done
    assert "il manque 1 personne à 8 h" in done
    assert "il manque 1 personne à 8 h" in text(director.get("/agents/places/"))
    director.post(PAGE, {field(): "2", f"s-{field()}": "1"})
    assert "personnel suffisant" in text(director.get("/agents/places/"))
    assert Entry.objects.filter(verb="staff.planned").count() == 2
    director.post(PAGE, {field(): "", f"s-{field()}": "2"})
    assert not StaffPlan.objects.exists()


def test_the_same_is_planned_for_every_later_day_of_that_weekday(world, director):
    morning = world.mornings[world.big.pk].slot
    later = [world.opening(morning, DAY + timedelta(weeks=n), group=world.big).day for n in (1, 2, 3)]
    thursday = world.opening(morning, DAY + timedelta(days=1), group=world.big).day
    after = world.opening(morning, date(2027, 9, 8), group=world.big).day
    StaffPlan.objects.create(structure=world.the_structure, day=later[1], number=5)
    slot = field(morning.pk)
    sent = {field(): "2", f"s-{field()}": "", slot: "1", f"s-{slot}": "", "repeat": str(DAY)}
    told = text(director.post(PAGE, sent, follow=True))
    assert (
        "Même chose 2 mercredis de plus. Un autre nombre était prévu, il est gardé : 16 décembre 2026."
        in told
    )

    def planned(day: date) -> set[tuple[int | None, int]]:
        return set(StaffPlan.objects.filter(day=day).values_list("slot_id", "number"))

    assert planned(DAY) == planned(later[0]) == planned(later[2]) == {(None, 2), (morning.pk, 1)}
    assert planned(later[1]) == {(None, 5), (morning.pk, 1)}
    assert planned(thursday) == planned(after) == set()


@pytest.mark.parametrize("asked", ["2026-12-02", "2030-01-01", "9999-12-31", "demain"])
def test_nothing_to_repeat_is_told_and_writes_nothing(world, director, asked):
    shown = text(director.post(PAGE, {"repeat": asked}, follow=True))
    assert ("Rien à répéter" in shown) is (asked == str(DAY))
    assert not StaffPlan.objects.exists()


def test_another_agent_wrote_meanwhile_and_its_number_is_kept(world, director):
    StaffPlan.objects.create(structure=world.the_structure, day=DAY, number=4)
    told = text(director.post(PAGE, {field(): "1", f"s-{field()}": ""}, follow=True))
    assert "son nombre est gardé : mercredi 2 décembre" in told
    assert StaffPlan.objects.get().number == 4


@pytest.mark.parametrize("bad", ["-1", "deux", "1000", "1,5", "²"])
def test_what_is_no_number_keeps_all_that_was_typed(world, director, bad):
    slot = world.mornings[world.big.pk].slot_id
    sent = {field(): "3", f"s-{field()}": "", field(slot): bad, f"s-{field(slot)}": ""}
    page = text(director.post(PAGE, sent))
    assert "Rien n’est enregistré" in page
    assert f'value="{bad}"' in page
    assert 'value="3"' in page
    assert not StaffPlan.objects.exists()


def test_a_slot_or_a_day_made_by_hand_writes_nothing(world, director):
    away = world.slot(world.activity("Ailleurs", structure=world.structure("Ailleurs")))
    assert director.post(PAGE, {field(away.pk): "3"}).status_code == 404
    for name in ("n-2031-01-01", "n-hier", f"{field()}.x", "n-"):
        director.post(PAGE, {name: "3"})
    assert not StaffPlan.objects.exists()
    other = world.as_role(Role.DIRECTOR, structure=world.structure("Autre"))
    assert other.post(f"{PAGE}&structure={world.the_structure.pk}", {field(): "3"}).status_code == 404


def test_a_number_sent_under_two_spellings_of_its_field_is_written_once(world, director):
    slot = world.mornings[world.big.pk].slot_id
    sent = {field(slot): "3", f"n-{DAY}.0{slot}": "3", field(): "4", f"n-{DAY:%Y%m%d}": "5", f"n-{DAY}.": "5"}
    assert director.post(PAGE, sent).status_code == 302
    assert set(StaffPlan.objects.values_list("slot_id", "number")) == {(slot, 3), (None, 4)}


def test_the_desk_of_a_director_says_the_days_to_complete_within_two_weeks(world, director, count_queries):
    """Today is 1 December: the 15th is too far, and a day for which nothing is planned is not said."""
    slot = world.mornings[world.big.pk].slot
    for day in (date(2026, 12, 9), date(2026, 12, 14), date(2026, 12, 15)):
        child = world.enrolled(f"Enfant du {day}", world.big)
        world.booking(child, world.opening(slot, day, group=world.big))
    with count_queries() as unplanned:
        assert "Il manque du personnel" not in text(director.get("/agents/"))
    for day, number in ((DAY, 1), (date(2026, 12, 14), 0), (date(2026, 12, 15), 0)):
        StaffPlan.objects.create(structure=world.the_structure, day=day, number=number)
    with count_queries(len(unplanned) + 3):
        page = text(director.get("/agents/"))
    where = f"· {world.the_structure.name} · il manque 1 personne à 8 h"
    assert f"mercredi 2 décembre</a> {where}" in page
    assert f"structure={world.the_structure.pk}&amp;jour=2026-12-02" in page
    assert f"lundi 14 décembre</a> {where}" in page
    assert "9 décembre" not in page
    assert "15 décembre" not in page
    assert "Il manque du personnel" not in text(world.as_role(Role.OFFICE).get("/agents/"))
    elsewhere = world.as_role(Role.DIRECTOR, structure=world.structure("Ailleurs"))
    assert "Il manque du personnel" not in text(elsewhere.get("/agents/"))


def test_the_desk_shows_four_days_and_counts_the_others(world, director):
    slot = world.mornings[world.big.pk].slot
    for number in range(3, 9):
        day = date(2026, 12, number)
        world.booking(
            world.enrolled(f"Enfant du {day}", world.big), world.opening(slot, day, group=world.big)
        )
        StaffPlan.objects.create(structure=world.the_structure, day=day, number=0)
    page = text(director.get("/agents/"))
    assert page.count("il manque 1 personne") == 4
    assert "et 2 autres jours" in page


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_in_a_browser(world, open_page, axe, width, time_machine):
    time_machine.move_to(NOW, tick=True)
    world.staff("direction", Role.DIRECTOR)
    page = open_page(width=width)
    page.goto("/connexion/")
    page.fill("[name=identifier]", "direction")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/agents/")
    page.goto(PAGE)
    assert axe(page) == []
    page.get_by_label("Adultes prévus, Toute la journée, mercredi 2 décembre").fill("1")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_text("Le personnel prévu est enregistré").wait_for()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
