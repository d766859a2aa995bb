"""What is offered, written: who may, what is refused, what another changed meanwhile, what is still used."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from marelle.activities.catalogue import activity_facts
from marelle.activities.facts import SlotFacts
from marelle.activities.kinds import Parting
from marelle.activities.models import (
    Activity,
    AgeGroup,
    BookingRule,
    Gauge,
    GaugeLevel,
    Opening,
    Slot,
    StaffPlan,
)
from marelle.activities.services import gauge_add, kept_by, part_add, part_change, part_remove
from marelle.core.actor import SYSTEM, Role
from marelle.core.clock import PARIS
from marelle.core.refusals import ChangedMeanwhile, NotYours
from marelle.flows.actor.actors import actor_for
from marelle.journal.edits import InUse, NotPossible, held
from marelle.journal.models import Entry
from marelle.places.models import Closure, Structure, StructureContact
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
MORNING = {"name": "Matin", "starts": time(8), "ends": time(12), "weekdays": [2], "days": "term"}


@pytest.fixture
def world() -> Scenario:
    world = Scenario()
    world.wednesdays = world.activity("Mercredis")  # type: ignore[attr-defined]
    return world


def director(world: Scenario, name: str = "direction", **place):
    return actor_for(world.staff(name, Role.DIRECTOR, **place))


def test_a_part_is_added_changed_and_taken_away_and_each_is_written_down(world):
    actor, activity = director(world), world.wednesdays
    slot = part_add(actor=actor, model=Slot, parent_id=activity.pk, values=MORNING, now=NOW)
    changed = part_change(
        actor=actor, model=Slot, pk=slot.pk, changes={"ends": time(11, 30), "name": "Matin"}, now=NOW
    )
    assert changed == ("ends",)
    assert part_change(actor=actor, model=Slot, pk=slot.pk, changes={"name": "Matin"}, now=NOW) == ()
    part_remove(actor=actor, model=Slot, pk=slot.pk, now=NOW)
    assert not Slot.objects.exists()
    assert [entry.verb for entry in Entry.objects.order_by("pk")] == [
        "slot.added",
        "slot.changed",
        "slot.removed",
    ]
    assert Entry.objects.get(verb="slot.changed").data == {"fields": ["ends"]}


def test_a_form_sent_again_adds_one_row(world):
    actor, activity = director(world), world.wednesdays
    meal = world.slot(activity, "Repas", "12:00", "13:30")
    typed = {**MORNING, "requires": [meal]}
    first, again, alone = (
        part_add(actor=actor, model=Slot, parent_id=activity.pk, values=values, now=NOW)
        for values in (typed, typed, {**typed, "requires": []})
    )
    assert first == again != alone
    gauges = [
        gauge_add(
            actor=actor,
            structure_id=activity.structure_id,
            values={"name": "Réfectoire"},
            since=date(2026, 9, 1),
            capacity=capacity,
            now=NOW,
        )
        for capacity in (60, 60, 84)
    ]
    assert gauges[0] == gauges[1] != gauges[2]
    assert sorted(GaugeLevel.objects.values_list("capacity", flat=True)) == [60, 84]
    assert Entry.objects.filter(verb__in=("slot.added", "gauge.added")).count() == 4


def test_what_pages_keep_of_the_activity_follows(world):
    activity = world.wednesdays

    def facts():
        activity.refresh_from_db()
        return activity_facts({activity.pk: activity.revision})[activity.pk]

    before = facts()
    slot = part_add(actor=SYSTEM, model=Slot, parent_id=activity.pk, values=MORNING, now=NOW)
    assert facts().slots[slot.pk].ends == time(12)
    part_change(actor=SYSTEM, model=Slot, pk=slot.pk, changes={"ends": time(11)}, now=NOW)
    assert facts().slots[slot.pk].ends == time(11)
    part_change(
        actor=SYSTEM, model=Structure, pk=activity.structure_id, changes={"name": "Les Tilleuls"}, now=NOW
    )
    assert (before.structure_name, facts().structure_name) == ("Accueil de loisirs d’Arelle", "Les Tilleuls")
    group = part_add(
        actor=SYSTEM,
        model=AgeGroup,
        parent_id=activity.pk,
        values={"name": "3–5 ans", "min_age_months": 36},
        now=NOW,
    )
    assert facts().groups == {group.pk: "3–5 ans"}
    part_remove(actor=SYSTEM, model=AgeGroup, pk=group.pk, now=NOW)
    part_remove(actor=SYSTEM, model=Slot, pk=slot.pk, now=NOW)
    assert (facts().groups, facts().slots) == ({}, {})


def test_another_structure_another_authority_an_animator_and_a_parent_write_nothing(world):
    activity, slot = world.wednesdays, world.slot(world.wednesdays)
    outsiders = [
        director(world, "ailleurs", structure=world.structure("Ailleurs")),
        actor_for(world.staff("mairie", Role.OFFICE, authority=world.authority("Mairie"))),
        actor_for(world.staff("animation", Role.ANIMATOR)),
        world.home("Durand").actor,
    ]
    for actor in outsiders:
        with pytest.raises(NotYours):
            part_add(actor=actor, model=Slot, parent_id=activity.pk, values=MORNING, now=NOW)
        with pytest.raises(NotYours):
            part_change(actor=actor, model=Slot, pk=slot.pk, changes={"name": "x"}, now=NOW)
        with pytest.raises(NotYours):
            part_remove(actor=actor, model=Activity, pk=activity.pk, now=NOW)
    assert not Entry.objects.exists()


def test_structures_are_the_offices_and_their_contacts_the_directors(world):
    structure = world.the_structure
    office, chief = actor_for(world.staff("guichet", Role.OFFICE)), director(world)
    assert list(kept_by(office, Structure)) == [structure]
    assert not kept_by(chief, Structure).exists()
    contact = kept_by(chief, StructureContact).get()
    part_change(actor=chief, model=StructureContact, pk=contact.pk, changes={"ages": "3–5 ans"}, now=NOW)
    with pytest.raises(NotYours):
        part_change(actor=chief, model=Structure, pk=structure.pk, changes={"name": "x"}, now=NOW)
    new = part_add(
        actor=office,
        model=Structure,
        parent_id=world.the_authority.pk,
        values={"name": "Crèche", "kind": "childcare", "commune": world.the_commune},
        now=NOW,
    )
    part_remove(actor=office, model=Structure, pk=new.pk, now=NOW)
    assert Structure.objects.count() == 1


def test_the_second_agent_is_told_who_changed_what_and_nothing_is_written(world):
    slot = world.slot(world.wednesdays, "Matin", "08:00", "12:00")
    seen = held(slot, ("name", "ends"))
    part_change(
        actor=director(world, "dominique"), model=Slot, pk=slot.pk, changes={"ends": time(11)}, now=NOW
    )
    with pytest.raises(ChangedMeanwhile) as refused:
        part_change(
            actor=SYSTEM,
            model=Slot,
            pk=slot.pk,
            changes={"name": "Matinée", "ends": time(12)},
            seen=seen,
            now=NOW,
        )
    assert (refused.value.data["by"], refused.value.data["names"]) == ("Dominique", ("ends",))
    assert refused.value.data["held"] == {"name": "Matin", "ends": "11:00:00"}
    slot.refresh_from_db()
    assert slot.name == "Matin"
    again = {**seen, "ends": "11:00:00"}
    part_change(
        actor=SYSTEM,
        model=Slot,
        pk=slot.pk,
        changes={"name": "Matinée", "ends": time(12)},
        seen=again,
        now=NOW,
    )
    slot.refresh_from_db()
    assert (slot.name, slot.ends) == ("Matinée", time(12))


@pytest.mark.parametrize(
    ("model", "changes", "field", "said"),
    [
        (Slot, {"ends": time(7)}, "", "La fin vient avant le début."),
        (Slot, {"weekdays": []}, "weekdays", "Choisissez au moins un jour"),
        (Slot, {"weekdays": [7]}, "weekdays", "Choisissez"),
        (Activity, {"last_day": date(2020, 1, 1)}, "", "Le dernier jour vient avant le premier."),
        (Activity, {"kind": "canteen", "unpaid": "requests"}, "", "ne ferme jamais"),
        (AgeGroup, {"max_age_months": 3}, "", "L’âge maximum est plus petit"),
    ],
)
def test_what_cannot_be_is_refused_in_french_and_not_written(world, model, changes, field, said):
    world.slot(world.wednesdays)
    world.group(world.wednesdays, "3–5 ans", (3, 5))
    row = model.objects.get()
    with pytest.raises(NotPossible) as refused:
        part_change(actor=SYSTEM, model=model, pk=row.pk, changes=changes, now=NOW)
    assert said in " ".join(refused.value.data["errors"][field])
    assert held(model.objects.get(), changes) == held(row, changes)


def links(slot: Slot, **values) -> tuple[str, ...]:
    return part_change(actor=SYSTEM, model=Slot, pk=slot.pk, changes=values, now=NOW)


def test_a_slot_is_linked_to_those_of_its_activity_and_of_its_authority(world):
    slot, other = world.slot(world.wednesdays), world.slot(world.activity("Vacances"))
    for name in ("excludes", "requires", "includes"):
        with pytest.raises(NotPossible):
            links(slot, **{name: [slot]})
    with pytest.raises(NotPossible) as refused:
        links(slot, includes=[other])
    assert refused.value.data["errors"] == {"includes": ["Choisissez des créneaux de cette activité."]}
    meal = world.slot(world.wednesdays, "Repas")
    links(slot, excludes=[meal], requires=[other])
    assert list(meal.excludes.all()) == [slot]
    assert list(slot.requires.all()) == [other]


def test_never_to_those_of_another_authority_or_year_or_out_of_reach(world):
    slot = world.slot(world.wednesdays)
    village = world.structure("Cantine", authority=world.authority("Mairie"))
    over = world.activity("Été 2024", first_day=date(2024, 7, 1), last_day=date(2024, 8, 31))
    judo = world.activity("Judo", structure=world.structure("Dojo"))
    far = [world.slot(activity) for activity in (world.activity("Repas", structure=village), over)]
    for other in far:
        with pytest.raises(NotPossible):
            links(slot, requires=[other])
    apart = world.slot(judo)
    director = actor_for(world.staff("direction", Role.DIRECTOR))
    change = {"actor": director, "model": Slot, "pk": slot.pk, "now": NOW}
    with pytest.raises(NotPossible):
        part_change(**change, changes={"excludes": [apart]})
    links(slot, excludes=[apart])
    part_change(**change, changes={"excludes": [apart], "name": "Matinée"})
    assert list(slot.excludes.all()) == [apart], "what the office linked, a director keeps"


def test_what_is_required_and_excluded_at_once_is_refused(world):
    slot, meal = world.slot(world.wednesdays), world.slot(world.wednesdays, "Repas")
    for values in ({"requires": [meal], "excludes": [meal]}, {"requires": [meal], "includes": [meal]}):
        with pytest.raises(NotPossible) as refused:
            links(slot, **values)
        assert "les deux le même jour\u00a0: Repas" in refused.value.data["errors"]["requires"][0]
    links(slot, requires=[meal])
    with pytest.raises(NotPossible):
        links(slot, excludes=[meal])


def test_both_activities_are_read_again_when_a_link_comes_or_goes(world):
    slot, other = world.slot(world.wednesdays), world.slot(world.activity("Navettes"), "Navette")

    def facts() -> tuple[SlotFacts, SlotFacts]:
        rows = dict(Activity.objects.values_list("pk", "revision"))
        found = activity_facts(rows)
        return found[slot.activity_id].slots[slot.pk], found[other.activity_id].slots[other.pk]

    assert facts()[1].requires == frozenset()
    links(other, requires=[slot], parting=Parting.GOES)
    mine, its = facts()
    assert (mine.is_required, its.requires, its.needs) == (True, {slot.pk}, ("Matin",))
    assert its.parting is Parting.GOES
    links(slot, name="Matinée")
    assert facts()[1].needs == ("Matinée",)
    links(other, requires=[], excludes=[slot])
    mine, its = facts()
    assert (mine.is_required, mine.conflicts, its.conflicts) == (False, {other.pk}, {slot.pk})
    links(other, excludes=[])
    assert [one.conflicts for one in facts()] == [frozenset()] * 2


def test_a_slot_and_an_activity_that_others_require_stay(world):
    slot = world.slot(world.wednesdays)
    shuttle = world.slot(world.activity("Navettes"), "Navette")
    links(shuttle, requires=[slot])
    for model, pk in ((Slot, slot.pk), (Activity, slot.activity_id)):
        with pytest.raises(InUse) as refused:
            part_remove(actor=SYSTEM, model=model, pk=pk, now=NOW)
        assert ("créneau", "créneaux", 1) in refused.value.data["uses"]


def test_what_is_used_stays_with_where_it_is_used(world):
    activity = world.wednesdays
    slot = world.slot(activity, capacity=4)
    first, _second = (world.opening(slot, date(2026, 12, day)) for day in (2, 9))
    durand = world.home("Durand")
    zoe = world.child(durand, "Zoé")
    world.enrolment(zoe, activity, durand)
    booking = world.booking(zoe, first, state="cancelled")
    for model, pk in ((Slot, slot.pk), (Activity, activity.pk)):
        with pytest.raises(InUse) as refused:
            part_remove(actor=SYSTEM, model=model, pk=pk, now=NOW)
        uses = {one: n for one, _several, n in refused.value.data["uses"]}
        assert uses == {"réservation": 1} | ({"inscription": 1} if model is Activity else {})
    with pytest.raises(InUse):
        part_remove(actor=SYSTEM, model=Gauge, pk=Gauge.objects.get().pk, now=NOW)
    assert Opening.objects.count() == 2
    booking.delete()
    part_remove(actor=SYSTEM, model=Slot, pk=slot.pk, now=NOW)
    assert not Opening.objects.exists()
    part_remove(actor=SYSTEM, model=Gauge, pk=Gauge.objects.get().pk, now=NOW)


def test_a_gauge_begins_with_its_first_capacity(world):
    gauge = gauge_add(
        actor=director(world),
        structure_id=world.the_structure.pk,
        values={"name": "Bâtiment", "unit": "day"},
        since=date(2026, 12, 1),
        capacity=84,
        now=NOW,
    )
    assert [(level.since, level.capacity) for level in gauge.levels.all()] == [(date(2026, 12, 1), 84)]


def test_a_structure_with_closures_or_planned_adults_stays(world):
    structure = world.structure("Fermée l’été")
    day = date(2026, 12, 2)
    Closure.objects.create(structure=structure, reason="Travaux", first_day=day, last_day=day)
    StaffPlan.objects.create(structure=structure, day=day, number=3)
    with pytest.raises(InUse) as refused:
        part_remove(actor=SYSTEM, model=Structure, pk=structure.pk, now=NOW)
    assert sorted(refused.value.data["uses"]) == [
        ("fermeture", "fermetures", 1),
        ("personnel prévu", "personnels prévus", 1),
    ]
    assert (Closure.objects.count(), StaffPlan.objects.count()) == (1, 1)


def test_a_slot_with_limits_of_its_own_or_planned_adults_stays(world):
    slot = world.slot(world.wednesdays)
    world.rule(world.wednesdays)
    world.rule(world.wednesdays, slot=slot)
    StaffPlan.objects.create(structure=world.the_structure, slot=slot, day=date(2026, 12, 2), number=3)
    with pytest.raises(InUse) as refused:
        part_remove(actor=SYSTEM, model=Slot, pk=slot.pk, now=NOW)
    assert sorted(refused.value.data["uses"]) == [
        ("délai de réservation", "délais de réservation", 1),
        ("personnel prévu", "personnels prévus", 1),
    ]
    assert (BookingRule.objects.count(), StaffPlan.objects.count()) == (2, 1)
    StaffPlan.objects.all().delete()
    BookingRule.objects.filter(slot=slot).update(until=date(2026, 11, 24))
    part_remove(actor=SYSTEM, model=Slot, pk=slot.pk, now=NOW)
    assert BookingRule.objects.get().slot is None
