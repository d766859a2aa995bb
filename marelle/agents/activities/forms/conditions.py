"""« Qui peut réserver »: what is asked of a child by the day."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marelle.activities.models import BookingCondition, Slot
from marelle.agents.activities.forms.edit import EditForm
from marelle.agents.activities.forms.fields import AgeField, DayField, RowsField
from marelle.agents.activities.forms.parts import FIRST_AGE, LAST_AGE, LAST_AGE_HELP
from marelle.families.rules import LEVELS
from marelle.journal.edits import Shown
from marelle.papers.models import PaperType
from marelle.places.models import School


class ConditionForm(EditForm):
    """All that is filled in is asked."""

    since = DayField(label=_("Pour les jours à partir du"))
    until = DayField(label=_("Jusqu’au"), required=False, help_text=_("Vide : sans fin."))
    min_age_months = AgeField(label=FIRST_AGE, required=False, help_text=_("L’âge de l’enfant le jour même."))
    max_age_months = AgeField(label=LAST_AGE, is_last=True, required=False, help_text=LAST_AGE_HELP)
    levels = forms.MultipleChoiceField(
        label=_("En classe de"),
        required=False,
        choices=[(level, level) for level in LEVELS],
        widget=forms.CheckboxSelectMultiple({"class": "week"}),
        error_messages={"invalid_choice": _("Choisissez dans la liste.")},
        help_text=_("La classe de l’année scolaire de ce jour-là."),
    )
    paper_type = forms.TypedChoiceField(
        label=_("Un document accepté, et valable ce jour-là"),
        required=False,
        coerce=int,
        empty_value=None,
        error_messages={"invalid_choice": _("Choisissez dans la liste.")},
        help_text=_(
            "Par exemple un certificat d’aisance aquatique. Un document à vérifier ne suffit pas encore."
        ),
    )

    class Meta:
        model = BookingCondition
        fields = (
            "slots", "min_age_months", "max_age_months", "levels", "schools", "paper_type", "since", "until",
        )  # fmt: skip
        field_classes = {"slots": RowsField, "schools": RowsField}
        labels = {"slots": _("Seulement pour ces créneaux"), "schools": _("À l’école")}
        help_texts = {"slots": _("Aucun de coché : tous ceux de l’activité.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        activity = self.instance.activity
        slots = Slot.objects.filter(activity=activity).order_by("order", "pk")
        schools = School.objects.order_by("name", "pk")
        for name, rows in (("slots", slots), ("schools", schools)):
            field: Any = self.fields[name]
            field.queryset, field.choices = rows, list(rows.values_list("pk", "name"))
        papers = PaperType.objects.filter(
            authority_id=activity.structure.authority_id, about=PaperType.About.CHILD
        )
        self.titles = dict(papers.filter(active=True).values_list("pk", "title"))
        if self.instance.paper_type is not None:
            self.titles.setdefault(self.instance.paper_type, self.instance.paper_title)
        kinds: Any = self.fields["paper_type"]
        kinds.choices = [("", gettext("Aucun")), *self.titles.items()]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("since") and given.get("until") and given["until"] < given["since"]:
            self.add_error("until", gettext("La fin vient avant le début."))
        first, last = given.get("min_age_months"), given.get("max_age_months")
        if first is not None and last is not None and last < first:
            self.add_error("max_age_months", gettext("L’âge maximum est plus petit que l’âge minimum."))
        asked = ("min_age_months", "max_age_months", "levels", "schools", "paper_type")
        if not self.errors and all(given.get(name) in (None, [], "") or not given[name] for name in asked):
            self.add_error(
                None, gettext("Donnez au moins une condition : un âge, une classe, une école, un document.")
            )
        return given

    def shown(self) -> Shown:
        """The name follows the paper: nobody edits it here."""
        return {**super().shown(), "paper_title": self.instance.paper_title}

    def changes(self) -> dict[str, Any]:
        found = super().changes()
        return {**found, "paper_title": self.titles.get(found["paper_type"], "")}
