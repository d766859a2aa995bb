"""What a price is tried with: a day, slots and what became of them, for a child or an invented home."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.activities.facts import ActivityFacts
from marelle.agents.activities.forms.fields import DayField, HourField
from marelle.agents.activities.forms.trying import IN_LIST
from marelle.core.converters import id_read
from marelle.families.incomes.rules import MOST_CHILDREN, MOST_EUROS
from marelle.flows.prices.trying import Happened, InventedHome, Wanted, priced_slots
from marelle.places.models import Commune
from marelle.ui.forms import EurosField, NumberField

MOST_OTHERS: Final = 5
HAPPENED: Final = (
    (Happened.IN_TIME, gettext_lazy("réservé à temps")),
    (Happened.LATE, gettext_lazy("réservé hors délai")),
    (Happened.UNBOOKED, gettext_lazy("venu sans réservation")),
    (Happened.TOLD, gettext_lazy("absent, dit à temps")),
    (Happened.TOLD_LATE, gettext_lazy("absent, dit trop tard")),
    (Happened.NEVER_TOLD, gettext_lazy("absent sans prévenir")),
    (Happened.PROVED, gettext_lazy("absent sans prévenir, justifié dans le premier délai")),
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
        MOST_EUROS,
        required=False,
        label=gettext_lazy("Quotient familial"),
        help_text=gettext_lazy("Rien\u00a0: inconnu."),
    )
    ressources = EurosField(
        MOST_EUROS,
        required=False,
        label=gettext_lazy("Ressources par mois"),
        help_text=gettext_lazy("Rien\u00a0: inconnues."),
    )
    charge = NumberField(
        label=gettext_lazy("Enfants à charge"), min_value=0, max_value=int(MOST_CHILDREN), required=False
    )
    commune = forms.ModelChoiceField(
        label=gettext_lazy("Habite à"),
        queryset=Commune.objects.none(),
        required=False,
        empty_label=gettext_lazy("une autre commune"),
        error_messages=IN_LIST,
    )
    autres = NumberField(
        label=gettext_lazy("Frères et sœurs"),
        min_value=0,
        max_value=MOST_OTHERS,
        required=False,
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
