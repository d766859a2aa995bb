"""Writing the journal. Each service calls it inside its own transaction: no act without its entry."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marelle.core.actor import Actor
from marelle.core.subject import Subject
from marelle.journal.chain import entries_delete
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


def entries_purge(
    *, before: datetime, verbs: Collection[str] | None = None, now: datetime, at_most: int = 1000
) -> int:
    """Delete the oldest entries written before an instant, of some verbs or of all, and say it in the chain.
    Returns how many.

    Read first: on SQLite a delete waits for the write lock even where there is nothing to delete.
    """
    old = Entry.objects.filter(at__lt=before)
    if verbs is not None:
        old = old.filter(verb__in=verbs)
    ids = list(old.order_by("at").values_list("pk", flat=True)[:at_most])
    return entries_delete(ids, now=now, before=before)


def origins_forget(*, before: datetime, at_most: int = 1000) -> int:
    """Take network addresses and devices off the entries written before an instant. Returns how many."""
    old = Entry.objects.filter(at__lt=before).exclude(address=None, device="")
    ids = list(old.order_by("at").values_list("pk", flat=True)[:at_most])
    return Entry.objects.filter(pk__in=ids).update(address=None, device="") if ids else 0


def _entry(actor: Actor, act: Act, origin: Origin, now: datetime) -> Entry:
    return Entry(
        at=now,
        actor_user_id=actor.user_id,
        actor_label=actor.label[:200],
        on_behalf=actor.on_behalf_of and act.family_id == actor.family_id,
        verb=act.verb,
        subject_kind=act.subject.kind,
        subject_id=act.subject.id,
        subject_label=act.subject.label[:200],
        family_id=act.family_id,
        data=dict(act.data or {}),
        address=origin.address,
        device=origin.device,
    )
