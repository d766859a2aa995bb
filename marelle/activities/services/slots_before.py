"""What prices read of slots, kept when it changes: the days before keep it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from django.db import models

from marelle.activities.catalogue import activity_facts, definition_changed
from marelle.activities.facts import SlotThen
from marelle.activities.models import Activity, Slot, SlotBefore

Priced = Mapping[int, SlotThen]
"""By slot, what prices read of it."""


def slots_priced(row: models.Model) -> Priced:
    """Of the activity that a row defines; of none where it is no slot and no activity."""
    if not isinstance(row, Slot | Activity):
        return {}
    activity_id = row.activity_id if isinstance(row, Slot) else row.pk
    revision = Activity.objects.values_list("revision", flat=True).get(pk=activity_id)
    return activity_facts({activity_id: revision})[activity_id].now


def slots_keep(before: Priced, after: Priced, *, day: date) -> None:
    """What was until the day before `day`, of the slots that are no more the same. What was so on no day,
    since it was changed on that very day, is not kept."""
    eve = day - timedelta(days=1)
    changed = {pk for pk, was in before.items() if pk in after and after[pk] != was}
    known = SlotBefore.objects.filter(slot__in=changed, until=eve).values_list("slot_id", flat=True)
    for pk in sorted(changed.difference(known)):
        was = before[pk]
        row = SlotBefore.objects.create(
            slot_id=pk, until=eve, starts=was.starts, ends=was.ends, is_free=was.is_free
        )
        row.parts.set(was.parts)
    if changed:
        definition_changed(Activity.objects.filter(slots__in=changed))
