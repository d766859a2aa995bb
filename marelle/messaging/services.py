"""Writing to a structure, answering, closing and reading an exchange.

Each message writes the journal (never what it says), the case that waits for an answer, and the mail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from django.db import transaction
from django.db.models import Q, QuerySet

from marelle.accounts.rules import network_of
from marelle.cases.services import OwnFile, cases_made_nameless
from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.families.locks import homes_locked, own_home_locked
from marelle.families.scope import is_own_file
from marelle.files.services import files_delete
from marelle.journal.origin import Origin
from marelle.journal.services import Act, record, record_many
from marelle.messaging.mails import tell_answered, tell_passed, tell_received, tell_structure
from marelle.messaging.models import Attachment, Message, Thread, ThreadPass, ThreadRead
from marelle.messaging.refusals import (
    AssignedMeanwhile,
    Closed,
    ClosedAlready,
    FieldLeft,
    NotAColleague,
    PassedMeanwhile,
    PassedToItself,
)
from marelle.messaging.rules import (
    NAME_LENGTH,
    NOTE_LENGTH,
    PER_ACCOUNT,
    PER_MAIL,
    PER_NETWORK,
    PURGED_AT_ONCE,
    SAME_AGAIN,
    SUBJECT_LENGTH,
    left_to_fill,
    one_line,
)
from marelle.messaging.scope import colleagues, threads_in_charge, threads_of_home
from marelle.messaging.writing import (
    KIND,
    Letter,
    ReadLetter,
    checked,
    holder_of,
    is_same_again,
    wait_for_answer,
    wait_no_more,
    wait_there,
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
    again = _same_thread(actor, recipient, subject, letter.text, outsider, now)
    if again is not None:
        return again
    _count(actor, outsider, origin, now)
    return _open(actor, recipient, subject, with_files_read(letter), outsider, now)


def thread_reply(*, actor: Actor, thread_id: int, letter: Letter, origin: Origin, now: datetime) -> Thread:
    """The home writes again, which reopens a closed exchange. As `thread_open`; never in a transaction."""
    if not threads_of_home(actor).filter(pk=thread_id).exists():
        raise NotYours
    _count(actor, None, origin, now)
    read = with_files_read(letter)
    with transaction.atomic():
        own_home_locked(actor)
        thread = _locked(threads_of_home(actor), thread_id)
        if is_same_again(thread, checked(letter.text, field="text"), from_staff=False, now=now):
            return thread
        message = write(actor, thread, read, from_staff=False, now=now)
        wait_for_answer(actor, thread, now)
        _read(actor, thread, now)
        _journal(actor, "message.sent", thread, now)
        tell_structure(message, now)
    return thread


def thread_answer(*, actor: Actor, thread_id: int, letter: Letter, now: datetime) -> Thread:
    """An agent of the structure answers. The home is told that an answer waits; who has none gets it by mail.

    Raises `NotYours`, `OwnFile`, `Unwritten`, `FieldLeft`, `TooManyFiles`, `FileRefused`.
    """
    return _answer(actor, thread_id, with_files_read(letter), now)


@transaction.atomic
def _answer(actor: Actor, thread_id: int, letter: ReadLetter, now: datetime) -> Thread:
    thread = _in_charge(actor, thread_id, now)
    if left := left_to_fill(letter.text):
        raise FieldLeft(left[0])
    if is_same_again(thread, checked(letter.text, field="text"), from_staff=True, now=now):
        return thread
    message = write(actor, thread, letter, from_staff=True, now=now)
    wait_no_more(actor, thread, now)
    _read(actor, thread, now)
    _journal(actor, "message.answered", thread, now)
    tell_answered(message, now)
    return thread


@transaction.atomic
def thread_assign(
    *, actor: Actor, thread_id: int, account_id: int | None, seen: int | None, now: datetime
) -> Thread:
    """Say which agent sees to it, None for nobody. `seen` is who did on the page.

    As `thread_answer`, or `NotAColleague`, `AssignedMeanwhile`.
    """
    thread = _in_charge(actor, thread_id, now)
    if thread.assigned_to_id == account_id:
        return thread
    if thread.assigned_to_id != seen:
        raise AssignedMeanwhile(str(thread.assigned_to or ""))
    if account_id is not None and all(one.pk != account_id for one in colleagues(thread)):
        raise NotAColleague
    thread.assigned_to_id = account_id
    thread.save(update_fields=["assigned_to"])
    _journal(actor, "message.assigned", thread, now)
    return thread


@transaction.atomic
def thread_pass(
    *, actor: Actor, thread_id: int, to: int | None, seen: int | None, note: str, now: datetime
) -> Thread:
    """Give it to another structure of the authority, `to`, or to its office, None; a note says why.

    `seen` is who held it on the page. What waits follows, the new service is told by mail, and it is nobody's
    in particular. As `thread_answer`, or `Closed`, `PassedMeanwhile`, `PassedToItself`, and `NotYours` for a
    structure of another authority.
    """
    thread = _in_charge(actor, thread_id, now)
    held_by, authority_id = holder_of(thread), thread.structure.authority_id
    if thread.closed_at is not None:
        raise Closed
    if held_by != seen:
        raise PassedMeanwhile
    if to == held_by:
        raise PassedToItself
    if to is not None:
        structure = Structure.objects.select_related("authority").filter(pk=to, authority_id=authority_id)
        thread.structure = structure.first() or _nowhere()
    thread.with_office, thread.contact, thread.assigned_to = to is None, None, None
    told = ThreadPass.objects.create(
        thread=thread,
        from_structure_id=held_by,
        to_structure_id=to,
        at=now,
        by=actor.label[:200],
        note=checked(note, field="note", limit=NOTE_LENGTH),
    )
    thread.save(update_fields=["structure", "with_office", "contact", "assigned_to"])
    wait_there(thread)
    _journal(actor, "message.passed", thread, now)
    tell_passed(told, now)
    return thread


@transaction.atomic
def thread_close(*, actor: Actor, thread_id: int, now: datetime) -> Thread:
    """Nothing more is expected, with or without an answer. Closing twice does nothing.

    Raises as `thread_answer`, and `ClosedAlready` when a colleague was faster.
    """
    thread = _in_charge(actor, thread_id, now)
    by = actor.label[:200]
    if thread.closed_at is not None and thread.closed_by != by:
        raise ClosedAlready(thread.closed_by)
    if thread.closed_at is None:
        thread.closed_at, thread.closed_by = now, by
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
    mine = Thread.objects.filter(reach, pk=thread_id)
    homes_locked(mine.values("family_id"))
    thread = mine.first()
    if thread is None:
        raise NotYours
    _read(actor, thread, now)


@transaction.atomic
def outsiders_purge(*, before: datetime, now: datetime) -> int:
    """Delete the exchanges with who has no home here whose last message came before an instant, with their
    files. They are locked, as by who answers, and looked at again. What nobody answered waits no more, and
    counts as no answer. At most `PURGED_AT_ONCE`; returns how many."""
    over = Thread.objects.filter(family__isnull=True, last_at__lt=before)
    ids = list(over.order_by("last_at").values_list("pk", flat=True)[:PURGED_AT_ONCE])
    if not ids:
        return 0
    list(Thread.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    rows = list(over.filter(pk__in=ids).select_related("structure", "family"))
    old = [thread.pk for thread in rows]
    files = list(Attachment.objects.filter(message__thread__in=old).values_list("file_id", flat=True))
    for thread in rows:
        wait_no_more(SYSTEM, thread, now, answered=False)
    acts = [Act("message.purged", _subject(thread)) for thread in rows]
    cases_made_nameless(kind=KIND, subject_ids=old)
    Thread.objects.filter(pk__in=old).delete()
    files_delete(ids=files)
    return record_many(actor=SYSTEM, acts=acts, now=now)


@transaction.atomic
def _open(
    actor: Actor,
    recipient: Recipient,
    subject: str,
    letter: ReadLetter,
    outsider: Outsider | None,
    now: datetime,
) -> Thread:
    family = None if outsider is not None else own_home_locked(actor)
    rows = Structure.objects.select_for_update(no_key=True, of=("self",)).select_related("authority")
    structure = rows.filter(pk=recipient.structure_id).order_by("pk").first()
    # Locked, so that of the same form sent twice at once the second finds the first.
    again = _same_thread(actor, recipient, subject, letter.text, outsider, now)
    if again is not None:
        return again
    contact = None
    if recipient.contact_id is not None:
        contact = StructureContact.objects.filter(
            pk=recipient.contact_id, structure_id=recipient.structure_id
        ).first()
    if structure is None or (recipient.contact_id is not None and contact is None):
        raise NotYours
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
    text: str,
    outsider: Outsider | None,
    now: datetime,
) -> Thread | None:
    """The exchange that this very form has just opened."""
    sender = (
        Q(thread__email=outsider.email.strip())
        if outsider is not None
        else Q(thread__family_id=actor.home_id)
    )
    latest = Message.objects.filter(
        sender,
        thread__structure_id=recipient.structure_id,
        thread__subject=one_line(subject),
        thread__opened_at__gt=now - SAME_AGAIN,
        from_staff=False,
    ).select_related("thread")
    said = text.replace("\r\n", "\n").strip()
    return next((message.thread for message in latest if message.text == said), None)


def _count(actor: Actor, outsider: Outsider | None, origin: Origin, now: datetime) -> None:
    if actor.user_id is not None:
        senders = {f"account:{actor.user_id}": PER_ACCOUNT}
    else:
        senders = {f"network:{network_of(origin.address)}": PER_NETWORK}
    if outsider is not None:
        senders[f"mail:{outsider.email}"] = PER_MAIL
    sending_count(form=FORM, senders=senders, now=now)


def _nowhere() -> NoReturn:
    raise NotYours


def _locked(scope: QuerySet[Thread], thread_id: int) -> Thread:
    thread = (
        scope.select_for_update(no_key=True, of=("self",))
        .select_related("structure__authority", "family", "contact")
        .filter(pk=thread_id)
        .first()
    )
    if thread is None:
        raise NotYours
    if not scope.filter(pk=thread_id).exists():  # passed on while this waited for the lock
        raise NotYours
    return thread


def _in_charge(actor: Actor, thread_id: int, now: datetime) -> Thread:
    homes_locked(threads_in_charge(actor).filter(pk=thread_id).values("family_id"))
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
    mark = ThreadRead(thread=thread, account_id=actor.user_id, at=now)
    ThreadRead.objects.bulk_create(
        [mark], update_conflicts=True, unique_fields=["thread", "account"], update_fields=["at"]
    )


def _writer(actor: Actor, outsider: Outsider) -> Actor:
    """Who writes from outside, as the journal and the case name it."""
    return Actor(user_id=actor.user_id, label=_name_of(outsider) or outsider.email.strip())


def _name_of(outsider: Outsider | None) -> str:
    return one_line(outsider.name)[:NAME_LENGTH] if outsider is not None else ""


def _journal(actor: Actor, verb: str, thread: Thread, now: datetime) -> None:
    """The structure, and nothing of what was said."""
    record(actor=actor, verb=verb, subject=_subject(thread), family_id=thread.family_id, now=now)


def _subject(thread: Thread) -> Subject:
    return Subject(KIND, thread.pk, thread.structure.name)
