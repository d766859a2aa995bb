"""What things cost, as a file says it: amounts, what they are the price of, in which case they change. See
`pricing.tariffs` and `pricing.amounts`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext
from yaml import ScalarNode

from marelle.activities.absences import Told
from marelle.definitions.reading import UNREAD, At, Node, key_plain, pairs, unknown
from marelle.definitions.values import (
    DECIMAL,
    YES_NO,
    Choice,
    Field,
    Mapped,
    Path,
    Plain,
    Reference,
    Several,
    Value,
    whole,
)
from marelle.pricing import tariffs as pure
from marelle.pricing.amounts import (
    Amount,
    Bracket,
    Brackets,
    ByNumber,
    Effort,
    EffortRate,
    Fixed,
    Linear,
)
from marelle.pricing.facts import TraitKind


@dataclass(frozen=True)
class Form:
    """One way to say something, under its `word`: what it is held as, and what stands there, if anything."""

    word: str
    of: type
    value: Value | None = None


@dataclass(frozen=True)
class OneOf(Value):
    """`{tranches: {0: 1, 400: 3.15}}`, or a word alone. `alone`: the form that is said without its word."""

    forms: tuple[Form, ...]
    alone: Form | None = None

    def read(self, node: Node, at: At) -> Any:
        if isinstance(node, ScalarNode):
            bare = next((one for one in self.forms if key_plain(one.word) == key_plain(node.value)), None)
            if bare is not None and bare.value is None:
                return bare.of()
            if self.alone is not None and self.alone.value is not None:
                return self.alone.value.read(node, at)
            at.fault(node, unknown(node.value, [one.word for one in self.forms]))
            return UNREAD
        found = list(pairs(node, at))
        if len(found) != 1:
            words = gettext(" ou ").join(f"«\u00a0{one.word}\u00a0»" for one in self.forms)
            at.fault(node, gettext("un seul de ceux-ci\u00a0: %(words)s.") % {"words": words})
            return UNREAD
        ((key, word, value),) = found
        form = next((one for one in self.forms if key_plain(one.word) == key_plain(word)), None)
        if form is None or form.value is None:
            at.under(word).fault(key, unknown(word, [one.word for one in self.forms]))
            return UNREAD
        return form.value.read(value, at.under(form.word))

    def write(self, value: Any) -> Plain:
        form = self._form(value)
        if form.value is None:
            return form.word
        written = form.value.write(value)
        return written if form is self.alone else {form.word: written}

    def mapped(self, value: Any, to: Callable[[str, Any], Any]) -> Any:
        form = self._form(value)
        return value if form.value is None else form.value.mapped(value, to)

    def _form(self, value: object) -> Form:
        forms: tuple[Form, ...] = (*self.forms, *((self.alone,) if self.alone else ()))
        return next(one for one in forms if isinstance(value, one.of))


@dataclass(frozen=True)
class Made(Value):
    """What another value reads, as something else. `make` may raise a ValueError."""

    inner: Value
    make: Callable[[Any], Any]
    of: Callable[[Any], Any]

    def read(self, node: Node, at: At) -> Any:
        found = self.inner.read(node, at)
        if found is UNREAD:
            return UNREAD
        try:
            return self.make(found)
        except ValueError:
            at.fault(node, gettext("ces nombres ne vont pas ensemble\u00a0: à partir de 0, et dans l’ordre."))
            return UNREAD

    def write(self, value: Any) -> Plain:
        return self.inner.write(self.of(value))


class Steps(Value):
    """A number by another: ((from, number), …)."""

    def read(self, node: Node, at: At) -> Any:
        found = [
            (DECIMAL.read(key, at), DECIMAL.read(value, at.under(word)))
            for key, word, value in pairs(node, at)
        ]
        return UNREAD if any(UNREAD in one for one in found) else tuple(sorted(found))

    def write(self, value: Any) -> Plain:
        return {DECIMAL.write(since): DECIMAL.write(number) for since, number in value}


def _fixed(price: Decimal) -> Fixed:
    return Fixed(price)


def _brackets(rows: Any) -> Brackets:
    return Brackets(tuple(Bracket(since, price) for since, price in rows))


def _effort(rows: Any) -> Effort:
    return Effort(tuple(EffortRate(int(children), percent) for children, percent in rows), ())


FIXED: Final = Form("fixe", Fixed, Made(DECIMAL, _fixed, lambda one: one.price))
_FORMS: Final = (
    Form(
        "tranches",
        Brackets,
        Made(Steps(), _brackets, lambda one: tuple((row.since, row.price) for row in one.rows)),
    ),
    Form(
        "part du quotient",
        Linear,
        Mapped(
            (
                Field("pourcentage", "percent", DECIMAL),
                Field("plancher", "floor", DECIMAL),
                Field("plafond", "ceiling", DECIMAL),
            ),
            Linear,
        ),
    ),
    Form(
        "taux d’effort",
        Effort,
        Made(Steps(), _effort, lambda one: tuple((Decimal(row.children), row.percent) for row in one.rates)),
    ),
)
_ONE: Final = OneOf(_FORMS, FIXED)
AMOUNT: Final = OneOf(
    (
        *_FORMS,
        Form(
            "par nombre d’enfants",
            ByNumber,
            Made(Several(_ONE, ordered=True), ByNumber, lambda one: one.amounts),
        ),
    ),
    FIXED,
)
"""`3.15`, `{tranches: {0: 1.00, 400: 3.15}}`…"""


HOURS: Final = {
    pure.Hours.BOOKED: "réservées",
    pure.Hours.SEEN: "réalisées",
    pure.Hours.LONGER: "les plus longues",
}
STARTED: Final = Mapped(
    (
        Field("comptées", "hours", Choice(HOURS)),
        Field("toutes les", "step", whole(1, 1440), default=30),
        Field("prix de", "per", whole(1, 1440), default=30),
    ),
    pure.Started,
)
"""In minutes."""


def _missed(told: Any, excused: bool | None, within: int | None) -> pure.Missed:
    return pure.Missed(frozenset(told), excused, within)


MISSED: Final = Mapped(
    (
        Field(
            "prévenue",
            "told",
            Several(Choice({Told.IN_TIME: "à temps", Told.LATE: "trop tard", Told.NEVER: "jamais"})),
            default=frozenset(Told),
        ),
        Field("justifiée", "excused", YES_NO, default=None),
        Field("délai de rang", "within", whole(), default=None),
    ),
    _missed,
)


class FileSets(NamedTuple):
    sets: tuple[tuple[Path, ...], ...]
    started: pure.Started | None = None


class FileLate(NamedTuple):
    slots: tuple[Path, ...] = ()
    started: pure.Started | None = None
    spared: int = 0


class FileProduct(NamedTuple):
    product: Path
    given_back: Amount | None = None
    gives_back: tuple[pure.Missed, ...] = ()
    extra: pure.Started = pure.Started(pure.Hours.SEEN, 30, 60)


SLOTS: Final = Several(Reference("slot"))
WHAT: Final = OneOf(
    (
        Form(
            "créneaux",
            FileSets,
            Mapped(
                (
                    Field("ensembles", "sets", Several(SLOTS)),
                    Field("heures", "started", STARTED, default=None),
                ),
                FileSets,
            ),
        ),
        Form(
            "retard",
            FileLate,
            Mapped(
                (
                    Field("créneaux", "slots", SLOTS, default=()),
                    Field("heures", "started", STARTED, default=None),
                    Field("avertissements", "spared", whole(), default=0),
                ),
                FileLate,
            ),
        ),
        Form(
            "abonnement",
            FileProduct,
            Mapped(
                (
                    Field("abonnement", "product", Reference("product")),
                    Field("rendu", "given_back", AMOUNT, default=None),
                    Field("absences rendues", "gives_back", Several(MISSED, ordered=True), default=()),
                    Field("heures en plus", "extra", STARTED, default=pure.Started(pure.Hours.SEEN, 30, 60)),
                ),
                FileProduct,
            ),
        ),
    )
)


def what_held(what: pure.Sets | pure.LateFetch | pure.Product) -> FileSets | FileLate | FileProduct:
    """With ids in the place of keys."""
    match what:
        case pure.Sets(sets, started):
            return FileSets(tuple(tuple(one) for one in sets), started)  # type: ignore[arg-type]
        case pure.LateFetch(slots, started, spared):
            return FileLate(tuple(slots), started, spared)  # type: ignore[arg-type]
        case pure.Product():
            return FileProduct(what.id, what.given_back, what.gives_back, what.extra)  # type: ignore[arg-type]


def what_made(what: Any) -> pure.Sets | pure.LateFetch | pure.Product:
    """From one whose keys are rows."""
    if isinstance(what, FileSets):
        sets: Any = what.sets
        return pure.Sets(tuple(frozenset(row.pk for row in one) for one in sets), what.started)
    if isinstance(what, FileLate):
        slots: Any = what.slots
        return pure.LateFetch(frozenset(row.pk for row in slots), what.started, what.spared)
    return pure.Product(what.product.pk, what.given_back, what.gives_back, what.extra)


TRAITS: Final = Several(
    Choice(
        {
            TraitKind.OUTSIDE: "hors commune",
            TraitKind.AGREEMENT: "commune conventionnée",
            TraitKind.STAFF: "personnel",
            TraitKind.OWN_MEAL: "repas apporté",
            TraitKind.IN_CARE: "confié au département",
            TraitKind.REGULAR: "habitué",
            TraitKind.EVERY_SCHOOL_DAY: "chaque jour d’école",
        }
    )
)
"""But decisions for a home, which are of that home."""

CASE: Final = OneOf(
    (
        Form("toujours", pure.Always),
        Form("hors délai", pure.Late),
        Form("sans réservation", pure.Unbooked),
        Form(
            "rang",
            pure.Rank,
            Mapped(
                (
                    Field("du", "first", whole(1)),
                    Field("au", "last", whole(1), default=None),
                    Field(
                        "compté par",
                        "by",
                        Choice(
                            {
                                pure.By.PRICE: "prix",
                                pure.By.ELDEST: "aîné du jour",
                                pure.By.HOUSEHOLD: "aîné du foyer",
                            }
                        ),
                        default=pure.By.PRICE,
                    ),
                ),
                pure.Rank,
            ),
        ),
        Form("absence", pure.Missed, MISSED),
    )
)
EFFECT: Final = OneOf(
    (
        Form("pourcentage", pure.Percent, Made(DECIMAL, pure.Percent, lambda one: one.percent)),
        Form("en plus", pure.Plus, Made(DECIMAL, pure.Plus, lambda one: one.amount)),
        Form("devient", pure.Becomes, Made(AMOUNT, pure.Becomes, lambda one: one.amount)),
    )
)
_DAYS: Final = Field("jours", "days", whole(1))
SPAN_EFFECT: Final = OneOf(
    (
        Form("au plus", pure.Most, Made(AMOUNT, pure.Most, lambda one: one.amount)),
        Form("forfait", pure.Flat, Mapped((_DAYS, Field("montant", "amount", AMOUNT)), pure.Flat)),
        Form("dès le jour", pure.Nth, Mapped((_DAYS, Field("pourcentage", "percent", DECIMAL)), pure.Nth)),
    )
)
