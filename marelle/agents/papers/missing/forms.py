"""Where papers are missing, and whom to remind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from marelle.core.converters import id_read
from marelle.flows.papers.missing import Place


def place_key(place: Place) -> str:
    """ "12" for a structure, "12-34" for its activity 34."""
    return "-".join(str(part) for part in (place.structure_id, place.activity_id) if part is not None)


class PlaceForm(forms.Form):
    """To look at, a place that is not in the list is the first one; a reminder is refused there."""

    ou = forms.ChoiceField(label=_("Où"), required=False)

    def __init__(self, *args: Any, places: Mapping[Place, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = {place_key(place): name for place, name in places.items()}
        self.fields["ou"].choices = list(self.names.items())  # type: ignore[attr-defined]

    def place(self) -> Place | None:
        """The one chosen, else the first; None where the agent follows none."""
        key = (self.cleaned_data["ou"] if self.is_valid() else "") or next(iter(self.names), "")
        if not key:
            return None
        structure_id, *activity_id = map(int, key.split("-"))
        return Place(structure_id, *activity_id)


class RemindForm(forms.Form):
    """`familles`: those ticked; `tous`: all of the place. `homes` is how many the agent was shown."""

    tous = forms.BooleanField(required=False)
    familles = forms.TypedMultipleChoiceField(required=False, coerce=int)
    homes = forms.IntegerField(required=False, min_value=0)
    insist = forms.BooleanField(required=False)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        # Whom is theirs to remind is the service's to say: here only numbers are read.
        sent = [value for value in data.getlist("familles") if id_read(value)]
        self.fields["familles"].choices = [(value, value) for value in sent]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> list[int] | None:
        return None if self.cleaned_data["tous"] else self.cleaned_data["familles"]
