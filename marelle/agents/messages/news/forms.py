"""A piece of news, and sending it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.activities.models import Activity, AgeGroup
from marelle.agents.activities.forms.edit import refuse_stale, said, shown_before
from marelle.core.refusals import ChangedMeanwhile, No
from marelle.journal.edits import Shown
from marelle.messaging.labels import refusal_text
from marelle.messaging.models import News
from marelle.messaging.publishing import Words, news_held
from marelle.messaging.rules import TEXT_LENGTH, TITLE_LENGTH
from marelle.places.models import Structure

FIELD_OF = {"over_already": "until", "not_yours": "audience", "audience_fixed": "audience"}


class NewsForm(forms.Form):
    """`audience` is "12" for all the families of structure 12, "12-34" for those of its activity 34,
    "12-34-5" for those of this activity's group 5."""

    audience = forms.ChoiceField(
        label=_("Pour qui"), error_messages={"invalid_choice": _("Choisissez dans la liste.")}
    )
    day = forms.DateField(
        label=_("Seulement les familles qui ont réservé le"),
        help_text=_("Laissez vide pour toutes celles qui sont inscrites."),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": _("Donnez une date, par exemple 02/12/2026.")},
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

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        structures: Iterable[Structure],
        activities: Iterable[Activity],
        groups: Iterable[AgeGroup],
        news: News | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = {str(row.pk): _audience(row.name) for row in structures}
        choices.update(_parts(activities, groups))
        if news is not None:
            # An activity that is over, a group that stayed alone: a correction must not widen whom it is for.
            key, name = _kept(news)
            choices.setdefault(key, name)
            self.initial = {
                "audience": key,
                "day": news.day,
                "title": news.title,
                "text": news.text,
                "until": news.until,
                "seen": json.dumps(news_held(news)),
            }
        self.fields["audience"].choices = list(choices.items())  # type: ignore[attr-defined]

    def words(self) -> Words:
        structure_id, *parts = map(int, self.cleaned_data["audience"].split("-"))
        activity_id, group_id = [*parts, None, None][:2]
        return Words(
            structure_id=structure_id,
            activity_id=activity_id,
            group_id=group_id,
            day=self.cleaned_data["day"],
            title=self.cleaned_data["title"],
            text=self.cleaned_data["text"],
            until=self.cleaned_data["until"],
        )

    def shown(self) -> Shown:
        return shown_before(self.cleaned_data["seen"])

    def refuse(self, refusal: No) -> None:
        """Show what a service refused by the field that it is about."""
        if isinstance(refusal, ChangedMeanwhile):
            self._refuse_stale(refusal)
            return
        self.add_error(refusal.data.get("field") or FIELD_OF.get(refusal.code), refusal_text(refusal))

    def _refuse_stale(self, refusal: ChangedMeanwhile) -> None:
        held = refusal.data["held"]
        where = ("structure", "activity", "group")
        now_held = {**held, "audience": "-".join(str(held[name]) for name in where if held[name] is not None)}
        names = dict.fromkeys("audience" if name in where else name for name in refusal.data["names"])
        told = [f"{self.fields[name].label} : {said(self.fields[name], now_held[name])}" for name in names]
        refuse_stale(self, refusal, told, seen=json.dumps(held))


class SendForm(forms.Form):
    """`homes` is how many families the agent was shown; `by_mail` is the button that it pressed."""

    homes = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    by_mail = forms.BooleanField(required=False)
    urgent = forms.BooleanField(
        label=_("Urgent : écrire aussi aux familles qui ne veulent pas des courriels d’actualités"),
        required=False,
    )


def _parts(activities: Iterable[Activity], groups: Iterable[AgeGroup]) -> Iterator[tuple[str, str]]:
    """Each activity, then its groups where there are several."""
    by_activity: dict[int, list[AgeGroup]] = defaultdict(list)
    for group in groups:
        by_activity[group.activity_id].append(group)
    for row in activities:
        key, name = f"{row.structure_id}-{row.pk}", f"{row.structure.name} · {row.name}"
        yield key, name
        if len(by_activity[row.pk]) > 1:
            yield from ((f"{key}-{group.pk}", f"{name} · {group.name}") for group in by_activity[row.pk])


def _kept(news: News) -> tuple[str, str]:
    """Whom a piece of news is for already."""
    parts = [part for part in (news.structure, news.activity, news.group) if part is not None]
    name = " · ".join(part.name for part in parts) if len(parts) > 1 else _audience(news.structure.name)
    return "-".join(str(part.pk) for part in parts), name


def _audience(name: str) -> str:
    return str(_("{structure} : toutes les familles")).format(structure=name)
