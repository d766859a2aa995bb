"""A commission, its places and criteria, its demands, a sheet and its decision, as an agent types them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.agents.activities.forms.edit import EditForm
from marelle.agents.activities.forms.fields import DayField
from marelle.agents.campaigns.forms import WeighedForm
from marelle.campaigns.commissions.labels import criteria_texts
from marelle.campaigns.commissions.reading import nurseries_of, relays_run
from marelle.campaigns.models import (
    Commission,
    CommissionCriterion,
    CommissionSection,
    CommissionSheet,
    SheetProof,
)
from marelle.core.french import weekday_name
from marelle.ui.forms import NumberField

MOST_MONTHS, MOST_PLACES, MOST_DAYS = 72, 200, 60
WEEKDAYS = range(6)
IN_THE_LIST = {
    "required": gettext_lazy("Choisissez dans la liste."),
    "invalid_choice": gettext_lazy("Choisissez dans la liste."),
}


class CommissionForm(EditForm):
    sits_on = DayField(label=gettext_lazy("Jour de la séance"))
    answer_days = NumberField(
        label=gettext_lazy("Jours pour répondre"),
        min_value=1,
        max_value=MOST_DAYS,
        initial=10,
        help_text=gettext_lazy(
            "Combien de jours une place est gardée pour la famille à qui elle est proposée."
        ),
    )

    class Meta:
        model = Commission
        fields = ("structure", "name", "sits_on", "answer_days", "public_source")
        help_texts = {
            "public_source": gettext_lazy(
                "Un nombre que personne ne connaît encore : par exemple « le tirage du Loto de la veille,"
                " les cinq numéros dans l’ordre croissant »."
            )
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["structure"]
            return
        field: Any = self.fields["structure"]
        field.label, field.queryset = _("Relais"), relays_run(self.actor)
        field.empty_label, field.error_messages = None, IN_THE_LIST


class MembersForm(EditForm):
    class Meta:
        model = Commission
        fields = ("members",)
        widgets = {"members": forms.Textarea(attrs={"rows": 6})}
        help_texts = {
            "members": gettext_lazy("Une personne par ligne, avec sa qualité : le procès-verbal le dit.")
        }


class SectionForm(EditForm):
    min_months = NumberField(
        label=gettext_lazy("Âge à l’entrée, depuis (mois)"), min_value=0, max_value=MOST_MONTHS
    )
    max_months = NumberField(
        label=gettext_lazy("Âge à l’entrée, jusqu’à (mois)"), min_value=0, max_value=MOST_MONTHS
    )
    starts_on = DayField(label=gettext_lazy("Places à partir du"))

    class Meta:
        model = CommissionSection
        fields = ("structure", "name", "min_months", "max_months", "starts_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["structure"]
        field.queryset = nurseries_of(self.instance.commission)
        field.empty_label, field.error_messages = None, IN_THE_LIST
        for day in WEEKDAYS:
            self.fields[f"places_{day}"] = NumberField(
                label=_("Places le %(day)s") % {"day": weekday_name(day)},
                min_value=0,
                max_value=MOST_PLACES,
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        names = [f"places_{day}" for day in WEEKDAYS]
        if not any(given.get(name) for name in names) and not self.errors.keys() & set(names):
            self.add_error("places_0", _("Donnez une place au moins, un jour de la semaine."))
        return given

    def changes(self) -> dict[str, Any]:
        many = {str(day): self.cleaned_data[f"places_{day}"] for day in WEEKDAYS}
        return super().changes() | {"places": {day: n for day, n in many.items() if n}}


class CriterionForm(WeighedForm):
    class Meta:
        model = CommissionCriterion
        fields = ("use", "weight", "label", "proof")
        help_texts = {"proof": gettext_lazy("Le critère compte une fois que cette pièce a été vue.")}


class DemandsForm(forms.Form):
    demands = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Demandes que la commission regarde"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=IN_THE_LIST,
    )

    def __init__(self, data: Any, *, choices: Sequence[tuple[int, str]], chosen: Sequence[int]) -> None:
        super().__init__(data, initial={"demands": chosen})
        field: Any = self.fields["demands"]
        field.choices = choices


class SheetForm(forms.Form):
    """What proof was seen for each criterion, and in which order the sections that suit are wished for."""

    def __init__(
        self,
        data: Any,
        *,
        criteria: Sequence[CommissionCriterion],
        sections: Sequence[CommissionSection],
        sheet: CommissionSheet,
    ) -> None:
        super().__init__(data)
        seen = {one.criterion_id: one.seen for one in sheet.proofs.all()}
        for criterion, gives in criteria_texts(criteria):
            self.fields[f"proof_{criterion.pk}"] = forms.CharField(
                label=f"{criterion.label} ({gives})",
                help_text=_("Pièce vue, par exemple « %(proof)s ». Vide : le critère ne compte pas.")
                % {"proof": criterion.proof},
                initial=seen.get(criterion.pk, ""),
                max_length=SheetProof._meta.get_field("seen").max_length,
                required=False,
            )
        ranks = [("", _("sans rang")), *((str(n), str(n)) for n in range(1, len(sections) + 1))]
        for section in sections:
            rank = sheet.wishes.index(section.pk) + 1 if section.pk in sheet.wishes else ""
            self.fields[f"rank_{section.pk}"] = forms.ChoiceField(
                label=_("Rang souhaité : %(section)s") % {"section": section},
                choices=ranks,
                initial=str(rank),
                required=False,
                error_messages=IN_THE_LIST,
            )

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        ranks = [(name, rank) for name, rank in given.items() if name.startswith("rank_") and rank]
        for at, (name, rank) in enumerate(ranks):
            if rank in [other for _name, other in ranks[:at]]:
                self.add_error(name, _("Deux sections ont le même rang : donnez 1, puis 2…"))
        return given

    def wishes(self) -> list[int]:
        """Sections, the best first."""
        ranked = [
            (int(rank), int(name.removeprefix("rank_")))
            for name, rank in self.cleaned_data.items()
            if name.startswith("rank_") and rank
        ]
        return [pk for _rank, pk in sorted(ranked)]

    def seen(self) -> dict[int, str]:
        return {
            int(name.removeprefix("proof_")): text
            for name, text in self.cleaned_data.items()
            if name.startswith("proof_")
        }


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(
        label=gettext_lazy("Décision"), widget=forms.RadioSelect, error_messages=IN_THE_LIST
    )
    reason = forms.CharField(
        label=gettext_lazy("Raison, que la famille lira"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Nécessaire si ce n’est pas ce que dit le classement."),
    )

    def __init__(self, data: Any, *, sections: Sequence[CommissionSection], sheet: CommissionSheet) -> None:
        outcome = CommissionSheet.Outcome
        given = [
            (f"given.{one.pk}", _("Place proposée : %(section)s") % {"section": one}) for one in sections
        ]
        is_sent = sheet.sent_at is not None
        kept = [] if is_sent else [(one.value, one.label) for one in (outcome.WAITING, outcome.REFUSED)]
        now = f"given.{sheet.section_id}" if sheet.outcome == outcome.GIVEN else sheet.outcome
        super().__init__(data, initial={"decision": now, "reason": sheet.reason})
        field: Any = self.fields["decision"]
        field.choices = [*given, *kept]

    def decided(self) -> tuple[str, int | None]:
        """The outcome and, of a place, its section."""
        outcome, _dot, section = self.cleaned_data["decision"].partition(".")
        return outcome, int(section) if section else None
