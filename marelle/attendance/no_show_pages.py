"""What the page of absences without notice reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from marelle.attendance.models import NoShow
from marelle.attendance.no_shows import KIND, days_missed, lets_suspend, no_shows_in_charge
from marelle.cases.models import Case
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.families.scope import is_own_file


@dataclass(frozen=True, slots=True)
class NoShowToDecide:
    """`days` are those missed as they stand now, `earlier` what was decided of such absences before.
    `may_suspend`: the activity lets its bookings be suspended; `may_lift`: some of them are."""

    row: NoShow
    days: tuple[date, ...]
    earlier: tuple[NoShow, ...]
    case: Case
    may_suspend: bool
    may_lift: bool
    own_file: bool


def no_show_to_decide(actor: Actor, no_show_id: int, *, now: datetime) -> NoShowToDecide | None:
    """None for one that is out of the actor's reach."""
    rows = no_shows_in_charge(actor).select_related(
        "enrolment__person", "enrolment__family", "enrolment__activity__structure"
    )
    row = rows.filter(pk=no_show_id).first()
    if row is None:
        return None
    one, today = row.enrolment, local(now).date()
    others = NoShow.objects.filter(enrolment=one).exclude(pk=row.pk).exclude(decision="")
    return NoShowToDecide(
        row=row,
        days=days_missed(row, now=now),
        earlier=tuple(others.order_by("-since")),
        case=Case.objects.filter(kind=KIND, subject_id=row.pk).latest("pk"),
        may_suspend=lets_suspend(row, today),
        may_lift=one.suspended_until is not None and one.suspended_until >= today,
        own_file=is_own_file(actor, family_id=one.family_id, person_id=one.person_id, day=today),
    )
