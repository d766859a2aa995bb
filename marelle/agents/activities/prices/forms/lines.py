"""A price as sentences: each way to find it is a line with its blanks to fill.

Only the blanks of the chosen line are read, so that the form works without a script.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.agents.activities.prices.forms import written
from marelle.pricing.amounts import Amount, Brackets, ByNumber, Effort, EffortBound, Fixed, Linear
from marelle.pricing.tariffs import Becomes, Effect, Percent, Plus

NONE: Final = "none"
FREE, FIXED, BRACKETS, LINEAR, EFFORT, NUMBER = "free", "fixed", "brackets", "linear", "effort", "number"
MOST_PERCENT: Final = Decimal(1000)
FILL: Final = gettext_lazy("Remplissez la ligne choisie.")


@dataclass(frozen=True, slots=True)
class Line:
    """A way of saying: the words around its blanks, and the name of a text of several lines under them.

    `rare`: folded away until it is asked for.
    """

    kind: str
    parts: tuple[str | Promise, ...]
    blanks: tuple[str, ...] = ()
    area: str = ""
    rare: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.blanks, self.area) if self.area else self.blanks


@dataclass(frozen=True, slots=True)
class LineShown:
    """A line as the page draws it: each part is a text, or a field to fill."""

    kind: str
    checked: bool
    parts: list[Any]
    area: Any
    faulty: list[Any]


class ReadField(forms.CharField):
    """A text that one of `written` reads; an empty one is None."""

    def __init__(
        self, read: Callable[[str], Any], *, label: str | Promise, rows: int = 0, **kwargs: Any
    ) -> None:
        widget = (
            forms.Textarea(attrs={"rows": rows})
            if rows
            else forms.TextInput({"inputmode": "decimal", "size": 8})
        )
        told = {"max_length": 2_000 if rows else 40, "required": False, "widget": widget, **kwargs}
        super().__init__(label=label, **told)  # type: ignore[arg-type]
        self.read = read

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return self.read(text) if text else None


class LinesForm(forms.Form):
    """One choice among sentences; `clean` gives what it means under "found"."""

    sentences: Sequence[Line] = ()

    kind = forms.ChoiceField(
        error_messages={
            "required": gettext_lazy("Choisissez une des lignes."),
            "invalid_choice": gettext_lazy("Choisissez une des lignes."),
        },
    )

    def __init__(
        self,
        data: Any,
        *,
        prefix: str,
        legend: str | Promise,
        shown: dict[str, Any],
        help_text: str | Promise = "",
    ) -> None:
        super().__init__(data, prefix=prefix, initial=shown)
        self.legend, self.help_text = legend, help_text
        self.fields["kind"].choices = [(line.kind, line.kind) for line in self.sentences]  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = (
                f"{legend}\u00a0: {field.label}" if field.label else str(legend)
            )

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        line = next((line for line in self.sentences if line.kind == given.get("kind")), None)
        if line is None:
            return given
        for name in set(self.fields) - {"kind", *line.names}:
            self.errors.pop(name, None)  # what is left in another line is not read
        for name in line.names:
            if given.get(name) is None and name not in self.errors:
                self.add_error(name, FILL)
        if not self.errors:
            try:
                given["found"] = self.found(line.kind, given)
            except ValidationError as error:
                self.add_error(line.names[-1], error)
        return given

    def found(self, kind: str, given: dict[str, Any]) -> Any:
        """What a line that is filled in means; raises ValidationError."""
        raise NotImplementedError

    def lines(self) -> list[LineShown]:
        return self._shown(is_rare=False)

    def rare_lines(self) -> list[LineShown]:
        return self._shown(is_rare=True)

    @property
    def is_rare(self) -> bool:
        """Whether one of those is chosen."""
        return any(line.checked for line in self.rare_lines())

    def _shown(self, *, is_rare: bool) -> list[LineShown]:
        chosen = self["kind"].value()
        return [
            LineShown(
                line.kind,
                chosen == line.kind,
                [self[str(part)] if part in line.blanks else part for part in line.parts],
                self[line.area] if line.area else None,
                [self[name] for name in line.names if self[name].errors],
            )
            for line in self.sentences
            if line.rare is is_rare
        ]


OF_PRICE: Final = (
    Line(FIXED, (gettext_lazy("un même prix\u00a0:"), "amount", gettext_lazy("€")), ("amount",)),
    Line(FREE, (gettext_lazy("gratuit"),)),
    Line(BRACKETS, (gettext_lazy("selon le quotient\u00a0: une tranche par ligne"),), (), "brackets"),
    Line(
        LINEAR,
        (
            gettext_lazy("un pourcentage du quotient\u00a0:"),
            "percent",
            gettext_lazy("%, entre"),
            "floor",
            gettext_lazy("€ et"),
            "ceiling",
            gettext_lazy("€"),
        ),
        ("percent", "floor", "ceiling"),
    ),
    Line(
        EFFORT,
        (gettext_lazy("un taux d’effort sur les ressources du mois\u00a0: un taux par ligne"),),
        (),
        "rates",
    ),
    Line(NUMBER, (gettext_lazy("selon le nombre d’enfants\u00a0: un prix par ligne"),), (), "numbers"),
)


class PriceForm(LinesForm):
    """How an amount is found; None under "found" where the first line says that there is none."""

    sentences: Sequence[Line] = OF_PRICE

    amount = ReadField(written.euros_read, label=gettext_lazy("montant"))
    brackets = ReadField(
        written.brackets_read,
        label=gettext_lazy("tranches"),
        rows=4,
        help_text=gettext_lazy(
            "Où elle commence, puis son prix\u00a0: «\u00a00\u00a0;\u00a03,15\u00a0» puis "
            "«\u00a0601\u00a0;\u00a03,60\u00a0». Se colle d’un tableur."
        ),
    )
    percent = ReadField(written.percent_read, label=gettext_lazy("pourcentage"))
    floor = ReadField(written.euros_read, label=gettext_lazy("au moins"))
    ceiling = ReadField(written.euros_read, label=gettext_lazy("au plus"))
    rates = ReadField(
        written.rates_read,
        label=gettext_lazy("taux"),
        rows=4,
        help_text=gettext_lazy(
            "À partir de combien d’enfants à charge, puis le pourcentage\u00a0: "
            "«\u00a01\u00a0;\u00a00,0619\u00a0»."
        ),
    )
    numbers = ReadField(
        written.numbers_read,
        label=gettext_lazy("prix par nombre d’enfants"),
        rows=3,
        help_text=gettext_lazy(
            "Celui d’un enfant, puis de deux, puis de trois et plus. Un prix est «\u00a059\u00a0», "
            "«\u00a0gratuit\u00a0», «\u00a00,36 % de 2,60 à 4,50\u00a0» ou "
            "«\u00a00\u00a0;\u00a03,15 puis 601\u00a0;\u00a03,60\u00a0»."
        ),
    )

    def __init__(
        self,
        data: Any,
        *,
        prefix: str,
        legend: str | Promise,
        amount: Amount | None,
        none: str | Promise = "",
        help_text: str | Promise = "",
        bounds: tuple[EffortBound, ...] = (),
        rare: Collection[str] = (),
    ) -> None:
        """`none`: what stands first for no price at all. `rare`: the lines that are folded away here."""
        self.bounds = bounds
        first = (Line(NONE, (none,)),) if none else ()
        lines = (replace(line, rare=line.rare or line.kind in rare) for line in self.sentences)
        self.sentences = (*first, *lines)
        shown = self.shown(amount)
        super().__init__(data, prefix=prefix, legend=legend, shown=shown, help_text=help_text)

    def shown(self, amount: Amount | None) -> dict[str, Any]:
        return shown_price(amount) if amount is not None else {"kind": self.sentences[0].kind}

    def found(self, kind: str, given: dict[str, Any]) -> Any:
        return None if kind == NONE else price_of(kind, given, self.bounds)


def price_of(kind: str, given: dict[str, Any], bounds: tuple[EffortBound, ...]) -> Amount:
    match kind:
        case "fixed":
            return Fixed(given["amount"])
        case "free":
            return Fixed(Decimal("0.00"))
        case "linear":
            return written.linear(given["percent"], given["floor"], given["ceiling"])
        case _:
            name = {BRACKETS: "brackets", EFFORT: "rates", NUMBER: "numbers"}[kind]
            return written.with_bounds(given[name], bounds)


def shown_price(amount: Amount) -> dict[str, Any]:
    """What the blanks hold for an amount."""
    match amount:
        case Fixed(price):
            return {"kind": FIXED, "amount": written.cents(price)} if price else {"kind": FREE}
        case Brackets():
            return {"kind": BRACKETS, "brackets": written.brackets_written(amount)}
        case Linear(percent, floor, ceiling):
            told = {"percent": written.bare(percent), "floor": written.cents(floor)}
            return {"kind": LINEAR, **told, "ceiling": written.cents(ceiling)}
        case Effort():
            return {"kind": EFFORT, "rates": written.rates_written(amount)}
        case ByNumber():
            return {"kind": NUMBER, "numbers": written.numbers_written(amount)}


UP, DOWN, PLUS, MINUS, SAME = "up", "down", "plus", "minus", "same"

OF_EFFECT: Final = (
    Line(UP, (gettext_lazy("augmenté de"), "up", gettext_lazy("%")), ("up",)),
    Line(DOWN, (gettext_lazy("réduit de"), "down", gettext_lazy("%")), ("down",)),
    Line(PLUS, (gettext_lazy("augmenté de"), "more", gettext_lazy("€ par formule")), ("more",)),
    Line(MINUS, (gettext_lazy("réduit de"), "less", gettext_lazy("€ par formule")), ("less",)),
    Line(FREE, (gettext_lazy("remplacé\u00a0: gratuit"),)),
    Line(FIXED, (gettext_lazy("remplacé par"), "amount", gettext_lazy("€")), ("amount",)),
    Line(
        BRACKETS,
        (gettext_lazy("remplacé selon le quotient\u00a0: une tranche par ligne"),),
        (),
        "brackets",
        rare=True,
    ),
    Line(
        LINEAR,
        (
            gettext_lazy("remplacé par un pourcentage du quotient\u00a0:"),
            "percent",
            gettext_lazy("%, entre"),
            "floor",
            gettext_lazy("€ et"),
            "ceiling",
            gettext_lazy("€"),
        ),
        ("percent", "floor", "ceiling"),
        rare=True,
    ),
    Line(
        EFFORT,
        (gettext_lazy("remplacé par un taux d’effort\u00a0: un taux par ligne"),),
        (),
        "rates",
        rare=True,
    ),
    Line(
        NUMBER,
        (gettext_lazy("remplacé selon le nombre d’enfants\u00a0: un prix par ligne"),),
        (),
        "numbers",
        rare=True,
    ),
    Line(
        SAME,
        (gettext_lazy("inchangé\u00a0: les autres règles de cette étape ne valent pas pour eux"),),
        rare=True,
    ),
)


def up_read(text: str) -> Decimal:
    return _something(written.percent_read(text, decimals=2, most=MOST_PERCENT))


def down_read(text: str) -> Decimal:
    return _something(written.percent_read(text, decimals=2, most=Decimal(100)))


def more_read(text: str) -> Decimal:
    return _something(written.euros_read(text))


def _something(found: Decimal) -> Decimal:
    if not found:
        raise ValidationError(_("Donnez plus que 0\u00a0: sinon, rien ne change."))
    return found


class EffectForm(PriceForm):
    """What an adjustment makes of a price."""

    sentences = OF_EFFECT

    up = ReadField(up_read, label=gettext_lazy("pourcentage de plus"))
    down = ReadField(down_read, label=gettext_lazy("pourcentage de moins"))
    more = ReadField(more_read, label=gettext_lazy("euros de plus"))
    less = ReadField(more_read, label=gettext_lazy("euros de moins"))

    def __init__(
        self, data: Any, *, effect: Effect | None, begins: str, bounds: tuple[EffortBound, ...]
    ) -> None:
        """`begins`: the line that a new one begins with."""
        self.effect, self.begins = effect, begins
        super().__init__(data, prefix="effect", legend=_("Le prix est alors"), amount=None, bounds=bounds)

    def shown(self, amount: Amount | None) -> dict[str, Any]:  # noqa: ARG002
        match self.effect:
            case None:
                return {"kind": self.begins}
            case Percent(percent) if percent:
                kind = DOWN if percent < 0 else UP
                return {"kind": kind, kind: written.bare(abs(percent))}
            case Plus(more) if more:
                return {"kind": MINUS, "less": written.cents(-more)} if more < 0 else _more(more)
            case Becomes(other):
                return shown_price(other)
            case _:
                return {"kind": SAME}

    def found(self, kind: str, given: dict[str, Any]) -> Any:
        match kind:
            case "up":
                return Percent(given["up"])
            case "down":
                return Percent(-given["down"])
            case "plus":
                return Plus(given["more"])
            case "minus":
                return Plus(-given["less"])
            case "same":
                return Percent(Decimal(0))
            case _:
                return Becomes(price_of(kind, given, self.bounds))


def _more(more: Decimal) -> dict[str, Any]:
    return {"kind": PLUS, "more": written.cents(more)}
