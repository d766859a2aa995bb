"""What goes on from one school year to the next: which activity is last year's, and which wishes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edition:
    """An activity in one year. It goes on in the one of the same structure, kind and name, years left out."""

    structure_id: int
    kind: str
    name: str

    @property
    def key(self) -> tuple[int, str, str]:
        """ "Mercredis 2025-2026" and "Mercredis 2026-2027" have the same one."""
        words = [word for word in self.name.casefold().split() if not any(c.isdigit() for c in word)]
        return self.structure_id, self.kind, " ".join(words)


def renewals(past: Mapping[int, Edition], offered: Mapping[int, Edition]) -> dict[int, int]:
    """By id of an offered activity, the id of the past one that it goes on from."""
    by_key = {edition.key: pk for pk, edition in past.items()}
    return {pk: by_key[edition.key] for pk, edition in offered.items() if edition.key in by_key}


def same_wishes(
    wished: Mapping[int, frozenset[str]],
    slots: Mapping[int, str],
    weekdays_by_slot: Mapping[int, frozenset[int]],
) -> dict[int, frozenset[int]]:
    """Last year's wishes, names of slots by weekday, as this year's slots; what has no like is left out."""
    kept = {
        weekday: frozenset(
            pk
            for pk, name in slots.items()
            if name in names and weekday in weekdays_by_slot.get(pk, frozenset())
        )
        for weekday, names in wished.items()
    }
    return {weekday: found for weekday, found in kept.items() if found}
