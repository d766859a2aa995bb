"""Accepting in a group, refusing with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.activities.models import AgeGroup
from marelle.agents.desk.reasons import ReasonWidget
from marelle.enrolments.models import Enrolment


class AcceptForm(forms.Form):
    """Without groups in the activity there is nothing to choose."""

    group = forms.TypedChoiceField(
        label=_("Groupe"),
        coerce=int,
        widget=forms.Select(attrs={"data-places": ""}),
        error_messages={
            "required": _("Choisissez un groupe de l’activité."),
            "invalid_choice": _("Choisissez un groupe de l’activité."),
        },
    )

    def __init__(self, *args: Any, groups: Iterable[AgeGroup], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(group.pk, group.name) for group in groups]
        if choices:
            self.fields["group"].choices = [("", _("Choisir…")), *choices]  # type: ignore[attr-defined]
        else:
            del self.fields["group"]


class RefuseForm(forms.Form):
    reason = forms.CharField(
        label=_("Raison du refus"),
        help_text=_("La famille la lira dans son espace et dans le courriel."),
        max_length=Enrolment._meta.get_field("reason").max_length,
        error_messages={"required": _("Donnez une raison : la famille la lira.")},
        widget=ReasonWidget(),
    )
