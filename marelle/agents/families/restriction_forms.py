"""What an agent writes of a judge's restriction, and its last day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from marelle.agents.families.record_forms import date_field
from marelle.families.models import Person
from marelle.families.models.care import REASON_LENGTH
from marelle.families.refusals import RestrictionRefused
from marelle.families.restrictions import Judgment
from marelle.files.fields import upload_options
from marelle.ui.forms import MultipleFileField

REFUSED: Final = {
    "dates": ("until", _("La fin vient avant le début.")),
    "last_day": ("last_day", _("Donnez un jour entre aujourd’hui et la fin prévue.")),
    "already": ("adults", _("%(name)s est déjà à l’écart de l’enfant pendant ces jours.")),
    "one_file": (
        "adults",
        _(
            "%(name)s partage son dossier avec %(other)s, qui voit l’enfant\u00a0: cochez les deux, ou "
            "séparez d’abord le foyer."
        ),
    ),
    "same": (None, _("Vous l’avez écrit\u00a0: une autre personne doit le dire.")),
    "answered": (None, _("Un collègue a répondu entre-temps.")),
    "unconfirmed": (None, _("Elle attend d’abord d’être confirmée ou refusée.")),
    "end_waits": (None, _("Un dernier jour est déjà proposé\u00a0: répondez-y d’abord.")),
    "over": (None, _("Cette restriction n’est plus en vigueur.")),
}
"""By the code of a refusal, the field that it is about and what is said there."""


class _Refusable(forms.Form):
    def refuse(self, refusal: RestrictionRefused) -> None:
        name, told = REFUSED[refusal.code]
        self.add_error(name if name in self.fields else None, str(told) % refusal.data)


class RestrictionForm(_Refusable):
    adults = forms.TypedMultipleChoiceField(
        label=_("Qui est tenu à l’écart"),
        help_text=_("Tout son foyer ne verra plus rien de l’enfant."),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Qui est tenu à l’écart de l’enfant\u00a0?")},
    )
    since = date_field(_("Depuis le"))
    until = date_field(
        _("Jusqu’au"), required=False, help_text=_("Vide\u00a0: tant que deux agents n’y mettent pas fin.")
    )
    reason = forms.CharField(
        label=_("Jugement"),
        help_text=_("Le tribunal et la date. Rien de plus."),
        max_length=REASON_LENGTH,
        error_messages={"required": _("Donnez le tribunal et la date du jugement.")},
    )
    proof = MultipleFileField(label=_("Copie du jugement"), required=False, **upload_options(max_files=1))

    def __init__(self, data: Any, files: Any, *, adults: Sequence[Person], today: date) -> None:
        super().__init__(data, files, initial={"since": today})
        self.fields["adults"].choices = [(one.pk, str(one)) for one in adults]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _now("La fin vient avant le début."))
        return cleaned

    def judgment(self) -> Judgment:
        said = self.cleaned_data
        proof = said["proof"][0] if said["proof"] else None
        return Judgment(said["since"], said["until"], said["reason"], proof)


class LastDayForm(_Refusable):
    last_day = date_field(
        _("Dernier jour"), help_text=_("Le lendemain, son foyer verra de nouveau l’enfant.")
    )


class AnswerForm(_Refusable):
    """Without a field: a button says it."""
