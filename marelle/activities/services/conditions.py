"""Conditions of booking that ask for a paper know its type by its key: papers are a floor above."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from marelle.activities.catalogue import definition_changed
from marelle.activities.models import Activity, BookingCondition


def conditions_asking(paper_type: int) -> QuerySet[BookingCondition]:
    """Those that ask for a paper of this type."""
    return BookingCondition.objects.filter(paper_type=paper_type)


def activities_asking(paper_type: int, *, day: date) -> list[str]:
    """The names of the activities that ask for one on `day` or later; one query."""
    lasting = Q(until=None) | Q(until__gte=day)
    rows = conditions_asking(paper_type).filter(lasting, activity__last_day__gte=day)
    return list(rows.order_by("activity__name").values_list("activity__name", flat=True).distinct())


def paper_named(paper_type: int, title: str) -> None:
    """A type of paper has this title now. Joins the transaction of who names it."""
    asking = conditions_asking(paper_type).exclude(paper_title=title)
    activities = set(asking.values_list("activity_id", flat=True))
    if activities:
        asking.update(paper_title=title)
        definition_changed(Activity.objects.filter(pk__in=activities))
