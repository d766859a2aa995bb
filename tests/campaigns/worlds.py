"""Worlds of homes that ask for places: by chance, and all those of a few homes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations, product
from random import Random

from marelle.campaigns.rules import Asker, Choice, Plan, Right

OPENS = datetime(2027, 5, 10, 6, 30, tzinfo=UTC)
PLACES = ("a", "b", "c", "d")


def plan(*wanted: str) -> Plan:
    """A plan called by what it wants: "a" twice, two places of a."""
    return Plan("+".join(wanted), {place: wanted.count(place) for place in wanted})


def right(drawn: int = 0, *, tier: int = 0, points: int = 0, late: int | None = None) -> Right:
    """`late` in seconds after the first minutes."""
    return Right(tier, points, None if late is None else OPENS + timedelta(seconds=late), drawn)


def world(seed: int) -> tuple[dict[str, int], tuple[Asker, ...]]:
    """A few places, and up to seven homes with rights of all kinds, in any order: the same for a seed."""
    random = Random(seed)
    places = {place: random.randint(0, 4) for place in PLACES}
    many = random.randint(1, 7)
    askers = [
        Asker(
            f"t{number}", _right(random, drawn), tuple(_choice(random) for _ in range(random.randint(1, 2)))
        )
        for number, drawn in enumerate(random.sample(range(many), many))
    ]
    random.shuffle(askers)
    return places, tuple(askers)


def _right(random: Random, drawn: int) -> Right:
    late = random.choice((None, None, 0, 1, 2))
    return right(drawn, tier=random.randint(0, 2), points=random.randint(0, 2), late=late)


def _choice(random: Random) -> Choice:
    plans = tuple(
        Plan(
            f"p{number}",
            {place: random.randint(1, 2) for place in random.sample(PLACES, random.randint(1, 3))},
        )
        for number in range(random.randint(1, 4))
    )
    return Choice(plans, random.choice((None, None, 1, 2, 3)))


def small_wishes() -> list[tuple[Plan, ...]]:
    """Every ranking of at most two plans over three places."""
    plans = [
        plan(*(place for place, is_in in zip("abc", held, strict=True) if is_in))
        for held in product((True, False), repeat=3)
        if any(held)
    ]
    return [(), *((one,) for one in plans), *permutations(plans, 2)]
