"""Two agents move the same pupils up at once, and a third notes the class of one of them."""

from __future__ import annotations

from datetime import datetime

import pytest

from marelle.core.actor import SYSTEM, Role
from marelle.core.clock import PARIS
from marelle.families.models import Promotion, Schooling
from marelle.families.promotions import PromotionRefused
from marelle.families.services import schooling_set
from marelle.flows.actor.actors import actor_for
from marelle.flows.year.promoting import Asked, pupils_promote
from tests.races.together import together_or_errors
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2027, 6, 21, 9, tzinfo=PARIS)


def test_two_agents_and_a_colleague_write_each_class_once() -> None:
    world = Scenario()
    school = world.the_school
    children = [world.child(world.home("Durand"), "Zoé", school=school, level="CP") for _ in range(6)]
    agents = [actor_for(world.staff(name, Role.OFFICE)) for name in ("line", "paul")]
    asked = [Asked("CP", school.pk, frozenset(child.pk for child in children), frozenset())]

    def promotes(actor):
        return lambda: pupils_promote(actor=actor, school_id=school.pk, asked=asked, now=NOW)

    def notes():
        return schooling_set(
            actor=SYSTEM,
            child_id=children[0].pk,
            school_id=school.pk,
            school_year=2027,
            level="CE2",
            now=NOW,
        )

    answers = together_or_errors([promotes(agents[0]), promotes(agents[1]), notes])
    errors = [answer for answer in answers if isinstance(answer, Exception)]
    assert all(isinstance(error, PromotionRefused) for error in errors), errors
    rows = Schooling.objects.filter(school_year=2027)
    assert rows.filter(child=children[0]).get().level == "CE2", "what was noted by hand holds"
    made = Promotion.objects.all()
    assert len(made) <= 1
    assert sum(row.children for row in made) == rows.filter(promotion__isnull=False).count()
    if {error.code for error in errors} <= {"nothing_to_do"}:
        assert rows.count() == len(children)
