"""A mandate signed on paper, and what an agent says of one."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.agents.families.record_forms import date_field
from marelle.agents.of_authority import OfAuthorityForm
from marelle.billing.mandates.offers import MandateRefused
from marelle.billing.mandates.rules import is_rum
from marelle.billing.models.invoices import REASON_LENGTH
from marelle.billing.models.mandates import RUM_LENGTH
from marelle.files.fields import upload_options
from marelle.ui.banks import AccountForm, IbanField
from marelle.ui.forms import MultipleFileField

REFUSED: Final = {
    "closed": (
        None,
        _("Cette collectivité n’a pas d’identifiant de créancier (ICS)\u00a0: réglez-le d’abord."),
    ),
    "changed": (None, _("Les mandats de ce foyer ont changé entre-temps\u00a0: regardez à nouveau.")),
    "rum": ("rum", _("Cette référence est déjà celle d’un autre mandat.")),
    "signed": ("signed_on", _("Ce jour n’est pas encore venu.")),
    "ended": (None, _("Ce mandat est déjà arrêté.")),
    "checked": (None, _("Ce mandat est déjà vérifié.")),
    "same": (None, _("Vous avez saisi ce mandat\u00a0: une autre personne le vérifie.")),
    "differs": (
        "iban",
        _("Ce n’est pas le compte qui a été saisi\u00a0: l’un des deux est mal recopié."),
    ),
}
"""By the code of a refusal, the field that it is about and what is said there."""


class _Refusable(forms.Form):
    def refuse(self, refusal: MandateRefused) -> None:
        name, told = REFUSED[refusal.code]
        self.add_error(name if name in self.fields else None, str(told))


class PaperForm(OfAuthorityForm, AccountForm, _Refusable):
    authority = forms.TypedChoiceField(label=_("Pour les factures de"), coerce=int)
    rum = forms.CharField(
        label=_("Référence (RUM)"), max_length=RUM_LENGTH, required=False,
        help_text=_("Celle du papier. Vide\u00a0: Marelle en donne une."),
    )  # fmt: skip
    signed_on = date_field(_("Signé le"))
    scan = MultipleFileField(label=_("Mandat signé, numérisé"), **upload_options(max_files=1))
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)

    def clean_rum(self) -> str:
        typed: str = self.cleaned_data["rum"].strip()
        if typed and not is_rum(typed):
            raise forms.ValidationError(
                _("Une référence n’a que des lettres sans accent, des chiffres et - / . ( ).")
            )
        return typed

    @property
    def seen_ids(self) -> list[int]:
        """Those of the mandates on the page."""
        parts = self.cleaned_data["seen"].split(",")
        return [int(one) for one in parts if one.isascii() and one.isdigit() and len(one) < 18]


class CheckForm(_Refusable):
    """`is_paper`: the account is typed again, as it is read there."""

    iban = IbanField(
        label=_("IBAN, lu sur le mandat"),
        help_text=_("Recopiez-le\u00a0: il est comparé à celui qui a été saisi."),
    )

    def __init__(self, *args: Any, is_paper: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_paper:
            del self.fields["iban"]


class MandateEndForm(_Refusable):
    reason = forms.CharField(
        label=_("Motif"),
        max_length=REASON_LENGTH,
        help_text=_("Le foyer le lit dans le courriel qui l’en prévient."),
    )
