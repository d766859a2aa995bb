"""Which absences: told when, excused or not, by a proof that came within which delay."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.activities.absences import Told
from marelle.agents.activities.prices.forms.common import IN_THE_LIST
from marelle.pricing.labels import TOLD
from marelle.pricing.tariffs import Missed

NOT: Final = "none"
ANY, YES, NO = "any", "yes", "no"
ALL: Final = -1
"""Of the delays of a proof, any."""
EXCUSED: Final = {
    NO: gettext_lazy("non justifiée"),
    YES: gettext_lazy("justifiée"),
    ANY: gettext_lazy("justifiée ou non"),
}
WITHINS: Final = 4
"""Delays of a proof that a rule of absences may have."""


class MissedForm(forms.Form):
    """One way of being away, under "missed" once it is clean; None where it is left out."""

    excused = forms.ChoiceField(label=gettext_lazy("Quelle absence"), error_messages=IN_THE_LIST)
    within = forms.TypedChoiceField(
        label=gettext_lazy("Justificatif reçu"),
        coerce=int,
        error_messages=IN_THE_LIST,
        help_text=gettext_lazy("Les délais sont ceux des règles d’absence, dans leur ordre."),
    )
    told = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Dite quand"),
        required=False,
        coerce=Told,
        choices=[(told.value, text) for told, text in TOLD.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages=IN_THE_LIST,
        help_text=gettext_lazy("Aucun de coché\u00a0: dite ou non, peu importe."),
    )

    def __init__(
        self, data: Any, *, prefix: str, missed: Missed | None, begins: str = NO, may_be_none: bool = False
    ) -> None:
        """`begins`: what a new one begins with."""
        shown: dict[str, Any] = {"excused": NOT if may_be_none else begins, "within": ALL, "told": []}
        if missed is not None:
            excused = {None: ANY, True: YES, False: NO}[missed.excused]
            told = [] if missed.told == frozenset(Told) else [one.value for one in Told if one in missed.told]
            shown = {
                "excused": excused,
                "within": ALL if missed.within is None else missed.within,
                "told": told,
            }
        super().__init__(data, prefix=prefix, initial=shown)
        first = [(NOT, _("aucune"))] if may_be_none else []
        self.fields["excused"].choices = [*first, *EXCUSED.items()]  # type: ignore[attr-defined]
        within = missed.within if missed and missed.within else 0
        self.fields["within"].choices = [  # type: ignore[attr-defined]
            (ALL, _("dans n’importe lequel des délais")),
            *((n, _within(n)) for n in range(max(WITHINS, within + 1))),
        ]

    @property
    def is_given(self) -> bool:
        """Whether it is no empty one."""
        return bool(self["excused"].value() != NOT)

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        found["missed"] = None
        if self.errors or found["excused"] == NOT:
            return found
        excused = {ANY: None, YES: True, NO: False}[found["excused"]]
        within = None if found["within"] == ALL else found["within"]
        if excused is None and within is not None:
            self.add_error("within", _("Ce délai ne sert que pour une absence justifiée, ou non justifiée."))
            return found
        told = frozenset(found["told"]) or frozenset(Told)
        found["missed"] = Missed(told, excused, within)
        return found


def _within(number: int) -> str:
    if number == 0:
        return _("dans le premier délai")
    return _("dans l’un des %(n)d premiers délais") % {"n": number + 1}
