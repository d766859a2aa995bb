"""« Places gardées »: how many of which gauge, for whom, and until when."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marelle.activities.models import Gauge, KeptPlaces
from marelle.activities.rules import LONGEST_DELAY_IN_DAYS
from marelle.agents.activities.forms.edit import EditForm
from marelle.agents.activities.forms.fields import DayField, HourField, InstantField, RowsField
from marelle.agents.activities.forms.parts import MOST_PLACES
from marelle.agents.activities.forms.waves import NAMED
from marelle.places.models import Commune, School
from marelle.ui.forms import NumberField


class KeptForm(EditForm):
    """Kept until so many days before at an hour, or until one instant for all the days: one of the two."""

    places = NumberField(label=_("Combien de places"), min_value=1, max_value=MOST_PLACES)
    since = DayField(label=_("Pour les jours à partir du"))
    until = DayField(label=_("Jusqu’au"), required=False, help_text=_("Vide : sans fin."))
    release_n = NumberField(
        label=_("Gardées jusqu’à tant de jours avant"),
        min_value=0,
        max_value=LONGEST_DELAY_IN_DAYS,
        required=False,
        help_text=_("0 : le jour même. Rien si elles sont gardées jusqu’à un instant."),
    )
    release_time = HourField(label=_("À quelle heure"), required=False)
    release_at = InstantField(
        label=_("Ou gardées jusqu’à un instant, le même pour tous les jours"),
        required=False,
        help_text=_("Ensuite les places vont à la liste d’attente, puis à tous."),
    )

    class Meta:
        model = KeptPlaces
        fields = (
            "name", "gauge", "places", "audience", "communes", "schools", "since", "until",
            "release_n", "release_counting", "release_time", "release_at",
        )  # fmt: skip
        field_classes = {"communes": RowsField, "schools": RowsField}
        widgets = {"audience": forms.RadioSelect}
        labels = {
            "name": _("Nom"),
            "gauge": _("Places de la jauge"),
            "audience": _("Pour qui"),
            "communes": _("Ces communes"),
            "schools": _("Ces écoles"),
            "release_counting": _("Ces jours se comptent en"),
        }
        help_texts = {
            "name": _("Pour vous : les familles ne le lisent pas."),
            "audience": _("Les enfants désignés se choisissent ensuite, parmi les inscrits."),
            "communes": _("Seulement pour « les familles de certaines communes »."),
            "schools": _("Seulement pour « les enfants de certaines écoles »."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        gauge: Any = self.fields["gauge"]
        drawn = Q(draws__slot__activity=self.instance.activity_id) | Q(pk=self.instance.gauge_id)
        gauge.queryset = Gauge.objects.filter(drawn).distinct().order_by("name", "pk")
        gauge.empty_label = gettext("Choisissez une jauge")
        gauge.error_messages["invalid_choice"] = gettext("Choisissez dans la liste.")
        if not gauge.queryset:
            gauge.help_text = gettext(
                "Aucun créneau de l’activité ne compte ses places : choisissez d’abord leurs jauges."
            )
        audience: Any = self.fields["audience"]
        audience.choices = [choice for choice in audience.choices if choice[0]]
        for name, rows in (("communes", Commune.objects), ("schools", School.objects)):
            field: Any = self.fields[name]
            field.queryset = rows.order_by("name", "pk")
            field.choices = list(field.queryset.values_list("pk", "name"))

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("since") and given.get("until") and given["until"] < given["since"]:
            self.add_error("until", gettext("La fin vient avant le début."))
        for kind, name in NAMED.items():
            if given.get("audience") != kind:
                given[name] = self.fields[name].queryset.none()  # type: ignore[attr-defined]
            elif name not in self.errors and not given[name]:
                self.add_error(name, gettext("Cochez-en au moins une."))
        if not self.errors.keys() & {"release_n", "release_time", "release_at"}:
            self._one_release(given)
        return given

    def _one_release(self, given: dict[str, Any]) -> None:
        timed, fixed = given.get("release_time"), given.get("release_at")
        if timed and fixed:
            self.add_error(
                "release_at", gettext("Choisissez : un nombre de jours avant, ou le même instant pour tous.")
            )
        elif fixed:
            given["release_n"] = self.instance.release_n
        elif not timed:
            self.add_error("release_time", gettext("Dites jusqu’à quelle heure, ou jusqu’à quel instant."))
        elif given["release_n"] is None:
            self.add_error("release_n", gettext("Donnez un nombre : 0 pour le jour même."))
