"""Exercises in which no bill is issued any more."""

from __future__ import annotations

from marelle.billing.models import ExerciseClosing


def closed_exercises(authority_id: int) -> frozenset[int]:
    """Who is about to issue holds the authority, as who closes does."""
    rows = ExerciseClosing.objects.filter(authority=authority_id, reopened_at=None).order_by()
    return frozenset(rows.values_list("exercise", flat=True))
