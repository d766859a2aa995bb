"""Rows of papers, told in the words of the domain, on top of the shared scenario."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from marelle.activities.models import Activity
from marelle.core.clock import PARIS
from marelle.families.models import Person
from marelle.papers.models import Paper, PaperNeed, PaperType
from tests.scenario import Home, Scenario

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
TODAY = NOW.date()


class Desk(Scenario):
    """One home, one child, one activity: what most tests start from."""

    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.wednesdays = self.activity("Mercredis")

    def paper_type(
        self,
        title: str = "Attestation d’assurance",
        about: str = "child",
        *,
        needed_by: Sequence[Activity] = (),
        effect: str = "warn",
        bookings_from: date | None = None,
        **fields: Any,
    ) -> PaperType:
        kind = PaperType.objects.create(
            **{
                "authority": self.the_authority,
                "title": title,
                "why": "Pour que l’enfant soit couvert pendant les activités.",
                "stake": "Sans elle, l’enfant ne peut pas participer aux sorties.",
                "about": about,
                **fields,
            }
        )
        for activity in needed_by:
            self.need(activity, kind, effect, bookings_from)
        return kind

    def need(
        self, activity: Activity, kind: PaperType, effect: str = "warn", bookings_from: date | None = None
    ) -> PaperNeed:
        if effect == "blocks_bookings":
            bookings_from = bookings_from or date(2026, 12, 1)
        return PaperNeed.objects.create(
            activity=activity, paper_type=kind, effect=effect, bookings_from=bookings_from
        )

    def paper(
        self,
        kind: PaperType,
        home: Home,
        person: Person | None = None,
        state: str = "received",
        **fields: Any,
    ) -> Paper:
        return Paper.objects.create(
            **{
                "paper_type": kind,
                "family": home.family,
                "person": person,
                "state": state,
                "sent_at": NOW,
                "sent_by": str(home.adult),
                **fields,
            }
        )
