"""Bundles: openings booked all or none, made for each week of some days, changed while nobody is booked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from marelle.activities.models import Activity, Bundle, Opening
from marelle.activities.services.definitions import kept_by
from marelle.core.actor import Actor
from marelle.core.refusals import ChangedMeanwhile, NotYours, Refusal
from marelle.core.subject import Subject
from marelle.journal.edits import InUse
from marelle.journal.models import Entry
from marelle.journal.services import record

SUBJECT = "bundle"


class BundleRefused(Refusal):
    """`code`: "too_few" (a bundle has two days at least), or "no_such_day" (an opening that it may not
    hold)."""


@dataclass(frozen=True, slots=True)
class Week:
    """Openings of one slot and one group within a week, in the order of the days."""

    opening_ids: tuple[int, ...]
    first: date
    last: date
    group: str


def bundles_kept_by(actor: Actor) -> QuerySet[Bundle]:
    return Bundle.objects.filter(activity__in=kept_by(actor, Activity).values("pk"))


def free_openings(activity: Activity, slot_id: int, *, after: date) -> QuerySet[Opening]:
    """The open openings of a slot later than `after` that are in no bundle."""
    rows = Opening.objects.filter(activity=activity, slot_id=slot_id, day__gt=after, bundle=None)
    return rows.filter(state=Opening.State.OPEN)


def weeks_of(openings: QuerySet[Opening]) -> tuple[Week, ...]:
    """By week and group, those of two days at least; one query."""
    found: dict[tuple[date, int | None], list[Opening]] = {}
    for row in openings.select_related("group").order_by("day", "group__min_age_months", "group_id", "pk"):
        found.setdefault((row.day - timedelta(days=row.day.weekday()), row.group_id), []).append(row)
    return tuple(
        Week(
            tuple(row.pk for row in rows),
            rows[0].day,
            rows[-1].day,
            rows[0].group.name if rows[0].group else "",
        )
        for rows in found.values()
        if len({row.day for row in rows}) > 1
    )


def bundle_openings(bundle: Bundle, *, after: date) -> QuerySet[Opening]:
    """What a bundle holds, and what it could: the free openings of its slots and groups, in its weeks."""
    held = Opening.objects.filter(bundle=bundle)
    days = sorted(held.values_list("day", flat=True))
    if not days:
        return held
    could = Opening.objects.filter(
        activity=bundle.activity_id,
        bundle=None,
        state=Opening.State.OPEN,
        slot__in=held.values("slot"),
        day__gt=after,
        day__gte=days[0] - timedelta(days=days[0].weekday()),
        day__lte=days[-1] + timedelta(days=6 - days[-1].weekday()),
    )
    groups = set(held.values_list("group_id", flat=True))
    could = could.filter(group=None) if groups == {None} else could.filter(group_id__in=groups)
    return Opening.objects.filter(Q(pk__in=held.values("pk")) | Q(pk__in=could.values("pk")))


@transaction.atomic
def bundles_add(
    *,
    actor: Actor,
    activity_id: int,
    lots: Sequence[tuple[str, Collection[int], datetime | None]],
    now: datetime,
) -> list[Bundle]:
    """A bundle for each name and its openings, which the caller has locked and found free of bookings, with
    the instant from which its days are booked alone, if ever.

    Raises NotYours.
    """
    activity = kept_by(actor, Activity).filter(pk=activity_id).first()
    if activity is None:
        raise NotYours
    made = []
    for name, opening_ids, alone_at in lots:
        bundle = Bundle.objects.create(activity=activity, name=name, alone_at=alone_at)
        Opening.objects.filter(pk__in=opening_ids, activity=activity, bundle=None).update(bundle=bundle)
        record(actor=actor, verb="bundle.added", subject=_subject(bundle), now=now)
        made.append(bundle)
    return made


@transaction.atomic
def bundle_change(
    *,
    actor: Actor,
    bundle_id: int,
    name: str,
    opening_ids: Collection[int],
    alone_at: datetime | None,
    seen: Iterable[int],
    booked: int,
    after: date,
    now: datetime,
) -> None:
    """Name a bundle, say from when its days are booked alone, and which openings it holds; `seen` are those
    that the form showed as held.

    `booked` is how many live bookings its openings and those wanted hold, which the caller has locked: with
    any, its days stay. Raises NotYours, ChangedMeanwhile, BundleRefused or InUse.
    """
    bundle = _locked(actor, bundle_id)
    held = set(bundle.openings.values_list("pk", flat=True))
    if held != set(seen):
        raise _changed_meanwhile(bundle, held)
    wanted = set(opening_ids)
    if wanted != held:
        if not wanted <= set(bundle_openings(bundle, after=after).values_list("pk", flat=True)):
            raise BundleRefused("no_such_day")
        if len(wanted) < 2:
            raise BundleRefused("too_few")
        _refuse_booked(booked)
        bundle.openings.exclude(pk__in=wanted).update(bundle=None)
        Opening.objects.filter(pk__in=wanted).update(bundle=bundle)
    elif (name, alone_at) == (bundle.name, bundle.alone_at):
        return
    bundle.name, bundle.alone_at = name, alone_at
    bundle.save(update_fields=["name", "alone_at"])
    record(actor=actor, verb="bundle.changed", subject=_subject(bundle), now=now)


@transaction.atomic
def bundle_remove(*, actor: Actor, bundle_id: int, booked: int, now: datetime) -> None:
    """Its openings are booked one by one again. Raises NotYours, or InUse as `bundle_change`."""
    bundle = _locked(actor, bundle_id)
    _refuse_booked(booked)
    subject = _subject(bundle)
    bundle.openings.update(bundle=None)
    bundle.delete()
    record(actor=actor, verb="bundle.removed", subject=subject, now=now)


def _locked(actor: Actor, bundle_id: int) -> Bundle:
    rows = bundles_kept_by(actor).select_for_update(no_key=True, of=("self",))
    bundle = rows.select_related("activity").filter(pk=bundle_id).first()
    if bundle is None:
        raise NotYours
    return bundle


def _refuse_booked(booked: int) -> None:
    if booked:
        raise InUse((("réservation", "réservations", booked),))


def _changed_meanwhile(bundle: Bundle, held: set[int]) -> ChangedMeanwhile:
    last = Entry.objects.filter(subject_kind=SUBJECT, subject_id=bundle.pk).first()
    return ChangedMeanwhile(
        held={"openings": sorted(held)},
        names=(),
        by=last.actor_label if last else "",
        at=last.at if last else None,
    )


def _subject(bundle: Bundle) -> Subject:
    return Subject(SUBJECT, bundle.pk, bundle.name)
