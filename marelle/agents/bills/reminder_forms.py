"""A step of reminders, and a delay that is granted."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.agents.bills.reminder_words import refusal_text
from marelle.agents.families.record_forms import date_field
from marelle.agents.of_authority import OfAuthorityForm
from marelle.billing.models.invoices import REASON_LENGTH
from marelle.billing.models.reminders import LONGEST, TITLE_LENGTH
from marelle.billing.reminders.rules import Way
from marelle.core.refusals import No
from marelle.mail.wording import TEXT_LENGTH, part_checked
from marelle.ui.forms import NumberField

FIELDS: Final = {"days": "days", "until": "until"}


class StepForm(forms.Form):
    days = NumberField(
        label=_("Jours après l’échéance"), min_value=1, max_value=LONGEST,
        help_text=_("La première étape part tant de jours après la date de paiement, les suivantes aussi."),
    )  # fmt: skip
    title = forms.CharField(label=_("Titre"), max_length=TITLE_LENGTH)
    text = forms.CharField(
        label=_("Texte"), max_length=TEXT_LENGTH, widget=forms.Textarea({"rows": 9}),
        help_text=_(
            "Aimable, sans frais ni menace\u00a0: seul le comptable public recouvre. Ni nom ni montant, ils "
            "sont ajoutés à la lettre. Une ligne vide commence un paragraphe."
        ),
    )  # fmt: skip
    way = forms.ChoiceField(
        label=_("Envoi"), choices=Way.choices, widget=forms.RadioSelect,
        help_text=_("Un foyer sans adresse de courriel reçoit une lettre."),
    )  # fmt: skip

    def clean_text(self) -> str:
        try:
            return part_checked("before", self.cleaned_data["text"], ())
        except No as refusal:
            raise forms.ValidationError(
                _("Ni accolade, ni adresse autre qu’en https://, ni signe qui ne s’imprime pas.")
            ) from refusal

    def refuse(self, refusal: No) -> None:
        self.add_error(FIELDS.get(refusal.code), refusal_text(refusal))


class DeferralForm(OfAuthorityForm):
    authority = forms.TypedChoiceField(label=_("Pour les factures de"), coerce=int)
    until = date_field(
        _("Jusqu’au"), help_text=_("Ce jour compris. Ensuite, ce qui reste dû est de nouveau en retard.")
    )
    reason = forms.CharField(
        label=_("Motif"), max_length=REASON_LENGTH,
        help_text=_("Par exemple\u00a0: échéancier convenu avec la trésorerie."),
    )  # fmt: skip

    def refuse(self, refusal: Any) -> None:
        self.add_error(FIELDS.get(refusal.code), refusal_text(refusal))
