"""An agent reminds homes of what they still have to send; the worker writes to each."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from marelle.activities.models import Activity
from marelle.core.actor import Actor
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.families.locks import homes_locked
from marelle.journal.services import record
from marelle.papers.models import PaperReminded, PaperReminder
from marelle.papers.refusals import NobodyToRemind
from marelle.papers.rules import REMINDED_EVERY
from marelle.papers.scope import kept_structures


@transaction.atomic
def reminder_send(
    *,
    actor: Actor,
    structure_id: int,
    activity_id: int | None,
    homes: Collection[int],
    insist: bool = False,
    now: datetime,
) -> PaperReminder:
    """Have the worker write to these homes, those reminded within `REMINDED_EVERY` apart unless `insist`.

    Raises `NotYours` for a structure out of the actor's charge or an activity that is not its own,
    `NobodyToRemind`.
    """
    there = {home.pk for home in homes_locked(homes) if home.erased_at is None}
    # Locked, so that of two agents who remind at once the second sees whom the first did.
    structure = kept_structures(actor).select_for_update(no_key=True).filter(pk=structure_id).first()
    if structure is None:
        raise NotYours
    activities = Activity.objects.filter(structure=structure)
    if activity_id is not None and not activities.filter(pk=activity_id).exists():
        raise NotYours
    recent: set[int] = set() if insist else set(reminded_lately(now).values_list("family_id", flat=True))
    told = sorted(there.difference(recent))
    if not told:
        raise NobodyToRemind
    reminder = PaperReminder.objects.create(
        structure=structure,
        activity_id=activity_id,
        homes=len(told),
        asked_at=now,
        asked_by=actor.label[:200],
    )
    PaperReminded.objects.bulk_create(
        (PaperReminded(reminder=reminder, family_id=home, asked_at=now) for home in told), batch_size=1_000
    )
    record(
        actor=actor,
        verb="paper.reminded",
        subject=Subject("paper_reminder", reminder.pk, structure.name),
        data={"homes": len(told)},
        now=now,
    )
    return reminder


def reminded_lately(now: datetime) -> QuerySet[PaperReminded]:
    """Homes that an agent reminded within `REMINDED_EVERY`, or is about to."""
    return PaperReminded.objects.filter(asked_at__gt=now - REMINDED_EVERY)
