"""A portal where nothing counts: an authority's own definitions, invented families, and no word that leaves.

It says so on each page and on each document. Only `init --rehearsal` makes one, where nobody is yet; it
never becomes a portal of real families, and a backup of it put back elsewhere is a rehearsal still.
"""

from __future__ import annotations

from datetime import datetime

from marelle.core.kept import Kept, kept_changed
from marelle.core.models import Rehearsal


@Kept
def is_rehearsal() -> bool:
    return Rehearsal.objects.exists()


def rehearsal_mark(*, now: datetime) -> None:
    """From now on, and for good. Joins the caller's transaction, which has seen that nobody is here."""
    Rehearsal.objects.create(pk=1, begun_at=now)
    kept_changed()
