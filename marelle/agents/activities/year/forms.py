"""The form of one copy, and that of the day when requests open."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.activities.models import Activity
from marelle.agents.activities.forms.fields import DayField, InstantField
from marelle.agents.activities.year import copy_words as words
from marelle.core.refusals import No
from marelle.flows.year.next_year import (
    ABSENCE,
    ACTIVITY,
    BOUND,
    CONDITION,
    KEPT,
    MUST,
    NEED,
    RULE,
    WAVE,
    Moved,
    Preview,
    Wanted,
)

OF_RULES = frozenset({RULE, WAVE, BOUND, CONDITION, KEPT, ABSENCE})


class CopyForm(forms.Form):
    """The name, then each date with that of this year beside it."""

    def __init__(self, data: Any, *, preview: Preview) -> None:
        super().__init__(data, prefix=f"a{preview.activity.pk}")
        self.preview = preview
        self.fields["name"] = forms.CharField(
            label=gettext_lazy("Nom"),
            max_length=Activity._meta.get_field("name").max_length,
            initial=preview.name,
            help_text=preview.activity.name,
            error_messages={"required": gettext_lazy("Donnez un nom.")},
        )
        for line in preview.dates:
            kind = InstantField if line.is_instant else DayField
            self.fields[line.key] = kind(
                label=words.label(line),
                help_text=words.before(line),
                initial=line.after,
                required=line.field in MUST and line.before is not None,
            )

    def clean(self) -> dict[str, Any]:
        lines = {(line.owner, line.id, line.field): line for line in self.preview.dates}
        for first in self.preview.dates:
            end = {"first_day": "last_day", "since": "until"}.get(first.field)
            last = lines.get((first.owner, first.id, end or ""))
            if last is not None and not self._in_order(first, last):
                self.add_error(last.key, _("La fin vient avant le début."))
        return self.cleaned_data

    def wanted(self) -> Wanted:
        given = dict(self.cleaned_data)
        return Wanted(self.preview.activity.pk, given.pop("name"), given)

    def refuse(self, refusal: No) -> None:
        """Put a "no" of the service into French; what was typed stays."""
        if refusal.code == "not_possible":
            for name, texts in refusal.data["errors"].items():
                key = f"{ACTIVITY}-{self.preview.activity.pk}-{name}"
                for text in texts:
                    self.add_error(key if key in self.fields else None, text)
        else:
            code = refusal.code
            field = f"{ACTIVITY}-{self.preview.activity.pk}-first_day" if code == "not_next_year" else None
            self.add_error(field, words.refusal_text(refusal))

    @property
    def own(self) -> list[forms.BoundField]:
        """The name and the dates of the activity itself."""
        return [self["name"], *(self[line.key] for line in self.preview.dates if line.owner == ACTIVITY)]

    @property
    def rules(self) -> list[forms.BoundField]:
        return [self[line.key] for line in self.preview.dates if line.owner in OF_RULES]

    @property
    def papers(self) -> list[forms.BoundField]:
        return [self[line.key] for line in self.preview.dates if line.owner == NEED]

    def _in_order(self, first: Moved, last: Moved) -> bool:
        begins: date | None = self.cleaned_data.get(first.key)
        ends: date | None = self.cleaned_data.get(last.key)
        return begins is None or ends is None or begins <= ends


class RequestsOpenForm(forms.Form):
    """From when families may ask for a place in the activities of the next year."""

    opens_at = InstantField(label=gettext_lazy("Ouvrir les demandes le"))
