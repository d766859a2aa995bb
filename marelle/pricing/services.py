"""Writes tariffs. What may have priced something is never edited: it ends, another begins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db import transaction

from marelle.activities.models import Slot
from marelle.activities.rules import Dated
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.kept import kept_changed
from marelle.core.refusals import ChangedMeanwhile, NotYours
from marelle.core.subject import Subject
from marelle.journal.models import Entry
from marelle.journal.services import record
from marelle.places.models import Authority
from marelle.places.scope import in_office
from marelle.pricing import about
from marelle.pricing import tariffs as pure
from marelle.pricing.models import Adjustment, Price, Product, ResourceBound, SpanRule, Tariff
from marelle.pricing.refusals import TariffRefused
from marelle.pricing.selectors import book_held, bounds_of
from marelle.pricing.writing import adjustment_write, span_rule_write, tariff_write

SUBJECT: Final = "tariff"

Row = Tariff | Adjustment | SpanRule
"""What has dates, and ends."""

DAY: Final = timedelta(days=1)


@transaction.atomic
def tariff_set(
    *,
    actor: Actor,
    authority_id: int,
    tariff: pure.Tariff | pure.Adjustment | pure.SpanRule,
    replaces: int | None = None,
    anew: bool = False,
    now: datetime,
) -> Row:
    """From `tariff.since`, an authority has this tariff, adjustment or rule of a span, as a new row.

    `replaces`: the row of the same kind that ends the day before; one that would not have begun by then is
    taken away. `anew`: what it is the price of is of this transaction, so that no day of it has gone by.
    Raises NotYours, or TariffRefused.
    """
    authority = authority_locked(actor, authority_id)
    _refuse_dates(tariff, now, anew=anew)
    _refuse_slots(tariff, authority_id)
    # Found before anything is written: the new row may have the number that was given.
    replaced = None if replaces is None else _row(_model_of(tariff), authority_id, replaces)
    written: Row
    if isinstance(tariff, pure.Tariff):
        written = tariff_write(authority_id, tariff)
    elif isinstance(tariff, pure.Adjustment):
        written = adjustment_write(authority_id, tariff)
    else:
        written = span_rule_write(authority_id, tariff)
    if replaced is not None:
        row_end(replaced, tariff.since - DAY)
    tariffs_changed(actor, authority, "tariff.set", written.name, tariff.since, now)
    return written


@transaction.atomic
def tariff_end(*, actor: Actor, authority_id: int, row: Row, until: date, now: datetime) -> None:
    """`until` is its last day; one that would end before it begins is taken away. Raises NotYours, or
    TariffRefused."""
    authority = authority_locked(actor, authority_id)
    if until < local(now).date() - DAY:
        raise TariffRefused("past")
    row_end(_row(type(row), authority_id, row.pk), until)
    tariffs_changed(actor, authority, "tariff.ended", row.name, until, now)


def refuse_stale(*, actor: Actor, authority_id: int, seen: about.Seen | None, now: datetime) -> None:
    """Within a transaction, which then holds the tariffs of the authority; None: nothing was shown.

    Raises NotYours, or ChangedMeanwhile with the names of what is not as it was seen.
    """
    authority_locked(actor, authority_id)
    if seen is None:
        return
    book, day = book_held(authority_id), local(now).date()
    if seen.product is None:
        held = about.concerning(book, seen.slots, day)
    else:
        held = about.of_product(book, seen.product, day)
    if about.version(held) == seen.version:
        return
    raise changed_meanwhile(authority_id, about.version(held), about.news(held, seen.version))


def changed_meanwhile(authority_id: int, version: str, rows: Sequence[about.Row]) -> ChangedMeanwhile:
    last = Entry.objects.filter(subject_kind=SUBJECT, subject_id=authority_id).first()
    return ChangedMeanwhile(
        held={"version": version, "rows": tuple(rows)},
        by=last.actor_label if last else "",
        at=last.at if last else None,
    )


@transaction.atomic
def resource_bound_set(
    *,
    actor: Actor,
    authority_id: int,
    since: date,
    floor: Decimal,
    ceiling: Decimal,
    seen: str | None = None,
    anew: bool = False,
    now: datetime,
) -> ResourceBound:
    """From `since`, effort rates count resources between these; `seen`: the version that a form showed;
    `anew`: the authority is of this transaction.

    Raises NotYours, TariffRefused, or ChangedMeanwhile.
    """
    authority = authority_locked(actor, authority_id)
    held = about.bounds_version(bounds_of(authority_id))
    if seen is not None and seen != held:
        raise changed_meanwhile(authority_id, held, ())
    if since < local(now).date() and not anew:
        raise TariffRefused("past")
    if ceiling < floor:
        raise TariffRefused("not_in_order")
    row = ResourceBound.objects.filter(authority_id=authority_id, since=since).first()
    row = row or ResourceBound(authority_id=authority_id, since=since)
    row.floor, row.ceiling = floor, ceiling
    row.full_clean()
    row.save()
    tariffs_changed(actor, authority, "tariff.bound_set", authority.name, since, now)
    return row


def authority_locked(actor: Actor, authority_id: int) -> Authority:
    """Locked, so that of two who change its tariffs the second sees what the first did."""
    mine = Authority.objects.filter(in_office(actor), pk=authority_id)
    found = mine.select_for_update(no_key=True).first()
    if found is None:
        raise NotYours
    return found


def _refuse_dates(tariff: Dated, now: datetime, *, anew: bool) -> None:
    if tariff.since < local(now).date() and not anew:
        raise TariffRefused("past")
    if tariff.until is not None and tariff.until < tariff.since:
        raise TariffRefused("not_in_order")


def _refuse_slots(tariff: pure.Tariff | pure.Adjustment | pure.SpanRule, authority_id: int) -> None:
    slots = _slots(tariff.what) if isinstance(tariff, pure.Tariff) else tariff.slots
    own_slots_check(slots, authority_id)
    product = tariff.what if isinstance(tariff, pure.Tariff) else None
    known = Product.objects.filter(authority_id=authority_id)
    if isinstance(product, pure.Product) and not known.filter(pk=product.id).exists():
        raise TariffRefused("product")


def own_slots_check(slots: pure.Slots, authority_id: int) -> None:
    """Raises TariffRefused for a slot of another authority."""
    own = Slot.objects.filter(pk__in=slots, activity__structure__authority_id=authority_id)
    if own.count() != len(slots):
        raise TariffRefused("slots")


def _slots(what: pure.Sets | pure.LateFetch | pure.Product) -> pure.Slots:
    if isinstance(what, pure.Sets):
        if not what.sets or not all(what.sets):
            raise TariffRefused("no_slots")
        return frozenset[int]().union(*what.sets)
    return what.slots if isinstance(what, pure.LateFetch) else frozenset()


def _model_of(tariff: pure.Tariff | pure.Adjustment | pure.SpanRule) -> type[Row]:
    if isinstance(tariff, pure.Tariff):
        return Tariff
    return Adjustment if isinstance(tariff, pure.Adjustment) else SpanRule


def _row(model: type[Row], authority_id: int, row_id: int) -> Row:
    found = model.objects.filter(authority_id=authority_id, pk=row_id).first()
    if found is None:
        raise NotYours
    return found


def row_end(row: Row, until: date) -> None:
    """`until` is its last day; taken away where it would not have begun. Raises TariffRefused."""
    if row.until is not None and row.until < until:
        raise TariffRefused("replaced")
    if until < row.since:
        row_take_away(row)
        return
    row.until = until
    row.save(update_fields=["until"])


def row_take_away(row: Row) -> None:
    """With its prices, which are of this row alone."""
    prices = [row.price] if not isinstance(row, Tariff) else [row.price, row.food, row.back]
    row.delete()
    Price.objects.filter(pk__in=[price.pk for price in prices if price is not None]).delete()


def tariffs_changed(
    actor: Actor, authority: Authority, verb: str, name: str, day: date, now: datetime
) -> None:
    """Journal it, and let every process read the tariffs again."""
    record(
        actor=actor,
        verb=verb,
        subject=Subject(SUBJECT, authority.pk, name),
        data={"day": day.isoformat()},
        now=now,
    )
    kept_changed()
