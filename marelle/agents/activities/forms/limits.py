"""A limit as sentences: each way to tell the last minute is a line with its blanks to fill.

Only the blanks of the chosen line are read, so that the form works without a script.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.activities.labels import anchor_label
from marelle.activities.rules import (
    LONGEST_DELAY_IN_DAYS,
    TIMED,
    Anchor,
    Counting,
    Limit,
    LimitError,
    LimitKind,
    OffDay,
)
from marelle.agents.activities.forms.fields import HourField, InstantField, weekday_choices
from marelle.ui.forms import NumberField, PlainSelect


@dataclass(frozen=True, slots=True)
class Line:
    """A kind of limit, None for an opening that always was: the words around its blanks, names of fields."""

    kind: LimitKind | None
    parts: tuple[str | Promise, ...]
    blanks: tuple[str, ...]

    @property
    def value(self) -> str:
        return self.kind.value if self.kind else ALWAYS


ALWAYS = "always"

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
LINE_OF = {line.kind: line for line in LINES if line.kind}

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


def weeks_choices() -> list[tuple[int, str]]:
    """ISO weeks before, as far as a limit goes."""
    told = {0: _("de la même semaine"), 1: _("de la semaine d’avant")}
    return [
        (n, told.get(n) or _("%(n)d semaines avant") % {"n": n})
        for n in range(LONGEST_DELAY_IN_DAYS // 7 + 1)
    ]


def anchor_choices() -> list[tuple[str, str]]:
    """What days are counted back from."""
    return [(one.value, anchor_label(one)) for one in Anchor]


@dataclass(frozen=True, slots=True)
class LineShown:
    """A line as the page draws it: each part is a text, or a field to fill."""

    value: str
    checked: bool
    parts: list[Any]


class LimitForm(forms.Form):
    """One limit. `clean` gives it under "limit"."""

    sentences: Sequence[Line] = LINES

    kind = forms.ChoiceField(
        error_messages={
            "required": gettext_lazy("Choisissez une des phrases."),
            "invalid_choice": gettext_lazy("Choisissez une des phrases."),
        },
    )
    week_weekday = forms.TypedChoiceField(
        label=gettext_lazy("Jour de la semaine"), coerce=int, choices=weekday_choices, required=False
    )
    week_n = forms.TypedChoiceField(
        label=gettext_lazy("Quelle semaine"),
        coerce=int,
        choices=weeks_choices,
        required=False,
        widget=PlainSelect,
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
    days_anchor = forms.ChoiceField(label=gettext_lazy("Avant quoi"), choices=anchor_choices, required=False)
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
        self.legend = self.heading = legend
        self.fields["kind"].choices = [(line.value, line.value) for line in self.sentences]  # type: ignore[attr-defined]
        if limit is not None:
            self.fields["at"].kept = limit.at  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = f"{legend} : {field.label}" if field.label else str(legend)
            if name not in ("kind", "strict", "off_day"):
                field.error_messages["required"] = gettext_lazy("Remplissez la phrase choisie.")

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        line = next((line for line in self.sentences if line.value == given.get("kind")), None)
        if line is None:
            return given
        for other in {name for one in self.sentences for name in one.blanks} - set(line.blanks):
            self.errors.pop(other, None)  # what is left in another sentence is not read
        empty = [name for name in line.blanks if given.get(name) in (None, "") and name not in self.errors]
        for name in empty:
            self.add_error(name, _("Remplissez la phrase choisie."))
        if not self.errors:
            self._read(line)
        return given

    def _read(self, line: Line) -> None:
        given = self.cleaned_data
        if line.kind is None:
            given["limit"] = None
            return
        found = {name.partition("_")[2] or name: given[name] for name in line.blanks}
        if line.kind is LimitKind.DAYS_BEFORE:
            anchor = Anchor(found.get("anchor", Anchor.DAY))
            found |= {"counting": Counting(found["counting"]), "anchor": anchor}
        if line.kind in TIMED:
            found["off_day"] = OffDay(given.get("off_day", OffDay.KEPT))
        found["strict"] = line.kind is not LimitKind.NEVER and given.get("strict") == "before"
        try:
            given["limit"] = Limit(line.kind, **found)
        except LimitError as error:
            prefix = line.blanks[0].partition("_")[0]
            name = error.code if error.code == "at" else f"{prefix}_{error.code}"
            self.add_error(name, _("Ce n’est pas possible : corrigez cette phrase."))

    @property
    def has_strict(self) -> bool:
        """Whether it may say "avant"."""
        return "strict" in self.fields

    @property
    def has_off_day(self) -> bool:
        """Whether it may move off a day that is closed."""
        return "off_day" in self.fields

    def lines(self) -> list[LineShown]:
        chosen = self["kind"].value()
        return [
            LineShown(
                value=line.value,
                checked=chosen == line.value,
                parts=[self[str(part)] if part in line.blanks else part for part in line.parts],
            )
            for line in self.sentences
        ]

    def faults(self) -> list[str]:
        """What is wrong, each said once."""
        return list(dict.fromkeys(str(text) for texts in self.errors.values() for text in texts))


def blanks_of(limit: Limit) -> dict[str, Any]:
    """What the form shows for a limit: its kind, and the blanks of its sentence."""
    around = {
        "kind": limit.kind.value,
        "off_day": limit.off_day.value,
        "strict": "before" if limit.strict else "until",
    }
    blanks = {name: getattr(limit, name.partition("_")[2] or name) for name in LINE_OF[limit.kind].blanks}
    return around | blanks
