"""The tariffs of an activity: which ones concern it, what holds today, what comes, what to look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from marelle.activities.models import Activity, Opening, Slot
from marelle.agents.activities.sections import Section
from marelle.core.french import day_plain, join_and
from marelle.pricing import labels
from marelle.pricing.doubts import doubts
from marelle.pricing.models import Tariff as TariffRow
from marelle.pricing.selectors import book_of
from marelle.pricing.tariffs import Adjustment, LateFetch, Sets, Slots, SpanRule, Tariff, TariffBook

R = TypeVar("R", Adjustment, SpanRule)


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence, under the name of what it is of. `detail`: when it holds."""

    name: str
    line: str
    detail: str


@dataclass(frozen=True, slots=True)
class Part:
    """What holds today, or what comes on one day."""

    code: str
    title: str
    grids: list[labels.Grid]
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
        _parts(book, names, day),
        labels.doubt_lines((one for one in found if not one.slots or one.slots & own), book, names),
    )


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


def _parts(book: TariffBook, names: labels.Names, day: date) -> list[Part]:
    """What holds today, then what comes, day by day."""
    rows = (*book.tariffs, *book.adjustments, *book.span_rules)
    found = []
    for since in sorted({max(row.since, day) for row in rows}):
        title = _("À partir du %(day)s") % {"day": day_plain(since)} if since > day else _("Aujourd’hui")
        begun = TariffBook(
            tuple(row for row in book.tariffs if max(row.since, day) == since),
            tuple(row for row in book.adjustments if max(row.since, day) == since),
            tuple(row for row in book.span_rules if max(row.since, day) == since),
        )
        found.append(_part(since.isoformat(), title, begun, names, day))
    return found


def _part(code: str, title: str, book: TariffBook, names: labels.Names, day: date) -> Part:
    return Part(
        code,
        title,
        labels.grids(book.tariffs, names, day),
        [_told(row, labels.adjustment_label(row, names, day), day) for row in _in_order(book.adjustments)],
        [_told(row, labels.span_rule_label(row, names, day), day) for row in _in_order(book.span_rules)],
    )


def _in_order(rows: Iterable[R]) -> list[R]:
    return sorted(rows, key=lambda row: (row.step, row.order, row.id))


def _told(row: Adjustment | SpanRule, line: str, day: date) -> Told:
    return Told(row.name, line, labels.dates_label(row.since, row.until, day))
