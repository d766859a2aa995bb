"""What a missing paper closes, one person at a time and inside a query: the two must agree."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta
from itertools import product

import pytest

from marelle.enrolments.models import Enrolment
from marelle.families.models import Guardianship
from marelle.papers.guards import bookings_closed_from, missing_papers
from marelle.papers.rules import Effect, Standing
from tests.papers.world import TODAY, Desk
from tests.standing import built_once

pytestmark = pytest.mark.django_db


built = built_once(Desk)


@pytest.fixture
def world(built, db) -> Desk:
    return deepcopy(built)


def missing(world: Desk, home=None, activities=None):
    found = missing_papers(
        family_id=(home or world.durand).family.pk,
        person_id=world.zoe.pk,
        activity_ids=activities or [world.wednesdays.pk],
        day=TODAY,
    )
    return [(one.title, one.effect, one.state) for rows in found.values() for one in rows]


def test_nothing_is_missing_where_nothing_is_asked(world):
    world.paper_type("Jamais demandée")
    assert missing(world) == []


@pytest.mark.parametrize("effect", list(Effect))
def test_what_an_activity_needs_is_missing_with_its_effect(world, effect):
    world.paper_type("Assurance", needed_by=[world.wednesdays], effect=effect)
    assert missing(world) == [("Assurance", effect, Standing.MISSING)]


def test_a_paper_that_waits_for_its_check_counts_as_given(world):
    kind = world.paper_type("Assurance", needed_by=[world.wednesdays])
    world.paper(kind, world.durand, world.zoe)
    assert missing(world) == []


def test_a_refused_paper_is_missing_and_says_so(world):
    kind = world.paper_type("Assurance", needed_by=[world.wednesdays])
    world.paper(kind, world.durand, world.zoe, "refused", reason="Illisible.")
    assert missing(world) == [("Assurance", Effect.WARN, Standing.REFUSED)]


def test_a_paper_counts_until_its_last_day_included(world):
    kind = world.paper_type("Assurance", needed_by=[world.wednesdays])
    paper = world.paper(kind, world.durand, world.zoe, "accepted", expires_on=TODAY)
    assert missing(world) == []
    paper.expires_on = TODAY - timedelta(days=1)
    paper.save()
    assert missing(world) == [("Assurance", Effect.WARN, Standing.EXPIRED)]


def test_a_paper_given_once_serves_every_activity(world):
    holidays = world.activity("Vacances")
    kind = world.paper_type("Assurance", needed_by=[world.wednesdays, holidays])
    world.paper(kind, world.durand, world.zoe)
    assert missing(world, activities=[world.wednesdays.pk, holidays.pk]) == []


def test_what_the_other_home_gave_serves_and_what_it_was_refused_is_not_told(world):
    petit = world.home("Petit", "Alex")
    world.shared(world.zoe, world.durand, petit)
    kind = world.paper_type("Assurance", needed_by=[world.wednesdays])
    paper = world.paper(kind, world.durand, world.zoe)
    assert missing(world, home=petit) == []
    paper.state = "refused"
    paper.save()
    assert missing(world, home=petit) == [("Assurance", Effect.WARN, Standing.MISSING)]


def test_a_paper_of_the_home_is_of_that_home_alone(world):
    petit = world.home("Petit", "Alex")
    world.shared(world.zoe, world.durand, petit)
    kind = world.paper_type("Domicile", "family", needed_by=[world.wednesdays])
    world.paper(kind, world.durand)
    assert missing(world) == []
    assert missing(world, home=petit) == [("Domicile", Effect.WARN, Standing.MISSING)]


def test_each_adult_who_answers_for_the_child_is_asked_and_no_other(world):
    other = world.adult(world.durand, "Dominique")
    world.guardian(other, world.zoe)
    partner = world.adult(world.durand, "Claude")
    world.guardian(partner, world.zoe, link="step_parent", has_authority=False)
    kind = world.paper_type("Employeur", "adult", needed_by=[world.wednesdays])
    assert len(missing(world)) == 2
    world.paper(kind, world.durand, other)
    world.paper(kind, world.durand, world.durand.adult)
    assert missing(world) == []


def test_what_is_asked_of_all_warns_and_an_activity_may_say_more(world):
    kind = world.paper_type("Domicile", "family", asked_of_all=True)
    world.paper_type("Facultatif", "family", asked_of_all=True, mandatory=False)
    assert missing(world) == [
        ("Domicile", Effect.WARN, Standing.MISSING),
        ("Facultatif", Effect.NOTHING, Standing.MISSING),
    ]
    world.need(world.wednesdays, kind, "blocks_request")
    assert ("Domicile", Effect.BLOCKS_REQUEST, Standing.MISSING) in missing(world)
    assert len(missing(world)) == 2


def test_what_another_authority_asks_of_all_is_not_asked_here(world):
    world.paper_type("Domicile", "family", asked_of_all=True, authority=world.authority("Mairie"))
    assert missing(world) == []


def test_a_type_that_is_no_longer_asked_is_not_missing(world):
    world.paper_type("Ancienne", needed_by=[world.wednesdays], active=False)
    assert missing(world) == []


STATES = (None, "received", "accepted", "expired", "refused", "replaced", "withdrawn")


@pytest.mark.parametrize(("about", "state"), list(product(("family", "adult", "child"), STATES)))
def test_the_query_and_the_function_agree(world, about, state):
    kind = world.paper_type("Assurance", about, needed_by=[world.wednesdays], effect="blocks_bookings")
    owner = {"family": None, "adult": world.durand.adult, "child": world.zoe}[about]
    if state is not None:
        expires = TODAY - timedelta(days=1) if state == "expired" else None
        world.paper(
            kind,
            world.durand,
            owner,
            "accepted" if state == "expired" else state,
            expires_on=expires,
        )
    world.enrolment(world.zoe, world.wednesdays, world.durand)
    closed = Enrolment.objects.annotate(closed=bookings_closed_from(TODAY)).get().closed
    assert closed == (date(2026, 12, 1) if missing(world) else None)


def test_the_query_takes_the_earliest_day_and_the_adults_who_have_authority(world):
    world.paper_type("Un", needed_by=[world.wednesdays], effect="blocks_bookings")
    kind = world.paper_type(
        "Deux",
        "adult",
        needed_by=[world.wednesdays],
        effect="blocks_bookings",
        bookings_from=date(2026, 9, 1),
    )
    world.enrolment(world.zoe, world.wednesdays, world.durand)
    rows = Enrolment.objects.annotate(closed=bookings_closed_from(TODAY))
    assert rows.get().closed == date(2026, 9, 1)
    Guardianship.objects.update(has_authority=False)
    assert rows.get().closed == date(2026, 12, 1)
    Guardianship.objects.update(has_authority=True)
    world.paper(kind, world.durand, world.durand.adult)
    assert rows.get().closed == date(2026, 12, 1)


def test_the_number_of_queries_does_not_grow(world, count_queries):
    activities = [world.wednesdays, *(world.activity(f"Autre {n}") for n in range(5))]
    for n in range(6):
        world.paper_type(f"Pièce {n}", ("adult", "child", "family")[n % 3], needed_by=activities)
    with count_queries(4):
        found = missing_papers(
            family_id=world.durand.family.pk,
            person_id=world.zoe.pk,
            activity_ids=[activity.pk for activity in activities],
            day=TODAY,
        )
    assert {len(rows) for rows in found.values()} == {6}
