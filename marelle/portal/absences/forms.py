"""Why, and the proof; for a span, which days."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.bookings.absence_rules import Fate
from marelle.bookings.labels import ABSENCE_REASONS
from marelle.bookings.states import AbsenceReason
from marelle.families.selectors import Child
from marelle.files.fields import upload_options
from marelle.files.services import CheckedFile
from marelle.ui.forms import MultipleFileField

_SHOWN = re.compile(r"([1-9][0-9]{0,17})\.([a-z]{1,10})")
_STAMP = "%Y%m%d%H%M%S%f"

LONGEST = 31
"""Days of a span: a longer illness is a conversation, not a form."""


def proof_field(*, required: bool) -> MultipleFileField:
    return MultipleFileField(label=_("Justificatif"), required=required, **upload_options(max_files=1))


def fates_shown(texts: Iterable[str]) -> dict[int, Fate]:
    """What the page said of each booking, by its key; what cannot be read said nothing."""
    read = filter(None, map(_SHOWN.fullmatch, texts))
    return {int(found[1]): Fate(found[2]) for found in read if found[2] in set(Fate)}


def stamp(at: datetime) -> str:
    """An instant as addresses name it, to the microsecond."""
    return f"{at.astimezone(UTC):{_STAMP}}"


def read_stamp(text: str) -> datetime | None:
    """The instant that an address names; None for anything else."""
    if not re.fullmatch(r"20[0-9]{18}", text):
        return None
    try:
        return datetime.strptime(text, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


class ProofForm(forms.Form):
    proof = proof_field(required=True)

    def proof_sent(self) -> CheckedFile:
        sent: CheckedFile = self.cleaned_data["proof"][0]
        return sent


class AbsenceForm(forms.Form):
    """Both may stay empty. Without `takes_proof` there is no file to choose."""

    reason = forms.ChoiceField(
        label=_("Raison"),
        required=False,
        choices=[("", _("Je préfère ne pas préciser")), *ABSENCE_REASONS.items()],
        help_text=_("Inutile d’en dire plus : aucun détail médical n’est demandé."),
        error_messages={"invalid_choice": _("Choisissez une raison dans la liste.")},
    )
    proof = proof_field(required=False)

    def __init__(self, *args: Any, takes_proof: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not takes_proof:
            del self.fields["proof"]

    def chosen_reason(self) -> AbsenceReason | None:
        reason = self.cleaned_data["reason"]
        return AbsenceReason(reason) if reason else None

    def proof_sent(self) -> CheckedFile | None:
        return next(iter(self.cleaned_data.get("proof", ())), None)


class SpanForm(forms.Form):
    """Whose days to show, read from the address."""

    enfant = forms.TypedChoiceField(
        label=_("Enfant"),
        coerce=int,
        error_messages={"invalid_choice": _("Choisissez un enfant dans la liste.")},
    )
    du = forms.DateField(
        label=_("Du"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Donnez une date."),
            "invalid": _("Donnez une date, comme 02/12/2026."),
        },
    )
    au = forms.DateField(
        label=_("Au"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Donnez une date."),
            "invalid": _("Donnez une date, comme 02/12/2026."),
        },
    )

    def __init__(self, *args: Any, children: Iterable[Child], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(child.id, child.first_name) for child in children if child.may_book]
        self.fields["enfant"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("du"), data.get("au")
        if isinstance(first, date) and isinstance(last, date):
            if last < first:
                self.add_error("au", _("La fin vient avant le début : corrigez l’une des deux dates."))
            elif last - first >= timedelta(days=LONGEST):
                self.add_error("au", _("31 jours au plus : au-delà, contactez la structure."))
        return data
