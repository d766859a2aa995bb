"""A relais, a crèche with a few places, demands of childcare, and the commission that looks at them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from marelle.campaigns.commissions.deciding import commission_propose, commission_send
from marelle.campaigns.commissions.services import (
    commission_add,
    commission_change,
    criterion_add,
    section_add,
    sheet_fill,
    sheets_set,
)
from marelle.campaigns.models import Commission, CommissionCriterion, CommissionSection, CommissionSheet
from marelle.core.actor import Actor, Role
from marelle.core.clock import PARIS
from marelle.flows.actor.actors import actor_for
from marelle.relay.models import CareRequest
from marelle.relay.rules import Care
from marelle.relay.services import Demand, care_ask
from tests.scenario import Home, Scenario

NOW = datetime(2027, 3, 1, 9, tzinfo=PARIS)
SITS = datetime(2027, 3, 22, 14, tzinfo=PARIS)
NOBODY = Actor(user_id=None, label="Futurs parents")
NUMBER = "4 8 15 16 23"
DAY = (time(8), time(17))


class Sitting(Scenario):
    """One section for all ages, of one place on Monday and Tuesday."""

    def __init__(self, places: dict[str, int] | None = None) -> None:
        super().__init__()
        self.relay = self.structure("Relais petite enfance", kind="relay")
        self.nursery = self.structure("Multi-accueil", kind="childcare")
        self.agent = actor_for(self.staff("relais", Role.DIRECTOR, structure=self.relay))
        values = {
            "structure": self.relay,
            "name": "Rentrée 2027",
            "sits_on": SITS.date(),
            "answer_days": 10,
            "public_source": "Loto de la veille",
        }
        self.commission = commission_add(actor=self.agent, values=values, now=NOW)
        self.section = self.places("Grands", places or {"0": 1, "1": 1})

    def places(
        self, name: str, places: dict[str, int], months: tuple[int, int] = (2, 48)
    ) -> CommissionSection:
        values = {
            "structure": self.nursery,
            "name": name,
            "min_months": months[0],
            "max_months": months[1],
            "starts_on": date(2027, 8, 30),
            "places": places,
        }
        return section_add(actor=self.agent, commission_id=self.commission.pk, values=values, now=NOW)

    def criterion(self, label: str, points: int = 0) -> CommissionCriterion:
        use = "points" if points else "tier"
        values = {"use": use, "weight": points, "label": label, "proof": f"Pièce : {label}"}
        return criterion_add(actor=self.agent, commission_id=self.commission.pk, values=values, now=NOW)

    def demand(
        self, name: str, *, home: Home | None = None, days: tuple[int, ...] = (0,), **fields: Any
    ) -> CareRequest:
        asked = Demand(
            asker_name=name,
            email=f"{name.split(maxsplit=1)[0].lower()}@familles.example",
            phone="",
            commune_id=None,
            child_first_name=f"Bébé {name.split(maxsplit=1)[0]}",
            birth_date=date(2026, 5, 3),
            expected_on=None,
            care=Care.ANY,
            starts_on=date(2027, 9, 1),
            weekly=dict.fromkeys(days, DAY),
        )
        return care_ask(actor=home.actor if home else NOBODY, demand=replace(asked, **fields), now=NOW)

    def looks_at(self, *demands: CareRequest) -> list[CommissionSheet]:
        """The sheets, in the order of the demands."""
        ids = [one.pk for one in demands]
        sheets_set(actor=self.agent, commission_id=self.commission.pk, request_ids=ids, shown=ids, now=NOW)
        return [self.sheet(one) for one in demands]

    def sheet(self, demand: CareRequest) -> CommissionSheet:
        return CommissionSheet.objects.select_related("request", "section").get(request=demand)

    def fill(self, sheet: CommissionSheet, *met: CommissionCriterion, wishes: tuple[int, ...] = ()) -> None:
        seen = {one.pk: "attestation" for one in met}
        sheet_fill(actor=self.agent, sheet_id=sheet.pk, wishes=wishes, seen=seen, now=NOW)

    def sit(self, now: datetime = SITS) -> Commission:
        return commission_propose(actor=self.agent, commission_id=self.commission.pk, number=NUMBER, now=now)

    def send(self, now: datetime = SITS + timedelta(hours=2)) -> list[CommissionSheet]:
        changes = {"members": "Nadège Courtin, vice-présidente\nLine Roy, directrice"}
        pk = self.commission.pk
        commission_change(actor=self.agent, commission_id=pk, changes=changes, seen=None, now=now)
        return list(commission_send(actor=self.agent, commission_id=pk, now=now))
