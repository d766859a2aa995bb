"""A home accepts the place that a commission proposes, or gives it back; an agent notes what it was told."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from marelle.campaigns.commissions.labels import accepted_text
from marelle.campaigns.commissions.reading import is_to_answer, lacking, sheets_of, told_sheets
from marelle.campaigns.commissions.refusals import AnswerRefused
from marelle.campaigns.commissions.services import sheet_locked, subject_of
from marelle.campaigns.models import Commission, CommissionSheet
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.families.locks import own_home_locked
from marelle.journal.services import record
from marelle.relay.rules import CareState
from marelle.relay.services import care_settled

ACCEPTED: Final = "commission.accepted"
RETURNED: Final = "commission.returned"

Answer = CommissionSheet.Answer


@transaction.atomic
def sheet_answer(*, actor: Actor, sheet_id: int, accepts: bool, now: datetime) -> CommissionSheet:
    """The home takes the place, which closes its demand as found, or gives it back and waits on.

    Raises NotYours, HomeGone, and AnswerRefused: "over", "late".
    """
    own_home_locked(actor)
    found = told_sheets(actor).filter(pk=sheet_id).first()
    if found is None:
        raise NotYours
    commission = Commission.objects.select_for_update(no_key=True).get(pk=found.commission_id)
    sheet = told_sheets(actor).filter(pk=sheet_id).first()
    if sheet is None:
        raise NotYours
    return _answered(actor, commission, sheet, accepts, now)


@transaction.atomic
def answer_note(*, actor: Actor, sheet_id: int, accepts: bool, now: datetime) -> CommissionSheet:
    """The same, told to an agent. Raises NotYours, OwnFile, CommissionRefused ("state"), AnswerRefused."""
    sheet = sheet_locked(actor, sheet_id, Commission.State.SENT, now=now)
    return _answered(actor, sheet.commission, sheet, accepts, now)


def _answered(
    actor: Actor, commission: Commission, sheet: CommissionSheet, accepts: bool, now: datetime
) -> CommissionSheet:
    today = local(now).date()
    section = sheet.section
    if section is None or not is_to_answer(sheet, today):
        is_late = sheet.answer_until is not None and not sheet.answer and sheet.answer_until < today
        raise AnswerRefused("late" if is_late else "over")
    if accepts and lacking(list(sheets_of(commission)), sheet, section, now):
        raise AnswerRefused("over")
    sheet.answer = Answer.ACCEPTED if accepts else Answer.RETURNED
    sheet.answered_at, sheet.answered_by = now, actor.label[:150]
    sheet.save(update_fields=["answer", "answered_at", "answered_by"])
    verb = ACCEPTED if accepts else RETURNED
    subject, family_id = subject_of(commission), sheet.request.family_id
    data = {"sheet": sheet.number}
    record(actor=actor, verb=verb, subject=subject, family_id=family_id, data=data, now=now)
    if accepts:
        care_settled(
            actor=actor,
            request_id=sheet.request_id,
            outcome=CareState.FOUND,
            answer=accepted_text(section),
            now=now,
        )
    return sheet
