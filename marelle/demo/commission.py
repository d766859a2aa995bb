"""Commissions for places in crèche: one that sat, whose place a home accepted, and the next one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Final

from marelle.campaigns.commissions.answering import sheet_answer
from marelle.campaigns.commissions.deciding import commission_propose, commission_send
from marelle.campaigns.commissions.services import (
    commission_add,
    commission_change,
    criterion_add,
    section_add,
    sheet_fill,
    sheets_set,
)
from marelle.campaigns.models import Commission, CommissionCriterion, CommissionSheet
from marelle.core.actor import Actor
from marelle.core.clock import instant_at
from marelle.places.models import Structure, StructureKind
from marelle.relay.models import CareRequest
from marelle.relay.rules import OPEN

NUMBER: Final = "7 11 23 38 45"
MEMBERS: Final = "Nadège Courtin, guichet unique\nLa directrice du multi-accueil\nL’élu à la petite enfance"
CRITERIA: Final = (
    ("tier", 0, "Un enfant ou un parent en situation de handicap", "notification de la MDPH"),
    (
        "points",
        3,
        "Les parents, ou le parent seul, travaillent ou se forment",
        "attestation d’employeur",
    ),
    ("points", 2, "Habiter une commune du territoire", "justificatif de domicile"),
    ("points", 1, "Un frère ou une sœur déjà accueilli", "inscription en cours"),
)
SECTIONS: Final = (("Petits", 2, 14, 1), ("Grands", 15, 40, 2))
"""Name, first and last month of age, places a day."""


def commission_sat(office: Actor, home: Actor, demand: CareRequest, today: date) -> None:
    """On the demand of a home, which accepted."""
    day = today - timedelta(days=52)
    row = _prepared(office, "Commission d’automne", day, demand.starts_on)
    _filled(office, row, {demand.pk: (1, 2)}, day - timedelta(days=2))
    at = instant_at(day, time(14))
    commission_propose(actor=office, commission_id=row.pk, number=NUMBER, now=at)
    changes = {"members": MEMBERS}
    commission_change(actor=office, commission_id=row.pk, changes=changes, seen=None, now=at)
    commission_send(actor=office, commission_id=row.pk, now=instant_at(day, time(17)))
    sheet = CommissionSheet.objects.get(commission=row)
    accepted = instant_at(day + timedelta(days=2), time(20, 40))
    sheet_answer(actor=home, sheet_id=sheet.pk, accepts=True, now=accepted)


def commission_prepared(office: Actor, today: date) -> None:
    """On the demands that wait, in two weeks."""
    row = _prepared(office, "Commission d’hiver", today + timedelta(days=14), today + timedelta(days=40))
    waiting = CareRequest.objects.filter(state__in=OPEN).order_by("pk").values_list("pk", flat=True)
    _filled(office, row, {pk: (1,) if at else (2,) for at, pk in enumerate(waiting)}, today)


def _prepared(office: Actor, name: str, sits_on: date, starts_on: date) -> Commission:
    now = instant_at(sits_on - timedelta(days=18), time(10))
    relay = Structure.objects.get(kind=StructureKind.RELAY)
    nursery = Structure.objects.filter(
        kind=StructureKind.CHILDCARE, authority_id=relay.authority_id
    ).earliest("order", "pk")
    values = {
        "structure": relay,
        "name": name,
        "sits_on": sits_on,
        "answer_days": 10,
        "public_source": "Les cinq numéros du Loto de la veille de la séance, dans l’ordre croissant",
    }
    row = commission_add(actor=office, values=values, now=now)
    for section, first, last, many in SECTIONS:
        places = {str(day): many for day in range(5)}
        values = {"structure": nursery, "name": section, "min_months": first, "max_months": last}
        values |= {"starts_on": starts_on, "places": places}
        section_add(actor=office, commission_id=row.pk, values=values, now=now)
    for use, weight, label, proof in CRITERIA:
        values = {"use": use, "weight": weight, "label": label, "proof": proof}
        criterion_add(actor=office, commission_id=row.pk, values=values, now=now)
    return row


def _filled(office: Actor, row: Commission, met: Mapping[int, tuple[int, ...]], day: date) -> None:
    """`met`: by demand, which criteria are proven, from 0."""
    now = instant_at(day, time(9))
    sheets_set(actor=office, commission_id=row.pk, request_ids=list(met), shown=[], now=now)
    criteria = list(CommissionCriterion.objects.filter(commission=row))
    for sheet in CommissionSheet.objects.filter(commission=row):
        seen = {criteria[at].pk: criteria[at].proof.capitalize() for at in met[sheet.request_id]}
        sheet_fill(actor=office, sheet_id=sheet.pk, wishes=[], seen=seen, now=now)
