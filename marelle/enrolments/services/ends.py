"""The end of an enrolment: the home asks, the service decides, the home may take it back meanwhile.

Accepting touches bookings, which stand on a floor above: `flows.enrolling.ending` does it whole, and
calls `end_accept` within its own transaction.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from marelle.cases.models import Case, CaseState
from marelle.cases.rules import undo_until
from marelle.cases.services import AlreadyOpen, OwnFile, decide_case, open_case
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.enrolments.mails import tell_end_accepted, tell_end_asked, tell_end_refused
from marelle.enrolments.models import EndRequest, Enrolment
from marelle.enrolments.refusals import Denied, ReasonMissing
from marelle.enrolments.rules import Denial, Reason, wrong_end
from marelle.enrolments.scope import decidable, own_requests
from marelle.enrolments.services.shared import journal, locked_enrolment
from marelle.families.scope import is_own_file
from marelle.mail.services import held_mails
from marelle.places.scope import check_decides

END = "end"
"""The kind of the case, and of its subject: the request itself."""


@transaction.atomic
def end_ask(*, actor: Actor, enrolment_id: int, last_day: date, comment: str, now: datetime) -> EndRequest:
    """The home asks that an accepted enrolment end after `last_day`.

    Raises `NotYours`, `Denied` for a day that does not shorten it or an enrolment that is not accepted, and
    `AlreadyOpen` while another such request waits.
    """
    today = local(now).date()
    enrolment = locked_enrolment(own_requests(actor, day=today), enrolment_id)
    denial = (
        wrong_end(enrolment.starts_on, enrolment.ends_on, today, last_day)
        if enrolment.state == Enrolment.State.ACCEPTED
        else Denial(Reason.NOT_ACCEPTED, {})
    )
    if denial is not None:
        raise Denied(denial)
    if EndRequest.objects.filter(enrolment=enrolment, state=EndRequest.State.REQUESTED).exists():
        raise AlreadyOpen
    end = EndRequest.objects.create(
        enrolment=enrolment,
        last_day=last_day,
        comment=comment,
        requested_at=now,
        requested_by=actor.label[:150],
    )
    open_case(
        actor=actor,
        kind=END,
        subject=Subject(END, end.pk, f"{enrolment.person} · {enrolment.activity}"),
        family_id=enrolment.family_id,
        authority_id=enrolment.activity.structure.authority_id,
        structure_id=enrolment.activity.deciding_structure_id,
        now=now,
    )
    journal(actor, "enrolment.end_asked", enrolment, now)
    tell_end_asked(end, now)
    return end


@transaction.atomic
def end_withdraw(*, actor: Actor, end_id: int, now: datetime) -> EndRequest:
    """The home takes its request back while it waits. Raises `NotYours` or `AlreadyDecided`."""
    mine = own_requests(actor, day=local(now).date()).values("pk")
    end = _locked(EndRequest.objects.filter(enrolment_id__in=mine).values_list("pk", "enrolment_id"), end_id)
    _decide(actor, end, CaseState.WITHDRAWN, "", now)
    journal(actor, "enrolment.end_withdrawn", end.enrolment, now)
    return end


@transaction.atomic
def end_refuse(*, actor: Actor, end_id: int, reason: str, now: datetime) -> EndRequest:
    """The enrolment goes on, for a reason that the family reads.

    Raises `NotYours`, `OwnFile`, `ReasonMissing` and `AlreadyDecided`.
    """
    end = end_locked_to_decide(actor, end_id, now)
    if not reason.strip():
        raise ReasonMissing
    case = _decide(actor, end, CaseState.REFUSED, reason.strip(), now)
    journal(actor, "enrolment.end_refused", end.enrolment, now)
    with held_mails(case_id=case.pk, until=undo_until(now)):
        tell_end_refused(end, now)
    return end


@transaction.atomic
def end_accept(*, actor: Actor, end_id: int, cancelled: int, now: datetime) -> EndRequest:
    """The enrolment ends after the last day asked for; `cancelled` bookings went with it.

    For `flows.enrolling.ending`, which cancels them in the same transaction. Raises `NotYours`, `OwnFile`,
    `AlreadyDecided`. A last day that is past by now ends it that day all the same.
    """
    end = end_locked_to_decide(actor, end_id, now)
    case = _decide(actor, end, CaseState.ACCEPTED, "", now)
    enrolment = end.enrolment
    end.ended_before = enrolment.ends_on
    end.save(update_fields=["ended_before"])
    enrolment.ends_on = min(enrolment.ends_on, end.last_day)
    enrolment.save(update_fields=["ends_on"])
    journal(actor, "enrolment.end_accepted", enrolment, now)
    with held_mails(case_id=case.pk, until=undo_until(now)):
        tell_end_accepted(end, cancelled, now)
    return end


def _locked(scope: QuerySet[EndRequest, tuple[int, int]], end_id: int) -> EndRequest:
    """The request, its enrolment locked: asking, deciding and taking back wait for each other there."""
    found = scope.filter(pk=end_id).first()
    if found is None:
        raise NotYours
    enrolment = locked_enrolment(Enrolment.objects.all(), found[1])
    end = EndRequest.objects.filter(pk=end_id).first()
    if end is None:
        raise NotYours
    end.enrolment = enrolment
    return end


def end_locked_to_decide(actor: Actor, end_id: int, now: datetime) -> EndRequest:
    mine = EndRequest.objects.filter(enrolment__in=decidable(actor).values("pk"))
    end = _locked(mine.values_list("pk", "enrolment_id"), end_id)
    if is_own_file(
        actor,
        family_id=end.enrolment.family_id,
        person_id=end.enrolment.person_id,
        day=local(now).date(),
    ):
        raise OwnFile
    return end


def _decide(actor: Actor, end: EndRequest, state: CaseState, reason: str, now: datetime) -> Case:
    case = Case.objects.filter(kind=END, subject_kind=END, subject_id=end.pk).order_by("-pk").first()
    if case is None:
        raise NotYours
    if state != CaseState.WITHDRAWN:
        check_decides(actor, case)
    decide_case(actor=actor, case_id=case.pk, state=state, reason=reason, now=now)
    end.state = EndRequest.State(state.value)
    end.reason = reason
    end.decided_at = now
    end.decided_by = actor.label[:150]
    end.save(update_fields=["state", "reason", "decided_at", "decided_by"])
    return case
