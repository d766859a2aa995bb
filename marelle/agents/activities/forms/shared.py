"""Forms of what the authorities of a portal share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.agents.activities.forms.edit import EditForm
from marelle.agents.activities.forms.fields import DayField, RowsField, WeekdaysField
from marelle.places.models import Authority, Calendar, CalendarSpan, Commune, School
from marelle.places.rules import SpanKind


class AuthorityForm(EditForm):
    class Meta:
        model = Authority
        fields = ("name", "short_name")
        help_texts = {
            "name": _("En entier : « Communauté de communes du Val d’Arelle »."),
            "short_name": _("Comme on le dit : « Val d’Arelle »."),
        }


class CommuneForm(EditForm):
    postal_code = forms.RegexField(
        r"^[0-9]{5}$",
        label=_("Code postal"),
        error_messages={"invalid": _("Écrivez les cinq chiffres du code postal.")},
    )

    class Meta:
        model = Commune
        fields = ("name", "postal_code", "authorities", "agreements")
        field_classes = {"authorities": RowsField, "agreements": RowsField}
        labels = {
            "authorities": _("Ses habitants sont ceux de"),
            "agreements": _("Elle est conventionnée avec"),
        }

    since = DayField(
        label=_("Les prix suivent ce rattachement à partir du"),
        required=False,
        help_text=_(
            "Les jours d’avant gardent leur prix. Vide\u00a0: depuis toujours, pour une première saisie ou "
            "pour réparer un oubli."
        ),
    )


class SchoolForm(EditForm):
    class Meta:
        model = School
        fields = ("name", "commune", "calendar")
        labels = {"commune": _("Commune"), "calendar": _("Calendrier")}


class CalendarForm(EditForm):
    school_weekdays = WeekdaysField(label=_("Jours d’école"))

    class Meta:
        model = Calendar
        fields = ("name", "zone", "school_weekdays")
        labels = {"zone": _("Zone des vacances scolaires")}
        help_texts = {"name": _("Par exemple «\u00a0Zone A, école quatre jours\u00a0».")}


class SpanForm(EditForm):
    """Days without school that the State does not publish, or that differ here."""

    kind = forms.ChoiceField(
        label=_("Nature"),
        choices=(
            (SpanKind.SCHOOL_HOLIDAY.value, _("vacances, ou jours sans école")),
            (SpanKind.PUBLIC_HOLIDAY.value, _("jour férié")),
        ),
        widget=forms.RadioSelect,
    )
    first_day = DayField(label=_("Premier jour"))
    last_day = DayField(label=_("Dernier jour"))

    class Meta:
        model = CalendarSpan
        fields = ("calendar", "name", "kind", "first_day", "last_day")
        labels = {"calendar": _("Calendrier")}
        help_texts = {"name": _("Par exemple « Pont de l’Ascension ».")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["calendar"].disabled = self.instance.pk is not None

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = given.get("first_day"), given.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("Le dernier jour vient avant le premier."))
        return given
