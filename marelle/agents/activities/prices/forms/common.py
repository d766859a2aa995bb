"""What tariffs, adjustments and rules of a span have in common on a form: dates, for whom, accounts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.agents.activities.forms.fields import DayField, WeekdaysField
from marelle.agents.activities.prices.forms import written
from marelle.agents.activities.prices.forms.lines import LinesForm, ReadField
from marelle.pricing.about import Row, Seen
from marelle.pricing.amounts import EffortBound, TariffError
from marelle.pricing.facts import Trait, TraitKind, Traits
from marelle.pricing.labels import BEGUN, HOURS, PRICE_OF, TRAITS
from marelle.pricing.lines import Ledger
from marelle.pricing.tariffs import Hours, Slots, Started, Voted
from marelle.ui.forms import NumberField

MOST_ORDER: Final = 999
MOST_STEP: Final = 99
IN_THE_LIST: Final = {"invalid_choice": gettext_lazy("Choisissez dans la liste.")}
NOT_CHOSEN: Final = frozenset({TraitKind.DECISION})
"""A decision names one home: it is no choice of a tariff."""


@dataclass(frozen=True)
class Place:
    """Where a row is made: the slots that it may be about, with their names, what is seen, what counts."""

    authority_id: int
    seen: Seen
    own: Mapping[int, str] = field(default_factory=dict)
    others: Mapping[int, str] = field(default_factory=dict)
    """Those of the other activities of the authority, with the name of theirs."""
    bounds: tuple[EffortBound, ...] = ()

    @property
    def names(self) -> dict[int, str]:
        return {**self.own, **self.others}


class WhoFields(forms.Form):
    """For whom, and on which days of the week."""

    who = forms.MultipleChoiceField(
        label=gettext_lazy("Pour qui"),
        required=False,
        choices=[(kind.value, TRAITS[kind]) for kind in TraitKind if kind not in NOT_CHOSEN],
        widget=forms.CheckboxSelectMultiple,
        error_messages=IN_THE_LIST,
        help_text=gettext_lazy(
            "Aucun de coché\u00a0: pour tous. Plusieurs\u00a0: pour qui est tout cela à la fois."
        ),
    )
    weekdays = WeekdaysField(
        label=gettext_lazy("Seulement ces jours de la semaine"),
        required=False,
        error_messages=IN_THE_LIST,
        help_text=gettext_lazy("Aucun de coché\u00a0: tous."),
    )

    def traits(self) -> Traits:
        return frozenset(Trait(TraitKind(code)) for code in self.cleaned_data["who"])

    def days(self) -> frozenset[int]:
        return frozenset(self.cleaned_data["weekdays"])


class LedgerFields(forms.Form):
    """Where the money goes."""

    account = forms.CharField(label=gettext_lazy("Code comptable"), required=False, max_length=12)
    budget = forms.CharField(label=gettext_lazy("Budget"), required=False, max_length=12)
    regie = forms.CharField(label=gettext_lazy("Régie"), required=False, max_length=40)
    vat = ReadField(
        lambda text: written.percent_read(text, decimals=2),
        label=gettext_lazy("TVA comprise, en %"),
        help_text=gettext_lazy("Vide\u00a0: exonéré, comme une cantine."),
    )

    def ledger(self) -> Ledger:
        found = self.cleaned_data
        return Ledger(found["account"], found["budget"], found["regie"], found["vat"] or Ledger().vat)


class VoteFields(forms.Form):
    """The délibération."""

    voted_number = forms.CharField(
        label=gettext_lazy("Numéro de la délibération"), required=False, max_length=40
    )
    voted_on = DayField(label=gettext_lazy("Date de la délibération"), required=False)

    def check_vote(self) -> None:
        found = self.cleaned_data
        if found.get("voted_number") and not found.get("voted_on") and "voted_on" not in self.errors:
            self.add_error("voted_on", _("Donnez la date de la délibération."))

    def voted(self) -> Voted | None:
        found = self.cleaned_data
        return Voted(found["voted_number"], found["voted_on"]) if found["voted_on"] else None


class StartedFields(forms.Form):
    """By the hour: which minutes begun are counted, whose price is given, which hours."""

    step = forms.TypedChoiceField(label=gettext_lazy("Compté"), coerce=int, error_messages=IN_THE_LIST)
    per = forms.TypedChoiceField(
        label=gettext_lazy("Le prix donné est le"),
        coerce=int,
        error_messages=IN_THE_LIST,
        help_text=gettext_lazy("Quand c’est compté au temps."),
    )
    hours = forms.ChoiceField(
        label=gettext_lazy("Sur quelles heures"),
        choices=[(hours.value, text) for hours, text in HOURS.items()],
        error_messages=IN_THE_LIST,
    )

    once: Any = gettext_lazy("par formule, quelle que soit la durée")

    def set_minutes(self, started: Started | None) -> None:
        """What may be chosen, with the minutes that are there already."""
        steps = {n: str(text) for n, text in BEGUN.items()}
        prices = {n: str(text) for n, text in PRICE_OF.items()}
        if started is not None:
            steps.setdefault(started.step, _("par %(n)d minutes commencées") % {"n": started.step})
            prices.setdefault(started.per, _("prix de %(n)d minutes") % {"n": started.per})
        first = [(0, self.once)] if self.once else []
        self.fields["step"].choices = [*first, *sorted(steps.items())]  # type: ignore[attr-defined]
        self.fields["per"].choices = sorted(prices.items())  # type: ignore[attr-defined]

    def check_started(self) -> None:
        found = self.cleaned_data
        found["started"] = None
        if found.get("step") and not {"step", "per", "hours"} & set(self.errors):
            try:
                found["started"] = Started(Hours(found["hours"]), found["step"], found["per"])
            except TariffError:
                self.add_error("per", _("Ces minutes ne vont pas ensemble\u00a0: choisissez-en d’autres."))


def shown_started(started: Started | None) -> dict[str, Any]:
    if started is None:
        return {"step": 0, "per": 30, "hours": Hours.BOOKED.value}
    return {"step": started.step, "per": started.per, "hours": started.hours.value}


def order_field() -> forms.IntegerField:
    return NumberField(
        label=gettext_lazy("Ordre"),
        required=False,
        min_value=0,
        max_value=MOST_ORDER,
        help_text=gettext_lazy("De deux qui valent pour le même enfant, le plus petit passe d’abord."),
    )


def step_field() -> forms.IntegerField:
    return NumberField(
        label=gettext_lazy("Étape"),
        required=False,
        min_value=1,
        max_value=MOST_STEP,
        help_text=gettext_lazy(
            "Des règles d’une même étape, la première qui vaut pour un créneau compte seule\u00a0; "
            "puis l’étape suivante compte sur le prix d’alors."
        ),
    )


class RowForm(WhoFields):
    """One row to make, or one that takes the place of `old` from a day on."""

    name = forms.CharField(
        label=gettext_lazy("Nom"),
        max_length=120,
        error_messages={
            "required": gettext_lazy("Donnez un nom\u00a0: la famille le lit sur le détail du prix.")
        },
    )
    since = DayField(
        label=gettext_lazy("À partir du"),
        help_text=gettext_lazy("Les jours d’avant gardent leur prix."),
    )
    until = DayField(
        label=gettext_lazy("Jusqu’au"),
        required=False,
        help_text=gettext_lazy("Vide\u00a0: jusqu’à un autre changement."),
    )
    order = order_field()
    seen = forms.CharField(required=False, max_length=20_000, widget=forms.HiddenInput)

    template: str = "agents/activities/prices/form.html"

    def __init__(
        self, data: Any, *, place: Place, old: Row | None, since: date, shown: Mapping[str, Any]
    ) -> None:
        self.place, self.old = place, old
        begun: dict[str, Any] = {"since": since, "seen": place.seen.version}
        if old is not None:
            begun |= {"name": old.name, "until": old.until, "order": old.order or None}
            begun |= {"weekdays": sorted(old.weekdays)}
            begun |= {"who": sorted(trait.kind.value for trait in old.who)}
        super().__init__(data, initial={**shown, **begun})

    @property
    def parts(self) -> list[LinesForm]:
        """The forms of sentences that are sent with it."""
        return []

    def is_valid(self) -> bool:
        """All of them, each with its errors."""
        return all([super().is_valid(), *(part.is_valid() for part in self.parts)])

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        since, until = found.get("since"), found.get("until")
        if since and until and until < since:
            self.add_error("until", _("La fin vient avant le début."))
        return found

    def dated(self) -> dict[str, Any]:
        """What every row says."""
        found = self.cleaned_data
        return {
            "id": 0,
            "name": found["name"],
            "since": found["since"],
            "until": found["until"],
            "who": self.traits(),
            "weekdays": self.days(),
            "order": found["order"] or 0,
        }

    def row(self) -> Row:
        """Of a form that is right."""
        raise NotImplementedError

    def rows(self) -> list[Row]:
        """The same, where a form may make several."""
        return [self.row()]


def shown_ledger(ledger: Ledger) -> dict[str, Any]:
    vat = written.bare(ledger.vat) if ledger.vat else ""
    return {"account": ledger.account, "budget": ledger.budget, "regie": ledger.regie, "vat": vat}


def slot_choices(names: Mapping[int, str]) -> list[tuple[str, str]]:
    return [(str(pk), name) for pk, name in names.items()]


def slots_of(codes: Iterable[str]) -> Slots:
    return frozenset(map(int, codes))
