"""What an agent writes in a family's file: address, custody, school, and that the home has left.

The values are checked by the rules of `families.file.values`, as those that families send.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marelle.agents.activities.forms.edit import refuse_stale
from marelle.core.refusals import ChangedMeanwhile
from marelle.families.fields import BY_CODE
from marelle.families.file.labels import wrong_text
from marelle.families.file.reading import school_names
from marelle.families.file.records import record_mark
from marelle.families.file.values import Facts, Value, WrongValue, checked
from marelle.families.labels import custody_text
from marelle.families.rules import LEVELS, CustodyHolidays, CustodyWeeks

SOURCE_LENGTH = 80


def date_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
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
    """A form of which `code` names the field of the registry that checks it, "" for none.

    `held` is what the file says now, whose mark goes with the form as `seen`; None for a form that overwrites
    nothing. Where the form `corrects`, it begins with what is held; where it adds a dated row, empty.
    """

    code = ""
    corrects = False

    def __init__(
        self, data: Mapping[str, Any] | None, *, day: date, held: Mapping[str, str] | None = None
    ) -> None:
        found = (held or {}).items()
        kept = {name: text for name, text in found if name != "since"} if self.corrects else {}
        super().__init__(data, initial={"since": day, "left_on": day, **kept})
        if held is not None:
            self.fields["seen"] = forms.CharField(
                required=False, max_length=32, widget=forms.HiddenInput, initial=record_mark(held)
            )
        self.day = day
        self.value: Value = {}

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

    def refuse_stale(self, refusal: ChangedMeanwhile, *, held_text: str) -> None:
        """What was typed stays, and may be sent again over what is held now."""
        refuse_stale(self, refusal, [held_text] if held_text else [], seen=record_mark(refusal.data["held"]))


class ResidenceForm(RecordForm):
    code = "home.address"
    street = forms.CharField(label=_("Rue"), max_length=200)
    postal_code = forms.CharField(label=_("Code postal"), max_length=20)
    city = forms.CharField(label=_("Ville"), max_length=200)
    since = date_field(_("À partir du"))
    source = forms.CharField(
        label=_("Justifié par"), max_length=SOURCE_LENGTH, help_text=_("Par exemple : facture d’électricité.")
    )


class CustodyForm(RecordForm):
    """When the child is in this home; says nothing of the other."""

    corrects = True
    pattern = forms.ChoiceField(label=_("Présence dans ce foyer"))
    since = date_field(_("À partir du"))

    def __init__(
        self, data: Mapping[str, Any] | None, *, day: date, held: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(data, day=day, held=held)
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
    corrects = True
    school = forms.ChoiceField(label=_("École"))
    level = forms.ChoiceField(
        label=_("Classe"), choices=[("", _("Choisir…")), *((level, level) for level in LEVELS)]
    )
    teacher = forms.CharField(label=_("Enseignant ou nom de la classe"), max_length=200, required=False)

    def __init__(
        self, data: Mapping[str, Any] | None, *, day: date, held: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(data, day=day, held=held)
        names = sorted(school_names().items(), key=lambda item: item[1])
        self.fields["school"].choices = [  # type: ignore[attr-defined]
            ("", gettext("Choisir…")),
            *((str(pk), name) for pk, name in names),
        ]


class DepartureForm(RecordForm):
    corrects = True
    left_on = date_field(
        _("Foyer parti le"),
        required=False,
        help_text=_("Vide : le foyer est toujours là. Parti, il garde ses factures et son historique."),
    )


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")
