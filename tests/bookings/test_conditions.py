"""What is asked of a child by the day: an age, a class, a school, a paper; on the page as in the save."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from marelle.activities.audiences import InClass, Public, Within
from marelle.activities.catalogue import definition_changed
from marelle.activities.condition_labels import asked_text, condition_label
from marelle.activities.conditions import Condition, ConditionKind
from marelle.activities.models import Activity, BookingCondition, Slot
from marelle.bookings.planning import planning
from marelle.bookings.rules import CONDITIONS, Why
from marelle.enrolments.audiences import public_of
from marelle.enrolments.conditions import HAS, lacks
from marelle.families.models import Person, Schooling
from marelle.families.rules import fits_age
from marelle.papers.models import Paper, PaperType
from marelle.planning.cells import Words, grid_cell
from marelle.planning.outcomes import detail
from tests.bookings.facts import MORNING, activity
from tests.bookings.world import NOW, WEDNESDAY, World, made_world, said, tick
from tests.standing import built_once

NEXT = WEDNESDAY + timedelta(days=7)


built = built_once(made_world)


@pytest.fixture
def world(built, db) -> World:
    return deepcopy(built)


def asks(world: World, *, slots: tuple[Slot, ...] = (), schools: tuple[Any, ...] = (), **fields: Any):
    row = BookingCondition.objects.create(**{"activity": world.activity, "since": date(2026, 9, 1), **fields})
    row.slots.set(slots)
    row.schools.set(schools)
    definition_changed(Activity.objects.filter(pk=world.activity.pk))
    return row


def asked(world: World, on: Any = None) -> Why | None:
    """What the page says of Zoé's cell, and the save with it."""
    on = on or world.opening
    (shown,) = planning(world.durand.actor, first=on.day, last=on.day, child_id=world.zoe.pk, now=NOW).shown
    (cell,) = (one for cells in shown.cells.values() for one in cells if one.opening.id == on.pk)
    (outcome,) = world.save(tick(world.zoe, on))
    assert outcome.why == cell.state.why
    return outcome.why


def born(world: World, day: date | None) -> None:
    Person.objects.filter(pk=world.zoe.pk).update(birth_date=day)


def in_class(world: World, level: str, year: int = 2026, **fields: Any) -> Schooling:
    school = world.made.school(f"École {level} {year}")
    return Schooling.objects.create(child=world.zoe, school=school, school_year=year, level=level, **fields)


def certificate(world: World) -> PaperType:
    return PaperType.objects.create(
        authority=world.made.the_authority, title="Aisance aquatique", why="Pour nager.", about="child"
    )


def sent(world: World, kind: PaperType, state: str = "accepted", **fields: Any) -> Paper:
    return Paper.objects.create(
        paper_type=kind, family=world.durand.family, person=world.zoe, state=state,
        sent_at=NOW, sent_by="Camille", **fields,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("birth", "fits"),
    [
        (date(2020, 9, 9), True),
        (date(2020, 9, 10), False),
        (date(2015, 9, 10), True),
        (date(2014, 9, 9), False),
        (None, False),
    ],
)
def test_the_age_is_that_of_the_day_to_the_day(world, birth, fits):
    asks(world, min_age_months=72, max_age_months=11 * 12 + 11)
    born(world, birth)
    assert asked(world) is (None if fits else Why.OTHER_AGE)


def test_who_turns_six_next_week_books_from_then_on(world):
    asks(world, min_age_months=72)
    born(world, date(2020, 9, 12))
    assert asked(world) is Why.OTHER_AGE
    assert asked(world, world.made.openings(world.activity, NEXT)[0]) is None


def test_the_class_is_that_of_the_school_year_of_the_day(world):
    asks(world, levels=["CM1", "CM2"])
    assert asked(world) is Why.OTHER_LEVEL
    in_class(world, "CM1", 2025)
    assert asked(world) is Why.OTHER_LEVEL
    row = in_class(world, "CM2")
    Schooling.objects.filter(pk=row.pk).update(until=WEDNESDAY - timedelta(days=1))
    assert asked(world) is Why.OTHER_LEVEL
    Schooling.objects.filter(pk=row.pk).update(until=None)
    assert asked(world) is None


def test_the_schools_are_those_named(world):
    mine = in_class(world, "CP").school
    other = world.made.school("École d’ailleurs")
    row = asks(world, schools=(other,))
    assert asked(world) is Why.OTHER_SCHOOL
    row.schools.add(mine)
    definition_changed(Activity.objects.all())
    assert asked(world) is None


def test_a_paper_is_accepted_and_valid_on_the_day_of_the_opening(world):
    kind = certificate(world)
    asks(world, paper_type=kind.pk, paper_title=kind.title)
    assert asked(world) is Why.PAPER_NEEDED
    paper = sent(world, kind, "received")
    assert asked(world) is Why.PAPER_NEEDED, "nobody has read it yet"
    Paper.objects.filter(pk=paper.pk).update(state="accepted", expires_on=WEDNESDAY)
    later = world.made.openings(world.activity, NEXT)[0]
    assert asked(world, later) is Why.PAPER_NEEDED
    assert asked(world) is None
    Paper.objects.filter(pk=paper.pk).update(expires_on=None)
    assert asked(world, later) is None


def test_the_paper_that_the_other_home_sent_counts_and_another_type_does_not(world):
    kind = certificate(world)
    other = PaperType.objects.create(
        authority=world.made.the_authority, title="Assurance", why="…", about="child"
    )
    asks(world, paper_type=kind.pk, paper_title=kind.title)
    sent(world, other)
    assert asked(world) is Why.PAPER_NEEDED
    paper = sent(world, kind)
    Paper.objects.filter(pk=paper.pk).update(family=world.made.home("Petit").family)
    assert asked(world) is None


def test_only_of_some_slots_and_some_days(world):
    water = world.made.slot(world.activity, "Piscine", "14:00", "16:00")
    swim = world.made.opening(water, WEDNESDAY)
    asks(world, slots=(water,), min_age_months=216)
    assert asked(world, swim) is Why.OTHER_AGE
    assert asked(world) is None
    BookingCondition.objects.update(until=WEDNESDAY - timedelta(days=1))
    definition_changed(Activity.objects.all())
    assert asked(world, swim) is None
    BookingCondition.objects.update(until=None, since=WEDNESDAY + timedelta(days=1))
    definition_changed(Activity.objects.all())
    assert asked(world, world.made.opening(water, NEXT)) is Why.OTHER_AGE


def test_the_dates_of_a_row_are_both_included():
    row = Condition(1, WEDNESDAY, WEDNESDAY, slots=frozenset({MORNING}), min_months=1)
    days = [WEDNESDAY + timedelta(days=number) for number in (-1, 0, 1)]
    assert [row.holds(MORNING, day) for day in days] == [False, True, False]
    assert not row.holds(MORNING + 1, WEDNESDAY)


@pytest.mark.parametrize("why", CONDITIONS)
def test_an_agent_passes_each_with_a_reason_that_names_it(world, why):
    kind = certificate(world)
    fields: dict[Why, dict[str, Any]] = {
        Why.OTHER_AGE: {"min_age_months": 216},
        Why.OTHER_LEVEL: {"levels": ["CM2"]},
        Why.OTHER_SCHOOL: {"schools": (world.made.the_school,)},
        Why.PAPER_NEEDED: {"paper_type": kind.pk, "paper_title": kind.title},
    }
    asks(world, **fields[why])
    agent = world.agent()
    (refused,) = world.save(tick(world.zoe, world.opening), actor=agent)
    assert (refused.why, refused.needs_derogation) == (why, True)
    (given,) = world.save(tick(world.zoe, world.opening), actor=agent, derogation="Fratrie")
    assert (given.passed, given.derogation) == ((why,), "Fratrie")


def test_what_is_missing_is_named_on_the_cell_and_in_the_refusal_with_the_way_to_send_it(world):
    kind = certificate(world)
    asks(world, paper_type=kind.pk, paper_title=kind.title)
    (shown,) = planning(
        world.durand.actor, first=WEDNESDAY, last=WEDNESDAY, child_id=world.zoe.pk, now=NOW
    ).shown
    (planned,) = (one for cells in shown.cells.values() for one in cells)
    cell = grid_cell(planned, Words(NOW), may_book=True)
    assert "«\u00a0Aisance aquatique\u00a0» valable ce jour-là" in str(cell.detail)
    assert cell.link_url == reverse("papers:folder", args=[world.zoe.pk])
    (outcome,) = world.save(tick(world.zoe, world.opening))
    assert "«\u00a0Aisance aquatique\u00a0» valable ce jour-là" in detail(outcome)
    assert "Mes documents" in detail(outcome)
    BookingCondition.objects.all().delete()
    asks(world, min_age_months=216)
    (outcome,) = world.save(tick(world.zoe, world.opening))
    assert "à partir de 18 ans le jour même" in detail(outcome)


def test_what_conditions_ask_is_one_query_with_what_audiences_ask(world, count_queries):
    kind = certificate(world)
    sent(world, kind, expires_on=NEXT)
    row = in_class(world, "CE1")
    with count_queries(1):
        public = public_of(world.durand.family.pk, {world.zoe.pk: ()}, {*ConditionKind})[world.zoe.pk]
    assert public.birth == Person.objects.get(pk=world.zoe.pk).birth_date
    assert [(one.id, one.level) for one in public.schools] == [(row.school_id, "CE1")]
    assert [(one.id, one.last) for one in public.papers] == [(kind.pk, NEXT)]
    actor = world.durand.actor
    planning(actor, first=WEDNESDAY, last=WEDNESDAY, now=NOW)
    with count_queries() as without:
        planning(actor, first=WEDNESDAY, last=WEDNESDAY, now=NOW)
    asks(world, min_age_months=12, levels=["CE1"], paper_type=kind.pk)
    planning(actor, first=WEDNESDAY, last=WEDNESDAY, now=NOW)
    with count_queries() as asked_too:
        planning(actor, first=WEDNESDAY, last=WEDNESDAY, now=NOW)
    assert len(asked_too) == len(without) + 1
    assert said(world.save(tick(world.zoe, world.opening))) == ["booked"]


DAYS = st.dates(date(2010, 1, 1), date(2030, 12, 31))


@given(DAYS, st.integers(0, 200), st.integers(0, 200), DAYS)
def test_an_age_is_of_one_stretch_of_days(birth, first, last, day):
    condition = Condition(1, date.min, min_months=first, max_months=last)
    public = Public(birth=birth)
    has = HAS[ConditionKind.AGE](condition, public, day)
    assert has is fits_age(birth, first, last, day)
    if first <= last and has and HAS[ConditionKind.AGE](condition, public, day + timedelta(days=400)):
        assert HAS[ConditionKind.AGE](condition, public, day + timedelta(days=200))


@given(st.lists(st.sets(st.sampled_from(list(ConditionKind)), min_size=1), max_size=4))
def test_each_row_counts_by_itself(rows):
    """Who lacks what one row asks lacks it, whatever the others say."""
    full = Public(
        birth=date(2018, 1, 1),
        schools=(InClass(1, date.min, date.max, "CP"),),
        papers=(Within(5, date.min, date.max),),
    )
    bare = Public()
    asked = {
        ConditionKind.AGE: {"min_months": 12},
        ConditionKind.LEVEL: {"levels": ("CP",)},
        ConditionKind.SCHOOL: {"schools": ((1, "École"),)},
        ConditionKind.PAPER: {"paper": 5, "paper_title": "Certificat"},
    }
    conditions = tuple(
        Condition(number, date.min, **{k: v for kind in kinds for k, v in asked[kind].items()})
        for number, kinds in enumerate(rows)
    )
    facts = activity(conditions=conditions)
    for kind in ConditionKind:
        assert not lacks(kind, facts, MORNING, WEDNESDAY, full)
        assert lacks(kind, facts, MORNING, WEDNESDAY, bare) is any(kind in kinds for kinds in rows)


def test_the_words_of_a_row():
    row = Condition(
        1, date.min, slots=frozenset({2}), min_months=72, max_months=143, levels=("CM1", "CM2"),
        schools=((1, "École des Tilleuls"),), paper=3, paper_title="Aisance aquatique",
    )  # fmt: skip
    assert condition_label(row, {1: "Matin", 2: "Piscine"}) == (
        "De 6 ans à 11 ans le jour même, en CM1 et CM2, pour École des Tilleuls, "
        "«\u00a0Aisance aquatique\u00a0» valable ce jour-là («\u00a0Piscine\u00a0»)"
    )
    alone = Condition(1, date.min, max_months=35)
    assert asked_text([alone, row], ConditionKind.AGE) == (
        "jusqu’à 2 ans le jour même et de 6 ans à 11 ans le jour même"
    )
    assert asked_text([Condition(1, date.min, min_months=18)], ConditionKind.AGE) == (
        "à partir de 18 mois le jour même"
    )
