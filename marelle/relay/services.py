"""Demands of childcare: sent, followed, answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from marelle.cases.models import Case
from marelle.cases.rules import undo_until
from marelle.cases.services import CaseState, OwnFile, case_filed, cases_made_nameless, decide_case, open_case
from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.families.locks import homes_locked, own_home_locked
from marelle.families.notes import SAME_AGAIN
from marelle.families.scope import is_own_file
from marelle.journal.services import Act, record, record_many
from marelle.mail.services import held_mails
from marelle.places.models import Structure
from marelle.places.scope import check_decides, is_office_of
from marelle.places.selectors import relays_for
from marelle.places.undoing import decision_undo
from marelle.relay import mails
from marelle.relay.models import CareContact, CareRequest
from marelle.relay.refusals import AnswerMissing, NoRelay, Unreachable, WrongDemand
from marelle.relay.rules import OPEN, Care, CareState, Hours, Means, demand_wrongs
from marelle.relay.scope import demands_in_charge, demands_of_home

KIND = "care"

PURGED_AT_ONCE = 200
CLOSED = {CareState.FOUND: CaseState.ACCEPTED, CareState.CLOSED: CaseState.REFUSED}


@dataclass(frozen=True, slots=True)
class Demand:
    """What the form holds. A child is born or expected; `weekly` has the hours wished by weekday."""

    asker_name: str
    email: str
    phone: str
    commune_id: int | None
    child_first_name: str
    birth_date: date | None
    expected_on: date | None
    care: Care
    starts_on: date
    weekly: Mapping[int, Hours]
    remarks: str = ""


@transaction.atomic
def care_ask(*, actor: Actor, demand: Demand, now: datetime) -> CareRequest:
    """Send a demand to the relais, from a home or from people whom nobody knows yet.

    The same one sent again while it waits is the one already there. Raises WrongDemand, Unreachable, NoRelay.
    """
    today = local(now).date()
    wrongs = demand_wrongs(
        birth=demand.birth_date,
        expected=demand.expected_on,
        starts_on=demand.starts_on,
        weekly=demand.weekly,
        today=today,
    )
    if wrongs:
        raise WrongDemand(wrongs[0])
    if not demand.email and not demand.phone:
        raise Unreachable
    if actor.family_id is not None:
        own_home_locked(actor)
    # Locked, so that of the same form sent twice the second finds the first.
    relay = relays_for(demand.commune_id).select_for_update().first()
    if relay is None:
        raise NoRelay
    known = _same(actor, relay, demand)
    if known is not None:
        return known
    row = CareRequest.objects.create(
        structure=relay,
        family_id=actor.family_id,
        asker_name=demand.asker_name,
        email=demand.email,
        phone=demand.phone,
        commune_id=demand.commune_id,
        child_first_name=demand.child_first_name,
        birth_date=demand.birth_date,
        expected_on=demand.expected_on,
        care=demand.care,
        starts_on=demand.starts_on,
        weekly=_stored(demand.weekly),
        remarks=demand.remarks,
        received_at=now,
    )
    open_case(
        actor=actor,
        kind=KIND,
        subject=_subject(row),
        family_id=row.family_id,
        authority_id=relay.authority_id,
        structure_id=relay.pk,
        now=now,
    )
    _note(actor, "care.asked", row, now)
    mails.tell_received(row, now)
    return row


@transaction.atomic
def care_contact(
    *, actor: Actor, request_id: int, on: date, means: Means, note: str = "", now: datetime
) -> CareContact:
    """Note that the relais reached the asker, or tried to; the same form sent twice notes it once.

    Raises NotYours, OwnFile.
    """
    row = _in_charge(actor, request_id, now)
    written = {"on": on, "means": means, "noted_by": actor.label[:200]}
    before = row.contacts.filter(**written, noted_at__gt=now - SAME_AGAIN)
    if (same := next((one for one in before if one.note == note), None)) is not None:
        return same
    if row.state == CareState.RECEIVED:
        row.state = CareState.IN_CONTACT
        row.save(update_fields=["state"])
    contact = CareContact.objects.create(request=row, note=note, noted_at=now, **written)
    _note(actor, "care.contacted", row, now)
    return contact


@transaction.atomic
def care_close(
    *, actor: Actor, request_id: int, outcome: CareState, answer: str, now: datetime
) -> CareRequest:
    """Close a demand, with a solution or without, and a word that the asker reads by mail.

    Raises NotYours, OwnFile, DecidedElsewhere, AnswerMissing, and AlreadyDecided for one that is closed.
    """
    if outcome not in CLOSED:
        raise ValueError(outcome)
    row = _in_charge(actor, request_id, now)
    check_decides(actor, _case(row))
    if not answer.strip():
        raise AnswerMissing
    case = _close(actor, row, outcome, CLOSED[outcome], answer.strip(), now)
    _note(actor, "care.closed", row, now)
    with held_mails(case_id=case.pk, until=undo_until(now)):
        mails.tell_answered(row, now)
    return row


@transaction.atomic
def care_followed(*, request_id: int) -> None:
    """A commission has answered a demand, which is no longer just received. Joins the transaction of who
    decides, who holds the home's lock and writes the act."""
    row = _locked(CareRequest.objects.filter(pk=request_id))
    if row.state == CareState.RECEIVED:
        row.state = CareState.IN_CONTACT
        row.save(update_fields=["state"])


@transaction.atomic
def care_settled(
    *, actor: Actor, request_id: int, outcome: CareState, answer: str, now: datetime
) -> CareRequest:
    """The same as `care_close`, of what a commission decided, or gave and a home accepted, which decides no
    case of its own: who calls has looked who may, holds the home's lock, and tells the asker. Raises
    AlreadyDecided for one that is closed."""
    row = _locked(CareRequest.objects.filter(pk=request_id))
    is_home = row.family_id is not None and row.family_id == actor.family_id and not actor.on_behalf_of
    _close(SYSTEM if is_home else actor, row, outcome, CLOSED[outcome], answer, now)
    _note(actor, "care.closed", row, now)
    return row


@transaction.atomic
def care_undo(*, actor: Actor, request_id: int, decided_at: datetime, now: datetime) -> CareRequest:
    """A demand that was closed waits again. Raises NotYours, OwnFile, CannotUndo."""
    row = _in_charge(actor, request_id, now)
    decision_undo(actor=actor, kind=KIND, subject_id=request_id, decided_at=decided_at, now=now)
    row.state = CareState.IN_CONTACT if row.contacts.exists() else CareState.RECEIVED
    row.answer, row.closed_at, row.closed_by = "", None, ""
    row.save(update_fields=["state", "answer", "closed_at", "closed_by"])
    _note(actor, "care.undone", row, now)
    return row


@transaction.atomic
def care_file(*, actor: Actor, request_id: int, family_id: int, now: datetime) -> CareRequest:
    """The office says whose demand this is: from then on that home follows it, and it stays in its file.

    Raises NotYours, also for a demand that has a home or for a home that is none, and OwnFile.
    """
    home = next((one for one in homes_locked([family_id]) if one.erased_at is None), None)
    # Of a demand that has a home already that home is not locked: its key may come before this one's.
    row = _locked(demands_in_charge(actor).filter(pk=request_id))
    if row.family_id is not None or home is None or not is_office_of(actor, row.structure.authority_id):
        raise NotYours
    if is_own_file(actor, family_id=home.pk, person_id=None, day=local(now).date()):
        raise OwnFile
    row.family = home
    row.save(update_fields=["family"])
    case_filed(kind=KIND, subject_id=row.pk, family_id=home.pk)
    _note(actor, "care.filed", row, now)
    return row


@transaction.atomic
def care_withdraw(*, actor: Actor, request_id: int, now: datetime) -> CareRequest:
    """The home no longer looks. Raises NotYours, AlreadyDecided."""
    if actor.family_id is None:
        raise NotYours
    own_home_locked(actor)
    row = _locked(demands_of_home(actor).filter(pk=request_id))
    _close(actor, row, CareState.WITHDRAWN, CaseState.WITHDRAWN, "", now)
    _note(actor, "care.withdrawn", row, now)
    return row


def _same(actor: Actor, relay: Structure, demand: Demand) -> CareRequest | None:
    waiting = CareRequest.objects.filter(
        state__in=OPEN,
        structure=relay,
        child_first_name__iexact=demand.child_first_name,
        birth_date=demand.birth_date,
        expected_on=demand.expected_on,
        care=demand.care,
        starts_on=demand.starts_on,
    )
    if actor.family_id is not None:
        return waiting.filter(family_id=actor.family_id).first()
    return waiting.filter(family=None, email__iexact=demand.email, phone=demand.phone).first()


def _stored(weekly: Mapping[int, Hours]) -> dict[str, list[str]]:
    return {str(day): [f"{begins:%H:%M}", f"{ends:%H:%M}"] for day, (begins, ends) in sorted(weekly.items())}


def _in_charge(actor: Actor, request_id: int, now: datetime) -> CareRequest:
    mine = demands_in_charge(actor).filter(pk=request_id)
    homes_locked(mine.values("family_id"))
    row = _locked(mine)
    day = local(now).date()
    if row.family_id is not None and is_own_file(actor, family_id=row.family_id, person_id=None, day=day):
        raise OwnFile
    return row


def _locked(mine: QuerySet[CareRequest]) -> CareRequest:
    rows = mine.select_for_update(no_key=True, of=("self",)).select_related("structure")
    row = rows.order_by("pk").first()
    if row is None:
        raise NotYours
    return row


def _close(
    actor: Actor, row: CareRequest, state: CareState, decision: CaseState, answer: str, now: datetime
) -> Case:
    case = _case(row)
    decide_case(actor=actor, case_id=case.pk, state=decision, reason=answer, now=now)
    row.state, row.answer = state, answer
    row.closed_at, row.closed_by = now, actor.label[:200]
    row.save(update_fields=["state", "answer", "closed_at", "closed_by"])
    return case


def _case(row: CareRequest) -> Case:
    return Case.objects.filter(kind=KIND, subject_kind=KIND, subject_id=row.pk).latest("opened_at", "pk")


def _subject(row: CareRequest) -> Subject:
    child = row.child_first_name or "enfant attendu"
    return Subject(KIND, row.pk, f"{row.asker_name} · {child}")


def _note(actor: Actor, verb: str, row: CareRequest, now: datetime) -> None:
    record(actor=actor, verb=verb, subject=_subject(row), family_id=row.family_id, now=now)


@transaction.atomic
def demands_purge(*, before: datetime, now: datetime) -> int:
    """Delete the demands of who has no home here that were closed before an instant. The journal says of
    which relais, and of nobody. At most `PURGED_AT_ONCE`; returns how many."""
    over = CareRequest.objects.filter(family__isnull=True, closed_at__lt=before).exclude(state__in=OPEN)
    ids = list(over.order_by("closed_at").values_list("pk", flat=True)[:PURGED_AT_ONCE])
    if not ids:
        return 0
    list(CareRequest.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    rows = list(over.filter(pk__in=ids).select_related("structure"))
    cases_made_nameless(kind=KIND, subject_ids=[row.pk for row in rows])
    CareRequest.objects.filter(pk__in=[row.pk for row in rows]).delete()
    acts = [Act("care.purged", Subject(KIND, row.pk, row.structure.name)) for row in rows]
    return record_many(actor=SYSTEM, acts=acts, now=now)
