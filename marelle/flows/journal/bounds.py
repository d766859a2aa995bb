"""What is usual of an agent's readings: an administrator says so for the whole portal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Final

from django.db import transaction

from marelle.core.actor import Actor
from marelle.core.kept import Kept, kept_changed
from marelle.core.refusals import NotYours, Refusal
from marelle.core.subject import Subject
from marelle.flows.journal.watching_rules import Bounds
from marelle.flows.models import ReadingBound
from marelle.journal.edits import Shown, seen_check
from marelle.journal.services import record
from marelle.places.locks import portal_locked

LEAST: Final = Bounds(many=20, incomes=20, at_night=1, lists=50)
MOST: Final = Bounds(many=2000, incomes=2000, at_night=500, lists=9000)
"""Beyond them an alert would come each day, or never."""


class BoundRefused(Refusal):
    """Not between the least and the most; `kind` says which."""

    def __init__(self, kind: str) -> None:
        super().__init__("reading_bound", kind=kind)


@Kept
def reading_bounds() -> Bounds:
    """As chosen, or by default."""
    return replace(Bounds(), **dict(ReadingBound.objects.order_by("kind").values_list("kind", "most")))


@transaction.atomic
def reading_bounds_set(*, actor: Actor, bounds: Bounds, seen: Shown | None = None, now: datetime) -> int:
    """Choose from how many on readings are told, from the next look on. Returns how many changed.

    `seen` is what the form showed. Raises NotYours for who is no administrator, BoundRefused,
    ChangedMeanwhile.
    """
    if not actor.is_administrator:
        raise NotYours
    portal_locked()
    # As they are now: what the request keeps may be older than the lock.
    held, chosen = bounds_told(reading_bounds.read()), bounds_told(bounds)
    least, most = bounds_told(LEAST), bounds_told(MOST)
    for kind, bound in chosen.items():
        if not least[kind] <= bound <= most[kind]:
            raise BoundRefused(kind)
    changed = {kind: bound for kind, bound in chosen.items() if held[kind] != bound}
    subject = Subject("reading_bound", None)
    if changed:
        seen_check(held, seen, subject=subject)
        for kind, bound in changed.items():
            ReadingBound.objects.update_or_create(kind=kind, defaults={"most": bound})
        kept_changed()
        record(actor=actor, verb="reading_bound.set", subject=subject, data={"fields": changed}, now=now)
    return len(changed)


def bounds_told(bounds: Bounds) -> Mapping[str, int]:
    """By kind, as a form and the journal have them."""
    return asdict(bounds)
