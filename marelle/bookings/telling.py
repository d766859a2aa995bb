"""What a save tells: the journal, and those who waited."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.translation import gettext as _

from marelle.accounts.notices import Notice
from marelle.activities.models import Activity
from marelle.bookings.ledger import Facts, Outcome, Result, Waiter
from marelle.bookings.models import AbsenceProof, Booking, BookingRequest
from marelle.bookings.queueing import state_once_served
from marelle.bookings.rules import Opening, Place
from marelle.bookings.states import BookingState
from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import local
from marelle.core.french import day_long, hours_text, join_and, until_long
from marelle.core.subject import Subject
from marelle.families.telling import Addressee, addressees_of_children, tell_home
from marelle.journal.services import Act, record_many
from marelle.mail.services import Draft, queue_many
from marelle.places.models import Structure, StructureContact

SAVED = "booking.saved"
PLACED = "booking.placed"
ANSWERED = "booking.answered"
OFFERED, OFFER_ACCEPTED = "booking.offered", "booking.offer_accepted"
OFFER_DECLINED, OFFER_EXPIRED = "booking.offer_declined", "booking.offer_expired"

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

    Where an agent validates, nothing is granted yet and nobody is written to.
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
    told = addressees_of_children({(w.family_id, w.child_id) for w in given}, now=now)
    drafts = [
        Draft(one.email, {**_placed_context(facts, waiter), "to_name": one.name}, waiter.family_id)
        for waiter in given
        for one in told[waiter.family_id, waiter.child_id]
    ]
    if drafts:
        queue_many(kind="bookings/place_given", drafts=drafts, now=now)


def tell_absences(
    family_id: int, child_id: int, child_name: str, openings: Sequence[Opening], *, now: datetime
) -> None:
    """ "Absence noted", one mail for each structure: which days, and never why."""
    for structure_id in dict.fromkeys(opening.activity.structure_id for opening in openings):
        mine = [opening for opening in openings if opening.activity.structure_id == structure_id]
        context = {
            "child": child_name,
            "days": _days(mine),
            "child_id": child_id,
            "date": mine[0].day.isoformat(),
            **reach(structure_id),
        }
        tell_home(
            kind="bookings/absence_noted", context=context, family_id=family_id, child_id=child_id, now=now
        )


def tell_proof_decided(proof: AbsenceProof, *, accepted: bool, now: datetime) -> None:
    """Whether the absence is justified. Why not is read in the portal: it may touch on health."""
    rows = proof.absences.order_by("booking__day", "booking__starts_at")
    days = list(rows.values_list("booking__day", "booking__opening__slot__name", "booking_id"))
    context = {
        "child": proof.child.first_name,
        "days": [f"{day_long(day)} · {slot}" for day, slot, _pk in days],
        "accepted": accepted,
        "booking_id": days[0][2] if days else None,
        **reach(proof.structure_id),
    }
    tell_home(
        kind="bookings/absence_answered",
        context=context,
        family_id=proof.family_id,
        child_id=proof.child_id,
        now=now,
    )


def tell_answered(
    request: BookingRequest,
    taken: Sequence[Booking],
    refused: Sequence[Booking],
    reason: str,
    *,
    now: datetime,
) -> None:
    """What an agent validated and refused of one request, and why."""
    days = sorted(booking.day for booking in (*taken, *refused))
    context = {
        "child": request.child.first_name,
        "activity": request.activity.name,
        "taken": [_day_and_hours(booking) for booking in taken],
        "refused": [_day_and_hours(booking) for booking in refused],
        "reason": reason,
        "child_id": request.child_id,
        "date": days[0].isoformat() if days else local(now).date().isoformat(),
        **reach(request.activity.structure_id),
    }
    tell_home(
        kind="bookings/answered",
        context=context,
        family_id=request.family_id,
        child_id=request.child_id,
        now=now,
    )


def tell_offered(facts: Facts, waiter: Waiter, *, until: datetime, now: datetime) -> None:
    """A place is held for the child until an instant: accept it or leave it."""
    openings = [facts.openings[opening_id] for opening_id in waiter.opening_ids]
    context = {
        "child": waiter.child_name,
        "days": _days(openings),
        "until": until_long(until),
        "booking_id": waiter.booking_ids[0],
        **reach(openings[0].activity.structure_id),
    }
    tell_home(
        kind="bookings/place_offered",
        context=context,
        family_id=waiter.family_id,
        child_id=waiter.child_id,
        now=now,
    )


@dataclass(slots=True)
class ClosedFor:
    """What a home lost for one child when the structure closed, with each place as it was."""

    family_id: int
    child_id: int
    child_name: str
    places: list[tuple[Opening, Place]] = field(default_factory=list)


def tell_closed(
    closed: Sequence[ClosedFor], *, structure_id: int, day: date, reason: str, now: datetime
) -> None:
    """The structure closes that day: one mail to each adult told, with those of its children whom it is
    told of."""
    told = addressees_of_children({(one.family_id, one.child_id) for one in closed}, now=now)
    mails: dict[tuple[int, Addressee], list[ClosedFor]] = {}
    for one in closed:
        for adult in told[one.family_id, one.child_id]:
            mails.setdefault((one.family_id, adult), []).append(one)
    shared = {"day": day_long(day), "date": day.isoformat(), "reason": reason, **reach(structure_id)}
    drafts = [
        Draft(
            adult.email,
            {
                **shared,
                "to_name": adult.name,
                "children": join_and([one.child_name for one in found]),
                "lines": [_closed_line(one) for one in found],
                "shown": found[0].child_id if len(found) == 1 else "tous",
            },
            family_id,
        )
        for (family_id, adult), found in mails.items()
    ]
    if drafts:
        queue_many(kind="bookings/day_closed", drafts=drafts, now=now)


def _closed_line(one: ClosedFor) -> str:
    """ "Zoé : Matin, Repas (liste d’attente)"."""
    slots = [
        _("%(slot)s (liste d’attente)") % {"slot": opening.slot.name}
        if place.state is BookingState.WAITING
        else opening.slot.name
        for opening, place in one.places
    ]
    return _("%(child)s : %(slots)s") % {"child": one.child_name, "slots": ", ".join(slots)}


def tell_deadline(
    *,
    family_id: int,
    child_id: int,
    child: str,
    activity_id: int,
    day: date,
    closes_at: datetime,
    now: datetime,
) -> None:
    """A limit is near and nothing is booked: to the adults who asked for it."""
    activity = Activity.objects.values("name", "structure_id").get(pk=activity_id)
    context = {
        "child": child,
        "activity": activity["name"],
        "day": day_long(day),
        "until": until_long(closes_at),
        "child_id": child_id,
        "activity_id": activity_id,
        "date": day.isoformat(),
        **reach(activity["structure_id"]),
    }
    tell_home(
        kind="bookings/deadline_near",
        context=context,
        family_id=family_id,
        child_id=child_id,
        notice=Notice.DEADLINE,
        now=now,
    )


def _day_and_hours(booking: Booking) -> str:
    """ "lundi 7 décembre · Accueil, 8 h – 17 h"."""
    hours = hours_text(local(booking.starts_at).time(), local(booking.ends_at).time())
    return f"{day_long(booking.day)} · {booking.opening.slot.name}, {hours}"


def reach(structure_id: int) -> dict[str, str]:
    """The name of a structure and how to reach it, for a mail; one query."""
    row = (
        StructureContact.objects.filter(structure_id=structure_id)
        .order_by("order", "pk")
        .values_list("structure__name", "email", "phone")
        .first()
    )
    if row is None:
        name = Structure.objects.values_list("name", flat=True).get(pk=structure_id)
        return {"structure": name, "email": "", "phone": ""}
    return {"structure": row[0], "email": row[1], "phone": row[2]}


def _days(openings: Sequence[Opening]) -> list[str]:
    """ "mercredi 2 décembre · Matin"."""
    return [f"{day_long(opening.day)} · {opening.slot.name}" for opening in openings]


def _placed_context(facts: Facts, waiter: Waiter) -> dict[str, object]:
    openings = [facts.openings[opening_id] for opening_id in waiter.opening_ids]
    window = openings[0].window(resident=True)
    return {
        "child": waiter.child_name,
        "activity": openings[0].activity.name,
        "structure": openings[0].activity.structure_name,
        "days": _days(openings),
        "cancel": until_long(window.cancel_until) if window and window.cancel_until else "",
        "child_id": waiter.child_id,
        "date": openings[0].day.isoformat(),
    }
