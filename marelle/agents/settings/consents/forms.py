"""One line of the list of authorisations."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.agents.activities.forms.edit import refuse_changed, shown_before
from marelle.core.refusals import ChangedMeanwhile, Refusal
from marelle.families.care.consents import TypeData, type_held
from marelle.families.care.labels import care_refused_text
from marelle.families.models import ConsentType
from marelle.journal.edits import Shown
from marelle.places.models import Authority
from marelle.ui.forms import NumberField


class TypeForm(forms.Form):
    """`authorities` are those to choose from for a new line; none for one that exists, `row`."""

    authority = forms.TypedChoiceField(
        label=_("Collectivité"),
        coerce=int,
        error_messages={
            "required": _("Choisissez une collectivité."),
            "invalid_choice": _("Choisissez une collectivité de la liste."),
        },
    )
    label = forms.CharField(
        label=_("Autorisation"),
        help_text=_("Comme une phrase à laquelle on répond oui ou non."),
        max_length=ConsentType._meta.get_field("label").max_length,
        error_messages={"required": _("Écrivez ce que la famille autorise.")},
    )
    explanation = forms.CharField(
        label=_("Explication"),
        required=False,
        max_length=ConsentType._meta.get_field("explanation").max_length,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    needs_hour = forms.BooleanField(label=_("Avec une heure : « à partir de… »"), required=False)
    order = NumberField(label=_("Place dans la liste"), min_value=0, max_value=999, initial=0)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, authorities: Iterable[Authority] = (), row: ConsentType | None = None
    ) -> None:
        shown = type_held(row) if row is not None else {}
        super().__init__(data, initial={**shown, "seen": json.dumps(shown)})
        choices = [(authority.pk, authority.name) for authority in authorities]
        if choices:
            self.fields["authority"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["authority"]

    def line(self) -> TypeData:
        typed = {name: self.cleaned_data[name] for name in ("label", "explanation", "needs_hour", "order")}
        return TypeData(**{**typed, "label": " ".join(typed["label"].split())})

    def shown(self) -> Shown:
        return shown_before(self.cleaned_data["seen"])

    def refuse(self, refusal: Refusal) -> None:
        if isinstance(refusal, ChangedMeanwhile):
            refuse_changed(self, refusal)
            return
        field = {"label_taken": "label", "answered_already": "needs_hour"}.get(refusal.code)
        self.add_error(field, care_refused_text(refusal))
