"""Openings that open again: the other way of `openings_close`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from marelle.activities.models import Opening
from marelle.core.actor import Actor
from marelle.core.french import day_plain
from marelle.core.subject import Subject
from marelle.journal.services import Act, record_many
from marelle.places.models import Closure

REOPENED = "opening.reopened"


def closed_by(closure: Closure, *, now: datetime) -> dict[int, date]:
    """What a closing keeps closed and that has not begun: the day of each opening by its id."""
    rows = Opening.objects.filter(closure=closure, state=Opening.State.CLOSED, starts_at__gt=now)
    return dict(rows.order_by("pk").values_list("pk", "day"))


def openings_reopen(
    *, actor: Actor, opening_ids: Collection[int], by_hand: bool, now: datetime
) -> list[Opening]:
    """Open again what is closed among these openings; returns those that were closed.

    Joins the caller's transaction, where rights were checked. `by_hand`: open although its structure stays
    closed around it, so that generating again does not take it away.
    """
    found = list(
        Opening.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk__in=opening_ids, state=Opening.State.CLOSED)
        .select_related("slot")
        .order_by("pk")
    )
    kept = {"hand_edited": True} if by_hand else {}
    Opening.objects.filter(pk__in=[row.pk for row in found]).update(
        state=Opening.State.OPEN, reason="", closure=None, **kept
    )
    record_many(
        actor=actor,
        acts=[
            Act(REOPENED, Subject("opening", row.pk, f"{day_plain(row.day)} · {row.slot.name}"))
            for row in found
        ],
        now=now,
    )
    return found
