"""What changes a price: in which case, of what, and what becomes of it."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.agents.activities.prices import usual as names
from marelle.agents.activities.prices.forms.about import AboutFields, shown_slots
from marelle.agents.activities.prices.forms.common import IN_THE_LIST, Place, RowForm, step_field
from marelle.agents.activities.prices.forms.lines import EffectForm
from marelle.agents.activities.prices.forms.missed import MissedForm
from marelle.agents.activities.prices.usual import Usual
from marelle.pricing.about import Row
from marelle.pricing.tariffs import (
    Adjustment,
    Always,
    By,
    DoneCase,
    Late,
    Missed,
    OwnCase,
    Rank,
    Unbooked,
)
from marelle.ui.forms import NumberField

LAST_CHILD: Final = 12
PART, WHOLE = "part", "whole"
PARTS: Final = {
    PART: gettext_lazy("seulement ce que ces créneaux y ajoutent"),
    WHOLE: gettext_lazy("toute la formule, un seul créneau suffit"),
}


class AdjustmentForm(AboutFields, RowForm):
    """One rule, of the case that its usual name says."""

    template = "agents/activities/prices/rule.html"

    first = NumberField(
        label=gettext_lazy("À partir du quel enfant"), min_value=1, max_value=LAST_CHILD, required=False
    )
    last = NumberField(
        label=gettext_lazy("Jusqu’au quel enfant"),
        min_value=1,
        max_value=LAST_CHILD,
        required=False,
        help_text=gettext_lazy("Vide\u00a0: et tous les suivants."),
    )
    by = forms.ChoiceField(
        label=gettext_lazy("Qui est le premier enfant"),
        choices=[(by.value, text) for by, text in names.FIRSTS.items()],
        error_messages=IN_THE_LIST,
    )
    whole = forms.ChoiceField(
        label=gettext_lazy("Compté sur"),
        choices=list(PARTS.items()),
        error_messages=IN_THE_LIST,
        help_text=gettext_lazy("Quand la formule réunit plusieurs créneaux."),
    )
    spared = NumberField(
        label=gettext_lazy("Combien d’avertissements avant de payer"),
        required=False,
        min_value=0,
        max_value=20,
        help_text=gettext_lazy(
            "Par enfant, dans l’année scolaire. Vide\u00a0: aucun\u00a0; 1\u00a0: le premier jour est "
            "dit, sans rien coûter de plus."
        ),
    )
    step = step_field()

    def __init__(self, data: Any, *, place: Place, old: Row | None, since: date, usual: Usual) -> None:
        held = old if isinstance(old, Adjustment) else None
        self.usual = usual
        super().__init__(data, place=place, old=old, since=since, shown=_shown(place, held, usual))
        self.set_slots()
        self.effect = EffectForm(
            data, effect=held.effect if held else None, begins=usual.effect, bounds=place.bounds
        )
        missed = held.case if held and isinstance(held.case, Missed) else None
        self.missed = MissedForm(data, prefix="missed", missed=missed, begins=usual.excused)
        if not self.is_rank:
            for name in ("first", "last", "by"):
                del self.fields[name]
        if not self.is_done:
            for name in ("whole", "spared"):
                del self.fields[name]

    @property
    def is_rank(self) -> bool:
        return self.usual.case == names.CASE_RANK

    @property
    def is_missed(self) -> bool:
        return self.usual.case == names.CASE_MISSED

    @property
    def is_done(self) -> bool:
        """About what was done, and not about who comes."""
        return self.usual.case in {names.CASE_LATE, names.CASE_UNBOOKED, names.CASE_MISSED}

    @property
    def parts(self) -> list[Any]:
        return [self.effect, self.missed] if self.is_missed else [self.effect]

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        self.check_slots()
        first, last = found.get("first"), found.get("last")
        if self.is_rank and first is None and "first" not in self.errors:
            self.add_error("first", _("Dites à partir de quel enfant, par exemple 2."))
        if first and last and last < first:
            self.add_error(
                "last", _("Donnez un nombre plus grand\u00a0: %(first)d au moins.") % {"first": first}
            )
        return found

    def case(self) -> OwnCase | DoneCase:
        found = self.cleaned_data
        match self.usual.case:
            case "rank":
                return Rank(found["first"], found["last"], By(found["by"]))
            case "late":
                return Late()
            case "unbooked":
                return Unbooked()
            case "missed":
                missed: Missed = self.missed.cleaned_data["missed"]
                return missed
            case _:
                return Always()

    def row(self) -> Adjustment:
        found = self.cleaned_data
        return Adjustment(
            step=found["step"] or self.usual.step,
            case=self.case(),
            effect=self.effect.cleaned_data["found"],
            slots=self.about_slots(),
            whole=found.get("whole") == WHOLE,
            spared=found.get("spared") or 0,
            **self.dated(),
        )


def _shown(place: Place, held: Adjustment | None, usual: Usual) -> dict[str, Any]:
    told: dict[str, Any] = {"step": held.step if held else usual.step, "order": usual.order or None}
    told |= {"name": usual.title, "who": [kind.value for kind in usual.who], "by": By.PRICE.value, "first": 2}
    if held is not None:
        told |= {"whole": WHOLE if held.whole else PART, "spared": held.spared or None}
        if isinstance(held.case, Rank):
            told |= {"first": held.case.first, "last": held.case.last, "by": held.case.by.value}
    return {**told, **shown_slots(place, held.slots if held else None)}
