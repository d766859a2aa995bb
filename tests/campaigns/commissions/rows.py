"""Commissions for the world of who may read what: one is prepared, one has sat on the demand of the home."""

from __future__ import annotations

from datetime import datetime, timedelta

from marelle.campaigns.models import (
    Commission,
    CommissionCriterion,
    CommissionSection,
    CommissionSheet,
    SheetProof,
)
from marelle.places.models import Structure
from tests.scenario import Scenario


def commission_rows(world: Scenario, demand_id: int, now: datetime) -> dict[str, int]:
    """Of the relais, whose demand it is: see `tests.relay.rows`."""
    relay = Structure.objects.get(kind="relay", care_requests=demand_id)
    nursery = world.structure("Multi-accueil", kind="childcare")
    draft, sat = (
        Commission.objects.create(
            structure=relay,
            name=name,
            sits_on=now.date() + timedelta(days=20),
            public_source="Loto de la veille",
            seed="graine",
            promise="0" * 64,
            created_at=now,
            created_by="Line",
        )
        for name in ("Commission de mars", "Commission de décembre")
    )
    sections = [
        CommissionSection.objects.create(
            commission=one,
            structure=nursery,
            name="Petits",
            max_months=30,
            starts_on=now.date() + timedelta(days=90),
            places={"0": 2},
        )
        for one in (draft, sat)
    ]
    criterion = CommissionCriterion.objects.create(
        commission=sat, use="tier", label="Parent isolé", proof="Attestation de la CAF"
    )
    Commission.objects.filter(pk=sat.pk).update(
        state=Commission.State.PROPOSED,
        members="Line Roy",
        public_number="4 8 15",
        file='{"homes": [], "places": {}}\n',
        fingerprint="e" * 64,
        proposed_at=now,
    )
    sheet = CommissionSheet.objects.create(
        commission=sat,
        request_id=demand_id,
        number=1,
        tier=0,
        points=0,
        turn=0,
        met=["Parent isolé"],
        blocked=[{"choice": 0, "rank": sections[1].pk, "last_turn": None, "lacks": []}],
        outcome="given",
        proposed=sections[1],
        section=sections[1],
        reason="Décision du CCAS",
        decided_by="Line",
        sent_at=now,
        answer_until=now.date() + timedelta(days=10),
    )
    SheetProof.objects.create(
        sheet=sheet, criterion=criterion, seen="Attestation du 3 mars", seen_at=now, seen_by="Line"
    )
    return {"commission_id": draft.pk, "seated_id": sat.pk, "care_sheet_id": sheet.pk}
