"""Contests: a home says that it does not owe days of a line of its bill; the office waives them, or not,
unless the home takes it back first.

Who decides is who keeps the bills of the authority, never of its own home. A waiver is a fact of what is due
(`due.owed`): the next bill, or a correction at once, gives back what was billed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from marelle.billing.due import Place
from marelle.billing.mails import tell_contest
from marelle.billing.models import Contest, Invoice, InvoiceLine, Share
from marelle.billing.models.contests import ANSWER_LENGTH, WORDS_LENGTH
from marelle.billing.selectors import readable
from marelle.cases.models import Case, CaseState
from marelle.cases.rules import undo_until
from marelle.cases.services import OwnFile, decide_case, open_case
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours, Refusal
from marelle.core.subject import Subject
from marelle.families.locks import home_locked, own_home_locked
from marelle.families.scope import is_own_file
from marelle.journal.services import record
from marelle.mail.services import held_mails
from marelle.places.scope import in_office
from marelle.places.undoing import decision_undo

KIND = SUBJECT = "contest"
State = Contest.State
STANDING: Final = (State.OPEN, State.ACCEPTED)


class ContestRefused(Refusal):
    """`code`: "days" (none, or none of the line's), "words" (none, or too many), "open" (one of these days is
    contested and waits), "waived" (nothing is due any more of one of them), "reason" (a refusal says why),
    "changed" (decided otherwise meanwhile)."""


def may_contest(bill: Invoice, line: InvoiceLine) -> bool:
    """Whether a line of a bill is one that a home may contest, if the bill is its own and no part: Marelle
    made it, and it asks for something."""
    return (
        bill.run_id is not None
        and bill.payer_id is None
        and bill.cancelled_on is None
        and bill.kind != Invoice.Kind.CREDIT
        and line.amount > 0
        and bool(line.days)
    )


def lines_to_contest(actor: Actor, bill: Invoice, lines: Iterable[InvoiceLine]) -> frozenset[int]:
    """The ids of those that the actor's home may contest: never of a bill that a former home got, nor of a
    part of what another home books. One query at most."""
    found = frozenset(line.pk for line in lines if may_contest(bill, line))
    if not found or bill.family_id != actor.family_id:
        return frozenset()
    asked = Share.objects.filter(invoice=bill).exclude(payer_home=None)
    return frozenset() if asked.exists() else found


def contests_of(bill: Invoice) -> Mapping[int, list[Contest]]:
    """By the id of the line, the oldest first; one query."""
    found: dict[int, list[Contest]] = defaultdict(list)
    for row in Contest.objects.filter(line__invoice=bill).select_related("line"):
        found[row.line_id].append(row)
    return found


def contests_to_withdraw(actor: Actor, bill: Invoice, rows: Iterable[Contest]) -> frozenset[int]:
    """The ids of those of a bill that wait, where it is the actor's own home's."""
    if bill.family_id != actor.family_id:
        return frozenset()
    return frozenset(row.pk for row in rows if row.state == State.OPEN)


def days_standing(rows: Iterable[Contest]) -> frozenset[date]:
    """Those that are contested and wait, or are waived."""
    return frozenset(day for row in rows if row.state in STANDING for day in row.dates)


def contests_accepted(**of: Any) -> QuerySet[Contest]:
    """Those of which nothing is due any more."""
    return Contest.objects.filter(state=State.ACCEPTED, **of)


def places_waived(authority_id: int, family_ids: Collection[int]) -> dict[int, frozenset[Place]]:
    """By home, the places of which nothing is due at this authority; one query."""
    rows = contests_accepted(
        line__invoice__authority_id=authority_id, line__invoice__family_id__in=family_ids
    ).select_related("line__invoice")
    found: dict[int, set[Place]] = defaultdict(set)
    for row in rows:
        found[row.line.invoice.family_id].update(row.places())
    return {family_id: frozenset(places) for family_id, places in found.items()}


@transaction.atomic
def contest_open(
    *, actor: Actor, invoice_id: int, line_id: int, days: Collection[date], words: str, now: datetime
) -> Contest:
    """The home does not agree with these days of the line: an agent is asked.

    Raises NotYours for what is not its own to contest, HomeGone, or ContestRefused.
    """
    home = own_home_locked(actor)
    bill = readable(actor).filter(pk=invoice_id).first()
    line = InvoiceLine.objects.filter(invoice=bill, pk=line_id).select_related("child").first()
    if bill is None or line is None or line_id not in lines_to_contest(actor, bill, [line]):
        raise NotYours
    asked = sorted(day.isoformat() for day in set(days))
    if not asked or not set(asked) <= set(line.days):
        raise ContestRefused("days")
    words = words.strip()
    if not words or len(words) > WORDS_LENGTH:
        raise ContestRefused("words")
    row = Contest(
        line=line, days=asked, words=words, asked_at=now, asked_by=actor.label[:150], state=State.OPEN
    )
    _check_free(row, home.pk, bill.authority_id)
    row.save()
    open_case(
        actor=actor,
        kind=KIND,
        subject=Subject(SUBJECT, row.pk, _label(row, bill)),
        family_id=home.pk,
        authority_id=bill.authority_id,
        now=now,
    )
    _record(actor, "contest.asked", row, bill, now)
    return row


@transaction.atomic
def contest_withdraw(*, actor: Actor, invoice_id: int, contest_id: int, now: datetime) -> Contest:
    """The home takes it back while it waits: its days may be contested again.

    Raises NotYours, HomeGone, or AlreadyDecided.
    """
    home = own_home_locked(actor)
    bill = readable(actor).filter(pk=invoice_id, family=home).first()
    row = Contest.objects.select_related("line").filter(line__invoice=bill, pk=contest_id).first()
    if bill is None or row is None:
        raise NotYours
    _close(row, actor, State.WITHDRAWN, CaseState.WITHDRAWN, "", now)
    _record(actor, "contest.withdrawn", row, bill, now)
    return row


@transaction.atomic
def contest_accept(*, actor: Actor, contest_id: int, words: str = "", now: datetime) -> Contest:
    """Nothing is due any more of its days, whoever pays them. `words`: for the home, may be empty.

    Raises NotYours, HomeGone, OwnFile, AlreadyDecided, or ContestRefused.
    """
    return _decided(actor, contest_id, State.ACCEPTED, words, now)


@transaction.atomic
def contest_refuse(*, actor: Actor, contest_id: int, reason: str, now: datetime) -> Contest:
    """What was billed stays. Raises as `contest_accept`."""
    if not reason.strip():
        raise ContestRefused("reason")
    return _decided(actor, contest_id, State.REFUSED, reason, now)


@transaction.atomic
def contest_undo(*, actor: Actor, contest_id: int, decided_at: datetime, now: datetime) -> Contest:
    """It waits again. Raises NotYours, HomeGone, OwnFile and CannotUndo."""
    row = _locked(actor, contest_id, now)
    decision_undo(actor=actor, kind=KIND, subject_id=row.pk, decided_at=decided_at, now=now)
    row.state, row.decided_at, row.decided_by, row.reason = State.OPEN, None, "", ""
    row.save(update_fields=["state", "decided_at", "decided_by", "reason"])
    _record(actor, "contest.undone", row, row.line.invoice, now)
    return row


@transaction.atomic
def contest_take_back(*, actor: Actor, contest_id: int, reason: str, now: datetime) -> Contest:
    """Its days are due again, and billed again where they were given back. Raises as `contest_accept`, or
    ContestRefused ("changed") where it is not accepted any more."""
    row = _locked(actor, contest_id, now)
    if row.state != State.ACCEPTED:
        raise ContestRefused("changed")
    if not reason.strip():
        raise ContestRefused("reason")
    _decide(row, actor, State.TAKEN_BACK, reason, now)
    _record(actor, "contest.taken_back", row, row.line.invoice, now)
    tell_contest(row, now=now)
    return row


def contests_in_charge(actor: Actor) -> QuerySet[Contest]:
    """Those of the authorities whose bills the actor keeps."""
    return Contest.objects.filter(in_office(actor, "line__invoice__authority__")).select_related(
        "line__invoice__authority",
        "line__invoice__family",
        "line__child",
        "line__of_activity__structure",
    )


def _decided(actor: Actor, contest_id: int, state: Contest.State, reason: str, now: datetime) -> Contest:
    row = _locked(actor, contest_id, now)
    outcome = CaseState.ACCEPTED if state == State.ACCEPTED else CaseState.REFUSED
    case = _close(row, actor, state, outcome, reason, now)
    verb = "contest.accepted" if state == State.ACCEPTED else "contest.refused"
    _record(actor, verb, row, row.line.invoice, now)
    with held_mails(case_id=case.pk, until=undo_until(now)):
        tell_contest(row, now=now)
    return row


def _close(
    row: Contest, actor: Actor, state: Contest.State, outcome: CaseState, reason: str, now: datetime
) -> Case:
    case = Case.objects.filter(kind=KIND, subject_id=row.pk).order_by("-opened_at", "-pk").first()
    if case is None:
        raise NotYours
    decide_case(actor=actor, case_id=case.pk, state=outcome, reason=reason.strip(), now=now)
    _decide(row, actor, state, reason, now)
    return case


def _decide(row: Contest, actor: Actor, state: Contest.State, reason: str, now: datetime) -> None:
    row.state, row.reason = state, " ".join(reason.split())[:ANSWER_LENGTH]
    row.decided_at, row.decided_by = now, actor.label[:150]
    row.save(update_fields=["state", "reason", "decided_at", "decided_by"])


def _locked(actor: Actor, contest_id: int, now: datetime) -> Contest:
    """With the lock of its home, under which its bills are issued; read once it is held."""
    rows = contests_in_charge(actor).filter(pk=contest_id)
    found = rows.values_list("line__invoice__family_id", flat=True).first()
    if found is None:
        raise NotYours
    home_locked(found)
    row = rows.get()
    child_id, day = row.line.child_id, local(now).date()
    if is_own_file(actor, family_id=row.line.invoice.family_id, person_id=child_id, day=day):
        raise OwnFile
    return row


def _check_free(row: Contest, family_id: int, authority_id: int) -> None:
    """A day of a child in an activity is contested once at a time, on whichever bill it stands."""
    asked = set(row.places())
    rows = Contest.objects.filter(
        state__in=STANDING,
        line__invoice__family_id=family_id,
        line__invoice__authority_id=authority_id,
        line__child=row.line.child_id,
        line__of_activity=row.line.of_activity_id,
    ).select_related("line")
    for one in rows:
        if asked.intersection(one.places()):
            raise ContestRefused("open" if one.state == State.OPEN else "waived")


def _label(row: Contest, bill: Invoice) -> str:
    """Who it is about comes first."""
    who = str(row.line.child) if row.line.child else bill.family.name
    return f"{who} · {row.line.activity}, {bill.number}"


def _record(actor: Actor, verb: str, row: Contest, bill: Invoice, now: datetime) -> None:
    """Neither a word of the home nor an amount."""
    record(
        actor=actor,
        verb=verb,
        subject=Subject(SUBJECT, row.pk, bill.number),
        family_id=bill.family_id,
        data={"days": list(row.days)},
        now=now,
    )
