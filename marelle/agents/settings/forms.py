"""The table of policies: one select for each field, with what the field allows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from marelle.agents.activities.forms.edit import refuse_stale, shown_before
from marelle.core.refusals import ChangedMeanwhile
from marelle.families.fields import BY_CODE, FIELDS, On, Policy, policy_of
from marelle.families.file.labels import place_text, policy_text
from marelle.journal.edits import Shown


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    inputs: tuple[BoundField, ...]


class PoliciesForm(forms.Form):
    """`seen` carries what the form showed: a field left alone is not written."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None, *, chosen: Mapping[str, str]) -> None:
        shown = {field.code: policy_of(field, chosen).value for field in FIELDS}
        super().__init__(data, initial={"seen": json.dumps(shown)})
        for field in FIELDS:
            self.fields[_name(field.code)] = forms.ChoiceField(
                label=str(field.label),
                choices=[(policy.value, policy_text(policy)) for policy in Policy if policy in field.allowed],
                initial=shown[field.code],
                error_messages={
                    "required": _("Choisissez une règle."),
                    "invalid_choice": _("Cette règle n’est pas possible pour cette donnée."),
                },
            )

    def chosen(self) -> dict[str, str]:
        """What the agent changed of what it was shown."""
        seen, typed = self.shown(), self.cleaned_data
        found = {field.code: typed[_name(field.code)] for field in FIELDS}
        return {code: policy for code, policy in found.items() if seen.get(code) != policy}

    def shown(self) -> Shown:
        return shown_before(self.cleaned_data.get("seen"))

    def refuse_stale(self, refusal: ChangedMeanwhile) -> None:
        held = refusal.data["held"]
        told = [
            f"{BY_CODE[code].label} : {policy_text(Policy(held[code]))}" for code in refusal.data["names"]
        ]
        refuse_stale(self, refusal, told, seen=json.dumps({**self.shown(), **held}))

    def sections(self) -> list[Section]:
        return [
            Section(place_text(on), tuple(self[_name(field.code)] for field in FIELDS if field.on is on))
            for on in On
            if any(field.on is on for field in FIELDS)
        ]


def _name(code: str) -> str:
    return code.replace(".", "-")
