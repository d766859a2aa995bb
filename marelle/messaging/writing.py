"""What every message goes through, whoever writes it: checks, rows, files, and the case that waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from marelle.cases.models import Case, CaseState
from marelle.cases.services import decide_case, open_case
from marelle.core.actor import Actor
from marelle.core.subject import Subject
from marelle.files.services import CheckedFile, Upload, file_check, file_store
from marelle.messaging.models import Attachment, Message, Thread
from marelle.messaging.refusals import TooManyFiles, Unwritten
from marelle.messaging.rules import FILES_AT_MOST, SAME_AGAIN, TEXT_LENGTH, awaits_answer

KIND = "message"


@dataclass(frozen=True, slots=True)
class Letter:
    """What somebody writes: the words, and the files joined to them."""

    text: str
    files: Sequence[Upload | CheckedFile] = ()


@dataclass(frozen=True, slots=True)
class ReadLetter:
    """A letter whose files are checked."""

    text: str
    files: tuple[CheckedFile, ...]


def with_files_read(letter: Letter) -> ReadLetter:
    """Each file checked: it is long, and so comes before any transaction.

    Raises `TooManyFiles`, `FileRefused`.
    """
    if len(letter.files) > FILES_AT_MOST:
        raise TooManyFiles(FILES_AT_MOST)
    read = (file if isinstance(file, CheckedFile) else file_check(upload=file) for file in letter.files)
    return ReadLetter(letter.text, tuple(read))


def checked(text: str, *, field: str, limit: int = TEXT_LENGTH) -> str:
    """`text` without the space around it. Raises `Unwritten`."""
    text = text.replace("\r\n", "\n").replace("\0", "").strip()
    if not text:
        raise Unwritten("empty", field=field)
    if len(text) > limit:
        raise Unwritten("too_long", field=field, limit=limit)
    return text


def is_same_again(thread: Thread, text: str, *, from_staff: bool, now: datetime) -> bool:
    """Whether the thread's last message is this one, just sent: a form sent twice."""
    last = thread.messages.order_by("-at", "-pk").first()
    return (
        last is not None
        and last.from_staff is from_staff
        and last.text == text
        and last.at > now - SAME_AGAIN
    )


def write(actor: Actor, thread: Thread, letter: ReadLetter, *, from_staff: bool, now: datetime) -> Message:
    """Add a message to a locked thread, with its files. Raises `Unwritten`."""
    text = checked(letter.text, field="text")
    message = Message.objects.create(
        thread=thread,
        from_staff=from_staff,
        author=actor.label[:200],
        account_id=actor.user_id,
        on_behalf=actor.on_behalf_of,
        text=text,
        at=now,
    )
    for upload in letter.files:
        stored = file_store(actor=actor, upload=upload, family_id=thread.family_id, now=now)
        Attachment.objects.create(message=message, file=stored)
    thread.last_at = now
    if from_staff:
        thread.staff_wrote_at = now
    else:
        thread.family_wrote_at = now
    thread.closed_at, thread.closed_by = None, ""
    thread.save(update_fields=["last_at", "staff_wrote_at", "family_wrote_at", "closed_at", "closed_by"])
    return message


def wait_for_answer(actor: Actor, thread: Thread, now: datetime) -> None:
    """Put the thread among what agents have to do, where it is not yet and the family wrote last."""
    waits = awaits_answer(thread.family_wrote_at, thread.staff_wrote_at)
    if not waits or _open_case_of(thread) is not None:
        return
    open_case(
        actor=actor,
        kind=KIND,
        subject=subject_of(thread),
        family_id=thread.family_id,
        authority_id=thread.structure.authority_id,
        structure_id=holder_of(thread),
        now=now,
    )


def wait_there(thread: Thread) -> None:
    """What waits for an answer follows the thread to the service that holds it now."""
    case = _open_case_of(thread)
    if case is not None:
        case.structure_id = holder_of(thread)
        case.save(update_fields=["structure_id"])


def holder_of(thread: Thread) -> int | None:
    """The structure that answers, None for the office of its authority."""
    return None if thread.with_office else thread.structure_id


def wait_no_more(actor: Actor, thread: Thread, now: datetime, *, answered: bool = True) -> None:
    """Answered, or closed: nothing waits; not `answered`: it went unread, and counts in no delay.

    Raises `OwnFile`.
    """
    case = _open_case_of(thread)
    if case is not None:
        state = CaseState.ACCEPTED if answered else CaseState.WITHDRAWN
        decide_case(actor=actor, case_id=case.pk, state=state, now=now)


def subject_of(thread: Thread) -> Subject:
    """For the queue of the agents: who wrote, and about what."""
    who = str(thread.family) if thread.family is not None else thread.name or thread.email
    return Subject(KIND, thread.pk, f"{who} · {thread.subject}")


def _open_case_of(thread: Thread) -> Case | None:
    return Case.objects.open().filter(kind=KIND, subject_kind=KIND, subject_id=thread.pk).first()
