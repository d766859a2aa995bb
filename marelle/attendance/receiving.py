"""What a batch speaks of, read at once: openings of the structure, its children, what they have booked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from marelle.activities.kinds import BookingMode
from marelle.activities.models import Opening
from marelle.attendance.models import Tablet
from marelle.attendance.outcomes import LONG_AGO, Booked, DayFacts, Facts, Instant, instant_told
from marelle.attendance.reading import Draft
from marelle.attendance.rules import Hand, HandKind, TickKind, Value, hour_of
from marelle.attendance.scope import Door, Teammate
from marelle.bookings.models import Booking
from marelle.bookings.states import HOLDING, BookingState
from marelle.enrolments.models import Enrolment
from marelle.families.care.rules import is_banned
from marelle.families.care.safety import Fetcher, banned_names, fetchers_of

ENROLLED = (Enrolment.State.ACCEPTED, Enrolment.State.ENDED)


@dataclass(frozen=True, slots=True)
class OpeningTold:
    id: int
    day: date
    starts_at: datetime
    ends_at: datetime
    is_open: bool
    is_free: bool
    label: str

    @property
    def facts(self) -> DayFacts:
        return DayFacts(self.day, self.ends_at, self.is_open)


@dataclass(frozen=True, slots=True)
class World:
    """`spans` are the enrolments at the structure by child; `booked` what each child has there by opening."""

    openings: dict[int, OpeningTold]
    spans: dict[int, list[tuple[date, date]]]
    known_children: frozenset[int]
    booked: dict[tuple[int, int], Booked]
    fetchers: dict[tuple[int, date], list[Fetcher]]
    banned: dict[tuple[int, date], list[str]]


def world_of(at_door: Door, drafts: Iterable[Draft]) -> World:
    """Three queries; five for each day of which somebody fetched a child."""
    drafts = tuple(drafts)
    structure_id = at_door.structure.pk
    openings = _openings(structure_id, {draft.opening_id for draft in drafts if draft.opening_id})
    wanted = {draft.child_id for draft in drafts if draft.child_id}
    spans: dict[int, list[tuple[date, date]]] = defaultdict(list)
    known = set()
    rows = Enrolment.objects.filter(person_id__in=wanted, activity__structure_id=structure_id).order_by()
    for child_id, state, starts_on, ends_on in rows.values_list("person_id", "state", "starts_on", "ends_on"):
        known.add(child_id)
        if state in ENROLLED:
            spans[child_id].append((starts_on, ends_on))
    handed: dict[date, set[int]] = defaultdict(set)
    for draft in drafts:
        if draft.hand and draft.child_id in known and draft.opening_id in openings:
            handed[openings[draft.opening_id].day].add(draft.child_id)
    fetchers, banned = {}, {}
    for day, child_ids in handed.items():
        names = banned_names(child_ids, day=day)
        found = fetchers_of(child_ids, names, day=day)
        for child_id in child_ids:
            fetchers[child_id, day], banned[child_id, day] = found[child_id], names[child_id]
    return World(
        openings=openings,
        spans=spans,
        known_children=frozenset(known),
        booked=_booked(structure_id, openings, known),
        fetchers=fetchers,
        banned=banned,
    )


def instant_of(draft: Draft, world: World, *, sent_at: datetime | None, now: datetime) -> Instant:
    """When it was, as its day allows; where no opening says the day, within the year before its receipt."""
    opening = world.openings.get(draft.opening_id or 0)
    since, until = (opening.facts.since, opening.facts.until) if opening else (now - LONG_AGO, now)
    return instant_told(draft.at, sent_at=sent_at, received_at=now, since=since, until=until)


def facts_of(
    draft: Draft,
    at_door: Door,
    world: World,
    *,
    tablet: Tablet | None,
    mate: Teammate | None,
    told: Instant,
    now: datetime,
) -> Facts:
    opening = world.openings.get(draft.opening_id or 0)
    child_id = draft.child_id or 0
    day = opening.day if opening else None
    works = mate is not None and mate.works
    unlisted, banned = _handed(draft, opening, world)
    return Facts(
        kind=draft.kind,
        at=told.at,
        received_at=now,
        opening=opening.facts if opening else None,
        child_known=child_id in world.known_children,
        enrolled=any(first <= day <= last for first, last in world.spans.get(child_id, ())) if day else False,
        booked=_has(draft, opening, world),
        tablet_revoked=tablet is not None and tablet.revoked_at is not None,
        works_here=works if tablet is not None else works or at_door.works_here,
        may_correct=at_door.may_correct,
        of_note=draft.kind is TickKind.UNDONE and draft.child_id is None,
        clock_sure=told.is_sure,
        has_hour=draft.hour is not None,
        hand_unlisted=unlisted,
        hand_banned=banned,
    )


def value_of(draft: Draft, world: World) -> Value:
    """What the tick carries, with the instant of an hour that was typed and the name of who is listed."""
    opening = world.openings.get(draft.opening_id or 0)
    time = None
    if draft.hour is not None and opening is not None:
        time = hour_of(draft.hour, day=opening.day, starts_at=opening.starts_at, ends_at=opening.ends_at)
    hand = draft.hand
    if hand is not None and hand.kind is HandKind.LISTED:
        listed = _listed(draft, opening, world)
        hand = Hand(HandKind.LISTED, listed.name if listed else "", hand.key)
    return Value(time=time, reason=draft.reason, text=draft.text, hand=hand, undoes=draft.undoes)


def _openings(structure_id: int, ids: Iterable[int]) -> dict[int, OpeningTold]:
    rows = Opening.objects.filter(pk__in=ids, activity__structure_id=structure_id).values_list(
        "pk", "day", "starts_at", "ends_at", "state", "activity__booking_mode", "slot__name", "group__name"
    )
    return {
        pk: OpeningTold(
            id=pk,
            day=day,
            starts_at=starts_at,
            ends_at=ends_at,
            is_open=state == Opening.State.OPEN,
            is_free=mode == BookingMode.FREE,
            label=f"{slot} · {group}" if group else slot,
        )
        for pk, day, starts_at, ends_at, state, mode, slot, group in rows
    }


def _booked(
    structure_id: int, openings: dict[int, OpeningTold], child_ids: Iterable[int]
) -> dict[tuple[int, int], Booked]:
    """What these children have on these openings: MOVED when it was cancelled and they come at another."""
    days = {one.day for one in openings.values()}
    rows = Booking.objects.filter(
        child_id__in=child_ids, day__in=days, opening__activity__structure_id=structure_id
    ).order_by()
    held: dict[tuple[int, date], set[int]] = defaultdict(set)
    cancelled: dict[tuple[int, date], set[int]] = defaultdict(set)
    for child_id, day, opening_id, state in rows.values_list("child_id", "day", "opening_id", "state"):
        if state in HOLDING:
            held[child_id, day].add(opening_id)
        elif state == BookingState.CANCELLED:
            cancelled[child_id, day].add(opening_id)
    found: dict[tuple[int, int], Booked] = {}
    for (child_id, _day), opening_ids in held.items():
        for opening_id in opening_ids:
            found[opening_id, child_id] = Booked.YES
    for (child_id, day), opening_ids in cancelled.items():
        for opening_id in opening_ids:
            state = Booked.MOVED if held.get((child_id, day)) else Booked.CANCELLED
            found.setdefault((opening_id, child_id), state)
    return found


def _has(draft: Draft, opening: OpeningTold | None, world: World) -> Booked:
    if draft.kind is TickKind.UNDONE or (opening is not None and opening.is_free):
        return Booked.NOT_NEEDED
    return world.booked.get((draft.opening_id or 0, draft.child_id or 0), Booked.NO)


def _listed(draft: Draft, opening: OpeningTold | None, world: World) -> Fetcher | None:
    if opening is None or draft.hand is None or draft.child_id is None:
        return None
    found = world.fetchers.get((draft.child_id, opening.day), [])
    return next((one for one in found if one.key == draft.hand.key), None)


def _handed(draft: Draft, opening: OpeningTold | None, world: World) -> tuple[bool, bool]:
    """Whether who fetched the child is no longer listed; whether a judgment forbids it."""
    hand = draft.hand
    if hand is None or opening is None or draft.child_id is None or hand.kind is HandKind.ALONE:
        return False, False
    if hand.kind is HandKind.LISTED:
        listed = _listed(draft, opening, world)
        return listed is None, listed is not None and listed.is_banned
    return False, is_banned(hand.name, world.banned.get((draft.child_id, opening.day), []))
