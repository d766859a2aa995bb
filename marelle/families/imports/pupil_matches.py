"""Who the pupils of a list are among the children of the portal, and what the list changes. Pure.

Nothing is guessed: a pupil is a child when both names and the birth date are those of this child alone. What
two of the three bring near (twins, homonyms, a birth date mistyped, a child in two files) is asked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from marelle.core.tabular import plain
from marelle.families.imports.pupil_lines import Listed
from marelle.places.rules import school_year_days

NOBODY: Final = 0
"""The answer that a pupil is none of the children that it might be."""

WHOLE: Final = 2
"""A list that finds fewer than one of so many of the pupils who were there is not whole."""


@dataclass(frozen=True, slots=True)
class Class:
    """A row of `Schooling`; `made_by_promotion` as long as nobody has written it since."""

    id: int
    school_id: int
    level: str
    teacher: str
    until: date | None = None
    made_by_promotion: bool = False


@dataclass(frozen=True, slots=True)
class Child:
    """A child of the portal and its homes; its class of the year of the list, and of the year before."""

    id: int
    first_name: str
    last_name: str
    birth_date: date
    family_ids: tuple[int, ...]
    now: Class | None = None
    before: Class | None = None
    is_own: bool = False

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def key(self) -> tuple[str, str]:
        return plain(self.first_name), plain(self.last_name)


class Fate(StrEnum):
    """What a list makes of a child: its class is noted already; it goes up, stays in its level, or comes from
    elsewhere; its class differs from the one noted; it is of the agent's own home."""

    SAME = "same"
    UP = "up"
    REPEATS = "repeats"
    ARRIVES = "arrives"
    CHANGED = "changed"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Found:
    """A pupil of the list who is a child of the portal. `teacher` is that to write: the held one where the
    list names none."""

    listed: Listed
    child: Child
    fate: Fate
    teacher: str

    @property
    def is_written(self) -> bool:
        return self.fate in (Fate.UP, Fate.REPEATS, Fate.ARRIVES)


@dataclass(frozen=True, slots=True)
class Question:
    """A pupil who may be one of several children; `answer` is what was said: one of their ids, `NOBODY`, or
    None as long as nothing is."""

    listed: Listed
    children: tuple[Child, ...]
    answer: int | None = None


@dataclass(frozen=True, slots=True)
class Leaver:
    """A child of one of the schools of the list who is not on it; `row` is the class that ends."""

    child: Child
    row: Class
    school_year: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What the list would do. `is_whole`: enough of the pupils who were there are on it for those who are not
    to have left."""

    found: tuple[Found, ...] = ()
    unknown: tuple[Listed, ...] = ()
    asked: tuple[Question, ...] = ()
    leavers: tuple[Leaver, ...] = ()
    is_whole: bool = True

    def of(self, *fates: Fate) -> tuple[Found, ...]:
        return tuple(one for one in self.found if one.fate in fates)


@dataclass(slots=True)
class _Matches:
    pairs: list[tuple[Listed, Child]] = field(default_factory=list)
    unknown: list[Listed] = field(default_factory=list)
    asked: list[Question] = field(default_factory=list)


def planned(
    listed: Sequence[Listed], children: Sequence[Child], answers: Mapping[str, int], *, school_year: int
) -> Plan:
    """What a list does to these children, who are all those of the portal that it may be about."""
    matches = _matched(listed, children, answers)
    taken = {child.id for _one, child in matches.pairs}
    maybe = {child.id for one in matches.asked if one.answer is None for child in one.children}
    schools = {one.school_id for one in listed}
    there = list(_there(children, schools, school_year))
    return Plan(
        found=tuple(_found(one, child) for one, child in matches.pairs),
        unknown=tuple(matches.unknown),
        asked=tuple(matches.asked),
        leavers=tuple(one for one in there if one.child.id not in taken | maybe and not one.child.is_own),
        is_whole=WHOLE * sum(one.child.id in taken for one in there) >= len(there),
    )


def last_day(leaver: Leaver, said: date) -> date:
    """The end of a class: as said, but not later than its year."""
    return min(said, school_year_days(leaver.school_year)[1])


@dataclass(slots=True)
class _Index:
    """The children by what two of first name, last name and birth date say, and by the three."""

    by_all: dict[object, list[Child]]
    by_two: dict[object, list[Child]]

    @classmethod
    def of(cls, children: Iterable[Child]) -> _Index:
        index = cls(defaultdict(list), defaultdict(list))
        for child in children:
            index.by_all[child.key, child.birth_date].append(child)
            for two in _twos(child.key, child.birth_date):
                index.by_two[two].append(child)
        return index

    def exact(self, one: Listed) -> list[Child]:
        return _once(child for key in one.keys for child in self.by_all.get((key, one.birth_date), ()))

    def near(self, one: Listed) -> list[Child]:
        twos = (two for key in one.keys for two in _twos(key, one.birth_date))
        return _once(child for two in twos for child in self.by_two.get(two, ()))


def _twos(key: tuple[str, str], birth: date) -> tuple[object, ...]:
    first, last = key
    return ("names", first, last), ("first", first, birth), ("last", last, birth)


def _once(children: Iterable[Child]) -> list[Child]:
    return list({child.id: child for child in children}.values())


def _matched(listed: Sequence[Listed], children: Sequence[Child], answers: Mapping[str, int]) -> _Matches:
    index = _Index.of(children)
    exact = {one.line: index.exact(one) for one in listed}
    claims = Counter(child.id for those in exact.values() for child in those)
    sure = {line: those[0] for line, those in exact.items() if len(those) == 1 and claims[those[0].id] == 1}
    taken = {child.id for child in sure.values()}
    found = _Matches()
    for one in listed:
        if one.line in sure:
            found.pairs.append((one, sure[one.line]))
            continue
        maybe = {child.id: child for child in exact[one.line] or index.near(one) if child.id not in taken}
        if not maybe:
            found.unknown.append(one)
            continue
        answer = answers.get(str(one.line))
        if answer in maybe:
            found.pairs.append((one, maybe[answer]))
            taken.add(answer)
        elif answer == NOBODY:
            found.unknown.append(one)
        else:
            answer = None
        found.asked.append(Question(one, tuple(maybe.values()), answer))
    return found


def _found(one: Listed, child: Child) -> Found:
    teacher = one.teacher or (child.now.teacher if child.now is not None else "")
    return Found(one, child, _fate(one, child, teacher), teacher)


def _fate(one: Listed, child: Child, teacher: str) -> Fate:
    now, before = child.now, child.before
    if child.is_own:
        return Fate.OWN
    if now is not None:
        held = (now.school_id, now.level, now.teacher, now.until)
        return Fate.SAME if held == (one.school_id, one.level, teacher, None) else Fate.CHANGED
    if before is None or before.school_id != one.school_id:
        return Fate.ARRIVES
    return Fate.REPEATS if before.level == one.level else Fate.UP


def _there(children: Iterable[Child], schools: Collection[int], school_year: int) -> Iterator[Leaver]:
    """The children who are, or were the year before, in one of these schools, and are not known to have
    left it."""
    for child in children:
        row, year = (child.now, school_year) if child.now is not None else (child.before, school_year - 1)
        if row is not None and row.school_id in schools and row.until is None:
            yield Leaver(child, row, year)
