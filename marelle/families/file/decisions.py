"""An agent accepts or refuses what a home proposed, each change apart, and one mail tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from marelle.cases.models import Case, CaseState
from marelle.cases.rules import undo_until
from marelle.cases.selectors import cases_about
from marelle.cases.services import OwnFile, decide_case
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.prepared import prepared
from marelle.core.refusals import ChangedMeanwhile, NotYours
from marelle.core.sealed import CannotOpen
from marelle.families.fields import BY_CODE
from marelle.families.file.caf_answers import Answer, answer_accept, answer_of, held_beside
from marelle.families.file.changes import KIND, check_removal
from marelle.families.file.labels import change_title, source_text
from marelle.families.file.newcomers import (
    Twin,
    comes_back,
    likely_twins,
    newcomer_join,
    newcomer_of,
)
from marelle.families.file.put_back import replaced_note, what_is_replaced
from marelle.families.file.reading import proposed_value, value_now, value_seen
from marelle.families.file.values import UNREADABLE, Value, clean_text
from marelle.families.file.writing import value_write
from marelle.families.file.written import last_written
from marelle.families.incomes.rules import IncomeRow
from marelle.families.locks import home_locked
from marelle.families.models import ChangeRequest, Member, Person
from marelle.families.models.file import REASON_LENGTH
from marelle.families.refusals import AlreadyAnswered, NoSuchTwin, NotAllowed, ReasonMissing
from marelle.families.scope import is_own_file, keeps_files
from marelle.families.telling import service_contacts, tell_home
from marelle.files.holding import check_seen
from marelle.journal.services import Subject, record
from marelle.mail.services import held_mails


@dataclass(frozen=True, slots=True)
class Decision:
    """An agent's answer to one change.

    `current` is the value that the agent read as held, so that accepting never overwrites another silently;
    `since` replaces the day from which a dated value counts, or the last day of who leaves; `same_as` is the
    person already known whom a newcomer is.
    """

    change_id: int
    accept: bool
    reason: str = ""
    current: Value | None = None
    since: date | None = None
    same_as: int | None = None


@dataclass(frozen=True, slots=True)
class ToDecide:
    """A change with what an agent reads before deciding: the value held now, since when, and likely twins.

    `answer` is what the CAF or the MSA said, and `beside` what is held of the same kinds; None and nothing
    for another change, and where no key opens it.
    `changed_at` is when the field was last written from the portal, None when the journal knows no more.
    `kept_away`: a judge keeps the home away from the child that it asks to add.
    """

    change: ChangeRequest
    seen: Value
    now_held: Value
    proposed: Value
    twins: tuple[Twin, ...] = field(default=())
    changed_at: datetime | None = None
    kept_away: bool = False
    answer: Answer | None = None
    beside: tuple[IncomeRow, ...] = ()

    @property
    def changed_meanwhile(self) -> bool:
        return self.seen != self.now_held


def changes_in_reach(actor: Actor) -> QuerySet[ChangeRequest]:
    """Changes that the actor's posts let it decide: the office of the portal's authority keeps the files."""
    if not keeps_files(actor):
        return ChangeRequest.objects.none()
    return _changes()


def _changes() -> QuerySet[ChangeRequest]:
    return ChangeRequest.objects.select_related("family", "person", "income", "caf_answer", "proof")


@prepared
def _change(change_id: int) -> QuerySet[ChangeRequest]:
    return _changes().filter(pk=change_id)


@prepared
def _other_changes(family_id: int, change_id: int) -> QuerySet[ChangeRequest]:
    rows = _changes().filter(family_id=family_id, state=ChangeRequest.State.OPEN)
    return rows.exclude(pk=change_id).order_by("asked_at", "pk")


def changes_to_decide(actor: Actor, change_id: int, *, day: date) -> tuple[ToDecide, ...]:
    """The change, first, and what else waits of the same home; nothing for who may not read it.

    What is about the actor's own home or child is left out, but for the change asked for (`is_own_change`).
    """
    change = next(iter(_change(change_id)), None) if keeps_files(actor) else None
    if change is None:
        return ()
    others = _other_changes(change.family_id, change_id)
    own: dict[int | None, bool] = {}
    for row in others:
        if row.person_id not in own:
            own[row.person_id] = is_own_change(actor, row, day=day)
    written = last_written(change.family_id)
    shown = (change, *(row for row in others if not own[row.person_id]))
    return tuple(_to_decide(row, day, written) for row in shown)


def is_own_change(actor: Actor, change: ChangeRequest, *, day: date) -> bool:
    """Whether it is about the actor's own home or child: a colleague decides it, and reads its proof."""
    return is_own_file(actor, family_id=change.family_id, person_id=change.person_id, day=day)


DECIDED: Final = ("state", "reason", "decided_at", "decided_by")


@transaction.atomic
def changes_decide(*, actor: Actor, decisions: Sequence[Decision], now: datetime) -> None:
    """Decide changes of one home, all or nothing; the home that asked gets one mail for each child concerned.

    Raises NotYours, ReasonMissing, AlreadyAnswered, OwnFile, ChangedMeanwhile, WrongDate, LastAdult,
    CannotOpen, CannotSeal, NotSeen.
    """
    decided: list[ChangeRequest] = []
    cases: list[Case] = []
    for decision in sorted(decisions, key=lambda one: one.change_id):
        change = change_locked(actor, decision.change_id, now)
        reason = clean_text(decision.reason)[:REASON_LENGTH]
        if decision.accept:
            _accept(change, decision, now)
        elif not reason:
            raise ReasonMissing
        case = _close(
            actor, change, accept=decision.accept, reason="" if decision.accept else reason, now=now
        )
        decided.append(change)
        cases += [case] if case is not None else []
    # Decided together, told together, undone together: the mail hangs on one of their cases.
    with held_mails(case_id=cases[0].pk, until=undo_until(now)) if cases else nullcontext():
        _tell(decided, now)


def _to_decide(
    change: ChangeRequest, day: date, written: Mapping[tuple[str, int | None], datetime]
) -> ToDecide:
    twins: tuple[Twin, ...] = ()
    away = False
    now_held: Value = {}
    seen: Value = {}
    proposed: Value = {}
    answer, beside = _answered(change, day)
    if change.kind == ChangeRequest.Kind.FIELD:
        now_held = value_now(BY_CODE[change.field], change.family, change.person, day=day)
        seen, proposed = value_seen(change), proposed_value(change)
    elif change.kind == ChangeRequest.Kind.CAF:
        now_held = seen = _amounts(beside)
    elif change.kind == ChangeRequest.Kind.ADD and change.state == ChangeRequest.State.OPEN:
        newcomer = newcomer_of(change.new)
        twins = likely_twins(change.family_id, newcomer, day=day)
        away = comes_back(change.family_id, newcomer, day=day)
    changed_at = written.get((change.field, change.person_id))
    return ToDecide(change, seen, now_held, proposed, twins, changed_at, away, answer, beside)


def _answered(change: ChangeRequest, day: date) -> tuple[Answer | None, tuple[IncomeRow, ...]]:
    try:
        answer = answer_of(change) if change.kind == ChangeRequest.Kind.CAF else None
    except CannotOpen:
        answer = None
    return (answer, held_beside(change.family_id, answer.said, day=day)) if answer else (None, ())


def _amounts(rows: Sequence[IncomeRow]) -> Value:
    """What an agent reads as held, to be compared with what is held when it decides."""
    return {
        row.kind.value: UNREADABLE if row.told is None else f"{row.told.status} {row.told.amount} {row.since}"
        for row in rows
    }


def change_locked(actor: Actor, change_id: int, now: datetime, *, decided: bool = False) -> ChangeRequest:
    """A change that the actor decides, and not its own; its home and its person are locked. Raises NotYours,
    OwnFile, and AlreadyAnswered unless those `decided` are asked for."""
    found = changes_in_reach(actor).filter(pk=change_id).first()
    if found is None:
        raise NotYours
    # The same order as a home that saves: the family, then the person, then the change.
    home_locked(found.family_id)
    if found.person_id is not None:
        Person.objects.select_for_update(no_key=True).get(pk=found.person_id)
    rows = changes_in_reach(actor).select_for_update(of=("self",), no_key=True)
    change = rows.filter(pk=change_id, family_id=found.family_id).order_by("pk").first()
    if change is None:  # it went to another home while this waited
        raise NotYours
    if not decided and change.state != ChangeRequest.State.OPEN:
        raise AlreadyAnswered(change.state)
    day = local(now).date()
    if is_own_change(actor, change, day=day):
        raise OwnFile
    return change


def _accept(change: ChangeRequest, decision: Decision, now: datetime) -> None:
    day = local(now).date()
    if change.proof is not None:
        check_seen([change.proof])
    match change.kind:
        case ChangeRequest.Kind.FIELD:
            _accept_field(change, decision, day)
        case ChangeRequest.Kind.ADD:
            _accept_newcomer(change, decision, day)
        case ChangeRequest.Kind.CAF:
            _accept_answer(change, decision, day)
        case _:
            leaving = decision.since or date.fromisoformat(change.new["leaving"])
            if change.person_id is None:
                raise NotYours
            check_removal(change.family, change.person_id, leaving, day)
            Member.objects.filter(family_id=change.family_id, person_id=change.person_id, until=None).update(
                until=leaving
            )
            change.replaced = {"until": leaving.isoformat()}


def _accept_field(change: ChangeRequest, decision: Decision, day: date) -> None:
    registered = BY_CODE[change.field]
    now_held = value_now(registered, change.family, change.person, day=day)
    read = decision.current if decision.current is not None else value_seen(change)
    if read != now_held:
        raise ChangedMeanwhile(held={change.field: now_held})
    value = proposed_value(change)
    if UNREADABLE in {value.get("amount"), now_held.get("amount")}:
        raise CannotOpen
    if decision.since is not None and "since" in value:
        value["since"] = decision.since.isoformat()
    proved = change.proof_id is not None
    source = source_text(by_agent=False, has_proof=proved)
    before = what_is_replaced(change, now_held, value, day=day)
    value_write(registered, change.family, change.person, value, source=source, day=day, proved=proved)
    replaced_note(change, before, value, day=day)


def _accept_answer(change: ChangeRequest, decision: Decision, day: date) -> None:
    answer = answer_of(change)
    if answer is None:
        raise CannotOpen
    now_held = _amounts(held_beside(change.family_id, answer.said, day=day))
    if decision.current is not None and decision.current != now_held:
        raise ChangedMeanwhile(held={change.field: now_held})
    answer_accept(change, answer, since=decision.since or answer.since, day=day)


def _accept_newcomer(change: ChangeRequest, decision: Decision, day: date) -> None:
    newcomer = newcomer_of(change.new)
    same: Person | None = None
    if comes_back(change.family_id, newcomer, day=day):
        raise NotAllowed("kept_away")
    if decision.same_as is not None:
        twins = likely_twins(change.family_id, newcomer, day=day)
        same = next((twin.person for twin in twins if twin.person.pk == decision.same_as), None)
        if same is None:
            raise NoSuchTwin
    joined = newcomer_join(change.family, newcomer, same_as=same, day=day)
    change.person = joined.person
    change.replaced = {"made": joined.made, "member": joined.member_id, "links": list(joined.links)}


def _close(actor: Actor, change: ChangeRequest, *, accept: bool, reason: str, now: datetime) -> Case | None:
    change.state = ChangeRequest.State.ACCEPTED if accept else ChangeRequest.State.REFUSED
    change.reason = reason
    change.decided_at = now
    change.decided_by = actor.label[:200]
    change.save(update_fields=[*DECIDED, "person", "replaced"])
    case = cases_about(kind=KIND, subject_kind="change", subject_ids=[change.pk]).get(change.pk)
    if case is not None:
        state = CaseState.ACCEPTED if accept else CaseState.REFUSED
        decide_case(actor=actor, case_id=case.pk, state=state, reason=reason, now=now)
    journal_change(actor, "file.change_accepted" if accept else "file.change_refused", change, now)
    return case


def journal_change(actor: Actor, verb: str, change: ChangeRequest, now: datetime) -> None:
    record(
        actor=actor,
        verb=verb,
        subject=Subject("change", change.pk, change_title(change)),
        family_id=change.family_id,
        data={"fields": [change.field]} if change.field else None,
        now=now,
    )


def _tell(decided: Sequence[ChangeRequest], now: datetime) -> None:
    """Adults of the home that asked; about a child, those of them who may see it."""
    groups: dict[tuple[int, int | None], list[ChangeRequest]] = {}
    for change in decided:
        groups.setdefault((change.family_id, _child_id(change)), []).append(change)
    contacts = service_contacts()
    for (family_id, child_id), changes in groups.items():
        accepted = [
            change_title(change) for change in changes if change.state == ChangeRequest.State.ACCEPTED
        ]
        refused = [
            {"title": change_title(change), "reason": change.reason}
            for change in changes
            if change.state == ChangeRequest.State.REFUSED
        ]
        tell_home(
            kind="families/change_answered",
            context={
                "accepted": accepted,
                "refused": refused,
                **contacts,
            },
            family_id=family_id,
            child_id=child_id,
            now=now,
        )


def _child_id(change: ChangeRequest) -> int | None:
    """The child that the change is about: then only who may see it is told."""
    if change.kind == ChangeRequest.Kind.FIELD and not change.field.startswith("child."):
        return None
    if change.person_id is None:
        return None
    is_child = Member.objects.filter(
        family_id=change.family_id, person_id=change.person_id, kind=Member.Kind.CHILD
    ).exists()
    return change.person_id if is_child else None
