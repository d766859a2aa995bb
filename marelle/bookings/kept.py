"""Places kept for some: set, changed and taken away; whom agents name for them; given to all in time.

Whatever is set counts from what is booked already: a child of the audience that is there has one of the
places, and the others alone are kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from marelle.activities import models as activities
from marelle.activities.kept_rows import kept_summed, kept_wanted
from marelle.activities.models import KeptPlaces, KeptQuota, Quota
from marelle.activities.rules import is_before
from marelle.activities.services import part_add, part_change, part_remove
from marelle.activities.services.definitions import kept_by
from marelle.bookings.models import Booking
from marelle.bookings.reading import ChildBooking, held, marks_text
from marelle.bookings.saving.ledger import Facts, quotas_held
from marelle.bookings.saving.ledger import Quota as LedgerQuota
from marelle.bookings.saving.locks import QUOTA, children_locked, lock, quotas_drawn
from marelle.bookings.saving.services import places_freed
from marelle.bookings.states import LIVE, BookingState
from marelle.cases.services import OwnFile
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.enrolments.audiences import asked_by, public_read
from marelle.enrolments.models import Enrolment, KeptFor
from marelle.families.scope import is_own_file
from marelle.journal.edits import Shown
from marelle.journal.services import record

NAMED: Final = "kept_places.named"
UNNAMED: Final = "kept_places.unnamed"

ONCE: Final = 200
"""Quotas of which places are given to all by one transaction."""


@transaction.atomic
def kept_add(*, actor: Actor, activity_id: int, values: Mapping[str, Any], now: datetime) -> KeptPlaces:
    """Keep places from now on. Raises what `part_add` raises."""
    row = part_add(actor=actor, model=KeptPlaces, parent_id=activity_id, values=values, now=now)
    kept_follow({row.gauge_id}, now=now)
    return row


@transaction.atomic
def kept_change(
    *, actor: Actor, pk: int, changes: Mapping[str, Any], seen: Shown | None = None, now: datetime
) -> tuple[str, ...]:
    """Keep them otherwise. Raises what `part_change` raises."""
    row = kept_by(actor, KeptPlaces).filter(pk=pk).first()
    changed = part_change(actor=actor, model=KeptPlaces, pk=pk, changes=changes, seen=seen, now=now)
    if changed and row is not None:
        after = KeptPlaces.objects.values_list("gauge_id", flat=True).get(pk=pk)
        kept_follow({row.gauge_id, after}, now=now)
    return changed


@transaction.atomic
def kept_remove(*, actor: Actor, pk: int, now: datetime) -> None:
    """Keep none any more: they are places like any other, who waits first. Raises what `part_remove` does."""
    row = kept_by(actor, KeptPlaces).filter(pk=pk).first()
    if row is None:
        raise NotYours
    part_remove(actor=actor, model=KeptPlaces, pk=pk, now=now)
    kept_follow({row.gauge_id}, now=now)


@transaction.atomic
def kept_name(
    *,
    actor: Actor,
    pk: int,
    enrolment_ids: Collection[int],
    seen: Collection[int] | None = None,
    now: datetime,
) -> tuple[int, int]:
    """The children of these enrolments, of its activity, and no others, are those for whom it keeps places.

    `seen` are those who were named when the page was shown: what another has changed since, or what the page
    did not show, stays; None for who saw nothing. An enrolment of the actor's own file stays as it is. Raises
    NotYours, and OwnFile where it was to change.
    Returns how many were named and how many are no more.
    """
    row = kept_by(actor, KeptPlaces).select_for_update(no_key=True, of=("self",)).filter(pk=pk).first()
    if row is None:
        raise NotYours
    stays = Enrolment.objects.filter(pk__in={*enrolment_ids, *(seen or ())}, activity_id=row.activity_id)
    children_locked(set(stays.values_list("person_id", flat=True)))
    held_now = {
        one.enrolment_id: one
        for one in KeptFor.objects.filter(kept=row).select_related("enrolment__person").order_by("pk")
    }
    asked, shown = set(enrolment_ids), set(held_now if seen is None else seen)
    ids = held_now.keys() - (shown - asked) | (asked - shown)
    of_activity = Enrolment.objects.filter(activity_id=row.activity_id, pk__in=ids)
    wanted = {one.pk: one for one in of_activity.select_related("person").order_by("pk")}
    added = [one for pk, one in wanted.items() if pk not in held_now]
    gone = [one.enrolment for pk, one in held_now.items() if pk not in wanted]
    day = local(now).date()
    if any(
        is_own_file(actor, family_id=e.family_id, person_id=e.person_id, day=day) for e in [*added, *gone]
    ):
        raise OwnFile
    KeptFor.objects.filter(kept=row, enrolment__in=gone).delete()
    KeptFor.objects.bulk_create([KeptFor(kept=row, enrolment=one) for one in added])
    for verb, rows in ((NAMED, added), (UNNAMED, gone)):
        for one in rows:
            subject = Subject("person", one.person_id, one.person.first_name)
            record(actor=actor, verb=verb, subject=subject, now=now)
    if added or gone:
        kept_follow({row.gauge_id}, now=now)
    return len(added), len(gone)


def kept_follow(gauge_ids: Collection[int], *, now: datetime) -> None:
    """Bring what is kept of these gauges, on the days to come, in line with what is set, and count for it who
    is booked or waits. Joins the caller's transaction; takes the locks of the quotas."""
    if not gauge_ids:
        return
    today = local(now).date()
    rows = Quota.objects.filter(gauge_id__in=gauge_ids, day__gte=today).order_by("pk")
    quotas = {quota.id: quota for quota in QUOTA.of(lock(rows))}
    if not quotas:
        return
    on = kept_on(quotas, _marked_anew(quotas))
    wanted = [row for row in kept_wanted(rows) if is_before(now, row.until)]
    for row in wanted:
        row.taken = len(on.get((row.quota_id, row.kept_id), ()))
    KeptQuota.objects.filter(quota_id__in=quotas).delete()
    KeptQuota.objects.bulk_create(wanted, batch_size=1_000)
    kept_summed(quotas)


def activities_kept_follow(activity_ids: Collection[int], *, now: datetime) -> None:
    """The same of all that is kept for these activities, whose days, slots or calendar changed; one query
    where nothing is."""
    gauges = KeptPlaces.objects.filter(activity_id__in=activity_ids).values_list("gauge_id", flat=True)
    kept_follow(set(gauges), now=now)


def kept_on(
    quotas: Mapping[int, LedgerQuota], rows: Iterable[ChildBooking]
) -> dict[tuple[int, int], set[int]]:
    """The children who are on each of these quotas and count for places kept, by quota and key of what keeps
    them; two queries at most."""
    holding = [row for row in rows if row.place.holds and row.place.kept]
    drawn = quotas_drawn({row.opening.id for row in holding}) if holding else {}
    known = {pk: [quota for quota in ids if quota in quotas] for pk, ids in drawn.items()}
    facts = Facts(openings={}, quotas_of=known, quotas=quotas, places={})
    found: dict[tuple[int, int], set[int]] = {}
    for child_id, opening, place in holding:
        for quota in quotas_held(opening, place, facts):
            for kept_id in place.kept:
                found.setdefault((quota.id, kept_id), set()).add(child_id)
    return found


def kept_released(*, now: datetime) -> int:
    """Give to all, who waits first, the places that were kept until an instant that has passed. The worker
    calls it over and over. Returns of how many quotas."""
    over = KeptQuota.objects.filter(until__lte=now).order_by("quota_id").values_list("quota_id", "until")
    ids = list(dict.fromkeys(pk for pk, until in over if not is_before(now, until)))
    for start in range(0, len(ids), ONCE):
        _release(ids[start : start + ONCE], now)
    return len(ids)


@transaction.atomic
def _release(quota_ids: Collection[int], now: datetime) -> None:
    list(lock(Quota.objects.filter(pk__in=quota_ids).order_by("pk").values_list("pk")))
    rows = KeptQuota.objects.filter(quota_id__in=quota_ids, until__lte=now).values_list("pk", "until")
    KeptQuota.objects.filter(pk__in=[pk for pk, until in rows if not is_before(now, until)]).delete()
    kept_summed(quota_ids)
    drawing = activities.Opening.objects.filter(quotas__in=quota_ids, bookings__state=BookingState.WAITING)
    openings = set(drawing.values_list("pk", flat=True))
    if openings:
        places_freed(opening_ids=openings, now=now)


def _marked_anew(quotas: Collection[int]) -> list[ChildBooking]:
    """The live bookings of the openings that draw on these quotas, with the places kept for which they count
    as things stand; one query for each home."""
    drawing = activities.Opening.quotas.through.objects.filter(quota_id__in=quotas).values("opening_id")
    live = Booking.objects.filter(opening_id__in=drawing, state__in=LIVE).order_by("pk")
    family_of = dict(live.values_list("pk", "family_id"))
    homes: dict[int, list[ChildBooking]] = {}
    for row in held(live, None):
        homes.setdefault(family_of[row.place.id], []).append(row)
    found: list[ChildBooking] = []
    changed: dict[str, list[int]] = {}
    for family_id, rows in homes.items():
        asks = asked_by(row.opening.activity for row in rows)
        public = public_read(family_id, {row.child_id for row in rows}, asks)
        for row in rows:
            marks = row.opening.activity.marks_of(public[row.child_id], row.opening.day)
            if marks != row.place.kept:
                changed.setdefault(marks_text(marks), []).append(row.place.id)
            found.append(row._replace(place=replace(row.place, kept=marks)))
    for text, ids in changed.items():
        Booking.objects.filter(pk__in=ids).update(kept=text)
    return found
