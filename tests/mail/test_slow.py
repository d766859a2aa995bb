"""A server that takes its time: each mail leaves once, and only one worker asks it."""

from __future__ import annotations

import smtplib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from marelle.flows.upkeep.worker import one_round
from marelle.mail import services
from marelle.mail.models import Message, MessageState
from marelle.mail.rules import CLAIM, LONGEST, ROUND, SLOW, WAITS
from marelle.mail.services import Draft, Sent, queue_many, send_due
from tests.mail import failing
from tests.races.together import alone

NOW = datetime(2026, 9, 8, 18, 0, tzinfo=UTC)
CONTEXT = {"name": "Zoé", "url": "https://portail.example/activation/x/", "days": 14}
SECOND = timedelta(seconds=1)


def mails(number: int) -> list[Message]:
    drafts = [Draft(f"p{one}@example.org", CONTEXT) for one in range(number)]
    return queue_many(kind="accounts/invitation", drafts=drafts, now=NOW)


@pytest.fixture
def lasting(settings: Any, time_machine: Any) -> type[failing.Lasting]:
    """A server whose minutes pass on the clock of the test alone."""
    time_machine.move_to(NOW, tick=False)
    settings.EMAIL_BACKEND = "tests.mail.failing.Lasting"
    failing.Lasting.seen.clear()
    failing.Lasting.clock = time_machine
    failing.Lasting.minutes = 0.0
    failing.Lasting.meanwhile = staticmethod(lambda: None)
    return failing.Lasting


def elsewhere(work: Any) -> None:
    """In another worker, with a connection of its own."""
    worker = threading.Thread(target=alone, args=(work,))
    worker.start()
    worker.join()


def test_a_claim_outlives_the_longest_mail() -> None:
    assert SLOW < LONGEST < CLAIM < WAITS[2]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("minutes", [0.2, 0.9, 2.9])
def test_a_round_that_lasts_sends_each_mail_once_whatever_another_worker_does(
    lasting: type[failing.Lasting], minutes: float
) -> None:
    mails(20)
    lasting.minutes = minutes
    others: list[Sent] = []
    lasting.meanwhile = staticmethod(lambda: elsewhere(lambda: others.append(send_due(now=timezone.now()))))
    for _round in range(20):
        one_round(now=timezone.now())
    assert others
    assert len(lasting.seen) == len(set(lasting.seen)) == 20
    assert set(Message.objects.values_list("state", "attempts")) == {(MessageState.SENT, 1)}


@pytest.mark.django_db(transaction=True)
def test_a_claim_is_dated_when_it_is_made(lasting: type[failing.Lasting]) -> None:
    """What came before in the round has lasted twenty minutes."""
    (message,) = mails(1)
    held: list[datetime] = []

    def look() -> None:
        held.extend(Message.objects.values_list("next_attempt_at", flat=True))

    lasting.meanwhile = staticmethod(lambda: elsewhere(look))
    lasting.minutes = 2
    with connection.execute_wrapper(_lasting_first(lasting.clock)):
        one_round(now=NOW)
    taken = NOW + timedelta(minutes=20)
    assert held == [taken + CLAIM]
    message.refresh_from_db()
    assert message.sent_at == taken + timedelta(minutes=2)


@pytest.mark.django_db(transaction=True)
def test_each_claim_of_a_batch_has_its_own_date(lasting: type[failing.Lasting]) -> None:
    mails(2)
    held: list[datetime] = []
    leaving = Message.objects.filter(state=MessageState.SENDING)
    lasting.meanwhile = staticmethod(
        lambda: elsewhere(lambda: held.extend(leaving.values_list("next_attempt_at", flat=True)))
    )
    lasting.minutes = 0.5
    send_due(now=NOW)
    assert held == [NOW + CLAIM, NOW + timedelta(seconds=30) + CLAIM]


def _lasting_first(clock: Any) -> Any:
    """The round's first statement takes twenty minutes."""
    first = iter([timedelta(minutes=20)])

    def execute(run: Any, *statement: Any) -> Any:
        clock.shift(next(first, timedelta()))
        return run(*statement)

    return execute


@pytest.mark.django_db(transaction=True)
def test_a_slow_server_is_asked_by_one_worker(lasting: type[failing.Lasting]) -> None:
    mails(2)
    found: list[Sent] = []
    lasting.meanwhile = staticmethod(lambda: elsewhere(lambda: found.append(send_due(now=timezone.now()))))
    lasting.minutes = (SLOW + SECOND) / timedelta(minutes=1)
    assert send_due(now=NOW).sent == 2
    assert found == [Sent(), Sent()]


@pytest.mark.django_db(transaction=True)
def test_a_batch_stops_when_another_worker_is_long_with_the_server(lasting: type[failing.Lasting]) -> None:
    _first, second, _third = mails(3)
    others = Message.objects.filter(pk=second.pk)
    lasting.meanwhile = staticmethod(
        lambda: elsewhere(
            lambda: others.update(state=MessageState.SENDING, attempts=1, next_attempt_at=NOW + CLAIM)
        )
    )
    lasting.minutes = (SLOW + SECOND) / timedelta(minutes=1)
    assert send_due(now=NOW).sent == 1


@pytest.mark.django_db
def test_a_server_in_trouble_is_not_even_called(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.mail.failing.Down"
    stuck, _other = mails(2)
    Message.objects.filter(pk=stuck.pk).update(state=MessageState.SENDING, next_attempt_at=NOW + CLAIM)
    assert send_due(now=NOW + SLOW + SECOND) == Sent(reachable=True)
    assert send_due(now=NOW + SLOW) == Sent(reachable=False)


@pytest.mark.django_db
def test_a_worker_that_died_keeps_the_others_waiting_until_its_claim_is_over(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)
    dead, _other = mails(2)
    Message.objects.filter(pk=dead.pk).update(
        state=MessageState.SENDING, attempts=1, next_attempt_at=NOW + CLAIM
    )
    assert send_due(now=NOW + SLOW + SECOND) == Sent()
    assert send_due(now=NOW + CLAIM).sent == 2


@pytest.mark.django_db
def test_after_a_minute_the_other_work_has_its_turn(lasting: type[failing.Lasting]) -> None:
    mails(20)
    lasting.minutes = 0.3
    assert send_due(now=NOW).sent == 4
    assert timezone.now() - NOW > ROUND


@pytest.mark.django_db
def test_a_failed_mail_waits_from_when_it_failed(settings: Any, time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)
    settings.EMAIL_BACKEND = "tests.mail.failing.HangsUp"
    failing.HangsUp.seen.clear()
    mails(3)
    assert send_due(now=NOW) == Sent(retried=1)
    assert len(failing.HangsUp.seen) == 1, "the others lose no try on a line that is gone"
    assert sorted(Message.objects.values_list("attempts", flat=True)) == [0, 0, 1]
    assert Message.objects.get(attempts=1).next_attempt_at == NOW + WAITS[0]


@contextmanager
def stuttering() -> Iterator[int]:
    """A real server that answers a letter at a time, as some do to whom they distrust. Gives its port."""
    listening = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        line, _from = listening.accept()
        with suppress(OSError), line, line.makefile("rb") as said:
            line.sendall(b"220 here\r\n")
            for command in said:
                if command.upper().startswith((b"EHLO", b"HELO")):
                    line.sendall(b"250 here\r\n")
                    continue
                for letter in b"250-" + b"wait " * 1000:
                    line.sendall(bytes([letter]))
                    time.sleep(0.02)

    threading.Thread(target=answer, daemon=True).start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.close()


@pytest.mark.django_db
def test_a_server_that_stutters_is_hung_up_on_before_the_claim_runs_out(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "LONGEST", timedelta(seconds=0.5))
    mails(2)
    with stuttering() as port:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 20
        started = time.monotonic()
        assert send_due(now=NOW) == Sent(retried=1)
    assert time.monotonic() - started < 15
    assert smtplib.SMTPServerDisconnected.__name__ in Message.objects.get(attempts=1).last_error
