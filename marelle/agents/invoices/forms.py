"""The file to import, and what invoices say of how to pay."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, Final

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from marelle.agents.of_authority import OfAuthorityForm
from marelle.billing.imports import values
from marelle.billing.imports.services import OF_A_MONTH
from marelle.billing.labels import refusal_text
from marelle.billing.mentions import EXECUTORY
from marelle.billing.models import ImportRun, Treasury
from marelle.billing.services import TREASURY_FIELDS
from marelle.core.refusals import Refusal
from marelle.journal.edits import held

Kind = ImportRun.Kind

LAWFUL_CONTEST: Final = _(
    "Vous pouvez contester cette facture dans les deux mois qui suivent sa réception, devant le tribunal "
    "administratif. Une contestation auprès du service ne suspend pas ce délai."
)
"""The delay is the law's (article L. 1617-5 of the code général des collectivités territoriales)."""


class SendForm(OfAuthorityForm):
    authority = forms.TypedChoiceField(label=_("Collectivité"), coerce=int)
    kind = forms.ChoiceField(
        label=_("Ce que contient le fichier"),
        choices=[(kind.value, capfirst(kind.label)) for kind in Kind],
        widget=forms.RadioSelect,
        initial=Kind.INVOICES,
    )
    month = forms.CharField(
        label=_("Mois facturé"),
        help_text=_("Pour les factures d’un mois et un mois en parallèle, par exemple 11/2026."),
        required=False,
        max_length=30,
    )
    file = forms.FileField(
        label=_("Fichier"),
        help_text=_("Un CSV ou un XML de 20 Mo au plus, ou un ZIP de 80 Mo au plus (500 PDF)."),
        widget=forms.FileInput(
            attrs={"accept": ".csv,.txt,.zip,.xml,text/csv,application/zip,application/xml,text/xml"}
        ),
        allow_empty_file=True,
        max_length=None,
        error_messages={"required": _("Choisissez un fichier.")},
    )
    correction = forms.BooleanField(
        label=_("Ce fichier est une correction : il remplace ce qui est déjà importé sous le même numéro."),
        required=False,
    )

    def clean_month(self) -> date | None:
        text = self.cleaned_data["month"].strip()
        if not text:
            return None
        try:
            return values.month(text)
        except values.Bad as error:
            raise forms.ValidationError(_("Écrivez un mois, par exemple 11/2026.")) from error

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") in OF_A_MONTH and "month" in cleaned and cleaned["month"] is None:
            self.add_error("month", _("Dites de quel mois sont ces factures."))
        return cleaned

    def refuse(self, refusal: Refusal) -> None:
        self.add_error("file", refusal_text(refusal))


class TreasuryForm(forms.ModelForm):  # type: ignore[type-arg]
    """Its service writes; the form only checks."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Treasury
        fields = TREASURY_FIELDS
        widgets = {
            "how_to_pay": forms.Textarea(attrs={"rows": 5}),
            "how_to_contest": forms.Textarea(attrs={"rows": 5}),
            "executory": forms.Textarea(attrs={"rows": 4}),
        }
        help_texts = {
            "name": _("Celle qui encaisse : son nom tel qu’il est sur les factures."),
            "hours": _("Par exemple : du lundi au jeudi, de 9\u00a0h à 12\u00a0h."),
            "how_to_pay": _(
                "Ce que les familles lisent : chèque, espèces, prélèvement, carte… un par ligne."
            ),
            "how_to_contest": _("Devant qui, et dans quel délai : deux mois, c’est la loi."),
            "court": _("Par exemple\u00a0: Tribunal administratif de Dijon, 22 rue d’Assas, 21000 Dijon."),
            "payfip": _("Six chiffres, si les familles peuvent payer sur payfip.gouv.fr."),
            "signatory_capacity": _("Par exemple : présidente de la communauté de communes."),
            "executory": _(
                "La mention qui fait de la facture un titre, au bas de celles que Marelle fait. Elle "
                "convient aux communes, à leurs groupements et aux départements\u00a0: voyez votre "
                "comptable avant d’y toucher."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = json.dumps(held(self.instance, TREASURY_FIELDS))
        if not self.instance.how_to_contest:
            self.initial["how_to_contest"] = LAWFUL_CONTEST
        self.initial["executory"] = self.instance.executory or EXECUTORY

    def clean_executory(self) -> str:
        """Nothing for the usual one, so that it follows the law."""
        said: str = self.cleaned_data["executory"]
        return "" if said == EXECUTORY else said
