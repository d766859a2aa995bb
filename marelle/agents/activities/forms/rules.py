"""A booking rule: its two limits, its waves, and what goes around them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from marelle.activities.labels import after_label
from marelle.activities.models import Slot
from marelle.activities.rules import After, Rule
from marelle.agents.activities.forms.edit import refuse_stale, show_anew
from marelle.agents.activities.forms.fields import DayField, WeekdaysField
from marelle.agents.activities.forms.limits import LimitForm
from marelle.agents.activities.forms.waves import WaveForm
from marelle.core.refusals import Refusal

MOST_WAVES = 12
"""Of one rule: more is no page that somebody reads."""


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
    weekdays = WeekdaysField(
        label=gettext_lazy("Seulement pour ces jours de la semaine"),
        required=False,
        help_text=gettext_lazy(
            "Aucun de coché\u00a0: tous. Un délai qui a une fin passe avant celui de certains jours, "
            "qui passe avant celui de tous."
        ),
    )
    after = forms.ChoiceField(
        label=gettext_lazy("Passé le délai pour réserver"),
        choices=[(after.value, after.value) for after in After],
        widget=forms.RadioSelect,
    )
    waves_shown = forms.IntegerField(
        min_value=0, max_value=MOST_WAVES, required=False, widget=forms.HiddenInput
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
        one_more: bool = False,
    ) -> None:
        """`told` is what is in force, in sentences: the form carries them, to say which have changed.
        `weekdays` are those that the page was asked for; `one_more`: a wave to fill is asked for."""
        self.told = told
        shown: dict[str, Any] = {"since": since, "after": After.REFUSE.value, "seen": version}
        shown["weekdays"] = sorted(weekdays)
        shown["read"] = "\n".join(told)
        if rule is not None:
            names = ("until", "after")
            shown |= {name: getattr(rule, name) for name in names}
        super().__init__(data, initial=shown)
        self.fields["after"].choices = [(after.value, after_label(after)) for after in After]  # type: ignore[attr-defined]
        self.waves = _waves(data, rule, one_more=one_more)
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
        """All of them, each with its errors."""
        parts = (self.book, self.cancel, *self.waves)
        return all([super().is_valid(), *(part.is_valid() for part in parts)])

    def rule(self) -> Rule:
        given = self.cleaned_data
        return Rule(
            since=given["since"],
            until=given["until"],
            book=self.book.cleaned_data["limit"],
            cancel=self.cancel.cleaned_data["limit"],
            waves=tuple(form.cleaned_data["wave"] for form in self.waves if form.is_told),
            after=After(given["after"]),
            weekdays=frozenset(given["weekdays"]),
        )

    def stale(self, refusal: Refusal) -> None:
        """Another wrote meanwhile: the sentences in force that the page sent back did not show are said."""
        read = self.cleaned_data["read"].splitlines()
        anew = [line.rstrip(".") for line in self.told if line not in read]
        refuse_stale(self, refusal, anew, seen=refusal.data["held"]["version"])
        show_anew(self, "read", "\n".join(self.told))


def _waves(data: Any, rule: Rule | None, *, one_more: bool) -> list[WaveForm]:
    """Those of the rule, or as many as the page has sent, and one more to fill."""
    held = rule.waves if rule else ()
    if data is None:
        shown = [WaveForm(None, number=number, wave=wave) for number, wave in enumerate(held)]
        return [*shown, WaveForm(None, number=len(held), wave=None)]
    sent = str(data.get("waves_shown", ""))
    count = min(int(sent), MOST_WAVES) if sent.isascii() and sent.isdecimal() else 0
    kept = dict(enumerate(held))
    found = [WaveForm(data, number=number, wave=kept.get(number)) for number in range(count)]
    if one_more and count < MOST_WAVES:
        found.append(WaveForm(None, number=count, wave=None, is_asked=True))
    return found


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


def _name(slot: Slot) -> str:
    return slot.name
