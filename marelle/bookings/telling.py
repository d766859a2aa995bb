"""What a save tells: the journal, and those who waited."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from marelle.bookings.ledger import Facts, Outcome, Result, Waiter
from marelle.bookings.queueing import state_once_served
from marelle.bookings.states import BookingState
from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import local
from marelle.core.french import day_long, until_long
from marelle.core.subject import Subject
from marelle.families.models import Guardianship, Member
from marelle.families.selectors import current
from marelle.journal.services import Act, record_many
from marelle.mail.services import Draft, queue_many

SAVED = "booking.saved"
PLACED = "booking.placed"

TOLD = frozenset(
    {
        Result.BOOKED,
        Result.REQUESTED,
        Result.CANCELLED,
        Result.CHANGED,
        Result.WAITING,
        Result.LEFT_QUEUE,
    }
)


def journal_saved(actor: Actor, outcomes: Iterable[Outcome], *, now: datetime) -> None:
    """One entry a child: what was booked, cancelled, queued, cell by cell, and by which derogation."""
    by_child: dict[int, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.result in TOLD:
            by_child.setdefault(outcome.change.child_id, []).append(outcome)
    acts = [
        Act(
            verb=SAVED,
            subject=Subject("person", child_id, found[0].child_name),
            family_id=actor.family_id,
            data={"cells": [_cell(outcome) for outcome in found]},
        )
        for child_id, found in by_child.items()
    ]
    if acts:
        record_many(actor=actor, acts=acts, now=now)


def _cell(outcome: Outcome) -> dict[str, object]:
    opening = outcome.opening
    derogation = {"derogation": outcome.derogation} if outcome.derogation else {}
    return derogation | {
        "result": outcome.result.value,
        "opening": outcome.change.opening_id,
        "day": opening.day.isoformat() if opening else "",
        "slot": opening.slot.name if opening else "",
        "activity": opening.activity.name if opening else "",
    }


def tell_placed(facts: Facts, placed: Sequence[Waiter], *, now: datetime) -> None:
    """Journal each place given, and write to the guardians of the home that waited.

    To those who may see the child and are told; an address that they share gets one mail. Where an agent
    validates, nothing is granted yet and nobody is written to.
    """
    record_many(
        actor=SYSTEM,
        acts=[
            Act(
                verb=PLACED,
                subject=Subject("person", waiter.child_id, waiter.child_name),
                family_id=waiter.family_id,
                data={"openings": list(waiter.opening_ids)},
            )
            for waiter in placed
        ],
        now=now,
    )
    given = [
        waiter
        for waiter in placed
        if all(state_once_served(facts.openings[pk]) is BookingState.BOOKED for pk in waiter.opening_ids)
    ]
    if not given:
        return
    today = local(now).date()
    rows = Guardianship.objects.filter(
        current(today),
        current(today, "adult__memberships__"),
        child_id__in={waiter.child_id for waiter in given},
        adult__memberships__kind=Member.Kind.ADULT,
        adult__memberships__family_id__in={waiter.family_id for waiter in given},
        may_see=True,
        is_told=True,
    ).values_list("child_id", "adult__memberships__family_id", "adult__email")
    told: dict[tuple[int, int], dict[str, str]] = {}
    for child_id, family_id, email in rows:
        told.setdefault((child_id, family_id), {}).setdefault(email.lower(), email)
    drafts = [
        Draft(to=email, context=_placed_context(facts, waiter), family_id=waiter.family_id)
        for waiter in given
        for email in told.get((waiter.child_id, waiter.family_id), {}).values()
    ]
    if drafts:
        queue_many(kind="place_given", drafts=drafts, now=now)


def _placed_context(facts: Facts, waiter: Waiter) -> dict[str, object]:
    openings = [facts.openings[opening_id] for opening_id in waiter.opening_ids]
    window = openings[0].window(resident=True)
    return {
        "child": waiter.child_name,
        "activity": openings[0].activity.name,
        "structure": openings[0].activity.structure_name,
        "days": [f"{day_long(opening.day)} · {opening.slot.name}" for opening in openings],
        "cancel": until_long(window.cancel_until) if window and window.cancel_until else "",
        "child_id": waiter.child_id,
        "date": openings[0].day.isoformat(),
    }
