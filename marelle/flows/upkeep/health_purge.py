"""Health goes with the last enrolment: nothing of it is kept for a child that nobody looks after any more."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from marelle.core.actor import SYSTEM
from marelle.core.clock import local
from marelle.core.subject import Subject
from marelle.enrolments.models import Enrolment
from marelle.families.care.rules import purge_day
from marelle.families.locks import people_locked
from marelle.families.models import HealthSheet, Vaccination
from marelle.files.services import files_delete
from marelle.flows.care.services import live
from marelle.journal.services import Act, record_many
from marelle.places.delays import months_kept

PURGED = "health.purged"

MONTHS_ALONE = 12
"""Months that a sheet waits for a request, when it was written for a child who is enrolled nowhere."""

AT_ONCE = 200
"""Children purged in one round."""


def health_purged(*, now: datetime) -> int:
    """Delete the sheets, vaccinations and PAI files that are past their time. Returns how many children.

    The delay after the last enrolment is the one that the authority chose.
    """
    day = local(now).date()
    due = _due(day)
    return _purge(due, day, now) if due else 0


@transaction.atomic
def _purge(child_ids: list[int], day: date, now: datetime) -> int:
    """The children are locked, as by who asks for an enrolment, and looked at again."""
    names = {person.pk: person.first_name for person in people_locked(child_ids)}
    ids = [child_id for child_id in _due(day) if child_id in names]
    sheets = HealthSheet.objects.filter(child_id__in=ids)
    files = [pk for pk in sheets.values_list("pai_file_id", flat=True) if pk is not None]
    sheets.delete()
    files_delete(ids=files)
    Vaccination.objects.filter(child_id__in=ids).delete()
    acts = [Act(PURGED, Subject("person", child_id, names[child_id])) for child_id in ids]
    return record_many(actor=SYSTEM, acts=acts, now=now)


def _due(day: date) -> list[int]:
    looked_after = Enrolment.objects.filter(live(day), person_id=OuterRef("child_id"))
    written = {
        child_id: local(at).date()
        for child_id, at in HealthSheet.objects.filter(~Exists(looked_after)).values_list(
            "child_id", "updated_at"
        )
    }
    ends: dict[int, list[date]] = defaultdict(list)
    over = Enrolment.objects.filter(
        person_id__in=written, state__in=(Enrolment.State.ACCEPTED, Enrolment.State.ENDED)
    )
    for child_id, last in over.order_by().values_list("person_id", "ends_on"):
        ends[child_id].append(last)
    months = months_kept()["health"]
    gone = {one: purge_day(ends[one], at, months, MONTHS_ALONE) for one, at in written.items()}
    return sorted(one for one, first in gone.items() if first <= day)[:AT_ONCE]
