"""What a week, a month or a year makes of its days."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.agents.activities.prices.forms import written
from marelle.agents.activities.prices.forms.about import AboutFields, shown_slots
from marelle.agents.activities.prices.forms.common import (
    IN_THE_LIST,
    LedgerFields,
    Place,
    RowForm,
    shown_ledger,
    step_field,
)
from marelle.agents.activities.prices.forms.lines import (
    Line,
    LinesForm,
    PriceForm,
    ReadField,
    down_read,
    up_read,
)
from marelle.pricing.about import Row
from marelle.pricing.amounts import Amount
from marelle.pricing.facts import SpanKind
from marelle.pricing.tariffs import Flat, Most, Nth, SpanRule

MOST, FLAT, LESS, MORE = "most", "flat", "less", "more"
LAST_DAY: Final = 366
SPANS: Final = {
    SpanKind.WEEK: gettext_lazy("une semaine, du lundi au dimanche"),
    SpanKind.MONTH: gettext_lazy("un mois"),
    SpanKind.YEAR: gettext_lazy("une année"),
}


def days_read(text: str) -> int:
    """A number of days of a span."""
    told = text.strip()
    if not told.isascii() or not told.isdigit() or not 1 <= int(told[:6]) <= LAST_DAY:
        raise ValidationError(_("Donnez un nombre de jours, de 1 à %(most)d.") % {"most": LAST_DAY})
    return int(told)


class SpanEffectForm(LinesForm):
    """Of which kind: for the first two, the price is given under it."""

    sentences = (
        Line(MOST, (gettext_lazy("jamais plus que le prix ci-dessous"),)),
        Line(
            FLAT,
            (
                gettext_lazy("à partir de"),
                "flat_days",
                gettext_lazy("jours, le prix ci-dessous pour le tout"),
            ),
            ("flat_days",),
        ),
        Line(
            LESS,
            (
                gettext_lazy("à partir du"),
                "less_days",
                gettext_lazy("ᵉ jour,"),
                "less",
                gettext_lazy("% de moins"),
            ),
            ("less_days", "less"),
        ),
        Line(
            MORE,
            (
                gettext_lazy("à partir du"),
                "more_days",
                gettext_lazy("ᵉ jour,"),
                "more",
                gettext_lazy("% de plus"),
            ),
            ("more_days", "more"),
        ),
    )

    flat_days = ReadField(days_read, label=gettext_lazy("à partir de combien de jours"))
    less_days = ReadField(days_read, label=gettext_lazy("à partir de quel jour"))
    less = ReadField(down_read, label=gettext_lazy("pourcentage de moins"))
    more_days = ReadField(days_read, label=gettext_lazy("à partir de quel jour"))
    more = ReadField(up_read, label=gettext_lazy("pourcentage de plus"))

    def __init__(self, data: Any, *, rule: Most | Flat | Nth | None) -> None:
        super().__init__(data, prefix="rule", legend=_("Les jours d’un enfant coûtent"), shown=_shown(rule))

    def found(self, kind: str, given: dict[str, Any]) -> Any:
        match kind:
            case "less":
                return Nth(given["less_days"], -given["less"])
            case "more":
                return Nth(given["more_days"], given["more"])
            case _:
                return None

    @property
    def has_price(self) -> bool:
        """Whether a price goes with the line that is chosen."""
        return self["kind"].value() in {MOST, FLAT}

    def with_price(self, amount: Amount) -> Most | Flat:
        if self.cleaned_data["kind"] == FLAT:
            return Flat(self.cleaned_data["flat_days"], amount)
        return Most(amount)


class SpanRuleForm(LedgerFields, AboutFields, RowForm):
    """One rule of a span."""

    template = "agents/activities/prices/span.html"

    span = forms.ChoiceField(
        label=gettext_lazy("Sur quelle durée"),
        choices=[(kind.value, text) for kind, text in SPANS.items()],
        error_messages=IN_THE_LIST,
        help_text=gettext_lazy("L’année est celle de l’activité\u00a0: scolaire ou civile."),
    )
    step = step_field()

    def __init__(self, data: Any, *, place: Place, old: Row | None, since: date) -> None:
        held = old if isinstance(old, SpanRule) else None
        shown: dict[str, Any] = {
            "step": held.step if held else 1,
            **shown_slots(place, held.slots if held else None),
        }
        if held is not None:
            shown |= {"span": held.span.value, **shown_ledger(held.ledger)}
        super().__init__(data, place=place, old=old, since=since, shown=shown)
        self.set_slots()
        rule = held.rule if held else None
        self.rule = SpanEffectForm(data, rule=rule)
        amount = rule.amount if isinstance(rule, Most | Flat) else None
        self.price = PriceForm(
            data,
            prefix="price",
            legend=_("Ce prix"),
            amount=amount,
            help_text=_("Pour les deux premières lignes seulement."),
            bounds=place.bounds,
        )

    @property
    def parts(self) -> list[LinesForm]:
        """A price is read where the rule has one."""
        return [self.rule, self.price] if self.rule.has_price else [self.rule]

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        self.check_slots()
        return found

    def row(self) -> SpanRule:
        found = self.cleaned_data
        nth = self.rule.cleaned_data["found"]
        return SpanRule(
            span=SpanKind(found["span"]),
            step=found["step"] or 1,
            rule=nth or self.rule.with_price(self.price.cleaned_data["found"]),
            slots=self.about_slots(),
            ledger=self.ledger(),
            **self.dated(),
        )


def _shown(rule: Most | Flat | Nth | None) -> dict[str, Any]:
    match rule:
        case Flat(days):
            return {"kind": FLAT, "flat_days": days}
        case Nth(days, percent):
            kind = LESS if percent < 0 else MORE
            return {"kind": kind, f"{kind}_days": days, kind: written.bare(abs(percent))}
        case _:
            return {"kind": MOST}
