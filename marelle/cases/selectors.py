"""Reading cases."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet

from marelle.cases.models import Case, CaseQuerySet, CaseState
from marelle.core.prepared import prepared


def open_cases(
    *,
    structures: Collection[int] = (),
    authorities: Collection[int] = (),
    everywhere: bool = False,
    kind: str | None = None,
) -> CaseQuerySet:
    """Cases to decide, the oldest first. `everywhere` is an administrator's scope."""
    cases = Case.objects.open()
    if not everywhere:
        cases = cases.in_scope(structures=structures, authorities=authorities)
    if kind is not None:
        cases = cases.filter(kind=kind)
    return cases.order_by("opened_at", "id")


def cases_about(*, kind: str, subject_kind: str, subject_ids: Collection[int]) -> dict[int, Case]:
    """The latest case of each subject, in one query."""
    return {case.subject_id: case for case in _about(kind, subject_kind, subject_ids)}


@prepared
def _about(kind: str, subject_kind: str, subject_ids: Collection[int]) -> QuerySet[Case]:
    found = Case.objects.filter(kind=kind, subject_kind=subject_kind, subject_id__in=subject_ids)
    return found.order_by("opened_at", "id")


def last_decision(*, kind: str, subject_kind: str, subject_id: int) -> Case | None:
    decided = Case.objects.filter(kind=kind, subject_kind=subject_kind, subject_id=subject_id)
    return decided.exclude(state=CaseState.OPEN).order_by("-decided_at", "-id").first()


def passed_to_office(case: Case) -> bool:
    """Whether a service passed the case to the office, which holds it; one query for one of no structure."""
    return case.structure_id is None and case.notes.filter(passed=True).exists()
