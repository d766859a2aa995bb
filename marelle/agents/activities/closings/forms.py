"""What to close, when, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from marelle.agents.activities.forms.parts import MOST_PLACES
from marelle.core.converters import id_read
from marelle.flows.catalogue.closing.closing import REASON_LENGTH, WORDS_LENGTH
from marelle.flows.catalogue.closing.reducing import Fewer, GaugeOfDays
from marelle.flows.catalogue.closing.targets import MOST_DAYS, Part, Target
from marelle.places.models import Structure
from marelle.ui.forms import NumberField

BAD_DATE = _("Donnez une date, par exemple 02/12/2026.")


class DaysForm(forms.Form):
    """`quoi` narrows to a part of the structure, as "slot-12"."""

    structure = forms.ModelChoiceField(
        label=_("Structure"),
        queryset=Structure.objects.none(),
        empty_label=None,
        error_messages={"invalid_choice": _("Choisissez dans la liste.")},
    )
    jour = forms.DateField(
        label=_("Premier jour"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": BAD_DATE},
    )
    fin = forms.DateField(
        label=_("Dernier jour"),
        help_text=_("Vide : un seul jour."),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": BAD_DATE},
    )
    quoi = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, structures: QuerySet[Structure], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["structure"].queryset = structures  # type: ignore[attr-defined]
        for name in ("jour", "fin"):
            self.fields[name].widget.attrs["min"] = today.isoformat()

    def clean_jour(self) -> date:
        day: date = self.cleaned_data["jour"]
        if day < self.today:
            raise forms.ValidationError(_("Ce jour est passé : il ne peut plus être fermé."))
        return day

    def clean_quoi(self) -> tuple[Part, int] | None:
        kind, _dash, number = self.cleaned_data["quoi"].partition("-")
        if not kind:
            return None
        pk = id_read(number)
        if kind not in {part.value for part in Part} or not pk:
            self.add_error(None, _("Choisissez dans la liste ce qui ferme."))
            return None
        return Part(kind), pk

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("jour"), data.get("fin")
        if first and last and last < first:
            self.add_error("fin", _("Le dernier jour vient avant le premier."))
        elif first and last and (last - first).days >= MOST_DAYS:
            self.add_error("fin", _("%(most)d jours au plus en une fois.") % {"most": MOST_DAYS})
        return data

    @property
    def target(self) -> Target:
        data = self.cleaned_data
        part, part_id = data["quoi"] or (None, 0)
        return Target(data["structure"].pk, data["jour"], data["fin"] or data["jour"], part, part_id)


OTHER = "other"
READY_REASONS: Sequence[tuple[str, Any]] = (
    ("Grève", _("Grève")),
    ("Neige", _("Neige")),
    ("Sortie scolaire", _("Sortie scolaire")),
    ("Travaux", _("Travaux")),
    (OTHER, _("Autre raison, à écrire dessous")),
)


class ReasonForm(forms.Form):
    """`vu` is the mark of what was shown."""

    reason = forms.ChoiceField(
        label=_("Raison"),
        choices=READY_REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Donnez une raison : les familles la liront.")},
    )
    other = forms.CharField(
        label=_("Autre raison"),
        help_text=_("Les familles la liront dans le planning et par courriel. Ni nom ni santé."),
        max_length=REASON_LENGTH,
        required=False,
    )
    words = forms.CharField(
        label=_("Un mot aux familles"),
        help_text=_("Ajouté au courriel : ce qui se passe, quand vous rouvrez."),
        max_length=WORDS_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    vu = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def needs_reason(self) -> bool:
        return True

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        reason = data.get("reason", "")
        data["told"] = data.get("other", "") if reason == OTHER else reason
        if self.needs_reason() and not data["told"].strip() and not self.errors:
            self.add_error("other", _("Donnez une raison : les familles la liront."))
        return data


KEEP = "keep"
AFTER = (
    ("cancel", _("Réservation annulée")),
    ("queue", _("En tête de la liste d’attente")),
)


def places_field(label: Any, initial: int | None = None) -> NumberField:
    """How many places, from none to more than any building has."""
    return NumberField(
        label=label,
        min_value=0,
        max_value=MOST_PLACES,
        initial=initial,
        error_messages={"invalid": _("Donnez un nombre de places, par exemple 24.")},
    )


class FewerForm(ReasonForm):
    """Places of each gauge (`g-<id>`), and what becomes of who has none."""

    then = forms.ChoiceField(
        label=_("Pour ceux qui n’ont plus de place"),
        choices=AFTER,
        widget=forms.RadioSelect,
        initial="cancel",
        error_messages={"invalid_choice": _("Choisissez dans la liste.")},
    )

    def __init__(self, *args: Any, gauges: Sequence[GaugeOfDays], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.gauges = gauges
        for gauge in gauges:
            self.fields[f"g-{gauge.id}"] = places_field(gauge.name, gauge.capacity)

    @property
    def places(self) -> list[forms.BoundField]:
        return [self[f"g-{gauge.id}"] for gauge in self.gauges]

    def asked(self, target: Target, kept: Iterable[str]) -> Fewer:
        """What the form asks, on the days of the target: of the gauges that are lowered, not of those left as
        they were shown."""
        typed = {gauge.id: self.cleaned_data[f"g-{gauge.id}"] for gauge in self.gauges}
        return Fewer(
            {gauge.id: typed[gauge.id] for gauge in self.gauges if typed[gauge.id] < gauge.capacity},
            target.first_day,
            target.last_day,
            frozenset(pk for pk in map(id_read, kept) if pk),
            queued=self.cleaned_data["then"] == "queue",
        )


class CapacityForm(ReasonForm):
    """Another capacity of a gauge, from a day on."""

    since = forms.DateField(
        label=_("À partir du"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": BAD_DATE},
    )
    capacity = places_field(_("Places"))
    then = forms.ChoiceField(
        label=_("S’il y a plus de réservations que de places"),
        choices=(
            (KEEP, _("Tout le monde reste, et personne de nouveau n’entre tant que c’est dépassé")),
            *AFTER,
        ),
        widget=forms.RadioSelect,
        initial=KEEP,
        error_messages={"invalid_choice": _("Choisissez dans la liste.")},
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["reason"].required = False
        self.fields["since"].widget.attrs["min"] = today.isoformat()

    def clean_since(self) -> date:
        day: date = self.cleaned_data["since"]
        if day < self.today:
            raise forms.ValidationError(_("Ce jour est passé."))
        return day

    def needs_reason(self) -> bool:
        return self.cleaned_data.get("then") in {"cancel", "queue"}
