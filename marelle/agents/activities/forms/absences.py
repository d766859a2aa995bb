"""An absence rule: until when it is told in time, until when a proof counts, what stays due."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.activities.absence_labels import ORIGINS, WITHIN
from marelle.activities.absences import (
    LONGEST_WAITING,
    MOST_UNANNOUNCED,
    AbsenceRule,
    Delay,
    Origin,
    Unit,
    Within,
)
from marelle.activities.rules import LONGEST_DELAY_IN_DAYS, LimitKind
from marelle.agents.activities.forms.edit import refuse_stale, show_anew
from marelle.agents.activities.forms.fields import DayField, WeekdaysField
from marelle.agents.activities.forms.limits import ALWAYS, LINE_OF, LimitForm, Line
from marelle.core.refusals import Refusal
from marelle.ui.forms import NumberField

MOST_DELAYS = 4
"""Of one rule: before, within some days, later, and one to spare."""

UNITS = {
    Unit.HOURS: gettext_lazy("heures"),
    Unit.CALENDAR: gettext_lazy("jours"),
    Unit.WORKING: gettext_lazy("jours ouvrés"),
    Unit.OPENED: gettext_lazy("jours d’ouverture"),
}


class ToldForm(LimitForm):
    """Until when an absence is told in time; None under "limit": until the start."""

    sentences = (
        Line(None, (gettext_lazy("jusqu’au début"),), ()),
        Line(
            LimitKind.DAYS_BEFORE,
            (gettext_lazy("jusqu’à"), "days_n", "days_counting", gettext_lazy("avant, à"), "days_time"),
            ("days_n", "days_counting", "days_time"),
        ),
        LINE_OF[LimitKind.HOURS_BEFORE],
    )

    def __init__(self, data: Any, *, rule: AbsenceRule | None) -> None:
        told = rule.told if rule and rule.told and rule.told.kind is not LimitKind.START else None
        super().__init__(data, prefix="told", legend=gettext_lazy("Dite à temps"), limit=told)
        del self.fields["off_day"]
        if told is None:
            self.initial["kind"] = ALWAYS


class DelayForm(forms.Form):
    """A delay for a proof, under "delay" once it is clean; None where its number is left empty."""

    n = NumberField(min_value=0, max_value=LONGEST_DELAY_IN_DAYS * 24, required=False)
    unit = forms.ChoiceField(choices=[(unit.value, label) for unit, label in UNITS.items()], required=False)
    origin = forms.ChoiceField(
        choices=[(origin.value, label) for origin, label in ORIGINS.items()], required=False
    )

    def __init__(self, data: Any, *, number: int, delay: Delay | None) -> None:
        shown = {"n": delay.n, "unit": delay.unit.value, "origin": delay.origin.value} if delay else {}
        super().__init__(data, prefix=f"delay-{number}", initial=shown)
        self.legend = _("Justificatif, délai %d") % (number + 1)
        labels = {"n": _("combien"), "unit": _("de quoi"), "origin": _("à compter de")}
        for name, label in labels.items():
            self.fields[name].widget.attrs["aria-label"] = f"{self.legend}\u00a0: {label}"

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        given["delay"] = None
        if given.get("n") is None or self.errors:
            return given
        delay = Delay(given["n"], Unit(given["unit"] or Unit.HOURS), Origin(given["origin"] or Origin.START))
        if not delay.is_possible:
            self.add_error("n", _("Donnez un nombre plus petit\u00a0: un an au plus."))
        given["delay"] = delay
        return given

    def faults(self) -> list[str]:
        """What is wrong, each said once."""
        return list(dict.fromkeys(str(text) for texts in self.errors.values() for text in texts))


class AbsenceRuleForm(forms.Form):
    """What goes around the limit to tell and the delays of a proof."""

    since = DayField(
        label=gettext_lazy("Pour les jours à partir du"),
        help_text=gettext_lazy("Les absences des jours d’avant gardent leur règle."),
    )
    until = DayField(
        label=gettext_lazy("Jusqu’au"),
        required=False,
        help_text=gettext_lazy("Vide\u00a0: jusqu’à un autre changement."),
    )
    weekdays = WeekdaysField(
        label=gettext_lazy("Seulement pour ces jours de la semaine"),
        required=False,
        help_text=gettext_lazy(
            "Aucun de coché\u00a0: tous. Une règle qui a une fin passe avant celle de certains jours, "
            "qui passe avant celle de tous."
        ),
    )
    waiting_days = NumberField(
        label=gettext_lazy("Jours de carence"),
        help_text=gettext_lazy(
            "Tant de premiers jours de l’absence restent dus, même justifiés. "
            "0\u00a0: aucun\u00a0; 3\u00a0: le premier et les deux suivants."
        ),
        min_value=0,
        max_value=LONGEST_WAITING,
    )
    waiting_opened = forms.TypedChoiceField(
        label=gettext_lazy("La carence compte"),
        choices=[
            ("", gettext_lazy("tous les jours du calendrier")),
            ("1", gettext_lazy("les jours d’ouverture")),
        ],
        coerce=bool,
        required=False,
    )
    unannounced = NumberField(
        label=gettext_lazy("Demander à un agent que faire après tant d’absences sans prévenir"),
        help_text=gettext_lazy("Vide\u00a0: jamais."),
        min_value=1,
        max_value=MOST_UNANNOUNCED,
        required=False,
    )
    within = forms.ChoiceField(
        label=gettext_lazy("Comptées dans"), choices=[(key.value, label) for key, label in WITHIN.items()]
    )
    suspends = forms.BooleanField(
        label=gettext_lazy("L’agent peut alors suspendre les réservations de l’enfant"),
        help_text=gettext_lazy("Jamais pour la cantine d’une école."),
        required=False,
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    read = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any,
        *,
        rule: AbsenceRule | None,
        since: date,
        version: str,
        told: Sequence[str] = (),
        weekdays: Collection[int] = (),
    ) -> None:
        """`told` is what is in force, in sentences: the form carries them, to say which have changed."""
        self.told_now = told
        shown: dict[str, Any] = {"since": since, "seen": version, "weekdays": sorted(weekdays)}
        shown |= {"read": "\n".join(told), "waiting_days": 0, "within": Within.MONTH.value}
        if rule is not None:
            names = ("until", "waiting_days", "within", "unannounced", "suspends")
            shown |= {name: getattr(rule, name) for name in names}
            shown["waiting_opened"] = "1" if rule.waiting_opened else ""
        super().__init__(data, initial=shown)
        self.told = ToldForm(data, rule=rule)
        held = dict(enumerate(rule.proofs)) if rule else {}
        self.delays = [
            DelayForm(data, number=number, delay=held.get(number)) for number in range(MOST_DELAYS)
        ]

    def is_valid(self) -> bool:
        """All of them, each with its errors."""
        return all([super().is_valid(), *(part.is_valid() for part in (self.told, *self.delays))])

    def rule(self) -> AbsenceRule:
        given = self.cleaned_data
        delays = (form.cleaned_data["delay"] for form in self.delays)
        return AbsenceRule(
            since=given["since"],
            until=given["until"],
            told=self.told.cleaned_data["limit"],
            proofs=tuple(filter(None, delays)),
            waiting_days=given["waiting_days"],
            waiting_opened=bool(given["waiting_opened"]),
            unannounced=given["unannounced"],
            within=Within(given["within"]),
            suspends=given["suspends"],
            weekdays=frozenset(given["weekdays"]),
        )

    def stale(self, refusal: Refusal) -> None:
        """Another wrote meanwhile: the sentences in force that the page sent back did not show are said."""
        read = self.cleaned_data["read"].splitlines()
        anew = [line.rstrip(".") for line in self.told_now if line not in read]
        refuse_stale(self, refusal, anew, seen=refusal.data["held"]["version"])
        show_anew(self, "read", "\n".join(self.told_now))
