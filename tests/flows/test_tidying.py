"""What is kept for a while goes after it, and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib.sessions.models import Session

from marelle.accounts.models import Attempt, AttemptKind
from marelle.core.actor import SYSTEM
from marelle.core.clock import PARIS
from marelle.core.subject import Subject
from marelle.flows.upkeep.journal_purge import mails_purged, months_before
from marelle.flows.upkeep.tidying import tidied
from marelle.flows.upkeep.worker import one_round
from marelle.journal.models import Entry
from marelle.journal.origin import Origin
from marelle.journal.services import record
from marelle.mail.models import Message
from marelle.mail.samples import samples
from marelle.mail.services import queue
from marelle.places.models import Delay

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


def written(verb: str, at: datetime) -> Entry:
    return record(
        actor=SYSTEM, verb=verb, subject=Subject("account", 1), origin=Origin("192.0.2.1", "Firefox"), now=at
    )


def test_connections_go_after_a_year_and_decisions_stay_without_their_address(time_machine) -> None:
    a_year_ago = datetime(2025, 9, 1, 12, tzinfo=PARIS)
    for verb in ("connection.opened", "enrolment.accepted"):
        written(verb, a_year_ago - MINUTE)
        written(verb, a_year_ago)
    written("enrolment.refused", datetime(2023, 9, 1, 11, tzinfo=PARIS))
    time_machine.move_to(NOW, tick=False)
    assert one_round(now=NOW) is True
    left = Entry.objects.order_by("pk").values_list("verb", "address", "device")
    assert list(left) == [
        ("connection.opened", "192.0.2.1", "Firefox"),
        ("enrolment.accepted", None, ""),
        ("enrolment.accepted", "192.0.2.1", "Firefox"),
    ]


def test_mails_go_after_a_year() -> None:
    context = samples()["accounts/email_changed"].context
    for at in (datetime(2025, 9, 1, 11, tzinfo=PARIS), datetime(2025, 9, 1, 12, tzinfo=PARIS)):
        queue(kind="accounts/email_changed", to="camille@example.org", context=context, now=at)
    assert mails_purged(now=NOW) == 1
    assert Message.objects.count() == 1


def test_the_authority_chooses_how_long(time_machine) -> None:
    for code, months in (("connections", 6), ("acts", 12), ("mails", 3)):
        Delay.objects.create(code=code, months=months)
    context = samples()["accounts/email_changed"].context
    for verb, months in (("connection.opened", 7), ("connection.opened", 5), ("enrolment.accepted", 13)):
        written(verb, months_before(NOW, months))
    for months in (4, 2):
        queue(
            kind="accounts/email_changed",
            to="camille@example.org",
            context=context,
            now=months_before(NOW, months),
        )
    time_machine.move_to(NOW)
    tidied(now=NOW)
    assert [entry.at for entry in Entry.objects.all()] == [months_before(NOW, 5)]
    assert Message.objects.count() == 1


def test_a_month_that_is_too_short_gives_its_last_day() -> None:
    assert months_before(datetime(2028, 2, 29, 8, tzinfo=PARIS), 12) == datetime(2027, 2, 28, 8, tzinfo=PARIS)
    assert months_before(datetime(2026, 1, 31, 8, tzinfo=PARIS), 2) == datetime(2025, 11, 30, 8, tzinfo=PARIS)


def test_the_worker_tidies() -> None:
    attempt(NOW - 15 * MINUTE)
    assert one_round(now=NOW) is True
    assert not Attempt.objects.exists()
