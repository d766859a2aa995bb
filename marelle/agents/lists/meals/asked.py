"""Which week of which kitchen a page is asked for. Without a day: from Thursday on, the week that comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from marelle.agents.places.asked import Asked
from marelle.core.french import range_sentence
from marelle.flows.actor.middleware import MarelleRequest
from marelle.meals.selectors import kitchens, week_of
from marelle.places.models import Structure
from marelle.ui.components import Choice, Filter, Link, Toolbar

PAGE, FILE = "agents_meals:week", "agents_meals:file"
THURSDAY: Final = 3
WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class WeekAsked:
    """`structure` is None when no kitchen is in the agent's charge."""

    structure: Structure | None
    structures: tuple[Structure, ...]
    first: date
    last: date
    today: date

    @classmethod
    def of(cls, request: MarelleRequest) -> WeekAsked:
        """A kitchen out of reach: 404."""
        today = request.today
        asked = Asked.of(request.GET, today + WEEK if today.weekday() >= THURSDAY else today)
        reach = tuple(kitchens(request.actor))
        structure = next((one for one in reach if asked.structure_id in {None, one.pk}), None)
        if structure is None and asked.structure_id is not None:
            raise Http404
        return cls(structure, reach, *week_of(asked.day), today)

    @property
    def query(self) -> str:
        return self._at(self.first)

    def _at(self, day: date, **more: str) -> str:
        named = {"structure": str(self.structure.pk)} if self.structure else {}
        return "?" + urlencode({**named, "jour": day.isoformat(), **more})

    def filters(self) -> list[Filter]:
        choices = tuple(Choice(str(s.pk), s.name, s == self.structure) for s in self.structures)
        kept = (("jour", self.first.isoformat()),)
        return [Filter("structure", _("Structure"), choices, kept)] if len(choices) > 1 else []

    def toolbar(self) -> Toolbar:
        page, title = reverse(PAGE), range_sentence(self.first, self.last)
        return Toolbar(
            title=title[:1].upper() + title[1:],
            previous=Link(_("semaine précédente"), page + self._at(self.first - WEEK)),
            next=Link(_("semaine suivante"), page + self._at(self.first + WEEK)),
            today=Link(
                _("Cette semaine"), page + self._at(self.today), current=self.first <= self.today <= self.last
            ),
        )

    def files(self) -> list[Link]:
        labels = {"pdf": _("PDF pour la cuisine"), "xlsx": _("Classeur (XLSX)"), "csv": _("CSV")}
        return [
            Link(label, reverse(FILE) + self._at(self.first, format=ending))
            for ending, label in labels.items()
        ]
