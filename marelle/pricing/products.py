"""Writes what homes may take at once: a fee, a card, a month. How much each costs are its tariffs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.pricing.facts import Period
from marelle.pricing.models import Product, Subscription, Tariff
from marelle.pricing.refusals import TariffRefused
from marelle.pricing.services import authority_locked, changed_meanwhile, own_slots_check, tariffs_changed
from marelle.pricing.tariffs import Slots

NO_SLOTS: Slots = frozenset()


@dataclass(frozen=True, slots=True)
class ProductTerms:
    """`slots`: those that cost nothing more while it is had."""

    name: str
    period: Period = Period.ONCE
    slots: Slots = NO_SLOTS

    @property
    def version(self) -> str:
        """As a form carries what it showed."""
        return "|".join((self.name, self.period.value, *map(str, sorted(self.slots))))


def product_terms(row: Product) -> ProductTerms:
    return ProductTerms(row.name, Period(row.period), frozenset(slot.pk for slot in row.slots.all()))


def is_taken(row: Product) -> bool:
    """Whether a home has it, or had it."""
    return Subscription.objects.filter(product=row).exists()


@transaction.atomic
def product_add(*, actor: Actor, authority_id: int, terms: ProductTerms, now: datetime) -> Product:
    """Something that homes pay at once: its tariffs come after. Raises NotYours, or TariffRefused."""
    authority = authority_locked(actor, authority_id)
    row = Product(authority_id=authority_id)
    _write(row, terms)
    tariffs_changed(actor, authority, "tariff.product_added", terms.name, local(now).date(), now)
    return row


@transaction.atomic
def product_change(
    *, actor: Actor, product_id: int, terms: ProductTerms, seen: str | None = None, now: datetime
) -> None:
    """Its name, at any time; when it is paid and what it covers as long as no home has taken it. `seen`: the
    version that a form showed.

    Raises NotYours, TariffRefused, or ChangedMeanwhile.
    """
    row = _product(product_id)
    authority = authority_locked(actor, row.authority_id)
    held = product_terms(_product(product_id))
    if seen is not None and seen != held.version:
        raise changed_meanwhile(row.authority_id, held.version, ())
    if (terms.period, terms.slots) != (held.period, held.slots) and is_taken(row):
        raise TariffRefused("taken")
    _write(row, terms)
    tariffs_changed(actor, authority, "tariff.product_changed", terms.name, local(now).date(), now)


@transaction.atomic
def product_remove(*, actor: Actor, product_id: int, now: datetime) -> None:
    """One that never had a tariff, and that no home took. Raises NotYours, or TariffRefused."""
    row = _product(product_id)
    authority = authority_locked(actor, row.authority_id)
    if is_taken(row) or Tariff.objects.filter(product=row).exists():
        raise TariffRefused("used")
    row.delete()
    tariffs_changed(actor, authority, "tariff.product_removed", row.name, local(now).date(), now)


def _product(product_id: int) -> Product:
    found = Product.objects.filter(pk=product_id).first()
    if found is None:
        raise NotYours
    return found


def _write(row: Product, terms: ProductTerms) -> None:
    same = Product.objects.filter(authority_id=row.authority_id, name=terms.name).exclude(pk=row.pk)
    if same.exists():
        raise TariffRefused("name")
    own_slots_check(terms.slots, row.authority_id)
    row.name, row.period = terms.name, terms.period.value
    row.full_clean()
    row.save()
    row.slots.set(terms.slots)
