"""What is asked for: one form for a type, and a row for each activity that may need it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marelle.activities.labels import names_apart
from marelle.activities.models import Activity
from marelle.agents.activities.forms.edit import EditForm, refuse_stale, shown_before
from marelle.core.french import day_plain
from marelle.core.refusals import ChangedMeanwhile, Refusal
from marelle.journal.edits import NotPossible, Shown
from marelle.papers.labels import refusal_text
from marelle.papers.models import PaperNeed, PaperType
from marelle.papers.rules import ORDER_AT_MOST, VALIDITY_MONTHS_AT_MOST, About, Effect, Validity
from marelle.papers.services import TypeFields, needs_held
from marelle.places.models import Authority

FIELD_OF = {
    "months": "validity_months",
    "health_for_all": "is_health",
    "title_taken": "title",
    "about_fixed": "about",
    "asked_by_day": "active",
}
MOST = {"validity_months": VALIDITY_MONTHS_AT_MOST, "order": ORDER_AT_MOST}
INVALID_DATE = _("Donnez une date, par exemple 01/01/2027.")


class TypeForm(EditForm):
    """`authority` is chosen once, when the type is new and the agent has several."""

    class Meta:
        model = PaperType
        fields = (
            "authority",
            "title",
            "why",
            "stake",
            "about",
            "asked_of_all",
            "mandatory",
            "validity",
            "validity_months",
            "is_health",
            "order",
            "active",
        )
        widgets = {
            "why": forms.Textarea(attrs={"rows": 3}),
            "stake": forms.Textarea(attrs={"rows": 2}),
        }
        help_texts = {
            "why": _("La famille le lit avant d’envoyer."),
            "stake": _("Ce qui se passe s’il manque, en une phrase."),
            "asked_of_all": _("À toutes les familles inscrites dans une structure de la collectivité."),
            "validity_months": _("Seulement pour « un nombre de mois »."),
            "is_health": _("Seule la direction des structures concernées voit ce qui est envoyé."),
            "order": _("Les plus petits nombres d’abord."),
        }

    def __init__(self, *args: Any, authorities: Iterable[Authority], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, most in MOST.items():
            self.fields[name].validators.append(MaxValueValidator(most))
            self.fields[name].widget.attrs["max"] = most
        choices = [(one.pk, one.name) for one in authorities]
        if self.instance._state.adding:
            self.fields["authority"] = forms.TypedChoiceField(
                label=_("Collectivité"), coerce=int, choices=choices
            )
        else:
            del self.fields["authority"]

    @property
    def authority_id(self) -> int:
        chosen: int = self.cleaned_data.get("authority", self.instance.authority_id)
        return chosen

    def written(self) -> TypeFields:
        given = self.cleaned_data
        return TypeFields(
            title=given["title"],
            why=given["why"],
            stake=given["stake"],
            about=About(given["about"]),
            asked_of_all=given["asked_of_all"],
            mandatory=given["mandatory"],
            validity=Validity(given["validity"]),
            validity_months=given["validity_months"],
            is_health=given["is_health"],
            order=given["order"],
            active=given["active"],
        )

    def refuse(self, refusal: Refusal) -> None:
        if isinstance(refusal, ChangedMeanwhile | NotPossible):
            super().refuse(refusal)
        else:
            self.add_error(FIELD_OF.get(refusal.code), refusal_text(refusal))


@dataclass(frozen=True, slots=True)
class NeedRow:
    name: str
    activity: Activity
    effect: forms.BoundField
    since: forms.BoundField


class NeedsForm(forms.Form):
    """For each activity, what a missing paper does; empty: the activity does not ask for it.

    `needs_seen` carries what the form showed, so that a colleague's change is not overwritten.
    """

    needs_seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        activities: Iterable[Activity],
        needs: Mapping[int, PaperNeed],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.activities = tuple(activities)
        shown = needs_held([activity.pk for activity in self.activities], needs)
        self.initial["needs_seen"] = json.dumps(shown)
        for activity in self.activities:
            need = needs.get(activity.pk)
            self.fields[f"effect-{activity.pk}"] = forms.ChoiceField(
                label=_("S’il manque"),
                choices=[("", _("pas demandé")), *PaperNeed.Effect.choices],
                required=False,
                initial=need.effect if need else "",
            )
            self.fields[f"since-{activity.pk}"] = forms.DateField(
                label=_("À partir du"),
                required=False,
                initial=need.bookings_from if need else None,
                error_messages={"invalid": INVALID_DATE},
                widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            )

    def rows(self) -> list[NeedRow]:
        names = names_apart(self.activities)
        return [
            NeedRow(names[activity.pk], activity, self[f"effect-{activity.pk}"], self[f"since-{activity.pk}"])
            for activity in self.activities
        ]

    def clean(self) -> dict[str, Any]:
        for activity in self.activities:
            closes = self.cleaned_data.get(f"effect-{activity.pk}") == Effect.BLOCKS_BOOKINGS
            if closes and not self.cleaned_data.get(f"since-{activity.pk}"):
                self.add_error(
                    f"since-{activity.pk}", _("Donnez le premier jour où les réservations ferment.")
                )
        return self.cleaned_data

    def seen(self) -> Shown:
        return shown_before(self.cleaned_data.get("needs_seen"))

    def refuse(self, refusal: Refusal) -> None:
        """What was typed stays."""
        if not isinstance(refusal, ChangedMeanwhile):
            self.add_error(None, refusal_text(refusal))
            return
        names = names_apart(self.activities)
        held = refusal.data["held"]
        told = [f"{names[int(pk)]} : {_need_text(held[pk])}" for pk in refusal.data["names"]]
        refuse_stale(self, refusal, told, seen=json.dumps(held), field="needs_seen")

    def written(self) -> dict[int, tuple[Effect, date | None] | None]:
        """A date given for another effect means nothing, and is left."""
        found: dict[int, tuple[Effect, date | None] | None] = {}
        for activity in self.activities:
            effect = self.cleaned_data[f"effect-{activity.pk}"]
            since = self.cleaned_data[f"since-{activity.pk}"] if effect == Effect.BLOCKS_BOOKINGS else None
            found[activity.pk] = (Effect(effect), since) if effect else None
        return found


def _need_text(held: Shown | None) -> str:
    """What an activity does without the paper, as the form would show it."""
    if held is None:
        return gettext("pas demandé")
    label = str(PaperNeed.Effect(held["effect"]).label)
    since = held["bookings_from"]
    if since is None:
        return label
    return gettext("%(effect)s à partir du %(day)s") % {
        "effect": label,
        "day": day_plain(date.fromisoformat(since)),
    }
