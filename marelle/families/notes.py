"""Notes of agents on a home: written, pinned, taken off. `flows.office.family_page` says on which homes.

A note belongs to the authority in whose name it was written. Where several share a portal, the others read it
if it is shared, for safety, and nobody there changes it.

The journal's entries carry no family: a note is for agents, and the home reads it when it asks.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from marelle.core.actor import Actor
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.families.locks import home_locked
from marelle.families.models import Family, FamilyNote
from marelle.families.models.notes import NOTE_LENGTH
from marelle.families.refusals import NotAllowed
from marelle.journal.services import record
from marelle.places.scope import of_own_authorities, own_authorities

SAME_AGAIN: Final = timedelta(minutes=2)
"""Within it the same text of the same agent is the same form sent twice."""


@transaction.atomic
def note_add(
    *,
    actor: Actor,
    family: Family,
    text: str,
    pinned: bool,
    authority_id: int | None = None,
    shared: bool = False,
    now: datetime,
) -> FamilyNote:
    """Write a note; the same form sent twice writes one.

    `authority_id` is needed of who has posts in several authorities. NotAllowed for a text that is empty or
    too long, and in the name of an authority that is not the actor's.
    """
    text = text.strip()
    if not text or len(text) > NOTE_LENGTH:
        raise NotAllowed("note_length", limit=NOTE_LENGTH)
    own = own_authorities(actor)
    if authority_id is None and len(own) == 1:
        (authority_id,) = own
    if authority_id not in own:
        raise NotAllowed("note_authority")
    home_locked(family.pk)
    latest = FamilyNote.objects.filter(
        family=family,
        account_id=actor.user_id,
        authority_id=authority_id,
        shared=shared,
        at__gt=now - SAME_AGAIN,
    )
    same = next((one for one in latest if one.text == text), None)
    if same is not None:
        return same
    note = FamilyNote.objects.create(
        family=family,
        authority_id=authority_id,
        shared=shared,
        text=text,
        pinned=pinned,
        at=now,
        by=actor.label[:150],
        account_id=actor.user_id,
    )
    _journal(actor, "note.added", family, now)
    return note


@transaction.atomic
def note_pin(*, actor: Actor, family: Family, note_id: int, pinned: bool, now: datetime) -> FamilyNote:
    """Put a note at the top, or back among the others. NotYours, NotAllowed of another authority's."""
    note = _locked(actor, family, note_id)
    if not FamilyNote.objects.filter(notes_kept(actor), pk=note.pk).exists():
        raise NotAllowed("note_of_others")
    if note.pinned is not pinned:
        note.pinned = pinned
        note.save(update_fields=["pinned"])
        _journal(actor, "note.pinned" if pinned else "note.unpinned", family, now)
    return note


@transaction.atomic
def note_remove(*, actor: Actor, family: Family, note_id: int, now: datetime) -> None:
    """Take a note off: its author, or an administrator. NotYours, NotAllowed."""
    note = _locked(actor, family, note_id)
    if not may_remove(actor, note):
        raise NotAllowed("note_of_another")
    note.delete()
    _journal(actor, "note.removed", family, now)


def may_remove(actor: Actor, note: FamilyNote) -> bool:
    return actor.is_administrator or (actor.user_id is not None and note.account_id == actor.user_id)


def notes_read(actor: Actor) -> Q:
    """The notes that the actor may read, of the homes that it may."""
    return Q(shared=True) | of_own_authorities(actor)


def notes_kept(actor: Actor) -> Q:
    """Those of its own authorities: it pins them. Those of nobody known are everybody's."""
    return Q(authority__isnull=True) | of_own_authorities(actor)


def _locked(actor: Actor, family: Family, note_id: int) -> FamilyNote:
    home_locked(family.pk)
    mine = FamilyNote.objects.filter(notes_read(actor), family=family, pk=note_id)
    note = mine.select_for_update().order_by("pk").first()
    if note is None:
        raise NotYours
    return note


def _journal(actor: Actor, verb: str, family: Family, now: datetime) -> None:
    record(actor=actor, verb=verb, subject=Subject("note", family.pk, str(family)), now=now)
