"""What changes a price: in which case, of what, and what becomes of it."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.agents.activities.prices import usual as names
from marelle.agents.activities.prices.forms.common import IN_THE_LIST, Place, RowForm, slot_choices, slots_of
from marelle.agents.activities.prices.forms.lines import EffectForm
from marelle.agents.activities.prices.forms.missed import MissedForm
from marelle.agents.activities.prices.usual import Usual
from marelle.pricing.about import Row
from marelle.pricing.tariffs import (
    ALL_SLOTS,
    Adjustment,
    Always,
    By,
    DoneCase,
    Late,
    Missed,
    OwnCase,
    Rank,
    Slots,
    SpanRule,
    Unbooked,
)
from marelle.ui.forms import NumberField

MOST_STEP: Final = 99
LAST_CHILD: Final = 12
HERE, SOME, EVERYWHERE = "here", "some", "everywhere"
PART, WHOLE = "part", "whole"
PARTS: Final = {
    PART: gettext_lazy("seulement ce que ces créneaux y ajoutent"),
    WHOLE: gettext_lazy("toute la formule, un seul créneau suffit"),
}


class AboutFields(forms.Form):
    """Which slots a rule is about."""

    about = forms.ChoiceField(
        label=gettext_lazy("Pour quels créneaux"),
        choices=[
            (HERE, gettext_lazy("tous ceux de cette activité")),
            (SOME, gettext_lazy("ceux cochés ici")),
            (EVERYWHERE, gettext_lazy("tous ceux de la collectivité, de toutes ses activités")),
        ],
        error_messages=IN_THE_LIST,
        widget=forms.RadioSelect,
    )
    slots = forms.MultipleChoiceField(
        label=gettext_lazy("Créneaux"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=IN_THE_LIST,
    )
    others = forms.MultipleChoiceField(
        label=gettext_lazy("Créneaux d’autres activités"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=IN_THE_LIST,
    )
    place: Place

    def set_slots(self) -> None:
        self.fields["slots"].choices = slot_choices(self.place.own)  # type: ignore[attr-defined]
        self.fields["others"].choices = slot_choices(self.place.others)  # type: ignore[attr-defined]

    def check_slots(self) -> None:
        found = self.cleaned_data
        some = found.get("about") == SOME and not {"slots", "others"} & set(self.errors)
        if some and not found["slots"] and not found["others"]:
            self.add_error("slots", _("Cochez au moins un créneau."))

    def about_slots(self) -> Slots:
        found = self.cleaned_data
        match found["about"]:
            case "everywhere":
                return ALL_SLOTS
            case "here":
                return frozenset(self.place.own)
            case _:
                return slots_of([*found["slots"], *found["others"]])


def shown_slots(place: Place, row: Adjustment | SpanRule | None) -> dict[str, Any]:
    if row is None or row.slots == frozenset(place.own):
        return {"about": HERE}
    if not row.slots:
        return {"about": EVERYWHERE}
    chosen = {str(pk) for pk in row.slots}
    own = [str(pk) for pk in place.own if str(pk) in chosen]
    return {"about": SOME, "slots": own, "others": sorted(chosen - set(own), key=int)}


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
            "Vide\u00a0: aucun\u00a0; 1\u00a0: la première fois est dite, et ne coûte rien."
        ),
    )
    step = NumberField(
        label=gettext_lazy("Étape"),
        required=False,
        min_value=1,
        max_value=MOST_STEP,
        help_text=gettext_lazy(
            "Des règles d’une même étape, la première qui vaut compte seule\u00a0; "
            "puis l’étape suivante compte sur le prix d’alors."
        ),
    )

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
    return {**told, **shown_slots(place, held)}
