"""Where a row is made, what it would say, and what nobody meant of it: for the pages that make one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from marelle.activities.effects import facts_of
from marelle.activities.models import Activity, Slot
from marelle.agents.activities import tariff_words
from marelle.agents.activities.prices.billed_words import changed_lines
from marelle.agents.activities.prices.forms.common import Place
from marelle.agents.activities.prices.usual import usual_of
from marelle.pricing import about, labels
from marelle.pricing.about import Row
from marelle.pricing.amounts import Amount, ByNumber, Effort
from marelle.pricing.models import Product as ProductRow
from marelle.pricing.selectors import book_of, bounds_of, slot_names
from marelle.pricing.tariffs import (
    Adjustment,
    Becomes,
    Flat,
    LateFetch,
    Most,
    Product,
    Sets,
    SpanRule,
    Tariff,
    TariffBook,
)

DAY = timedelta(days=1)

R = TypeVar("R", Tariff, Adjustment, SpanRule)


@dataclass(frozen=True, slots=True)
class Scene:
    """An activity with its tariffs, as a page of it stands on a day."""

    activity: Activity
    day: date
    book: TariffBook
    place: Place

    @property
    def back(self) -> str:
        return reverse("agents_activities:tariffs", args=[self.activity.pk])

    def names(self) -> dict[int, str]:
        return slot_names(facts_of(self.activity), self.book)

    def told(self, row: Row) -> list[str]:
        return row_lines(row, self.names(), self.day)

    def doubts(self, rows: Sequence[tuple[Row, Row | None]]) -> list[str]:
        """What nobody meant once these are written, each in the place of its other, and was not so before;
        and the months that are billed already."""
        found = new_doubts(self.activity, self.book, rows, self.names(), self.day)
        return [*found, *changed_lines(self.place.authority_id, rows)]


def scene_of(activity: Activity, day: date) -> Scene:
    authority_id = activity.structure.authority_id
    book = about.concerning(book_of(authority_id), tariff_words.own_slots(activity), day)
    own = tariff_words.priced_slots(activity)
    place = Place(
        authority_id,
        tariff_words.seen_of(activity, about.version(book)),
        own,
        _others(activity, day),
        bounds_of(authority_id),
    )
    return Scene(activity, day, book, place)


def _others(activity: Activity, day: date) -> dict[int, str]:
    """Those of the other activities of the authority."""
    authority_id = activity.structure.authority_id
    return _named(slots_to_price(authority_id, day).exclude(activity=activity))


def slots_to_price(authority_id: int, day: date) -> QuerySet[Slot]:
    """The slots that are priced of an authority, those of activities that are over left out."""
    return Slot.objects.filter(
        activity__structure__authority_id=authority_id, activity__last_day__gte=day, includes=None
    )


def slots_to_cover(product: ProductRow | None, authority_id: int, day: date) -> dict[int, str]:
    """Those that a product may cover, with those that it covers already."""
    covered = Q() if product is None else Q(pk__in=product.slots.all())
    rows = slots_to_price(authority_id, day).values("pk")
    return _named(Slot.objects.filter(Q(pk__in=rows) | covered))


def _named(rows: QuerySet[Slot]) -> dict[int, str]:
    """With the name of their activity."""
    rows = rows.select_related("activity").order_by("activity__name", "activity_id", "order", "pk")
    return {row.pk: f"{row.name} ({row.activity.name})" for row in rows}


def row_lines(row: Row, names: labels.Names, day: date) -> list[str]:
    """What a row says, in sentences."""
    match row:
        case Adjustment():
            return [labels.adjustment_label(row, names, day)]
        case SpanRule():
            return [labels.span_rule_label(row, names, day)]
        case _:
            (grid,) = labels.grids([row], names, day)
            (shown,) = grid.rows
            prices = [f"{heading}\u00a0: {price}" for heading, price in shown.cells]
            whom = _("Pour %(whom)s") % {"whom": grid.whom}
            return [f"{whom}, {', '.join(grid.facts)}.", *shown.details, *prices]


def new_doubts(
    activity: Activity,
    book: TariffBook,
    rows: Sequence[tuple[Row, Row | None]],
    names: labels.Names,
    day: date,
) -> list[str]:
    before = tariff_words.doubts_told(activity, book, names, day)
    after = tariff_words.doubts_told(activity, written(book, rows), names, day)
    return [*(line for line in after if line not in before), *without_bounds(rows)]


def written(book: TariffBook, rows: Sequence[tuple[Row, Row | None]]) -> TariffBook:
    """A book once these rows are in it, each in the place of its other."""
    for number, (row, old) in enumerate(rows, 1):
        new = replace(row, id=-number)
        match new:
            case Tariff():
                book = replace(book, tariffs=(*_ended(book.tariffs, old, new), new))
            case Adjustment():
                book = replace(book, adjustments=(*_ended(book.adjustments, old, new), new))
            case SpanRule():
                book = replace(book, span_rules=(*_ended(book.span_rules, old, new), new))
    return book


def _ended(rows: Sequence[R], old: Row | None, new: Row) -> tuple[R, ...]:
    """The others, and the old one until the day before the new one."""
    if old is None:
        return tuple(rows)
    kept = (row if row.id != old.id else replace(row, until=new.since - DAY) for row in rows)
    return tuple(row for row in kept if row.until is None or row.until >= row.since)


def without_bounds(rows: Sequence[tuple[Row, Row | None]]) -> list[str]:
    """An effort rate counts nothing until the authority has said which resources count."""
    for row, _old in rows:
        for amount in amounts_of(row):
            parts = amount.amounts if isinstance(amount, ByNumber) else (amount,)
            if any(
                isinstance(part, Effort) and not any(bound.since <= row.since for bound in part.bounds)
                for part in parts
            ):
                return [
                    _(
                        "Aucun plancher ni plafond de ressources ne vaut encore le premier jour\u00a0: "
                        "rien ne sera compté tant que la page «\u00a0Tarifs communs\u00a0» ne les donne pas."
                    )
                ]
    return []


def amounts_of(row: Row) -> list[Amount]:
    match row:
        case Tariff():
            return [row.amount]
        case Adjustment(effect=Becomes(amount)):
            return [amount]
        case SpanRule(rule=Most(amount)) | SpanRule(rule=Flat(_, amount)):
            return [amount]
        case _:
            return []


def changeable(rows: Iterable[Row], *subjects: type[Sets | LateFetch | Product]) -> dict[int, Row]:
    """Those that a form shows whole; of tariffs, those of such a subject."""
    return {
        row.id: row
        for row in rows
        if not tariff_words.is_of_one(row.who)
        and (not isinstance(row, Tariff) or isinstance(row.what, subjects))
    }


def of_case(rows: dict[int, Row], case: str) -> dict[int, Row]:
    """Adjustments alone of the case that a usual rule is about."""
    return {pk: row for pk, row in rows.items() if isinstance(row, Adjustment) and usual_of(row).case == case}
