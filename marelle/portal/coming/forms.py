"""Whose days, and how far ahead."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.families.selectors import Child

WEEKS = {"2": _("2 semaines"), "4": _("4 semaines"), "8": _("8 semaines"), "26": _("6 mois")}
USUAL = "4"


class ComingForm(forms.Form):
    """Read from the address; what makes no sense there is as if nothing was asked."""

    enfant = forms.ChoiceField(label=_("Enfant"), required=False)
    semaines = forms.ChoiceField(label=_("Période"), required=False, choices=list(WEEKS.items()))

    def __init__(self, query: dict[str, str], *, children: Iterable[Child]) -> None:
        kids = [(str(child.id), child.first_name) for child in children]
        super().__init__({"semaines": USUAL, **query})
        self.fields["enfant"].choices = [("", _("tous")), *kids]  # type: ignore[attr-defined]
        if not self.is_valid():
            kept = {name: query[name] for name in query if name not in self.errors}
            super().__init__({"semaines": USUAL, **kept})
            self.fields["enfant"].choices = [("", _("tous")), *kids]  # type: ignore[attr-defined]
            self.is_valid()

    @property
    def child_id(self) -> int | None:
        chosen = self.cleaned_data.get("enfant")
        return int(chosen) if chosen else None

    def last_day(self, today: date) -> date:
        return today + timedelta(weeks=int(self.cleaned_data.get("semaines") or USUAL))
