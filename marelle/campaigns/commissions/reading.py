"""Which commissions an actor runs, and what rules see of their rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from django.db.models import QuerySet

from marelle.campaigns.commissions.rules import (
    COLLECTIVE,
    Measure,
    Section,
    Wanted,
    is_kept,
    is_looked_at,
    lacking_days,
)
from marelle.campaigns.models import Commission, CommissionCriterion, CommissionSection, CommissionSheet
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.places.models import Structure, StructureKind
from marelle.places.scope import in_charge, may_decide
from marelle.relay.models import CareRequest
from marelle.relay.rules import OPEN
from marelle.relay.scope import demands_of_home

Outcome = CommissionSheet.Outcome


def commissions_of(actor: Actor) -> QuerySet[Commission]:
    """Those of a relais whose demands the actor follows: who may not read these reads no sheet."""
    if not may_decide(actor):
        return Commission.objects.none()
    return Commission.objects.filter(in_charge(actor, "structure__")).defer("file")


def relays_run(actor: Actor) -> QuerySet[Structure]:
    """The relais for which the actor may have a commission sit."""
    if not may_decide(actor):
        return Structure.objects.none()
    rows = Structure.objects.filter(in_charge(actor), kind=StructureKind.RELAY)
    return rows.order_by("order", "name", "pk")


def nurseries_of(commission: Commission) -> QuerySet[Structure]:
    """The structures of which it may give places: those of childcare of the same authority."""
    rows = Structure.objects.filter(
        authority_id=commission.structure.authority_id, kind=StructureKind.CHILDCARE
    )
    return rows.order_by("order", "name", "pk")


def sheets_of(commission: Commission) -> QuerySet[CommissionSheet]:
    """All of a commission with its demand, in the order of turns, those without one by number."""
    rows = CommissionSheet.objects.filter(commission=commission)
    return rows.select_related("request__family", "section__structure", "proposed__structure").order_by(
        "turn", "number"
    )


def sheet_of(actor: Actor, sheet_id: int) -> CommissionSheet | None:
    """One of a commission that the actor runs; one query."""
    return (
        _sheets_run(actor)
        .filter(pk=sheet_id)
        .select_related(
            "commission__structure", "request__family", "section__structure", "proposed__structure"
        )
        .first()
    )


def sheets_on(actor: Actor, request_id: int) -> QuerySet[CommissionSheet]:
    """The sheets of a demand, in the commissions that the actor runs, the last first; one query."""
    mine = _sheets_run(actor).filter(request_id=request_id).select_related("commission", "request")
    return mine.defer("commission__file").order_by("-commission__sits_on", "-pk")


def _sheets_run(actor: Actor) -> QuerySet[CommissionSheet]:
    return CommissionSheet.objects.filter(commission__in=commissions_of(actor).values("pk"))


def told_sheets(actor: Actor) -> QuerySet[CommissionSheet]:
    """The sheets of the home's demands of which it was told; one query."""
    rows = CommissionSheet.objects.filter(request__in=demands_of_home(actor).values("pk"))
    return rows.exclude(sent_at=None).select_related("commission", "request__structure", "section__structure")


def to_answer(actor: Actor, today: date) -> QuerySet[CommissionSheet]:
    """Those by which the home holds a place that it may still accept or give back, the nearest day first."""
    held = told_sheets(actor).filter(outcome=Outcome.GIVEN, answer="", answer_until__gte=today)
    return held.filter(request__state__in=OPEN).order_by("answer_until", "pk")


def section_facts(rows: Iterable[CommissionSection]) -> list[Section]:
    return [
        Section(
            one.pk,
            (one.min_months, one.max_months),
            one.starts_on,
            {int(day): many for day, many in one.places.items()},
        )
        for one in rows
    ]


def wanted_of(request: CareRequest, wishes: Sequence[int] = ()) -> Wanted:
    return Wanted(
        birth=request.birth_date or request.expected_on or date.max,
        starts_on=request.starts_on,
        days=frozenset(int(day) for day in request.weekly),
        care=request.care,
        wishes=tuple(wishes),
    )


def measures_of(rows: Iterable[CommissionCriterion]) -> list[Measure]:
    return [Measure(one.pk, one.weight) for one in rows]


def demands_looked_at(commission: Commission) -> list[CareRequest]:
    """The open demands of its relais that it may look at, the oldest first; two queries."""
    sections = section_facts(commission.sections.all())
    rows = CareRequest.objects.filter(
        structure_id=commission.structure_id, state__in=OPEN, care__in=COLLECTIVE
    ).select_related("family")
    return [row for row in rows.order_by("received_at", "pk") if is_looked_at(sections, wanted_of(row))]


def keeps(sheet: CommissionSheet, today: date) -> bool:
    """Whether a sheet holds a place."""
    return sheet.outcome == Outcome.GIVEN and is_kept(
        answered=sheet.answer,
        until=sheet.answer_until,
        is_open=sheet.request.state in OPEN,
        today=today,
    )


def lacking(
    sheets: Collection[CommissionSheet], sheet: CommissionSheet, section: CommissionSection, now: datetime
) -> list[int]:
    """The weekdays on which a section has no place for a sheet, beside what the others hold."""
    today = local(now).date()
    held = [
        wanted_of(one.request).days
        for one in sheets
        if one.pk != sheet.pk and one.section_id == section.pk and keeps(one, today)
    ]
    (facts,) = section_facts([section])
    return lacking_days(facts, wanted_of(sheet.request).days, held)


def is_to_answer(sheet: CommissionSheet, today: date) -> bool:
    """Whether a home may accept it, or give it back."""
    return sheet.sent_at is not None and not sheet.answer and keeps(sheet, today)
