"""What a département costs beside a town: the works that everybody waits for, in two worlds of one kind.

A figure is the processor time of this process and of its connection's server, so that what else runs on the
machine weighs little: of each home the least of its rounds, then the median of the homes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from statistics import median
from typing import Any, Final

from django.db import connection

from marelle.bookings.models import Booking
from marelle.core.actor import Role
from marelle.demo.bench import (
    HOMES,
    ROUNDS,
    Home,
    month_after,
    month_to_write,
    page_spent,
    post,
    sample,
)
from marelle.demo.bench_clock import Spent
from marelle.demo.bench_closing import closing_figures
from marelle.demo.bench_search import address as search_address
from marelle.demo.bench_search import office, typed
from marelle.demo.bench_staff import addresses, staff
from marelle.families.models import Family

REACH: Final = 1.3
"""Of the figures of a town."""

DOOR: Final = "/agents/presences/"


@dataclass(frozen=True, slots=True)
class Scale:
    """`works`: milliseconds of processor, by work. `size`: bytes of the database."""

    families: int
    bookings: int
    size: int
    works: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def scale_figures(today: date) -> Scale:
    """All of it, and nothing of it stays."""
    homes = sample(HOMES)
    month = month_after(today, 1)
    agent, director = Home(office(), 0), Home(staff(Role.DIRECTOR), 0)
    searched = [search_address(query) for queries in typed(homes).values() for query in queries]
    doors = [url for label, url in addresses(Role.DIRECTOR, today).items() if label.startswith(f"{DOOR}?")]
    saves = [_saves(home, today) for home in homes]
    works = {
        "planning of a month": _least(page_spent(home, home.planning(month)) for home in homes),
        "saving twenty cells": _least(booked for booked, _freed in saves),
        "giving them back": _least(freed for _booked, freed in saves),
        "dashboard": _least(page_spent(home, "/tableau-de-bord/") for home in homes),
        "search of a family": _least(page_spent(agent, url) for url in searched),
        "the door": _least(page_spent(director, url) for url in doors),
        "closing a day": min(closing_figures(today).make_worked_ms for _round in range(ROUNDS)),
    }
    with connection.cursor() as cursor:
        cursor.execute("select pg_database_size(current_database())")
        size = int(cursor.fetchone()[0])
    return Scale(Family.objects.count(), Booking.objects.count(), size, works)


def report(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A table: each work at each size, and how many times the first the last is."""
    yield "| ms of processor | " + " | ".join(f"{one['families']:,} families" for one in found) + " | times |"
    yield "|---|" + "---:|" * (len(found) + 1)
    for name, first in found[0]["works"].items():
        cells = [f"{one['works'][name]:.1f}" for one in found]
        yield f"| {name} | {' | '.join(cells)} | {found[-1]['works'][name] / first:.2f} |"
    for name, unit in (("bookings", 1), ("size", 1_000_000)):
        cells = [f"{one[name] / unit:,.0f}" for one in found]
        yield f"| {name}{' of the database, MB' if unit > 1 else ''} | {' | '.join(cells)} | |"


def _saves(home: Home, today: date) -> tuple[list[Spent], list[Spent]]:
    client = home.client()
    url, keys = month_to_write(client, home, today)
    rounds = [(post(client, url, add=keys), post(client, url, remove=keys)) for _round in range(ROUNDS)]
    return [booked for booked, _freed in rounds], [freed for _booked, freed in rounds]


def _least(found: Iterator[list[Spent]]) -> float:
    return median(min(one.worked_ms for one in rounds) for rounds in found)
