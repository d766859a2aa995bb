"""The last place of a commission, given by several agents and accepted by a home at once: held by one."""

from __future__ import annotations

from functools import partial

import pytest

from marelle.campaigns.commissions.answering import sheet_answer
from marelle.campaigns.commissions.deciding import commission_send, sheet_decide
from marelle.campaigns.models import CommissionSheet
from marelle.core.refusals import No
from marelle.mail.models import Message
from tests.campaigns.commissions.world import SITS, Sitting
from tests.races.together import together_or_errors
from tests.scenario import Home

pytestmark = pytest.mark.django_db(transaction=True)


def sent() -> tuple[Sitting, Home, list[CommissionSheet]]:
    """The place is a home's to accept; two others wait."""
    world = Sitting({"0": 1})
    home = world.home("Roy")
    demands = [world.demand("Camille Roy", home=home), world.demand("Ana A"), world.demand("Bea B")]
    tier = world.criterion("Parent isolé")
    sheets = world.looks_at(*demands)
    world.fill(sheets[0], tier)
    world.sit()
    world.send()
    return world, home, [world.sheet(one) for one in demands]


def test_a_run_and_its_answers_are_done_once() -> None:
    world = Sitting({"0": 1})
    world.looks_at(world.demand("Ana A"), world.demand("Bea B"))
    ran = together_or_errors([world.sit] * 3)
    assert sum(not isinstance(one, Exception) for one in ran) == 1
    assert all(isinstance(one, No) for one in ran if isinstance(one, Exception))
    world.commission.refresh_from_db()
    type(world.commission).objects.update(members="Line Roy")
    send = partial(commission_send, actor=world.agent, commission_id=world.commission.pk, now=SITS)
    gone = together_or_errors([send] * 3)
    assert sum(not isinstance(one, Exception) for one in gone) == 1
    assert Message.objects.filter(kind="campaigns/commission_answer").count() == 2


def test_a_place_given_back_is_given_to_one_of_who_waits() -> None:
    world, home, (mine, *waiting) = sent()
    answer = partial(sheet_answer, actor=home.actor, sheet_id=mine.pk, now=SITS)
    answer(accepts=False)
    give = partial(
        sheet_decide,
        actor=world.agent,
        outcome="given",
        section_id=world.section.pk,
        reason="Place rendue",
        now=SITS,
    )
    answers = together_or_errors([partial(give, sheet_id=one.pk) for one in (*waiting, *waiting)])
    assert all(isinstance(one, No) for one in answers if isinstance(one, Exception))
    given = CommissionSheet.objects.filter(outcome="given", answer="")
    assert given.count() == 1
    assert (
        Message.objects.filter(to=given.get().request.email, kind="campaigns/commission_answer").count() == 2
    )


def test_a_home_accepts_or_gives_back_and_an_agent_gives_what_is_free_alone() -> None:
    world, home, (mine, other, _last) = sent()
    answer = partial(sheet_answer, actor=home.actor, sheet_id=mine.pk, now=SITS)
    give = partial(
        sheet_decide,
        actor=world.agent,
        sheet_id=other.pk,
        outcome="given",
        section_id=world.section.pk,
        reason="Place rendue",
        now=SITS,
    )
    answers = together_or_errors([partial(answer, accepts=True), partial(answer, accepts=False), give, give])
    assert all(isinstance(one, No) for one in answers if isinstance(one, Exception))
    mine.refresh_from_db()
    other.refresh_from_db()
    assert mine.answer in ("accepted", "returned")
    assert not (mine.answer == "accepted" and other.outcome == "given")
