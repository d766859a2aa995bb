"""What rules are tried with: a day, an hour at which it is looked at, a child enrolled or an invented one."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from marelle.activities.conditions import ConditionKind
from marelle.activities.effects import facts_of
from marelle.activities.models import Activity, AgeGroup
from marelle.agents.activities.forms.fields import DayField
from marelle.core.clock import instant_at, local
from marelle.families.rules import LEVELS
from marelle.flows.enrolling.trying import Invented
from marelle.places.models import Commune, School

IN_LIST = {"invalid_choice": gettext_lazy("Choisissez dans la liste.")}


ASKED = {ConditionKind.AGE: "naissance", ConditionKind.LEVEL: "classe", ConditionKind.PAPER: "papiers"}
"""What is asked of an invented child only where the activity asks it by the day."""


class TryForm(forms.Form):
    """Read from the address: nothing is changed. Without a `child` the invented one is meant."""

    jour = DayField(label=gettext_lazy("Jour à réserver"))
    le = DayField(label=gettext_lazy("Regardé le"))
    a = forms.TimeField(
        label=gettext_lazy("à"),
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        error_messages={
            "required": gettext_lazy("Donnez une heure."),
            "invalid": gettext_lazy("Donnez une heure, comme 18:30."),
        },
    )
    enfant = forms.CharField(
        label=gettext_lazy("Enfant inscrit"),
        required=False,
        max_length=100,
        help_text=gettext_lazy("Son nom, ou rien pour un foyer inventé."),
    )
    groupe = forms.ModelChoiceField(
        label=gettext_lazy("Groupe d’âge"),
        queryset=AgeGroup.objects.none(),
        empty_label=None,
        error_messages=IN_LIST,
    )
    naissance = DayField(label=gettext_lazy("Enfant né le"), required=False)
    classe = forms.ChoiceField(
        label=gettext_lazy("En classe de"),
        required=False,
        choices=[("", gettext_lazy("Pas de choix")), *((level, level) for level in LEVELS)],
        error_messages=IN_LIST,
    )
    papiers = forms.BooleanField(label=gettext_lazy("A les documents demandés ces jours-là"), required=False)
    commune = forms.ModelChoiceField(
        label=gettext_lazy("Habite à"),
        queryset=Commune.objects.none(),
        required=False,
        empty_label=gettext_lazy("une autre commune"),
        error_messages=IN_LIST,
    )
    ecole = forms.ModelChoiceField(
        label=gettext_lazy("Va à l’école"),
        queryset=School.objects.none(),
        required=False,
        error_messages=IN_LIST,
    )
    venu = forms.BooleanField(label=gettext_lazy("Est venu l’an dernier"), required=False)
    fratrie = forms.BooleanField(
        label=gettext_lazy("A un frère ou une sœur dans la structure"), required=False
    )
    agent = forms.BooleanField(label=gettext_lazy("Un parent travaille pour la collectivité"), required=False)

    def __init__(self, data: Any, *, activity: Activity, day: date, now: datetime) -> None:
        super().__init__(data, initial={"jour": day, "le": local(now).date(), "a": local(now).time()})
        rows = {
            "groupe": activity.groups.all(),
            "commune": Commune.objects.all(),
            "ecole": School.objects.all(),
        }
        for name, queryset in rows.items():
            field: Any = self.fields[name]
            field.queryset = queryset
        if not activity.groups.exists():
            del self.fields["groupe"]
        asked = frozenset[ConditionKind]().union(*(one.asks for one in facts_of(activity).conditions))
        for kind, name in ASKED.items():
            if kind not in asked:
                del self.fields[name]

    @property
    def seen_at(self) -> datetime:
        """When the planning would be looked at."""
        seen: time = self.cleaned_data["a"]
        return instant_at(self.cleaned_data["le"], seen)

    @property
    def invented(self) -> Invented:
        typed = self.cleaned_data
        return Invented(
            group_id=_key(typed.get("groupe")),
            commune_id=_key(typed["commune"]),
            school_id=_key(typed["ecole"]),
            returning=typed["venu"],
            sibling=typed["fratrie"],
            staff=typed["agent"],
            birth=typed.get("naissance"),
            level=typed.get("classe", ""),
            papers=typed.get("papiers", False),
        )


def _key(row: Any) -> int | None:
    return None if row is None else row.pk
