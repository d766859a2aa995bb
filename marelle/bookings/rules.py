"""What may be asked of a booking, by whom and until when, and why not. Pure: facts in, codes and data out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from marelle.activities.audiences import NOBODY, Public
from marelle.activities.conditions import ConditionKind
from marelle.activities.facts import ActivityFacts, SlotFacts
from marelle.activities.kept import NO_MARKS, Marks
from marelle.activities.kinds import ActivityKind, BookingMode
from marelle.activities.rules import NEVER_OPENS, Moment, OpeningFacts, Window, is_before, moment
from marelle.bookings.states import HOLDING, BookingState, EndCause
from marelle.core.clock import universal
from marelle.enrolments.conditions import lacks
from marelle.families.rules import Custody, custody_on


class Why(StrEnum):
    """Why something may not be done. One code a reason; the French is put on them above."""

    UNKNOWN = "unknown"
    NOT_ENROLLED = "not_enrolled"
    OUTSIDE_ENROLMENT = "outside_enrolment"
    OTHER_GROUP = "other_group"
    OTHER_HOME_DAY = "other_home_day"
    OTHER_AGE = "other_age"
    OTHER_LEVEL = "other_level"
    OTHER_SCHOOL = "other_school"
    PAPER_NEEDED = "paper_needed"
    OTHER_HOME = "other_home"
    BY_STRUCTURE = "by_structure"
    FREE_ACCESS = "free_access"
    CLOSED = "closed"
    PAPERS_MISSING = "papers_missing"
    UNPAID = "unpaid"
    SUSPENDED = "suspended"
    NO_RULE = "no_rule"
    OTHER_AUDIENCE = "other_audience"
    NOT_YET = "not_yet"
    TOO_LATE = "too_late"
    TOO_LATE_TO_CANCEL = "too_late_to_cancel"
    CONFLICT = "conflict"
    REQUIRES = "requires"
    REQUIRED = "required"
    GOES_NOT = "goes_not"
    WITHOUT = "without"
    ELSEWHERE = "elsewhere"
    HALF_BUNDLE = "half_bundle"
    TOGETHER = "together"
    BAD_HOURS = "bad_hours"
    AT_MOST = "at_most"
    IN_A_RUN = "in_a_run"
    NO_ENTRY = "no_entry"
    FULL = "full"
    KEPT_PLACES = "kept_places"
    QUEUE_ONLY = "queue_only"
    KEPT = "kept"
    PARENTS = "parents"


QUEUE_ORDER: Final = "queue_order"
"""What an agent passes who gives a place to another than the first who could take it."""


@dataclass(frozen=True, slots=True)
class Opening:
    """An opening as rules see it. Those of one bundle are booked all or none, until `alone_at`."""

    id: int
    activity: ActivityFacts
    slot: SlotFacts
    group_id: int | None
    day: date
    starts_at: datetime
    ends_at: datetime
    is_open: bool
    reason: str = ""
    title: str = ""
    bundle_id: int | None = None
    alone_at: datetime | None = None

    def bundle_at(self, now: datetime) -> int | None:
        """The bundle that it is booked with; None once its days may be booked alone."""
        return bundle_at(self.bundle_id, self.alone_at, now)

    @property
    def facts(self) -> OpeningFacts:
        return OpeningFacts(self.day, self.starts_at, self.ends_at)

    @property
    def window(self) -> Window | None:
        return self.activity.window_of(self.slot.id, self.facts)


def bundle_at(bundle_id: int | None, alone_at: datetime | None, now: datetime) -> int | None:
    """A bundle as long as its days are booked all or none: until `alone_at`, if ever."""
    return bundle_id if alone_at is None or universal(now) < universal(alone_at) else None


@dataclass(frozen=True, slots=True)
class Stay:
    """An accepted enrolment: its dates, both included, and the groups chosen, each from a date.

    `closed_from` is the first day that a missing paper closes to booking; `owes`: a bill of the home to the
    activity's authority is late, and the activity does something of it; `suspended`, the first and the last
    day of those that an agent has suspended.
    """

    id: int
    activity_id: int
    first_day: date
    last_day: date
    groups: tuple[tuple[date, int], ...] = ()
    closed_from: date | None = None
    owes: bool = False
    suspended: tuple[date, date] | None = None

    def group_on(self, day: date) -> int | None:
        """The group on a day: the last choice begun; before any has, the first."""
        begun = [group for since, group in self.groups if since <= day]
        if begun:
            return begun[-1]
        return self.groups[0][1] if self.groups else None


@dataclass(frozen=True, slots=True)
class Place:
    """A live booking of a child, or the last one that ended. `mine`: made by the home that asks; `kept`: for
    which places kept it counts; `late`: booked past the limit."""

    id: int
    opening_id: int
    state: BookingState
    starts_at: datetime
    ends_at: datetime
    mine: bool = True
    cause: EndCause | None = None
    rank: int | None = None
    offered_until: datetime | None = None
    absent: bool = False
    justified: bool = False
    derogation: str = ""
    refusal: str = ""
    kept: Marks = NO_MARKS
    late: bool = False

    @property
    def holds(self) -> bool:
        return self.state in HOLDING


@dataclass(frozen=True, slots=True)
class Home:
    """What the rules need of the home that asks: of which audiences it and the child are, and the custody."""

    public: Public = NOBODY
    custody: tuple[Custody, ...] = ()

    def has_child(self, day: date, activity: ActivityFacts) -> bool:
        return not self.custody or custody_on(self.custody, day, activity.calendar)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a booking may be asked for, capacity and other bookings aside. `late` is allowed, and told."""

    why: Why | None = None
    late: bool = False
    opens_at: datetime | None = None
    closes_at: datetime | None = None


def is_outside_stay(opening: Opening, stay: Stay, _home: Home) -> bool:
    return not stay.first_day <= opening.day <= stay.last_day


def is_closed(opening: Opening, _stay: Stay, _home: Home) -> bool:
    return not opening.is_open


def is_free_access(opening: Opening, _stay: Stay, _home: Home) -> bool:
    return opening.activity.booking_mode is BookingMode.FREE and not opening.slot.one_off


def is_for_other_group(opening: Opening, stay: Stay, _home: Home) -> bool:
    return opening.group_id is not None and stay.group_on(opening.day) != opening.group_id


def is_day_of_other_home(opening: Opening, _stay: Stay, home: Home) -> bool:
    return not home.has_child(opening.day, opening.activity)


def is_without(kind: ConditionKind) -> Callable[[Opening, Stay, Home], bool]:
    """Whether the child lacks, on the day, what the activity asks of this kind."""

    def found(opening: Opening, _stay: Stay, home: Home) -> bool:
        if kind not in opening.activity.asks:
            return False
        return lacks(kind, opening.activity, opening.slot.id, opening.day, home.public)

    return found


def is_closed_by_papers(opening: Opening, stay: Stay, _home: Home) -> bool:
    return stay.closed_from is not None and opening.day >= stay.closed_from


def is_closed_by_a_bill(opening: Opening, stay: Stay, _home: Home) -> bool:
    return stay.owes and opening.activity.unpaid.closes_bookings


def is_suspended(opening: Opening, stay: Stay, _home: Home) -> bool:
    """Never of a canteen, a right of each child of its school."""
    if stay.suspended is None or opening.activity.kind is ActivityKind.CANTEEN:
        return False
    return stay.suspended[0] <= opening.day <= stay.suspended[1]


def is_by_structure(opening: Opening, _stay: Stay, _home: Home) -> bool:
    return opening.activity.booking_mode is BookingMode.STRUCTURE


CONDITIONS: Final[Mapping[Why, ConditionKind]] = {
    Why.OTHER_AGE: ConditionKind.AGE,
    Why.OTHER_LEVEL: ConditionKind.LEVEL,
    Why.OTHER_SCHOOL: ConditionKind.SCHOOL,
    Why.PAPER_NEEDED: ConditionKind.PAPER,
}
"""What a child lacks on the day, by the code that says so."""


OBSTACLES: Final[Mapping[Why, Callable[[Opening, Stay, Home], bool]]] = {
    Why.OUTSIDE_ENROLMENT: is_outside_stay,
    Why.CLOSED: is_closed,
    Why.FREE_ACCESS: is_free_access,
    Why.OTHER_GROUP: is_for_other_group,
    Why.OTHER_HOME_DAY: is_day_of_other_home,
    **{why: is_without(kind) for why, kind in CONDITIONS.items() if kind is not ConditionKind.PAPER},
    Why.PAPERS_MISSING: is_closed_by_papers,
    Why.PAPER_NEEDED: is_without(ConditionKind.PAPER),
    Why.UNPAID: is_closed_by_a_bill,
    Why.SUSPENDED: is_suspended,
    Why.BY_STRUCTURE: is_by_structure,
}
"""What forbids a booking at any hour. The order is that of what a parent needs to hear first; what no
derogation passes comes before what one may, so that passing the second never hides the first."""


def may_ask(opening: Opening, stay: Stay | None, home: Home, now: datetime) -> Verdict:
    """The same answer for the cell's text, the check on saving and the waiting list: what cannot change
    before what time changes."""
    if stay is None:
        return Verdict(Why.NOT_ENROLLED)
    for why, forbids in OBSTACLES.items():
        if forbids(opening, stay, home):
            return Verdict(why)
    return _in_window(opening, home, now)


def _in_window(opening: Opening, home: Home, now: datetime) -> Verdict:
    window = opening.window
    if window is None:
        return Verdict(Why.NO_RULE)
    opens = opening.activity.opens_at(window, home.public)
    if opens is NEVER_OPENS:
        return Verdict(Why.OTHER_AUDIENCE)
    when = moment(window, opening.facts, now, opens)
    if when is Moment.NOT_YET:
        return Verdict(Why.NOT_YET, opens_at=opens, closes_at=window.closes_at)
    if when is Moment.CLOSED:
        return Verdict(Why.TOO_LATE, closes_at=window.closes_at)
    if when is Moment.QUEUE:
        return Verdict(Why.QUEUE_ONLY, closes_at=window.closes_at)
    if when is Moment.LATE:
        return Verdict(late=True, closes_at=opening.starts_at)
    return Verdict(closes_at=window.closes_at)


def may_cancel(opening: Opening, place: Place, now: datetime) -> Verdict:
    """Whether the home may take back this booking; what nobody has granted yet, until the start."""
    if not place.mine:
        return Verdict(Why.OTHER_HOME)
    if place.state in (BookingState.WAITING, BookingState.REQUESTED, BookingState.OFFERED):
        gone = not is_before(now, opening.starts_at)
        return Verdict(Why.TOO_LATE_TO_CANCEL if gone else None, closes_at=opening.starts_at)
    if opening.activity.booking_mode is BookingMode.STRUCTURE:
        return Verdict(Why.BY_STRUCTURE)
    limit = opening.window.cancel_until if opening.window else None
    if not is_before(now, limit):
        return Verdict(Why.TOO_LATE_TO_CANCEL, closes_at=limit)
    return Verdict(closes_at=limit)


def lacks_room(full: Collection[int], held: Collection[int], *, queued: bool) -> bool:
    """Whether a child finds no place: one of the quotas that are `full`, by id, is not among those that it is
    on already (`held`). Where none is full, who waits (`queued`) comes first."""
    return not set(full) <= set(held) or (queued and not full)


def is_own_work(why: Why | None, opening: Opening, now: datetime) -> bool:
    """Where the structure books, what stops a home is an agent's own work, until the child is there."""
    return why is Why.BY_STRUCTURE and is_before(now, opening.starts_at)


def clash(
    opening: Opening, starts_at: datetime, ends_at: datetime, other: Opening, place: Place
) -> Why | None:
    """Whether a child that holds `place` on `other` may not also be on `opening` at these hours.

    Slots that exclude or include each other, on one day; two outings of one slot, or places in two
    structures, at hours that overlap, whichever home booked: a child is in one place at a time. What is taken
    to go to the other (the shuttle of an outing) is no other place.
    """
    if not place.holds or other.id == opening.id:
        return None
    if other.day == opening.day and other.slot.id in opening.slot.conflicts:
        return Why.CONFLICT
    if starts_at >= place.ends_at or place.starts_at >= ends_at:
        return None
    if other.activity.id == opening.activity.id:
        return Why.CONFLICT if other.slot.id == opening.slot.id else None
    if other.activity.structure_id == opening.activity.structure_id or _go_together(opening, other):
        return None
    return Why.ELSEWHERE


def _go_together(one: Opening, other: Opening) -> bool:
    if one.day != other.day:
        return False
    return bool(one.slot.requires & other.slot.provides or other.slot.requires & one.slot.provides)
