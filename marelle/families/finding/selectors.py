"""Families that answer to what is typed, the best first, in two queries whatever their number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

from django.db import connection
from django.db.models import Case, IntegerField, Min, Q, QuerySet, Value, When

from marelle.families.finding.words import is_start, keys, mistakes_allowed, nearest, typed_words
from marelle.families.models import Family, SearchKey, SearchWord

EXACT, START, MISTAKE = 0, 1, 3
"""What a word costs: the families that cost least come first."""

NEAR_AT_MOST = 40
"""Words that one word typed may be a mistake for."""


@dataclass(frozen=True, slots=True)
class Match:
    id: int
    name: str
    number: str
    left_on: date | None


def families_matching(query: str, *, limit: int, within: QuerySet[Family] | None = None) -> tuple[Match, ...]:
    """Homes where each word of `query` is a word, the beginning of one, or nearly one; of `within` if given.

    A word too short to be a beginning counts when a home has just that one.
    """
    words = typed_words(query)
    if not words:
        return ()
    near = _near(words)
    costs = {f"cost{n}": _cost(word, near[word]) for n, word in enumerate(words)}
    # The homes that have each word are found first, by the index of words: SQLite would rather walk the homes
    # in the order by which they are grouped, and a frequent first name would be counted in all of its own.
    asked = {word: _starts(word) | Q(word__in=near[word]) for word in words}
    rows = SearchWord.objects.filter(reduce(or_, asked.values()))
    for one in asked.values():
        rows = rows.filter(family_id__in=SearchWord.objects.filter(one).values("family_id"))
    if within is not None:
        rows = rows.filter(family__in=within)
    total = sum((Min(cost) for cost in costs.values()), start=Value(0))
    found = (
        rows.values("family_id", "family__name", "family__number", "family__left_on")
        .annotate(**{name: Min(cost) for name, cost in costs.items()})
        .filter(**{f"{name}__isnull": False for name in costs})
        .annotate(total=total)
        .order_by("total", "family__name", "family__number")[:limit]
    )
    return tuple(
        Match(row["family_id"], row["family__name"], row["family__number"], row["family__left_on"])
        for row in found
    )


def _near(words: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """For each word typed, those that are held and that it may be a mistake for."""
    by_key = {word: keys(word) for word in words if mistakes_allowed(word)}
    wanted = set().union(*by_key.values())
    held: dict[str, set[str]] = {}
    if wanted:
        for key, word in SearchKey.objects.filter(key__in=wanted).values_list("key", "word"):
            held.setdefault(key, set()).add(word)
    return {
        word: nearest(
            word, set().union(*(held.get(key, set()) for key in by_key.get(word, ()))), NEAR_AT_MOST
        )
        for word in words
    }


def _cost(word: str, near: tuple[str, ...]) -> Case:
    return Case(
        When(word=word, then=Value(EXACT)),
        When(_starts(word), then=Value(START)),
        When(word__in=near, then=Value(MISTAKE)),
        output_field=IntegerField(),
    )


def _starts(word: str) -> Q:
    """Words that begin with it, or that one alone when it is too short to be a beginning."""
    if not is_start(word):
        return Q(word=word)
    if connection.vendor == "sqlite":
        # Its LIKE reads the whole table; the order of its index is that of the bytes.
        return Q(word__gte=word, word__lt=word[:-1] + chr(ord(word[-1]) + 1))
    return Q(word__startswith=word)
