"""A wave as sentences: to whom bookings open, and from when."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.activities.audiences import Audience, AudienceKind
from marelle.activities.labels import AUDIENCES, wave_label
from marelle.activities.rules import Judged, LimitKind, Wave
from marelle.agents.activities.forms.fields import RowsField
from marelle.agents.activities.forms.limits import ALWAYS, LINE_OF, LimitForm, Line, blanks_of
from marelle.places.models import Commune, School

OPENINGS = (
    Line(LimitKind.FIXED, (gettext_lazy("le"), "at"), ("at",)),
    *(
        replace(line, parts=(words, *line.parts[1:]))
        for line, words in (
            (LINE_OF[LimitKind.WEEK_BEFORE], gettext_lazy("à partir du")),
            (LINE_OF[LimitKind.DAYS_BEFORE], gettext_lazy("à partir de")),
            (LINE_OF[LimitKind.MONTH_BEFORE], gettext_lazy("à partir du")),
        )
    ),
    Line(None, (gettext_lazy("depuis toujours"),), ()),
)
"""An instant, or so long before each opening."""

OPENING_HOUR = time(8)
"""What an hour to be filled in begins with: a day that ends at 23 h 59 is no hour to open at."""

NAMED = {AudienceKind.COMMUNES: "communes", AudienceKind.SCHOOLS: "schools"}
"""The field that names those meant."""

JUDGED = {
    Judged.ON_THE_DAY: gettext_lazy("le jour réservé"),
    Judged.AT_THE_WAVE: gettext_lazy("le jour où cela ouvre"),
}


class WaveForm(LimitForm):
    """One wave, under "wave" once it is clean; no audience chosen, there is none."""

    sentences = OPENINGS

    audience = forms.ChoiceField(
        label=gettext_lazy("Ouvre pour"),
        choices=[
            ("", gettext_lazy("personne (vague vide)")),
            *((kind.value, label) for kind, label in AUDIENCES.items()),
        ],
        required=False,
    )
    communes = RowsField(Commune.objects.all(), label=gettext_lazy("Ces communes"), required=False)
    schools = RowsField(School.objects.all(), label=gettext_lazy("Ces écoles"), required=False)
    judged = forms.ChoiceField(
        label=gettext_lazy("C’est vrai de la famille"),
        choices=[(key.value, label) for key, label in JUDGED.items()],
        required=False,
    )

    def __init__(self, data: Any, *, number: int, wave: Wave | None, is_asked: bool = False) -> None:
        self.is_asked = is_asked
        limit = wave.opens if wave else None
        super().__init__(data, prefix=f"wave-{number}", legend=_("Vague %d") % (number + 1), limit=limit)
        self.heading = _("À partir de quand")
        self.summary = f"{self.legend} · {wave_label(wave)}" if wave else str(self.legend)
        del self.fields["strict"]
        self.initial.setdefault("kind", LimitKind.FIXED.value)
        for name in ("week_time", "days_time", "month_time"):
            if limit is None or name not in blanks_of(limit):
                self.initial[name] = OPENING_HOUR
        if wave is not None:
            self.initial["audience"], self.initial["judged"] = wave.audience.kind.value, wave.judged.value
            if wave.audience.kind in NAMED:
                self.initial[NAMED[wave.audience.kind]] = wave.audience.ids
            if wave.opens is None:
                self.initial["kind"] = ALWAYS

    @property
    def is_told(self) -> bool:
        return bool(self["audience"].value())

    def clean(self) -> dict[str, Any]:
        if not self.cleaned_data.get("audience") and "audience" not in self.errors:
            self.errors.clear()
            return self.cleaned_data
        given = super().clean()
        kind = AudienceKind(given["audience"]) if "audience" in given else None
        named = NAMED.get(kind) if kind else None
        if named and named not in self.errors and not given[named]:
            self.add_error(named, _("Cochez-en au moins une."))
        if kind and not self.errors:
            ids = frozenset(row.pk for row in given[named]) if named else frozenset()
            judged = Judged(given["judged"] or Judged.ON_THE_DAY)
            given["wave"] = Wave(given["limit"], Audience(kind, ids), judged)
        return given
