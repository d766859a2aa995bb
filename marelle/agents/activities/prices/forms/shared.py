"""What an authority has once: what is paid at once, and the resources that its effort rates count."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.agents.activities.forms.fields import DayField
from marelle.agents.activities.prices.forms.common import IN_THE_LIST, slot_choices, slots_of
from marelle.agents.activities.prices.forms.written import HIGHEST_LIMIT
from marelle.pricing.facts import Period
from marelle.pricing.models.tariffs import PERIODS
from marelle.pricing.products import ProductTerms
from marelle.ui.forms import EurosField


class ProductForm(forms.Form):
    """Its name, when it is paid, what it covers; how much, for whom and from when are its tariffs."""

    name = forms.CharField(
        label=gettext_lazy("Nom"),
        max_length=120,
        help_text=gettext_lazy(
            "Par exemple «\u00a0Carte mensuelle de cantine\u00a0» ou «\u00a0Cotisation annuelle\u00a0»."
        ),
        error_messages={
            "required": gettext_lazy("Donnez un nom, par exemple «\u00a0Cotisation annuelle\u00a0».")
        },
    )
    period = forms.ChoiceField(
        label=gettext_lazy("Se paie"),
        choices=[(period.value, text) for period, text in PERIODS.items()],
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Dites quand cela se paie."),
            "invalid_choice": gettext_lazy("Choisissez dans la liste."),
        },
        help_text=gettext_lazy("Chaque fois en entier, même commencé ou arrêté en cours de mois ou d’année."),
    )
    slots = forms.MultipleChoiceField(
        label=gettext_lazy("Créneaux compris"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=IN_THE_LIST,
        help_text=gettext_lazy(
            "Ceux-là ne coûtent rien de plus. Aucun de coché\u00a0: une cotisation, qui ne comprend rien."
        ),
    )
    seen = forms.CharField(required=False, max_length=20_000, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any,
        *,
        slots: Mapping[int, str],
        terms: ProductTerms | None = None,
        is_taken: bool = False,
    ) -> None:
        """`terms`: those that it has; `is_taken`: of which the name alone may change."""
        shown = {} if terms is None else _shown(terms)
        super().__init__(data, initial=shown)
        self.is_taken = is_taken
        self.fields["slots"].choices = slot_choices(slots)  # type: ignore[attr-defined]
        for name in ("period", "slots") if is_taken else ():
            self.fields[name].disabled = True

    def terms(self) -> ProductTerms:
        """Of a form that is right."""
        found = self.cleaned_data
        return ProductTerms(found["name"], Period(found["period"]), slots_of(found["slots"]))


def _shown(terms: ProductTerms) -> dict[str, Any]:
    slots = [str(pk) for pk in sorted(terms.slots)]
    return {"name": terms.name, "period": terms.period.value, "slots": slots, "seen": terms.version}


class ResourceBoundForm(forms.Form):
    """From a day on, what resources of a month count at least and at most."""

    since = DayField(
        label=gettext_lazy("À partir du"),
        help_text=gettext_lazy("Pour les contrats en cours aussi. Les jours d’avant gardent leur prix."),
    )
    floor = EurosField(HIGHEST_LIMIT, label=gettext_lazy("Plancher de ressources par mois"))
    ceiling = EurosField(HIGHEST_LIMIT, label=gettext_lazy("Plafond de ressources par mois"))
    seen = forms.CharField(required=False, max_length=20_000, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, since: date, seen: str) -> None:
        super().__init__(data, initial={"since": since, "seen": seen})

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        floor, ceiling = found.get("floor"), found.get("ceiling")
        if floor is not None and ceiling is not None and ceiling < floor:
            self.add_error("ceiling", _("Le plafond est plus petit que le plancher."))
        return found
