"""A commission sits: the order by right, each decision, the answers that leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from marelle.campaigns.commissions import mails
from marelle.campaigns.commissions.reading import (
    commissions_of,
    lacking,
    measures_of,
    section_facts,
    sheets_of,
    wanted_of,
)
from marelle.campaigns.commissions.refusals import CommissionRefused, DecisionRefused
from marelle.campaigns.commissions.rules import answer_day, asker_of, places_of
from marelle.campaigns.commissions.services import (
    commission_locked,
    homes_of_locked,
    note,
    sheet_locked,
    subject_of,
)
from marelle.campaigns.document import Draw, fingerprint, whole_told, written
from marelle.campaigns.drawing import ranks_drawn
from marelle.campaigns.models import Commission, CommissionSection, CommissionSheet
from marelle.campaigns.refusals import CampaignRefused
from marelle.campaigns.rules import Allotment, Asker, allot, blocked
from marelle.campaigns.running import blocked_told, verifier_asked
from marelle.campaigns.services import PUBLIC_LENGTH
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.journal.services import record
from marelle.relay.rules import OPEN, CareState
from marelle.relay.services import care_followed, care_settled

PROPOSED: Final = "commission.proposed"
DECIDED: Final = "commission.decided"
SENT: Final = "commission.sent"
ANSWERED: Final = "commission.answered"

Outcome = CommissionSheet.Outcome
State = Commission.State


@dataclass(frozen=True, slots=True)
class Run:
    """`sheets` in the order of their numbers, those whose demand waits still; `met` by ticket, the labels."""

    sheets: tuple[CommissionSheet, ...]
    askers: dict[str, Asker]
    met: dict[str, list[str]]
    done: Allotment
    file: bytes


def commission_propose(*, actor: Actor, commission_id: int, number: str, now: datetime) -> Commission:
    """The draw by the public number, then the order by right and what each would have: nothing leaves.

    Nothing is kept to which the verifier, another program, objects; it reads before any lock. Raises
    NotYours, and CommissionRefused: "state", "number", "no_places", "no_sheets", "moved", "unverified".
    """
    row = commissions_of(actor).filter(pk=commission_id).select_related("structure").first()
    if row is None:
        raise NotYours
    number = " ".join(number.split())[:PUBLIC_LENGTH]
    if row.state != State.DRAFT:
        raise CommissionRefused("state")
    if not number:
        raise CommissionRefused("number")
    if not row.sections.exists():
        raise CommissionRefused("no_places")
    found = run_of(row, number)
    if not found.sheets:
        raise CommissionRefused("no_sheets")
    try:
        objections = verifier_asked(found.file)
    except CampaignRefused as refusal:
        raise CommissionRefused("unverified") from refusal
    if objections:
        raise CommissionRefused("unverified")
    return _keep(actor, commission_id, number, found.file, now)


@transaction.atomic
def _keep(actor: Actor, commission_id: int, number: str, file: bytes, now: datetime) -> Commission:
    """Write the run if what it stands on is the same once it is locked."""
    homes_of_locked(commission_id)
    row = commission_locked(actor, commission_id, State.DRAFT)
    found = run_of(row, number)
    if found.file != file:
        raise CommissionRefused("moved")
    answers = {answer.ticket: answer for answer in found.done.answers}
    for sheet in found.sheets:
        asker, answer = found.askers[sheet.ticket], answers[sheet.ticket]
        given = next(iter(answer.given[0]), None)
        sheet.tier, sheet.points, sheet.turn = asker.right.tier, asker.right.points, answer.turn
        sheet.met = found.met[sheet.ticket]
        sheet.blocked = [blocked_told(one) for one in blocked(asker, answer, found.done.room)]
        sheet.proposed_id = sheet.section_id = int(given) if given else None
        sheet.outcome = Outcome.GIVEN if given else Outcome.WAITING
    CommissionSheet.objects.bulk_update(
        found.sheets, ["tier", "points", "turn", "met", "blocked", "proposed", "section", "outcome"]
    )
    row.sheets.filter(turn=None).update(outcome=Outcome.GONE)
    row.file, row.fingerprint, row.public_number = file.decode(), fingerprint(file), number
    row.state, row.proposed_at = State.PROPOSED, now
    row.save()
    note(actor, PROPOSED, row, now, fingerprint=row.fingerprint, sheets=len(found.sheets))
    return row


def run_of(row: Commission, number: str) -> Run:
    """The serial choice of campaigns over the sheets whose demand waits; six queries."""
    sheets = [one for one in sheets_of(row).prefetch_related("proofs") if one.request.state in OPEN]
    sections = section_facts(row.sections.all())
    criteria = list(row.criteria.all())
    measures = measures_of(criteria)
    ranks = ranks_drawn(seed=row.seed, public=number, tickets=[one.ticket for one in sheets])
    askers, met = {}, {}
    for sheet in sheets:
        proven = {proof.criterion_id for proof in sheet.proofs.all()}
        wanted = wanted_of(sheet.request, sheet.wishes)
        askers[sheet.ticket] = asker_of(sheet.ticket, wanted, sections, measures, proven, ranks[sheet.ticket])
        met[sheet.ticket] = [one.label for one in criteria if one.pk in proven]
    places = places_of(sections)
    done = allot(places, askers.values())
    draw = Draw(row.seed, number, ranks)
    file = written(whole_told(draw, places, list(askers.values()), done.answers))
    return Run(tuple(sheets), askers, met, done, file)


@transaction.atomic
def sheet_decide(
    *, actor: Actor, sheet_id: int, outcome: str, section_id: int | None, reason: str, now: datetime
) -> CommissionSheet:
    """What the commission decides of a sheet: a place of one of its sections, waiting, or a refusal.

    Other than the order by right said, it needs a reason, which the home reads. Once the answers have left,
    who waits may be given what came free, and is told at once. Raises NotYours, OwnFile, CommissionRefused
    ("state"), and DecisionRefused: "unknown", "reason", "same", "full" (`days`).
    """
    sheet = sheet_locked(actor, sheet_id, State.PROPOSED, State.SENT, now=now)
    commission = sheet.commission
    is_sent = commission.state == State.SENT
    may = (Outcome.GIVEN,) if is_sent else (Outcome.GIVEN, Outcome.WAITING, Outcome.REFUSED)
    section = _section(commission, section_id) if outcome == Outcome.GIVEN else None
    if outcome not in may or (is_sent and sheet.outcome != Outcome.WAITING):
        raise DecisionRefused("unknown")
    if sheet.outcome == Outcome.GONE or sheet.request.state not in OPEN:
        raise DecisionRefused("unknown")
    reason = reason.strip()[:300]
    as_said = _as_said(sheet, outcome, section)
    if not reason and not as_said:
        raise DecisionRefused("reason")
    reason = "" if as_said else reason
    if (outcome, section_id, reason) == (sheet.outcome, sheet.section_id, sheet.reason):
        raise DecisionRefused("same")
    if section is not None:
        days = lacking(list(sheets_of(commission)), sheet, section, now)
        if days:
            raise DecisionRefused("full", days=days)
    before = sheet.outcome
    sheet.outcome, sheet.section, sheet.reason = outcome, section, reason
    sheet.decided_by = actor.label[:150]
    sheet.save(update_fields=["outcome", "section", "reason", "decided_by"])
    data = {"sheet": sheet.number, "before": before, "after": outcome, "section": section_id}
    subject, family_id = subject_of(commission), sheet.request.family_id
    record(actor=actor, verb=DECIDED, subject=subject, family_id=family_id, data=data, now=now)
    if is_sent:
        _send(actor, commission, sheet, now)
    return sheet


def _section(commission: Commission, section_id: int | None) -> CommissionSection:
    section = commission.sections.select_related("structure").filter(pk=section_id or 0).first()
    if section is None:
        raise DecisionRefused("unknown")
    return section


def _as_said(sheet: CommissionSheet, outcome: str, section: CommissionSection | None) -> bool:
    """Whether it is what the order by right says, and so needs no reason."""
    if outcome == Outcome.GIVEN:
        return section is not None and section.pk == sheet.proposed_id
    return outcome == Outcome.WAITING and sheet.proposed_id is None


@transaction.atomic
def commission_send(*, actor: Actor, commission_id: int, now: datetime) -> Sequence[CommissionSheet]:
    """Tell each home, once it is known who sat: a place kept until a day, waiting, or no. Returns the sheets
    of whom nobody can be written to.

    Demands refused are closed, the others wait still; of those withdrawn meanwhile nobody is told. Raises
    NotYours, and CommissionRefused: "state", "members".
    """
    homes_of_locked(commission_id)
    row = commission_locked(actor, commission_id, State.PROPOSED)
    if not row.members.strip():
        raise CommissionRefused("members")
    row.state, row.sent_at = State.SENT, now
    row.save(update_fields=["state", "sent_at"])
    unreached = []
    for sheet in sheets_of(row).exclude(outcome=Outcome.GONE):
        if sheet.request.state not in OPEN:
            sheet.outcome, sheet.section = Outcome.GONE, None
            sheet.save(update_fields=["outcome", "section"])
        elif not _send(actor, row, sheet, now):
            unreached.append(sheet)
    note(actor, SENT, row, now, fingerprint=row.fingerprint)
    return unreached


def _send(actor: Actor, commission: Commission, sheet: CommissionSheet, now: datetime) -> bool:
    """Whether somebody could be written to."""
    sheet.sent_at = now
    if sheet.outcome == Outcome.GIVEN:
        sheet.answer_until = answer_day(local(now).date(), commission.answer_days)
    sheet.save(update_fields=["sent_at", "answer_until"])
    if sheet.outcome == Outcome.REFUSED:
        care_settled(
            actor=actor,
            request_id=sheet.request_id,
            outcome=CareState.CLOSED,
            answer=sheet.reason,
            now=now,
        )
    else:
        care_followed(request_id=sheet.request_id)
    subject, family_id = subject_of(commission), sheet.request.family_id
    data = {"sheet": sheet.number, "outcome": sheet.outcome}
    record(actor=actor, verb=ANSWERED, subject=subject, family_id=family_id, data=data, now=now)
    return mails.tell_sheet(commission, sheet, now)
