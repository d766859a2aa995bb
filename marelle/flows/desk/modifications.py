"""Answers of agents that look beyond the file: nobody leaves a home while it is enrolled there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from marelle.core.actor import Actor
from marelle.core.refusals import Refusal
from marelle.enrolments.models import Enrolment
from marelle.families.file.decisions import Decision, changes_decide, changes_in_reach
from marelle.families.locks import home_locked, people_locked
from marelle.families.models import ChangeRequest, Family, Member
from marelle.families.services import family_leave


class StillEnrolled(Refusal):
    """Enrolments, or requests that wait, run past the departure: `activities` names them."""

    def __init__(self, activities: Sequence[str]) -> None:
        super().__init__("still_enrolled", activities=tuple(activities))


@transaction.atomic
def changes_answer(*, actor: Actor, decisions: Sequence[Decision], now: datetime) -> None:
    """Decide changes of the file, as `families.file.decisions.changes_decide`. Raises StillEnrolled too."""
    accepted = {decision.change_id: decision for decision in decisions if decision.accept}
    leaving = changes_in_reach(actor).filter(pk__in=accepted, kind=ChangeRequest.Kind.REMOVE)
    for change in leaving.order_by("pk"):
        if change.person_id is None:
            continue
        # Locked as a request for an enrolment locks it, so that none comes in between.
        home_locked(change.family_id)
        people_locked([change.person_id])
        last_day = accepted[change.pk].since or date.fromisoformat(change.new["leaving"])
        _check_nothing_runs(change.family_id, last_day, person_id=change.person_id)
    changes_decide(actor=actor, decisions=decisions, now=now)


@transaction.atomic
def family_depart(*, actor: Actor, family_id: int, left_on: date | None, now: datetime) -> Family:
    """The home has left from `left_on` on, or is back (None). Raises StillEnrolled and `family_leave`'s."""
    home_locked(family_id)
    if left_on is not None:
        people_locked(Member.objects.filter(family=family_id).values("person_id"))
        _check_nothing_runs(family_id, left_on)
    return family_leave(actor=actor, family_id=family_id, left_on=left_on, now=now)


def _check_nothing_runs(family_id: int, last_day: date, *, person_id: int | None = None) -> None:
    running = Enrolment.objects.filter(
        family_id=family_id, state__in=Enrolment.LIVE, ends_on__gt=last_day
    ).select_related("activity", "person")
    if person_id is not None:
        running = running.filter(person_id=person_id)
    found = [f"{row.person.first_name} : {row.activity.name}" for row in running.order_by("pk")]
    if found:
        raise StillEnrolled(found)
