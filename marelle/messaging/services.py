"""Writing to a structure, answering, closing and reading an exchange.

Each message writes the journal (never what it says), the case that waits for an answer, and the mail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from marelle.accounts.rules import network_of
from marelle.cases.services import OwnFile
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.subject import Subject
from marelle.families.models import Family
from marelle.families.scope import is_own_file
from marelle.files.services import files_delete
from marelle.journal.origin import Origin
from marelle.journal.services import record
from marelle.messaging.mails import tell_answered, tell_received, tell_structure
from marelle.messaging.models import Attachment, Message, Thread, ThreadRead
from marelle.messaging.refusals import NotYours
from marelle.messaging.rules import (
    NAME_LENGTH,
    OUTSIDERS_KEPT,
    PER_ACCOUNT,
    PER_MAIL,
    PER_NETWORK,
    SAME_AGAIN,
    SUBJECT_LENGTH,
    one_line,
)
from marelle.messaging.scope import threads_in_charge, threads_of_home
from marelle.messaging.writing import (
    KIND,
    Letter,
    checked,
    is_same_again,
    wait_for_answer,
    wait_no_more,
    with_files_read,
    write,
)
from marelle.places.models import Structure, StructureContact
from marelle.robots.services import sending_count

FORM = "message"


@dataclass(frozen=True, slots=True)
class Outsider:
    """Who writes without a home here; answered at this address."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """A structure, and which of its contacts, None for the structure as a whole."""

    structure_id: int
    contact_id: int | None = None


def thread_open(
    *,
    actor: Actor,
    recipient: Recipient,
    subject: str,
    letter: Letter,
    outsider: Outsider | None = None,
    origin: Origin,
    now: datetime,
) -> Thread:
    """Send a first message; the same one sent twice gives the exchange that it opened.

    `outsider` is for who has no home open. Never call it in a transaction: refused sendings count against
    floods. Raises `TooManySendings`, `NotYours` for a recipient that does not exist, `Unwritten`,
    `TooManyFiles`, `FileRefused`.
    """
    if actor.family_id is None and outsider is None:
        raise NotYours
    if actor.family_id is not None:
        outsider = None
    again = _same_thread(actor, recipient, subject, letter, outsider, now)
    if again is not None:
        return again
    _count(actor, outsider, origin, now)
    return _open(actor, recipient, subject, with_files_read(letter), outsider, now)


def thread_reply(*, actor: Actor, thread_id: int, letter: Letter, origin: Origin, now: datetime) -> Thread:
    """The home writes again, which reopens a closed exchange. As `thread_open`; never in a transaction."""
    if not threads_of_home(actor).filter(pk=thread_id).exists():
        raise NotYours
    _count(actor, None, origin, now)
    letter = with_files_read(letter)
    with transaction.atomic():
        thread = _locked(threads_of_home(actor), thread_id)
        if is_same_again(thread, checked(letter.text, field="text"), from_staff=False, now=now):
            return thread
        message = write(actor, thread, letter, from_staff=False, now=now)
        wait_for_answer(actor, thread, now)
        _read(actor, thread, now)
        _journal(actor, "message.sent", thread, now)
        tell_structure(message, now)
    return thread


@transaction.atomic
def thread_answer(*, actor: Actor, thread_id: int, letter: Letter, now: datetime) -> Thread:
    """An agent of the structure answers. The home is told that an answer waits; who has none gets it by mail.

    Raises `NotYours`, `OwnFile`, `Unwritten`, `TooManyFiles`, `FileRefused`.
    """
    thread = _in_charge(actor, thread_id, now)
    if is_same_again(thread, checked(letter.text, field="text"), from_staff=True, now=now):
        return thread
    message = write(actor, thread, letter, from_staff=True, now=now)
    wait_no_more(actor, thread, now)
    _read(actor, thread, now)
    _journal(actor, "message.answered", thread, now)
    tell_answered(message, now)
    return thread


@transaction.atomic
def thread_close(*, actor: Actor, thread_id: int, now: datetime) -> Thread:
    """Nothing more is expected, with or without an answer. Closing twice does nothing. As `thread_answer`."""
    thread = _in_charge(actor, thread_id, now)
    if thread.closed_at is None:
        thread.closed_at, thread.closed_by = now, actor.label[:200]
        thread.save(update_fields=["closed_at", "closed_by"])
        wait_no_more(actor, thread, now)
        _journal(actor, "message.closed", thread, now)
    return thread


@transaction.atomic
def thread_reopen(*, actor: Actor, thread_id: int, now: datetime) -> Thread:
    """Back among what is followed, and to be answered where the family wrote last. As `thread_answer`."""
    thread = _in_charge(actor, thread_id, now)
    if thread.closed_at is not None:
        thread.closed_at, thread.closed_by = None, ""
        thread.save(update_fields=["closed_at", "closed_by"])
        wait_for_answer(actor, thread, now)
        _journal(actor, "message.reopened", thread, now)
    return thread


@transaction.atomic
def thread_read(*, actor: Actor, thread_id: int, now: datetime) -> None:
    """The actor has the exchange before its eyes. An agent in a family's name leaves the family's marks."""
    reach = Q(pk__in=threads_of_home(actor).values("pk")) | Q(pk__in=threads_in_charge(actor).values("pk"))
    thread = Thread.objects.filter(reach, pk=thread_id).first()
    if thread is None:
        raise NotYours
    _read(actor, thread, now)


@transaction.atomic
def outsiders_purge(*, now: datetime) -> int:
    """Delete the exchanges with who has no home here, `OUTSIDERS_KEPT` after their last message."""
    old = list(
        Thread.objects.filter(family__isnull=True, last_at__lt=now - OUTSIDERS_KEPT).values_list(
            "pk", flat=True
        )
    )
    if not old:
        return 0
    files = list(Attachment.objects.filter(message__thread__in=old).values_list("file_id", flat=True))
    for thread in Thread.objects.filter(pk__in=old).select_related("structure", "family"):
        wait_no_more(_SWEEPER, thread, now)
    Thread.objects.filter(pk__in=old).delete()
    files_delete(ids=files)
    return len(old)


@transaction.atomic
def _open(
    actor: Actor,
    recipient: Recipient,
    subject: str,
    letter: Letter,
    outsider: Outsider | None,
    now: datetime,
) -> Thread:
    structure = Structure.objects.select_related("authority").filter(pk=recipient.structure_id).first()
    contact = None
    if recipient.contact_id is not None:
        contact = StructureContact.objects.filter(
            pk=recipient.contact_id, structure_id=recipient.structure_id
        ).first()
    if structure is None or (recipient.contact_id is not None and contact is None):
        raise NotYours
    family = None if outsider is not None else Family.objects.get(pk=actor.home_id)
    writer = actor if outsider is None else _writer(actor, outsider)
    thread = Thread.objects.create(
        structure=structure,
        contact=contact,
        family=family,
        name=_name_of(outsider),
        email=outsider.email.strip() if outsider else "",
        subject=checked(one_line(subject), field="subject", limit=SUBJECT_LENGTH),
        opened_at=now,
        last_at=now,
    )
    message = write(writer, thread, letter, from_staff=False, now=now)
    wait_for_answer(writer, thread, now)
    _read(actor, thread, now)
    _journal(writer, "message.sent", thread, now)
    tell_structure(message, now)
    tell_received(actor, thread, now)
    return thread


def _same_thread(
    actor: Actor,
    recipient: Recipient,
    subject: str,
    letter: Letter,
    outsider: Outsider | None,
    now: datetime,
) -> Thread | None:
    """The exchange that this very form has just opened."""
    sender = (
        Q(thread__email=outsider.email.strip())
        if outsider is not None
        else Q(thread__family_id=actor.home_id)
    )
    message = (
        Message.objects.filter(
            sender,
            thread__structure_id=recipient.structure_id,
            thread__subject=one_line(subject),
            thread__opened_at__gt=now - SAME_AGAIN,
            text=letter.text.replace("\r\n", "\n").strip(),
            from_staff=False,
        )
        .select_related("thread")
        .first()
    )
    return message.thread if message is not None else None


def _count(actor: Actor, outsider: Outsider | None, origin: Origin, now: datetime) -> None:
    if actor.user_id is not None:
        senders = {f"account:{actor.user_id}": PER_ACCOUNT}
    else:
        senders = {f"network:{network_of(origin.address)}": PER_NETWORK}
    if outsider is not None:
        senders[f"mail:{outsider.email}"] = PER_MAIL
    sending_count(form=FORM, senders=senders, now=now)


def _locked(scope: QuerySet[Thread], thread_id: int) -> Thread:
    if not scope.filter(pk=thread_id).exists():
        raise NotYours
    return (
        Thread.objects.select_for_update(no_key=True, of=("self",))
        .select_related("structure__authority", "family", "contact")
        .get(pk=thread_id)
    )


def _in_charge(actor: Actor, thread_id: int, now: datetime) -> Thread:
    thread = _locked(threads_in_charge(actor), thread_id)
    day = local(now).date()
    if thread.family_id is not None and is_own_file(
        actor, family_id=thread.family_id, person_id=None, day=day
    ):
        raise OwnFile
    return thread


def _read(actor: Actor, thread: Thread, now: datetime) -> None:
    if actor.user_id is None or (actor.on_behalf_of and actor.family_id == thread.family_id):
        return
    ThreadRead.objects.update_or_create(thread=thread, account_id=actor.user_id, defaults={"at": now})


_SWEEPER = Actor(user_id=None, label="Marelle")


def _writer(actor: Actor, outsider: Outsider) -> Actor:
    """Who writes from outside, as the journal and the case name it."""
    return Actor(user_id=actor.user_id, label=_name_of(outsider) or outsider.email.strip())


def _name_of(outsider: Outsider | None) -> str:
    return one_line(outsider.name)[:NAME_LENGTH] if outsider is not None else ""


def _journal(actor: Actor, verb: str, thread: Thread, now: datetime) -> None:
    """The structure, and nothing of what was said."""
    subject = Subject(KIND, thread.pk, thread.structure.name)
    record(actor=actor, verb=verb, subject=subject, family_id=thread.family_id, now=now)
