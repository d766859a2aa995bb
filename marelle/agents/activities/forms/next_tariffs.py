"""From when tariffs are copied, how much dearer, how they are rounded, and the délibération."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.agents.activities.forms.fields import DayField
from marelle.agents.activities.forms.trying import IN_LIST
from marelle.core.money import NotAnAmount, parse_decimal
from marelle.pricing.copying import Raise, Rounding
from marelle.pricing.tariffs import Voted

LOWEST, HIGHEST = Decimal(-50), Decimal(100)
HERE, EVERYWHERE = "ici", "partout"
ROUNDINGS: Final = (
    (Rounding.CENT, gettext_lazy("au centime")),
    (Rounding.FIVE, gettext_lazy("à 5 centimes")),
    (Rounding.TEN, gettext_lazy("à 10 centimes")),
    (Rounding.FIFTY, gettext_lazy("à 50 centimes")),
)


class PercentField(forms.CharField):
    """How much dearer, in percent; 0 for the same prices."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=10, widget=forms.TextInput(attrs={"inputmode": "decimal"}), **kwargs)

    def clean(self, value: Any) -> Decimal:
        text = super().clean(value).strip("%\u00a0\u202f +")
        try:
            percent = parse_decimal(text)
        except NotAnAmount as error:
            raise ValidationError(_("Donnez un nombre, par exemple 2 ou 1,5.")) from error
        if not LOWEST <= percent <= HIGHEST or percent != round(percent, 2):
            raise ValidationError(_("Donnez un nombre entre -50 et 100, avec deux décimales au plus."))
        return percent


class NextTariffsForm(forms.Form):
    depuis = DayField(label=gettext_lazy("À partir du"))
    pourcent = PercentField(
        label=gettext_lazy("De combien les prix changent, en\u00a0%"),
        help_text=gettext_lazy("Par exemple 2\u00a0; -1,5 pour baisser\u00a0; 0 pour les mêmes prix."),
        error_messages={"required": gettext_lazy("Donnez un nombre\u00a0; 0 pour les mêmes prix.")},
    )
    arrondi = forms.ChoiceField(
        label=gettext_lazy("Prix arrondis"),
        choices=[(one.name, text) for one, text in ROUNDINGS],
        error_messages=IN_LIST,
    )
    portee = forms.ChoiceField(
        label=gettext_lazy("Quels tarifs"),
        choices=[
            (HERE, gettext_lazy("ceux de cette activité")),
            (EVERYWHERE, gettext_lazy("tous ceux de la collectivité")),
        ],
        widget=forms.RadioSelect,
        error_messages=IN_LIST,
    )
    numero = forms.CharField(label=gettext_lazy("Numéro de la délibération"), required=False, max_length=40)
    votee = DayField(label=gettext_lazy("Date de la délibération"), required=False)

    def __init__(self, data: Any, *, today: date) -> None:
        self.today = today
        first = {
            "depuis": next_beginning(today),
            "pourcent": "0",
            "arrondi": Rounding.CENT.name,
            "portee": HERE,
        }
        super().__init__(data, initial=first)

    def clean_depuis(self) -> date:
        since: date = self.cleaned_data["depuis"]
        if since <= self.today:
            raise ValidationError(_("Donnez un jour à venir\u00a0: les jours passés ont déjà leur prix."))
        return since

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        if found.get("numero") and not found.get("votee") and "votee" not in self.errors:
            self.add_error("votee", _("Donnez la date de la délibération."))
        return found

    @property
    def by(self) -> Raise:
        found = self.cleaned_data
        voted = Voted(found["numero"], found["votee"]) if found["votee"] else None
        return Raise(found["depuis"], found["pourcent"], Rounding[found["arrondi"]], voted)

    @property
    def is_of_all(self) -> bool:
        return bool(self.cleaned_data["portee"] == EVERYWHERE)

    @property
    def typed(self) -> list[tuple[str, str]]:
        """To be sent again, as it was typed."""
        return [(name, str(self.data.get(name, ""))) for name in self.fields]


def next_beginning(today: date) -> date:
    """The next 1 January or 1 September: years of prices begin with one of them."""
    firsts = (date(today.year, 9, 1), date(today.year + 1, 1, 1))
    return next(day for day in firsts if day > today)


def month_before(day: date) -> tuple[date, date]:
    """The last month that is over."""
    last = day.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last
