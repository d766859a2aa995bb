"""What a home waits for, in French."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from marelle.bookings.labels import choice_text, passed_text
from marelle.bookings.waiting.joining import Unit, Waited
from marelle.portal.absences.words import place_text


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of the order: "1er choix"."""

    value: int
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A place waited for; `passed` says why it was passed, "" where it never was."""

    what: str
    where: str
    rank: str
    passed: str


@dataclass(frozen=True, slots=True)
class Card:
    """What is given all or none. `tags` say how; `free`: it may be put with others; `apart`, `leaves`: what
    its buttons may do."""

    key: int
    lines: tuple[Line, ...]
    tags: tuple[str, ...]
    free: bool
    ticked: bool
    choices: tuple[Choice, ...]
    apart: bool
    leaves: bool


def cards(units: Sequence[Unit], ticked: Collection[str], ranks: Mapping[str, str]) -> list[Card]:
    """`ticked` and `ranks` are what was typed, where it was refused."""
    free = [unit for unit in units if unit.one_of is None and unit.may_change and not unit.offered]
    return [_card(unit, free, str(unit.key) in ticked, ranks.get(f"rank-{unit.key}")) for unit in units]


def _card(unit: Unit, free: Sequence[Unit], ticked: bool, rank: str | None) -> Card:
    is_free = unit in free and len(free) > 1
    chosen = rank if rank is not None else str(free.index(unit) + 1) if is_free else ""
    return Card(
        key=unit.key,
        lines=tuple(_line(one) for one in unit.waited),
        tags=tuple(_tags(unit)),
        free=is_free,
        ticked=ticked,
        choices=tuple(
            Choice(number, choice_text(number), str(number) == chosen) for number in range(1, len(free) + 1)
        )
        if is_free
        else (),
        apart=(unit.together or unit.one_of is not None) and unit.may_change and not unit.offered,
        leaves=unit.may_change and not unit.offered,
    )


def _tags(unit: Unit) -> list[str]:
    said = [_("ensemble ou pas du tout")] if unit.together else []
    if unit.one_of is not None:
        said.append(_("une seule suffit · %s") % choice_text(unit.preference))
    if unit.offered:
        said.append(_("place proposée"))
    return said


def _line(one: Waited) -> Line:
    return Line(
        what=f"{one.child_name} · {place_text(one.opening, one.place)}",
        where=one.opening.activity.structure_name,
        rank=_("rang %d") % one.rank if one.rank else "",
        passed=passed_text(one.short.needed, one.short.left, one.passed_at)
        if one.short and one.passed_at
        else "",
    )
