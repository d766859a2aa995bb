"""Where a case may be passed: the office, and the structures of its authority that have a stake in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Model

from marelle.attendance.models import Mismatch, NoShow
from marelle.bookings.models import AbsenceProof, Booking, BookingRequest
from marelle.cases.models import Case
from marelle.enrolments.models import EndRequest, Enrolment
from marelle.flows.papers.asked import structures_concerned
from marelle.papers.models import Paper
from marelle.relay.models import CareRequest


@dataclass(frozen=True, slots=True)
class Stake:
    """Whether the office may decide it, and the ids of the structures that may, in their order."""

    office: bool
    structures: tuple[int, ...]


NOBODY: Final = Stake(office=False, structures=())
STRUCTURE: Final[Mapping[str, tuple[type[Model], str]]] = {
    "enrolment": (Enrolment, "activity__structure_id"),
    "call": (Enrolment, "activity__structure_id"),
    "end": (EndRequest, "enrolment__activity__structure_id"),
    "booking": (BookingRequest, "activity__structure_id"),
    "alone": (Booking, "opening__activity__structure_id"),
    "absence": (AbsenceProof, "structure_id"),
    "care": (CareRequest, "structure_id"),
    "mismatch": (Mismatch, "opening__activity__structure_id"),
    "no_show": (NoShow, "enrolment__activity__structure_id"),
}
"""By kind of case, its subject and the one structure that the subject is for."""


def stake_of(case: Case, *, day: date) -> Stake:
    """Who else may decide a case, whoever holds it now; files and erasures are the office's alone. A message
    passes with its whole exchange, by `thread_pass`.

    A paper may be for several structures, and one of health is for their directors alone.
    """
    if case.kind == "paper":
        return _of_paper(case, day)
    if case.kind not in STRUCTURE:
        return NOBODY
    if case.structure_id is not None:  # it holds it already
        return Stake(office=True, structures=(case.structure_id,))
    model, column = STRUCTURE[case.kind]
    rows = model._default_manager.filter(pk=case.subject_id).values_list(column, flat=True)
    return Stake(office=True, structures=tuple(rows))


def _of_paper(case: Case, day: date) -> Stake:
    paper = Paper.objects.select_related("paper_type").filter(pk=case.subject_id).first()
    if paper is None:
        return NOBODY
    kind = paper.paper_type
    structures = structures_concerned(
        kind, family_id=paper.family_id, person_id=paper.person_id, day=day, waiting_since=paper.sent_at
    )
    return Stake(office=not kind.is_health, structures=structures)
