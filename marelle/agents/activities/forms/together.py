"""Several children to another group: from which to which and when, in the words of the address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.activities.models import Activity
from marelle.agents.activities.forms.fields import DayField
from marelle.agents.families.enrolments.group_words import REFUSALS
from marelle.flows.catalogue.moving import is_past

NO_GROUP = 0
CHOOSE = gettext_lazy("Choisissez dans la liste.")


class TogetherForm(forms.Form):
    """Sent by GET: it only shows who is there."""

    depuis = forms.TypedChoiceField(
        label=gettext_lazy("Du groupe"),
        coerce=int,
        error_messages={"invalid_choice": CHOOSE, "required": CHOOSE},
    )
    vers = forms.TypedChoiceField(
        label=gettext_lazy("Vers le groupe"),
        coerce=int,
        error_messages={"invalid_choice": CHOOSE, "required": CHOOSE},
    )
    jour = DayField(label=gettext_lazy("À partir du"))

    def __init__(self, data: Mapping[str, Any] | None, *, activity: Activity, day: date) -> None:
        super().__init__(data)
        self.day = day
        groups = [
            (pk, name)
            for pk, name in activity.groups.order_by("min_age_months", "pk").values_list("pk", "name")
        ]
        self.fields["depuis"].choices = [*groups, (NO_GROUP, _("enfants sans groupe"))]  # type: ignore[attr-defined]
        self.fields["vers"].choices = groups  # type: ignore[attr-defined]
        if len(groups) > 1:
            self.fields["vers"].initial = groups[1][0]

    def clean_jour(self) -> date:
        since: date = self.cleaned_data["jour"]
        if is_past(since, self.day):
            raise forms.ValidationError(str(REFUSALS["past_day"]))
        return since

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("depuis") is not None and given.get("depuis") == given.get("vers"):
            self.add_error("vers", _("Choisissez un autre groupe que celui de départ."))
        return given

    @property
    def group_id(self) -> int | None:
        """The group left, None for the children who have none."""
        left: int = self.cleaned_data["depuis"]
        return left or None
