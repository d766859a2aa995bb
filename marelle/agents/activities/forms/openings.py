"""Outings dated one by one, and the hours of one opening."""

from __future__ import annotations

import json
from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.activities.models import Activity, AgeGroup, Opening, Slot
from marelle.activities.services import OpeningHours
from marelle.agents.activities.forms.fields import DayField, HourField
from marelle.agents.activities.forms.parts import MOST_PLACES
from marelle.ui.forms import NumberField


class OutingForm(forms.Form):
    """`slots` are those of the activity that are dated by hand."""

    title = forms.CharField(
        label=gettext_lazy("Titre"),
        max_length=Opening._meta.get_field("title").max_length,
        help_text=gettext_lazy("Comme les familles le lisent : « Minigolf à Brisecombe »."),
        error_messages={"required": gettext_lazy("Donnez un titre.")},
    )
    slot = forms.ModelChoiceField(
        label=gettext_lazy("Créneau"),
        queryset=Slot.objects.none(),
        empty_label=None,
        error_messages={"invalid_choice": gettext_lazy("Choisissez dans la liste.")},
    )
    group = forms.ModelChoiceField(
        label=gettext_lazy("Groupe"),
        queryset=AgeGroup.objects.none(),
        required=False,
        empty_label=gettext_lazy("tous les groupes"),
        error_messages={"invalid_choice": gettext_lazy("Choisissez dans la liste.")},
    )
    day = DayField(label=gettext_lazy("Jour"))
    starts = HourField(label=gettext_lazy("Début"))
    ends = HourField(label=gettext_lazy("Fin"))
    seats = NumberField(
        label=gettext_lazy("Places"),
        min_value=0,
        max_value=MOST_PLACES,
        required=False,
        help_text=gettext_lazy("Vide : autant que les jauges du créneau le permettent."),
    )

    def __init__(self, data: Any, *, activity: Activity) -> None:
        super().__init__(data)
        slot, group = self.fields["slot"], self.fields["group"]
        slot.queryset = activity.slots.filter(one_off=True).order_by("order", "pk")  # type: ignore[attr-defined]
        slot.label_from_instance = _name  # type: ignore[attr-defined]
        group.queryset = activity.groups.order_by("min_age_months", "pk")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("starts") and given.get("ends") and given["ends"] <= given["starts"]:
            self.add_error("ends", _("La fin vient avant le début."))
        return given


class OpeningForm(forms.Form):
    """One opening's own title and hours."""

    title = forms.CharField(
        label=gettext_lazy("Titre"),
        max_length=Opening._meta.get_field("title").max_length,
        required=False,
        help_text=gettext_lazy("Lu par les familles à côté du créneau."),
    )
    starts = HourField(label=gettext_lazy("Début"))
    ends = HourField(label=gettext_lazy("Fin"))
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, hours: OpeningHours) -> None:
        shown = {"title": hours.title, "starts": hours.starts, "ends": hours.ends}
        super().__init__(data, initial=shown | {"seen": self.seen_text(hours)})

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("starts") and given.get("ends") and given["ends"] <= given["starts"]:
            self.add_error("ends", _("La fin vient avant le début."))
        return given

    @staticmethod
    def seen_text(hours: OpeningHours) -> str:
        return json.dumps([hours.title, f"{hours.starts:%H:%M}", f"{hours.ends:%H:%M}"])

    def asked(self) -> OpeningHours:
        given = self.cleaned_data
        return OpeningHours(given["title"], given["starts"], given["ends"])

    def shown(self) -> OpeningHours | None:
        """What the form showed, as the browser sends it back; None for nonsense, which is checked no more."""
        try:
            title, starts, ends = json.loads(self.cleaned_data["seen"])
            return OpeningHours(title, time.fromisoformat(starts), time.fromisoformat(ends))
        except (TypeError, ValueError, RecursionError):
            return None


def _name(slot: Slot) -> str:
    return slot.name
