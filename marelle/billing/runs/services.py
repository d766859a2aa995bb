"""Starting a run, stopping it for a while, giving it up, having it issued: what an agent decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction

from marelle.billing.models import Assessment, BillingRun, BillingTerms, Invoice, InvoiceCounter
from marelle.billing.runs.closed import closed_exercises
from marelle.billing.runs.refusals import RunRefused
from marelle.billing.terms import Terms, exercise_of, exercise_open, terms_of
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.families.locks import homes_locked
from marelle.journal.services import record
from marelle.places.models import Authority, Structure
from marelle.places.scope import in_office

State = BillingRun.State

DATED_AHEAD: Final = timedelta(days=60)
"""How far ahead bills may be dated."""


@dataclass(frozen=True, slots=True)
class NewRun:
    """See `models.BillingRun`; no structure: all of them. `corrects`: the bill, by its id."""

    month: date
    cutoff: date
    issued_on: date
    structure_ids: frozenset[int] = frozenset()
    flush: bool = False
    corrects: int | None = None
    reason: str = ""


def terms_held(authority_id: int) -> tuple[Terms, ...]:
    """What the authority has chosen, the oldest first."""
    rows = BillingTerms.objects.filter(authority_id=authority_id).order_by("since")
    return tuple(
        Terms(row.since, row.made_here, row.threshold, row.months_back, row.days_to_pay, row.by_regie)
        for row in rows
    )


@transaction.atomic
def run_start(
    *, actor: Actor, authority_id: int, new: NewRun, family_ids: Sequence[int], now: datetime
) -> BillingRun:
    """Begin to preview the bills of `family_ids`, which come in the order of their bills' numbers.

    Those of a closed exercise are of the next one; a run that is live keeps its own from being closed.

    Raises NotYours for an authority whose office the actor is not, or RunRefused.
    """
    authority = authority_locked(actor, authority_id)
    terms = terms_of(new.month, terms_held(authority_id))
    if not terms.made_here:
        raise RunRefused("imported")
    if BillingRun.objects.live().filter(authority=authority).exists():
        raise RunRefused("live")
    _check(new, authority_id, local(now).date())
    there = {home.pk for home in homes_locked(family_ids)}
    homes = [pk for pk in family_ids if pk in there]
    if not homes:
        raise RunRefused("nobody")
    run = BillingRun.objects.create(
        authority=authority,
        month=new.month,
        cutoff=new.cutoff,
        issued_on=new.issued_on,
        due_on=new.issued_on + timedelta(days=terms.days_to_pay),
        exercise=exercise_open(exercise_of(new.month, new.issued_on), closed_exercises(authority_id)),
        flush=new.flush,
        reason=new.reason,
        homes=len(homes),
        started_at=now,
        started_by=actor.label[:200],
    )
    run.structures.set(new.structure_ids)
    Assessment.objects.bulk_create(
        (
            Assessment(run=run, family_id=pk, place=place, corrects_id=new.corrects)
            for place, pk in enumerate(homes, 1)
        ),
        batch_size=2_000,
    )
    _record(actor, "billing_run.started", run, now)
    return run


@transaction.atomic
def run_pause(*, actor: Actor, run_id: int, paused: bool, now: datetime) -> BillingRun:
    """Stop the work on it, or let it go on where it was. Raises NotYours, or RunRefused."""
    run = run_locked(actor, run_id)
    if run.state not in (State.PREVIEWING, State.ISSUING):
        raise RunRefused("state")
    if run.paused is not paused:
        run.paused = paused
        run.save(update_fields=["paused"])
        _record(actor, "billing_run.paused" if paused else "billing_run.resumed", run, now)
    return run


@transaction.atomic
def run_cancel(*, actor: Actor, run_id: int, now: datetime) -> BillingRun:
    """Give up all of it: never once a bill of it may have left. Raises NotYours, or RunRefused."""
    run = run_locked(actor, run_id)
    if run.state not in (State.PREVIEWING, State.PREVIEWED):
        raise RunRefused("state")
    run.assessments.all().delete()
    run.totals.all().delete()
    run.doubts.all().delete()
    run.state, run.ended_at, run.ended_by = State.CANCELLED, now, actor.label[:200]
    run.save(update_fields=["state", "ended_at", "ended_by"])
    _record(actor, "billing_run.cancelled", run, now)
    return run


@transaction.atomic
def run_confirm(*, actor: Actor, run_id: int, now: datetime) -> BillingRun:
    """Have the bills that were previewed issued. An agent decides of all homes at once, its own among them:
    no amount is its own to choose. Raises NotYours, or RunRefused."""
    run = run_locked(actor, run_id)
    if run.state == State.ISSUING:
        return run
    if run.state != State.PREVIEWED:
        raise RunRefused("state")
    counter_there(run.authority_id, run.exercise)
    run.state, run.paused = State.ISSUING, False
    run.confirmed_at, run.confirmed_by = now, actor.label[:200]
    run.save(update_fields=["state", "paused", "confirmed_at", "confirmed_by"])
    _record(actor, "billing_run.confirmed", run, now)
    return run


def run_locked(actor: Actor, run_id: int) -> BillingRun:
    """Locked until the transaction ends. Raises NotYours."""
    rows = BillingRun.objects.select_for_update(of=("self",)).filter(in_office(actor, "authority__"))
    run = rows.select_related("authority").filter(pk=run_id).first()
    if run is None:
        raise NotYours
    return run


def number_of(exercise: int, rank: int) -> str:
    """ "2026-000123"."""
    return f"{exercise}-{rank:06d}"


def rank_of(number: str, exercise: int) -> int:
    """Which one of the exercise such a number is; 0 for one of another form."""
    head, _dash, rank = number.partition("-")
    is_ours = head == str(exercise) and len(rank) == 6 and rank.isascii() and rank.isdigit()
    return int(rank) if is_ours else 0


def counter_there(authority_id: int, exercise: int) -> None:
    """The counter of the exercise, begun after what was imported with numbers of the same form: the caller
    holds the run, of which there is one at a time."""
    numbers = Invoice.objects.filter(authority_id=authority_id, number__startswith=f"{exercise}-")
    if not InvoiceCounter.objects.filter(authority_id=authority_id, exercise=exercise).exists():
        last = max((rank_of(one, exercise) for one in numbers.values_list("number", flat=True)), default=0)
        InvoiceCounter.objects.create(authority_id=authority_id, exercise=exercise, last=last)


def authority_locked(actor: Actor, authority_id: int) -> Authority:
    """Locked until the transaction ends. Raises NotYours for who is not its office."""
    rows = Authority.objects.select_for_update(no_key=True).filter(in_office(actor), pk=authority_id)
    authority = rows.first()
    if authority is None:
        raise NotYours
    return authority


def _check(new: NewRun, authority_id: int, today: date) -> None:
    next_month = (new.month + timedelta(days=31)).replace(day=1)
    if not new.month <= new.cutoff < next_month or not today <= new.issued_on <= today + DATED_AHEAD:
        raise RunRefused("days")
    own = Structure.objects.filter(authority_id=authority_id, pk__in=new.structure_ids)
    if own.count() != len(new.structure_ids):
        raise RunRefused("structures")


def _record(actor: Actor, verb: str, run: BillingRun, now: datetime) -> None:
    subject = Subject("billing_run", run.pk, run.authority.name)
    record(actor=actor, verb=verb, subject=subject, data={"month": run.month.isoformat()}, now=now)
