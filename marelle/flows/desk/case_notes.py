"""What agents leave on a case for each other: notes, and the case itself, passed to another service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from marelle.cases.models import Case, CaseNote, CaseState
from marelle.cases.services import AlreadyDecided
from marelle.core.actor import Actor, Role
from marelle.core.clock import local
from marelle.core.prepared import prepared
from marelle.core.refusals import NotYours, Refusal
from marelle.core.subject import Subject
from marelle.families.locks import homes_locked
from marelle.families.notes import SAME_AGAIN
from marelle.families.scope import is_own_file
from marelle.flows.desk.stakes import NOBODY, stake_of
from marelle.journal.services import record
from marelle.places.models import Structure
from marelle.places.scope import decides

NOTE_LENGTH: Final = CaseNote._meta.get_field("text").max_length or 0


class NoteMissing(Refusal):
    """A note says something; who receives a case is told why."""

    def __init__(self) -> None:
        super().__init__("note_missing")


class NowhereToPass(Refusal):
    """Another service does not decide this case, or holds it already."""

    def __init__(self) -> None:
        super().__init__("nowhere_to_pass")


@dataclass(frozen=True, slots=True)
class Shared:
    """What a case's page shows of its colleagues: notes, oldest first, and where the case may be passed.

    `structures` are names by id, of those that the notes tell of or where it may go. `to_office` and
    `to_structures` say where the case may go now; `had_it` are those that passed it.
    """

    notes: list[CaseNote]
    structures: dict[int, str]
    to_office: bool
    to_structures: tuple[int, ...]

    @property
    def had_it(self) -> set[int]:
        return {note.from_structure_id for note in self.notes if note.from_structure_id}


def shared(actor: Actor, case: Case, *, now: datetime) -> Shared | None:
    """None for who may not read it: out of its posts, or of its own home or child.

    Two queries; one more for what the office holds, and those of the paper for one.
    """
    notes = _notes(case.pk)
    if not _reads(actor, case, notes) or _is_own(actor, case, now):
        return None
    office, structures = _destinations(case, notes, now) if decides(actor, case) else (False, ())
    told = {pk for note in notes for pk in (note.from_structure_id, note.to_structure_id) if pk}
    rows = Structure.objects.filter(pk__in={*told, *structures}).values_list("pk", "name", "authority_id")
    names = {pk: (name, authority_id) for pk, name, authority_id in rows}
    of_authority = tuple(pk for pk in structures if pk in names and names[pk][1] == case.authority_id)
    return Shared(notes, {pk: name for pk, (name, _of) in names.items()}, office, of_authority)


@prepared
def _notes(case_id: int) -> QuerySet[CaseNote]:
    return CaseNote.objects.filter(case_id=case_id)


@transaction.atomic
def note_add(*, actor: Actor, case_id: int, text: str, now: datetime) -> CaseNote:
    """Leave a note; also on a case that was decided. The same form sent twice leaves one. Raises `NotYours`
    and `NoteMissing`."""
    case = _locked(actor, case_id, now)
    said, by = text.strip()[:NOTE_LENGTH], actor.label[:200]
    if not said:
        raise NoteMissing
    latest = case.notes.filter(passed=False, by=by, at__gt=now - SAME_AGAIN).order_by("-pk")
    same = next((one for one in latest if one.text == said), None)
    return same or CaseNote.objects.create(case=case, at=now, by=by, text=said)


@transaction.atomic
def case_pass(*, actor: Actor, case_id: int, to: int | None, text: str, now: datetime) -> CaseNote:
    """Give a case that waits to the office (`to` None) or to a structure that has a stake; a note says why.

    Raises `NotYours`, `NoteMissing`, `NowhereToPass`, and `AlreadyDecided` once somebody has decided.
    """
    case = _locked(actor, case_id, now)
    if case.state != CaseState.OPEN:
        raise AlreadyDecided(case)
    if not text.strip():
        raise NoteMissing
    if not decides(actor, case):
        raise NowhereToPass
    office, structures = _destinations(case, list(case.notes.all()), now)
    if not (office if to is None else to in structures):
        raise NowhereToPass
    if to is not None and Structure.objects.get(pk=to).authority_id != case.authority_id:
        raise NowhereToPass
    held_by, case.structure_id = case.structure_id, to
    case.save(update_fields=["structure_id"])
    record(
        actor=actor,
        verb="case.passed",
        subject=Subject(case.subject_kind, case.subject_id, case.label),
        family_id=case.family_id,
        now=now,
    )
    return CaseNote.objects.create(
        case=case,
        at=now,
        by=actor.label[:200],
        text=text.strip()[:NOTE_LENGTH],
        passed=True,
        from_structure_id=held_by,
        to_structure_id=case.structure_id,
    )


def _locked(actor: Actor, case_id: int, now: datetime) -> Case:
    homes_locked(Case.objects.filter(pk=case_id).values("family_id"))
    case = Case.objects.select_for_update(no_key=True).filter(pk=case_id).first()
    if case is None or not _reads(actor, case, list(case.notes.all())) or _is_own(actor, case, now):
        raise NotYours
    return case


def _reads(actor: Actor, case: Case, notes: list[CaseNote]) -> bool:
    """Who decides it, and the structure that had it before: it sees what became of what it passed."""
    passed_from = {note.from_structure_id for note in notes if note.passed}
    return decides(actor, case) or bool(passed_from & actor.structures(Role.DIRECTOR))


def _destinations(case: Case, notes: list[CaseNote], now: datetime) -> tuple[bool, tuple[int, ...]]:
    """Whether the office may be given it, and which structures: those with a stake, who had it last first."""
    if case.authority_id is None or case.state != CaseState.OPEN:
        return False, ()
    stake = stake_of(case, day=local(now).date())
    if stake == NOBODY:
        return False, ()
    had = next((note.from_structure_id for note in reversed(notes) if note.from_structure_id), None)
    back = [had] if had and case.structure_id is None else []
    wanted = dict.fromkeys(pk for pk in (*back, *stake.structures) if pk != case.structure_id)
    return stake.office and case.structure_id is not None, tuple(wanted)


def _is_own(actor: Actor, case: Case, now: datetime) -> bool:
    """Of the actor's home, or of a home where its own child lives: which child matters is not asked."""
    return case.family_id is not None and is_own_file(
        actor, family_id=case.family_id, person_id=None, day=local(now).date()
    )
