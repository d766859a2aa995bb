"""What the driver of PostgreSQL keeps of our statements."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from django.db import connection

LONGEST: Final = 1 << 16
"""Bytes of a statement of ours that is kept."""
MOST_VALUES: Final = 512
KEPT: Final = 256
"""Statements, of some 20 kB each."""


def statements_kept() -> None:
    """Have psycopg keep where the values go in our long statements too.

    It looks for them anew in each of more than 4,096 bytes or 50 values, since what an ORM writes is seldom
    the same twice. Ours are (`core.prepared`).
    """
    if connection.vendor != "postgresql":
        return
    from psycopg import _queries  # noqa: PLC0415 - 50 ms to load, for nothing on SQLite

    _queries.MAX_CACHED_STATEMENT_LENGTH = LONGEST
    _queries.MAX_CACHED_STATEMENT_PARAMS = MOST_VALUES
    _queries._query2pg = lru_cache(maxsize=KEPT)(_queries._query2pg_nocache)
