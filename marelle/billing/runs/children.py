"""What the children of assessments are called in what is sealed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from marelle.billing.models import AssessedChild


def children_of(assessment_ids: Collection[int]) -> Mapping[int, Mapping[int, int]]:
    """By assessment, the child of each number; one query."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    rows = AssessedChild.objects.filter(assessment_id__in=assessment_ids)
    for assessment_id, number, child_id in rows.values_list("assessment_id", "number", "child_id"):
        found[assessment_id][number] = child_id
    return found
