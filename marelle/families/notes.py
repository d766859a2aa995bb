"""Notes of agents on a home: written, pinned, taken off. `flows.family_page` says on which homes.

The journal's entries carry no family: a note is for agents, and the home reads it when it asks.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from marelle.core.actor import Actor
from marelle.core.subject import Subject
from marelle.families.models import Family, FamilyNote
from marelle.families.models.notes import NOTE_LENGTH
from marelle.families.refusals import NoSuchRow, NotAllowed
from marelle.journal.services import record

SAME_AGAIN: Final = timedelta(minutes=2)
"""Within it the same text of the same agent is the same form sent twice."""


@transaction.atomic
def note_add(*, actor: Actor, family: Family, text: str, pinned: bool, now: datetime) -> FamilyNote:
    """Write a note; the same form sent twice writes one. NotAllowed for a text that is empty or too long."""
    text = text.strip()
    if not text or len(text) > NOTE_LENGTH:
        raise NotAllowed("note_length", limit=NOTE_LENGTH)
    Family.objects.select_for_update(no_key=True).get(pk=family.pk)
    same = FamilyNote.objects.filter(
        family=family, account_id=actor.user_id, text=text, at__gt=now - SAME_AGAIN
    ).first()
    if same is not None:
        return same
    note = FamilyNote.objects.create(
        family=family, text=text, pinned=pinned, at=now, by=actor.label[:150], account_id=actor.user_id
    )
    _journal(actor, "note.added", family, now)
    return note


@transaction.atomic
def note_pin(*, actor: Actor, family: Family, note_id: int, pinned: bool, now: datetime) -> FamilyNote:
    """Put a note at the top, or back among the others. NoSuchRow."""
    note = _locked(family, note_id)
    if note.pinned is not pinned:
        note.pinned = pinned
        note.save(update_fields=["pinned"])
        _journal(actor, "note.pinned" if pinned else "note.unpinned", family, now)
    return note


@transaction.atomic
def note_remove(*, actor: Actor, family: Family, note_id: int, now: datetime) -> None:
    """Take a note off: its author, or an administrator. NoSuchRow, NotAllowed."""
    note = _locked(family, note_id)
    if not may_remove(actor, note):
        raise NotAllowed("note_of_another")
    note.delete()
    _journal(actor, "note.removed", family, now)


def may_remove(actor: Actor, note: FamilyNote) -> bool:
    return actor.is_administrator or (actor.user_id is not None and note.account_id == actor.user_id)


def _locked(family: Family, note_id: int) -> FamilyNote:
    note = FamilyNote.objects.select_for_update().filter(family=family, pk=note_id).order_by("pk").first()
    if note is None:
        raise NoSuchRow("no_such_note")
    return note


def _journal(actor: Actor, verb: str, family: Family, now: datetime) -> None:
    record(actor=actor, verb=verb, subject=Subject("note", family.pk, str(family)), now=now)
