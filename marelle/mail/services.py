"""Writing to the outbox, and sending what is due."""

from __future__ import annotations

import logging
import smtplib
import socket
import threading
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from email.mime.image import MIMEImage
from email.utils import formataddr, parseaddr
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F

from marelle.core.clock import running
from marelle.core.rehearsal import is_rehearsal
from marelle.core.sealed import CannotOpen, Unreadable
from marelle.mail.letterhead import LOGO_ID, letterhead_of
from marelle.mail.models import Channel, Message, MessageState
from marelle.mail.rendering import Same, render
from marelle.mail.rules import BATCH, CLAIM, LONGEST, ROUND, WAITS, next_attempt
from marelle.mail.samples import own_words

logger = logging.getLogger(__name__)

NOT_BEGUN: Final = (MessageState.QUEUED, MessageState.HELD, MessageState.TO_PRINT)
"""What can be taken back."""

OFF: Final = (smtplib.SMTPServerDisconnected, TimeoutError, ConnectionError)
"""The line is gone: the mails that follow would each lose a try on it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One mail to write. Without an address (`to=""`) it is a letter to print.

    `authority_id` in the context is in whose name: without it, in that of the portal. `stop_url` is where an
    optional mail is stopped (RFC 8058). `about` are the children of whom it tells its home. `attached` is a
    PDF that nobody opens without its password.
    """

    to: str
    context: Mapping[str, Any]
    family_id: int | None = None
    stop_url: str = ""
    about: tuple[int, ...] = ()
    attached: bytes = b""
    attached_name: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """Mails of a decision wait until `until`, so that undoing the decision of this case takes them back."""

    case_id: int
    until: datetime


_hold: ContextVar[Hold | None] = ContextVar("hold", default=None)


@dataclass(frozen=True, slots=True)
class Sent:
    """What one round of sending did. `reachable` is false when the mail server did not answer at all."""

    sent: int = 0
    retried: int = 0
    failed: int = 0
    reachable: bool = True


@contextmanager
def held_mails(*, case_id: int, until: datetime) -> Iterator[None]:
    """Mails written within wait until an instant at least, and are tied to a case: see `take_back`.

    A context and not an argument: a decision tells through many functions, none of which cares.
    """
    before = _hold.set(Hold(case_id, until))
    try:
        yield
    finally:
        _hold.reset(before)


def queue(
    *,
    kind: str,
    to: str,
    context: Mapping[str, Any],
    now: datetime,
    not_before: datetime | None = None,
    family_id: int | None = None,
    secret: bool = False,
) -> Message:
    """Write one mail, rendered from `mail/<kind>.txt`, in the caller's transaction: see `queue_many`."""
    drafts = [Draft(to, context, family_id)]
    return queue_many(kind=kind, drafts=drafts, now=now, not_before=not_before, secret=secret)[0]


def queue_many(
    *,
    kind: str,
    drafts: Iterable[Draft],
    now: datetime,
    not_before: datetime | None = None,
    secret: bool = False,
) -> list[Message]:
    """Write mails in one query, in the caller's transaction: if it rolls back, they were never written.

    They leave at `not_before` at the earliest, and can be revoked until then. `secret` is for mails that
    hold a link that opens an account: their text is wiped once they are gone. No mail ever holds health
    data or an amount.
    """
    same = Same()
    return Message.objects.bulk_create(
        [_message(kind, draft, now, not_before or now, same, secret=secret) for draft in drafts]
    )


def revoke(*, ids: Collection[int]) -> int:
    """Take back mails that have not begun to leave, and letters not printed. Returns how many."""
    return Message.objects.filter(pk__in=ids, state__in=NOT_BEGUN).update(state=MessageState.REVOKED)


def take_back(*, case_id: int) -> bool:
    """Revoke the mails tied to a case, in the caller's transaction; false when one has begun to leave.

    The caller then rolls back. A worker claims a mail by an update of the same row, so that of the two one
    comes first and the other sees it.
    """
    tied = Message.objects.filter(case_id=case_id).exclude(state=MessageState.REVOKED)
    revoke(ids=list(tied.values_list("pk", flat=True)))
    return not tied.exists()


def retry(*, ids: Collection[int], now: datetime) -> int:
    """Try mails again that were given up. Returns how many."""
    failed = Message.objects.filter(pk__in=ids, state=MessageState.FAILED)
    return failed.update(state=MessageState.QUEUED, next_attempt_at=now)


def letter_printed(*, message_id: int, now: datetime) -> bool:
    """Note that a letter was printed; false when it no longer was to be."""
    letters = Message.objects.filter(pk=message_id, state=MessageState.TO_PRINT)
    letters.filter(secret=True).update(text="", html="")
    return letters.update(state=MessageState.PRINTED, sent_at=now) == 1


def send_due(*, now: datetime, limit: int = BATCH) -> Sent:
    """Send the mails due at `now`, `limit` at most and for a minute at most. Never call it in a transaction.

    Each mail is claimed by one conditional update, committed before it leaves and dated when it is made, so
    two workers never send the same one. A worker that dies in between leaves a claim that runs out
    (`rules.CLAIM`); the mail then leaves again under the same Message-ID. While a mail is long in leaving,
    only its own worker asks the server. Of a rehearsal, none leaves.
    """
    if is_rehearsal():
        return Sent()
    ids = list(
        Message.objects.due(now).order_by("next_attempt_at", "id").values_list("pk", flat=True)[:limit]
    )
    if not ids or Message.objects.stuck(now).exists():
        return Sent()
    at = running(now)
    connection = get_connection()
    try:
        connection.open()
    except OSError as error:
        logger.warning("The mail server does not answer: %s", error)
        return Sent(reachable=False)
    ends: list[MessageState] = []
    try:
        for pk in ids:
            if at() - now > ROUND or Message.objects.stuck(at()).exists():
                break
            message = _claim(pk, at())
            if message is None:
                continue
            wrong = _error_of(connection, message)
            ends.append(_end(message, wrong, at()))
            if isinstance(wrong, OFF):
                break
    finally:
        connection.close()
    return Sent(
        sent=ends.count(MessageState.SENT),
        retried=ends.count(MessageState.QUEUED),
        failed=ends.count(MessageState.FAILED),
    )


def messages_purge(*, before: datetime, at_most: int = 1000) -> int:
    """Delete the oldest mails and letters written before an instant, sent or not. Returns how many.

    Read first: on SQLite a delete waits for the write lock even where there is nothing to delete.
    """
    old = Message.objects.filter(created_at__lt=before).order_by("created_at")
    ids = list(old.values_list("pk", flat=True)[:at_most])
    return Message.objects.filter(pk__in=ids).delete()[0] if ids else 0


def _message(
    kind: str, draft: Draft, now: datetime, not_before: datetime, same: Same, *, secret: bool
) -> Message:
    authority_id = draft.context.get("authority_id")
    letterhead = letterhead_of(authority_id)
    own = own_words(kind, draft.context, letterhead)
    rendered = render(kind, draft.context, letterhead, own, stop_url=draft.stop_url, same=same)
    hold = _hold.get()
    if hold is not None:
        not_before = max(not_before, hold.until)
    return Message(
        kind=kind,
        channel=Channel.MAIL if draft.to else Channel.LETTER,
        state=MessageState.QUEUED if draft.to else MessageState.TO_PRINT,
        to=draft.to,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        authority_id=authority_id,
        family_id=draft.family_id,
        case_id=hold.case_id if hold else None,
        stop_url=draft.stop_url,
        about=list(draft.about),
        secret=secret,
        attached=draft.attached,
        attached_name=draft.attached_name,
        message_id=f"<{uuid.uuid4().hex}@{urlsplit(settings.PUBLIC_URL).hostname or 'localhost'}>",
        created_at=now,
        not_before=not_before,
        next_attempt_at=not_before,
    )


def _claim(pk: int, now: datetime) -> Message | None:
    with transaction.atomic(durable=True):
        taken = Message.objects.due(now).filter(pk=pk)
        if not taken.update(
            state=MessageState.SENDING, attempts=F("attempts") + 1, next_attempt_at=now + CLAIM
        ):
            return None
        return Message.objects.get(pk=pk)


def _error_of(connection: BaseEmailBackend, message: Message) -> Exception | None:
    """Send one mail; what went wrong, if anything did. One that no key opens does not leave as such."""
    if isinstance(message.text, Unreadable) or isinstance(message.html, Unreadable):
        return CannotOpen()
    mail = _Mail(
        message.subject,
        message.text,
        _sender(message),
        [message.to],
        connection=connection,
        headers={"Message-ID": message.message_id, "Auto-Submitted": "auto-generated", **_stop(message)},
    )
    mail.attach_alternative(message.html, "text/html")
    if message.attached:
        mail.mixed_subtype = "mixed"  # listed under the text, where who reads it looks for it
        mail.attach(message.attached_name, bytes(message.attached), "application/pdf")
    line = threading.Timer(LONGEST.total_seconds(), _cut, (connection,))
    line.daemon = True
    line.start()
    try:
        _attach_logo(mail, message)
        mail.send()
    except Exception as wrong:  # noqa: BLE001 - a failed try of this mail, not the end of the others
        return wrong
    finally:
        line.cancel()
    return None


def _sender(message: Message) -> str:
    """The address of the portal under the name of the authority, unless who runs the server named it."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return formataddr((name or letterhead_of(message.authority_id).name, address))


def _stop(message: Message) -> dict[str, str]:
    if not message.stop_url:
        return {}
    return {
        "List-Unsubscribe": f"<{message.stop_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _cut(connection: BaseEmailBackend) -> None:
    """Hang up on a server that answers byte by byte: no time-out ever comes, and the claim would run out."""
    line = getattr(getattr(connection, "connection", None), "sock", None)
    if line is not None:
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)


def _end(message: Message, error: Exception | None, now: datetime) -> MessageState:
    if error is not None:
        logger.warning("Mail %s failed (try %s): %s", message.pk, message.attempts, error)
        told = f"{type(error).__name__}: {error}"[:500]
        if isinstance(error, CannotOpen):
            # Nothing was tried: it waits for its key, however long.
            return _close(
                message,
                MessageState.QUEUED,
                last_error=told,
                next_attempt_at=now + WAITS[-1],
                attempts=message.attempts - 1,
            )
        again = None if _is_final(error) else next_attempt(message.attempts, now)
        return _close(
            message,
            MessageState.QUEUED if again else MessageState.FAILED,
            last_error=told,
            **({"next_attempt_at": again} if again else {}),
        )
    wiped = {"text": "", "html": ""} if message.secret and settings.MAIL_IS_SENT else {}
    return _close(message, MessageState.SENT, sent_at=now, last_error="", attached=b"", **wiped)


class _Mail(EmailMultiAlternatives):
    """What is attached is shown in the HTML, not listed under it."""

    mixed_subtype = "related"


def _attach_logo(mail: _Mail, message: Message) -> None:
    """The logo that the HTML shows goes along. One taken away meanwhile leaves the name in its place."""
    logo = letterhead_of(message.authority_id).logo
    if not logo or f"cid:{LOGO_ID}" not in message.html:
        return
    picture = MIMEImage(logo, "png")
    picture.add_header("Content-ID", f"<{LOGO_ID}>")
    picture.add_header("Content-Disposition", "inline", filename="logo.png")
    mail.attach(picture)


def _close(message: Message, state: MessageState, **fields: Any) -> MessageState:
    """Give up the claim; `attempts` names it, so a claim that ran out changes nothing any more."""
    held = Message.objects.filter(pk=message.pk, state=MessageState.SENDING, attempts=message.attempts)
    held.update(state=state, **fields)
    return state


def _is_final(error: Exception) -> bool:
    """Whether the server said for good that it does not want this mail (5xx on its addresses)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return False
