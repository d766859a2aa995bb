"""The group of an enrolment, dated: another one from a day on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db.models import QuerySet

from marelle.activities.models import AgeGroup
from marelle.core.actor import Actor
from marelle.enrolments.mails import tell_group_changed
from marelle.enrolments.models import Enrolment, GroupChoice
from marelle.enrolments.scope import decidable, deciding
from marelle.enrolments.services.shared import journal


def movable(actor: Actor, *, day: date) -> QuerySet[Enrolment]:
    """Accepted enrolments, not over, whose group the actor may change; where the office decides, it alone."""
    return decidable(actor).filter(
        deciding(actor, "activity__"), state=Enrolment.State.ACCEPTED, ends_on__gte=day
    )


def group_change(
    *,
    actor: Actor,
    enrolment: Enrolment,
    group: AgeGroup,
    since: date,
    bookings: Mapping[str, int],
    now: datetime,
) -> None:
    """From `since` the enrolment is in `group`, whatever was chosen for later; the home is told.

    For `flows.catalogue.moving`, which has moved the bookings (`bookings`: how many moved, kept, queued,
    cancelled), has checked that the actor may, and holds the lock of the child.
    """
    enrolment.groups.filter(since__gt=since).delete()
    GroupChoice.objects.update_or_create(enrolment=enrolment, since=since, defaults={"group": group})
    data = {"group": group.name, "days": [since.isoformat()], **bookings}
    journal(actor, "enrolment.group_changed", enrolment, now, data)
    tell_group_changed(enrolment, group=group.name, since=since, bookings=bookings, now=now)
