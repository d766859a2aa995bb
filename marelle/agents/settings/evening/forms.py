"""Where the lists of a structure go, and when; why their password is made anew."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.agents.activities.forms.fields import HourField
from marelle.agents.settings.evening.words import WHYS
from marelle.agents.settings.setting import SettingForm
from marelle.flows.door import evening_folder
from marelle.flows.door.evening import Why
from marelle.flows.models import Evening
from marelle.journal.edits import held

NAMES = ("hour", "to", "in_folder")


class EveningForm(SettingForm):
    hour = HourField(
        label=_("Heure d’envoi"), help_text=_("La veille de chaque jour ouvert. Rien ne part sinon.")
    )
    to = forms.EmailField(
        label=_("Courriel"),
        required=False,
        help_text=_(
            "Une adresse lue hors du portail : celle de la mairie, ou de la structure. "
            "Vide : aucun courriel ne part."
        ),
    )
    in_folder = forms.BooleanField(
        label=_("La mettre aussi dans le dossier du serveur"),
        required=False,
        help_text=_("Celui que la personne qui gère le serveur a donné. Elle y reste une semaine."),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, evening: Evening | None) -> None:
        shown = held(evening or Evening(), NAMES)
        super().__init__(data, initial={**shown, "seen": json.dumps(shown)})
        if not (evening_folder.is_there() or shown["in_folder"]):
            self.fields["in_folder"].disabled = True
            self.fields["in_folder"].widget = forms.HiddenInput()


class PasswordForm(forms.Form):
    seen = forms.CharField(widget=forms.HiddenInput)
    why = forms.ChoiceField(
        label=_("Pourquoi en faire un autre"),
        choices=[(why.value, WHYS[why]) for why in Why],
        widget=forms.RadioSelect,
    )
