"""Whose incomes the lines of a spreadsheet are, and what writing them would change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import blake2s

from marelle.core.sealed import CannotOpen
from marelle.core.tabular import Problem, plain
from marelle.families.imports.income_lines import IncomeLine, Named
from marelle.families.incomes.rules import IncomeKind, NewIncome, Told
from marelle.families.models import Family, FormerFile, Income, Member
from marelle.families.selectors import current

WIDTH = 6
"""Figures of the number of a file."""


class Change(StrEnum):
    NEW = "new"
    REPLACED = "replaced"
    """The same day held another, which goes."""
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Planned:
    """One income of a line. `row` is what its day holds now, and `before` what that says, None where nothing,
    or nothing readable."""

    line: int
    family_id: int
    home: str
    income: NewIncome
    change: Change
    before: Told | None = None
    row: Income | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    planned: tuple[Planned, ...]
    problems: tuple[Problem, ...]
    mark: str

    def of(self, change: Change) -> tuple[Planned, ...]:
        return tuple(one for one in self.planned if one.change is change)


Key = tuple[int, IncomeKind, date, int | None]


def planned(
    lines: Sequence[IncomeLine], problems: Iterable[Problem], *, own: frozenset[int], day: date
) -> Plan:
    """What writing the lines would do: five queries, however many they are. `own` are homes that are not the
    agent's to write."""
    found, wrong = _homes(lines, own, day)
    wrong = [*problems, *wrong]
    held = _held(found)
    seen: dict[Key, int] = {}
    plan: list[Planned] = []
    for line, family in found:
        keys = [(family.pk, one.kind, one.since, one.authority_id) for one in line.incomes]
        first = next((seen[key] for key in keys if key in seen), None)
        if first is not None:
            wrong.append(Problem(str(line.line), "home_twice", {"line": first}))
            continue
        seen.update(dict.fromkeys(keys, line.line))
        plan += [
            _planned(line, family, income, held.get(key))
            for key, income in zip(keys, line.incomes, strict=True)
        ]
    ordered = tuple(sorted(wrong, key=lambda one: int(one.where)))
    return Plan(tuple(plan), ordered, _mark(plan, held))


def _planned(line: IncomeLine, family: Family, income: NewIncome, row: Income | None) -> Planned:
    before: Told | None = None
    if row is not None:
        try:
            before = row.told
        except CannotOpen:
            before = None
    change = Change.NEW if row is None else Change.REPLACED
    if row is not None and (before, row.until, row.source) == (income.told, income.until, income.source):
        change = Change.SAME
    return Planned(line.line, family.pk, str(family), income, change, before, row)


def _mark(plan: Sequence[Planned], held: dict[Key, Income]) -> str:
    """Another one whenever a line would do something else than was shown; it tells no amount."""
    told = [
        (one.line, one.family_id, one.income.kind.value, one.income.since, one.change.value) for one in plan
    ]
    rows = sorted(
        (row.pk, row.status.token, row.amount.token, row.until, row.source) for row in held.values()
    )
    return blake2s(repr((told, rows)).encode(), digest_size=16).hexdigest()


def _held(found: Sequence[tuple[IncomeLine, Family]]) -> dict[Key, Income]:
    wanted = {
        (family.pk, income.kind, income.since, income.authority_id)
        for line, family in found
        for income in line.incomes
    }
    rows = Income.objects.filter(
        family_id__in={key[0] for key in wanted}, since__in={key[2] for key in wanted}
    )
    keyed = (((row.family_id, IncomeKind(row.kind), row.since, row.authority_id), row) for row in rows)
    return {key: row for key, row in keyed if key in wanted}


def _homes(
    lines: Sequence[IncomeLine], own: frozenset[int], day: date
) -> tuple[list[tuple[IncomeLine, Family]], list[Problem]]:
    numbers = homes_numbered({line.named.number for line in lines if line.named.number})
    people = _by_person([line.named for line in lines if not line.named.number], day)
    names = _names({family.pk for family in numbers.values()}, day)
    found, problems = [], []
    for line in lines:
        named = line.named
        if named.number:
            homes = [numbers[number_plain(named.number)]] if number_plain(named.number) in numbers else []
        else:
            homes = people.get(_person(named), [])
        code = _problem(named, homes, own, names)
        if code:
            column = "number" if named.number else "last"
            problems.append(Problem(str(line.line), code, {"column": column, "value": _value(named)}))
        else:
            found.append((line, homes[0]))
    return found, problems


def _problem(
    named: Named, homes: Sequence[Family], own: frozenset[int], names: dict[int, frozenset[str]]
) -> str:
    if not homes:
        return "unknown_number" if named.number else "unknown_person"
    if len(homes) > 1:
        return "several_homes"
    if homes[0].pk in own:
        return "own_home"
    if named.number and named.last and plain(named.last) not in names[homes[0].pk]:
        return "other_name"
    return ""


def _value(named: Named) -> str:
    return named.number or f"{named.first} {named.last}"


def homes_numbered(numbers: set[str]) -> dict[str, Family]:
    """By number, whose first zeros a spreadsheet drops; that of a file that was merged leads to the one
    kept."""
    wanted = {way for number in numbers for way in (number.strip().upper(), number.strip().zfill(WIDTH))}
    found: dict[str, Family] = {}
    for former in FormerFile.objects.filter(number__in=wanted).select_related("family"):
        found[number_plain(former.number)] = former.family
    for family in Family.objects.filter(number__in=wanted, erased_at=None):
        found[number_plain(family.number)] = family
    return found


def number_plain(text: str) -> str:
    return plain(text).lstrip("0")


def _person(named: Named) -> tuple[str, str, date | None]:
    return plain(named.first), plain(named.last), named.birth


def _by_person(named: Sequence[Named], day: date) -> dict[tuple[str, str, date | None], list[Family]]:
    """The homes where somebody of that name, born that day, lives."""
    births = {one.birth for one in named if one.birth is not None}
    wanted = {_person(one) for one in named}
    found: dict[tuple[str, str, date | None], list[Family]] = defaultdict(list)
    rows = Member.objects.filter(current(day), person__birth_date__in=births, family__erased_at=None)
    for row in rows.select_related("person", "family").order_by("pk"):
        key = (plain(row.person.first_name), plain(row.person.last_name), row.person.birth_date)
        if key in wanted and row.family not in found[key]:
            found[key].append(row.family)
    return found


def _names(family_ids: set[int], day: date) -> dict[int, frozenset[str]]:
    """The last names of a home: its own, and those of who lives there."""
    found: dict[int, set[str]] = defaultdict(set)
    for family in Family.objects.filter(pk__in=family_ids):
        found[family.pk].add(plain(family.name))
    rows = Member.objects.filter(current(day), family__in=family_ids).select_related("person")
    for row in rows:
        found[row.family_id].add(plain(row.person.last_name))
    return {pk: frozenset(names) for pk, names in found.items()}
