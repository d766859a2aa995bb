"""Waves as most tests need them: residents from an instant, the others from a later one."""

from __future__ import annotations

from datetime import datetime

from marelle.activities.audiences import EVERYBODY, Audience, AudienceKind
from marelle.activities.catalogue import definition_changed
from marelle.activities.models import Activity, BookingRule
from marelle.activities.rules import Limit, LimitKind, Wave
from marelle.activities.services.booking_rules import waves_write

RESIDENTS = Audience(AudienceKind.RESIDENTS)


def wave(at: datetime | None, audience: Audience = EVERYBODY) -> Wave:
    return Wave(Limit(LimitKind.FIXED, at=at) if at else None, audience)


def waves(residents: datetime | None, others: datetime | None = None) -> tuple[Wave, ...]:
    """Without the second instant, everybody waits for the first."""
    if others is None:
        return (wave(residents),)
    return (wave(residents, RESIDENTS), wave(others))


def waves_given(activity: Activity, *given: Wave) -> None:
    """To every rule of the activity."""
    for rule in BookingRule.objects.filter(activity=activity):
        waves_write(rule, given)
    definition_changed(Activity.objects.filter(pk=activity.pk))
