"""Which slots a slot may lead to: those of its activity, and of others of the authority that an agent
sees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext

from marelle.activities.catalogue import linked_activities
from marelle.activities.models import Activity, Slot
from marelle.core.actor import Actor
from marelle.journal.edits import NotPossible
from marelle.places.scope import in_charge

LINKS: Final = ("excludes", "requires", "includes")


def linkable_slots(actor: Actor, slot: Slot) -> QuerySet[Slot]:
    """The slots of other activities that this one may require or exclude: of its authority, where the actor
    answers for them, and in the same season."""
    activity = slot.activity
    found = Slot.objects.filter(
        in_charge(actor, "activity__structure__"),
        activity__structure__authority_id=activity.structure.authority_id,
    )
    if activity.first_day and activity.last_day:
        found = found.filter(
            activity__first_day__lte=activity.last_day, activity__last_day__gte=activity.first_day
        )
    return found.exclude(activity_id=activity.pk)


def slot_links_check(actor: Actor, row: Slot, values: Mapping[str, Any]) -> None:
    """Raises NotPossible when a slot would lead to itself, out of reach, or to one that it excludes too. What
    it leads to already, by whoever linked it, stays possible."""
    if not any(values.get(name) for name in LINKS):
        return
    errors: dict[str, list[str]] = {}
    for name in LINKS:
        beyond = [other for other in values.get(name, ()) if other.activity_id != row.activity_id]
        if any(other.pk == row.pk for other in values.get(name, ())) or (name == "includes" and beyond):
            errors[name] = [gettext("Choisissez des créneaux de cette activité.")]
        elif beyond and not {other.pk for other in beyond} <= _reached(actor, row, name):
            errors[name] = [gettext("Choisissez dans la liste.")]
    both = _ids(row, values, "requires") & (_ids(row, values, "excludes") | _ids(row, values, "includes"))
    if both:
        names = ", ".join(Slot.objects.filter(pk__in=both).order_by("pk").values_list("name", flat=True))
        told = gettext("Un enfant ne peut pas avoir les deux le même jour : %(names)s.") % {"names": names}
        errors.setdefault("requires", []).append(told)
    if errors:
        raise NotPossible(errors)


def linked_before(row: models.Model) -> set[int]:
    """The activities whose definition a slot, or the slots of an activity, are part of."""
    if isinstance(row, Slot):
        return linked_activities({row.activity_id})
    return linked_activities({row.pk}) if isinstance(row, Activity) else set()


def _reached(actor: Actor, row: Slot, name: str) -> set[int]:
    found = set(linkable_slots(actor, row).values_list("pk", flat=True))
    return found | (set(getattr(row, name).values_list("pk", flat=True)) if row.pk else set())


def _ids(row: Slot, values: Mapping[str, Any], name: str) -> set[int]:
    if name in values:
        return {other.pk for other in values[name]}
    return set(getattr(row, name).values_list("pk", flat=True)) if row.pk else set()
