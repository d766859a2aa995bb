"""A system check: what an update left for the operator to do."""

from __future__ import annotations

from collections.abc import Sequence

from django.core import checks

from marelle.activities.models import Gauge
from marelle.core.checks import has_column


@checks.register(checks.Tags.database, deploy=True)
def check_counted(*, databases: Sequence[str] | None = None, **_kwargs: object) -> list[checks.CheckMessage]:
    """`marelle.W005`: places are still those of before children counted once each. Runs with
    `python -m marelle check` and at each start; two queries."""
    if not databases or not has_column(Gauge, "counts_children"):
        return []
    if not Gauge.objects.filter(counts_children=False).exists():
        return []
    return [
        checks.Warning(
            "Des places prises n’ont pas été recomptées depuis la mise à jour : un enfant peut y compter "
            "plusieurs fois.",
            hint="Lancez « python -m marelle recount ».",
            id="marelle.W005",
        )
    ]
