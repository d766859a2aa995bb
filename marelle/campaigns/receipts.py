"""The receipt of a home: what it asked, its right and why, what it got, what each better wish lacked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from marelle.bookings.states import BookingState
from marelle.campaigns.models import AnswerMove, Campaign, Wish, WishLine
from marelle.campaigns.publishing import booked_of, places_of
from marelle.campaigns.running import GONE
from marelle.campaigns.units import Unit

Outcome = WishLine.Outcome


@dataclass(frozen=True, slots=True)
class Lacked:
    """What a wish lacked: places of a gauge on a day, or the child's own time (`gauge` ""), or that it was
    not possible any more (`day` None)."""

    gauge: str
    day: date | None
    needed: int
    left: int


@dataclass(frozen=True, slots=True)
class PlanAnswer:
    """`key` is its choice and rank. `last_turn`: the last one at which it would have been given, from 0; None
    at none. `why`: a code of `bookings.rules.Why`, where places went between the run and the offer.

    `offered`: it waits for the home; `taken`: it was accepted."""

    key: str
    rank: int
    units: tuple[Unit, ...]
    outcome: str
    lacked: tuple[Lacked, ...] = ()
    last_turn: int | None = None
    is_told: bool = False
    why: str = ""
    offered: bool = False
    taken: bool = False


@dataclass(frozen=True, slots=True)
class ChoiceAnswer:
    """Of a child, or of several together."""

    children: tuple[int, ...]
    plans: tuple[PlanAnswer, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """`turn` from 0, of so many `homes`."""

    ticket: str
    tier: int
    points: int
    met: tuple[str, ...]
    turn: int
    homes: int
    choices: tuple[ChoiceAnswer, ...]
    moves: tuple[AnswerMove, ...]


def receipt_of(campaign: Campaign, wish: Wish, *, seen: Collection[int] | None = None) -> Receipt | None:
    """What a run gave a home, or what went out; of the children `seen` alone where that is said. None before
    any run. A fixed number of queries."""
    if wish.turn is None:
        return None
    lines = list(wish.lines.all())
    states = _states(campaign, wish, lines) if wish.given_at is not None else {}
    orders = sorted({line.order for line in lines})
    choices = []
    for number, order in enumerate(orders):
        own = [line for line in lines if line.order == order]
        children = tuple(dict.fromkeys(line.child_id for line in own))
        if seen is None or set(children) <= set(seen):
            plans = tuple(_plans(own, number, wish.blocked, states))
            choices.append(ChoiceAnswer(children, plans))
    return Receipt(
        ticket=wish.ticket,
        tier=wish.tier or 0,
        points=wish.points or 0,
        met=tuple(wish.met),
        turn=wish.turn,
        homes=Wish.objects.filter(campaign_id=wish.campaign_id).exclude(turn=None).count(),
        choices=tuple(choices),
        moves=tuple(wish.moves.all()),
    )


def _states(campaign: Campaign, wish: Wish, lines: Sequence[WishLine]) -> dict[str, frozenset[str]]:
    """In which states the places of each plan are, by its choice and rank; three queries."""
    places = places_of(campaign, wish, lines)
    pairs = frozenset[tuple[int, int]]().union(*places.values())
    booked = booked_of(wish.family_id, pairs)
    return {
        key: frozenset(row.state for row in booked if (row.child_id, row.opening_id) in own)
        for key, own in places.items()
    }


def _plans(
    lines: Iterable[WishLine],
    choice: int,
    told: Sequence[Mapping[str, Any]],
    states: Mapping[str, frozenset[str]],
) -> Iterable[PlanAnswer]:
    blocked = {one["rank"]: one for one in told if "rank" in one and one["choice"] == choice}
    gone = {one["gone"]: one["why"] for one in told if "gone" in one}
    ranked = sorted(lines, key=lambda line: (line.rank, line.day, line.slot_id, line.child_id))
    for rank, rows in groupby(ranked, key=lambda line: line.rank):
        own = list(rows)
        key = f"{own[0].order}.{rank}"
        held = states.get(key, frozenset())
        found = blocked.get(rank)
        yield PlanAnswer(
            key=key,
            rank=rank,
            units=tuple(dict.fromkeys(Unit(line.day, line.slot_id) for line in own)),
            outcome=own[0].outcome,
            lacked=tuple(map(_lacked, found["lacks"])) if found else (),
            last_turn=found["last_turn"] if found else None,
            is_told=found is not None,
            why=gone.get(key, ""),
            offered=own[0].outcome == Outcome.GIVEN and BookingState.OFFERED in held,
            taken=own[0].outcome == Outcome.GIVEN and BookingState.BOOKED in held,
        )


def _lacked(told: Mapping[str, Any]) -> Lacked:
    """As the file of the run names places: see `running`."""
    name = str(told["place"])
    if name == GONE:
        return Lacked("", None, told["needed"], told["left"])
    parts = name.rsplit(" · ", 2)
    if len(parts) != len(("gauge", "day", "id")):
        return Lacked(name, None, told["needed"], told["left"])
    gauge, day, _id = parts
    return Lacked("" if gauge.startswith("enfant ") else gauge, _day(day), told["needed"], told["left"])


def _day(part: str) -> date | None:
    try:
        return date.fromisoformat(part[:10])
    except ValueError:
        return None
