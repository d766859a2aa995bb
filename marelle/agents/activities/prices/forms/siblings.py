"""The reduction of brothers and sisters as règlements publish it: so much for the second, for the third."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.agents.activities.prices import usual as names
from marelle.agents.activities.prices.forms.about import AboutFields, shown_slots
from marelle.agents.activities.prices.forms.common import IN_THE_LIST, Place, RowForm, step_field
from marelle.agents.activities.prices.forms.lines import ReadField, down_read
from marelle.agents.activities.prices.usual import Usual
from marelle.pricing.about import Row
from marelle.pricing.tariffs import Adjustment, By, Percent, Rank

CHILDREN: Final = {
    "second": gettext_lazy("Deuxième enfant"),
    "third": gettext_lazy("Troisième enfant"),
    "fourth": gettext_lazy("Quatrième enfant"),
    "fifth": gettext_lazy("Cinquième enfant"),
}


def _percent(label: Any) -> ReadField:
    return ReadField(down_read, label=label)


class SiblingsForm(AboutFields, RowForm):
    """Several adjustments at once; the last that is given is that of all who come after."""

    template = "agents/activities/prices/siblings.html"

    second = _percent(gettext_lazy("Deuxième enfant, % de moins"))
    third = _percent(gettext_lazy("Troisième enfant, % de moins"))
    fourth = _percent(gettext_lazy("Quatrième enfant, % de moins"))
    fifth = _percent(gettext_lazy("Cinquième enfant, % de moins"))
    by = forms.ChoiceField(
        label=gettext_lazy("Qui est le premier enfant"),
        choices=[(by.value, text) for by, text in names.FIRSTS.items()],
        error_messages=IN_THE_LIST,
    )
    step = step_field()

    def __init__(self, data: Any, *, place: Place, old: Row | None, since: date, usual: Usual) -> None:
        self.usual = usual
        shown = {"step": usual.step, "name": usual.title, "by": By.PRICE.value, **shown_slots(place, None)}
        super().__init__(data, place=place, old=old, since=since, shown=shown)
        self.set_slots()

    @property
    def children(self) -> list[forms.BoundField]:
        """To be shown, in their order."""
        return [self[name] for name in CHILDREN]

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        self.check_slots()
        if not any(found.get(name) or name in self.errors for name in CHILDREN):
            self.add_error("second", _("Donnez au moins une réduction."))
        return found

    def rows(self) -> list[Row]:
        given = list(self._given())
        last = given[-1][0]
        return [self._row(rank, None if rank == last else rank, name, off) for rank, name, off in given]

    def _given(self) -> Iterator[tuple[int, str, Decimal]]:
        for rank, (name, label) in enumerate(CHILDREN.items(), 2):
            off = self.cleaned_data[name]
            if off is not None:
                yield rank, str(label), off

    def _row(self, first: int, last: int | None, label: str, off: Decimal) -> Adjustment:
        found = self.cleaned_data
        told = label if last else _("%(child)s et suivants") % {"child": label}
        dated = self.dated()
        name = f"{dated.pop('name')[:80]}\u00a0: {told[0].lower()}{told[1:]}"
        return Adjustment(
            name=name,
            step=found["step"] or self.usual.step,
            case=Rank(first, last, By(found["by"])),
            effect=Percent(-off),
            slots=self.about_slots(),
            **dated,
        )
