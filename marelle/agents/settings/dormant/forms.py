"""Which silent homes go, and what the archives answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class ConfirmForm(forms.Form):
    homes = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Foyers à effacer"), coerce=int, widget=forms.CheckboxSelectMultiple
    )
    visa = forms.CharField(
        label=gettext_lazy("Visa des archives"),
        help_text=gettext_lazy("Sa référence et sa date, telles que les archives les ont données."),
        max_length=200,
        required=False,
    )

    def __init__(
        self, data: Mapping[str, Any] | None, *, homes: Iterable[tuple[int, str]], wants_visa: bool
    ) -> None:
        super().__init__(data)
        self.fields["homes"].choices = list(homes)  # type: ignore[attr-defined]
        self.fields["homes"].error_messages = {
            "required": _("Cochez au moins un foyer."),
            "invalid_choice": _("Un de ces foyers n’est plus sur la liste : relisez-la."),
        }
        if wants_visa:
            self.fields["visa"].required = True
            self.fields["visa"].error_messages["required"] = _("Donnez le visa des archives.")
        else:
            del self.fields["visa"]
