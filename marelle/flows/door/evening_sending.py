"""The list of the next day of each structure: made the evening before and sent where its office said, once,
again where an agent asks, until it has arrived. So a dead server closes no door."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from marelle.activities.models import Opening
from marelle.bookings.occupation import next_held
from marelle.bookings.saving.locks import lock
from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import instant_at, local
from marelle.core.french import day_long_year
from marelle.core.refusals import ChangedMeanwhile
from marelle.core.sealed import CannotOpen, Unreadable
from marelle.core.subject import Subject
from marelle.files.bundles import locked
from marelle.files.listings import listing_pdf
from marelle.flows.door import evening_folder
from marelle.flows.door.evening import SOMEWHERE, EveningRefused, goes_somewhere, mails_of, place
from marelle.flows.door.evening_words import evening_listings
from marelle.flows.door.lists import whole_list
from marelle.flows.models import Evening, EveningList
from marelle.journal.services import record
from marelle.mail.models import Message, MessageState
from marelle.mail.services import Draft, queue_many, retry, revoke
from marelle.places.models import Structure
from marelle.places.rules import DAY

logger = logging.getLogger(__name__)

SENT: Final = "evening.sent"
KIND: Final = "attendance/next_day"

FOLDER_AGAIN: Final = timedelta(minutes=10)
"""How long after a folder could not be written it is tried again."""

MAIL_AGAIN: Final = timedelta(hours=1)
"""How long after a mail was given up it is tried again, and how late one is told to the administrator."""

KEPT: Final = timedelta(days=31)
"""How long after its day it is known that a list has left."""


@dataclass(frozen=True, slots=True)
class Made:
    """A list as it is sent: `pdf` is encrypted by the password of `password_at`."""

    pdf: bytes
    name: str
    children: int
    password_at: datetime


def evenings_sent(*, now: datetime) -> int:
    """Send the lists that are due at `now`, and try again those that did not arrive; for the worker. Returns
    how many. A structure whose list cannot be made keeps none of the others from having theirs."""
    wrong: Exception | None = None
    sent = 0
    for evening, day in due(now):
        try:
            sent += _send(SYSTEM, evening, day, now)
        except Exception as error:
            logger.exception("The list of the next day of structure %s cannot be made", evening.structure_id)
            wrong = error
    sent += _tried_again(now)
    if wrong is not None:
        raise wrong
    return sent


def due(now: datetime) -> Iterator[tuple[Evening, date]]:
    """The lists that are to leave and have not: of tomorrow, once it is the hour; until then of today, where
    the worker was away last evening and the day is not over. One query."""
    here = local(now)
    today, tomorrow = here.date(), here.date() + DAY
    on_time = Q(_opens(tomorrow, now), ~_left(tomorrow), hour__lte=here.time())
    missed = Q(_opens(today, now), ~_left(today), hour__gt=here.time(), set_at__lt=instant_at(today, time()))
    rows = Evening.objects.filter(SOMEWHERE).filter(on_time | missed).select_related("structure__authority")
    for evening in rows.order_by("pk"):
        yield evening, day_due(evening.hour, now)


def day_due(hour: time, now: datetime) -> date:
    """Of which day the list is due at `now` where it leaves at `hour`, until that strikes again. Pure."""
    here = local(now)
    return here.date() + DAY if hour <= here.time() else here.date()


def _opens(day: date, now: datetime) -> Exists:
    return Exists(_open(now).filter(activity__structure=OuterRef("structure"), day=day))


def _left(day: date) -> Exists:
    return Exists(EveningList.objects.filter(structure=OuterRef("structure"), day=day))


def _open(now: datetime) -> QuerySet[Opening]:
    return Opening.objects.filter(state=Opening.State.OPEN, ends_at__gt=now)


def days_offered(structure_id: int, *, now: datetime) -> list[date]:
    """The days of which an agent may ask for the list: today until it is over, and the next one open."""
    today = local(now).date()
    open_today = _open(now).filter(activity__structure_id=structure_id, day=today).exists()
    following = next_held(structure_id, day=today + DAY)
    return [*([today] if open_today else []), *([following] if following else [])]


def list_send(*, actor: Actor, structure_id: int, day: date, seen: str, now: datetime) -> EveningList:
    """Make and send the list of one of `days_offered` again, or before its hour. Never call it in a
    transaction.

    `seen`: when the last list was made that the page showed, "" for none: sent twice, it leaves once. Raises
    NotYours, EveningRefused ("nowhere", "closed"), ChangedMeanwhile, CannotOpen.
    """
    found = place(actor, structure_id)
    if found.evening is None or not found.is_on:
        raise EveningRefused("nowhere")
    if day not in days_offered(structure_id, now=now):
        raise EveningRefused("closed")
    if not _send(actor, found.evening, day, now, seen=seen):
        raise ChangedMeanwhile
    return EveningList.objects.get(structure_id=structure_id, day=day)


def _send(actor: Actor, evening: Evening, day: date, now: datetime, *, seen: str | None = None) -> bool:
    """Whether it left. It is made and put in the folder before anything is locked: made once more after a
    machine has stopped in between, it takes the place of itself there.

    `seen` is None for the worker, which sends each once.
    """
    made = _made(evening, day, now)
    error = evening_folder.put(made.name, made.pdf) if evening.in_folder else ""
    if error:
        logger.warning("The list %s cannot be put in EVENING_TO: %s", made.name, error)
    with transaction.atomic():
        row = lock(Evening.objects.filter(pk=evening.pk)).first()
        if row is None or not goes_somewhere(row) or row.password_at != made.password_at:
            return False
        known = EveningList.objects.filter(structure_id=evening.structure_id, day=day).first()
        is_done = known is not None if seen is None else seen != last_seen(_last(evening.structure_id))
        if is_done:
            return False
        if known is not None and known.mail_id is not None:
            revoke(ids=[known.mail_id])
        EveningList.objects.update_or_create(
            structure_id=evening.structure_id,
            day=day,
            defaults={
                "children": made.children,
                "made_at": now,
                "made_by": "" if actor == SYSTEM else actor.label[:150],
                "mail_id": _mail(row, evening.structure, day, made, now).pk if row.to else None,
                "folder_tried_at": now if evening.in_folder else None,
                "folder_error": error,
            },
        )
        subject = Subject("structure", evening.structure_id, evening.structure.name)
        data = {"day": day.isoformat(), "children": made.children, "to": row.to}
        record(actor=actor, verb=SENT, subject=subject, data=data, now=now)
    return True


def last_seen(last: EveningList | None) -> str:
    """What a form carries of the last list that its page showed."""
    return "" if last is None else last.made_at.isoformat()


def _last(structure_id: int) -> EveningList | None:
    return EveningList.objects.filter(structure_id=structure_id).order_by("-made_at").first()


def _made(evening: Evening, day: date, now: datetime) -> Made:
    """Raises CannotOpen."""
    if isinstance(evening.password, Unreadable):
        raise CannotOpen
    structure: Structure = evening.structure
    found = whole_list(structure, day)
    pdf = listing_pdf(*evening_listings(structure, found, now), now=now)
    return Made(
        pdf=locked(pdf, evening.password),
        name=evening_folder.name_of(structure, day),
        children=len(found.children),
        password_at=evening.password_at,
    )


def _mail(evening: Evening, structure: Structure, day: date, made: Made, now: datetime) -> Message:
    """Neither its subject nor its text names anybody."""
    context = {
        "authority_id": structure.authority_id,
        "structure": structure.name,
        "day": day_long_year(day),
        "name": made.name,
    }
    draft = Draft(evening.to, context, attached=made.pdf, attached_name=made.name)
    return queue_many(kind=KIND, drafts=[draft], now=now)[0]


def _tried_again(now: datetime) -> int:
    """Mails that were given up, and folders that could not be written. Two queries at most where all went
    well."""
    coming = list(_coming(now))
    ids = [
        mail.pk
        for mail in mails_of(coming).values()
        if mail.state == MessageState.FAILED and mail.next_attempt_at < now - MAIL_AGAIN
    ]
    again = retry(ids=ids, now=now) if ids else 0
    return again + sum(_put_again(row, now) for row in coming if row.folder_error and _is_rested(row, now))


def _coming(now: datetime) -> QuerySet[EveningList]:
    """The lists that have left, of days that are not over."""
    return EveningList.objects.filter(day__gte=local(now).date())


def _is_rested(row: EveningList, now: datetime) -> bool:
    tried = row.folder_tried_at
    return tried is not None and tried < now - FOLDER_AGAIN


def _put_again(row: EveningList, now: datetime) -> bool:
    evening = (
        Evening.objects.filter(structure_id=row.structure_id, in_folder=True)
        .select_related("structure__authority")
        .first()
    )
    if evening is None:
        # It goes there no more: nobody waits for it.
        EveningList.objects.filter(pk=row.pk).update(folder_tried_at=None, folder_error="")
        return False
    made = _made(evening, row.day, now)
    error = evening_folder.put(made.name, made.pdf)
    EveningList.objects.filter(pk=row.pk).update(folder_tried_at=now, folder_error=error)
    return not error


def lists_late(*, now: datetime) -> int:
    """How many of the lists of today and of the days to come have not arrived; two queries at most."""
    coming = list(_coming(now))
    mails = mails_of(coming)
    return sum(1 for row in coming if row.folder_error or _is_late(row, mails.get(row.mail_id or 0), now))


def _is_late(row: EveningList, mail: Message | None, now: datetime) -> bool:
    if mail is None or mail.state in {MessageState.SENT, MessageState.REVOKED}:
        return False
    return mail.state == MessageState.FAILED or row.made_at < now - MAIL_AGAIN


def evenings_forget(*, now: datetime) -> int:
    """Forget lists of days long over, with those of the folder, and what a mail that never left still holds.
    Returns how many."""
    today = local(now).date()
    old = EveningList.objects.filter(day__lt=today - KEPT)
    rows = list(old)
    if rows:
        Message.objects.filter(pk__in=mails_of(rows)).update(attached=b"")
        old.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows) + evening_folder.forget(today=today)
