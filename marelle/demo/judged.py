"""What the portal found by itself, from rules of the activities, and asks an agent about."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final

from django.db.models import Count

from marelle.activities.bound_labels import bound_label, span_label
from marelle.activities.bounds import BoundKind
from marelle.activities.models import Activity, BookingBound, SpanJudged
from marelle.activities.services.definitions import LEAST, part_add
from marelle.attendance.no_shows import no_shows_ask
from marelle.bookings.closing.leasts import SUBJECT
from marelle.bookings.models import Booking
from marelle.bookings.saving.ledger import Change
from marelle.bookings.saving.services import bookings_save
from marelle.bookings.states import BookingState
from marelle.cases.services import open_case
from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import instant_at, local
from marelle.core.subject import Subject
from marelle.demo.asked import miss
from marelle.demo.year import SchoolYear
from marelle.families.models import Member
from marelle.flows.actor.actors import actor_for

TOLD_HOMES: Final = "F00004"
"""The last of the homes that visitors are told about."""

TIMES_MISSED: Final = 3


def miss_three_days(activity: Activity, year: SchoolYear) -> None:
    """A child of the activity did not come the last three days that it had booked, and nobody said a word."""
    rows = Booking.objects.filter(
        opening__activity=activity,
        state=BookingState.BOOKED,
        day__lt=year.today,
        absence=None,
        family__number__gt=TOLD_HOMES,
    )
    counted = rows.values_list("child_id", "family_id").annotate(days=Count("day", distinct=True))
    found = counted.filter(days__gte=TIMES_MISSED).order_by("child_id", "family_id").first()
    if found is None:
        return
    child_id, family_id, _days = found
    own = rows.filter(child_id=child_id, family_id=family_id).order_by("starts_at").select_related("opening")
    days = sorted({one.day for one in own})[-TIMES_MISSED:]
    for day in days:
        miss([one for one in own if one.day == day])
    no_shows_ask(now=instant_at(days[-1] + timedelta(days=1), time(6)))


def give_back_the_meal(activity: Activity, year: SchoolYear) -> None:
    """A home gave back last night the meal before an outing, which its child keeps: with a picnic, or not?"""
    outings = Booking.objects.filter(
        opening__slot__activity=activity,
        opening__slot__one_off=True,
        state=BookingState.BOOKED,
        day__gt=year.today,
        family__number__gt=TOLD_HOMES,
        family__members__person__account__isnull=False,
    )
    for outing in outings.order_by("day", "pk"):
        meals = Booking.objects.filter(
            child_id=outing.child_id, family_id=outing.family_id, day=outing.day, state=BookingState.BOOKED
        )
        meal = meals.filter(opening__slot__in=outing.opening.slot.requires.all()).first()
        adult = Member.objects.filter(family_id=outing.family_id, person__account__isnull=False).first()
        account = adult.person.account if adult else None
        if meal is not None and account is not None:
            evening = instant_at(year.today - timedelta(days=1), time(21, 12))
            change = Change(outing.child_id, meal.opening_id, seen=True, wanted=False)
            bookings_save(actor=actor_for(account), changes=[change], now=evening)
            return


def judge_a_week(director: Actor, activity: Activity, at: datetime) -> None:
    """Two days a week at least in the activity: of its last week, or its first one to come, the desk has a
    case."""
    asked = {"kind": BoundKind.LEAST.value, "n": 2, "since": activity.first_day}
    bound = part_add(actor=director, model=BookingBound, parent_id=activity.pk, values=asked, now=at)
    days = activity.openings.order_by("day").values_list("day", flat=True)
    day = days.filter(day__lt=local(at).date()).last() or days[0]
    monday = day - timedelta(days=day.weekday())
    week = (monday, monday + timedelta(days=6))
    judged = SpanJudged.objects.create(bound=bound, first_day=week[0], last_day=week[1], judged_at=at)
    rule = bound.as_bound()
    open_case(
        actor=SYSTEM,
        kind=LEAST,
        subject=Subject(
            SUBJECT, judged.pk, f"{activity.name} · {bound_label(rule, {})}, {span_label(rule, week)}"
        ),
        authority_id=activity.structure.authority_id,
        structure_id=activity.structure_id,
        now=at,
    )
