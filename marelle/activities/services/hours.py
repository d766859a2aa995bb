"""One opening corrected by hand: its title and its hours, which generating openings again leaves alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time

from django.db import transaction
from django.db.models import QuerySet

from marelle.activities.models import Activity, Opening, SlotGauge
from marelle.activities.services.definitions import kept_by
from marelle.activities.services.draws import opening_subject
from marelle.activities.services.openings import draw_on_quotas
from marelle.core.actor import Actor
from marelle.core.clock import instant_at, local
from marelle.core.refusals import ChangedMeanwhile, NotYours, Refusal
from marelle.journal.edits import row_fill
from marelle.journal.models import Entry
from marelle.journal.services import record


class HoursRefused(Refusal):
    """`code`: "past_day"; "names_booked", with the `names` of those who hold a place at hours that would
    change, or that the opening would no longer cover."""


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """What a form shows and sends of an opening; hours on the clock of Paris."""

    title: str
    starts: time
    ends: time


@dataclass(frozen=True, slots=True)
class HeldHours:
    """A live booking or a visit, by the name of who comes."""

    name: str
    starts: time
    ends: time


def openings_kept_by(actor: Actor) -> QuerySet[Opening]:
    return Opening.objects.filter(activity__in=kept_by(actor, Activity).values("pk"))


def hours_of_opening(opening: Opening) -> OpeningHours:
    return OpeningHours(opening.title, local(opening.starts_at).time(), local(opening.ends_at).time())


def names_outside(by_hour: bool, held: Iterable[HeldHours], asked: OpeningHours) -> tuple[str, ...]:
    """Who would lose hours: outside the new ones when each chose its own; everybody when all have the
    opening's."""
    return tuple(
        one.name for one in held if not by_hour or one.starts < asked.starts or one.ends > asked.ends
    )


@transaction.atomic
def opening_change(
    *,
    actor: Actor,
    opening_id: int,
    asked: OpeningHours,
    seen: OpeningHours | None,
    held: Iterable[HeldHours],
    now: datetime,
) -> bool:
    """Give an opening to come another title or other hours. Returns whether something changed.

    `held` is what lives on it, read by the caller under the locks of every save. Raises NotYours,
    ChangedMeanwhile, HoursRefused or NotPossible.
    """
    rows = openings_kept_by(actor).select_for_update(no_key=True, of=("self",))
    opening = rows.select_related("slot", "group").filter(pk=opening_id).first()
    if opening is None:
        raise NotYours
    before = hours_of_opening(opening)
    if seen is not None and seen != before:
        last = Entry.objects.filter(subject_kind="opening", subject_id=opening.pk).first()
        raise ChangedMeanwhile(
            held={"hours": before},
            names=(),
            by=last.actor_label if last else "",
            at=last.at if last else None,
        )
    if asked == before:
        return False
    if opening.starts_at <= now:
        raise HoursRefused("past_day")
    moves = (asked.starts, asked.ends) != (before.starts, before.ends)
    if moves and (names := names_outside(opening.slot.by_hour, held, asked)):
        raise HoursRefused("names_booked", names=names)
    opening.hand_edited = True
    row_fill(
        opening,
        {
            "title": asked.title,
            "starts_at": instant_at(opening.day, asked.starts),
            "ends_at": instant_at(opening.day, asked.ends),
        },
    )
    if moves:
        drawn = SlotGauge.objects.filter(slot_id=opening.slot_id).values("gauge_id")
        Opening.quotas.through.objects.filter(opening=opening, quota__gauge_id__in=drawn).delete()
        draw_on_quotas([opening], now)
    record(actor=actor, verb="opening.changed", subject=opening_subject(opening), now=now)
    return True
