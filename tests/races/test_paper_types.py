"""Two agents say at the same moment what is asked for: one is kept, the other is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from marelle.core.actor import Role
from marelle.core.refusals import ChangedMeanwhile
from marelle.flows.actor.actors import actor_for
from marelle.journal.edits import held
from marelle.papers.models import PaperNeed, PaperType
from marelle.papers.rules import About, Effect, Validity
from marelle.papers.services import TypeFields, needs_held, needs_set, paper_type_save
from tests.papers.world import NOW, Desk
from tests.races.together import together_or_errors

pytestmark = pytest.mark.django_db(transaction=True)

AGENTS = 3
FIELDS = TypeFields(
    title="Livret",
    why="Pour savoir qui est responsable.",
    stake="",
    about=About.CHILD,
    asked_of_all=False,
    mandatory=True,
    validity=Validity.NONE,
    validity_months=None,
    is_health=False,
    order=1,
    active=True,
)


def one_is_kept(answers: list[object]) -> None:
    assert sum(isinstance(answer, ChangedMeanwhile) for answer in answers) == AGENTS - 1, answers


def test_one_type_is_kept_and_one_choice_of_activities() -> None:
    world = Desk()
    agents = [actor_for(world.staff(f"agent{n}", Role.OFFICE)) for n in range(AGENTS)]
    kind = world.paper_type("Livret", needed_by=[world.wednesdays])
    seen = held(kind, FIELDS.__dataclass_fields__)

    def saves(n: int) -> PaperType:
        return paper_type_save(
            actor=agents[n],
            type_id=kind.pk,
            authority_id=kind.authority_id,
            fields=replace(FIELDS, title=f"Livret {n}"),
            seen=seen,
            now=NOW,
        )

    one_is_kept(together_or_errors([lambda n=n: saves(n) for n in range(AGENTS)]))
    one = world.wednesdays.pk
    showed = needs_held([one], {one: PaperNeed.objects.get()})
    effects = (Effect.NOTHING, Effect.BLOCKS_REQUEST, Effect.NOTHING)

    def chooses(n: int) -> int:
        needs = {one: (effects[n], None)}
        return needs_set(actor=agents[n], type_id=kind.pk, needs=needs, seen=showed, now=NOW)

    one_is_kept(together_or_errors([lambda n=n: chooses(n) for n in range(AGENTS)]))
