"""The tariffs of a next year: what would be copied, as it was shown, and all of it written, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2s

from django.db import transaction

from marelle.core.actor import Actor
from marelle.core.refusals import NotYours, Refusal
from marelle.places.models import Authority
from marelle.places.scope import in_office
from marelle.pricing.about import version
from marelle.pricing.copying import Copied, Plan, Raise, copies, plan
from marelle.pricing.selectors import book_held, book_of
from marelle.pricing.services import tariff_set
from marelle.pricing.tariffs import Slots, TariffBook


class CopyRefused(Refusal):
    """`code`: "changed" (the tariffs are no longer those that were seen), "nothing" (there is none to
    copy)."""


@dataclass(frozen=True, slots=True)
class NextTariffs:
    """`seen`: what a form carries of the tariffs that it showed: another whenever one of them changes."""

    book: TariffBook
    plan: Plan
    made: tuple[Copied, ...]
    seen: str


def next_tariffs(authority_id: int, by: Raise, own: Slots | None) -> NextTariffs:
    """`own`: about these slots alone; None: all of the authority."""
    return _next(book_of(authority_id), by, own)


@transaction.atomic
def next_tariffs_set(
    *, actor: Actor, authority_id: int, by: Raise, own: Slots | None, seen: str, now: datetime
) -> int:
    """How many were written. Raises NotYours, CopyRefused, or TariffRefused."""
    mine = Authority.objects.filter(in_office(actor), pk=authority_id)
    if mine.select_for_update(no_key=True).first() is None:
        raise NotYours
    found = _next(book_held(authority_id), by, own)
    if found.seen != seen:
        raise CopyRefused("changed")
    if not found.made:
        raise CopyRefused("nothing")
    for one in found.made:
        tariff_set(actor=actor, authority_id=authority_id, tariff=one.new, replaces=one.old.id, now=now)
    return len(found.made)


def _next(book: TariffBook, by: Raise, own: Slots | None) -> NextTariffs:
    found = plan(book, by.since, own)
    return NextTariffs(book, found, copies(found.rows, by), _mark(book))


def _mark(book: TariffBook) -> str:
    return blake2s(version(book).encode(), digest_size=8).hexdigest()
