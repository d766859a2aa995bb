"""Which list a page is asked for: the address says it all. Without a day, tomorrow's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from marelle.agents.places.asked import Asked, Chosen, chosen
from marelle.core.french import day_long_year
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.door.list_words import KINDS, Kind, kinds_named
from marelle.flows.door.lists import team_structures
from marelle.ui.components import Filter, Link, Toolbar

PAGE = "agents_lists:list"
FILE = "agents_lists:file"
KIND = "liste"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The list asked for, where it is asked for; `found` is None when the agent is of no team."""

    kind: Kind
    found: Chosen | None
    asked: Asked

    @classmethod
    def of(cls, request: MarelleRequest) -> Wanted:
        """A structure out of reach: 404."""
        today = request.today
        asked = Asked.of(request.GET, today + timedelta(days=1))
        found = chosen(asked, team_structures(request.actor), asked.day, asked.day)
        return cls(kinds_named([request.GET.get(KIND, "")]), found, found.asked if found else asked)

    def query(self, kind: Kind | None = None, asked: Asked | None = None, **more: str) -> str:
        pairs = (*(asked or self.asked).pairs, (KIND, (kind or self.kind).code), *more.items())
        return "?" + urlencode(pairs)

    @property
    def about(self) -> str:
        """The activity and the group chosen, "" for all."""
        if self.found is None:
            return ""
        activity = next((one for one in self.found.activities if one.pk == self.asked.activity_id), None)
        groups = activity.groups.all() if activity else ()
        group = next((one for one in groups if one.pk == self.asked.group_id), None)
        return " · ".join(one.name for one in (activity, group) if one)

    def filters(self) -> list[Filter]:
        """Those of the places, which keep the list."""
        found = self.found.filters() if self.found else []
        kept = (KIND, self.kind.code)
        return [Filter(one.name, one.label, one.choices, (*one.keep, kept)) for one in found]

    def toolbar(self, request: MarelleRequest) -> Toolbar:
        page, day = reverse(PAGE), timedelta(days=1)
        today, title = request.today, day_long_year(self.asked.day)
        views = tuple(
            Link(str(kind.title), page + self.query(kind), current=kind is self.kind)
            for kind in KINDS.values()
        )
        return Toolbar(
            title=title[:1].upper() + title[1:],
            previous=Link(_("jour précédent"), page + self.query(asked=self.asked.at(self.asked.day - day))),
            next=Link(_("jour suivant"), page + self.query(asked=self.asked.at(self.asked.day + day))),
            today=Link(
                _("Aujourd’hui"),
                page + self.query(asked=self.asked.at(today)),
                current=self.asked.day == today,
            ),
            views=views,
        )

    def files(self) -> list[Link]:
        """The same list as files."""
        labels = {"pdf": _("PDF à imprimer"), "xlsx": _("Classeur (XLSX)"), "csv": _("CSV")}
        return [Link(label, reverse(FILE) + self.query(format=ending)) for ending, label in labels.items()]
