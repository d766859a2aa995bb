"""Choosing the files of a paper."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.files.fields import upload_options
from marelle.files.services import CheckedFile
from marelle.ui.forms import MultipleFileField

FILES_AT_ONCE = 10


class PagesForm(forms.Form):
    """`mode` says what becomes of the pages of a paper that waits."""

    pages = MultipleFileField(label=_("Vos pages"), **upload_options(max_files=FILES_AT_ONCE))
    mode = forms.ChoiceField(choices=[("replace", ""), ("add", "")], required=False)

    @property
    def adds(self) -> bool:
        return self.cleaned_data.get("mode") == "add"

    @property
    def uploads(self) -> Sequence[CheckedFile]:
        found: Sequence[CheckedFile] = self.cleaned_data["pages"]
        return found
