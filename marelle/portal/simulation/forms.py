"""What is told for a simulation: where the home lives, its income if it likes, what each child would hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.activities.models import Slot
from marelle.core.french import month_text
from marelle.families.incomes.rules import MOST_EUROS, IncomeKind
from marelle.flows.simulating.asked import Asked
from marelle.flows.simulating.imagined import MOST_CHILDREN, Imagined, Week
from marelle.places.models import Commune
from marelle.portal.enrolments.forms import wish_days
from marelle.pricing.explained import minutes_text
from marelle.ui.forms import EurosField, NumberField
from marelle.ui.wishes import wish_rows

MOST_DEPENDANTS: Final = 15
ELSEWHERE: Final = 0
"""The commune that the list does not have."""
MOST_STEPS: Final = 48
RANKS: Final = (
    gettext_lazy("Premier enfant, l’aîné"),
    gettext_lazy("Deuxième enfant"),
    gettext_lazy("Troisième enfant"),
    gettext_lazy("Quatrième enfant"),
)


@dataclass(frozen=True, slots=True)
class ChildShown:
    """The part of the form about one child."""

    title: str
    rows: SafeString
    times: tuple[BoundField, ...]
    is_open: bool


class SimulationForm(forms.Form):
    month = forms.ChoiceField(
        label=gettext_lazy("Mois"),
        error_messages={"invalid_choice": gettext_lazy("Choisissez un mois de la liste.")},
    )
    commune = forms.TypedChoiceField(
        label=gettext_lazy("Votre commune"),
        coerce=int,
        error_messages={
            "required": gettext_lazy("Choisissez votre commune : le prix en dépend."),
            "invalid_choice": gettext_lazy("Choisissez une commune de la liste."),
        },
    )
    quotient = EurosField(
        MOST_EUROS,
        required=False,
        label=gettext_lazy("Votre quotient familial"),
        help_text=gettext_lazy(
            "Celui de la CAF ou de la MSA. Laissez vide si vous ne le connaissez pas ou ne souhaitez pas le "
            "dire\u00a0: le prix le plus élevé est alors compté."
        ),
    )
    resources = EurosField(
        MOST_EUROS,
        required=False,
        label=gettext_lazy("Vos ressources par mois"),
        help_text=gettext_lazy(
            "En euros, avant impôt. Laissez vide si vous ne souhaitez pas les dire\u00a0: le prix le plus "
            "élevé est alors compté."
        ),
    )
    dependants = NumberField(
        label=gettext_lazy("Enfants à charge"), min_value=1, max_value=MOST_DEPENDANTS, initial=1
    )
    aeeh = NumberField(
        label=gettext_lazy("Dont enfants avec l’AEEH"), min_value=0, max_value=MOST_DEPENDANTS, initial=0
    )
    wishes = forms.MultipleChoiceField(
        label=gettext_lazy("Jours et créneaux"),
        error_messages={
            "required": gettext_lazy("Cochez au moins un créneau, pour un enfant au moins."),
            "invalid_choice": gettext_lazy("Un des créneaux cochés n’est pas proposé ce jour-là."),
        },
    )

    def __init__(
        self, *args: Any, slots: Sequence[Slot], months: Sequence[date], asked: Asked, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.slots, self.asked = slots, asked
        self.fields["month"].choices = [(f"{one:%Y-%m}", month_text(one)) for one in months]  # type: ignore[attr-defined]
        self.fields["wishes"].choices = [  # type: ignore[attr-defined]
            (f"{prefix}{weekday}-{slot.pk}", slot.name)
            for prefix in map(_prefix, range(1, MOST_CHILDREN + 1))
            for slot in slots
            for weekday in slot.weekdays
        ]
        self._keep(asked)
        for number in range(1, MOST_CHILDREN + 1):
            for slot in self._timed():
                self.fields[_time_name(number, slot)] = _time_field(slot, asked.by_time[slot.pk])

    def _keep(self, asked: Asked) -> None:
        """What changes no price is not asked."""
        unasked = [] if asked.quotient else ["quotient"]
        unasked += [] if asked.resources else ["resources", "dependants", "aeeh"]
        for name in unasked if asked.residence else (*unasked, "commune"):
            del self.fields[name]
        if asked.residence:
            communes = Commune.objects.order_by("name", "pk").values_list("pk", "name")
            every = [("", _("Choisissez dans la liste")), *communes, (ELSEWHERE, _("Une autre commune"))]
            self.fields["commune"].choices = every  # type: ignore[attr-defined]

    def children(self) -> list[ChildShown]:
        typed = self["wishes"].value() or ()
        return [self._child(number, typed) for number in range(1, MOST_CHILDREN + 1)]

    def income_fields(self) -> list[BoundField]:
        names = ("quotient", "resources", "dependants", "aeeh")
        return [self[name] for name in names if name in self.fields]

    def chosen_month(self) -> date:
        return date.fromisoformat(f"{self.cleaned_data['month']}-01")

    def home(self) -> Imagined:
        """Of a valid form; children of whom nothing is ticked are not there."""
        data = self.cleaned_data
        weeks = [self._week(number) for number in range(1, MOST_CHILDREN + 1)]
        return Imagined(
            data.get("commune") or None,
            {kind: Decimal(data[kind.value]) for kind in IncomeKind if data.get(kind.value) is not None},
            tuple(week for week in weeks if week.slots),
        )

    def _child(self, number: int, typed: Sequence[str]) -> ChildShown:
        prefix = _prefix(number)
        mine = {wish.removeprefix(prefix) for wish in typed if wish.startswith(prefix)}
        times = tuple(self[_time_name(number, slot)] for slot in self._timed())
        is_open = number == 1 or bool(mine) or any(one.errors for one in times)
        return ChildShown(
            str(RANKS[number - 1]), wish_rows(wish_days(self.slots, mine, prefix)), times, is_open
        )

    def _week(self, number: int) -> Week:
        prefix = _prefix(number)
        slots: dict[int, set[int]] = {}
        for wish in self.cleaned_data["wishes"]:
            if wish.startswith(prefix):
                weekday, _dash, slot = wish.removeprefix(prefix).partition("-")
                slots.setdefault(int(weekday), set()).add(int(slot))
        minutes = {slot.pk: self.cleaned_data[_time_name(number, slot)] for slot in self._timed()}
        return Week(slots, {slot: length for slot, length in minutes.items() if length})

    def _timed(self) -> list[Slot]:
        return [slot for slot in self.slots if slot.pk in self.asked.by_time]


def _prefix(number: int) -> str:
    return f"e{number}-"


def _time_name(number: int, slot: Slot) -> str:
    return f"e{number}-duree-{slot.pk}"


def _time_field(slot: Slot, step: int) -> forms.TypedChoiceField:
    """Up to the whole slot, which is what it begins with."""
    length = 60 * (slot.ends.hour - slot.starts.hour) + slot.ends.minute - slot.starts.minute
    choices = [(str(one), minutes_text(one)) for one in range(step, length, step)][:MOST_STEPS]
    return forms.TypedChoiceField(
        label=_("%(slot)s\u00a0: combien de temps par jour") % {"slot": slot.name},
        choices=[("", _("tout le créneau (%(length)s)") % {"length": minutes_text(length)}), *choices],
        coerce=int,
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": _("Choisissez une durée de la liste.")},
    )
