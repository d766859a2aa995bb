"""Reads the worked examples of docs/prices.md: the facts as they are written there, and the answer stated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from marelle.activities.absences import AbsenceGrade, Told
from marelle.pricing.facts import (
    ANYBODY,
    NOTHING_KNOWN,
    UNKNOWN_INCOME,
    ChildDay,
    Contract,
    Fetched,
    HomeDay,
    HomeSpan,
    Income,
    IncomeStatus,
    Known,
    Piece,
    SpanKind,
    Taken,
    Trait,
    TraitKind,
    Wishes,
)
from marelle.pricing.incomes import Counts, DatedIncome, counted_on
from marelle.pricing.lines import Priced
from tests.pricing.sheets import PRODUCTS, SLOTS, TEXT

CHILDREN = {
    "Zoé": date(2016, 3, 1),
    "Léo": date(2018, 5, 2),
    "Noé": date(2024, 1, 3),
    "Ava": date(2026, 11, 12),
}
IDS = {name: number for number, name in enumerate(CHILDREN, 1)}
DAY = r"\d{1,2} \w{3} \d{4}"
SPAN = rf"(week|month|year) from ({DAY})"
DAYS = {"week": 7, "month": 30, "year": 365}
CONTRACT = r"hours (\d+) weeks (\d+) h (\d+) months(?: (\d+) more)?(?: (\d+) less)?"
COUNTS = {"next month": Counts.NEXT_MONTH, "from its date": Counts.ITS_DATE}
STATUSES = {status.value: status for status in IncomeStatus}


@dataclass(frozen=True)
class Example:
    case: str
    book: str
    days: tuple[HomeDay, ...]
    answer: tuple[Decimal, ...] | None
    """Line by line; None: no price."""
    total: Decimal | None
    span: HomeSpan | None = None

    def assert_answers(self, found: Priced) -> None:
        """As the document states it, line by line where it states lines."""
        if self.total is None:
            assert (self.case, found.lines, len(found.gaps)) == (self.case, (), 1)
            return
        assert (self.case, found.total, found.gaps) == (self.case, self.total, ())
        amounts = tuple(line.amount for line in found.lines)
        assert (self.case, self.answer or amounts) == (self.case, amounts)


def examples() -> list[Example]:
    rows = re.findall(
        r"^\| (\w+\d(?:\.\d+)?) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| [^|]+ \|$", TEXT, re.MULTILINE
    )
    return [_example(*row) for row in rows]


def placed(example: Example, slots: Mapping[int, int], products: Mapping[int, int]) -> Wishes:
    """On the slots, and with the products, of another world, by those of the document."""

    def child(one: ChildDay) -> ChildDay:
        pieces = (
            piece._replace(
                slot_id=slots[piece.slot_id],
                prepaid=None if piece.prepaid is None else products[piece.prepaid],
            )
            for piece in one.pieces
        )
        fetched = (replace(late, slot_id=slots[late.slot_id]) for late in one.fetched)
        return replace(one, pieces=tuple(pieces), fetched=tuple(fetched))

    days = tuple(replace(day, children=tuple(map(child, day.children))) for day in example.days)
    if example.span is None:
        return Wishes(days)
    taken = tuple(replace(one, product=products[one.product]) for one in example.span.taken)
    return Wishes(days, (replace(example.span, taken=taken),))


def _example(case: str, book: str, facts: str, answer: str) -> Example:
    if re.match(SPAN, facts):
        return _spanned(case, book, facts, answer)
    days: list[HomeDay] = []
    rows: list[DatedIncome] = []
    counts = Counts.ITS_DATE
    for text in facts.split(" / "):
        when, *told = text.split("; ")
        day = _day(when)
        for dated in (one for one in told if re.match(r"quotient \S+ since", one)):
            rows, counts = _dated(dated)
        income = Income(counted_on(rows, day, counts) or NOTHING_KNOWN)
        for one in told:
            income = _income(one) or income
        household = tuple(IDS[name] for one in told for name in _household(one))
        children = tuple(_child(one) for one in told if ":" in one or " fetched " in one)
        days.append(HomeDay(day, income, children, household))
    *lines, total = re.split(r" = ", answer) if "=" in answer else (answer, answer)
    if answer == "no price":
        return Example(case, book, tuple(days), None, None)
    priced = () if answer == "0" else tuple(Decimal(one) for one in lines[0].split(" + "))
    return Example(case, book, tuple(days), priced, Decimal(total))


def _spanned(case: str, book: str, facts: str, answer: str) -> Example:
    """Each child's days follow each other from the first of the span."""
    head, *told = facts.split("; ")
    kind, since = re.fullmatch(SPAN, head).groups()  # type: ignore[union-attr]
    first, last = _day(since), _day(since) + timedelta(days=DAYS[kind] - 1)
    income = next((found for one in told if (found := _income(one))), UNKNOWN_INCOME)
    taken = tuple(_taken(one, first, income) for one in told if " takes " in one)
    held = [one.split(" × ") for one in told if " × " in one]
    days = []
    for ahead in range(DAYS[kind]):
        children = tuple(_child(one) for one, n in held if ahead < int(n))
        days.append(HomeDay(first + timedelta(days=ahead), income, children))
    traits = tuple((IDS[name], ANYBODY) for name in CHILDREN if any(one.startswith(name) for one in told))
    span = HomeSpan(SpanKind(kind), first, last, income, traits, taken)
    return Example(case, book, tuple(days), None, Decimal(answer), span)


def _taken(text: str, on: date, income: Income) -> Taken:
    name, what = text.split(" takes ")
    found = re.fullmatch(CONTRACT, what)
    if found is None:
        return Taken(PRODUCTS[what], on, IDS[name], income=income)
    weeks, hours, months, more, less = (int(one or 0) for one in found.groups())
    contract = Contract(weeks, hours * 60, months, more, less)
    return Taken(PRODUCTS["hours"], on, IDS[name], income=income, contract=contract)


def _day(text: str) -> date:
    return datetime.strptime(text.strip(), "%d %b %Y").date()  # noqa: DTZ007


def _dated(text: str) -> tuple[list[DatedIncome], Counts]:
    rows = re.findall(rf"([\d.]+) since ({DAY})", text)
    counts = re.search(r"counted (.+)$", text)
    assert rows, text
    assert counts, text
    return [
        DatedIncome(_day(day), Known(IncomeStatus.PROVED, Decimal(amount))) for amount, day in rows
    ], COUNTS[counts[1]]


def _income(text: str) -> Income | None:
    if found := re.fullmatch(r"quotient ([\d.]+)", text):
        return Income(Known(IncomeStatus.PROVED, Decimal(found[1])))
    if found := re.fullmatch(r"quotient (\w+)", text):
        return Income(Known(STATUSES[found[1]]))
    found = re.fullmatch(r"resources (\w+) with (\d) child(?:ren)?(?:, (\d) AEEH)?", text)
    if not found:
        return None
    status = STATUSES.get(found[1], IncomeStatus.PROVED)
    resources = Decimal(found[1]) if found[1].isdigit() else None
    return Income(Known(status), Known(status, resources), int(found[2]), int(found[3] or 0))


def _household(text: str) -> list[str]:
    return text.removeprefix("household ").split(", ") if text.startswith("household ") else []


def _child(text: str) -> ChildDay:
    found = re.fullmatch(r"(\w+)(?: \(([^)]+)\))?(?:: (.+)| fetched (\d+) min)", text)
    assert found, text
    name, traits, held, minutes = found.groups()
    kinds = frozenset(Trait(TraitKind(one.replace(" ", "_"))) for one in (traits or "").split(", ") if one)
    pieces = [] if held in {None, "nothing"} else _pieces(held)
    fetched = (Fetched(SLOTS["Soir"], int(minutes)),) if minutes else ()
    return ChildDay(IDS[name], tuple(pieces), kinds, CHILDREN[name], fetched)


def _pieces(text: str) -> list[Piece]:
    """A minute seen is told after a comma, of the slot before it."""
    found: list[Piece] = []
    for one in re.split(r", (?!seen)", text):
        name, rest = re.match(r"([\w-]+)(.*)", one).groups()  # type: ignore[union-attr]
        found.append(_piece(SLOTS[name], rest))
    return found


def _piece(slot_id: int, text: str) -> Piece:
    booked, seen = re.search(r"^ (\d+) min", text), re.search(r"seen (\d+) min", text)
    words = re.sub(r",? (seen )?\d+ min| prepaid", "", text)
    late = words.startswith(" late")
    words = words.removeprefix(" late")
    unbooked = words == " unbooked"
    grade = None if unbooked or not words else _grade(words)
    return Piece(
        slot_id,
        not unbooked,
        late,
        grade,
        int(booked[1]) if booked else 0,
        int(seen[1]) if seen else None,
        prepaid=PRODUCTS["card"] if text.endswith(" prepaid") else None,
    )


def _grade(words: str) -> AbsenceGrade:
    found = re.fullmatch(r" absent( told late| told)?( late letter| letter)?( carence)?", words)
    assert found, words
    told = {None: Told.NEVER, " told": Told.IN_TIME, " told late": Told.LATE}[found[1]]
    proof = {None: None, " letter": 0, " late letter": 1}[found[2]]
    return AbsenceGrade(told, proof, waiting=found[3] is not None)
