"""Writing down a judgment: who must not fetch a child."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.agents.activities.forms.edit import show_anew, shown_before
from marelle.core.refusals import ChangedMeanwhile, Refusal
from marelle.families.care.bans import bans_held
from marelle.families.care.labels import care_refused_text
from marelle.families.models import Family, PickupBan
from marelle.families.models.care import PERSON_LENGTH, REASON_LENGTH
from marelle.journal.edits import Shown

A_DATE = {"invalid": _("Donnez une date, par exemple 02/12/2026.")}


class BanForm(forms.Form):
    name = forms.CharField(
        label=_("Prénom et nom"),
        max_length=PERSON_LENGTH,
        error_messages={"required": _("Qui ne doit pas venir chercher l’enfant ?")},
    )
    reason = forms.CharField(
        label=_("Jugement"),
        help_text=_("Le tribunal et la date. Rien de plus."),
        max_length=REASON_LENGTH,
        error_messages={"required": _("Donnez le tribunal et la date du jugement.")},
    )
    since = forms.DateField(label=_("Depuis le"), error_messages={**A_DATE, "required": _("Depuis quand ?")})
    until = forms.DateField(label=_("Jusqu’au"), required=False, error_messages=A_DATE)
    home = forms.TypedChoiceField(
        label=_("Foyer qui a remis le jugement"),
        help_text=_("Ce foyer verra l’interdiction. L’autre foyer ne la voit pas."),
        coerce=int,
        empty_value=None,
        required=False,
    )

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, homes: Iterable[Family], bans: Iterable[PickupBan], today: date
    ) -> None:
        self.held = json.dumps(bans_held(bans))
        super().__init__(data, initial={"seen": self.held})
        self.fields["home"].choices = [  # type: ignore[attr-defined]
            ("", _("Aucun des foyers")),
            *((home.pk, str(home)) for home in homes),
        ]
        for name in ("since", "until"):
            self.fields[name].widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        self.initial.setdefault("since", today)

    def shown(self) -> Shown:
        return shown_before(self.cleaned_data["seen"])

    def refuse(self, refusal: Refusal) -> None:
        if isinstance(refusal, ChangedMeanwhile):
            show_anew(self, "seen", self.held)
        self.add_error("until" if refusal.code == "ban_dates" else None, care_refused_text(refusal))
