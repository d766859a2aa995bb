"""Two agents word the same mail at the same moment: one is kept, the other is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from marelle.core.actor import Role
from marelle.core.refusals import ChangedMeanwhile
from marelle.flows.actor.actors import actor_for
from marelle.flows.messages.wordings import wording_save
from marelle.mail.models import Wording
from marelle.mail.wording import NO_WORDS, Words
from tests.races.together import together_or_errors
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
AGENTS = 4


def test_one_is_kept_and_the_others_are_told() -> None:
    world = Scenario()
    agents = [actor_for(world.staff(f"agent{n}", Role.OFFICE)) for n in range(AGENTS)]

    def saving(n: int) -> bool:
        return wording_save(
            actor=agents[n],
            authority_id=world.the_authority.pk,
            kind="enrolments/refused",
            words=Words(before=f"Les mots de {n}."),
            seen=NO_WORDS,
            now=NOW,
        )

    answers = together_or_errors([lambda n=n: saving(n) for n in range(AGENTS)])
    assert answers.count(True) == 1
    assert sum(isinstance(answer, ChangedMeanwhile) for answer in answers) == AGENTS - 1
    assert Wording.objects.get().before == f"Les mots de {answers.index(True)}."
