"""« Combien réserver » on the screen: added, read in a sentence, changed, taken away, and copied."""

from __future__ import annotations

from copy import deepcopy
from datetime import date

import pytest

from marelle.activities.models import BookingBound, SpanJudged
from marelle.activities.services import part_add
from marelle.cases.services import open_case
from marelle.core.actor import SYSTEM, Role
from marelle.core.subject import Subject
from marelle.flows.actor.actors import actor_for
from marelle.flows.year.next_year import Wanted, activities_copy, copies_preview
from marelle.journal.edits import NotPossible
from tests.agents.village import HERE, NOW, Village, seen, text
from tests.bounds import bound_given
from tests.standing import built_once

pytestmark = pytest.mark.django_db

TYPED = {
    "kind": "most",
    "n": "3",
    "unit": "days",
    "each": "week",
    "whose": "child",
    "since": "2026-12-01",
    "until": "",
    "then": "told",
}


built = built_once(Village, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Village:
    time_machine.move_to(NOW)
    return deepcopy(built)


def test_it_is_written_read_changed_by_two_and_taken_away(world):
    assert "Autant que l’on veut" in text(world.director.get(world.page))
    new = f"{world.page}plafonds/ajouter/"
    shown = text(world.director.get(new))
    assert "Combien" in shown
    world.director.post(new, TYPED)
    row = BookingBound.objects.get()
    page = text(world.director.get(world.page))
    assert "3 jours par semaine au plus" in page
    assert "à partir du 1er décembre 2026" in page
    here = f"{HERE}plafonds/{row.pk}/"
    first = seen(world.director.get(here))
    meal = {"slots": [world.morning.pk], "whose": "home", "each": "period", "unit": "slots", "n": "1"}
    changed = TYPED | meal | {"until": "2027-01-31", "seen": first}
    assert "C’est enregistré." in text(world.director.post(here, changed, follow=True))
    page = text(world.director.get(world.page))
    assert "1 créneau par période au plus pour le foyer (« Matin »)" in page
    assert "du 1er décembre 2026 au 31 janvier 2027" in page
    stale = text(world.director.post(here, TYPED | {"n": "5", "seen": first}))
    assert "Combien : 1" in stale
    assert 'value="5"' in stale
    world.director.post(f"{here}supprimer/")
    assert not BookingBound.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"n": "0"}, "1"),
        ({"n": "-1"}, "1"),
        ({"n": "1000"}, "999"),
        ({"n": "trois"}, "nombre"),
        ({"n": ""}, "Donnez un nombre."),
        ({"kind": "some"}, "choix"),
        ({"then": "forgiven"}, "choix"),
        ({"unit": "meals"}, "choix"),
        ({"each": "year"}, "choix"),
        ({"whose": "all"}, "choix"),
        ({"since": "demain"}, "Donnez une date"),
        ({"since": ""}, "Donnez une date"),
        ({"until": "2026-11-30"}, "La fin vient avant le début."),
        ({"slots": ["999999"]}, "Choisissez dans la liste."),
        ({"slots": ["9" * 30]}, "Choisissez dans la liste."),
    ],
)
def test_what_makes_no_sense_is_said_beside_it_and_what_was_in_force_stays(world, wrong, said):
    row = BookingBound.objects.create(activity=world.wednesdays, n=3, since=date(2026, 12, 1))
    here = f"{HERE}plafonds/{row.pk}/"
    answer = text(
        world.director.post(here, TYPED | {"n": "2", "seen": seen(world.director.get(here))} | wrong)
    )
    assert said in answer
    assert "aria-invalid" in answer
    row.refresh_from_db()
    assert row.n == 3
    assert world.director.post(f"{world.page}plafonds/ajouter/", TYPED | wrong).status_code == 200
    assert BookingBound.objects.count() == 1


def test_a_slot_of_another_activity_is_no_choice_whoever_asks(world):
    other = world.slot(world.activity("Judo"), "Cours")
    values = {"n": 3, "since": date(2026, 12, 1), "slots": [other]}
    director = actor_for(world.staff("directrice", Role.DIRECTOR))
    with pytest.raises(NotPossible) as no:
        part_add(actor=director, model=BookingBound, parent_id=world.wednesdays.pk, values=values, now=NOW)
    assert set(no.value.data["errors"]) == {"slots"}


def test_a_slot_that_is_counted_is_not_taken_away(world):
    slot = world.slot(world.wednesdays, "Sieste")
    row = BookingBound.objects.create(activity=world.wednesdays, n=3, since=date(2026, 12, 1))
    row.slots.add(slot)
    told = text(world.director.post(f"{HERE}creneaux/{slot.pk}/supprimer/", follow=True))
    assert "1 plafond de réservation" in told
    row.slots.clear()
    assert "C’est supprimé." in text(world.director.post(f"{HERE}creneaux/{slot.pk}/supprimer/", follow=True))


def test_the_next_year_takes_it_along(world):
    office = actor_for(world.staff("bureau", Role.OFFICE))
    lasting = BookingBound.objects.create(activity=world.wednesdays, n=3, since=world.wednesdays.first_day)
    lasting.slots.add(world.morning)
    dated = BookingBound.objects.create(
        activity=world.wednesdays, n=5, each="month", since=date(2026, 11, 2), until=date(2026, 11, 29)
    )
    (preview,) = copies_preview(office, [world.wednesdays.pk])
    assert "3 jours par semaine au plus (« Matin »)".replace("« ", "«\u00a0").replace(" »", "\u00a0»") in {
        line.of for line in preview.dates
    }
    key = f"bound-{dated.pk}-until"
    dates = {line.key: line.after for line in preview.dates} | {key: date(2027, 12, 5)}
    (made,) = activities_copy(actor=office, wanted=[Wanted(world.wednesdays.pk, "Suite", dates)], now=NOW)
    first, second = made.activity.bounds.order_by("n")
    assert (first.n, first.since, first.until) == (3, made.activity.first_day, None)
    assert [slot.name for slot in first.slots.all()] == ["Matin"]
    assert first.slots.get().activity_id == made.activity.pk
    assert (second.n, second.each, second.until) == (5, "month", date(2027, 12, 5))
    assert BookingBound.objects.filter(activity=world.wednesdays).count() == 2


def test_what_nobody_can_hold_is_told_when_it_is_written_and_on_the_page(world):
    new = f"{world.page}plafonds/ajouter/"
    world.director.post(new, TYPED | {"n": "1"})
    told = text(world.director.post(new, TYPED | {"kind": "least", "n": "2"}, follow=True))
    wanted = (
        "Personne ne peut tenir « 2 jours par semaine au moins » : une autre règle dit « 1 jour par semaine"
    )
    assert wanted in told
    assert wanted in text(world.director.get(world.page))
    least = BookingBound.objects.get(kind="least")
    BookingBound.objects.filter(kind="most").delete()
    here = f"{HERE}plafonds/{least.pk}/"
    changed = {"kind": "least", "n": "6", "seen": seen(world.director.get(here))}
    world.director.post(here, TYPED | changed)
    told = text(world.director.get(world.page))
    assert "une semaine n’a pas autant d’ouvertures" in told


def test_days_that_follow_each_other_ask_for_no_number(world):
    new = f"{world.page}plafonds/ajouter/"
    typed = TYPED | {"kind": "run", "n": "", "unit": "slots", "whose": "home", "each": "period"}
    world.director.post(new, typed)
    row = BookingBound.objects.get()
    assert (row.kind, row.n, row.unit, row.whose) == ("run", 1, "days", "child")
    assert "des jours qui se suivent, par période" in text(world.director.get(world.page))


def test_the_case_of_a_minimum_names_who_is_short_and_is_closed_once(world):
    home = world.home("Petit", "Sacha")
    zoe = world.child(home, "Zoé")
    world.enrolment(zoe, world.wednesdays, home)
    days = [world.opening(world.morning, date(2026, 12, day)) for day in (2, 3)]
    world.booking(zoe, days[0])
    bound = bound_given(world.wednesdays, 2, kind="least", set_at=NOW)
    judged = SpanJudged.objects.create(
        bound=bound, first_day=date(2026, 11, 30), last_day=date(2026, 12, 6), judged_at=NOW
    )
    subject = Subject("span_judged", judged.pk, "Mercredis, 2 jours au moins")
    place = {"authority_id": world.the_authority.pk, "structure_id": world.the_structure.pk}
    open_case(actor=SYSTEM, kind="least", subject=subject, now=NOW, **place)
    here = f"/agents/minimums/{judged.pk}/"
    page = text(world.director.get(here))
    assert "Zoé" in page
    assert "1 jour, 2 au moins" in page
    assert "C’est vu" in page
    assert world.director.post(here).status_code == 302
    again = text(world.director.post(here, follow=True))
    assert "Un collègue l’a déjà vu" in again
    assert "C’est vu" not in again
