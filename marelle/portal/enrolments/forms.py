"""The request of an enrolment: two dates, wishes by weekday, a few words."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.activities.models import Question, Slot
from marelle.core.french import day_plain, hours_text, weekday_name
from marelle.core.refusals import No
from marelle.enrolments.labels import refusal_text
from marelle.enrolments.models import DEROGATION_LENGTH, Enrolment
from marelle.enrolments.rules import Reason
from marelle.enrolments.services import Terms
from marelle.portal.enrolments.question_fields import Questions

FIELD_OF = {
    Reason.IN_THE_PAST: "starts_on",
    Reason.DATES_OUTSIDE: "starts_on",
    Reason.DATES_REVERSED: "ends_on",
    Reason.TOO_YOUNG: "starts_on",
    Reason.TOO_OLD: "starts_on",
    Reason.UNKNOWN_WISH: "wishes",
    Reason.TOO_MANY_WISHES: "wishes",
}


@dataclass(frozen=True, slots=True)
class Box:
    """One checkbox of the wishes; a slot that is not held that day has none (`value` empty)."""

    value: str
    label: str
    hours: str
    checked: bool


@dataclass(frozen=True, slots=True)
class WishDay:
    label: str
    boxes: tuple[Box, ...]


class RequestForm(forms.Form):
    starts_on = forms.DateField(
        label=_("À partir du"),
        error_messages={"invalid": _("Donnez une date, par exemple 02/12/2026.")},
    )
    ends_on = forms.DateField(
        label=_("Jusqu’au"),
        error_messages={"invalid": _("Donnez une date, par exemple 31/08/2027.")},
    )
    wishes = forms.MultipleChoiceField(
        label=_("Jours et créneaux souhaités"),
        required=False,
        error_messages={
            "invalid_choice": _(
                "Un des créneaux cochés n’est pas proposé ce jour-là : choisissez dans la liste."
            )
        },
    )
    comment = forms.CharField(
        label=_("Une précision pour le service"),
        required=False,
        max_length=Enrolment._meta.get_field("comment").max_length,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    derogation = forms.CharField(
        label=_("Motif de la dérogation"),
        required=False,
        max_length=DEROGATION_LENGTH,
        help_text=_("Pour passer un délai, un âge, une école, une capacité, une facture ou un document."),
        error_messages={"required": _("Dites pourquoi la limite ne compte pas ici.")},
    )

    def __init__(
        self,
        *args: Any,
        slots: Iterable[Slot],
        questions: Iterable[Question] = (),
        first: date,
        last: date,
        derogates: bool = False,
        is_denied: bool = False,
        **kwargs: Any,
    ) -> None:
        """`derogates`: an agent who may pass limits asks; `is_denied`: without it nothing can be asked."""
        super().__init__(*args, **kwargs)
        self.derogates = derogates
        if derogates:
            self.fields["derogation"].required = is_denied
        else:
            del self.fields["derogation"]
        self.initial = {"starts_on": first, "ends_on": last}
        self.slots = tuple(slots)
        self.questions = Questions(self, questions)
        self.fields["wishes"].choices = [  # type: ignore[attr-defined]
            (f"{weekday}-{slot.pk}", slot.name) for slot in self.slots for weekday in slot.weekdays
        ]
        for name in ("starts_on", "ends_on"):
            self.fields[name].widget = forms.DateInput(
                format="%Y-%m-%d", attrs={"type": "date", "min": first.isoformat(), "max": last.isoformat()}
            )
        self.fields["starts_on"].help_text = _("Un jour entre le {first} et le {last}.").format(
            first=day_plain(first), last=day_plain(last)
        )

    def clean(self) -> dict[str, Any]:
        self.questions.check()
        return self.cleaned_data

    def wish_days(self) -> list[WishDay]:
        """The table of wishes, a row for each weekday of the activity."""
        return wish_days(self.slots, set(self["wishes"].value() or ()))

    def terms(self) -> Terms:
        wishes: dict[int, set[int]] = {}
        for value in self.cleaned_data["wishes"]:
            weekday, _dash, slot_id = value.partition("-")
            wishes.setdefault(int(weekday), set()).add(int(slot_id))
        return Terms(
            starts_on=self.cleaned_data["starts_on"],
            ends_on=self.cleaned_data["ends_on"],
            wishes={weekday: frozenset(slots) for weekday, slots in wishes.items()},
            comment=self.cleaned_data["comment"],
            derogation=self.cleaned_data.get("derogation", ""),
            answers=self.questions.answers(),
        )

    def refuse(self, refusal: No) -> None:
        """Show what a service refused by the field that it is about."""
        self.add_error(FIELD_OF.get(refusal.code), refusal_text(refusal))  # type: ignore[call-overload]


def wish_days(slots: Iterable[Slot], typed: Collection[str], prefix: str = "") -> list[WishDay]:
    """A row for each weekday of the slots; a box posts `prefix`, then weekday and slot."""
    held = [(slot, hours_text(slot.starts, slot.ends)) for slot in slots]
    weekdays = sorted({weekday for slot, _hours in held for weekday in slot.weekdays})
    return [
        WishDay(
            weekday_name(weekday), tuple(_box(slot, hours, weekday, typed, prefix) for slot, hours in held)
        )
        for weekday in weekdays
    ]


def _box(slot: Slot, hours: str, weekday: int, typed: Collection[str], prefix: str) -> Box:
    key = f"{weekday}-{slot.pk}"
    value = f"{prefix}{key}" if weekday in slot.weekdays else ""
    return Box(value, slot.name, hours, bool(value) and key in typed)
