"""A tariff that is no grid: of sets of slots, of a child fetched after closing, of what is paid at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.agents.activities.forms.tariffs import code_of, sets_of
from marelle.agents.activities.prices.forms.about import AboutFields, shown_slots
from marelle.agents.activities.prices.forms.common import (
    IN_THE_LIST,
    LedgerFields,
    Place,
    RowForm,
    StartedFields,
    VoteFields,
    shown_ledger,
    shown_started,
    slot_choices,
    slots_of,
)
from marelle.agents.activities.prices.forms.lines import EFFORT, NUMBER, LinesForm, PriceForm
from marelle.agents.activities.prices.forms.missed import MissedForm
from marelle.pricing.about import Row
from marelle.pricing.labels import slots_label
from marelle.pricing.tariffs import Hours, LateFetch, Missed, Product, Sets, Slots, Started, Tariff
from marelle.ui.forms import NumberField

MOST_SPARED: Final = 20
MOST_WAYS: Final = 3
"""In which a day missed gives something back."""


class TariffRowForm(LedgerFields, VoteFields, StartedFields, RowForm):
    """What is common to the three."""

    legend: str | Promise = gettext_lazy("Le prix")

    def __init__(
        self, data: Any, *, place: Place, old: Row | None, since: date, shown: Mapping[str, Any] = {}
    ) -> None:
        held = old if isinstance(old, Tariff) else None
        self.tariff = held
        ledger = shown_ledger(held.ledger) if held else {}
        told = {**shown_started(self.started_of(held)), **ledger, **shown}
        super().__init__(data, place=place, old=old, since=since, shown=told)
        self.set_minutes(self.started_of(held))
        self.price = PriceForm(
            data,
            prefix="price",
            legend=self.legend,
            amount=held.amount if held else None,
            bounds=place.bounds,
        )

    def started_of(self, tariff: Tariff | None) -> Started | None:
        return tariff.what.started if tariff and not isinstance(tariff.what, Product) else None

    @property
    def parts(self) -> list[LinesForm]:
        return [self.price]

    def clean(self) -> dict[str, Any]:
        super().clean()
        self.check_vote()
        self.check_started()
        return self.cleaned_data

    def what(self) -> Sets | LateFetch | Product:
        raise NotImplementedError

    def row(self) -> Tariff:
        return Tariff(
            what=self.what(),
            amount=self.price.cleaned_data["found"],
            ledger=self.ledger(),
            voted=self.voted(),
            **self.dated(),
        )


class SetsTariffForm(TariffRowForm):
    """One price of sets of slots, with the part of it that pays the plate."""

    template = "agents/activities/prices/tariff.html"

    sets = forms.MultipleChoiceField(
        label=gettext_lazy("Créneaux qui ont ce prix"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Cochez au moins un créneau."), **IN_THE_LIST},
    )
    together = forms.MultipleChoiceField(
        label=gettext_lazy("Et, pris ensemble, ces créneaux d’autres activités"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=IN_THE_LIST,
        help_text=gettext_lazy(
            "Ils sont ajoutés à chacun de ceux d’au-dessus\u00a0: le prix est alors celui du tout."
        ),
    )

    def __init__(self, data: Any, *, place: Place, old: Row | None, since: date) -> None:
        held = old if isinstance(old, Tariff) else None
        sets = held.what.sets if held and isinstance(held.what, Sets) else ()
        shared = _shared(sets, frozenset(place.others))
        begun = [one - shared for one in sets]
        shown = {"sets": [code_of(one) for one in begun], "together": [str(pk) for pk in sorted(shared)]}
        super().__init__(data, place=place, old=old, since=since, shown=shown)
        offered = dict.fromkeys([*sets_of(list(place.own)), *begun])
        told = [(code_of(one), slots_label(one, place.names)) for one in offered]
        self.fields["sets"].choices = told  # type: ignore[attr-defined]
        self.fields["together"].choices = slot_choices(place.others)  # type: ignore[attr-defined]
        self.food = PriceForm(
            data,
            prefix="food",
            legend=_("Dont part du repas"),
            amount=held.food if held else None,
            none=_("le prix n’est pas en deux parts"),
            help_text=_("Le reste est la garde, pour l’attestation fiscale."),
            rare=(EFFORT, NUMBER),
            bounds=place.bounds,
        )

    @property
    def parts(self) -> list[LinesForm]:
        return [self.price, self.food]

    def what(self) -> Sets:
        found = self.cleaned_data
        shared = slots_of(found["together"])
        sets = tuple(slots_of(code.split("-")) | shared for code in found["sets"])
        return Sets(tuple(dict.fromkeys(sets)), found["started"])

    def row(self) -> Tariff:
        return replace(super().row(), food=self.food.cleaned_data["found"])


def _shared(sets: Sequence[Slots], others: Slots) -> Slots:
    """The slots of other activities that each of these sets has, and that leave something of each."""
    found = others.intersection(*sets) if sets else frozenset[int]()
    return found if all(one - found for one in sets) else frozenset()


class LateFetchForm(AboutFields, TariffRowForm):
    """A child fetched after the end: flat, or by minutes begun; warnings come first."""

    template = "agents/activities/prices/late.html"
    once = gettext_lazy("une fois par retard, quelle que soit la durée")

    spared = NumberField(
        label=gettext_lazy("Combien d’avertissements avant de payer"),
        min_value=0,
        max_value=MOST_SPARED,
        help_text=gettext_lazy(
            "Par enfant, dans l’année scolaire. 0\u00a0: aucun\u00a0; 1\u00a0: le premier jour est dit, "
            "sans rien coûter."
        ),
    )

    def __init__(self, data: Any, *, place: Place, old: Row | None, since: date) -> None:
        what = old.what if isinstance(old, Tariff) and isinstance(old.what, LateFetch) else None
        shown = {**shown_slots(place, what.slots if what else None), "spared": what.spared if what else 0}
        super().__init__(data, place=place, old=old, since=since, shown=shown)
        self.fields["about"].label = _("Après la fin de quels créneaux")
        self.set_slots()

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        self.check_slots()
        return found

    def what(self) -> LateFetch:
        found = self.cleaned_data
        return LateFetch(self.about_slots(), found["started"], found["spared"])


class ProductTariffForm(TariffRowForm):
    """What is paid at once, and what a day missed gives back of it."""

    template = "agents/activities/prices/product.html"
    once = ""

    def __init__(self, data: Any, *, place: Place, old: Row | None, since: date) -> None:
        what = old.what if isinstance(old, Tariff) and isinstance(old.what, Product) else None
        super().__init__(data, place=place, old=old, since=since)
        self.back = PriceForm(
            data,
            prefix="back",
            legend=_("Rendu pour un jour payé et manqué"),
            amount=what.given_back if what else None,
            none=_("rien"),
            help_text=_("Jamais plus que ce qui a été payé."),
            rare=(EFFORT, NUMBER),
            bounds=place.bounds,
        )
        ways = what.gives_back if what else ()
        self.ways = [
            MissedForm(data, prefix=f"way-{n}", missed=ways[n] if n < len(ways) else None, may_be_none=True)
            for n in range(max(MOST_WAYS, len(ways)))
        ]

    def started_of(self, tariff: Tariff | None) -> Started | None:
        what = tariff.what if tariff else None
        return what.extra if isinstance(what, Product) else Started(Hours.SEEN, 30, 60)

    @property
    def parts(self) -> list[Any]:
        return [self.price, self.back, *self.ways]

    def is_valid(self) -> bool:
        valid = super().is_valid()
        if valid and self.back.cleaned_data["found"] is not None and not self._ways():
            self.ways[0].add_error("excused", _("Dites pour quelles absences quelque chose est rendu."))
            return False
        return valid

    def _ways(self) -> list[Missed]:
        return [form.cleaned_data["missed"] for form in self.ways if form.cleaned_data["missed"] is not None]

    def what(self) -> Product:
        started = self.cleaned_data["started"] or Started(Hours.SEEN, 30, 60)
        product = self.place.seen.product or 0
        return Product(product, self.back.cleaned_data["found"], tuple(self._ways()), started)
