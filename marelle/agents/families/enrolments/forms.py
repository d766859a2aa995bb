"""Finding a child by name and birth date, then enrolling it in an activity of the structure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.activities.models import Activity, AgeGroup
from marelle.agents.activities.forms.fields import DayField
from marelle.agents.families.enrolments.words import WITH_A_REASON, candidate_text, refusal_text
from marelle.bookings.closing.moving import Then
from marelle.core.french import range_sentence
from marelle.core.refusals import No
from marelle.enrolments.direct import Candidate
from marelle.enrolments.facts import group_facts
from marelle.enrolments.models import DEROGATION_LENGTH, Enrolment
from marelle.enrolments.rules import Reason, default_group
from marelle.enrolments.services import Terms

FIELD_OF: dict[str, str] = {
    Reason.DATES_OUTSIDE: "starts_on",
    Reason.DATES_REVERSED: "ends_on",
    "unknown_group": "group",
    "own_file": "child",
    Reason.ALREADY_ASKED: "child",
    Reason.ALREADY_ENROLLED: "child",
    **dict.fromkeys(WITH_A_REASON, "derogation"),
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

    derogation = forms.CharField(
        label=_("Motif de la dérogation"),
        help_text=_(
            "Seulement pour passer une limite : âge, école, document, facture, places. "
            "La famille peut le lire."
        ),
        required=False,
        max_length=DEROGATION_LENGTH,
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
        typed = self.cleaned_data
        return Terms(typed["starts_on"], typed["ends_on"], {}, derogation=typed["derogation"])

    def refuse(self, refusal: No) -> None:
        """Show what the service refused by the field that it is about."""
        name = FIELD_OF.get(refusal.code)
        self.add_error(name if name in self.fields else None, refusal_text(refusal))


class StuckForm(forms.Form):
    """What to do with the bookings that cannot follow to another group."""

    then = forms.TypedChoiceField(
        label=_("Les réservations qui ne peuvent pas suivre"),
        choices=[
            (Then.QUEUE.value, _("passent en liste d’attente quand c’est complet, sinon sont annulées")),
            (Then.KEEP.value, _("restent dans l’ancien groupe, en dérogation")),
            (Then.CANCEL.value, _("sont annulées")),
        ],
        coerce=Then,
        initial=Then.QUEUE.value,
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Raison de la dérogation"),
        required=False,
        max_length=DEROGATION_LENGTH,
        help_text=_("Seulement si des réservations restent dans l’ancien groupe."),
    )


class GroupForm(StuckForm):
    """Another group from a day, and what to do with the bookings that cannot follow."""

    group = forms.ModelChoiceField(
        label=_("Groupe"),
        queryset=AgeGroup.objects.none(),
        empty_label=None,
        error_messages={
            "invalid_choice": _("Choisissez dans la liste."),
            "required": _("Choisissez un groupe."),
        },
    )
    since = DayField(label=_("À partir du"))
    field_order = ("group", "since", "then", "reason")

    def __init__(self, data: Any, *, enrolment: Enrolment) -> None:
        super().__init__(data)
        groups = AgeGroup.objects.filter(activity=enrolment.activity_id).order_by("min_age_months", "pk")
        self.fields["group"].queryset = groups  # type: ignore[attr-defined]
