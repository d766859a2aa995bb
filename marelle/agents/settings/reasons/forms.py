"""The reasons to refuse of an authority: one a line, for each kind of case."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from marelle.agents.cases import KINDS, REFUSED_KINDS
from marelle.flows.desk.reasons import REASON_LENGTH

AT_MOST = 20
"""Reasons of one kind: beyond, nobody finds the right one in the list."""


class ReasonsForm(forms.Form):
    """`seen` carries what the form showed, so that a colleague's change is not overwritten."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, held: Mapping[str, Sequence[str]], prefix: str
    ) -> None:
        super().__init__(data, prefix=prefix, initial={"seen": json.dumps(held)})
        for kind in REFUSED_KINDS:
            self.fields[kind] = forms.CharField(
                label=str(KINDS[kind].label),
                required=False,
                initial="\n".join(held.get(kind, ())),
                widget=forms.Textarea(attrs={"rows": 4}),
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for kind in REFUSED_KINDS:
            lines = [" ".join(line.split()) for line in (cleaned.get(kind) or "").splitlines()]
            cleaned[kind] = list(dict.fromkeys(line for line in lines if line))
            if any(len(line) > REASON_LENGTH for line in cleaned[kind]):
                self.add_error(kind, _("Un motif tient en %(n)d signes.") % {"n": REASON_LENGTH})
            elif len(cleaned[kind]) > AT_MOST:
                self.add_error(kind, _("Gardez %(n)d motifs au plus.") % {"n": AT_MOST})
        return cleaned

    def reasons(self) -> dict[str, list[str]]:
        return {kind: self.cleaned_data[kind] for kind in REFUSED_KINDS}

    def seen_reasons(self) -> dict[str, list[str]]:
        """What the form had shown; nonsense is nothing, and then nothing is overwritten."""
        try:
            found = json.loads(self.cleaned_data["seen"] or "{}")
            return {str(kind): [str(text) for text in texts] for kind, texts in found.items()}
        except (ValueError, AttributeError, TypeError, RecursionError):
            return {}
