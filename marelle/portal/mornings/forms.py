"""Who comes to a morning: one adult, and the children of the home."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.families.selectors import Child
from marelle.relay.models import NAME_LENGTH


class VisitForm(forms.Form):
    adult_name = forms.CharField(label=_("L’adulte qui vient"), max_length=NAME_LENGTH)
    children = forms.MultipleChoiceField(
        label=_("Les enfants qui viennent"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Une place pour chacun."),
        error_messages={
            "required": _("Choisissez au moins un enfant."),
            "invalid_choice": _("Choisissez parmi les enfants de votre foyer."),
        },
    )

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, children: Iterable[Child], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["children"]
        assert isinstance(field, forms.MultipleChoiceField)  # for the type checker  # noqa: S101  # nosec B101
        field.choices = [(str(child.id), child.first_name) for child in children]

    def show_again(self, mark: str) -> None:
        """After a refusal of what is stale: the next sending says that what is there now was seen."""
        data: Any = self.data
        self.data = data.copy()
        self.data["seen"] = mark  # type: ignore[index]
