"""What the planning shows: each child's cells between two days, in a fixed number of queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from marelle.activities import models as activities
from marelle.activities.catalogue import activity_facts
from marelle.activities.facts import ActivityFacts, SlotFacts
from marelle.activities.models import full_to_all
from marelle.activities.selectors import decides_activity
from marelle.bookings.bounds import Cell, Held, Short, days_counted, overs
from marelle.bookings.card_rows import cards_of, days_of_cards
from marelle.bookings.cards import Cards, freed_by, lacks_entry, served
from marelle.bookings.cells import CellState, Context, Over, cell_state
from marelle.bookings.models import Attendance, Booking
from marelle.bookings.needs import with_needs
from marelle.bookings.reading import (
    OPENING,
    PLACE,
    TOLD,
    HomeBooking,
    OpeningRow,
    PlaceRow,
    ToldRow,
    bookings_on,
    openings_of,
    place_of,
    ranks_of,
    stays_of,
)
from marelle.bookings.rooms import PARTS, Rooms, rooms_of
from marelle.bookings.rules import Home, Opening, Place, Stay
from marelle.bookings.shortfalls import booked_of_home, shorts_to_complete
from marelle.bookings.states import LIVE, TAKEN, BookingState
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.listed import Listed
from marelle.core.prepared import prepared
from marelle.core.rows import columns
from marelle.enrolments.audiences import asked_by, public_read
from marelle.families.selectors import Child, children, custody_rows


class UnknownChildError(LookupError):
    """The child is not of the actor's home, or not to be seen by it."""


@dataclass(frozen=True, slots=True)
class PlannedCell:
    """A cell: its opening, its state, the booking behind it, what surrounds it. `key` is what the page posts
    for it."""

    opening: Opening
    state: CellState
    place: Place | None
    key: str
    context: Context


@dataclass(frozen=True, slots=True)
class Column:
    activity: ActivityFacts
    group_name: str
    slot: SlotFacts


@dataclass(frozen=True, slots=True)
class ChildPlanning:
    """One child's table. `cells` by day and slot id: several when a day has several outings."""

    child: Child
    columns: tuple[Column, ...]
    cells: Mapping[tuple[date, int], tuple[PlannedCell, ...]]


@dataclass(frozen=True, slots=True)
class Beside:
    """What is read beside the cells shown, for what hangs on all of it: bookings of these children of the
    home, from `first` to `last`."""

    child_ids: Collection[int]
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Planning:
    """`children`: all of the home, for the links; `activities`: (id, name) that the filter may choose;
    `shorts`: spans of the days shown, of these children or of the home, that want more; `left`: of each
    activity that asks for a card, its name, the entries left of cards still to serve, and their last day;
    `late`: activities for which a bill that the home is late to pay counts;
    `booked`: what the home has `beside`, of these children and of those shown.
    """

    children: tuple[Child, ...]
    shown: tuple[ChildPlanning, ...]
    activities: tuple[tuple[int, str], ...]
    shorts: tuple[Short, ...] = ()
    left: tuple[tuple[str, int, date | None], ...] = ()
    late: tuple[ActivityFacts, ...] = ()
    beside: Beside | None = None
    booked: tuple[HomeBooking, ...] = ()


@dataclass(frozen=True, slots=True)
class _Read:
    openings: dict[int, Opening]
    rooms: Rooms
    places: dict[tuple[int, int], Place]
    attended: dict[tuple[int, int], bool]
    stays: dict[int, list[Stay]]
    homes: dict[int, Home]
    charged: frozenset[int]
    counted: list[Held]
    cards: Cards
    booked: tuple[HomeBooking, ...] = ()


def planning(
    actor: Actor,
    *,
    first: date,
    last: date,
    child_id: int | None = None,
    activity_id: int | None = None,
    as_home: bool = False,
    beside: Beside | None = None,
    now: datetime,
) -> Planning:
    """The planning of one child, or of all, from `first` to `last`, both included.

    `as_home`: what the home sees, though an agent looks.

    Raises `UnknownChildError` for a child that is not the actor's to see. Queries: children, enrolments,
    openings with what is left, bookings, attendance; and one more for each of custody, residence and how much
    may be booked when something depends on it.
    """
    home = children(actor, day=local(now).date()) if actor.family_id is not None else ()
    chosen = tuple(child for child in home if child_id is None or child.id == child_id)
    if child_id is not None and not chosen:
        raise UnknownChildError(child_id)
    if not chosen:
        return Planning(children=(), shown=(), activities=())
    read = _read(actor, chosen, beside, first, last, now)
    if as_home:
        read = replace(read, charged=frozenset())
    found = tuple(_child_planning(child, read, now) for child in chosen)
    offered = {
        column.activity.id: column.activity
        for one in found
        for column in sorted(one.columns, key=lambda c: c.activity.order)
    }
    if activity_id is not None:
        found = tuple(_only(one, activity_id) for one in found)
    owing = {stay.activity_id for stays in read.stays.values() for stay in stays if stay.owes}
    return Planning(
        children=home,
        shown=found,
        activities=tuple((facts.id, facts.name) for facts in offered.values()),
        shorts=_shorts(read, {child.id for child in chosen}, first, last, now),
        left=tuple(_left(read, local(now).date())),
        late=tuple(facts for facts in offered.values() if facts.id in owing),
        beside=beside,
        booked=read.booked,
    )


def _left(read: _Read, today: date) -> Iterator[tuple[str, int, date | None]]:
    named = {opening.activity.id: opening.activity.name for opening in read.openings.values()}
    for activity_id, cards in read.cards.items():
        rows = ((c, o) for c, o, place in read.counted if place.mine and o.activity.id == activity_id)
        used = Counter(served(cards, rows).values())
        running = [card for card in cards if card.last >= today]
        entries = sum(card.entries - used[card.id] for card in running)
        yield named[activity_id], entries, max((card.last for card in running), default=None)


def _shorts(
    read: _Read, chosen: Collection[int], first: date, last: date, now: datetime
) -> tuple[Short, ...]:
    return tuple(
        short
        for short in shorts_to_complete(read.counted, now)
        if (short.child_id is None or short.child_id in chosen)
        and short.days[0] <= last
        and first <= short.days[1]
    )


def invented_cells(stay: Stay, home: Home, *, day: date, now: datetime) -> Iterator[PlannedCell]:
    """The cells of `day` of a child that is not, in the activity of its stay; two queries."""
    shown = _openings({stay.activity_id}, [group for _since, group in stay.groups], (), day, day)
    child = Child(0, "", "", None, 0, is_shared=False, may_book=True)
    openings = openings_of(row.opening for row in shown)
    read = _Read(
        openings=openings,
        rooms=_rooms(shown, openings),
        places={},
        attended={},
        stays={child.id: [stay]},
        homes={child.id: home},
        charged=frozenset(),
        counted=[],
        cards={},
    )
    for cells in _child_planning(child, read, now).cells.values():
        yield from cells


def _read(
    actor: Actor,
    chosen: tuple[Child, ...],
    beside: Beside | None,
    first: date,
    last: date,
    now: datetime,
) -> _Read:
    ids = [child.id for child in chosen]
    stays = stays_of(ids, actor.home_id, first=first, last=last, today=local(now).date())
    every = _every(ids, beside, first, last)
    booked = [row for row in every if row.place.child_id in ids and first <= row.day <= last]
    rows = _opening_rows(stays, booked, first=first, last=last)
    openings = openings_of(row.opening for row in rows)
    places: dict[tuple[int, int], Place] = {}
    ranks = ranks_of({_key(row) for row in booked if row.place.state == BookingState.WAITING})
    for row in booked:
        key = _key(row)
        place = place_of(row.place, actor.family_id, rank=ranks.get(key))
        known = places.get(key)
        if known is None or not (known.holds or known.state is BookingState.WAITING):
            places[key] = place
    cards = cards_of(actor.family_id, (one.activity for one in openings.values()))
    attended = {(one.child_id, one.opening_id): one.present for one in _attended(ids, first, last)}
    return _Read(
        openings=openings,
        rooms=_rooms(rows, openings),
        places=places,
        attended=attended,
        stays=stays,
        homes=homes_of(actor, chosen, (o.activity for o in openings.values())),
        charged=_charged(actor, openings.values()),
        counted=_counted(actor.home_id, openings.values(), cards, now),
        cards=cards,
        booked=tuple(_of_home(every, actor.home_id)) if beside else (),
    )


def _key(row: _Booked) -> tuple[int, int]:
    return row.place.child_id, row.place.opening_id


def _every(ids: Collection[int], beside: Beside | None, first: date, last: date) -> Collection[_Booked]:
    if beside is None:
        return _booked(sorted(ids), first, last)
    return _booked(sorted({*ids, *beside.child_ids}), min(first, beside.first), max(last, beside.last))


def _of_home(rows: Collection[_Booked], family_id: int) -> Iterator[HomeBooking]:
    """What it has taken: not what waits, nor what is offered."""
    facts = activity_facts({row.activity_id: row.revision for row in rows})
    for row in rows:
        if row.place.family_id == family_id and row.place.state in TAKEN:
            activity = facts[row.activity_id]
            place = place_of(row.place, family_id)
            slot = activity.slots[row.slot_id]
            yield HomeBooking(row.place.child_id, activity, slot, row.day, place, row.told)


def _counted(family_id: int, openings: Iterable[Opening], cards: Cards, now: datetime) -> list[Held]:
    """What the home's children have, of whichever home, in the spans in which how much may be booked is
    counted and on the days of its cards; no query where nothing shown is bounded and still to come."""
    bounded = [opening for opening in openings if opening.activity.bounds and opening.starts_at > now]
    spans = [days for days in (days_counted(bounded), days_of_cards(cards)) if days is not None]
    if not spans:
        return []
    ids = {opening.activity.id for opening in bounded} | set(cards)
    return booked_of_home(family_id, ids, min(first for first, _ in spans), max(last for _, last in spans))


def _charged(actor: Actor, openings: Iterable[Opening]) -> frozenset[int]:
    """The activities of which an agent at work is in charge; none for a home."""
    if not actor.on_behalf_of:
        return frozenset()
    offered = {opening.activity.id: opening.activity for opening in openings}
    return frozenset(pk for pk, facts in offered.items() if decides_activity(actor, facts))


class _Booked(NamedTuple):
    place: PlaceRow
    day: date
    activity_id: int
    slot_id: int
    group_id: int | None
    revision: int
    told: ToldRow


BOOKED = columns(
    _Booked,
    "day",
    place=PLACE,
    told=TOLD,
    activity_id="opening__activity_id",
    slot_id="opening__slot_id",
    group_id="opening__group_id",
    revision="opening__activity__revision",
)


@prepared
def _booked(child_ids: Collection[int], first: date, last: date) -> QuerySet[Booking, _Booked]:
    return BOOKED.of(bookings_on(child_ids, first=first, last=last))


class _Attended(NamedTuple):
    child_id: int
    opening_id: int
    present: bool


ATTENDED = columns(_Attended, "child_id", "opening_id", "present")


@prepared
def _attended(child_ids: Collection[int], first: date, last: date) -> QuerySet[Attendance, _Attended]:
    return ATTENDED.of(Attendance.objects.filter(child_id__in=child_ids, day__gte=first, day__lte=last))


def homes_of(actor: Actor, chosen: Iterable[Child], offered: Iterable[ActivityFacts]) -> dict[int, Home]:
    """What rules need of the home, child by child; no query where nothing depends on it."""
    kept = tuple(chosen)
    asks = asked_by(offered)
    public = public_read(actor.home_id, [child.id for child in kept], asks)
    custody = custody_rows([child.member_id for child in kept if child.is_shared])
    return {child.id: Home(public[child.id], custody.get(child.member_id, ())) for child in kept}


def _opening_rows(
    stays: Mapping[int, list[Stay]], booked: Iterable[_Booked], *, first: date, last: date
) -> list[_Shown]:
    """Openings of the activities and groups of the children, and those that they are on all the same: booked
    by the other home, or by derogation."""
    every = [stay for found in stays.values() for stay in found]
    enrolled = {stay.activity_id for stay in every}
    groups = {group for stay in every for _since, group in stay.groups}
    others = {
        row.place.opening_id
        for row in booked
        if row.activity_id not in enrolled or (row.group_id is not None and row.group_id not in groups)
    }
    return _openings(enrolled, groups, others, first, last)


class _Shown(NamedTuple):
    opening: OpeningRow
    full: str | None
    queued: bool


SHOWN = columns(_Shown, "full", "queued", opening=OPENING)


@prepared
def _openings(
    enrolled: Collection[int], groups: Collection[int], others: Collection[int], first: date, last: date
) -> QuerySet[activities.Opening, _Shown]:
    wanted = Q(activity_id__in=enrolled) & (Q(group__isnull=True) | Q(group_id__in=groups))
    if others:
        wanted |= Q(pk__in=others)
    return SHOWN.of(
        activities.Opening.objects.filter(wanted, day__gte=first, day__lte=last)
        .order_by("day", "starts_at", "pk")
        .annotate(
            full=Listed(
                F("quotas__pk") * PARTS + F("quotas__part"),
                filter=full_to_all("quotas__"),
            ),
            queued=Exists(Booking.objects.filter(opening_id=OuterRef("pk"), state=BookingState.WAITING)),
        )
    )


def _rooms(rows: Iterable[_Shown], openings: Mapping[int, Opening]) -> Rooms:
    full = {row.opening.id: row.full for row in rows}
    return rooms_of(openings, full, {row.opening.id: row.queued for row in rows})


def _child_planning(child: Child, read: _Read, now: datetime) -> ChildPlanning:
    stays = read.stays.get(child.id, [])
    by_day: dict[date, list[tuple[Opening, Place]]] = {}
    for (child_id, opening_id), place in read.places.items():
        if child_id == child.id and place.holds and opening_id in read.openings:
            opening = read.openings[opening_id]
            by_day.setdefault(opening.day, []).append((opening, place))
    cells: dict[tuple[date, int], tuple[PlannedCell, ...]] = {}
    columns: dict[int, Column] = {}
    home = read.homes[child.id]
    for opening in read.openings.values():
        mine = [stay for stay in stays if stay.activity_id == opening.activity.id]
        booked = read.places.get((child.id, opening.id))
        stay = next((s for s in mine if s.first_day <= opening.day <= s.last_day), mine[0] if mine else None)
        attended = read.attended.get((child.id, opening.id))
        if booked is None and attended is None and (stay is None or not _is_for(opening, stay)):
            continue
        others = by_day.get(opening.day, [])
        full, kept_until = read.rooms.lack(opening, others, home.public)
        past = _overs(child.id, opening, booked, read, now) if opening.activity.bounds else ()
        no_entry = _no_entry(child.id, opening, booked, read, now) if opening.activity.asks_card else None
        context = Context(
            stay, home, others, full, opening.activity.id in read.charged, past, no_entry, kept_until
        )
        state = cell_state(opening, booked, attended, context, now)
        key = (opening.day, opening.slot.id)
        cell = PlannedCell(opening, state, booked, f"{child.id}.{opening.id}", context)
        cells[key] = (*cells.get(key, ()), cell)
        if opening.slot.id not in columns:
            group = stay.group_on(opening.day) if stay else opening.group_id
            name = opening.activity.groups.get(group, "") if group is not None else ""
            columns[opening.slot.id] = Column(opening.activity, name, opening.slot)
    if not read.charged:  # An agent in charge may pass what keeps a home from taking what a cell needs.
        _need(cells, by_day)
    ordered = sorted(
        columns.values(), key=lambda c: (c.activity.order, c.activity.id, c.slot.order, c.slot.id)
    )
    return ChildPlanning(child, tuple(ordered), cells)


def _overs(
    child_id: int, opening: Opening, booked: Place | None, read: _Read, now: datetime
) -> Sequence[Over]:
    """The bounds that a cell still to be booked would pass, with all of its bundle that is shown."""
    if opening.starts_at <= now or (booked is not None and booked.state in LIVE):
        return ()
    adds: list[Cell] = [(child_id, opening)]
    if opening.bundle_at(now) is not None:
        adds = [
            (child_id, other)
            for other in read.openings.values()
            if other.bundle_id == opening.bundle_id and other.is_open and other.group_id == opening.group_id
        ]
    return overs((child_id, opening), adds, read.counted)


def _need(
    cells: dict[tuple[date, int], tuple[PlannedCell, ...]],
    by_day: Mapping[date, list[tuple[Opening, Place]]],
) -> None:
    """What the cells of a day need of each other."""
    asking = {day for (day, _slot), there in cells.items() if any(one.opening.slot.requires for one in there)}
    for day in asking:
        keys = [key for key in cells if key[0] == day]
        states = {one.opening.id: (one.opening, one.state) for key in keys for one in cells[key]}
        changed = with_needs(states, [opening for opening, _place in by_day.get(day, ())])
        for key in keys if changed else ():
            cells[key] = tuple(
                replace(one, state=changed.get(one.opening.id, one.state)) for one in cells[key]
            )


def _no_entry(
    child_id: int, opening: Opening, booked: Place | None, read: _Read, now: datetime
) -> Sequence[tuple[Opening, Place]] | None:
    """Where no card has an entry for a cell still to be booked, the bookings that would free one."""
    if opening.starts_at <= now or (booked is not None and booked.state in LIVE):
        return None
    cards = read.cards.get(opening.activity.id, ())
    rows = [row for row in read.counted if row[2].mine and row[1].activity.id == opening.activity.id]
    held = [(child, other) for child, other, _place in rows]
    cell = (child_id, opening)
    if not lacks_entry(cards, [cell], held, held):
        return None
    frees = freed_by(cards, cell, held)
    return [(other, place) for child, other, place in rows if (child, other.id) in frees]


def _is_for(opening: Opening, stay: Stay) -> bool:
    return opening.group_id is None or opening.group_id == stay.group_on(opening.day)


def _only(one: ChildPlanning, activity_id: int) -> ChildPlanning:
    columns = tuple(column for column in one.columns if column.activity.id == activity_id)
    slots = {column.slot.id for column in columns}
    cells = {key: cells for key, cells in one.cells.items() if key[1] in slots}
    return ChildPlanning(one.child, columns, cells)
