"""A day for each role."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.agents.activities.forms.edit import refuse_changed, shown_before
from marelle.core.actor import Role
from marelle.core.refusals import ChangedMeanwhile
from marelle.journal.edits import Shown

LABELS = {
    Role.ADMINISTRATOR: gettext_lazy("Administration, à partir du"),
    Role.OFFICE: gettext_lazy("Guichet, à partir du"),
    Role.DIRECTOR: gettext_lazy("Direction, à partir du"),
    Role.ANIMATOR: gettext_lazy("Animation, à partir du"),
}


class RulesForm(forms.Form):
    """`seen` carries what the form showed."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None, *, rules: Mapping[Role, date]) -> None:
        told = {role.value: rules[role].isoformat() if role in rules else "" for role in LABELS}
        super().__init__(data, initial={"seen": json.dumps(told)})
        for role, label in LABELS.items():
            self.fields[role.value] = forms.DateField(
                label=label,
                initial=rules.get(role),
                required=False,
                help_text=_("Vide : proposée, pas exigée."),
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            )

    def since(self) -> dict[Role, date | None]:
        return {role: self.cleaned_data[role.value] for role in LABELS}

    def shown(self) -> Shown:
        return shown_before(self.cleaned_data["seen"])

    def refuse_stale(self, refusal: ChangedMeanwhile) -> None:
        refuse_changed(self, refusal)
