"""Whom a childminder brings: first names, as she types them, which are looked for nowhere."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.relay.models import NAME_LENGTH
from marelle.relay.rules import SEATS_AT_MOST

FIRST_NAME: Final = re.compile(r"[^\W\d_][^\W\d_ '’.-]*(?:[ '’.-]+[^\W\d_]+)*\.?")
LINES: Final = SEATS_AT_MOST * (NAME_LENGTH + 2)


class BringForm(forms.Form):
    children = forms.CharField(
        label=_("Les enfants que vous amenez"),
        max_length=LINES,
        widget=forms.Textarea(attrs={"rows": SEATS_AT_MOST, "autocomplete": "off"}),
        help_text=_("Un prénom par ligne\u00a0: une place pour chacun. Ni nom de famille, ni date."),
        error_messages={"required": _("Donnez le prénom d’au moins un enfant.")},
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_children(self) -> list[str]:
        composed = unicodedata.normalize("NFC", self.cleaned_data["children"])
        typed = (" ".join(line.split()) for line in composed.splitlines())
        names = [name for name in typed if name]
        if len(names) > SEATS_AT_MOST:
            raise forms.ValidationError(_("Une venue prend %(n)d places au plus.") % {"n": SEATS_AT_MOST})
        for name in names:
            if len(name) > NAME_LENGTH or not FIRST_NAME.fullmatch(name):
                raise forms.ValidationError(
                    _("Cette ligne n’est pas un prénom\u00a0: %(line)s") % {"line": name[:60]}
                )
        return names

    def show_again(self, mark: str) -> None:
        """After a refusal of what is stale: the next sending says that what is there now was seen."""
        data: Any = self.data
        self.data = data.copy()
        self.data["seen"] = mark  # type: ignore[index]
