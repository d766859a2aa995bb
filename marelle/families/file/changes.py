"""Saving the file, and proposing what an agent decides: a field, a person to add, a person to remove."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from marelle.cases.models import CaseState
from marelle.cases.selectors import cases_about
from marelle.cases.services import Subject, decide_case, open_case
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import ChangedMeanwhile, NotYours, Refusal
from marelle.core.sealed import seal
from marelle.families.fields import Kind, Policy
from marelle.families.file.labels import source_text
from marelle.families.file.newcomers import Newcomer, check_newcomer, newcomer_json
from marelle.families.file.reading import (
    Line,
    Sheet,
    changes_seen,
    facts_of_line,
    has_left,
    home_sheet,
    person_sheet,
    proposed_value,
)
from marelle.families.file.values import Value, WrongValue, checked, clean_text, untouched
from marelle.families.file.writing import value_write
from marelle.families.locks import own_home_locked
from marelle.families.models import CafAnswer, ChangeRequest, Family, Member, Person, ProposedIncome
from marelle.families.refusals import AlreadyAnswered, HomeLeft, LastAdult, NotAllowed, WrongDate, WrongValues
from marelle.families.selectors import current, members
from marelle.files.services import CheckedFile, file_store, files_delete
from marelle.journal.services import record
from marelle.places.selectors import portal_authority_id

KIND = "change"
NOTE_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Saved:
    """Codes of the fields that were kept, and of those that wait for an agent."""

    kept: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()


@transaction.atomic
def file_save(
    *,
    actor: Actor,
    person_id: int | None,
    typed: Mapping[str, Value],
    seen: Mapping[str, Value],
    proofs: Mapping[str, CheckedFile] | None = None,
    shown_waiting: Mapping[str, str] | None = None,
    now: datetime,
) -> Saved:
    """Save the fields of the actor's home (`person_id` None) or of one of its people, all or nothing.

    `seen` is what the form showed: a field that came back as shown is left alone. A free field is written, a
    moderated one becomes a change that waits and replaces the one that waited; what may not be written is
    ignored. `shown_waiting` is the id of the change that the form showed as waiting on each field, None for
    a caller that shows none: what was proposed meanwhile is not replaced unread. Raises NotYours,
    NotAllowed, HomeLeft, WrongValues, ChangedMeanwhile, CannotSeal.
    """
    day = local(now).date()
    sheet = _locked_sheet(actor, person_id, day)
    wanted = _wanted(sheet, typed, seen, proofs or {}, shown_waiting)
    kept: list[str] = []
    waiting: list[str] = []
    asked: list[str] = []
    replaced: list[str] = []
    for line, value in wanted:
        if line.policy is Policy.FREE:
            source = source_text(by_agent=actor.on_behalf_of, has_proof=False)
            value_write(line.field, sheet.family, sheet.person, value, source=source, day=day)
            kept.append(line.field.code)
        else:
            upload = (proofs or {}).get(line.field.code)
            if _propose(actor, sheet, line, value, upload, now):
                asked.append(line.field.code)
                if line.pending is not None:
                    replaced.append(line.field.code)
            waiting.append(line.field.code)
    subject = _subject_of(sheet.family, sheet.person)
    for verb, codes in (("file.saved", kept), ("file.change_asked", asked)):
        if codes:
            record(
                actor=actor,
                verb=verb,
                subject=subject,
                family_id=sheet.family.pk,
                data={"fields": codes},
                now=now,
            )
    return Saved(tuple(kept), tuple(waiting), tuple(replaced))


@transaction.atomic
def person_ask_add(*, actor: Actor, newcomer: Newcomer, now: datetime) -> ChangeRequest:
    """Ask for a person or an expected child to be added to the actor's home.

    The same person asked twice is one request. Raises NotYours, HomeLeft, WrongValues.
    """
    day = local(now).date()
    family = _locked_home(actor, day)
    newcomer = check_newcomer(actor, family, newcomer, day=day)
    new = newcomer_json(newcomer)
    same = family.changes.filter(kind=ChangeRequest.Kind.ADD, state=ChangeRequest.State.OPEN, new=new).first()
    if same is not None:
        return same
    change = change_make(actor, family, None, ChangeRequest.Kind.ADD, now, new=new)
    change_case_open(actor, change, f"{newcomer.first_name} {newcomer.last_name}", now)
    _record(actor, "file.add_asked", change, now)
    return change


@transaction.atomic
def person_ask_remove(
    *, actor: Actor, person_id: int, leaving: date, note: str, now: datetime
) -> ChangeRequest:
    """Ask for someone to leave the actor's home; `leaving` is the last day there.

    Asked again, the newer replaces the older. Raises NotYours, NotAllowed, HomeLeft, LastAdult, WrongDate.
    """
    day = local(now).date()
    family = _locked_home(actor, day)
    sheet = person_sheet(actor, person_id, day=day)
    if sheet is None or sheet.person is None:
        raise NotYours
    if not sheet.may_write:
        raise NotAllowed("may_not_write")
    check_removal(family, person_id, leaving, day)
    new = {"leaving": leaving.isoformat(), "note": clean_text(note)[:NOTE_LENGTH]}
    former = family.changes.filter(
        person_id=person_id, kind=ChangeRequest.Kind.REMOVE, state=ChangeRequest.State.OPEN
    ).first()
    if former is not None:
        if former.new == new:
            return former
        _close(actor, former, ChangeRequest.State.REPLACED, now)
    change = change_make(actor, family, sheet.person, ChangeRequest.Kind.REMOVE, now, new=new)
    change_case_open(actor, change, str(sheet.person), now)
    _record(actor, "file.removal_asked", change, now)
    return change


@transaction.atomic
def change_withdraw(*, actor: Actor, change_id: int, now: datetime) -> ChangeRequest:
    """The home takes back a change that waits. Raises NotYours, AlreadyAnswered."""
    own_home_locked(actor)
    change = (
        changes_seen(actor, day=local(now).date())
        .select_for_update(of=("self",), no_key=True)
        .filter(pk=change_id)
        .order_by("pk")
        .first()
    )
    if change is None:
        raise NotYours
    if change.state != ChangeRequest.State.OPEN:
        raise AlreadyAnswered(change.state)
    _close(actor, change, ChangeRequest.State.WITHDRAWN, now)
    _record(actor, "file.change_withdrawn", change, now)
    return change


def change_replace(*, actor: Actor, change: ChangeRequest, now: datetime) -> None:
    """Close a change of which another says the same field, in the caller's transaction."""
    _close(actor, change, ChangeRequest.State.REPLACED, now)


def check_removal(family: Family, person_id: int, leaving: date, day: date) -> None:
    """Whether someone may leave the home then. Raises WrongDate, LastAdult."""
    adults = family.members.filter(current(day), kind=Member.Kind.ADULT)
    if not adults.exclude(person_id=person_id).exists():
        raise LastAdult
    joined = family.members.filter(current(day), person_id=person_id).values_list("since", flat=True).first()
    if joined is not None and leaving < joined:
        raise WrongDate("leaves_before_it_came", since=joined)
    if abs((leaving - day).days) > 366:
        raise WrongDate("too_far_away")


def _locked_home(actor: Actor, day: date) -> Family:
    """The actor's home, locked: changes of one file come one after the other."""
    family = own_home_locked(actor)
    if has_left(family, day):
        raise HomeLeft
    return family


def _locked_sheet(actor: Actor, person_id: int | None, day: date) -> Sheet:
    _locked_home(actor, day)
    if person_id is None:
        sheet = home_sheet(actor, day=day)
    else:
        # Both homes of a child write on the same row.
        visible = members(actor, day=day).filter(person_id=person_id).values("person_id")
        people = Person.objects.select_for_update(no_key=True).filter(pk__in=visible).order_by("pk")
        sheet = person_sheet(actor, person_id, day=day) if list(people) else None
    if sheet is None:
        raise NotYours
    if not sheet.may_write:
        raise NotAllowed("may_not_write")
    return sheet


def _wanted(
    sheet: Sheet,
    typed: Mapping[str, Value],
    seen: Mapping[str, Value],
    proofs: Mapping[str, CheckedFile],
    shown_waiting: Mapping[str, str] | None,
) -> list[tuple[Line, Value]]:
    errors: dict[str, Refusal] = {}
    meanwhile: dict[str, Value] = {}
    proposed: dict[str, Value] = {}
    wanted: list[tuple[Line, Value]] = []
    for line in sheet.writable():
        code = line.field.code
        before = seen.get(code, line.value)
        if code not in typed or untouched(line.field, typed[code], before):
            if code in proofs:
                errors[code] = WrongValue("proof_alone", line.field.parts[0])
            continue
        try:
            value = checked(line.field, typed[code], facts_of_line(sheet, line))
        except WrongValue as refusal:
            errors[code] = refusal
            continue
        if value == line.value:
            continue
        if before != line.value:
            meanwhile[code] = line.value
        if shown_waiting is not None and line.pending is not None and line.policy is Policy.MODERATED:
            waits = proposed_value(line.pending)
            if shown_waiting.get(code) != str(line.pending.pk) and waits != value:
                proposed[code] = waits
        wanted.append((line, value))
    if errors:
        raise WrongValues(errors)
    if meanwhile or proposed:
        raise ChangedMeanwhile(held=meanwhile, proposed=proposed)
    return wanted


def _propose(
    actor: Actor, sheet: Sheet, line: Line, value: Value, upload: CheckedFile | None, now: datetime
) -> bool:
    """A change that waits, in the place of the one that waited on the same field.

    False when that one already says the same.
    """
    former = line.pending
    if former is not None:
        if proposed_value(former) == value and upload is None:
            return False
        _close(actor, former, ChangeRequest.State.REPLACED, now)
    is_income = line.field.kind is Kind.INCOME
    change = change_make(
        actor,
        sheet.family,
        sheet.person,
        ChangeRequest.Kind.FIELD,
        now,
        field=line.field.code,
        old={} if is_income else line.value,
        new={} if is_income else value,
        proof_id=_stored(actor, upload, sheet.family, now),
    )
    if is_income:
        ProposedIncome.objects.create(
            change=change,
            amount=seal(value["amount"]),
            since=date.fromisoformat(value["since"]),
            seen=seal(line.value["amount"]) if line.value["since"] else None,
            seen_since=date.fromisoformat(line.value["since"]) if line.value["since"] else None,
        )
    change_case_open(actor, change, f"{sheet.person or sheet.family.name} · {line.field.label}", now)
    return True


def _stored(actor: Actor, upload: CheckedFile | None, family: Family, now: datetime) -> int | None:
    if upload is None:
        return None
    return file_store(actor=actor, upload=upload, family_id=family.pk, now=now).pk


def change_make(
    actor: Actor,
    family: Family,
    person: Person | None,
    kind: ChangeRequest.Kind,
    now: datetime,
    *,
    field: str = "",
    old: Mapping[str, object] | None = None,
    new: Mapping[str, object] | None = None,
    proof_id: int | None = None,
) -> ChangeRequest:
    """A change that waits, in the transaction of who holds the home's lock; its case is opened apart."""
    return ChangeRequest.objects.create(
        kind=kind,
        family=family,
        person=person,
        field=field,
        old=dict(old or {}),
        new=dict(new or {}),
        proof_id=proof_id,
        asked_at=now,
        asked_by=actor.label[:200],
        asker_id=None if actor.on_behalf_of else actor.person_id,
    )


def change_case_open(actor: Actor, change: ChangeRequest, label: str, now: datetime) -> None:
    """`label` says what waits, without a value."""
    open_case(
        actor=actor,
        kind=KIND,
        subject=Subject("change", change.pk, label),
        family_id=change.family_id,
        authority_id=portal_authority_id(),
        now=now,
    )


def _close(actor: Actor, change: ChangeRequest, state: ChangeRequest.State, now: datetime) -> None:
    """The home takes its word back, or says another: the case closes, and what was proposed goes."""
    change.state = state
    change.decided_at = now
    change.decided_by = actor.label[:200]
    change.save(update_fields=["state", "decided_at", "decided_by"])
    case = cases_about(kind=KIND, subject_kind="change", subject_ids=[change.pk]).get(change.pk)
    if case is not None and case.state == CaseState.OPEN:
        decide_case(actor=actor, case_id=case.pk, state=CaseState.WITHDRAWN, now=now)
    ProposedIncome.objects.filter(change=change).delete()
    CafAnswer.objects.filter(change=change).delete()
    if change.proof_id is not None:
        files_delete(ids=[change.proof_id])


def _subject_of(family: Family, person: Person | None) -> Subject:
    return (
        Subject("family", family.pk, family.name)
        if person is None
        else Subject("person", person.pk, str(person))
    )


def _record(actor: Actor, verb: str, change: ChangeRequest, now: datetime) -> None:
    record(
        actor=actor,
        verb=verb,
        subject=_subject_of(change.family, change.person),
        family_id=change.family_id,
        data={"fields": [change.field]} if change.field else None,
        now=now,
    )
