"""What nobody answers is told once: at once of a token that opens nothing, after a day of a January round."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache

from marelle.accounts.models import User
from marelle.core.actor import Role
from marelle.enrolments.models import Enrolment
from marelle.families.models import CafAgreement
from marelle.flows.incomes.caf import agreements_asked
from marelle.flows.upkeep.caf_unheard import unheard_told
from marelle.journal.models import Entry
from marelle.mail.models import Message
from tests.flows.incomes.test_caf_troubles import JANUARY
from tests.flows.incomes.village import NOW, Village, give, parent
from tests.particulier import HTML, QUOTIENT, Fake, quotient, wrong

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def told(now: datetime) -> list[str]:
    """To whom, of all who were ever told."""
    cache.clear()
    unheard_told(now=now)
    return sorted(Message.objects.filter(kind="families/caf_unheard").values_list("to", flat=True))


@pytest.fixture
def agreed(world: Village, fake: Fake) -> CafAgreement:
    for user in (world.office, world.staff("admin", Role.ADMINISTRATOR), world.director):
        User.objects.filter(pk=user.pk).update(email=f"{user.identifier}@arelle.example")
    give(parent(world))
    fake.asked.clear()
    return CafAgreement.objects.get()


WATCHERS = ["admin@arelle.example", "guichet@arelle.example"]


def test_a_token_that_opens_nothing_is_told_once_a_month(agreed: CafAgreement, fake: Fake) -> None:
    assert told(NOW + timedelta(minutes=1)) == []
    CafAgreement.objects.update(due_at=NOW + DAY)
    fake.says = lambda: wrong(401, "00101")
    agreements_asked(now=NOW + DAY)
    assert told(NOW + DAY) == WATCHERS
    message = Message.objects.filter(kind="families/caf_unheard").latest("pk")
    assert "accès refusé" in message.text
    assert "LEFEBVRE" not in message.text + message.subject
    assert Entry.objects.get(verb="caf.unheard").family_id is None
    for day in range(2, 40):
        agreements_asked(now=NOW + day * DAY)
        told(NOW + day * DAY)
    assert told(NOW + 40 * DAY) == sorted(2 * WATCHERS)
    # It is mended: nobody is told of what was.
    fake.says = None
    fake.replies["LEFEBVRE", QUOTIENT] = quotient(950, 2027, 1)
    agreements_asked(now=NOW + 41 * DAY)
    assert told(NOW + 90 * DAY) == sorted(2 * WATCHERS)


@pytest.mark.parametrize(
    "reply", [HTML, wrong(503, "01503"), None], ids=["lies", "down", "not asked any more"]
)
def test_a_round_of_january_without_an_answer_is_told_after_a_day(
    agreed: CafAgreement, fake: Fake, settings: Any, reply: Any
) -> None:
    if reply is None:
        settings.API_PARTICULIER = None
    fake.says = lambda: reply
    agreements_asked(now=JANUARY)
    assert told(JANUARY + timedelta(hours=23)) == []
    assert told(JANUARY + DAY) == WATCHERS
    assert told(JANUARY + 5 * DAY) == WATCHERS


def test_one_that_is_answered_by_most_is_told_to_nobody(agreed: CafAgreement, fake: Fake) -> None:
    fake.replies["LEFEBVRE", QUOTIENT] = quotient(950, 2027, 1)
    agreements_asked(now=JANUARY)
    assert told(JANUARY + DAY) == []
    agreed.refresh_from_db()
    for outcome in ("down", "not_found"):
        agreed.pk, agreed.outcome = None, outcome
        agreed.save()
    assert told(JANUARY + 2 * DAY) == []
    for _one in range(2):
        agreed.pk, agreed.outcome = None, "slow"
        agreed.save()
    assert told(JANUARY + 3 * DAY) == WATCHERS
    assert "Sur 5 accord(s), 3 sont sans réponse" in Message.objects.latest("pk").text
    assert told(JANUARY + 70 * DAY) == WATCHERS, "January is over"


@pytest.mark.parametrize("why", ["the control", "agreed since", "no child is enrolled", "taken back"])
def test_nobody_is_told_of_what_was_not_to_be_asked(agreed: CafAgreement, why: str) -> None:
    CafAgreement.objects.update(outcome="down")
    if why == "agreed since":
        CafAgreement.objects.update(given_at=JANUARY + timedelta(hours=1))
    elif why == "no child is enrolled":
        Enrolment.objects.update(ends_on=date(2026, 12, 31))
    elif why == "taken back":
        CafAgreement.objects.update(ended_at=NOW)
    assert told(JANUARY + DAY) == (WATCHERS if why == "the control" else [])


def test_what_was_refused_long_ago_and_is_asked_no_more_is_told_to_nobody(
    agreed: CafAgreement, fake: Fake
) -> None:
    CafAgreement.objects.update(outcome="rights", asked_at=NOW)
    assert told(NOW + 3 * DAY) == []
    assert told(NOW + DAY) == WATCHERS
