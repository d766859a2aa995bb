"""The days on which an enrolment is not to be booked, decided on a floor above from what the child missed."""

from __future__ import annotations

from datetime import date, datetime

from marelle.core.actor import Actor
from marelle.enrolments.models import Enrolment
from marelle.enrolments.services.shared import journal

SUSPENDED, RESUMED = "enrolment.suspended", "enrolment.resumed"
COLUMNS = ("suspended_from", "suspended_until", "suspension")


def enrolment_suspend(
    *, actor: Actor, enrolment: Enrolment, first: date, last: date, reason: str, now: datetime
) -> None:
    """Suspend its bookings from a day to another, both included, in the place of what was suspended before.

    Joins the transaction of who decides, who has locked the enrolment and checked the right to.
    """
    enrolment.suspended_from, enrolment.suspended_until = first, last
    enrolment.suspension = reason[:300]
    enrolment.save(update_fields=COLUMNS)
    journal(actor, SUSPENDED, enrolment, now, {"first": str(first), "last": str(last)})


def enrolment_resume(*, actor: Actor, enrolment: Enrolment, now: datetime) -> None:
    """Let it be booked again; joins the caller's transaction, as `enrolment_suspend`."""
    enrolment.suspended_from = enrolment.suspended_until = None
    enrolment.suspension = ""
    enrolment.save(update_fields=COLUMNS)
    journal(actor, RESUMED, enrolment, now)
