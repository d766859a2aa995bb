"""The table of policies: one select for each field, with what the field allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from marelle.families.fields import FIELDS, On, Policy, policy_of
from marelle.families.file_labels import place_text, policy_text


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    inputs: tuple[BoundField, ...]


class PoliciesForm(forms.Form):
    def __init__(self, data: Mapping[str, Any] | None, *, chosen: Mapping[str, str]) -> None:
        super().__init__(data)
        for field in FIELDS:
            self.fields[_name(field.code)] = forms.ChoiceField(
                label=str(field.label),
                choices=[(policy.value, policy_text(policy)) for policy in Policy if policy in field.allowed],
                initial=policy_of(field, chosen).value,
                error_messages={
                    "required": _("Choisissez une règle."),
                    "invalid_choice": _("Cette règle n’est pas possible pour cette donnée."),
                },
            )

    def chosen(self) -> dict[str, str]:
        return {field.code: self.cleaned_data[_name(field.code)] for field in FIELDS}

    def sections(self) -> list[Section]:
        return [
            Section(place_text(on), tuple(self[_name(field.code)] for field in FIELDS if field.on is on))
            for on in On
            if any(field.on is on for field in FIELDS)
        ]


def _name(code: str) -> str:
    return code.replace(".", "-")
