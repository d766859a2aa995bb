"""Coming to a morning: one place a child, never one more than there are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from marelle.activities.models import Opening, Quota
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.families.models import Residence
from marelle.flows.actor.actors import actor_for
from marelle.relay.childminders import childminder_add, childminder_stop
from marelle.relay.models import Childminder, Visit, VisitChild
from marelle.relay.refusals import NoPlace
from marelle.relay.rules import Why
from marelle.relay.selectors import morning_lines, mornings_ahead, mornings_to_run
from marelle.relay.visits import (
    Brought,
    visit_book,
    visit_cancel,
    visit_enter,
)
from tests.races.together import together_or_errors
from tests.scenario import Home, Scenario
from tests.waves import waves, waves_given

NOW = datetime(2026, 12, 1, 9, tzinfo=PARIS)
THURSDAY = date(2026, 12, 3)


class Relay(Scenario):
    def __init__(self, capacity: int = 4) -> None:
        super().__init__()
        self.relay = self.structure("Relais petite enfance", kind="relay")
        self.mornings = self.activity(
            "Matinées d’éveil",
            kind="relay",
            structure=self.relay,
            enrolment_mode="none",
            booking_mode="accompanied",
        )
        self.slot(self.mornings, "Matinée", "09:30", "11:30", weekdays=[3], capacity=capacity)
        self.rule(self.mornings)
        (self.morning,) = self.openings(self.mornings, THURSDAY, THURSDAY)
        self.director = actor_for(self.staff("relais", Role.DIRECTOR, structure=self.relay))

    def taken(self) -> int:
        return Quota.objects.get(openings=self.morning).taken

    def comes(self, home: Home, *first_names: str, now: datetime = NOW) -> Visit:
        children = [self.child(home, name, born=date(2025, 1, 2)) for name in first_names]
        return visit_book(
            actor=home.actor,
            opening_id=self.morning.pk,
            adult_name="Camille",
            child_ids=[child.pk for child in children],
            now=now,
        )


@pytest.mark.django_db
def test_a_home_comes_changes_and_gives_back():
    world = Relay()
    durand = world.home("Durand")
    visit = world.comes(durand, "Noé", "Lou")
    assert (visit.seats, world.taken()) == (2, 2)
    (line,) = morning_lines(durand.actor, mornings_ahead(durand.actor, now=NOW))
    assert line.visit == visit
    assert line.facts.left == 2
    lou = visit.children.get(first_name="Lou").child_id
    again = visit_book(
        actor=durand.actor, opening_id=world.morning.pk, adult_name="Hugo", child_ids=[lou], now=NOW
    )
    assert (again.pk, again.seats, again.adult_name, world.taken()) == (visit.pk, 1, "Hugo", 1)
    visit_cancel(actor=durand.actor, visit_id=visit.pk, now=NOW)
    visit_cancel(actor=durand.actor, visit_id=visit.pk, now=NOW)
    assert world.taken() == 0
    (line,) = morning_lines(durand.actor, mornings_ahead(durand.actor, now=NOW))
    assert line.visit is None


@pytest.mark.django_db
def test_one_place_too_many_is_refused_and_writes_nothing():
    world = Relay(capacity=2)
    world.comes(world.home("Durand"), "Noé", "Lou")
    martin = world.home("Martin")
    with pytest.raises(NoPlace) as refused:
        world.comes(martin, "Inès")
    assert refused.value.why is Why.FULL
    assert (world.taken(), Visit.objects.count()) == (2, 1)


@pytest.mark.django_db
def test_who_moves_comes_as_the_commune_of_that_morning():
    """On the page as when it books: a resident from the move on."""
    world = Relay()
    waves_given(world.mornings, *waves(NOW - timedelta(days=9), NOW + timedelta(hours=1)))
    (later,) = world.openings(world.mornings, THURSDAY + timedelta(7), THURSDAY + timedelta(7))
    home = world.home("Petit", commune=world.commune("Ailleurs"))
    where = {"street": "2 rue Neuve", "postal_code": "21999", "city": "Ici", "source": "bail"}
    Residence.objects.create(
        family=home.family, commune=world.the_commune, since=THURSDAY + timedelta(1), **where
    )
    lines = morning_lines(home.actor, mornings_ahead(home.actor, now=NOW))
    opens = {line.opening.pk: line.facts.opens_at < NOW for line in lines}
    assert opens == {world.morning.pk: False, later.pk: True}
    with pytest.raises(NoPlace) as refused:
        world.comes(home, "Lou")
    assert refused.value.why is Why.NOT_YET
    world.morning = later
    assert world.comes(home, "Lou").seats == 1


@pytest.mark.django_db
def test_nobody_brings_the_child_of_another_home_or_comes_elsewhere():
    world = Relay()
    durand, martin = world.home("Durand"), world.home("Martin")
    ines = world.child(martin, "Inès", born=date(2025, 1, 2))
    wednesdays = world.activity("Mercredis")
    world.slot(wednesdays, "Matin", weekdays=[2], capacity=4)
    (other,) = world.openings(wednesdays, date(2026, 12, 2), date(2026, 12, 2))
    noe = world.child(durand, "Noé", born=date(2025, 1, 2))
    for opening_id, child_ids in (
        (world.morning.pk, [ines.pk]),
        (other.pk, [noe.pk]),
        (world.morning.pk, [0]),
    ):
        with pytest.raises(NotYours):
            visit_book(
                actor=durand.actor, opening_id=opening_id, adult_name="C", child_ids=child_ids, now=NOW
            )
    visit = world.comes(martin, "Milo")
    with pytest.raises(NotYours):
        visit_cancel(actor=durand.actor, visit_id=visit.pk, now=NOW)
    assert world.taken() == 1


@pytest.mark.django_db
def test_a_home_that_has_left_no_longer_comes():
    world = Relay()
    durand = world.home("Durand")
    durand.family.left_on = date(2026, 11, 30)
    durand.family.save()
    with pytest.raises(NotYours):
        world.comes(durand, "Noé")


@pytest.mark.django_db
def test_past_the_limit_only_the_relay_changes_anything():
    world = Relay()
    durand = world.home("Durand")
    visit = world.comes(durand, "Noé")
    late = datetime(2026, 12, 3, 8, tzinfo=PARIS)
    with pytest.raises(NoPlace):
        visit_cancel(actor=durand.actor, visit_id=visit.pk, now=late)
    visit_cancel(actor=world.director, visit_id=visit.pk, now=late)
    assert world.taken() == 0


@pytest.mark.django_db
def test_a_childminder_brings_children_of_several_families():
    world = Relay()
    durand, martin = world.home("Durand"), world.home("Martin")
    noe = world.child(durand, "Noé", born=date(2025, 1, 2))
    world.child(martin, "Inès", born=date(2025, 3, 4))
    odile = childminder_add(
        actor=world.director,
        authority_id=world.the_authority.pk,
        name="Odile Fontaine",
        phone="",
        email="",
        commune_id=None,
        now=NOW,
    )
    brought = [Brought("noé", date(2025, 1, 2)), Brought("Inès", date(2024, 3, 4)), Brought("Sacha")]
    visit = visit_enter(
        actor=world.director, opening_id=world.morning.pk, childminder_id=odile.pk, brought=brought, now=NOW
    )
    known = VisitChild.objects.exclude(child=None)
    assert [row.child_id for row in known] == [noe.pk], "only who was found by name and birth date"
    assert (visit.seats, world.taken()) == (3, 3)
    assert [row.pk for row in mornings_to_run(world.director, first=THURSDAY, last=THURSDAY)] == [
        world.morning.pk
    ]
    childminder_stop(actor=world.director, childminder_id=odile.pk, now=NOW)
    with pytest.raises(NotYours):
        visit_enter(
            actor=world.director,
            opening_id=world.morning.pk,
            childminder_id=odile.pk,
            brought=brought,
            now=NOW,
        )


@pytest.mark.django_db
def test_another_structure_enters_nobody():
    world = Relay()
    elsewhere = actor_for(world.staff("ailleurs", Role.DIRECTOR))
    stranger = actor_for(world.staff("mairie", Role.OFFICE, authority=world.authority("Mairie")))
    odile = Childminder.objects.create(authority=world.the_authority, name="Odile")
    for actor in (elsewhere, stranger, world.home("Durand").actor):
        assert list(mornings_to_run(actor, first=THURSDAY, last=THURSDAY)) == []
        with pytest.raises(NotYours):
            visit_enter(
                actor=actor,
                opening_id=world.morning.pk,
                childminder_id=odile.pk,
                brought=[Brought("Lou")],
                now=NOW,
            )


@pytest.mark.django_db(transaction=True)
def test_ten_homes_on_four_places_at_once():
    world = Relay(capacity=4)
    asking = []
    for number in range(10):
        home = world.home(f"Famille{number}")
        child = world.child(home, f"Enfant{number}", born=date(2025, 1, 2))
        asking.append(asks(home, world.morning, child.pk))
    ends = together_or_errors(asking)
    given = [end for end in ends if isinstance(end, Visit)]
    refused = [end for end in ends if isinstance(end, NoPlace)]
    assert (len(given), len(refused)) == (4, 6), ends
    assert {end.why for end in refused} == {Why.FULL}
    assert world.taken() == 4


def asks(home: Home, opening: Opening, child_id: int) -> Callable[[], object]:
    actor = home.actor
    return lambda: visit_book(
        actor=actor, opening_id=opening.pk, adult_name="Camille", child_ids=[child_id], now=NOW
    )
