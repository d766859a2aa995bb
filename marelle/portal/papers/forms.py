"""Choosing the files of a paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.files.labels import limits_text
from marelle.files.rules import ACCEPTED_BY_BROWSERS
from marelle.files.services import Upload
from marelle.ui.forms import MultipleFileField


class PagesForm(forms.Form):
    """`mode` says what becomes of the pages of a paper that waits."""

    pages = MultipleFileField(
        label=_("Vos fichiers"),
        allow_empty_file=True,
        error_messages={"required": _("Choisissez un fichier, ou prenez une photo, puis envoyez.")},
    )
    mode = forms.ChoiceField(choices=[("replace", ""), ("add", "")], required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pages"].help_text = limits_text()
        self.fields["pages"].widget.attrs["accept"] = ACCEPTED_BY_BROWSERS

    @property
    def adds(self) -> bool:
        return self.cleaned_data.get("mode") == "add"

    @property
    def uploads(self) -> Sequence[Upload]:
        found: Sequence[Upload] = self.cleaned_data["pages"]
        return found
