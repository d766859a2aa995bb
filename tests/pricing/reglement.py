"""A règlement in its own words, invented at random: what both engines are told, each in its way.

Money is in cents, percents are whole numbers, so that nothing here is borrowed from the engine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

MORNING, MEAL, AFTERNOON, EVENING, CARE = range(1, 6)
SLOTS = (MORNING, MEAL, AFTERNOON, EVENING, CARE)
CARD = 900
"""The one product of each règlement."""

WAYS = (
    (MORNING,),
    (MEAL,),
    (AFTERNOON,),
    (MORNING, MEAL),
    (MEAL, AFTERNOON),
    (MORNING, AFTERNOON),
    (MORNING, MEAL, AFTERNOON),
    (EVENING,),
    (MEAL, EVENING),
)


@dataclass(frozen=True)
class Priced:
    """How a set is priced. `kind`: "fixed" (cents), "grid" (cents from a quotient), "linear" (hundredths of a
    percent between two amounts). `minutes`: of a step begun, 0 when it is by the set; `hours` says which."""

    kind: str
    fixed: int = 0
    grid: tuple[tuple[int, int], ...] = ()
    linear: tuple[int, int, int] = (0, 0, 0)
    minutes: int = 0
    hours: str = "booked"


@dataclass(frozen=True)
class Then:
    """A consequence: ("percent", 50), ("plus", 200), ("becomes", 299)."""

    what: str
    n: int


@dataclass(frozen=True)
class Reglement:
    grid: dict[tuple[int, ...], Priced]
    for_outsiders: dict[tuple[int, ...], Priced]
    """In place of those of the grid."""
    own_meal: int | None
    """What a meal alone costs to who brings its own."""
    outside: Then | None
    siblings: tuple[int, int] | None
    """Percent off for the second, for the third and later."""
    first_is: str
    siblings_slots: tuple[int, ...]
    """Those that count, none: all."""
    late: Then | None
    late_whole: bool
    late_not_staff: bool
    unbooked: Then | None
    unbooked_free: int
    """How many times it is told and free."""
    excused: Then | None
    told_in_time: Then | None
    unexcused: Then | None
    within: int | None
    """Up to which delay a proof excuses."""
    fetched: int
    fetched_minutes: int
    """0: flat."""
    fetched_free: int
    card_back: int | None
    care_rates: tuple[tuple[int, int], ...] = ((1, 619), (2, 516), (3, 413), (4, 310), (8, 206))
    """Ten-thousandths of a percent of the resources."""
    care_bounds: tuple[int, int] = (81462, 850000)


def invented(random: Random) -> Reglement:
    ways = [way for way in WAYS if random.random() < 0.75]
    then = lambda *kinds: _then(random, kinds) if random.random() < 0.6 else None  # noqa: E731
    return Reglement(
        grid={way: _priced(random, way) for way in ways},
        for_outsiders={way: _priced(random, way) for way in ways if random.random() < 0.15},
        own_meal=random.choice([None, None, 175, 210]),
        outside=then("plus", "percent"),
        siblings=random.choice([None, (10, 20), (0, 50), (15, 15), (33, 100)]),
        first_is=random.choice(["price", "price", "eldest", "household"]),
        siblings_slots=random.choice([(), (), (MEAL,), (MORNING, AFTERNOON)]),
        late=then("plus", "percent", "becomes"),
        late_whole=random.random() < 0.4,
        late_not_staff=random.random() < 0.3,
        unbooked=then("plus", "percent", "becomes"),
        unbooked_free=random.choice([0, 0, 1, 2]),
        excused=then("percent", "becomes"),
        told_in_time=then("percent", "becomes"),
        unexcused=then("percent", "becomes", "plus"),
        within=random.choice([None, 0, 1]),
        fetched=random.choice([500, 2600]),
        fetched_minutes=random.choice([0, 0, 15, 30]),
        fetched_free=random.choice([0, 1]),
        card_back=random.choice([None, 385, 0]),
    )


def _priced(random: Random, way: tuple[int, ...]) -> Priced:
    minutes = random.choice([0, 30, 30, 15]) if EVENING in way else random.choice([0] * 9 + [30])
    hours = random.choice(["booked", "seen", "longer"])
    top = 120 if minutes else 450 * len(way)
    kind = random.choice(["fixed", "grid", "grid", "linear"])
    if kind == "fixed":
        return Priced("fixed", fixed=random.randrange(0, top), minutes=minutes, hours=hours)
    if kind == "linear":
        floor = random.randrange(0, top)
        linear = random.randrange(1, 60), floor, floor + random.randrange(0, top)
        return Priced("linear", linear=linear, minutes=minutes, hours=hours)
    limits = [0, *sorted(random.sample([360, 565, 601, 716, 816, 1001, 1201], random.randrange(1, 6)))]
    prices = sorted(random.randrange(0, top) for _ in limits)
    return Priced("grid", grid=tuple(zip(limits, prices, strict=True)), minutes=minutes, hours=hours)


def _then(random: Random, kinds: tuple[str, ...]) -> Then:
    what = random.choice(kinds)
    n = {
        "percent": random.choice([-50, -25, 10, 50, 100]),
        "plus": random.choice([-100, 50, 200]),
        "becomes": random.choice([0, 0, 299, 405, 1000]),
    }
    return Then(what, n[what])


@dataclass(frozen=True)
class Held:
    """A slot that a child holds. `missed`: when it was told, which proof came, whether of carence."""

    slot: int
    booked: bool
    late: bool
    missed: tuple[str, int | None, bool] | None
    minutes: int
    seen: int | None
    before: int
    card: bool


@dataclass(frozen=True)
class Kid:
    id: int
    born: int | None
    """A year; None, not known."""
    is_of: frozenset[str]
    held: tuple[Held, ...]
    fetched: tuple[tuple[int, int, int], ...] = ()
    """Slot, minutes, times before."""


@dataclass(frozen=True)
class Day:
    status: str
    quotient: int | None
    """In cents."""
    resources: int | None
    dependants: int
    aeeh: int
    kids: tuple[Kid, ...]
    household: tuple[int, ...] = field(default=())


QUOTIENTS = (None, 0, 35999, 36000, 56450, 60050, 60100, 71599, 81600, 100050, 120000, 120099, 120100, 250033)


def a_day(random: Random) -> Day:
    ids = list(range(1, random.choice([1, 1, 2, 3, 4]) + 1))
    random.shuffle(ids)
    household = tuple(one for one in random.sample(range(1, 6), 5) if random.random() < 0.8)
    return Day(
        status=random.choice(["proved", "proved", "proved", "declared", "refused", "none", "unknown"]),
        quotient=random.choice(QUOTIENTS) if random.random() < 0.7 else random.randrange(0, 150000),
        resources=random.choice([None, 30000, 81462, 300000, 850000, 1200000, 234567]),
        dependants=random.randrange(0, 10),
        aeeh=random.choice([0, 0, 0, 1, 2]),
        kids=tuple(_kid(random, one) for one in ids),
        household=household,
    )


def _kid(random: Random, number: int) -> Kid:
    words = ("outside", "staff", "own_meal", "in_care")
    return Kid(
        number,
        random.choice([None, 2015, 2018, 2018, 2021]),
        frozenset(word for word in words if random.random() < 0.2),
        tuple(_held(random, slot) for slot in random.sample(SLOTS, random.randrange(0, 6))),
        ((EVENING, random.randrange(1, 61), random.randrange(0, 3)),) if random.random() < 0.15 else (),
    )


def _held(random: Random, slot: int) -> Held:
    booked = random.random() < 0.85
    told = (
        random.choice(["never", "late", "in_time"]),
        random.choice([None, None, 0, 1]),
        random.random() < 0.2,
    )
    missed = told if booked and random.random() < 0.25 else None
    seen = random.choice([None, random.randrange(0, 200)])
    return Held(
        slot,
        booked,
        random.random() < 0.25,
        missed,
        random.choice([0, 29, 30, 31, 60, 61, 90, 145]) if booked else 0,
        seen if missed is None else None,
        random.randrange(0, 3),
        booked and random.random() < 0.1,
    )
