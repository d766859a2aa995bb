"""A system check: what an update left for the operator to do."""

from __future__ import annotations

from collections.abc import Sequence

from django.core import checks
from django.db import connection

from marelle.activities.models import Gauge


@checks.register(checks.Tags.database, deploy=True)
def check_counted(*, databases: Sequence[str] | None = None, **_kwargs: object) -> list[checks.CheckMessage]:
    """`marelle.W005`: places are still those of before children counted once each. Runs with
    `python -m marelle check` and at each start; two queries."""
    if not databases or not _has_mark() or not Gauge.objects.filter(counts_children=False).exists():
        return []
    return [
        checks.Warning(
            "Des places prises n’ont pas été recomptées depuis la mise à jour : un enfant peut y compter "
            "plusieurs fois.",
            hint="Lancez « python -m marelle recount ».",
            id="marelle.W005",
        )
    ]


def _has_mark() -> bool:
    """Not before its migration."""
    with connection.cursor() as cursor:
        found = connection.introspection
        table = Gauge._meta.db_table
        if table not in found.table_names(cursor):
            return False
        columns = {column.name for column in found.get_table_description(cursor, table)}
    return "counts_children" in columns
