from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core import mail
from django.db import IntegrityError, connection, transaction

from marelle.core.resealing import reseal
from marelle.mail.models import Channel, Message, MessageState
from marelle.mail.rendering import render
from marelle.mail.rules import CLAIM, WAITS
from marelle.mail.selectors import letters_to_print, recent
from marelle.mail.services import Draft, Sent, letter_printed, queue, queue_many, revoke, send_due
from marelle.mail.wording import reached
from tests.mail import failing
from tests.scenario import Scenario

NOW = datetime(2026, 9, 8, 18, 0, tzinfo=UTC)
CONTEXT = {"name": "Zoé <& Léo>", "url": "https://portail.example/activation/x/", "days": 14}
LOCMEM = "django.core.mail.backends.locmem.EmailBackend"


def a_mail(to: str = "camille@example.org", **more: Any) -> Message:
    return queue(kind="accounts/invitation", to=to, context=CONTEXT, **{"now": NOW, **more})


def state_of(message: Message) -> str:
    return Message.objects.values_list("state", flat=True).get(pk=message.pk)


def test_one_template_gives_subject_text_and_html() -> None:
    rendered = render("accounts/invitation", CONTEXT)
    assert rendered.subject == "Votre accès à l’espace famille"
    assert "Bonjour Zoé <& Léo>," in rendered.text
    assert "J’ouvre mon accès :\nhttps://portail.example/activation/x/" in rendered.text
    assert "Zoé &lt;&amp; Léo&gt;" in rendered.html
    assert '<a href="https://portail.example/activation/x/">' in rendered.html
    assert "<font" not in rendered.html


@pytest.mark.django_db
def test_a_mail_is_sent_once_with_its_message_id() -> None:
    message = a_mail()
    assert send_due(now=NOW) == Sent(sent=1)
    assert send_due(now=NOW + timedelta(days=1)) == Sent()
    (sent,) = mail.outbox
    assert sent.to == ["camille@example.org"]
    assert sent.extra_headers["Message-ID"] == message.message_id
    message.refresh_from_db()
    assert (message.state, message.sent_at) == (MessageState.SENT, NOW)


@pytest.mark.django_db
def test_an_optional_mail_says_where_it_is_stopped_to_its_reader_and_to_the_mailbox() -> None:
    stop = "https://portail.example/ne-plus-recevoir/1-news.x/"
    queue_many(
        kind="accounts/invitation",
        drafts=[Draft("a@example.org", CONTEXT, stop_url=stop), Draft("b@example.org", CONTEXT)],
        now=NOW,
    )
    send_due(now=NOW)
    optional, other = mail.outbox
    assert optional.extra_headers["List-Unsubscribe"] == f"<{stop}>"
    assert optional.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert optional.body.rstrip().endswith(f"Ne plus recevoir ces courriels : {stop}")
    assert f'<a href="{stop}">Ne plus recevoir' in str(optional.alternatives[0].content)
    assert "List-Unsubscribe" not in other.extra_headers
    assert "Ne plus recevoir" not in other.body + str(other.alternatives[0].content)


@pytest.mark.django_db
def test_of_several_mails_each_is_its_reader_s() -> None:
    """Those that are the same are laid out once."""
    stops = [f"https://portail.example/ne-plus-recevoir/{number}-news.x/" for number in (1, 2)]
    drafts = [Draft(f"{number}@example.org", CONTEXT, stop_url=stop) for number, stop in enumerate(stops)]
    drafts.append(Draft("c@example.org", {**CONTEXT, "name": "Lou"}, stop_url=stops[0]))
    first, second, third = queue_many(kind="accounts/invitation", drafts=drafts, now=NOW)
    assert stops[0] in first.text
    assert second.text == first.text.replace(*stops)
    assert second.html == first.html.replace(*stops) != first.html
    assert "Bonjour Lou," in third.text
    assert third.html.count(stops[0]) == first.html.count(stops[0]) > 0


@pytest.mark.parametrize(
    ("line", "links"),
    [
        ("Pour joindre : 03 80 64 01 03 ou a.b@arelle.fr.", ["tel:+33380640103", "mailto:a.b@arelle.fr"]),
        ("0380640103, +32 470 12 34 56", ["tel:+33380640103", "tel:+32470123456"]),
        ("Facture 20260380640103 du 03.12.2026, 8 h 30 – 12 h, CE1, x@y", []),
        ("javascript:alert(1) https://ailleurs.example/ <b>", []),
    ],
)
def test_telephones_and_addresses_are_links_and_nothing_else_is(line: str, links: list[str]) -> None:
    pieces = reached(line)
    assert "".join(piece.text for piece in pieces) == line
    assert [piece.address for piece in pieces if piece.address] == links


@pytest.mark.django_db
def test_a_mail_does_not_leave_before_its_instant_and_can_be_taken_back_until_then() -> None:
    first, second = (
        a_mail(not_before=NOW + timedelta(minutes=10)),
        a_mail(not_before=NOW + timedelta(minutes=10)),
    )
    assert send_due(now=NOW + timedelta(minutes=9)) == Sent()
    assert revoke(ids=[first.pk]) == 1
    assert send_due(now=NOW + timedelta(minutes=10)).sent == 1
    assert (state_of(first), state_of(second)) == ("revoked", "sent")
    assert revoke(ids=[second.pk]) == 0


@pytest.mark.django_db(transaction=True)
def test_a_mail_of_a_transaction_that_fails_was_never_written() -> None:
    def fail() -> None:
        with transaction.atomic():
            a_mail()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert not Message.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_sending_inside_a_transaction_is_a_mistake() -> None:
    a_mail()
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        send_due(now=NOW)


@pytest.mark.django_db
def test_many_mails_are_written_in_one_query(count_queries: Callable[..., Any]) -> None:
    """What they share, as the letterhead, is read once a minute."""
    Scenario().authority()
    a_mail()
    drafts = [Draft(f"p{number}@example.org", CONTEXT, number) for number in range(20)]
    with count_queries(1):
        messages = queue_many(kind="accounts/invitation", drafts=drafts, now=NOW)
    assert len({message.message_id for message in messages}) == 20
    assert recent().count() == 21
    deferred = recent()[0].get_deferred_fields()
    assert deferred == {"text", "html", "attached"}, "nothing is opened that no list shows"


@pytest.mark.django_db
def test_who_has_no_mail_gets_a_letter_that_is_never_mailed() -> None:
    letter = a_mail(to="", secret=True)
    assert (letter.channel, letter.state) == (Channel.LETTER, MessageState.TO_PRINT)
    assert send_due(now=NOW) == Sent()
    assert list(letters_to_print()) == [letter]
    assert letter_printed(message_id=letter.pk, now=NOW)
    assert not letter_printed(message_id=letter.pk, now=NOW)
    letter.refresh_from_db()
    assert letter.text == ""


@pytest.mark.django_db
def test_a_failed_mail_is_tried_again_with_the_same_message_id(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.mail.failing.Busy"
    failing.Busy.seen.clear()
    message = a_mail()
    assert send_due(now=NOW) == Sent(retried=1)
    assert send_due(now=NOW + WAITS[0] - timedelta(seconds=1)) == Sent()
    assert send_due(now=NOW + WAITS[0]) == Sent(retried=1)
    settings.EMAIL_BACKEND = LOCMEM
    assert send_due(now=NOW + WAITS[0] + WAITS[1]) == Sent(sent=1)
    assert failing.Busy.seen == [message.message_id] * 2
    assert mail.outbox[0].extra_headers["Message-ID"] == message.message_id
    message.refresh_from_db()
    assert (message.attempts, message.last_error) == (3, "")


@pytest.mark.django_db
def test_it_gives_up_in_the_end(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.mail.failing.Busy"
    message, now = a_mail(), NOW
    for wait in WAITS:
        assert send_due(now=now) == Sent(retried=1)
        now += wait
    assert send_due(now=now) == Sent(failed=1)
    message.refresh_from_db()
    assert message.state == MessageState.FAILED
    assert "later" in message.last_error


@pytest.mark.django_db
def test_an_address_refused_for_good_is_not_tried_again(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.mail.failing.NoSuchPerson"
    message = a_mail()
    assert send_due(now=NOW) == Sent(failed=1)
    assert state_of(message) == "failed"


@pytest.mark.django_db
def test_a_server_that_is_down_costs_no_try(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.mail.failing.Down"
    message = a_mail()
    assert send_due(now=NOW) == Sent(reachable=False)
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.QUEUED, 0)


@pytest.mark.django_db
def test_a_worker_that_died_leaves_the_mail_to_another_once_its_claim_is_over() -> None:
    message = a_mail()
    Message.objects.update(state=MessageState.SENDING, attempts=1, next_attempt_at=NOW + CLAIM)
    assert send_due(now=NOW) == Sent()
    assert send_due(now=NOW + CLAIM) == Sent(sent=1)
    assert mail.outbox[0].extra_headers["Message-ID"] == message.message_id


@pytest.mark.django_db
@pytest.mark.parametrize("really_sent", [True, False])
def test_a_secret_is_wiped_once_it_is_really_gone(settings: Any, really_sent: bool) -> None:
    settings.MAIL_IS_SENT = really_sent
    message = a_mail(secret=True)
    send_due(now=NOW)
    message.refresh_from_db()
    assert (message.text == "") is really_sent


@pytest.mark.django_db
def test_the_database_refuses_a_mail_without_address() -> None:
    message = a_mail()
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.filter(pk=message.pk).update(to="")


@pytest.mark.django_db
def test_a_line_break_in_an_address_does_not_forge_a_header() -> None:
    queue(kind="accounts/invitation", to="a@example.org\nBcc: b@example.org", context=CONTEXT, now=NOW)
    assert send_due(now=NOW).sent == 0
    assert not mail.outbox


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_send_the_same_mail(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.mail.failing.Slow"
    failing.Slow.seen.clear()
    queue_many(
        kind="accounts/invitation",
        drafts=[Draft(f"p{number}@example.org", CONTEXT) for number in range(20)],
        now=NOW,
    )
    start = threading.Barrier(4)
    outcomes: list[Sent] = []

    def work() -> None:
        try:
            start.wait()
            outcomes.append(send_due(now=NOW))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(failing.Slow.seen) == 20
    assert len(set(failing.Slow.seen)) == 20
    assert sum(outcome.sent for outcome in outcomes) == 20


@pytest.mark.django_db(transaction=True)
def test_a_mail_is_sealed_and_leaves_as_it_was_written(settings: Any) -> None:
    settings.EMAIL_BACKEND = LOCMEM
    queued = a_mail()
    with connection.cursor() as cursor:
        cursor.execute("select text, html from mail_message")
        (held,) = cursor.fetchall()
    assert not [text for text in held if "http" in text]
    assert "http" in queued.text
    send_due(now=NOW)
    assert mail.outbox[0].body == queued.text


@pytest.mark.django_db(transaction=True)
def test_one_that_no_key_opens_does_not_leave_and_is_tried_again(settings: Any) -> None:
    settings.EMAIL_BACKEND = LOCMEM
    a_mail()
    keys, settings.SEALING_KEYS = settings.SEALING_KEYS, (Fernet.generate_key().decode(),)
    for days in range(9):
        assert send_due(now=NOW + timedelta(days=days)).retried == 1
    assert not mail.outbox
    assert Message.objects.get().attempts == 0
    settings.SEALING_KEYS = keys
    assert send_due(now=NOW + timedelta(days=9)).sent == 1
    assert "http" in mail.outbox[0].body


@pytest.mark.django_db(transaction=True)
def test_without_any_key_mails_go_on_and_are_sealed_once_there_is_one(settings: Any) -> None:
    keys, settings.SEALING_KEYS = settings.SEALING_KEYS, ()
    queued = a_mail()
    assert Message.objects.get().text == queued.text
    settings.SEALING_KEYS = keys
    assert Message.objects.get().text == queued.text
    assert reseal().done == 3, "its subject, and its text in both forms"
    settings.SEALING_KEYS = ()
    assert Message.objects.get().text != queued.text
    settings.SEALING_KEYS = keys
    assert Message.objects.get().text == queued.text
