"""A piece of news."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.activities.models import Activity
from marelle.core.refusals import Refusal
from marelle.messaging.labels import refusal_text
from marelle.messaging.models import News
from marelle.messaging.publishing import Words
from marelle.messaging.rules import TEXT_LENGTH, TITLE_LENGTH
from marelle.places.models import Structure

FIELD_OF = {"over_already": "until", "not_yours": "audience"}


class NewsForm(forms.Form):
    """`audience` is "12" for all the families of structure 12, "12-34" for those of its activity 34."""

    audience = forms.ChoiceField(
        label=_("Pour qui"), error_messages={"invalid_choice": _("Choisissez dans la liste.")}
    )
    title = forms.CharField(label=_("Titre"), max_length=TITLE_LENGTH)
    text = forms.CharField(label=_("Texte"), max_length=TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 6}))
    until = forms.DateField(
        label=_("Montrer jusqu’au"),
        help_text=_("Ce jour compris. Sans date, elle reste jusqu’à ce que vous la retiriez."),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": _("Donnez une date, par exemple 02/12/2026.")},
    )

    def __init__(
        self,
        *args: Any,
        structures: Iterable[Structure],
        activities: Iterable[Activity],
        news: News | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["audience"].choices = [  # type: ignore[attr-defined]
            *((str(row.pk), _audience(row.name)) for row in structures),
            *((f"{row.structure_id}-{row.pk}", f"{row.structure.name} · {row.name}") for row in activities),
        ]
        if news is not None:
            audience = (
                f"{news.structure_id}-{news.activity_id}" if news.activity_id else str(news.structure_id)
            )
            self.initial = {
                "audience": audience,
                "title": news.title,
                "text": news.text,
                "until": news.until,
            }

    def words(self) -> Words:
        structure_id, _dash, activity_id = self.cleaned_data["audience"].partition("-")
        return Words(
            structure_id=int(structure_id),
            activity_id=int(activity_id) if activity_id else None,
            title=self.cleaned_data["title"],
            text=self.cleaned_data["text"],
            until=self.cleaned_data["until"],
        )

    def refuse(self, refusal: Refusal) -> None:
        """Show what a service refused by the field that it is about."""
        self.add_error(refusal.data.get("field") or FIELD_OF.get(refusal.code), refusal_text(refusal))


def _audience(name: str) -> str:
    return str(_("{structure} : toutes les familles")).format(structure=name)
