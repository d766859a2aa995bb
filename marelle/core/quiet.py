"""Whether nobody else has written since a moment: then what was read after it still stands.

Where it is not known, or has not stayed so, one reads again under the locks that hold what one reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db import connection

NEXT: Final = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
OWN: Final = f"{NEXT}, pg_current_xact_id()::text::bigint"
EARLIEST: Final = f"{NEXT}, pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


@dataclass(frozen=True, slots=True)
class Quiet:
    """SQLite: the number of what this connection sees of the writes of others. PostgreSQL: that of the
    transaction which would write next."""

    number: int

    def holds(self) -> bool:
        """Whether nobody has written. Asked in a transaction that has its locks: on SQLite that of all
        writes; on PostgreSQL those of what was read, and it is the transaction's first write."""
        if connection.vendor == "sqlite":
            return _asked("PRAGMA data_version") == (self.number,)
        # Ours came next, so that nobody has begun to write since we read; and nobody has ended.
        following, own = _asked(OWN)
        return own == self.number and following <= own


def quiet_now() -> Quiet | None:
    """What is read from now on stands as long as it holds. None where that cannot be told: on PostgreSQL in a
    transaction that has begun, or while somebody writes who began before another that has ended."""
    if connection.vendor == "sqlite":
        return Quiet(*_asked("PRAGMA data_version"))
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        following, earliest = _asked(EARLIEST)
        return Quiet(following) if earliest == following else None
    return None


def _asked(sql: str) -> tuple[int, ...]:
    with connection.cursor() as cursor:
        return tuple(cursor.execute(sql).fetchone())
