"""The tariffs of an activity: which ones concern it, what holds today, what comes, what to look at."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.activities.models import Activity, Opening, Slot
from marelle.agents.activities.forms.tariffs import Filled, code_of
from marelle.agents.activities.sections import Section
from marelle.core.french import day_plain, join_and
from marelle.pricing import labels
from marelle.pricing.amounts import Brackets, Fixed
from marelle.pricing.doubts import doubts
from marelle.pricing.models import Tariff as TariffRow
from marelle.pricing.refusals import TariffRefused
from marelle.pricing.selectors import book_of
from marelle.pricing.tariffs import Adjustment, LateFetch, Sets, Slots, SpanRule, Tariff, TariffBook

R = TypeVar("R", Adjustment, SpanRule)


REFUSALS: Final = {
    "past": gettext_lazy("Donnez un jour à venir\u00a0: les jours passés ont déjà leur prix."),
    "not_in_order": gettext_lazy("La fin vient avant le début."),
    "no_slots": gettext_lazy("Cochez au moins un créneau par tarif."),
    "slots": gettext_lazy("Un de ces créneaux n’est plus là."),
    "product": gettext_lazy("Cette carte n’est plus là."),
    "replaced": gettext_lazy("Un de ces tarifs a déjà pris fin\u00a0: rouvrez la page des tarifs."),
}
FIELDS: Final = {"past": "since", "not_in_order": "until"}
"""Of the form, where a "no" is told; elsewhere on top."""


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence, under the name of what it is of. `detail`: when it holds."""

    name: str
    line: str
    detail: str


@dataclass(frozen=True, slots=True)
class GridShown:
    """`ids` of its tariffs, where a form can change them; `query` leads there."""

    grid: labels.Grid
    ids: tuple[int, ...]
    query: str


@dataclass(frozen=True, slots=True)
class Part:
    """What holds today, or what comes on one day."""

    code: str
    title: str
    grids: list[GridShown]
    adjustments: list[Told]
    rules: list[Told]


@dataclass(frozen=True, slots=True)
class Page:
    parts: list[Part]
    doubts: list[str]


def section(activity: Activity, day: date) -> Section:
    """On the page of the activity; one query."""
    of_sets = Q(sets__slots__activity=activity) | Q(fetched_slots__activity=activity)
    rows = TariffRow.objects.filter(of_sets, Q(until=None) | Q(until__gte=day)).order_by("since", "pk")
    names = list(dict.fromkeys(rows.values_list("name", flat=True)))
    lines = [join_and(names)] if names else [_("Aucun tarif n’est réglé\u00a0: rien n’est compté.")]
    page = reverse("agents_activities:tariffs", args=[activity.pk])
    return Section("tarifs", _("Tarifs"), lines, [], [(_("Voir"), page)])


def page(activity: Activity, day: date) -> Page:
    """What concerns the slots of an activity, and is not over on `day`."""
    own = frozenset(activity.slots.values_list("pk", flat=True))
    book = concerning(book_of(activity.structure.authority_id), own, day)
    names = _names(activity, own | _slots_of(book))
    found = doubts(book, _offered(activity, day)) if book.tariffs else ()
    return Page(
        _parts(book, names, day, changeable(book, frozenset(priced_slots(activity)))),
        labels.doubt_lines((one for one in found if not one.slots or one.slots & own), book, names),
    )


def priced_slots(activity: Activity) -> dict[int, str]:
    """Its slots that are priced, with their names: one that includes others is priced as those."""
    rows = activity.slots.filter(includes=None).order_by("order", "pk")
    return dict(rows.values_list("pk", "name"))


def changeable_of(activity: Activity, day: date) -> dict[int, Tariff]:
    """The tariffs of an activity that a grid may take the place of."""
    own = frozenset(priced_slots(activity))
    return changeable(concerning(book_of(activity.structure.authority_id), own, day), own)


def changeable(book: TariffBook, own: Slots) -> dict[int, Tariff]:
    """Those of sets of these slots alone, fixed or by brackets: what a form can show whole."""
    return {
        row.id: row
        for row in book.tariffs
        if isinstance(row.what, Sets)
        and all(slots <= own for slots in row.what.sets)
        and isinstance(row.amount, Fixed | Brackets)
        and not any(trait.id for trait in row.who)
    }


def filled(rows: Sequence[Tariff]) -> Filled:
    """What a form begins with, of tariffs that are cut alike."""
    brackets = [row.amount.rows for row in rows if isinstance(row.amount, Brackets)]
    limits = (
        " ; ".join(labels.decimal_text(one.since).replace("\u202f", "") for one in brackets[0])
        if brackets
        else ""
    )
    return Filled(
        limits,
        tuple((row.name, _codes(row), _prices(row), row.id) for row in rows),
    )


def begun(row: Tariff) -> dict[str, Any]:
    """What is said once of a grid, of the one that it takes the place of: its vote is another."""
    return {"who": sorted(trait.kind.value for trait in row.who), "until": row.until}


def _codes(row: Tariff) -> tuple[str, ...]:
    return tuple(map(code_of, row.what.sets)) if isinstance(row.what, Sets) else ()


def _prices(row: Tariff) -> tuple[str, ...]:
    match row.amount:
        case Fixed(price):
            return (_typed(price),)
        case Brackets(brackets):
            return tuple(_typed(one.price) for one in brackets)
        case _:
            return ()


def _typed(price: Decimal) -> str:
    return f"{price:.2f}".replace(".", ",")


def refusal_text(refusal: TariffRefused) -> str:
    return str(REFUSALS[refusal.code])


def concerning(book: TariffBook, own: Slots, day: date) -> TariffBook:
    """What of a book is about one of these slots, and is not over on `day`."""

    def lives(row: Tariff | Adjustment | SpanRule) -> bool:
        return row.until is None or row.until >= day

    return replace(
        book,
        tariffs=tuple(row for row in book.tariffs if lives(row) and _is_about(row, own)),
        adjustments=tuple(row for row in book.adjustments if lives(row) and row.is_about(own)),
        span_rules=tuple(row for row in book.span_rules if lives(row) and (not row.slots or row.slots & own)),
    )


def _is_about(tariff: Tariff, own: Slots) -> bool:
    match tariff.what:
        case Sets(sets):
            return any(slots & own for slots in sets)
        case LateFetch(slots):
            return not slots or bool(slots & own)
        case _:
            return False


def _slots_of(book: TariffBook) -> Slots:
    found: set[int] = set()
    for tariff in book.tariffs:
        if isinstance(tariff.what, Sets):
            found.update(*tariff.what.sets)
        elif isinstance(tariff.what, LateFetch):
            found.update(tariff.what.slots)
    found.update(*(row.slots for row in book.adjustments), *(row.slots for row in book.span_rules))
    return frozenset(found)


def _names(activity: Activity, slots: Slots) -> dict[int, str]:
    """Of the slots, those of other activities with the name of theirs."""
    rows = Slot.objects.filter(pk__in=slots).select_related("activity").order_by("order", "pk")
    own = {row.pk: row.name for row in rows if row.activity_id == activity.pk}
    others = {row.pk: f"{row.name} ({row.activity.name})" for row in rows if row.pk not in own}
    return own | others


def _offered(activity: Activity, day: date) -> Mapping[date, Slots]:
    """The slots of the days that come; one that includes others is priced as those."""
    rows = Opening.objects.filter(
        activity=activity, day__gte=day, state=Opening.State.OPEN, slot__includes=None
    )
    found: dict[date, set[int]] = {}
    for at, slot in rows.values_list("day", "slot").distinct():
        found.setdefault(at, set()).add(slot)
    return {at: frozenset(slots) for at, slots in found.items()}


def _parts(book: TariffBook, names: labels.Names, day: date, free: Collection[int]) -> list[Part]:
    """What holds today, then what comes, day by day."""
    rows = (*book.tariffs, *book.adjustments, *book.span_rules)
    found = []
    for since in sorted({max(row.since, day) for row in rows}):
        title = _("À partir du %(day)s") % {"day": day_plain(since)} if since > day else _("Aujourd’hui")
        part = TariffBook(
            tuple(row for row in book.tariffs if max(row.since, day) == since),
            tuple(row for row in book.adjustments if max(row.since, day) == since),
            tuple(row for row in book.span_rules if max(row.since, day) == since),
        )
        found.append(_part(since.isoformat(), title, part, names, day, free))
    return found


def _shown(grid: labels.Grid, free: Collection[int]) -> GridShown:
    ids = tuple(row.id for row in grid.rows)
    ids = ids if set(ids) <= set(free) else ()
    return GridShown(grid, ids, urlencode([("remplace", pk) for pk in ids]))


def _part(
    code: str, title: str, book: TariffBook, names: labels.Names, day: date, free: Collection[int]
) -> Part:
    return Part(
        code,
        title,
        [_shown(grid, free) for grid in labels.grids(book.tariffs, names, day)],
        [_told(row, labels.adjustment_label(row, names, day), day) for row in _in_order(book.adjustments)],
        [_told(row, labels.span_rule_label(row, names, day), day) for row in _in_order(book.span_rules)],
    )


def _in_order(rows: Iterable[R]) -> list[R]:
    return sorted(rows, key=lambda row: (row.step, row.order, row.id))


def _told(row: Adjustment | SpanRule, line: str, day: date) -> Told:
    return Told(row.name, line, labels.dates_label(row.since, row.until, day))
