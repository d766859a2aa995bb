"""The situations of homes, read at once: one query, however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from django.db.models import CharField, DateField, IntegerField, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Concat, Greatest, Least, Trim

from marelle.billing.models import Coverage
from marelle.core.prepared import prepared, rounded
from marelle.core.rows import Columns, columns
from marelle.core.sealed import CannotOpen, Sealed, SealedField
from marelle.families.care.own_meals import MealDays
from marelle.families.care.safety import meals_read
from marelle.families.incomes.rules import IncomeKind, IncomeRow
from marelle.families.models import HealthSheet, Income, Member, Residence
from marelle.families.models.incomes import told_of
from marelle.flows.prices.situations import (
    Childhood,
    Employed,
    Noted,
    PaidFor,
    Situation,
    Subscribed,
    Territory,
)
from marelle.places.models import Employment
from marelle.places.rules import Lived
from marelle.places.selectors import grounds
from marelle.pricing.facts import Period, Trait, TraitKind
from marelle.pricing.incomes import Counts
from marelle.pricing.models import HomeTrait, Subscription

INCOME, LIVED, WORKS, CHILD, MEAL, NOTED, TAKEN, PAID = 1, 2, 3, 4, 5, 6, 7, 8


class _Fact(NamedTuple):
    """Something known of a home: `id` is that of a commune or of a child; `authority_id`, where a parent
    works, or who alone was told, noted or sells it; 0 of none. `code`: the kind of an income, or of what was
    noted, whose row is `row_id`; when a product is paid, whose row that is. `day`: when a child was born, or
    the home left. `slot_id`: one that a product covers. Of who else pays `code` is the name."""

    kind: int
    family_id: int
    id: int
    row_id: int
    authority_id: int
    first: date | None
    last: date | None
    day: date | None
    code: str
    status: Sealed | None
    amount: Sealed | None
    slot_id: int


NUMBER, DAY, TEXT, SEALED = IntegerField(), DateField(), CharField(), SealedField()
NOBODY, NO_CODE = Value(0, NUMBER), Value("", TEXT)
# PostgreSQL takes a bare NULL for a text, as soon as two parts of a union have one.
NO_DAY, NOTHING = Cast(Value(None), DAY), Cast(Value(None), SEALED)

EMPTY: Final = {
    "id": NOBODY, "row_id": NOBODY, "authority_id": NOBODY, "first": NO_DAY, "last": NO_DAY, "day": NO_DAY,
    "code": NO_CODE, "status": NOTHING, "amount": NOTHING, "slot_id": NOBODY,
}  # fmt: skip
"""Of what is not said."""


def _of_kind(kind: int, family_id: str = "family_id", **given: str | Combinable) -> Columns[_Fact]:
    return columns(_Fact, kind=Value(kind, NUMBER), family_id=family_id, **{**EMPTY, **given})


INCOMES: Final = _of_kind(
    INCOME,
    authority_id=Coalesce("authority_id", NOBODY),
    row_id="pk",
    first="since",
    last="until",
    code="kind",
    status="status",
    amount="amount",
)
HOMES: Final = _of_kind(LIVED, id=Coalesce("commune_id", NOBODY), first="since")
EMPLOYMENTS: Final = _of_kind(
    WORKS,
    "user__person__memberships__family_id",
    authority_id="authority_id",
    first=Greatest(Coalesce("since", Value(date.min, DAY)), "user__person__memberships__since"),
    last=Least(
        Coalesce("until", Value(date.max, DAY)),
        Coalesce("user__person__memberships__until", Value(date.max, DAY)),
    ),
)
CHILDREN: Final = _of_kind(CHILD, id="person_id", first="since", last="until", day="person__birth_date")
MEALS: Final = _of_kind(MEAL, "child__memberships__family_id", id="child_id", status="said")
NOTES: Final = _of_kind(
    NOTED,
    authority_id="authority_id",
    id=Coalesce("child_id", NOBODY),
    row_id="pk",
    first="since",
    last="until",
    code="kind",
)
PRODUCTS: Final = _of_kind(
    TAKEN,
    authority_id="product__authority_id",
    id=Coalesce("child_id", NOBODY),
    row_id="product_id",
    first="since",
    last="until",
    day="family__left_on",
    code="product__period",
    slot_id=Coalesce("product__slots", NOBODY),
)
COVERED: Final = _of_kind(
    PAID,
    authority_id="authority_id",
    id=Coalesce("child_id", NOBODY),
    row_id="pk",
    first="since",
    last="until",
    code=Trim(Concat("payer__first_name", Value(" "), "payer__last_name")),
)


def territories_of(authority_ids: Collection[int]) -> Mapping[int, Territory]:
    """As prices tell homes apart at each."""
    known = grounds() if authority_ids else {}
    found = {}
    for pk in authority_ids:
        *former, now = (
            Territory(pk, one.residents, one.agreement, Counts(one.incomes_count), until=one.until)
            for one in known[pk]
        )
        found[pk] = replace(now, former=tuple(former))
    return found


def territory_of(authority_id: int) -> Territory:
    return territories_of([authority_id])[authority_id]


def situations_of(family_ids: Collection[int]) -> Mapping[int, Situation]:
    """By home: each of `family_ids` has one."""
    facts: dict[int, list[_Fact]] = defaultdict(list)
    for fact in _facts(rounded(family_ids)) if family_ids else ():
        facts[fact.family_id].append(fact)
    return {
        family_id: _situation(family_id, sorted(facts[family_id], key=_order)) for family_id in family_ids
    }


def _order(fact: _Fact) -> tuple[int, date, int, int, date]:
    """A database gives rows in whatever order: in another, the same facts would have another fingerprint."""
    return fact.kind, fact.first or date.min, fact.row_id, fact.id, fact.last or date.max


def _situation(family_id: int, facts: Iterable[_Fact]) -> Situation:
    by_kind: dict[int, list[_Fact]] = defaultdict(list)
    for fact in facts:
        by_kind[fact.kind].append(fact)
    meals, unread = _meals(by_kind[MEAL])
    return Situation(
        family_id,
        incomes=tuple(_income(fact) for fact in by_kind[INCOME]),
        lived=tuple(Lived(fact.first or date.min, fact.id or None) for fact in by_kind[LIVED]),
        employed=tuple(
            Employed(fact.authority_id, fact.first or date.min, fact.last) for fact in by_kind[WORKS]
        ),
        children=tuple(
            Childhood(fact.id, fact.day, fact.first or date.min, fact.last) for fact in by_kind[CHILD]
        ),
        meals=meals,
        unread=unread,
        noted=tuple(_noted(fact) for fact in by_kind[NOTED]),
        subscribed=tuple(_subscribed(by_kind[TAKEN])),
        paid_for=tuple(
            PaidFor(fact.first or date.min, fact.authority_id, fact.code, fact.id or None, fact.last)
            for fact in by_kind[PAID]
        ),
    )


def _meals(facts: Iterable[_Fact]) -> tuple[dict[int, MealDays], frozenset[int]]:
    """The children who bring the meal of their PAI, and on which days; those of a sheet that no key opens."""
    read = {fact.id: meals_read(fact.status) for fact in facts if fact.status is not None}
    return (
        {child_id: days for child_id, days in read.items() if days},
        frozenset(child_id for child_id, days in read.items() if days is None),
    )


def _noted(fact: _Fact) -> Noted:
    kind = TraitKind(fact.code)
    trait = Trait(kind, fact.row_id if kind is TraitKind.DECISION else 0)
    return Noted(trait, fact.authority_id, fact.id or None, fact.first or date.min, fact.last)


def _subscribed(facts: Iterable[_Fact]) -> Iterator[Subscribed]:
    """One fact for each slot that is covered. A home that has left pays nothing more."""
    slots: dict[Subscribed, set[int]] = defaultdict(set)
    for fact in facts:
        ends = [day for day in (fact.last, fact.day and fact.day - timedelta(days=1)) if day is not None]
        taken = Subscribed(
            fact.first or date.min,
            fact.row_id,
            fact.authority_id,
            Period(fact.code),
            fact.id or None,
            min(ends, default=None),
        )
        slots[taken] |= {fact.slot_id} - {0}
    return (replace(taken, slots=frozenset(covered)) for taken, covered in slots.items())


def _income(fact: _Fact) -> IncomeRow:
    told = None
    if fact.status is not None and fact.amount is not None:
        try:
            told = told_of(fact.status, fact.amount)
        except CannotOpen:
            told = None
    return IncomeRow(
        0,
        IncomeKind(fact.code),
        fact.first or date.min,
        fact.last,
        "",
        fact.authority_id or None,
        told,
        lost=told is None,
    )


@prepared
def _facts(family_ids: Collection[int]) -> QuerySet[Any, _Fact]:
    adults = {
        "user__person__memberships__family_id__in": family_ids,
        "user__person__memberships__kind": Member.Kind.ADULT,
    }
    meals = HealthSheet.objects.filter(
        child__memberships__family_id__in=family_ids,
        child__memberships__kind=Member.Kind.CHILD,
    )
    children = Member.objects.filter(family_id__in=family_ids, kind=Member.Kind.CHILD)
    incomes = Income.objects.filter(family_id__in=family_ids)
    return INCOMES.of(incomes.order_by()).union(
        HOMES.of(Residence.objects.filter(family_id__in=family_ids).order_by()),
        EMPLOYMENTS.of(Employment.objects.filter(**adults).order_by()),
        CHILDREN.of(children.order_by()),
        MEALS.of(meals.order_by()),
        NOTES.of(HomeTrait.objects.filter(family_id__in=family_ids).order_by()),
        PRODUCTS.of(Subscription.objects.filter(family_id__in=family_ids).order_by()),
        COVERED.of(Coverage.objects.filter(family_id__in=family_ids, withdrawn_at=None).order_by()),
        all=True,
    )
