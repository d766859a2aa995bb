"""A decided change of the file waits again, within its minute, with those decided with it in one mail."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marelle.cases.services import CannotUndo
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.families.file.changes import KIND
from marelle.families.file.decisions import DECIDED, change_locked, journal_change
from marelle.families.file.put_back import put_back
from marelle.families.models import ChangeRequest
from marelle.places.undoing import decision_undo


@transaction.atomic
def change_undo(*, actor: Actor, change_id: int, decided_at: datetime, now: datetime) -> list[ChangeRequest]:
    """What was decided at `decided_at` with a change waits again, and what it replaced is put back.

    All of them or none, the last first. Raises NotYours, OwnFile, and CannotUndo: "changed" when the file
    has changed since, "newcomer" when the home has done something with somebody who was added, "asked_again"
    when it has proposed the same anew.
    """
    change = change_locked(actor, change_id, now, decided=True)
    together = ChangeRequest.objects.filter(
        family_id=change.family_id, decided_at=decided_at, decided_by=change.decided_by
    ).exclude(state__in=(ChangeRequest.State.WITHDRAWN, ChangeRequest.State.REPLACED))
    ids = {change_id, *together.values_list("pk", flat=True)}
    return [_undo(actor, pk, decided_at, now) for pk in sorted(ids, reverse=True)]


def _undo(actor: Actor, change_id: int, decided_at: datetime, now: datetime) -> ChangeRequest:
    change = change_locked(actor, change_id, now, decided=True)
    decision_undo(actor=actor, kind=KIND, subject_id=change_id, decided_at=decided_at, now=now)
    if _asked_again(change):
        raise CannotUndo("asked_again")
    if change.state == ChangeRequest.State.ACCEPTED:
        put_back(change, decided_at=decided_at, day=local(now).date())
    change.state, change.replaced = ChangeRequest.State.OPEN, None
    change.reason, change.decided_at, change.decided_by = "", None, ""
    change.save(update_fields=[*DECIDED, "person", "replaced"])
    journal_change(actor, "file.change_undone", change, now)
    return change


def _asked_again(change: ChangeRequest) -> bool:
    others = ChangeRequest.objects.filter(
        family_id=change.family_id, kind=change.kind, state=ChangeRequest.State.OPEN
    ).exclude(pk=change.pk)
    if change.kind == ChangeRequest.Kind.ADD:
        return others.filter(new=change.new).exists()
    return others.filter(field=change.field, person=change.person).exists()
