"""What is kept for a while goes after it, and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib.sessions.models import Session

from marelle.accounts.models import Attempt, AttemptKind
from marelle.core.clock import PARIS
from marelle.flows.tidying import tidied
from marelle.flows.worker import one_round

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 9, 1, 12, tzinfo=PARIS)
MINUTE = timedelta(minutes=1)


def attempt(at: datetime) -> Attempt:
    return Attempt.objects.create(kind=AttemptKind.LOGIN, at=at, name_hash="x" * 64, address="192.0.2.1")


def session(key: str, ends: datetime) -> Session:
    return Session.objects.create(session_key=key, session_data="", expire_date=ends)


def test_addresses_of_old_attempts_and_ended_sessions_go_and_the_others_stay() -> None:
    attempt(NOW - 15 * MINUTE)
    session("ended", NOW)
    recent, living = attempt(NOW - 14 * MINUTE), session("living", NOW + MINUTE)
    assert tidied(now=NOW) == 2
    assert list(Attempt.objects.all()) == [recent]
    assert list(Session.objects.all()) == [living]


def test_the_worker_tidies() -> None:
    attempt(NOW - 15 * MINUTE)
    assert one_round(now=NOW) is True
    assert not Attempt.objects.exists()
