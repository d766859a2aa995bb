"""What an agent writes in a family's file: address, quotient, custody, school, and that the home has left.

The values are checked by the rules of `families.values`, as those that families send.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marelle.families.fields import BY_CODE
from marelle.families.file import school_names
from marelle.families.file_labels import wrong_text
from marelle.families.labels import custody_text
from marelle.families.rules import CustodyHolidays, CustodyWeeks
from marelle.families.values import LEVELS, Facts, Value, WrongValue, checked

SOURCE_LENGTH = 80


def _date_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        error_messages={
            "required": _("Donnez une date."),
            "invalid": _("Donnez une date qui existe, par exemple 04/03/2027."),
        },
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


class RecordForm(forms.Form):
    """A form of which `code` names the field of the registry that checks it, "" for none."""

    code = ""

    def __init__(self, data: Mapping[str, Any] | None, *, day: date) -> None:
        super().__init__(data)
        self.day = day
        self.value: Value = {}
        for name in ("since", "left_on"):
            if name in self.fields:
                self.fields[name].initial = day

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.code and not self.errors:
            field = BY_CODE[self.code]
            typed = {part: _text(cleaned.get(part)) for part in field.parts}
            try:
                self.value = checked(field, typed, Facts(day=self.day, schools=school_names()))
            except WrongValue as refusal:
                self.add_error(refusal.part, wrong_text(refusal))
        return cleaned

    def refuse(self, text: str) -> None:
        self.add_error(None, text)


class ResidenceForm(RecordForm):
    code = "home.address"
    street = forms.CharField(label=_("Rue"), max_length=200)
    postal_code = forms.CharField(label=_("Code postal"), max_length=20)
    city = forms.CharField(label=_("Ville"), max_length=200)
    since = _date_field(_("À partir du"))
    source = forms.CharField(
        label=_("Justifié par"), max_length=SOURCE_LENGTH, help_text=_("Par exemple : facture d’électricité.")
    )


class QuotientForm(RecordForm):
    code = "home.quotient"
    amount = forms.CharField(
        label=_("Quotient familial, en euros"),
        max_length=20,
        widget=forms.TextInput({"inputmode": "decimal"}),
    )
    since = _date_field(_("À partir du"))
    source = forms.CharField(
        label=_("Justifié par"), max_length=SOURCE_LENGTH, help_text=_("Par exemple : attestation CAF.")
    )

    def amount_checked(self) -> Decimal:
        return Decimal(self.value["amount"])


class CustodyForm(RecordForm):
    """When the child is in this home; says nothing of the other."""

    pattern = forms.ChoiceField(label=_("Présence dans ce foyer"))
    since = _date_field(_("À partir du"))

    def __init__(self, data: Mapping[str, Any] | None, *, day: date) -> None:
        super().__init__(data, day=day)
        self.fields["pattern"].choices = [  # type: ignore[attr-defined]
            (f"{weeks.value} {holidays.value}", custody_text(weeks, holidays))
            for weeks in CustodyWeeks
            for holidays in CustodyHolidays
        ]

    def custody(self) -> tuple[CustodyWeeks, CustodyHolidays]:
        weeks, holidays = self.cleaned_data["pattern"].split(" ")
        return CustodyWeeks(weeks), CustodyHolidays(holidays)


class SchoolingForm(RecordForm):
    code = "child.school"
    school = forms.ChoiceField(label=_("École"))
    level = forms.ChoiceField(
        label=_("Classe"), choices=[("", _("Choisir…")), *((level, level) for level in LEVELS)]
    )
    teacher = forms.CharField(label=_("Nom de l’enseignant"), max_length=200, required=False)

    def __init__(self, data: Mapping[str, Any] | None, *, day: date) -> None:
        super().__init__(data, day=day)
        names = sorted(school_names().items(), key=lambda item: item[1])
        self.fields["school"].choices = [  # type: ignore[attr-defined]
            ("", gettext("Choisir…")),
            *((str(pk), name) for pk, name in names),
        ]


class DepartureForm(RecordForm):
    left_on = _date_field(
        _("Foyer parti le"),
        required=False,
        help_text=_("Vide : le foyer est toujours là. Parti, il garde ses factures et son historique."),
    )


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")
