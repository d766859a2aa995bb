"""Absences without notice: an agent is asked once what to do, and suspends, warns, or leaves it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet

from marelle.activities.absences import may_suspend
from marelle.activities.catalogue import activity_facts
from marelle.activities.facts import ActivityFacts
from marelle.activities.models import AbsenceRule
from marelle.attendance.mismatch_rules import ANSWERED_WITHIN, Answer
from marelle.attendance.models import Mismatch, NoShow
from marelle.attendance.no_show_mails import tell_suspended, tell_warned
from marelle.attendance.no_show_rules import Counted, Unannounced, days_counted
from marelle.attendance.refusals import CannotSuspend, WordsMissing
from marelle.attendance.rules import Alert
from marelle.bookings.closing.reviving import bookings_revive, ended_locked
from marelle.bookings.models import Booking
from marelle.bookings.saving.freeing import bookings_end
from marelle.bookings.saving.locks import children_locked
from marelle.bookings.states import LIVE, BookingState, EndCause
from marelle.cases.models import Case, CaseState
from marelle.cases.rules import undo_until
from marelle.cases.services import OwnFile, decide_case, open_case
from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.rows import columns
from marelle.core.subject import Subject
from marelle.enrolments.models import Enrolment
from marelle.enrolments.services.suspending import enrolment_resume, enrolment_suspend
from marelle.families.scope import is_own_file
from marelle.journal.services import record
from marelle.mail.services import held_mails
from marelle.places.scope import check_decides, in_charge, may_decide
from marelle.places.undoing import decision_undo

KIND = SUBJECT = "no_show"
ASKED, WARNED, LEFT, UNDONE = "no_show.asked", "no_show.warned", "no_show.left", "no_show.undone"
LONGEST: Final = timedelta(days=366)


def no_shows_ask(*, now: datetime) -> int:
    """Ask agents about the children of whom enough days were missed without a word. Returns how many are new.

    One query while no rule asks; any number of processes ask once: they look again under the child's lock.
    """
    today = local(now).date()
    asking = AbsenceRule.objects.filter(Q(until=None) | Q(until__gte=today - LONGEST)).exclude(
        unannounced=None
    )
    activities = set(asking.values_list("activity_id", flat=True))
    if not activities:
        return 0
    counted = days_counted(_missed(_recent(activities, today)))
    asked = set(NoShow.objects.filter(since__gte=today - LONGEST).values_list("enrolment_id", "since"))
    due = sorted(key for key, one in counted.items() if one.is_enough and key not in asked)
    return sum(_ask(enrolment_id, since, now) for enrolment_id, since in due)


@transaction.atomic
def _ask(enrolment_id: int, since: date, now: datetime) -> bool:
    rows = Enrolment.objects.filter(pk=enrolment_id, family__erased_at=None)
    children_locked(set(rows.values_list("person_id", flat=True)))
    enrolment = rows.select_related("person", "activity__structure").first()
    if enrolment is None or not _counted(enrolment_id, since, now).is_enough:
        return False
    row, is_new = NoShow.objects.get_or_create(enrolment=enrolment, since=since, defaults={"asked_at": now})
    if is_new:
        open_case(
            actor=SYSTEM,
            kind=KIND,
            subject=Subject(SUBJECT, row.pk, f"{enrolment.person} · {enrolment.activity}"),
            family_id=enrolment.family_id,
            authority_id=enrolment.activity.structure.authority_id,
            structure_id=enrolment.activity.deciding_structure_id,
            now=now,
        )
        _record(SYSTEM, ASKED, row, now)
    return is_new


def days_missed(row: NoShow, *, now: datetime) -> tuple[date, ...]:
    """Those of its time as they stand now: what is told, or put right, since is no longer one."""
    return _counted(row.enrolment_id, row.since, now).days


def _counted(enrolment_id: int, since: date, now: datetime) -> Counted:
    rows = _unannounced(local(now).date()).filter(booking__enrolment=enrolment_id, day__gte=since)
    return days_counted(_missed(rows)).get((enrolment_id, since), Counted((), 1))


@transaction.atomic
def no_show_suspend(
    *,
    actor: Actor,
    no_show_id: int,
    first: date,
    last: date,
    reason: str,
    cancels: bool,
    now: datetime,
) -> NoShow:
    """Suspend the bookings of the child in the activity from a day to another; `cancels`: those that it has.

    Raises NotYours, OwnFile, DecidedElsewhere, AlreadyDecided; WordsMissing without a reason, which the
    family reads; CannotSuspend: "not_in_order", "past", "too_long", or "not_here", where no rule lets it.
    """
    row = _decided(actor, no_show_id, now)
    today = local(now).date()
    reason = " ".join(reason.split())[:300]
    if not reason:
        raise WordsMissing
    if not lets_suspend(row, today):
        raise CannotSuspend("not_here")
    if first < today:
        raise CannotSuspend("past")
    if last < first:
        raise CannotSuspend("not_in_order")
    if last - first > LONGEST:
        raise CannotSuspend("too_long")
    case = _close(actor, row, CaseState.ACCEPTED, reason, now)
    _settle(row, NoShow.Decision.SUSPENDED, actor, now)
    enrolment_suspend(actor=actor, enrolment=row.enrolment, first=first, last=last, reason=reason, now=now)
    ended = _cancelled(actor, row.enrolment, first, last, now) if cancels else 0
    with held_mails(case_id=case.pk, until=undo_until(now)):
        tell_suspended(row, first=first, last=last, cancelled=ended, now=now)
    return row


@transaction.atomic
def no_show_warn(*, actor: Actor, no_show_id: int, now: datetime) -> NoShow:
    """Write to the family which days were missed. Raises what `no_show_suspend` raises of who may."""
    row = _decided(actor, no_show_id, now)
    case = _close(actor, row, CaseState.ACCEPTED, "", now)
    _settle(row, NoShow.Decision.WARNED, actor, now)
    _record(actor, WARNED, row, now)
    with held_mails(case_id=case.pk, until=undo_until(now)):
        tell_warned(row, days=days_missed(row, now=now), now=now)
    return row


@transaction.atomic
def no_show_leave(*, actor: Actor, no_show_id: int, now: datetime) -> NoShow:
    """Nothing comes of it, and nobody is told."""
    row = _decided(actor, no_show_id, now)
    _close(actor, row, CaseState.REFUSED, "", now)
    _settle(row, NoShow.Decision.LEFT, actor, now)
    _record(actor, LEFT, row, now)
    return row


@transaction.atomic
def no_show_undo(*, actor: Actor, no_show_id: int, decided_at: datetime, now: datetime) -> NoShow:
    """It waits again, and what was cancelled lives again. Raises NotYours, OwnFile and CannotUndo."""
    row = _decided(actor, no_show_id, now)
    ended = ended_locked(
        Booking.objects.filter(enrolment_id=row.enrolment_id, end_cause=EndCause.STRUCTURE),
        decided_at=decided_at,
    )
    decision_undo(actor=actor, kind=KIND, subject_id=no_show_id, decided_at=decided_at, now=now)
    if row.decision == NoShow.Decision.SUSPENDED:
        enrolment_resume(actor=actor, enrolment=row.enrolment, now=now)
        bookings_revive(ended, decided_at=decided_at, now=now)
    row.decision, row.decided_at, row.decided_by = "", None, ""
    row.save(update_fields=DECISION)
    _record(actor, UNDONE, row, now)
    return row


@transaction.atomic
def suspension_lift(*, actor: Actor, no_show_id: int, now: datetime) -> None:
    """Bookings may be made again; what was cancelled stays so. Raises NotYours, OwnFile, and CannotSuspend:
    "over", where nothing is suspended."""
    row = _decided(actor, no_show_id, now)
    if row.enrolment.suspended_from is None:
        raise CannotSuspend("over")
    enrolment_resume(actor=actor, enrolment=row.enrolment, now=now)


def no_shows_in_charge(actor: Actor) -> QuerySet[NoShow]:
    """Those of the structures that the actor answers for."""
    if not may_decide(actor):
        return NoShow.objects.none()
    return NoShow.objects.filter(in_charge(actor, "enrolment__activity__structure__"))


def lets_suspend(row: NoShow, day: date) -> bool:
    """Whether a rule of the activity, of that day, lets its bookings be suspended."""
    facts = _facts(row)
    rules = (facts.absence_rule_for(slot_id, day) for slot_id in facts.slots)
    return any(rule is not None and may_suspend(facts.kind, rule) for rule in rules)


DECISION: Final = ("decision", "decided_at", "decided_by")


class _MissedRow(NamedTuple):
    enrolment_id: int
    activity_id: int
    revision: int
    slot_id: int
    day: date


MISSED = columns(
    _MissedRow,
    "day",
    enrolment_id="booking__enrolment_id",
    activity_id="opening__activity_id",
    revision="opening__activity__revision",
    slot_id="opening__slot_id",
)


def _recent(activities: Iterable[int], today: date) -> QuerySet[Mismatch]:
    """Of the enrolments of which something is new: what a home may answer no more has been looked at."""
    rows = _unannounced(today)
    lately = today - ANSWERED_WITHIN - timedelta(days=1)
    recent = rows.filter(opening__activity__in=activities, day__gte=lately)
    return rows.filter(booking__enrolment__in=recent.values("booking__enrolment"), day__gte=today - LONGEST)


def _unannounced(today: date) -> QuerySet[Mismatch]:
    """Booked, not seen, and not a word of it once the day was over: neither an absence, nor an error of the
    door that waits for its answer or was put right."""
    rows = Mismatch.objects.standing().filter(
        kind=Alert.ABSENT, booking__state=BookingState.BOOKED, booking__absence=None, day__lt=today
    )
    wrong = Q(answer=Answer.ERROR, settled="") | Q(settled=Mismatch.Settled.CORRECTED)
    return rows.exclude(wrong)


def _missed(rows: QuerySet[Mismatch]) -> list[Unannounced]:
    found = list(MISSED.of(rows.order_by("pk")))
    facts = activity_facts({row.activity_id: row.revision for row in found})
    return [Unannounced(row.enrolment_id, facts[row.activity_id], row.slot_id, row.day) for row in found]


def _decided(actor: Actor, no_show_id: int, now: datetime) -> NoShow:
    """One that the actor answers for, and not its own; its child, then its enrolment, are locked."""
    rows = no_shows_in_charge(actor).filter(pk=no_show_id)
    children_locked(set(rows.values_list("enrolment__person_id", flat=True)))
    row = rows.first()
    if row is None:
        raise NotYours
    enrolments = Enrolment.objects.select_for_update(no_key=True, of=("self",))
    row.enrolment = enrolments.select_related("person", "activity__structure").get(pk=row.enrolment_id)
    one, day = row.enrolment, local(now).date()
    if is_own_file(actor, family_id=one.family_id, person_id=one.person_id, day=day):
        raise OwnFile
    return row


def _close(actor: Actor, row: NoShow, state: CaseState, reason: str, now: datetime) -> Case:
    case = Case.objects.filter(kind=KIND, subject_id=row.pk).latest("pk")
    check_decides(actor, case)
    return decide_case(actor=actor, case_id=case.pk, state=state, reason=reason, now=now)


def _settle(row: NoShow, decision: NoShow.Decision, actor: Actor, now: datetime) -> None:
    row.decision, row.decided_at, row.decided_by = decision, now, actor.label[:150]
    row.save(update_fields=DECISION)


def _cancelled(actor: Actor, enrolment: Enrolment, first: date, last: date, now: datetime) -> int:
    """How many bookings of those days are taken back."""
    rows = Booking.objects.filter(
        enrolment=enrolment, day__gte=first, day__lte=last, state__in=LIVE, starts_at__gt=now
    )
    ended = bookings_end(
        actor=actor,
        booking_ids=rows.values_list("pk", flat=True),
        cause=EndCause.STRUCTURE,
        child_ids=[enrolment.person_id],
        now=now,
    )
    return len(ended)


def _facts(row: NoShow) -> ActivityFacts:
    activity = row.enrolment.activity
    return activity_facts({activity.pk: activity.revision})[activity.pk]


def _record(actor: Actor, verb: str, row: NoShow, now: datetime) -> None:
    """Told of the child, so that the history hides it from who may not see the child."""
    person = row.enrolment.person
    subject = Subject("person", person.pk, person.first_name)
    record(actor=actor, verb=verb, subject=subject, family_id=row.enrolment.family_id, now=now)
