"""Mandates accepted, checked and ended by several at once: one holds, each act is told what it came to."""

from __future__ import annotations

import pytest

from marelle.billing.mandates.offers import MandateRefused
from marelle.billing.mandates.services import mandate_check, mandate_end, mandate_stop
from marelle.billing.models import Mandate
from marelle.mail.models import Message
from tests.billing.mandates.held import IBAN, NOW, OTHER, Debited
from tests.races.together import together_or_errors

pytestmark = pytest.mark.django_db(transaction=True)


def refusals(answers: list[object]) -> list[str]:
    codes = sorted(one.code for one in answers if isinstance(one, MandateRefused))
    assert not [one for one in answers if isinstance(one, Exception) and not isinstance(one, MandateRefused)]
    return codes


def test_two_accepted_at_once_leave_one() -> None:
    world = Debited()
    offers = [world.offer(IBAN), world.offer(OTHER), world.offer(IBAN)]
    answers = together_or_errors([lambda offer=one: world.accepts(offer) for one in offers])
    assert refusals(answers) == ["changed", "changed"]
    assert [row.state for row in Mandate.objects.all()] == ["active"]


def test_checked_three_times_at_once_it_begins_once() -> None:
    world = Debited()
    row = world.notes()
    answers = together_or_errors(
        [lambda: mandate_check(actor=world.second, mandate_id=row.pk, iban=IBAN, now=NOW)] * 3
    )
    assert refusals(answers) == ["checked", "checked"]
    assert Message.objects.filter(kind="billing/mandate").count() == 2


def test_stopped_and_ended_and_replaced_at_once_one_end_is_kept() -> None:
    world = Debited()
    row = world.accepts()
    waits = world.accepts(world.offer(OTHER))
    answers = together_or_errors(
        [
            lambda: mandate_stop(actor=world.durand.actor, mandate_id=row.pk, now=NOW),
            lambda: mandate_end(actor=world.first, mandate_id=row.pk, reason="Clos", now=NOW),
            lambda: mandate_check(actor=world.second, mandate_id=waits.pk, now=NOW),
        ]
    )
    assert set(refusals(answers)) <= {"ended"}
    assert [one.state for one in Mandate.objects.order_by("pk")] == ["ended", "active"]
