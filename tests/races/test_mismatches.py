"""« Présence du jour » at the very same moment: two processes that tell, two adults who answer."""

from __future__ import annotations

import pytest

from marelle.attendance.mismatch_rules import Answer
from marelle.attendance.mismatches import mismatches_answer
from marelle.attendance.models import Mismatch
from marelle.attendance.refusals import CannotAnswer
from marelle.cases.models import Case
from marelle.flows.actor.actors import actor_for
from marelle.flows.door.mismatches import mismatches_tell
from marelle.mail.models import Message
from tests.attendance.door import EIGHT, MINUTE, call_close, made_door
from tests.races.together import alone, together, together_or_errors

pytestmark = pytest.mark.django_db(transaction=True)

PROCESSES = 3


def test_a_home_is_told_once_and_of_two_adults_one_answers() -> None:
    door = made_door()
    other = door.made.adult(door.durand, "Alix", identifier="alix")
    for child in (door.zoe, door.tom, door.lea):
        door.made.guardian(other, child)
    call_close(actor=door.director, structure_id=door.structure_id, opening_id=door.morning.pk, now=EIGHT)
    told = together([lambda: alone(lambda: mismatches_tell(now=EIGHT + 30 * MINUTE))] * PROCESSES)
    assert sorted(told) == [0, 0, 2]
    assert Message.objects.filter(kind="attendance/mismatch").count() == 2
    ids = set(Mismatch.objects.values_list("pk", flat=True))
    actors = (door.durand.actor, actor_for(other.account))
    answers = together_or_errors(
        [
            lambda actor=actor: mismatches_answer(
                actor=actor, mismatch_ids=ids, answer=Answer.ERROR, now=EIGHT + 40 * MINUTE
            )
            for actor in actors
        ]
    )
    assert [type(one) for one in answers if isinstance(one, Exception)] == [CannotAnswer]
    assert Case.objects.filter(kind="mismatch").count() == 2
    assert Mismatch.objects.values("answered_by").distinct().count() == 1
