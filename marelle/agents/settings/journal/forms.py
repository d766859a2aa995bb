"""What to show of the journal. A value that means nothing is told, and chooses nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from marelle.accounts.models import User
from marelle.flows.journal.staff import KINDS, Wanted
from marelle.places.models import Authority

A_DAY = {"type": "date"}
FAR = _("Cette date est trop lointaine : vérifiez l’année.")
WITHIN = (MinValueValidator(date(2000, 1, 1), FAR), MaxValueValidator(date(2200, 1, 1), FAR))


class JournalForm(forms.Form):
    agent_id = forms.TypedChoiceField(label=_("Agent"), required=False, coerce=int, empty_value=None)
    kind = forms.ChoiceField(
        label=_("Quoi"),
        required=False,
        choices=[("", _("Tout")), *((code, label) for code, (label, _verbs) in KINDS.items())],
    )
    authority_id = forms.TypedChoiceField(
        label=_("Factures de"), required=False, coerce=int, empty_value=None
    )
    family_number = forms.CharField(label=_("Numéro de dossier"), required=False, max_length=40)
    first = forms.DateField(
        label=_("Du"), required=False, widget=forms.DateInput(A_DAY, "%Y-%m-%d"), validators=WITHIN
    )
    last = forms.DateField(
        label=_("Au"), required=False, widget=forms.DateInput(A_DAY, "%Y-%m-%d"), validators=WITHIN
    )
    for_families = forms.BooleanField(label=_("Seulement au nom d’une famille"), required=False)
    before = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)

    def __init__(
        self, data: Mapping[str, Any], *, accounts: Iterable[User], authorities: Iterable[Authority]
    ) -> None:
        super().__init__(data)
        keeps = [(one.pk, one.name) for one in authorities]
        self.fields["authority_id"].choices = [("", _("Toutes les collectivités")), *keeps]  # type: ignore[attr-defined]
        if len(keeps) < 2:
            self.fields["authority_id"].widget = forms.HiddenInput()
        choices = [("", _("Tous")), *((user.pk, str(user)) for user in accounts)]
        self.fields["agent_id"].choices = choices  # type: ignore[attr-defined]

    def wanted(self) -> Wanted:
        """What is well said of it; to be asked after `is_valid`."""
        found = {field.name: self.cleaned_data.get(field.name) for field in fields(Wanted)}
        return Wanted(
            **{**found, "for_families": bool(found["for_families"]), "kind": found["kind"] or ""}  # type: ignore[arg-type]
            | {"family_number": (found["family_number"] or "").strip()}
        )

    def shown(self) -> list[forms.BoundField]:
        return [bound for bound in self if not bound.is_hidden]
