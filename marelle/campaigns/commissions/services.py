"""What an agent does until a commission sits: prepare it, choose its demands, fill their sheets."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Max

from marelle.campaigns.commissions.reading import commissions_of, demands_looked_at, nurseries_of, relays_run
from marelle.campaigns.commissions.refusals import CommissionRefused
from marelle.campaigns.drawing import promise_of, seed_new
from marelle.campaigns.models import (
    Commission,
    CommissionCriterion,
    CommissionSection,
    CommissionSheet,
    SheetProof,
)
from marelle.cases.services import OwnFile
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.families.locks import homes_locked
from marelle.families.scope import is_own_file
from marelle.journal.edits import Shown, row_change, row_fill
from marelle.journal.services import record

ADDED: Final = "commission.added"
CHANGED: Final = "commission.changed"
REMOVED: Final = "commission.removed"
FILLED: Final = "commission.filled"

State = Commission.State


@transaction.atomic
def commission_add(*, actor: Actor, values: Mapping[str, Any], now: datetime) -> Commission:
    """Prepare one; its seed is promised from here on. Raises NotYours, NotPossible."""
    if not relays_run(actor).filter(pk=values["structure"].pk).exists():
        raise NotYours
    seed = seed_new()
    row = Commission(seed=seed, promise=promise_of(seed), created_at=now, created_by=actor.label[:150])
    row_fill(row, values)
    note(actor, ADDED, row, now)
    return row


@transaction.atomic
def commission_change(
    *, actor: Actor, commission_id: int, changes: Mapping[str, Any], seen: Shown | None, now: datetime
) -> tuple[str, ...]:
    """Change what it is; once the draw is done, only who sits.

    Raises NotYours, CommissionRefused ("state"), ChangedMeanwhile, NotPossible.
    """
    may = (State.DRAFT, State.PROPOSED) if set(changes) <= {"members"} else (State.DRAFT,)
    row = commission_locked(actor, commission_id, *may)
    changed = row_change(row, changes, subject=subject_of(row), seen=seen)
    if changed:
        note(actor, CHANGED, row, now, fields=list(changed))
    return changed


@transaction.atomic
def commission_remove(*, actor: Actor, commission_id: int, now: datetime) -> None:
    """Give up one of which nothing was drawn. Raises NotYours, CommissionRefused ("state")."""
    row = _prepared(actor, commission_id)
    note(actor, REMOVED, row, now)
    row.delete()


@transaction.atomic
def section_add(
    *, actor: Actor, commission_id: int, values: Mapping[str, Any], now: datetime
) -> CommissionSection:
    """Places more to give. Raises NotYours, CommissionRefused ("state"), NotPossible."""
    commission = commission_locked(actor, commission_id, State.DRAFT)
    if not nurseries_of(commission).filter(pk=values["structure"].pk).exists():
        raise NotYours
    row = CommissionSection(commission=commission)
    row_fill(row, values)
    note(actor, CHANGED, commission, now, fields=["sections"])
    return row


@transaction.atomic
def criterion_add(
    *, actor: Actor, commission_id: int, values: Mapping[str, Any], now: datetime
) -> CommissionCriterion:
    """A criterion more, the last in order. Raises NotYours, CommissionRefused ("state"), NotPossible."""
    commission = commission_locked(actor, commission_id, State.DRAFT)
    last = commission.criteria.aggregate(last=Max("order"))["last"]
    row = CommissionCriterion(commission=commission, order=0 if last is None else last + 1)
    row_fill(row, values)
    note(actor, CHANGED, commission, now, fields=["criteria"])
    return row


@transaction.atomic
def part_remove(*, actor: Actor, commission_id: int, name: str, pk: int, now: datetime) -> None:
    """Take away one of its "sections" or "criteria", and what sheets say of it.

    Raises NotYours, CommissionRefused ("state").
    """
    commission = _prepared(actor, commission_id)
    row: CommissionSection | CommissionCriterion | None = None
    if name == "sections":
        row = commission.sections.filter(pk=pk).first()
    elif name == "criteria":
        row = commission.criteria.filter(pk=pk).first()
    if row is None:
        raise NotYours
    row.delete()
    note(actor, CHANGED, commission, now, fields=[name])


@transaction.atomic
def sheets_set(
    *,
    actor: Actor,
    commission_id: int,
    request_ids: Collection[int],
    shown: Collection[int],
    now: datetime,
) -> int:
    """Have the commission look at these demands, and no more at the others that were `shown`. Returns how
    many sheets there are.

    Raises NotYours, also for a demand that it may not look at, and CommissionRefused ("state").
    """
    commission = _prepared(actor, commission_id)
    offered = {row.pk for row in demands_looked_at(commission)}
    there = dict(commission.sheets.values_list("request_id", "pk"))
    wanted = set(request_ids) - there.keys()
    if not wanted <= offered:
        raise NotYours
    gone = [pk for request_id, pk in there.items() if request_id in set(shown) - set(request_ids)]
    CommissionSheet.objects.filter(pk__in=gone).delete()
    last = commission.sheets.aggregate(last=Max("number"))["last"] or 0
    CommissionSheet.objects.bulk_create(
        CommissionSheet(commission=commission, request_id=pk, number=number)
        for number, pk in enumerate(sorted(wanted), last + 1)
    )
    if wanted or gone:
        note(actor, CHANGED, commission, now, fields=["sheets"])
    return commission.sheets.count()


@transaction.atomic
def sheet_fill(
    *, actor: Actor, sheet_id: int, wishes: Sequence[int], seen: Mapping[int, str], now: datetime
) -> CommissionSheet:
    """What is known of a demand before the commission sits: the sections that it prefers, and by criterion
    what proof was seen ("": none).

    Raises NotYours, also for a section or a criterion of another, OwnFile, CommissionRefused ("state").
    """
    sheet = sheet_locked(actor, sheet_id, State.DRAFT, now=now)
    commission = sheet.commission
    sections = set(commission.sections.values_list("pk", flat=True))
    criteria = set(commission.criteria.values_list("pk", flat=True))
    if not set(wishes) <= sections or not seen.keys() <= criteria:
        raise NotYours
    told = {pk: text.strip() for pk, text in seen.items()}
    held = {row.criterion_id: row for row in sheet.proofs.all()}
    for pk, text in told.items():
        row = held.get(pk)
        if row is not None and not text:
            row.delete()
        elif text and (row is None or row.seen != text):
            SheetProof.objects.update_or_create(
                sheet=sheet,
                criterion_id=pk,
                defaults={"seen": text, "seen_at": now, "seen_by": actor.label[:150]},
            )
    sheet.wishes = list(dict.fromkeys(wishes))
    sheet.save(update_fields=["wishes"])
    data = {"sheet": sheet.number, "criteria": sorted(pk for pk, text in told.items() if text)}
    subject = subject_of(commission)
    family_id = sheet.request.family_id
    record(actor=actor, verb=FILLED, subject=subject, family_id=family_id, data=data, now=now)
    return sheet


def _prepared(actor: Actor, commission_id: int) -> Commission:
    """A draft, locked, once the homes of its sheets are: sheets go, and the homes' rows with them."""
    homes_of_locked(commission_id)
    return commission_locked(actor, commission_id, State.DRAFT)


def homes_of_locked(commission_id: int) -> None:
    """The homes of its sheets, before any other row."""
    homes_locked(
        CommissionSheet.objects.filter(commission=commission_id).order_by().values("request__family")
    )


def commission_locked(actor: Actor, commission_id: int, *states: str) -> Commission:
    """One that the actor runs, locked, at one of these steps. Raises NotYours, CommissionRefused."""
    mine = commissions_of(actor).filter(pk=commission_id).order_by()
    rows = Commission.objects.select_for_update(no_key=True, of=("self",)).select_related("structure")
    row = rows.filter(pk__in=mine.values("pk")).first()
    if row is None:
        raise NotYours
    if row.state not in states:
        raise CommissionRefused("state")
    return row


def sheet_locked(actor: Actor, sheet_id: int, *states: str, now: datetime) -> CommissionSheet:
    """A sheet of such a commission, its home locked first. Never of the actor's own home.

    Raises NotYours, OwnFile, CommissionRefused.
    """
    mine = CommissionSheet.objects.filter(pk=sheet_id).order_by()
    homes_locked(mine.values("request__family"))
    found = mine.first()
    if found is None:
        raise NotYours
    commission = commission_locked(actor, found.commission_id, *states)
    row = mine.select_related("request", "section", "proposed").get()
    row.commission = commission
    family_id = row.request.family_id
    if family_id is not None and is_own_file(
        actor, family_id=family_id, person_id=None, day=local(now).date()
    ):
        raise OwnFile
    return row


def subject_of(commission: Commission) -> Subject:
    return Subject("commission", commission.pk, commission.name)


def note(actor: Actor, verb: str, row: Commission, now: datetime, **data: Any) -> None:
    record(actor=actor, verb=verb, subject=subject_of(row), data=data, now=now)
