"""A demand of childcare: who asks, for which child, which days and hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from marelle.core.clock import local
from marelle.core.french import time_text, weekday_name
from marelle.core.refusals import Refusal
from marelle.places.models import Commune
from marelle.portal.robots import RobotField
from marelle.relay.labels import refusal_text, wrong_text
from marelle.relay.models import NAME_LENGTH, CareRequest
from marelle.relay.refusals import Unreachable, WrongDemand
from marelle.relay.rules import Care, Hours, Wrong, demand_wrongs, wrong_week
from marelle.relay.services import Demand
from marelle.ui.phones import PhoneField

WEEKDAYS = range(6)
DAYS = (_("Lundi"), _("Mardi"), _("Mercredi"), _("Jeudi"), _("Vendredi"), _("Samedi"))
FIRST_HOUR, LAST_HOUR = time(6), time(20, 30)
HALF_HOUR = 30 * 60
"""Seconds: what the arrows of an hour's field add."""

FIELD_OF = {
    Wrong.BORN_OR_EXPECTED: "birth_date",
    Wrong.BORN_LATER: "birth_date",
    Wrong.TOO_OLD: "birth_date",
    Wrong.EXPECTED_PAST: "expected_on",
    Wrong.EXPECTED_TOO_FAR: "expected_on",
    Wrong.NOT_BORN_BY_THEN: "starts_on",
    Wrong.START_PAST: "starts_on",
    Wrong.START_TOO_FAR: "starts_on",
}
OF_CHILD: Final = frozenset({"birth_date", "expected_on"})
UNREAD: Final = {
    wrong: OF_CHILD if field != "starts_on" else frozenset({field}) for wrong, field in FIELD_OF.items()
}
"""The fields that a wrong is read from: one that could not be read already has its word."""

HOURS_FIELDS: Final = frozenset(
    ("days", "hour_from", "hour_to", *(f"day{day}_{end}" for day in WEEKDAYS for end in ("from", "to")))
)

DATE_WANTED = {"invalid": _("Donnez une date, par exemple 02/12/2026.")}


@dataclass(frozen=True, slots=True)
class DayRow:
    label: str
    begins: BoundField
    ends: BoundField


class DemandForm(forms.Form):
    asker_name = forms.CharField(
        label=_("Votre prénom et votre nom"),
        max_length=NAME_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Votre adresse de courriel"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = PhoneField(
        label=_("Votre téléphone"),
        own=True,
        required=False,
        help_text=_("Un téléphone ou une adresse de courriel suffit."),
    )
    commune = forms.ModelChoiceField(
        label=_("Votre commune"),
        queryset=Commune.objects.none(),
        required=False,
        empty_label=_("Une autre commune"),
    )
    child_first_name = forms.CharField(
        label=_("Prénom de l’enfant"),
        max_length=NAME_LENGTH,
        required=False,
        help_text=_("Laissez vide si vous ne l’avez pas encore choisi."),
    )
    birth_date = forms.DateField(
        label=_("Date de naissance"),
        required=False,
        error_messages=DATE_WANTED,
        help_text=_("S’il est déjà né."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    expected_on = forms.DateField(
        label=_("Ou naissance prévue le"),
        required=False,
        error_messages=DATE_WANTED,
        help_text=_("S’il n’est pas encore né. L’une de ces deux dates est nécessaire."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    care = forms.ChoiceField(
        label=_("Ce que vous cherchez"), choices=Care.choices, initial=Care.ANY, widget=forms.RadioSelect
    )
    starts_on = forms.DateField(
        label=_("À partir du"),
        error_messages=DATE_WANTED,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    days = forms.TypedMultipleChoiceField(
        label=_("Jours souhaités"),
        choices=[(str(day), name) for day, name in enumerate(DAYS)],
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple({"class": "week chips"}),
    )
    remarks = forms.CharField(
        label=_("Une précision pour le relais"),
        required=False,
        max_length=CareRequest._meta.get_field("remarks").max_length,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, now: datetime, signed_in: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = local(now).date()
        commune = self.fields["commune"]
        assert isinstance(commune, forms.ModelChoiceField)  # for the type checker  # noqa: S101  # nosec B101
        commune.queryset = Commune.objects.order_by("name")
        self.fields["hour_from"] = _hour_field(str(_("Arrivée")))
        self.fields["hour_to"] = _hour_field(str(_("Départ")))
        for day in WEEKDAYS:
            for end, label in (("from", _("%(day)s, arrivée")), ("to", _("%(day)s, départ"))):
                self.fields[f"day{day}_{end}"] = _hour_field(label % {"day": weekday_name(day)})
        if not signed_in:
            self.fields["robot"] = RobotField(now=now)

    def day_rows(self) -> list[DayRow]:
        return [
            DayRow(weekday_name(day).capitalize(), self[f"day{day}_from"], self[f"day{day}_to"])
            for day in WEEKDAYS
        ]

    @property
    def differs(self) -> bool:
        """Whether a day has hours of its own, or what is wrong with some."""
        own = [f"day{day}_{end}" for day in WEEKDAYS for end in ("from", "to")]
        return any(self[name].value() or self[name].errors for name in own)

    def demand(self) -> Demand:
        """What was typed, for the service. Only for a valid form."""
        data = self.cleaned_data
        return Demand(
            asker_name=data["asker_name"],
            email=data["email"],
            phone=data["phone"],
            commune_id=data["commune"].pk if data["commune"] is not None else None,
            child_first_name=data["child_first_name"],
            birth_date=data["birth_date"],
            expected_on=data["expected_on"],
            care=Care(data["care"]),
            starts_on=data["starts_on"],
            weekly=self._weekly(),
            remarks=data["remarks"],
        )

    def refuse(self, refusal: Refusal) -> None:
        """Put a refusal of the service beside the field that it is about."""
        field = None
        if isinstance(refusal, WrongDemand):
            field = "days" if refusal.wrong is Wrong.NO_DAY else FIELD_OF.get(refusal.wrong)
        elif isinstance(refusal, Unreachable):
            field = "phone"
        self.add_error(field, refusal_text(refusal))

    def clean(self) -> dict[str, Any]:
        """All that is wrong in one go: each try costs the proof, and counts against floods."""
        data = super().clean() or self.cleaned_data
        for first, last in (
            ("hour_from", "hour_to"),
            *((f"day{day}_from", f"day{day}_to") for day in WEEKDAYS),
        ):
            begins, ends = data.get(first), data.get(last)
            if bool(begins) is not bool(ends) and not {first, last} & self.errors.keys():
                self.add_error(
                    last if begins else first, _("Donnez l’arrivée et le départ, ou aucun des deux.")
                )
        weekly = self._weekly()
        if (
            data.get("days")
            and not set(data["days"]) <= weekly.keys()
            and not HOURS_FIELDS & self.errors.keys()
        ):
            self.add_error("hour_from", _("Donnez l’arrivée et le départ de ces jours."))
        elif not (weekly or "days" in self.errors) and data.get("hour_from") and data.get("hour_to"):
            self.add_error("days", _("Choisissez au moins un jour."))
        for day, hours in weekly.items():
            if (wrong := wrong_week({day: hours})) is not None:
                at = f"day{day}_to" if self._own(day) else "hour_to"
                if at not in self.errors:
                    self.add_error(at, wrong_text(wrong))
        if not data.get("email") and not data.get("phone") and not {"email", "phone"} & self.errors.keys():
            self.refuse(Unreachable())
        for wrong in demand_wrongs(
            birth=data.get("birth_date"),
            expected=data.get("expected_on"),
            starts_on=data.get("starts_on"),
            weekly=weekly,
            today=self.today,
        ):
            if not self.errors.keys() & UNREAD.get(wrong, HOURS_FIELDS):
                self.refuse(WrongDemand(wrong))
        return data

    def _weekly(self) -> dict[int, Hours]:
        """The hours of each day: its own, which say that it is wished too, else those of all chosen days."""
        shared, days = self._hours("hour"), self.cleaned_data.get("days") or ()
        found = {day: self._own(day) or (shared if day in days else None) for day in WEEKDAYS}
        return {day: hours for day, hours in found.items() if hours is not None}

    def _own(self, day: int) -> Hours | None:
        return self._hours(f"day{day}")

    def _hours(self, name: str) -> Hours | None:
        begins, ends = (self.cleaned_data.get(f"{name}_{end}") for end in ("from", "to"))
        return (begins, ends) if begins and ends else None


def _hour_field(label: str) -> forms.TimeField:
    first, last = f"{FIRST_HOUR:%H:%M}", f"{LAST_HOUR:%H:%M}"
    told = _("Donnez une heure entre %(first)s et %(last)s.") % {
        "first": time_text(FIRST_HOUR),
        "last": time_text(LAST_HOUR),
    }
    return forms.TimeField(
        label=label,
        required=False,
        error_messages={"invalid": told},
        validators=[MinValueValidator(FIRST_HOUR, told), MaxValueValidator(LAST_HOUR, told)],
        widget=forms.TimeInput(
            format="%H:%M", attrs={"type": "time", "min": first, "max": last, "step": HALF_HOUR}
        ),
    )
