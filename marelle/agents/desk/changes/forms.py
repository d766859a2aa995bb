"""An answer to one change: accept, refuse with a reason, or leave it for later."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marelle.agents.desk.reasons import ReasonWidget
from marelle.families.fields import BY_CODE
from marelle.families.file.decisions import Decision, ToDecide
from marelle.families.file.values import DATED
from marelle.families.models import ChangeRequest
from marelle.families.models.file import REASON_LENGTH

ACCEPT, REFUSE, LATER = "accept", "refuse", "later"
ANSWERS = ((ACCEPT, _("Accepter")), (REFUSE, _("Refuser")), (LATER, _("Plus tard")))


ACCEPT_ALL = "accept_all"


class DecisionForm(forms.Form):
    """`current` carries the value that the agent read as held."""

    answer = forms.ChoiceField(
        label=_("Votre réponse"),
        choices=ANSWERS,
        initial=LATER,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choisissez « Accepter », « Refuser » ou « Plus tard »."),
            "invalid_choice": _("Choisissez « Accepter », « Refuser » ou « Plus tard »."),
        },
    )
    since = forms.DateField(
        label=_("Date qui compte"),
        required=False,
        error_messages={"invalid": _("Donnez une date qui existe, par exemple 04/03/2027.")},
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    same_as = forms.TypedChoiceField(
        label=_("Cette personne est-elle déjà connue ?"), required=False, coerce=int, empty_value=None
    )
    reason = forms.CharField(
        label=_("Raison, si vous refusez"),
        help_text=_("La famille la lira dans son espace et dans le courriel."),
        max_length=REASON_LENGTH,
        required=False,
        widget=ReasonWidget(),
    )
    current = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Mapping[str, Any] | None, *, subject: ToDecide) -> None:
        """What was typed; with the button `ACCEPT_ALL`, « Accepter » for each that the page had shown."""
        self.subject = subject
        change = subject.change
        if data is not None and ACCEPT_ALL in data and f"{change.pk}-current" in data:
            data = {**dict(data.items()), f"{change.pk}-answer": ACCEPT}
        super().__init__(
            data,
            prefix=str(change.pk),
            initial={"since": _day_that_counts(subject), "current": json.dumps(subject.now_held)},
        )
        if _day_that_counts(subject) is None:
            del self.fields["since"]
        if subject.twins:
            choices = [("", gettext("Non, c’est une nouvelle personne"))]
            told = gettext("Oui : {person}, foyer {family}")
            choices += [
                (str(twin.person.pk), told.format(person=twin.person, family=twin.family))
                for twin in subject.twins
            ]
            self.fields["same_as"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["same_as"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("answer") == REFUSE and not cleaned.get("reason", "").strip():
            self.add_error("reason", _("Donnez une raison : la famille la lira."))
        return cleaned

    def decision(self) -> Decision | None:
        """The answer given, None when it is left for later."""
        answer = self.cleaned_data["answer"]
        if answer not in (ACCEPT, REFUSE):
            return None
        return Decision(
            change_id=self.subject.change.pk,
            accept=answer == ACCEPT,
            reason=self.cleaned_data["reason"],
            current=_read(self.cleaned_data["current"]),
            since=self.cleaned_data.get("since"),
            same_as=self.cleaned_data.get("same_as"),
        )


def _day_that_counts(subject: ToDecide) -> date | None:
    change = subject.change
    if change.kind == ChangeRequest.Kind.REMOVE:
        return date.fromisoformat(change.new["leaving"])
    if change.kind == ChangeRequest.Kind.CAF:
        return subject.answer.since if subject.answer else None
    if change.kind == ChangeRequest.Kind.FIELD and BY_CODE[change.field].kind in DATED:
        since = subject.proposed.get("since", "")
        return date.fromisoformat(since) if since else None
    return None


def _read(text: str) -> dict[str, str] | None:
    """The value that the page said was held; nonsense is no value at all, and then nothing is accepted."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {"": text}
    return {str(part): str(value) for part, value in found.items()} if isinstance(found, dict) else {"": text}
