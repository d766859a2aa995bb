"""What an agent notes of an income: its kind, how it is known, the amount, from when and until when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from marelle.agents.activities.forms.edit import meanwhile_text, show_anew
from marelle.agents.families.record_forms import SOURCE_LENGTH, date_field
from marelle.core.french import day_plain
from marelle.core.money import NotAnAmount, parse_amount
from marelle.core.refusals import ChangedMeanwhile, Refusal
from marelle.families.incomes.labels import kind_text, refusal_text
from marelle.families.incomes.rules import (
    IncomeKind,
    IncomeRow,
    IncomeStatus,
    NewIncome,
    Told,
    WrongIncome,
    income_check,
)

ITS_DATE, NEXT_MONTH = "date", "mois"


class IncomeForm(forms.Form):
    """`seen` is the mark of the incomes that the page showed."""

    status = forms.ChoiceField(label=_("Connu comme"), choices=IncomeStatus, widget=forms.RadioSelect)
    amount = forms.CharField(
        label=_("Montant en euros, ou nombre d’enfants"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"inputmode": "decimal"}),
        help_text=_(
            "Vide pour «\u00a0non communiqué\u00a0», «\u00a0sans revenu\u00a0» ou «\u00a0inconnu\u00a0»."
        ),
    )
    source = forms.CharField(
        label=_("Justifié par"),
        max_length=SOURCE_LENGTH,
        help_text=_("Par exemple\u00a0: attestation CAF, avis d’imposition, dit au guichet."),
    )
    until = date_field(
        _("Dernier jour, s’il y en a un"),
        required=False,
        help_text=_("Ensuite, et jusqu’au suivant, ce revenu est inconnu."),
    )
    seen = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None, *, day: date, seen: str, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.day = day
        self.initial["seen"] = seen

    def clean_amount(self) -> Decimal | None:
        text = str(self.cleaned_data["amount"]).strip()
        if not text:
            return None
        try:
            return parse_amount(text)
        except NotAnAmount as wrong:
            raise ValidationError(_("Écrivez un montant ou un nombre, par exemple 734 ou 734,50.")) from wrong

    def clean(self) -> dict[str, Any]:
        """The rules of the service, beside the field at fault."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                income_check(self.income(), day=self.day)
            except WrongIncome as refusal:
                self.add_error(self._field(refusal.part), refusal_text(refusal))
        return cleaned

    def income(self) -> NewIncome:
        raise NotImplementedError

    def told(self) -> Told:
        return Told(IncomeStatus(self.cleaned_data["status"]), self.cleaned_data["amount"])

    def refuse(self, refusal: Refusal, *, seen: str) -> None:
        """What was typed stays, and may be sent again over what is held now."""
        if isinstance(refusal, ChangedMeanwhile):
            self.add_error(None, meanwhile_text(refusal, []))
            show_anew(self, "seen", seen)
        else:
            part = refusal.part if isinstance(refusal, WrongIncome) else None
            self.add_error(self._field(part) if part else None, refusal_text(refusal))

    def _field(self, part: str) -> str | None:
        return part if part in self.fields else None


class NewIncomeForm(IncomeForm):
    kind = forms.ChoiceField(label=_("De quoi s’agit-il\u00a0?"))
    authority = forms.TypedChoiceField(
        label=_("Pour qui"), required=False, coerce=int, empty_value=None, choices=()
    )
    since = date_field(_("À partir du"))

    field_order = ("kind", "status", "amount", "since", "until", "source", "authority")

    def __init__(
        self, data: Mapping[str, Any] | None, *, authorities: Mapping[int, str], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        kinds = [(kind.value, kind_text(kind)) for kind in IncomeKind]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        self.initial.update(status=IncomeStatus.PROVED.value, since=self.day)
        offer_authorities(self, authorities)

    def income(self) -> NewIncome:
        data = self.cleaned_data
        return NewIncome(
            IncomeKind(data["kind"]),
            self.told(),
            data["since"],
            data["source"],
            data["until"],
            data.get("authority"),
        )


class CorrectionForm(IncomeForm):
    """Of one that is there: it is replaced from its own date, or another begins with the next month."""

    since = forms.ChoiceField(label=_("La correction vaut"), widget=forms.RadioSelect)

    field_order = ("status", "amount", "since", "until", "source")

    def __init__(self, data: Mapping[str, Any] | None, *, row: IncomeRow, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.row = row
        self.days = {ITS_DATE: row.since, NEXT_MONTH: next_month(max(self.day, row.since))}
        labels = {
            ITS_DATE: _("depuis le %(day)s, à la place de ce qui était noté"),
            NEXT_MONTH: _("à partir du %(day)s, ce qui était noté reste vrai jusque-là"),
        }
        self.fields["since"].choices = [  # type: ignore[attr-defined]
            (code, labels[code] % {"day": day_plain(day)}) for code, day in self.days.items()
        ]
        told = row.told
        amount = told.amount if told else None
        self.initial.update(
            status=told.status.value if told else "",
            amount="" if amount is None else str(amount).replace(".", ","),
            since=ITS_DATE,
            until=row.until,
            source=row.source,
        )

    def income(self) -> NewIncome:
        data = self.cleaned_data
        since = self.days[data["since"]]
        return NewIncome(
            self.row.kind, self.told(), since, data["source"], data["until"], self.row.authority_id
        )


def offer_authorities(form: forms.Form, authorities: Mapping[int, str]) -> None:
    """For whom an income is told, where the portal has several authorities; else for all."""
    field: Any = form.fields["authority"]
    field.choices = [("", _("Toutes les collectivités du portail")), *authorities.items()]
    if not authorities:
        del form.fields["authority"]


def next_month(day: date) -> date:
    """The first day of the month after that of `day`."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)
