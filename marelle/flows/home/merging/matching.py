"""Who of two files is likely the same person, and which values differ. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from marelle.core.tabular import plain
from marelle.families.file.values import Value

Side = Literal["kept", "left"]
"""The file that stays, and the one that goes into it."""


@dataclass(frozen=True, slots=True)
class Someone:
    """A member of a file, now or before; `born` is the birth date, or when a birth is expected."""

    id: int
    first_name: str
    last_name: str
    born: date | None
    is_child: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that the two files do not share. `key` is the one under which the agent's choice is sent.

    `code` is that of `families.fields`, or "home.name". `left_id` is the person of the file left that it is
    about, None for the home. `default` is the side kept unless the agent says otherwise.
    """

    code: str
    left_id: int | None
    kept: Value
    left: Value
    default: Side

    @property
    def key(self) -> str:
        return f"{self.code}-{self.left_id}" if self.left_id is not None else self.code


def likely_pairs(kept: Iterable[Someone], left: Iterable[Someone]) -> dict[int, int]:
    """Who of the file left is whom of the file kept, by id: same names, without accents, same birth.

    An adult of whom one file has no birth date is the one of that name; two of one name are nobody's twin. A
    person who is of both files needs no pair.
    """
    there, here = list(kept), list(left)
    shared = {one.id for one in there} & {one.id for one in here}
    pairs: dict[int, int] = {}
    for one in here:
        found = [other for other in there if _same(one, other) and not {one.id, other.id} & shared]
        if len(found) == 1 and found[0].id not in pairs.values():
            pairs[one.id] = found[0].id
    return pairs


def differences(
    values: Iterable[tuple[str, int | None, Value, Value]], *, newer: Side
) -> tuple[Difference, ...]:
    """What differs among (code, left id, value kept, value left); since when a value holds is no difference.

    A value wins over none; of two, the one of the file that was written to last.
    """
    return tuple(
        Difference(code, left_id, kept, left, _default(kept, left, newer))
        for code, left_id, kept, left in values
        if said(kept) != said(left)
    )


def said(value: Value) -> tuple[str, ...]:
    """A value without the day from which it holds; empty for none."""
    parts = tuple(part for name, part in sorted(value.items()) if name != "since")
    return parts if any(parts) else ()


def sides(found: Iterable[Difference], chosen: Mapping[str, str]) -> dict[str, Side]:
    """The side of each difference: the one chosen where it is one of the two, else the default."""
    wanted: dict[str, Side] = {}
    for one in found:
        side = chosen.get(one.key)
        wanted[one.key] = "left" if side == "left" else "kept" if side == "kept" else one.default
    return wanted


def _default(kept: Value, left: Value, newer: Side) -> Side:
    if not said(kept) or not said(left):
        return "kept" if said(kept) else "left"
    return newer


def _same(one: Someone, other: Someone) -> bool:
    names = [(plain(who.first_name), plain(who.last_name)) for who in (one, other)]
    if one.is_child is not other.is_child or names[0] != names[1]:
        return False
    if one.born is None or other.born is None:
        return not one.is_child
    return one.born == other.born
