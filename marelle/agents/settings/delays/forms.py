"""One number of months for each delay, with what it means and where its bounds come from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from marelle.agents.activities.forms.edit import refuse_stale
from marelle.agents.settings.setting import SettingForm
from marelle.core.refusals import ChangedMeanwhile
from marelle.places.delays import DELAYS
from marelle.ui.forms import NumberField


class DelaysForm(SettingForm):
    """A delay left alone is not written."""

    def __init__(
        self, data: Mapping[str, Any] | None, *, months: Mapping[str, int], last: Mapping[str, str]
    ) -> None:
        """`last`: what each delay did last, as a sentence."""
        super().__init__(data, initial={"seen": json.dumps(months)})
        for code, kind in DELAYS.items():
            bounds = _("De %(least)d à %(most)d mois.") % {"least": kind.least, "most": kind.most}
            self.fields[code] = NumberField(
                label=str(kind.label),
                initial=months[code],
                min_value=kind.least,
                max_value=kind.most,
                help_text=f"{kind.meaning} {bounds} {kind.source} {last.get(code, '')}".strip(),
            )

    def months(self) -> dict[str, int]:
        """What the agent changed of what it was shown."""
        seen = self.shown()
        return {code: self.cleaned_data[code] for code in DELAYS if self.cleaned_data[code] != seen.get(code)}

    def refuse_stale(self, refusal: ChangedMeanwhile) -> None:
        held = refusal.data["held"]
        told = [f"{DELAYS[code].label} : {held[code]}" for code in refusal.data["names"]]
        refuse_stale(self, refusal, told, seen=json.dumps({**self.shown(), **held}))
