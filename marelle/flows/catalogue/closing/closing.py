"""Closing in one action: bookings and visits end, families are told, freed places are handed on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from marelle.activities.catalogue import definition_changed
from marelle.activities.models import Activity, Opening
from marelle.activities.services import OpeningClosed, openings_close
from marelle.bookings.closing.services import bookings_locked, closed_bookings_end
from marelle.core.actor import Actor
from marelle.core.french import range_sentence
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.flows.catalogue.closing.targets import (
    ClosingRefused,
    Target,
    part_name,
    reached,
    reached_checked,
    seen,
    target_checked,
)
from marelle.flows.catalogue.openings import booked_among
from marelle.journal.services import record
from marelle.places.models import Closure, Structure
from marelle.places.scope import in_charge
from marelle.relay.closing import closed_visits_end, visitors_locked, visits_on

CLOSED = "structure.closed"
REASON_LENGTH = 120
WORDS_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Closed:
    """How many openings were closed, children and visits touched, and the closing that keeps it."""

    openings: int
    children: int
    visits: int
    closure: Closure


@transaction.atomic
def closing_make(
    *, actor: Actor, target: Target, reason: str, words: str = "", shown: str | None = None, now: datetime
) -> Closed:
    """Close the target, for a reason that families read, with some `words` of its own to them.

    What has begun is left alone. `shown` is the mark (`targets.seen`) of what the agent was shown: when
    somebody booked or cancelled since, nothing is closed. The locks are those of every save: the homes that
    come to a morning, children, quotas, and the openings last. Raises `ClosingRefused`, and then nothing is
    closed.
    """
    reason, words = " ".join(reason.split())[:REASON_LENGTH], " ".join(words.split())[:WORDS_LENGTH]
    target_checked(actor, target, now=now)
    if not reason:
        raise ClosingRefused("no_reason")
    activities_locked(target.structure_id)
    found = reached(target, now=now)
    ids, shared = found.closing_ids, found.shared_ids
    visitors_locked(visits_on(ids))
    bookings_locked([*ids, *shared])
    reached_checked(found)
    if shown is not None and shown != seen(found):
        raise ClosingRefused("moved")
    closure = Closure.objects.create(
        structure_id=target.structure_id,
        reason=reason,
        words=words,
        part=part_name(target, found)[:200],
        first_day=target.first_day,
        last_day=target.last_day,
        made_at=now,
        made_by=actor.label[:150],
    )
    ended = closed_bookings_end(
        actor=actor, closure=closure, bookings=found.bookings, still_open=frozenset(shared), now=now
    )
    visits = closed_visits_end(actor=actor, closure=closure, opening_ids=ids, now=now)
    try:
        closed = ids and openings_close(actor=actor, opening_ids=ids, reason=reason, closure=closure, now=now)
    except OpeningClosed as refusal:
        raise ClosingRefused("nothing_open") from refusal
    closed_days_changed(closure)
    closing_record(actor, CLOSED, closure, now)
    return Closed(len(closed), len({row.child_id for row in ended}), visits, closure)


@transaction.atomic
def closing_note(
    *,
    actor: Actor,
    structure_id: int,
    reason: str,
    words: str = "",
    first_day: date,
    last_day: date,
    now: datetime,
) -> Closure:
    """Days on which a structure opens nothing, where nobody has booked: their openings go when they are
    generated again.

    Who books meanwhile is seen, or waits. Raises NotYours, or `ClosingRefused`: "bad_span", "held" (somebody
    booked, or an opening was made by hand: it is closed by `closing_make`).
    """
    mine = Structure.objects.filter(in_charge(actor), pk=structure_id)
    if not mine.exists():
        raise NotYours
    if last_day < first_day:
        raise ClosingRefused("bad_span")
    activities_locked(structure_id)
    there = Opening.objects.filter(
        activity__structure_id=structure_id,
        day__gte=first_day,
        day__lte=last_day,
        state=Opening.State.OPEN,
        starts_at__gt=now,
    )
    bookings_locked(list(there.values_list("pk", flat=True)))
    if booked_among(there) or there.filter(hand_edited=True).exists():
        raise ClosingRefused("held")
    closure = Closure.objects.create(
        structure_id=structure_id,
        reason=reason,
        words=words,
        first_day=first_day,
        last_day=last_day,
        made_at=now,
        made_by=actor.label[:150],
    )
    closed_days_changed(closure)
    closing_record(actor, CLOSED, closure, now)
    return closure


def activities_locked(structure_id: int) -> None:
    """Those of a structure, whose closed days are about to change: before any booking, as who generates their
    openings does."""
    rows = Activity.objects.select_for_update(no_key=True).filter(structure=structure_id)
    list(rows.order_by("pk").values_list("pk", flat=True))


def closed_days_changed(closure: Closure) -> None:
    """Limits, proofs and openings are counted with the days on which a whole structure is closed."""
    if not closure.part and not closure.fewer:
        definition_changed(Activity.objects.filter(structure=closure.structure_id))


def closing_record(actor: Actor, verb: str, closure: Closure, now: datetime) -> None:
    """Journal what is done of a closing."""
    days = range_sentence(closure.first_day, closure.last_day)
    label = " · ".join(filter(None, (closure.structure.name, closure.part, days)))
    record(
        actor=actor,
        verb=verb,
        subject=Subject("closure", closure.pk, label),
        data={"reason": closure.reason, "last_day": closure.last_day.isoformat()},
        now=now,
    )
