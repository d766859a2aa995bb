"""Bundles written from the screens: who is booked there, which activities cannot know, is read here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction

from marelle.activities.models import Activity, Bundle, Opening
from marelle.activities.services import (
    Week,
    bundle_change,
    bundle_remove,
    bundles_add,
    bundles_kept_by,
    free_openings,
    kept_by,
    weeks_of,
)
from marelle.bookings.closing.services import bookings_locked
from marelle.bookings.models import Booking, BookingQuerySet
from marelle.core.actor import Actor
from marelle.core.clock import instant_at, local
from marelle.core.refusals import NotYours


@dataclass(frozen=True, slots=True)
class Made:
    """Bundles made, and weeks left alone since families have booked single days of them."""

    bundles: tuple[Bundle, ...]
    booked: tuple[Week, ...]


@transaction.atomic
def bundles_make(
    *,
    actor: Actor,
    activity_id: int,
    slot_id: int,
    first: date,
    last: date,
    name_of: Callable[[Week], str],
    alone_days: int | None = None,
    now: datetime,
) -> Made:
    """One bundle for each week of a slot and each group between two days, both included, from tomorrow.

    `alone_days` before its first day, at midnight, the days of a week are booked alone; None: never. What is
    in a bundle stays in it. The locks are those of every save. Raises NotYours.
    """
    activity = kept_by(actor, Activity).select_for_update(no_key=True, of=("self",)).filter(pk=activity_id)
    found = activity.first()
    if found is None:
        raise NotYours
    free = free_openings(found, slot_id, after=local(now).date()).filter(day__gte=first, day__lte=last)
    bookings_locked(list(free.values_list("pk", flat=True)))
    weeks = weeks_of(free)
    booked = set(_live(pk for week in weeks for pk in week.opening_ids).values_list("opening_id", flat=True))
    kept = tuple(week for week in weeks if not booked.isdisjoint(week.opening_ids))
    lots = [
        (name_of(week), week.opening_ids, _alone_at(week, alone_days)) for week in weeks if week not in kept
    ]
    return Made(tuple(bundles_add(actor=actor, activity_id=activity_id, lots=lots, now=now)), kept)


def _alone_at(week: Week, days: int | None) -> datetime | None:
    return None if days is None else instant_at(week.first - timedelta(days=days), time())


@transaction.atomic
def bundle_set(
    *,
    actor: Actor,
    bundle_id: int,
    name: str,
    opening_ids: Collection[int],
    alone_at: datetime | None = None,
    seen: Collection[int],
    now: datetime,
) -> None:
    """Name a bundle and choose its days; raises what `bundle_change` raises."""
    touched = {*opening_ids, *_held(actor, bundle_id)}
    bookings_locked(sorted(touched))
    bundle_change(
        actor=actor,
        bundle_id=bundle_id,
        name=name,
        opening_ids=opening_ids,
        alone_at=alone_at,
        seen=seen,
        booked=_live(touched).count(),
        after=local(now).date(),
        now=now,
    )


@transaction.atomic
def bundle_drop(*, actor: Actor, bundle_id: int, now: datetime) -> None:
    """Take a bundle away; raises what `bundle_remove` raises."""
    held = _held(actor, bundle_id)
    bookings_locked(held)
    bundle_remove(actor=actor, bundle_id=bundle_id, booked=_live(held).count(), now=now)


def _held(actor: Actor, bundle_id: int) -> list[int]:
    """Ids of its openings, once its activity is locked, as whoever makes bundles or openings does first."""
    list(
        kept_by(actor, Activity)
        .select_for_update(no_key=True, of=("self",))
        .filter(bundles=bundle_id)
        .values_list("pk")
    )
    rows = Opening.objects.filter(bundle__in=bundles_kept_by(actor).filter(pk=bundle_id))
    return list(rows.values_list("pk", flat=True))


def _live(opening_ids: Iterable[int]) -> BookingQuerySet:
    return Booking.objects.live().filter(opening_id__in=list(opening_ids))
