"""Finding a child by name and birth date, then enrolling it in an activity of the structure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.activities.models import Activity
from marelle.agents.enrolments.words import candidate_text, refusal_text
from marelle.core.french import range_sentence
from marelle.core.refusals import Refusal
from marelle.enrolments.direct import Candidate
from marelle.enrolments.facts import group_facts
from marelle.enrolments.rules import Reason, default_group
from marelle.enrolments.services import Terms

FIELD_OF = {
    Reason.DATES_OUTSIDE: "starts_on",
    Reason.DATES_REVERSED: "ends_on",
    "unknown_group": "group",
    "own_file": "child",
    Reason.ALREADY_ASKED: "child",
    Reason.ALREADY_ENROLLED: "child",
}

WRONG_DATE = _("Donnez une date, par exemple 02/12/2026.")


class SearchForm(forms.Form):
    """Its fields have the words of the address: it is sent by GET."""

    activite = forms.TypedChoiceField(
        label=_("Activité"),
        coerce=int,
        error_messages={
            "required": _("Choisissez une activité dans la liste."),
            "invalid_choice": _("Choisissez une activité dans la liste."),
        },
    )
    nom = forms.CharField(
        label=_("Nom ou prénom de l’enfant"),
        max_length=100,
        error_messages={"required": _("Donnez le nom ou le prénom de l’enfant.")},
    )
    naissance = forms.DateField(
        label=_("Date de naissance"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "required": _("Donnez la date de naissance de l’enfant."),
            "invalid": _("Donnez une date, par exemple 24/09/2025."),
        },
    )

    def __init__(self, *args: Any, activities: Sequence[Activity], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.activities = {activity.pk: activity for activity in activities}
        self.fields["activite"].choices = [  # type: ignore[attr-defined]
            (activity.pk, f"{activity.name} · {activity.structure.name}") for activity in activities
        ]

    def activity(self) -> Activity:
        return self.activities[self.cleaned_data["activite"]]


class EnrolForm(forms.Form):
    child = forms.ChoiceField(
        label=_("Enfant"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choisissez l’enfant."),
            "invalid_choice": _("Choisissez l’enfant dans la liste."),
        },
    )
    starts_on = forms.DateField(
        label=_("À partir du"),
        error_messages={"required": _("Donnez le premier jour."), "invalid": WRONG_DATE},
    )
    ends_on = forms.DateField(
        label=_("Jusqu’au"),
        error_messages={"required": _("Donnez le dernier jour."), "invalid": WRONG_DATE},
    )
    group = forms.TypedChoiceField(
        label=_("Groupe"),
        coerce=int,
        error_messages={
            "required": _("Choisissez un groupe de l’activité."),
            "invalid_choice": _("Choisissez un groupe de l’activité."),
        },
    )

    def __init__(
        self, *args: Any, activity: Activity, found: Sequence[Candidate], today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.found = {f"{child.family_id}-{child.person_id}": child for child in found}
        first = max(activity.first_day, today)
        groups = activity.groups.all()
        self.initial = {
            "child": next(iter(self.found)) if len(self.found) == 1 else None,
            "starts_on": first,
            "ends_on": activity.last_day,
            "group": default_group(group_facts(groups), found[0].birth_date, first),
        }
        self.fields["child"].choices = [  # type: ignore[attr-defined]
            (key, candidate_text(child)) for key, child in self.found.items()
        ]
        for name in ("starts_on", "ends_on"):
            self.fields[name].widget = forms.DateInput(
                format="%Y-%m-%d",
                attrs={
                    "type": "date",
                    "min": activity.first_day.isoformat(),
                    "max": activity.last_day.isoformat(),
                },
            )
        self.fields["starts_on"].help_text = _("L’activité a lieu {dates}.").format(
            dates=range_sentence(activity.first_day, activity.last_day)
        )
        if groups:
            self.fields["group"].choices = [  # type: ignore[attr-defined]
                ("", _("Choisir…")),
                *((group.pk, group.name) for group in groups),
            ]
        else:
            del self.fields["group"]

    def candidate(self) -> Candidate:
        return self.found[self.cleaned_data["child"]]

    def terms(self) -> Terms:
        return Terms(self.cleaned_data["starts_on"], self.cleaned_data["ends_on"], {})

    def refuse(self, refusal: Refusal) -> None:
        """Show what the service refused by the field that it is about."""
        name = FIELD_OF.get(refusal.code)
        self.add_error(name if name in self.fields else None, refusal_text(refusal))
