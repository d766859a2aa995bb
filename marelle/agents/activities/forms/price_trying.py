"""What a price is tried with: a day, slots and what became of them, for a child or an invented home."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.activities.facts import ActivityFacts
from marelle.agents.activities.forms.fields import DayField, HourField
from marelle.agents.activities.forms.trying import IN_LIST
from marelle.core.converters import id_read
from marelle.core.money import NotAnAmount, parse_amount
from marelle.families.incomes.rules import MOST_CHILDREN, MOST_EUROS
from marelle.flows.prices.trying import Happened, InventedHome, Wanted, priced_slots
from marelle.places.models import Commune

MOST_OTHERS: Final = 5
LONGEST: Final = 20
HAPPENED: Final = (
    (Happened.IN_TIME, gettext_lazy("réservé à temps")),
    (Happened.LATE, gettext_lazy("réservé hors délai")),
    (Happened.UNBOOKED, gettext_lazy("venu sans réservation")),
    (Happened.TOLD, gettext_lazy("absent, dit à temps")),
    (Happened.TOLD_LATE, gettext_lazy("absent, dit trop tard")),
    (Happened.NEVER_TOLD, gettext_lazy("absent sans prévenir")),
    (Happened.PROVED, gettext_lazy("absent sans prévenir, justifié dans le premier délai")),
)


class EurosField(forms.CharField):
    """Euros of a home; nothing: unknown."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal"})
        super().__init__(required=False, max_length=LONGEST, widget=widget, **kwargs)

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            amount = parse_amount(text)
        except NotAnAmount as error:
            raise ValidationError(_("Donnez un nombre, par exemple 734 ou 734,50.")) from error
        if not 0 <= amount <= MOST_EUROS:
            raise ValidationError(_("Donnez un nombre entre 0 et 99\u00a0999,99."))
        return amount


class NumberField(forms.IntegerField):
    """A small number of children."""

    def __init__(self, most: int, **kwargs: Any) -> None:
        wrong = gettext_lazy("Donnez un nombre d’enfants possible.")
        codes = ("invalid", "min_value", "max_value")
        super().__init__(
            min_value=0, max_value=most, required=False, error_messages=dict.fromkeys(codes, wrong), **kwargs
        )


class TryPriceForm(forms.Form):
    """Read from the address: nothing is changed. Without an `enfant` the invented home is meant."""

    jour = DayField(label=gettext_lazy("Jour"))
    creneaux = forms.MultipleChoiceField(
        label=gettext_lazy("Créneaux"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": gettext_lazy("Cochez au moins un créneau."),
            **IN_LIST,
        },
    )
    de = HourField(label=gettext_lazy("De"), required=False)
    a = HourField(label=gettext_lazy("à"), required=False)
    cas = forms.ChoiceField(
        label=gettext_lazy("Ce qui s’est passé"),
        choices=[(one.value, text) for one, text in HAPPENED],
        error_messages=IN_LIST,
    )
    enfant = forms.CharField(
        label=gettext_lazy("Enfant inscrit"),
        required=False,
        max_length=100,
        help_text=gettext_lazy("Son nom, ou rien pour un foyer inventé."),
    )
    quotient = EurosField(
        label=gettext_lazy("Quotient familial"), help_text=gettext_lazy("Rien\u00a0: inconnu.")
    )
    ressources = EurosField(
        label=gettext_lazy("Ressources par mois"), help_text=gettext_lazy("Rien\u00a0: inconnues.")
    )
    charge = NumberField(int(MOST_CHILDREN), label=gettext_lazy("Enfants à charge"))
    commune = forms.ModelChoiceField(
        label=gettext_lazy("Habite à"),
        queryset=Commune.objects.none(),
        required=False,
        empty_label=gettext_lazy("une autre commune"),
        error_messages=IN_LIST,
    )
    autres = NumberField(
        MOST_OTHERS,
        label=gettext_lazy("Frères et sœurs"),
        help_text=gettext_lazy("Qui viennent aussi, aux mêmes créneaux."),
    )
    agent = forms.BooleanField(label=gettext_lazy("Un parent travaille pour la collectivité"), required=False)

    def __init__(self, data: Any, *, activity: ActivityFacts, initial: dict[str, Any]) -> None:
        super().__init__(data, initial={"cas": Happened.IN_TIME.value, **initial})
        slots = priced_slots(activity)
        self.fields["creneaux"].choices = list(slots.items())  # type: ignore[attr-defined]
        self.fields["commune"].queryset = Commune.objects.all()  # type: ignore[attr-defined]
        if not any(activity.slots[pk].by_hour for pk in slots):
            del self.fields["de"], self.fields["a"]

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        first, last = found.get("de"), found.get("a")
        if {"de", "a"} & set(self.errors):
            return found
        if (first is None) != (last is None):
            self.add_error("a" if last is None else "de", _("Donnez les deux heures, ou aucune."))
        elif first and last and last <= first:
            self.add_error("a", _("La fin vient avant le début."))
        return found

    @property
    def wanted(self) -> Wanted:
        found = self.cleaned_data
        first, last = found.get("de"), found.get("a")
        return Wanted(
            found["jour"],
            [pk for pk in map(id_read, found["creneaux"]) if pk],
            Happened(found["cas"]),
            (first, last) if first and last else None,
        )

    @property
    def invented(self) -> InventedHome:
        found = self.cleaned_data
        return InventedHome(
            quotient=found["quotient"],
            resources=found["ressources"],
            dependants=found["charge"],
            commune_id=found["commune"].pk if found["commune"] else None,
            others=found["autres"] or 0,
            staff=found["agent"],
        )
