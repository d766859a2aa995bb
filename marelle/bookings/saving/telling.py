"""What a save tells: the journal, and those who waited."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from marelle.accounts.notices import Notice
from marelle.activities.bound_labels import bound_label, span_label
from marelle.activities.models import Activity
from marelle.bookings.absence_rules import cancelled_until
from marelle.bookings.bounds import Short
from marelle.bookings.labels import offer_text
from marelle.bookings.models import AbsenceProof, Booking, BookingRequest
from marelle.bookings.reading import ChildBooking
from marelle.bookings.rules import Opening
from marelle.bookings.saving.ledger import Facts, Outcome, Result, Waiter
from marelle.bookings.saving.queueing import state_once_served
from marelle.bookings.states import BookingState
from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import local
from marelle.core.french import day_long, hours_text, join_and, range_sentence, until_long
from marelle.core.subject import Subject
from marelle.families.telling import (
    Addressee,
    addressees_of_children,
    draft_to,
    tell_home,
)
from marelle.journal.services import Act, record_many
from marelle.mail.services import queue_many
from marelle.places.models import Closure
from marelle.places.selectors import reach

SAVED = "booking.saved"
GONE_ALONG = "booking.gone_along"
PLACED = "booking.placed"
ANSWERED = "booking.answered"
OFFER_UNDONE = "booking.offer_undone"
OFFERED, OFFER_ACCEPTED = "booking.offered", "booking.offer_accepted"
PRIORITISED, REMOVED = "booking.prioritised", "booking.waiting_removed"
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
    return _derogation(outcome) | {
        "result": outcome.result.value,
        "opening": outcome.change.opening_id,
        "day": opening.day.isoformat() if opening else "",
        "slot": opening.slot.name if opening else "",
        "activity": opening.activity.name if opening else "",
    }


def _derogation(outcome: Outcome) -> dict[str, object]:
    if not outcome.passed:
        return {}
    limit = {"limit": outcome.limit.isoformat()} if outcome.limit is not None else {}
    return {"derogation": outcome.derogation, "passed": list(outcome.passed), **limit}


def tell_placed(
    facts: Facts,
    placed: Sequence[Waiter],
    *,
    actor: Actor = SYSTEM,
    derogation: str = "",
    passed: str = "",
    now: datetime,
) -> None:
    """Journal each place given, and write to the guardians of the home that waited.

    Where an agent validates, what comes by itself is not granted yet and nobody is written to.
    """
    placed = [one for waiter in placed for one in waiter.by_child()]
    reason = {"derogation": derogation, "passed": [passed]} if derogation else {}
    record_many(
        actor=actor,
        acts=[
            Act(
                verb=PLACED,
                subject=Subject("person", waiter.child_id, waiter.child_name),
                family_id=waiter.family_id,
                data={"openings": list(waiter.opening_ids)} | reason,
            )
            for waiter in placed
        ],
        now=now,
    )
    given = [
        waiter
        for waiter in placed
        if actor != SYSTEM
        or all(state_once_served(facts.openings[pk]) is BookingState.BOOKED for pk in waiter.opening_ids)
    ]
    if not given:
        return
    told = addressees_of_children({(w.family_id, w.child_id) for w in given}, now=now)
    structures = {facts.openings[w.opening_ids[0]].activity.structure_id for w in given}
    reached = {structure_id: reach(structure_id) for structure_id in structures}
    drafts = [
        draft_to(
            one,
            _placed_context(facts, waiter, reached, now),
            waiter.family_id,
            about=[waiter.child_id],
        )
        for waiter in given
        for one in told[waiter.family_id, waiter.child_id]
    ]
    if drafts:
        queue_many(kind="bookings/place_given", drafts=drafts, now=now)


def tell_removed(openings: Sequence[Opening], waiter: Waiter, reason: str, *, now: datetime) -> None:
    """An agent took the child off the waiting list, for a reason."""
    context = {
        "child": waiter.child_name,
        "days": _days(openings),
        "reason": reason,
        "child_id": waiter.child_id,
        "date": openings[0].day.isoformat(),
        **reach(openings[0].activity.structure_id),
    }
    tell_home(
        kind="bookings/waiting_removed",
        context=context,
        family_id=waiter.family_id,
        child_id=waiter.child_id,
        now=now,
    )


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
    held = Booking.objects.filter(pk__in=waiter.booking_ids).select_related("opening__slot")
    context = {
        "child": waiter.child_name,
        "days": [_day_and_hours(booking) for booking in held.order_by("starts_at", "pk")],
        "until": until_long(until),
        "cancelling": offer_text(cancelled_until(openings, now)),
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
    """What a closing, or its undoing, changed for one child of a home: each opening with the result."""

    family_id: int
    child_id: int
    child_name: str
    places: list[tuple[Opening, str]] = field(default_factory=list)


def by_home_and_child(rows: Sequence[tuple[int, Opening, str]]) -> list[ClosedFor]:
    """Id of a booking, its opening and what became of it: gathered by home and child; one query."""
    of = {pk: (opening, result) for pk, opening, result in rows}
    people = (
        Booking.objects.filter(pk__in=of)
        .order_by("family_id", "child_id", "starts_at", "pk")
        .values_list("pk", "family_id", "child_id", "child__first_name")
    )
    found: dict[tuple[int, int], ClosedFor] = {}
    for pk, family_id, child_id, first_name in people:
        one = found.setdefault((family_id, child_id), ClosedFor(family_id, child_id, first_name))
        one.places.append(of[pk])
    return list(found.values())


def journal_cells(actor: Actor, verb: str, touched: Sequence[ClosedFor], now: datetime) -> None:
    """One entry a child of a home, cell by cell."""
    record_many(
        actor=actor,
        acts=[
            Act(
                verb=verb,
                subject=Subject("person", one.child_id, one.child_name),
                family_id=one.family_id,
                data={
                    "cells": [
                        {
                            "result": result,
                            "opening": opening.id,
                            "day": opening.day.isoformat(),
                            "slot": opening.slot.name,
                            "activity": opening.activity.name,
                        }
                        for opening, result in one.places
                    ]
                },
            )
            for one in touched
        ],
        now=now,
    )


def tell_closed(
    closed: Sequence[ClosedFor], *, closure: Closure, still_open: Collection[int] = (), now: datetime
) -> None:
    """The structure closes: one mail to each adult told, with all the days of those of its children whom it
    is told of. What is `still_open`, by the ids of openings, may be booked again, and the mail says so."""
    shared = {
        "span": range_sentence(closure.first_day, closure.last_day),
        "reason": closure.reason,
        "words": closure.words,
        "fewer": closure.fewer,
        **reach(closure.structure_id),
    }
    _tell_each_home("bookings/day_closed", closed, shared, now, still_open)


def tell_back(back: Sequence[ClosedFor], *, closure: Closure, now: datetime) -> None:
    """A closing is undone, or there are places again: what is booked again, and what could not be."""
    shared = {
        "span": range_sentence(closure.first_day, closure.last_day),
        "fewer": closure.fewer,
        **reach(closure.structure_id),
    }
    _tell_each_home("bookings/day_reopened", back, shared, now)


def tell_gone_along(actor: Actor, rows: Iterable[ChildBooking], *, now: datetime) -> None:
    """Bookings ended with those that their slot requires: journal, and one mail of each structure to each
    adult told."""
    gone = by_home_and_child([(row.place.id, row.opening, Result.CANCELLED.value) for row in rows])
    journal_cells(actor, GONE_ALONG, gone, now)
    structures = {opening.activity.structure_id for one in gone for opening, _result in one.places}
    for structure_id in sorted(structures):
        mine = [
            replace(one, places=[row for row in one.places if row[0].activity.structure_id == structure_id])
            for one in gone
        ]
        _tell_each_home("bookings/gone_along", [one for one in mine if one.places], reach(structure_id), now)


def _tell_each_home(
    kind: str,
    touched: Sequence[ClosedFor],
    shared: Mapping[str, object],
    now: datetime,
    still_open: Collection[int] = (),
) -> None:
    told = addressees_of_children({(one.family_id, one.child_id) for one in touched}, now=now)
    mails: dict[tuple[int, Addressee], list[ClosedFor]] = {}
    for one in touched:
        for adult in told[one.family_id, one.child_id]:
            mails.setdefault((one.family_id, adult), []).append(one)
    drafts = [
        draft_to(
            adult,
            {
                **shared,
                "children": join_and([one.child_name for one in found]),
                "lines": [line for one in found for line in _day_lines(one)],
                "date": min(opening.day for one in found for opening, _result in one.places).isoformat(),
                "shown": found[0].child_id if len(found) == 1 else "tous",
                "still_open": any(row.id in still_open for one in found for row, _result in one.places),
            },
            family_id,
            about=[one.child_id for one in found],
        )
        for (family_id, adult), found in mails.items()
    ]
    if drafts:
        queue_many(kind=kind, drafts=drafts, now=now)


AFTERWARDS: dict[str, str | Promise] = {
    "left_queue": _lazy("%(slot)s (liste d’attente)"),
    "queued": _lazy("%(slot)s (mis en tête de la liste d’attente)"),
    "waiting": _lazy("%(slot)s (de nouveau en liste d’attente)"),
    "requested": _lazy("%(slot)s (à valider par la structure)"),
    "not_back": _lazy("%(slot)s (n’a pas pu être rétabli)"),
}


def _day_lines(one: ClosedFor) -> list[str]:
    """ "Zoé, mercredi 2 décembre : Matin, Repas (liste d’attente)"."""
    by_day: dict[date, list[str]] = {}
    for opening, result in one.places:
        slot = str(AFTERWARDS.get(result, "%(slot)s")) % {"slot": opening.slot.name}
        by_day.setdefault(opening.day, []).append(slot)
    return [
        _("%(child)s, %(day)s : %(slots)s")
        % {"child": one.child_name, "day": day_long(day), "slots": ", ".join(slots)}
        for day, slots in by_day.items()
    ]


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


def tell_least_missed(touched: Sequence[ClosedFor], *, short: Short, now: datetime) -> None:
    """What was cancelled because less than the least was booked: one mail for each child of a home."""
    names = {slot.id: slot.name for slot in short.activity.slots.values()}
    for one in touched:
        context = {
            "child": one.child_name,
            "child_id": one.child_id,
            "activity": short.activity.name,
            "rule": bound_label(short.bound, names),
            "span": span_label(short.bound, short.days),
            "days": _days([opening for opening, _result in one.places]),
            "date": min(opening.day for opening, _result in one.places).isoformat(),
            **reach(short.activity.structure_id),
        }
        tell_home(
            kind="bookings/least_missed",
            context=context,
            family_id=one.family_id,
            child_id=one.child_id,
            now=now,
        )


def _day_and_hours(booking: Booking) -> str:
    """ "lundi 7 décembre · Accueil, 8 h – 17 h"."""
    hours = hours_text(local(booking.starts_at).time(), local(booking.ends_at).time())
    return f"{day_long(booking.day)} · {booking.opening.slot.name}, {hours}"


def _days(openings: Sequence[Opening]) -> list[str]:
    """ "mercredi 2 décembre · Matin"."""
    return [f"{day_long(opening.day)} · {opening.slot.name}" for opening in openings]


def _placed_context(
    facts: Facts, waiter: Waiter, reached: Mapping[int, Mapping[str, object]], now: datetime
) -> dict[str, object]:
    openings = [facts.openings[opening_id] for opening_id in waiter.opening_ids]
    cancel_until = cancelled_until(openings, now)
    return {
        "child": waiter.child_name,
        "activity": openings[0].activity.name,
        "days": _days(openings),
        "cancel": until_long(cancel_until) if cancel_until else "",
        "child_id": waiter.child_id,
        "date": openings[0].day.isoformat(),
        **reached[openings[0].activity.structure_id],
    }
