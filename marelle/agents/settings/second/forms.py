"""A day for each role; how long the sessions of each live."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.agents.settings.setting import SettingForm
from marelle.core.actor import Role
from marelle.places.lives import BOUNDS, FAMILY, Life, lives_told
from marelle.ui.forms import NumberField

LABELS = {
    Role.ADMINISTRATOR: gettext_lazy("Administration, à partir du"),
    Role.OFFICE: gettext_lazy("Guichet, à partir du"),
    Role.DIRECTOR: gettext_lazy("Direction, à partir du"),
    Role.ANIMATOR: gettext_lazy("Animation, à partir du"),
}


class RulesForm(SettingForm):
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


HOLDERS = {
    FAMILY: gettext_lazy("Familles"),
    Role.ANIMATOR.value: gettext_lazy("Animation"),
    Role.DIRECTOR.value: gettext_lazy("Direction"),
    Role.OFFICE.value: gettext_lazy("Guichet"),
    Role.ADMINISTRATOR.value: gettext_lazy("Administration"),
}

UNITS = {
    "idle_minutes": (
        gettext_lazy("minutes sans rien ouvrir"),
        gettext_lazy("De %(least)d à %(most)d minutes."),
    ),
    "whole_hours": (gettext_lazy("heures en tout"), gettext_lazy("De %(least)d à %(most)d heures.")),
}


class LivesForm(SettingForm):
    def __init__(self, data: Mapping[str, Any] | None, *, lives: Mapping[str, Life]) -> None:
        super().__init__(data, initial={"seen": json.dumps(lives_told(lives))})
        for holder, label in HOLDERS.items():
            bounds = BOUNDS[holder]
            for name, (unit, help_text) in UNITS.items():
                least, most = getattr(bounds.least, name), getattr(bounds.most, name)
                self.fields[f"{holder}_{name}"] = NumberField(
                    label=f"{label}, {unit}",
                    initial=getattr(lives[holder], name),
                    min_value=least,
                    max_value=most,
                    help_text=help_text % {"least": least, "most": most},
                )

    def lives(self) -> dict[str, Life]:
        return {
            holder: Life(**{name: self.cleaned_data[f"{holder}_{name}"] for name in UNITS})
            for holder in HOLDERS
        }
