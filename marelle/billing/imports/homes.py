"""Whose a line is, by the number of its home; and asking for many at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, Final, TypeVar

from marelle.families.models import Family

T = TypeVar("T")

AT_ONCE: Final = 5_000
"""Values in one condition: more than any month has invoices, and less than any database refuses."""


def in_batches(values: Collection[T], query: Callable[[list[T]], Iterable[Any]]) -> Iterator[Any]:
    """What `query` finds for all the values, so many at a time that a database accepts them."""
    rest = list(dict.fromkeys(values))
    for start in range(0, len(rest), AT_ONCE):
        yield from query(rest[start : start + AT_ONCE])


def homes_by_number(numbers: Collection[str]) -> dict[str, int]:
    """By number, in small letters, however it is typed: the homes that are there."""
    typed = [*numbers, *(number.upper() for number in numbers)]
    rows = in_batches(
        typed, lambda batch: Family.objects.filter(number__in=batch).values_list("pk", "number")
    )
    return {number.casefold(): pk for pk, number in rows}
