"""Bundles: the weeks to make some of, and the days of one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.activities.models import Activity, Bundle, Opening, Slot
from marelle.activities.rules import LONGEST_DELAY_IN_DAYS
from marelle.agents.activities.forms.fields import DayField, InstantField
from marelle.core.french import day_long_year
from marelle.ui.forms import NumberField

WRONG = gettext_lazy("Choisissez dans la liste.")


class WeeksForm(forms.Form):
    slot = forms.ModelChoiceField(
        label=gettext_lazy("Créneau"),
        queryset=Slot.objects.none(),
        empty_label=None,
        error_messages={"invalid_choice": WRONG},
    )
    first = DayField(label=gettext_lazy("Du"))
    last = DayField(
        label=gettext_lazy("Au"),
        help_text=gettext_lazy("Un lot par semaine et par groupe, avec les jours ouverts dès demain."),
    )

    alone_days = NumberField(
        label=gettext_lazy("Jours réservés un par un, combien de jours avant le premier"),
        help_text=gettext_lazy("Vide : toujours ensemble. Sinon, à partir de 0 h ce jour-là."),
        min_value=0,
        max_value=LONGEST_DELAY_IN_DAYS,
        required=False,
    )

    def __init__(self, data: Any, *, activity: Activity) -> None:
        super().__init__(data)
        field: Any = self.fields["slot"]
        field.queryset = activity.slots.order_by("order", "pk")
        field.label_from_instance = _slot_name

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("first") and given.get("last") and given["last"] < given["first"]:
            self.add_error("last", _("La fin vient avant le début."))
        return given


class BundleForm(forms.Form):
    """A name, and the openings held among those that could be."""

    name = forms.CharField(
        label=gettext_lazy("Nom"),
        max_length=Bundle._meta.get_field("name").max_length,
        help_text=gettext_lazy("Comme l’équipe le lit : « Semaine du 15 au 19 février »."),
    )
    openings = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Réservés tous ou aucun"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": WRONG,
            "required": gettext_lazy("Un lot a au moins deux jours : supprimez-le plutôt."),
        },
    )
    alone_at = InstantField(
        label=gettext_lazy("Jours réservés un par un à partir du"),
        required=False,
        help_text=gettext_lazy("Vide : toujours ensemble."),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, bundle: Bundle, openings: Iterable[Opening]) -> None:
        rows = list(openings)
        held = [row.pk for row in rows if row.bundle_id == bundle.pk]
        shown = {"name": bundle.name, "openings": held, "alone_at": bundle.alone_at}
        super().__init__(data, initial={**shown, "seen": self.seen_text(held)})
        self.fields["alone_at"].kept = bundle.alone_at  # type: ignore[attr-defined]
        self.fields["openings"].choices = [(row.pk, _opening_name(row)) for row in rows]  # type: ignore[attr-defined]

    @staticmethod
    def seen_text(held: Iterable[int]) -> str:
        return json.dumps(sorted(held))

    def shown(self) -> set[int]:
        """What the form showed as held, as the browser sends it back; nonsense is nothing shown."""
        try:
            return {int(pk) for pk in json.loads(self.cleaned_data["seen"])}
        except (TypeError, ValueError, OverflowError, RecursionError):
            return set()


def _slot_name(slot: Slot) -> str:
    return slot.name


def _opening_name(row: Opening) -> str:
    group = row.group.name if row.group else ""
    return " · ".join(filter(None, (day_long_year(row.day), row.slot.name, row.title, group)))
