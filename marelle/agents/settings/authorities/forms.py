"""What an authority says of itself. Nothing is obligatory: what is missing is told as such on the pages."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from marelle.agents.activities.forms.edit import shown_before
from marelle.agents.activities.forms.fields import DayField
from marelle.core.phones import WrongPhone, phone_stored, phone_text
from marelle.journal.edits import Shown, held
from marelle.places.models import Authority, IncomesCount
from marelle.places.rules import TEEN_AGES
from marelle.places.services import AuthoritySheet
from marelle.ui.forms import NumberField, SiretField

EARLIEST_AUDIT = date(2012, 1, 1)
"""Before it nobody could have measured what the declaration speaks of."""


class AuthorityForm(forms.Form):
    email = forms.EmailField(label=_("Courriel"), required=False)
    phone = forms.CharField(label=_("Téléphone"), required=False)
    address = forms.CharField(label=_("Adresse"), required=False)
    siret = SiretField(required=False, help_text=_("14 chiffres."))
    publication_director = forms.CharField(
        label=_("Direction de la publication"),
        required=False,
        help_text=_("Le plus souvent le maire, ou la présidente : prénom, nom et qualité."),
    )
    host_name = forms.CharField(label=_("Hébergeur"), required=False)
    host_address = forms.CharField(label=_("Adresse de l’hébergeur"), required=False)
    host_phone = forms.CharField(label=_("Téléphone de l’hébergeur"), required=False)
    dpo_name = forms.CharField(
        label=_("Délégué à la protection des données"),
        required=False,
        help_text=_("Un nom, ou un service."),
    )
    dpo_email = forms.EmailField(label=_("Courriel du délégué"), required=False)
    accessibility_email = forms.EmailField(
        label=_("Courriel pour signaler une difficulté"),
        required=False,
        help_text=_("Sans lui, c’est le courriel de la collectivité."),
    )
    accessibility_rate = NumberField(
        label=_("Taux de conformité au RGAA, en %"),
        required=False,
        min_value=0,
        max_value=100,
        help_text=_(
            "Celui du dernier audit. Sans audit, laissez vide : le site est déclaré « non conforme »."
        ),
    )
    accessibility_audited_on = forms.DateField(
        label=_("Date de l’audit"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )

    incomes_count = forms.ChoiceField(
        label=_("Un revenu qui change compte à partir"),
        choices=IncomesCount,
        help_text=_("Un quotient daté du 16 novembre compte le 1er décembre, ou dès le 16 novembre."),
    )
    incomes_since = DayField(
        label=_("Ce choix vaut à partir du"),
        required=False,
        help_text=_(
            "Le premier jour d’un mois\u00a0; les mois d’avant gardent leur prix. "
            "Vide\u00a0: depuis toujours."
        ),
    )

    teen_age = NumberField(
        label=_("Âge à partir duquel un enfant peut avoir son compte"),
        min_value=TEEN_AGES[0],
        max_value=TEEN_AGES[1],
        help_text=_(
            "En années. Un parent l’ouvre depuis la fiche de l’enfant, et dit ce qu’il y réserve lui-même."
        ),
    )

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    SECTIONS = (
        (_("Joindre la collectivité"), ("email", "phone", "address", "siret")),
        (_("Mentions légales"), ("publication_director", "host_name", "host_address", "host_phone")),
        (_("Données personnelles"), ("dpo_name", "dpo_email")),
        (_("Tarifs"), ("incomes_count", "incomes_since")),
        (_("Comptes de jeunes"), ("teen_age",)),
        (_("Accessibilité"), ("accessibility_email", "accessibility_rate", "accessibility_audited_on")),
    )

    def __init__(
        self, data: Any = None, *, authority: Authority, day: date, since: date | None = None
    ) -> None:
        names = [field.name for field in fields(AuthoritySheet)]
        shown = {name: getattr(authority, name) for name in names}
        super().__init__(
            data, initial={**shown, "incomes_since": since, "seen": json.dumps(held(authority, names))}
        )
        self.day = day
        for name in names:
            field, length = self.fields[name], getattr(Authority._meta.get_field(name), "max_length", None)
            if length and name != "siret" and not isinstance(field, forms.ChoiceField):
                field.widget.attrs["maxlength"] = length
                field.validators.append(MaxLengthValidator(length))

    def sections(self) -> list[tuple[Any, list[forms.BoundField]]]:
        return [(title, [self[name] for name in names]) for title, names in self.SECTIONS]

    def sheet(self) -> AuthoritySheet:
        return AuthoritySheet(
            **{field.name: self.cleaned_data[field.name] for field in fields(AuthoritySheet)}
        )

    def shown(self) -> Shown:
        return shown_before(self.cleaned_data["seen"])

    def clean_incomes_since(self) -> date | None:
        since: date | None = self.cleaned_data["incomes_since"]
        if since is not None and since.day != 1:
            raise ValidationError(_("Donnez le premier jour d’un mois."))
        if since is not None and since > (self.day.replace(day=1) + timedelta(days=31)):
            raise ValidationError(_("Donnez au plus tard le premier jour du mois prochain."))
        return since

    def clean_phone(self) -> str:
        return self._phone("phone")

    def clean_host_phone(self) -> str:
        return self._phone("host_phone")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        rate, day = cleaned.get("accessibility_rate"), cleaned.get("accessibility_audited_on")
        if "accessibility_rate" in cleaned and "accessibility_audited_on" in cleaned:
            if (rate is None) != (day is None):
                self.add_error("accessibility_audited_on", _("Le taux et la date de l’audit vont ensemble."))
            elif day is not None and not EARLIEST_AUDIT <= day <= self.day:
                self.add_error("accessibility_audited_on", _("Cette date ne peut pas être celle d’un audit."))
        return cleaned

    def _phone(self, name: str) -> str:
        try:
            return phone_text(phone_stored(self.cleaned_data[name]))
        except WrongPhone as refusal:
            raise ValidationError(_("Ce numéro n’est pas un téléphone : 03 00 00 00 01.")) from refusal
