"""A village that comes from another software, and the files that it brings."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from marelle.core.actor import Actor, Role
from marelle.core.clock import PARIS
from marelle.core.tabular import csv_written
from marelle.flows.actor.actors import actor_for
from marelle.flows.models import MovingImport
from marelle.flows.moving.labels import reason_text
from marelle.flows.moving.services import (
    moving_prepare,
    moving_report,
    moving_start,
    movings_advance,
)
from marelle.flows.moving.subjects import Kind
from tests.scenario import Scenario

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
GONE, GONE_TOO, TO_COME = date(2026, 11, 18), date(2026, 11, 25), date(2026, 12, 2)
ENROLMENT = ["Nom enfant", "Prénom enfant", "Date de naissance enfant", "Activité", "Du", "Au"]
BOOKING = ["Nom enfant", "Prénom enfant", "Date de naissance enfant", "Activité", "Créneau", "Jour", "État"]
CARD = [
    "Nom enfant",
    "Prénom enfant",
    "Date de naissance enfant",
    "Activité",
    "Entrées restantes",
    "À partir du",
    "Jusqu’au",
]
SUBSCRIPTION = ["Dossier", "Produit", "À partir du", "Jusqu’au"]
ZOE = ["Durand", "Zoé", "04/03/2019"]


class Mover(Scenario):
    """Wednesdays with two places each morning, a home with Zoé, and an agent of the office."""

    def __init__(self) -> None:
        super().__init__()
        self.wednesdays = self.activity("Mercredis")
        self.morning = self.slot(self.wednesdays, capacity=2)
        self.rule(self.wednesdays)
        self.days = {
            day: self.opening(self.morning, day) for day in (GONE, GONE_TOO, TO_COME, date(2026, 12, 9))
        }
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.user = self.staff("guichet", Role.OFFICE)
        self.office = actor_for(self.user)

    def read(self, kind: Kind, head: list[str], *rows: list[Any], actor: Actor | None = None) -> MovingImport:
        upload = SimpleUploadedFile("reprise.csv", csv_written([head, *rows]))
        return moving_prepare(actor=actor or self.office, kind=kind, upload=upload, now=NOW)

    def brought(
        self, kind: Kind, head: list[str], *rows: list[Any], reason: str = "", actor: Actor | None = None
    ) -> MovingImport:
        """Read, started and written."""
        row = self.read(kind, head, *rows, actor=actor)
        moving_start(
            actor=actor or self.office,
            moving_id=row.pk,
            past_capacity=bool(reason),
            reason=reason,
            now=NOW,
        )
        movings_advance(now=NOW)
        row.refresh_from_db()
        return row

    def wrong(self, row: MovingImport) -> list[tuple[str, str]]:
        """Why lines would be left out, by line."""
        report = moving_report(self.office, row, now=NOW)
        return [(one.where, reason_text(Kind(row.kind), one.code, one.data)) for one in report.problems]

    def booking_line(self, day: date, state: str = "", who: list[str] = ZOE) -> list[str]:
        return [*who, "Mercredis", "Matin", day.isoformat(), state]
