"""What the portal found by itself, from rules of the activities, and asks an agent about."""

from __future__ import annotations

from datetime import datetime, timedelta

from marelle.activities.bound_labels import bound_label, span_label
from marelle.activities.bounds import BoundKind
from marelle.activities.models import Activity, BookingBound, SpanJudged
from marelle.activities.services.definitions import LEAST, part_add
from marelle.bookings.closing.leasts import SUBJECT
from marelle.cases.services import open_case
from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import local
from marelle.core.subject import Subject


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
