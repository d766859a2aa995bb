"""« Tarifs communs »: what each authority has once, whatever its activities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from marelle.agents.activities.prices import words
from marelle.agents.activities.prices.billed_words import changed_lines
from marelle.agents.activities.prices.forms.common import Place
from marelle.core.actor import Actor
from marelle.core.french import euros_text
from marelle.places.models import Authority
from marelle.places.scope import is_office_of, own_authorities
from marelle.pricing import about, labels
from marelle.pricing.about import Row, Seen
from marelle.pricing.amounts import Effort, EffortBound
from marelle.pricing.doubts import doubts
from marelle.pricing.models import Product as ProductRow
from marelle.pricing.models import Subscription
from marelle.pricing.models import Tariff as TariffRow
from marelle.pricing.selectors import book_of, bounds_of
from marelle.pricing.tariffs import Missed, Product, Tariff, TariffBook
from marelle.pricing.terms import terms_label


@dataclass(frozen=True, slots=True)
class TariffTold:
    """One tariff of a product, in sentences."""

    id: int
    name: str
    lines: list[str]
    detail: str


@dataclass(frozen=True, slots=True)
class ProductTold:
    """`terms`: when it is paid, and what it covers. `goes`: it may be removed."""

    id: int
    name: str
    terms: str
    goes: bool
    tariffs: list[TariffTold]
    seen: str


@dataclass(frozen=True, slots=True)
class AuthorityTold:
    """`writes`: whether the agent may change it."""

    id: int
    name: str
    writes: bool
    products: list[ProductTold]
    bounds: list[str]


def authorities(actor: Actor, day: date) -> list[AuthorityTold]:
    """Those where the actor decides something; a few queries each."""
    rows = Authority.objects.filter(pk__in=own_authorities(actor)).order_by("name", "pk")
    return [_authority(row, day, writes=is_office_of(actor, row.pk)) for row in rows]


def _authority(authority: Authority, day: date, *, writes: bool) -> AuthorityTold:
    book = book_of(authority.pk)
    products = ProductRow.objects.filter(authority=authority).order_by("name", "pk")
    products = products.prefetch_related("slots__activity").annotate(
        goes=~Exists(Subscription.objects.filter(product=OuterRef("pk")))
        & ~Exists(TariffRow.objects.filter(product=OuterRef("pk")))
    )
    return AuthorityTold(
        authority.pk,
        authority.name,
        writes,
        [product_told(row, book, day) for row in products],
        bound_lines(bounds_of(authority.pk), day),
    )


def product_told(product: ProductRow, book: TariffBook, day: date) -> ProductTold:
    """With its tariffs that are not over."""
    own = about.of_product(book, product.pk, day)
    rows = sorted(own.tariffs, key=lambda row: (row.since, row.priority))
    return ProductTold(
        product.pk,
        product.name,
        terms_label(product),
        product.goes,  # type: ignore[attr-defined]
        [tariff_told(row, day) for row in rows],
        about.version(own),
    )


def tariff_told(row: Tariff, day: date) -> TariffTold:
    dates = labels.dates_label(row.since, row.until, day)
    whom = _("pour %(whom)s") % {"whom": labels.whom_label(row.who)}
    days = labels.weekdays_label(row.weekdays)
    voted = labels.voted_label(row.voted) if row.voted else ""
    return TariffTold(
        row.id, row.name, product_lines(row, day), " · ".join(filter(None, (whom, dates, days, voted)))
    )


def product_lines(row: Tariff, day: date) -> list[str]:
    """How much, and what is given back."""
    on = max(day, row.since)
    lines = [labels.amount_label(row.amount, on)]
    what = row.what
    if isinstance(what, Product) and what.given_back is not None:
        told = {"price": labels.amount_label(what.given_back, on), "ways": ways_label(what.gives_back)}
        lines.append(_("Rendu pour un jour manqué\u00a0: %(price)s, %(ways)s.") % told)
    if isinstance(what, Product) and isinstance(row.amount, Effort):
        extra = labels.started_label(what.extra)
        lines.append(_("Au-delà d’un contrat d’heures\u00a0: %(started)s.") % {"started": extra})
    return lines


def ways_label(ways: Sequence[Missed]) -> str:
    return _(" ou ").join(labels.missed_label(way) for way in ways)


def bound_lines(bounds: Sequence[EffortBound], day: date) -> list[str]:
    """The one that counts on `day`, then those that come."""
    begun = [bound for bound in bounds if bound.since <= day]
    shown = [*begun[-1:], *(bound for bound in bounds if bound.since > day)]
    return [
        _("%(when)s\u00a0: de %(floor)s à %(ceiling)s par mois")
        % {
            "when": labels.dates_label(bound.since, None, day).capitalize(),
            "floor": euros_text(bound.floor),
            "ceiling": euros_text(bound.ceiling),
        }
        for bound in shown
    ]


@dataclass(frozen=True, slots=True)
class ProductScene:
    """A product with its tariffs, as its page stands on a day."""

    product: ProductRow
    day: date
    book: TariffBook
    place: Place

    def told(self, row: Row) -> list[str]:
        if not isinstance(row, Tariff):
            return []
        told = tariff_told(row, self.day)
        return [*told.lines, told.detail]

    def doubts(self, rows: Sequence[tuple[Row, Row | None]]) -> list[str]:
        before = labels.doubt_lines(doubts(self.book, {}), self.book, {})
        after = words.written(self.book, rows)
        lines = labels.doubt_lines(doubts(after, {}), after, {})
        found = [*(line for line in lines if line not in before), *words.without_bounds(rows)]
        return [*found, *changed_lines(self.product.authority_id, rows)]

    def known(self) -> Mapping[int, Row]:
        return words.changeable(self.book.tariffs, Product)


def product_scene(product: ProductRow, day: date) -> ProductScene:
    book = about.of_product(book_of(product.authority_id), product.pk, day)
    seen = Seen(about.version(book), product=product.pk)
    bounds = bounds_of(product.authority_id)
    return ProductScene(product, day, book, Place(product.authority_id, seen, bounds=bounds))
