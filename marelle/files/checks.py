"""A system check: the folder of files is this database's own."""

from __future__ import annotations

from collections.abc import Sequence

from django.core import checks
from django.db import connection

from marelle.files.models import Store
from marelle.files.rules import Tie
from marelle.files.store import StoreRefused, root, store_tie


@checks.register(checks.Tags.database, deploy=True)
def check_store(*, databases: Sequence[str] | None = None, **_kwargs: object) -> list[checks.CheckMessage]:
    """`marelle.E005`: what the folder holds is known to the database. Runs with `python -m marelle check`."""
    if not databases or Store._meta.db_table not in connection.introspection.table_names():
        return []
    found = store_tie()
    if found in {Tie.OURS, Tie.FREE}:
        return []
    return [
        checks.Error(f"Nothing starts nor is swept: {StoreRefused(found.value, root())}", id="marelle.E005")
    ]
