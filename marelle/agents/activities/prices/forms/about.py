"""Which slots a row is about: those of the activity, those that are ticked, or all of the authority."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.agents.activities.prices.forms.common import IN_THE_LIST, Place, slot_choices, slots_of
from marelle.pricing.tariffs import ALL_SLOTS, Slots

HERE, SOME, EVERYWHERE = "here", "some", "everywhere"


class AboutFields(forms.Form):
    """Which slots a rule is about."""

    about = forms.ChoiceField(
        label=gettext_lazy("Pour quels créneaux"),
        choices=[
            (HERE, gettext_lazy("tous ceux de cette activité")),
            (SOME, gettext_lazy("ceux cochés ici")),
            (EVERYWHERE, gettext_lazy("tous ceux de la collectivité, de toutes ses activités")),
        ],
        error_messages=IN_THE_LIST,
        widget=forms.RadioSelect,
    )
    slots = forms.MultipleChoiceField(
        label=gettext_lazy("Créneaux"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=IN_THE_LIST,
    )
    others = forms.MultipleChoiceField(
        label=gettext_lazy("Créneaux d’autres activités"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=IN_THE_LIST,
    )
    place: Place

    def set_slots(self) -> None:
        self.fields["slots"].choices = slot_choices(self.place.own)  # type: ignore[attr-defined]
        self.fields["others"].choices = slot_choices(self.place.others)  # type: ignore[attr-defined]

    def check_slots(self) -> None:
        found = self.cleaned_data
        some = found.get("about") == SOME and not {"slots", "others"} & set(self.errors)
        if some and not found["slots"] and not found["others"]:
            self.add_error("slots", _("Cochez au moins un créneau."))

    def about_slots(self) -> Slots:
        found = self.cleaned_data
        match found["about"]:
            case "everywhere":
                return ALL_SLOTS
            case "here":
                return frozenset(self.place.own)
            case _:
                return slots_of([*found["slots"], *found["others"]])


def shown_slots(place: Place, slots: Slots | None) -> dict[str, Any]:
    """What the fields begin with, of a row that there is."""
    if slots is None or slots == frozenset(place.own):
        return {"about": HERE}
    if not slots:
        return {"about": EVERYWHERE}
    chosen = {str(pk) for pk in slots}
    own = [str(pk) for pk in place.own if str(pk) in chosen]
    return {"about": SOME, "slots": own, "others": sorted(chosen - set(own), key=int)}
