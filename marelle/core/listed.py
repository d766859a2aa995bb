"""Integers of several rows in one text: one row for each opening, not for each of its children or quotas."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import Aggregate, TextField


class Listed(Aggregate):
    """The integers of a group as one text, between commas; None of none. `integers` reads it."""

    output_field = TextField()
    function = "STRING_AGG"
    template = "%(function)s(CAST(%(expressions)s AS text), ',')"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, function="GROUP_CONCAT", **context)


def integers(text: str | None) -> list[int]:
    found: list[int] = json.loads(f"[{text or ''}]")
    return found
