"""Closed exercises: what is kept of one, and the one way to write and to open it again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from marelle.billing.accounting.closing_rules import Draft, Open, draft_of
from marelle.billing.accounting.exercises import bills_of
from marelle.billing.accounting.frozen import head_frozen, sums_frozen
from marelle.billing.accounting.histories import histories
from marelle.billing.accounting.totals import codes_of
from marelle.billing.models import ExerciseClosing, LeftToRecover
from marelle.billing.runs.services import authority_locked
from marelle.billing.selectors import treasury_of
from marelle.core.actor import Actor
from marelle.core.refusals import NotYours, Refusal
from marelle.core.subject import Subject
from marelle.journal.services import record
from marelle.mail.letterhead import letterhead_of
from marelle.places.models import Authority


class ClosingRefused(Refusal):
    """`code`: "early" (the year is not over), "closed" (it is already), "open" (something keeps it open),
    "changed" (not what was shown any more), "not_closed" (it is open)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)


def draft_at(authority_id: int, exercise: int, day: date) -> Draft:
    """What closing it on `day` would freeze; six queries."""
    bills = bills_of(authority_id, exercise)
    return draft_of(histories(bills), exercise, day, codes_of(bills))


def closing_of(authority_id: int, exercise: int) -> ExerciseClosing | None:
    """The one that holds."""
    rows = ExerciseClosing.objects.filter(authority=authority_id, exercise=exercise, reopened_at=None)
    return rows.first()


def closings_of(authority_id: int, exercise: int) -> QuerySet[ExerciseClosing]:
    """Those that hold no more too, the newest first."""
    return ExerciseClosing.objects.filter(authority=authority_id, exercise=exercise)


def closing_write(
    *, actor: Actor, authority: Authority, draft: Draft, told: Iterable[Open], now: datetime
) -> ExerciseClosing:
    """In the caller's transaction, which holds the authority and has seen that nothing keeps it open; `told`:
    what was open in it all the same."""
    figures, letterhead = draft.figures, letterhead_of(authority.pk)
    row = ExerciseClosing.objects.create(
        authority=authority,
        exercise=draft.exercise,
        closed_on=draft.day,
        closed_at=now,
        closed_by=actor.label[:200],
        count=figures.count,
        billed=figures.billed,
        credited=figures.credited,
        cancelled=figures.cancelled,
        paid=figures.paid,
        over=figures.over,
        left_at_end=draft.left_at_end,
        left=figures.left,
        sha256=draft.sha256,
        sums=sums_frozen(draft, told),
        head=head_frozen(authority, letterhead, treasury_of(authority.pk)),
        logo=letterhead.logo,
    )
    LeftToRecover.objects.bulk_create(
        (
            LeftToRecover(
                closing=row,
                invoice_id=one.invoice_id,
                number=one.number,
                at_end=one.at_end,
                at_closing=one.at_closing,
            )
            for one in draft.rows
        ),
        batch_size=2_000,
    )
    _record(actor, "exercise.closed", row, now, left=str(row.left), sha256=row.sha256)
    return row


@transaction.atomic
def exercise_reopen(
    *, actor: Actor, authority_id: int, exercise: int, reason: str, now: datetime
) -> ExerciseClosing:
    """Bills may be issued in it again. What was frozen stays, as that of a closing that holds no more.

    Raises NotYours for who is no administrator, or ClosingRefused ("not_closed").
    """
    if not actor.is_administrator:
        raise NotYours
    authority_locked(actor, authority_id)
    row = closing_of(authority_id, exercise)
    if row is None:
        raise ClosingRefused("not_closed")
    row.reopened_at, row.reopened_by, row.reason = now, actor.label[:200], reason
    row.full_clean(exclude=["authority"])
    row.save(update_fields=["reopened_at", "reopened_by", "reason"])
    _record(actor, "exercise.reopened", row, now, reason=reason)
    return row


def _record(actor: Actor, verb: str, row: ExerciseClosing, now: datetime, **data: str) -> None:
    subject = Subject("exercise", row.pk, f"{row.authority.name}, {row.exercise}")
    record(actor=actor, verb=verb, subject=subject, data=data, now=now)
