"""Writing the journal. Each service calls it inside its own transaction: no act without its entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marelle.core.actor import Actor
from marelle.core.subject import Subject
from marelle.journal.models import Entry
from marelle.journal.origin import Origin

__all__ = ["Act", "Origin", "Subject", "record", "record_many"]

NOWHERE = Origin()


@dataclass(frozen=True, slots=True)
class Act:
    """One entry to write. `data` names what changed and never holds a value of health or income."""

    verb: str
    subject: Subject
    family_id: int | None = None
    data: Mapping[str, Any] | None = None


def record(
    *,
    actor: Actor,
    verb: str,
    subject: Subject,
    family_id: int | None = None,
    data: Mapping[str, Any] | None = None,
    origin: Origin = NOWHERE,
    now: datetime,
) -> Entry:
    """Write one entry, in the caller's transaction."""
    entry = _entry(actor, Act(verb, subject, family_id, data), origin, now)
    entry.save(force_insert=True)
    return entry


def record_many(*, actor: Actor, acts: Iterable[Act], origin: Origin = NOWHERE, now: datetime) -> int:
    """Write entries in one query, in the caller's transaction. Returns how many."""
    return len(Entry.objects.bulk_create([_entry(actor, act, origin, now) for act in acts]))


def _entry(actor: Actor, act: Act, origin: Origin, now: datetime) -> Entry:
    return Entry(
        at=now,
        actor_user_id=actor.user_id,
        actor_label=actor.label[:200],
        on_behalf=actor.on_behalf_of,
        verb=act.verb,
        subject_kind=act.subject.kind,
        subject_id=act.subject.id,
        subject_label=act.subject.label[:200],
        family_id=act.family_id,
        data=dict(act.data or {}),
        address=origin.address,
        device=origin.device,
    )
