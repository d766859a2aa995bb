"""What things cost: what may have priced something never changes, it ends and another begins."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, Final, TypeVar

from django.db.models import QuerySet

from marelle.definitions.amounts import (
    AMOUNT,
    CASE,
    EFFECT,
    SPAN_EFFECT,
    TRAITS,
    WHAT,
    what_held,
)
from marelle.definitions.kinds.kind import Kind, ids
from marelle.definitions.values import (
    DAY,
    DECIMAL,
    WEEKDAYS_LIST,
    YES_NO,
    Choice,
    Field,
    Reference,
    Several,
    Text,
    whole,
)
from marelle.pricing.facts import Period, SpanKind, TraitKind
from marelle.pricing.models import Adjustment, Product, ResourceBound, SpanRule, Tariff
from marelle.pricing.models.dated import DatedPrice

Row = TypeVar("Row", bound=DatedPrice)


def _pure(name: str, read: Callable[[Any], Any] = lambda held: held) -> Callable[[Any], Any]:
    """A field of what a row is to the rules."""
    return lambda row: read(getattr(row.held_as, name))


def _whole(rows: QuerySet[Row], pure: str) -> Iterable[Row]:
    """Each with what it is to the rules; but what was decided for one home."""
    for row in rows:
        if not any(trait.kind is TraitKind.DECISION for trait in row.traits):
            row.held_as = getattr(row, pure)(())  # type: ignore[attr-defined]
            yield row


def _traits(who: Any) -> tuple[TraitKind, ...]:
    return tuple(sorted((trait.kind for trait in who), key=repr))


def _fixed(word: str, attr: str, value: Any, comment: str = "", **more: Any) -> Field:
    return Field(word, attr, value, comment, fixed=True, **more)


AUTHORITY: Final = _fixed(
    "collectivité", "authority", Reference("authority"), of=lambda row: row.authority_id
)
DATED: Final = (
    AUTHORITY,
    _fixed("nom", "name", Text(120)),
    _fixed("depuis", "since", DAY),
    Field("jusqu’au", "until", DAY, "Son dernier jour : un autre le suit, sous une autre clé.", default=None),
    _fixed("pour", "who", TRAITS, "Sans eux : pour tous.", default=(), of=_pure("who", _traits)),
    _fixed(
        "jours",
        "weekdays",
        WEEKDAYS_LIST,
        default=(),
        of=lambda row: tuple(sorted(row.weekdays)),
    ),
    _fixed("rang", "order", whole(), default=0),
)
LEDGER: Final = (
    _fixed("code comptable", "account", Text(12), default=""),
    _fixed("budget", "budget", Text(12), default=""),
    _fixed("régie", "regie", Text(40), default=""),
    _fixed("TVA comprise", "vat", DECIMAL, "En %.", default=Decimal(0)),
)
_SLOTS: Final = _fixed(
    "créneaux",
    "slots",
    Several(Reference("slot")),
    "Comme activité/créneau ; sans eux : tous.",
    default=(),
    of=ids("slots"),
)
_STEP: Final = _fixed("étape", "step", whole(), "De celles d’une étape, la première qui va est appliquée.")


def _called(row: DatedPrice) -> str:
    return f"{row.name} {row.since}"


PRODUCT: Final = Kind(
    "product",
    "abonnements",
    Product,
    (
        AUTHORITY,
        Field("nom", "name", Text(120)),
        Field(
            "se paie",
            "period",
            Choice(
                {
                    Period.ONCE.value: "une fois",
                    Period.MONTH.value: "chaque mois",
                    Period.SCHOOL_YEAR.value: "chaque année scolaire",
                    Period.CALENDAR_YEAR.value: "chaque année civile",
                }
            ),
            default=Period.ONCE.value,
        ),
        Field("créneaux compris", "slots", Several(Reference("slot")), default=(), of=ids("slots")),
    ),
    "Ce qu’un foyer paie d’avance : abonnement, carte, cotisation. Ses tarifs disent combien.",
    rows=lambda: Product.objects.order_by("authority", "name"),
)

TARIFF: Final = Kind(
    "tariff",
    "tarifs",
    Tariff,
    (
        *DATED,
        _fixed(
            "de quoi",
            "what",
            WHAT,
            "Des créneaux (chaque ensemble, pris le même jour), un retard ou un abonnement.",
            of=_pure("what", what_held),
        ),
        _fixed("montant", "amount", AMOUNT, "Un prix, ou comment il se trouve.", of=_pure("amount")),
        _fixed("part du repas", "food", AMOUNT, default=None, of=_pure("food")),
        *LEDGER,
        _fixed("délibération", "voted_number", Text(40), default=""),
        _fixed("votée le", "voted_on", DAY, default=None),
    ),
    "Ce qui a pu donner un prix ne change plus : il finit, et un autre le suit.",
    called=_called,
    rows=lambda: _whole(Tariff.objects.whole().order_by("authority", "since", "pk"), "as_tariff"),
)

ADJUSTMENT: Final = Kind(
    "adjustment",
    "majorations et réductions",
    Adjustment,
    (
        *DATED,
        _STEP,
        _fixed("cas", "case", CASE, of=_pure("case")),
        _fixed("effet", "effect", EFFECT, of=_pure("effect")),
        _SLOTS,
        _fixed("toute la formule", "whole", YES_NO, default=False),
        _fixed("avertissements", "spared", whole(), default=0),
    ),
    called=_called,
    rows=lambda: _whole(
        Adjustment.objects.whole().filter(home_trait=None).order_by("authority", "step", "order", "pk"),
        "as_adjustment",
    ),
)

SPAN_RULE: Final = Kind(
    "span_rule",
    "semaines et mois",
    SpanRule,
    (
        *DATED,
        _STEP,
        _fixed(
            "durée",
            "span",
            Choice(
                {SpanKind.WEEK.value: "semaine", SpanKind.MONTH.value: "mois", SpanKind.YEAR.value: "année"}
            ),
        ),
        _fixed("effet", "rule", SPAN_EFFECT, of=_pure("rule")),
        _SLOTS,
        *LEDGER,
    ),
    called=_called,
    rows=lambda: _whole(SpanRule.objects.whole().order_by("authority", "step", "order", "pk"), "as_rule"),
)

RESOURCES: Final = Kind(
    "resources",
    "ressources",
    ResourceBound,
    (
        AUTHORITY,
        _fixed("depuis", "since", DAY),
        Field("plancher", "floor", DECIMAL),
        Field("plafond", "ceiling", DECIMAL),
    ),
    "Ce qui compte des ressources d’un mois pour un taux d’effort.",
    called=lambda row: f"ressources {row.since}",
    rows=lambda: ResourceBound.objects.order_by("authority", "since"),
)

PRICES: Final = (PRODUCT, TARIFF, ADJUSTMENT, SPAN_RULE, RESOURCES)
