"""One number of months for each delay, with what it means and where its bounds come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from marelle.places.delays import DELAYS


class DelaysForm(forms.Form):
    def __init__(self, data: Mapping[str, Any] | None, *, months: Mapping[str, int]) -> None:
        super().__init__(data)
        for code, kind in DELAYS.items():
            bounds = _("De %(least)d à %(most)d mois.") % {"least": kind.least, "most": kind.most}
            self.fields[code] = forms.IntegerField(
                label=str(kind.label),
                initial=months[code],
                min_value=kind.least,
                max_value=kind.most,
                help_text=f"{kind.meaning} {bounds} {kind.source}",
            )

    def months(self) -> dict[str, int]:
        return {code: self.cleaned_data[code] for code in DELAYS}
