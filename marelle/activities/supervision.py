"""How many adults the children of a structure need, half-hour by half-hour. Pure.

Code de l’action sociale et des familles: R227-15 (extrascolaire), R227-16 (périscolaire, with or without a
projet éducatif territorial). Code de la santé publique: R2324-43 and R2324-46-4 (ratios of a multi-accueil,
at every moment), R2324-43-1 (never fewer than two present).
Children of each age count apart, and a group that is begun needs its adult.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from marelle.activities.kinds import ActivityKind, Supervision

LONG = 10
"""Half-hours in a row past which an accueil counts as long: five hours."""

DEFAULTS: Mapping[ActivityKind, Supervision] = {
    ActivityKind.CHILDCARE: Supervision.SIX,
    ActivityKind.HOLIDAYS: Supervision.HOLIDAYS,
    ActivityKind.WEDNESDAY: Supervision.TERM,
    ActivityKind.AFTER_SCHOOL: Supervision.TERM,
}
"""Where an activity names no rule. The other kinds have none until they name one."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """Children per adult: the `young` (under six; in a multi-accueil, those who do not walk) and the `old`.

    `together`: both are counted in one group. `least` adults are there as soon as one child is.
    """

    young: int
    old: int
    together: bool = False
    least: int = 1

    def adults(self, young: int, old: int) -> int:
        if young + old == 0:
            return 0
        if self.together:
            return max(self.least, _groups(young + old, self.young))
        return max(self.least, _groups(young, self.young) + _groups(old, self.old))


@dataclass(frozen=True, slots=True)
class Presence:
    """Children of one activity there from a half-hour (0–47) until another, not included."""

    activity_id: int
    first: int
    last: int
    young: int
    old: int


@dataclass(frozen=True, slots=True)
class Staff:
    """Adults planned from a half-hour until another, not included."""

    first: int
    last: int
    number: int


@dataclass(frozen=True, slots=True)
class Need:
    """`needed` at the busiest half-hour of the day. `lacking` at the worst one, `at`; None when no staff is
    planned."""

    needed: int
    lacking: int | None
    at: int | None


def rule_of(kind: ActivityKind, named: str) -> Supervision:
    """The rule that an activity names, else that of its kind."""
    return Supervision(named) if named else DEFAULTS.get(kind, Supervision.NONE)


def ratio_of(rule: Supervision, longest: int) -> Ratio | None:
    """The ratio of an accueil that lasts `longest` half-hours in a row; None where no text asks for one."""
    is_long = longest > LONG
    match rule:
        case Supervision.HOLIDAYS:
            return Ratio(8, 12)
        case Supervision.TERM:
            return Ratio(8, 12) if is_long else Ratio(10, 14)
        case Supervision.TERM_PEDT:
            return Ratio(10, 14) if is_long else Ratio(14, 18)
        case Supervision.WALKING:
            return Ratio(5, 8, least=2)
        case Supervision.SIX:
            return Ratio(6, 6, together=True, least=2)
    return None


def longest_run(spans: Iterable[tuple[int, int]]) -> int:
    """Half-hours of the longest unbroken stretch of these spans, each from a half-hour until another."""
    longest = start = end = 0
    for first, last in sorted(spans):
        if first > end:
            start = first
        end = max(end, last)
        longest = max(longest, end - start)
    return longest


def adults_needed(presences: Iterable[Presence], ratios: Mapping[int, Ratio]) -> dict[int, int]:
    """Adults by half-hour, for the activities that have a ratio."""
    there: dict[tuple[int, int], tuple[int, int]] = {}
    for one in presences:
        if one.activity_id not in ratios:
            continue
        for part in range(one.first, one.last):
            young, old = there.get((part, one.activity_id), (0, 0))
            there[part, one.activity_id] = (young + one.young, old + one.old)
    found: dict[int, int] = {}
    for (part, activity_id), (young, old) in there.items():
        found[part] = found.get(part, 0) + ratios[activity_id].adults(young, old)
    return found


def day_need(needed: Mapping[int, int], whole_day: int | None, staff: Sequence[Staff]) -> Need:
    """What a day needs against what is planned: for a half-hour the staff of its slots, else the day's."""
    if whole_day is None and not staff:
        return Need(max(needed.values(), default=0), None, None)
    worst, at = 0, None
    for part, number in sorted(needed.items()):
        lack = number - _planned(part, whole_day or 0, staff)
        if lack > worst:
            worst, at = lack, part
    return Need(max(needed.values(), default=0), worst, at)


def _planned(part: int, whole_day: int, staff: Collection[Staff]) -> int:
    numbers = [one.number for one in staff if one.first <= part < one.last]
    return sum(numbers) if numbers else whole_day


def _groups(children: int, size: int) -> int:
    return -(-children // size)
