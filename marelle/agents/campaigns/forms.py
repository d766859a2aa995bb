"""A campaign and its criteria, as an agent types them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.agents.activities.forms.edit import EditForm
from marelle.agents.activities.forms.fields import DayField, InstantField, RowsField
from marelle.campaigns.models import Campaign, Criterion
from marelle.campaigns.reading import activities_given
from marelle.papers.models import PaperType
from marelle.ui.forms import NumberField

MOST_PLANS, MOST_WEIGHT = 20, 1_000


class CampaignForm(EditForm):
    activities = RowsField(
        None,
        label=gettext_lazy("Activités"),
        error_messages={
            "required": gettext_lazy("Choisissez au moins une activité."),
            "invalid_choice": gettext_lazy("Choisissez dans la liste."),
            "invalid_pk_value": gettext_lazy("Choisissez dans la liste."),
        },
    )
    first_day = DayField(label=gettext_lazy("Premier jour de la période"))
    last_day = DayField(label=gettext_lazy("Dernier jour de la période"))
    opens_at = InstantField(label=gettext_lazy("Vœux à partir du"))
    closes_at = InstantField(label=gettext_lazy("Vœux jusqu’au"))
    early_until = InstantField(
        label=gettext_lazy("À égalité jusqu’au"),
        required=False,
        help_text=gettext_lazy(
            "Pour un tirage parmi les premiers arrivés seulement : qui vient avant est à égalité."
        ),
    )
    answers_at = InstantField(
        label=gettext_lazy("Réponses le"),
        help_text=gettext_lazy("Aucune famille ne doit pouvoir réserver ces jours avant."),
    )
    answer_until = InstantField(label=gettext_lazy("Places à accepter jusqu’au"))
    most_plans = NumberField(
        label=gettext_lazy("Vœux par enfant, au plus"), min_value=1, max_value=MOST_PLANS
    )
    most_given = NumberField(
        label=gettext_lazy("Vœux accordés par enfant, au plus"),
        min_value=1,
        max_value=MOST_PLANS,
        help_text=gettext_lazy("1 : chaque foyer reçoit le premier de ses vœux qui tient."),
    )

    class Meta:
        model = Campaign
        fields = (
            "name",
            "activities",
            "first_day",
            "last_day",
            "mode",
            "unit",
            "opens_at",
            "closes_at",
            "early_until",
            "answers_at",
            "answer_until",
            "most_plans",
            "most_given",
            "public_source",
        )
        help_texts = {
            "public_source": gettext_lazy(
                "Un nombre que personne ne connaît avant la fin des vœux : par exemple « le tirage du Loto du"
                " samedi 15 mai, les cinq numéros dans l’ordre croissant »."
            )
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["activities"]
        field.queryset = activities_given(self.actor)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        places = {one.structure.authority_id for one in given.get("activities") or ()}
        if len(places) > 1:
            self.add_error("activities", _("Choisissez des activités d’une même collectivité."))
        return given


class WeighedForm(EditForm):
    """A criterion's points, which a tier has none of."""

    weight = NumberField(
        label=gettext_lazy("Points"),
        min_value=0,
        max_value=MOST_WEIGHT,
        required=False,
        help_text=gettext_lazy("Pour un critère à points."),
    )

    def clean_weight(self) -> int:
        return self.cleaned_data.get("weight") or 0


class CriterionForm(WeighedForm):
    class Meta:
        model = Criterion
        fields = ("use", "weight", "kind", "paper_type", "label")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["paper_type"]
        types = PaperType.objects.filter(authority_id=self.instance.campaign.authority_id, active=True)
        field.queryset = types.order_by("order", "title")
        field.empty_label = _("aucun")
        field.help_text = _("Pour « un document accepté ».")
        field.error_messages = {"invalid_choice": _("Choisissez dans la liste.")}


class NumberGivenForm(forms.Form):
    number = forms.CharField(
        label=gettext_lazy("Le nombre public"),
        max_length=60,
        error_messages={"required": gettext_lazy("Donnez le nombre public, comme il a été publié.")},
    )


class MoveForm(forms.Form):
    """The wishes of a choice that are granted, and why they are others than the run gave."""

    ranks = forms.MultipleChoiceField(
        label=gettext_lazy("Accorder"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": gettext_lazy("Choisissez dans la liste.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Raison, que le foyer lira"),
        max_length=300,
        error_messages={"required": gettext_lazy("Donnez une raison : le foyer la lira.")},
    )

    def __init__(self, data: Any, *, number: int, plans: list[tuple[str, str]], given: list[str]) -> None:
        super().__init__(data, initial={"ranks": given}, auto_id=f"id_{number}_%s")
        self.number = number
        field: Any = self.fields["ranks"]
        field.choices = [(rank, f"{rank}. {text}") for rank, text in plans]
