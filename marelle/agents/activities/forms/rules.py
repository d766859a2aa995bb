"""A booking rule as sentences: each way to tell the last minute is a line with its blanks to fill.

Only the blanks of the chosen line are read, so that the form works without a script.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.activities.labels import after_label, anchor_label
from marelle.activities.models import Slot
from marelle.activities.rules import (
    LONGEST_DELAY_IN_DAYS,
    TIMED,
    After,
    Anchor,
    Counting,
    Limit,
    LimitError,
    LimitKind,
    OffDay,
    Rule,
)
from marelle.agents.activities.forms.edit import refuse_stale, show_anew
from marelle.agents.activities.forms.fields import (
    DayField,
    HourField,
    InstantField,
    WeekdaysField,
    weekday_choices,
)
from marelle.core.refusals import Refusal
from marelle.ui.forms import NumberField, PlainSelect

LONGEST_PROOF = 2_000
"""In hours."""


@dataclass(frozen=True, slots=True)
class Line:
    """A kind of limit: the words around its blanks, which are names of fields."""

    kind: LimitKind
    parts: tuple[str | Promise, ...]
    blanks: tuple[str, ...]


LINES = (
    Line(
        LimitKind.WEEK_BEFORE,
        (gettext_lazy("jusqu’au"), "week_weekday", "week_n", gettext_lazy("à"), "week_time"),
        ("week_weekday", "week_n", "week_time"),
    ),
    Line(
        LimitKind.DAYS_BEFORE,
        (
            gettext_lazy("jusqu’à"),
            "days_n",
            "days_counting",
            gettext_lazy("avant"),
            "days_anchor",
            gettext_lazy("à"),
            "days_time",
        ),
        ("days_n", "days_counting", "days_anchor", "days_time"),
    ),
    Line(
        LimitKind.HOURS_BEFORE,
        (gettext_lazy("jusqu’à"), "hours_n", gettext_lazy("heures avant le début")),
        ("hours_n",),
    ),
    Line(
        LimitKind.MONTH_BEFORE,
        (gettext_lazy("jusqu’au"), "month_n", gettext_lazy("du mois d’avant, à"), "month_time"),
        ("month_n", "month_time"),
    ),
    Line(LimitKind.FIXED, (gettext_lazy("jusqu’au"), "at", gettext_lazy("pour toutes les dates")), ("at",)),
    Line(LimitKind.START, (gettext_lazy("jusqu’au début"),), ()),
    Line(LimitKind.NEVER, (gettext_lazy("jamais en ligne"),), ()),
)
BLANKS = {line.kind: line.blanks for line in LINES}

USUAL = {
    "week_n": 1,
    "week_time": time(23, 59),
    "days_time": time(23, 59),
    "month_time": time(23, 59),
    "strict": "until",
    "off_day": OffDay.KEPT.value,
}
"""What the blanks of a sentence that is not chosen begin with."""

COUNTINGS = {
    Counting.CALENDAR: gettext_lazy("jours"),
    Counting.CLEAR: gettext_lazy("jours francs"),
    Counting.WEEKDAYS: gettext_lazy("jours du lundi au vendredi"),
    Counting.WORKING: gettext_lazy("jours ouvrés"),
    Counting.SCHOOL: gettext_lazy("jours d’école"),
}

STRICT = {
    "until": gettext_lazy("compte encore : « jusqu’à 10 h »"),
    "before": gettext_lazy("ne compte plus : « avant 10 h »"),
}
OFF_DAYS = {
    OffDay.KEPT: gettext_lazy("ne change pas"),
    OffDay.BEFORE: gettext_lazy("passe au jour ouvré d’avant"),
}


@dataclass(frozen=True, slots=True)
class LineShown:
    """A line as the page draws it: each part is a text, or a field to fill."""

    value: str
    checked: bool
    parts: list[Any]


class LimitForm(forms.Form):
    """One limit. `clean` gives it under "limit"."""

    kind = forms.ChoiceField(
        choices=[(line.kind.value, line.kind.value) for line in LINES],
        error_messages={
            "required": gettext_lazy("Choisissez une des phrases."),
            "invalid_choice": gettext_lazy("Choisissez une des phrases."),
        },
    )
    week_weekday = forms.TypedChoiceField(
        label=gettext_lazy("Jour de la semaine"), coerce=int, required=False
    )
    week_n = forms.TypedChoiceField(
        label=gettext_lazy("Quelle semaine"), coerce=int, required=False, widget=PlainSelect
    )
    week_time = HourField(label=gettext_lazy("Heure"), required=False)
    days_n = NumberField(
        label=gettext_lazy("Combien de jours"), min_value=0, max_value=LONGEST_DELAY_IN_DAYS, required=False
    )
    days_counting = forms.ChoiceField(
        label=gettext_lazy("Quels jours comptent"),
        choices=[(key.value, label) for key, label in COUNTINGS.items()],
        required=False,
    )
    days_anchor = forms.ChoiceField(label=gettext_lazy("Avant quoi"), required=False)
    days_time = HourField(label=gettext_lazy("Heure"), required=False)
    hours_n = NumberField(
        label=gettext_lazy("Combien d’heures"),
        min_value=0,
        max_value=LONGEST_DELAY_IN_DAYS * 24,
        required=False,
    )
    month_n = NumberField(label=gettext_lazy("Jour du mois"), min_value=1, max_value=31, required=False)
    month_time = HourField(label=gettext_lazy("Heure"), required=False)
    at = InstantField(label=gettext_lazy("Jour et heure"), required=False)
    strict = forms.ChoiceField(label=gettext_lazy("La minute dite"), choices=list(STRICT.items()))
    off_day = forms.ChoiceField(
        label=gettext_lazy("Un week-end, un jour férié ou fermé, le délai"),
        choices=[(key.value, label) for key, label in OFF_DAYS.items()],
    )

    def __init__(self, data: Any, *, prefix: str, legend: str | Promise, limit: Limit | None) -> None:
        super().__init__(data, prefix=prefix, initial=USUAL | (blanks_of(limit) if limit else {}))
        self.legend = legend
        self.fields["week_weekday"].choices = weekday_choices()  # type: ignore[attr-defined]
        self.fields["week_n"].choices = weeks_choices()  # type: ignore[attr-defined]
        self.fields["days_anchor"].choices = [(one.value, anchor_label(one)) for one in Anchor]  # type: ignore[attr-defined]
        if limit is not None:
            self.fields["at"].kept = limit.at  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = f"{legend} : {field.label}" if field.label else str(legend)
            if name not in ("kind", "strict", "off_day"):
                field.error_messages["required"] = gettext_lazy("Remplissez la phrase choisie.")

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if "kind" not in given:
            return given
        kind = LimitKind(given["kind"])
        for other in {name for names in BLANKS.values() for name in names} - set(BLANKS[kind]):
            self.errors.pop(other, None)  # what is left in another sentence is not read
        if self.errors:
            return given
        found: dict[str, Any] = {name.partition("_")[2] or name: given.get(name) for name in BLANKS[kind]}
        empty = [name for name in BLANKS[kind] if given.get(name) in (None, "")]
        if empty:
            for name in empty:
                self.add_error(name, _("Remplissez la phrase choisie."))
            return given
        if kind is LimitKind.DAYS_BEFORE:
            found |= {"counting": Counting(found["counting"]), "anchor": Anchor(found["anchor"])}
        if kind in TIMED:
            found["off_day"] = OffDay(given["off_day"])
        found["strict"] = kind is not LimitKind.NEVER and given["strict"] == "before"
        try:
            given["limit"] = Limit(kind, **found)
        except LimitError as error:
            prefix = BLANKS[kind][0].partition("_")[0]
            name = error.code if error.code == "at" else f"{prefix}_{error.code}"
            self.add_error(name, _("Ce n’est pas possible : corrigez cette phrase."))
        return given

    def lines(self) -> list[LineShown]:
        chosen = self["kind"].value()
        return [
            LineShown(
                value=line.kind.value,
                checked=chosen == line.kind,
                parts=[self[str(part)] if part in line.blanks else part for part in line.parts],
            )
            for line in LINES
        ]

    def faults(self) -> list[str]:
        """What is wrong, each said once."""
        return list(dict.fromkeys(str(text) for texts in self.errors.values() for text in texts))


class RuleForm(forms.Form):
    """What goes around the two limits: from when the rule counts, when bookings open, what comes after."""

    since = DayField(
        label=gettext_lazy("Pour les jours à partir du"),
        help_text=gettext_lazy("Les jours d’avant gardent le délai qu’ils avaient."),
    )
    until = DayField(
        label=gettext_lazy("Jusqu’au"),
        required=False,
        help_text=gettext_lazy("Vide : jusqu’à un autre changement."),
    )
    opens_residents_at = InstantField(
        label=gettext_lazy("Ouvre aux habitants le"),
        required=False,
        help_text=gettext_lazy("Vide : c’est toujours ouvert."),
    )
    opens_others_at = InstantField(
        label=gettext_lazy("Ouvre aux autres familles le"),
        required=False,
        help_text=gettext_lazy("Vide : en même temps que les habitants."),
    )
    weekdays = WeekdaysField(
        label=gettext_lazy("Seulement pour ces jours de la semaine"),
        required=False,
        help_text=gettext_lazy("Aucun de coché : tous. Celui de certains jours passe avant celui de tous."),
    )
    after = forms.ChoiceField(
        label=gettext_lazy("Passé le délai pour réserver"),
        choices=[(after.value, after.value) for after in After],
        widget=forms.RadioSelect,
    )
    absence_proof_hours = NumberField(
        label=gettext_lazy("Un justificatif d’absence est reçu, en heures après le début"),
        help_text=gettext_lazy("48 pour deux jours. Vide : un justificatif ne change rien."),
        min_value=0,
        max_value=LONGEST_PROOF,
        required=False,
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    read = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any,
        *,
        rule: Rule | None,
        since: date,
        version: str,
        told: Sequence[str] = (),
        weekdays: Collection[int] = (),
    ) -> None:
        """`told` is what is in force, in sentences: the form carries them, to say which have changed.
        `weekdays` are those that the page was asked for."""
        self.told = told
        shown: dict[str, Any] = {"since": since, "after": After.REFUSE.value, "seen": version}
        shown["weekdays"] = sorted(weekdays)
        shown["read"] = "\n".join(told)
        if rule is not None:
            names = ("until", "opens_residents_at", "opens_others_at", "after", "absence_proof_hours")
            shown |= {name: getattr(rule, name) for name in names}
        super().__init__(data, initial=shown)
        self.fields["after"].choices = [(after.value, after_label(after)) for after in After]  # type: ignore[attr-defined]
        for name in ("opens_residents_at", "opens_others_at"):
            self.fields[name].kept = shown.get(name)  # type: ignore[attr-defined]
        self.book = LimitForm(
            data, prefix="book", legend=gettext_lazy("Réserver"), limit=rule.book if rule else None
        )
        self.cancel = LimitForm(
            data,
            prefix="cancel",
            legend=gettext_lazy("Annuler sans frais"),
            limit=rule.cancel if rule else None,
        )

    def is_valid(self) -> bool:
        """The three of them, each with its errors."""
        return all([super().is_valid(), self.book.is_valid(), self.cancel.is_valid()])

    def rule(self) -> Rule:
        given = self.cleaned_data
        return Rule(
            since=given["since"],
            until=given["until"],
            book=self.book.cleaned_data["limit"],
            cancel=self.cancel.cleaned_data["limit"],
            opens_residents_at=given["opens_residents_at"],
            opens_others_at=given["opens_others_at"],
            after=After(given["after"]),
            absence_proof_hours=given["absence_proof_hours"],
            weekdays=frozenset(given["weekdays"]),
        )

    def stale(self, refusal: Refusal) -> None:
        """Another wrote meanwhile: the sentences in force that the page sent back did not show are said."""
        read = self.cleaned_data["read"].splitlines()
        anew = [line.rstrip(".") for line in self.told if line not in read]
        refuse_stale(self, refusal, anew, seen=refusal.data["held"]["version"])
        show_anew(self, "read", "\n".join(self.told))


class EffectForm(forms.Form):
    """Which day, and which slot, to see the window of."""

    jour = DayField(label=gettext_lazy("Voir l’effet pour le"))
    voir = forms.ModelChoiceField(
        label=gettext_lazy("Créneau"),
        queryset=Slot.objects.none(),
        empty_label=None,
        error_messages={"invalid_choice": gettext_lazy("Choisissez dans la liste.")},
    )

    def __init__(self, data: Any, *, slots: QuerySet[Slot], day: date) -> None:
        super().__init__(data, initial={"jour": day})
        field: Any = self.fields["voir"]
        field.queryset = slots
        field.label_from_instance = _name


def blanks_of(limit: Limit) -> dict[str, Any]:
    """What the form shows for a limit: its kind, and the blanks of its sentence."""
    around = {
        "kind": limit.kind.value,
        "off_day": limit.off_day.value,
        "strict": "before" if limit.strict else "until",
    }
    blanks = {name: getattr(limit, name.partition("_")[2] or name) for name in BLANKS[limit.kind]}
    return around | blanks


def weeks_choices() -> list[tuple[int, str]]:
    """ISO weeks before, as far as a limit goes."""
    told = {0: _("de la même semaine"), 1: _("de la semaine d’avant")}
    return [
        (n, told.get(n) or _("%(n)d semaines avant") % {"n": n})
        for n in range(LONGEST_DELAY_IN_DAYS // 7 + 1)
    ]


def _name(slot: Slot) -> str:
    return slot.name
