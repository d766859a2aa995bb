"""Letters of the outbox, for the office that prints them. Those with a link open an account: few see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.sealed import CannotOpen, Unreadable
from marelle.core.subject import Subject
from marelle.families.locks import home_locked
from marelle.families.models import Family, Residence
from marelle.flows.actor.acting import may_act, own_homes
from marelle.journal.services import record
from marelle.mail.letterhead import Letterhead, letterhead_of
from marelle.mail.models import Message, MessageQuerySet
from marelle.mail.selectors import letters_to_print
from marelle.mail.services import letter_printed


@dataclass(frozen=True, slots=True)
class Letter:
    """`family` is None for a letter to someone of the staff; `residence` is where it goes, if known.

    `letterhead` is that of the authority in whose name it was written. A `secret` one opens an account: its
    text goes once it is printed.
    """

    id: int
    subject: str
    text: str
    written_at: datetime
    family: Family | None
    residence: Residence | None
    secret: bool
    letterhead: Letterhead


def letters(actor: Actor, *, day: date) -> tuple[Letter, ...]:
    """Letters to print, the oldest first; two queries, and one a minute for the letterheads."""
    rows = list(_visible(actor, day).defer("text", "html"))
    families = Family.objects.in_bulk([row.family_id for row in rows if row.family_id])
    return tuple(_letter(row, "", families.get(row.family_id or 0), None) for row in rows)


def letter(actor: Actor, message_id: int, *, day: date) -> Letter | None:
    """One letter with its text; None when the actor may not print it, or it no longer is to be printed.

    Raises CannotOpen: nobody prints one without its words.
    """
    row = _visible(actor, day).filter(pk=message_id).first()
    if row is None:
        return None
    if isinstance(row.text, Unreadable):
        raise CannotOpen
    family = Family.objects.filter(pk=row.family_id).first() if row.family_id else None
    residence = Residence.objects.filter(family=family, since__lte=day).first() if family else None
    return _letter(row, row.text, family, residence)


@transaction.atomic
def letter_print(*, actor: Actor, message_id: int, now: datetime) -> None:
    """Note that a letter was printed: a secret one loses its text. Raises `NotYours`.

    A letter printed before stays as it is, so a second click is harmless.
    """
    found = letter(actor, message_id, day=local(now).date())
    if found is None:
        raise NotYours
    if found.family is not None:
        home_locked(found.family.pk)
    if letter_printed(message_id=message_id, now=now):
        record(
            actor=actor,
            verb="letter.printed",
            subject=Subject("message", message_id, found.subject),
            family_id=found.family.pk if found.family else None,
            now=now,
        )


def _letter(row: Message, text: str, family: Family | None, residence: Residence | None) -> Letter:
    head = letterhead_of(row.authority_id)
    return Letter(row.pk, row.subject, text, row.created_at, family, residence, row.secret, head)


def _visible(actor: Actor, day: date) -> MessageQuerySet:
    """Nobody prints the link of its own home, nor of another home of its child; a letter to the staff is for
    the administrator alone."""
    if not may_act(actor):
        return letters_to_print().none()
    rows = letters_to_print().exclude(family_id__in=own_homes(actor, day).values("family_id"))
    return rows if actor.is_administrator else rows.filter(family_id__isnull=False)
