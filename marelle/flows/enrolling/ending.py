"""The end of an enrolment: later bookings are cancelled, who waits gets their places, the home is told."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marelle.bookings.closing.ending import enrolment_bookings_end
from marelle.bookings.saving.telling import tell_gone_along
from marelle.cases.models import Case
from marelle.cases.rules import undo_until
from marelle.core.actor import Actor
from marelle.core.refusals import NotYours
from marelle.enrolments.models import EndRequest
from marelle.enrolments.selectors import end_to_decide
from marelle.enrolments.services import end_accept
from marelle.enrolments.services.ends import END
from marelle.mail.services import held_mails


@transaction.atomic
def enrolment_end(*, actor: Actor, end_id: int, now: datetime) -> EndRequest:
    """An agent accepts the end that the home asked for.

    The child is locked first, then the quotas, then the enrolment and its case: the order of every save. A
    parent who books meanwhile is either seen here and cancelled, or waits and finds the enrolment ended.
    Raises `NotYours`, `OwnFile` and `AlreadyDecided`, and then nothing is cancelled.
    """
    found = end_to_decide(actor, end_id)
    if found is None:
        raise NotYours
    ended = enrolment_bookings_end(
        actor=actor,
        enrolment=found.enrolment,
        after=found.last_day,
        now=now,
    )
    end = end_accept(actor=actor, end_id=end_id, cancelled=len(ended.own), now=now)
    if ended.along:
        case = Case.objects.filter(kind=END, subject_id=end_id).latest("opened_at", "pk")
        with held_mails(case_id=case.pk, until=undo_until(now)):
            tell_gone_along(actor, ended.along, now=now)
    return end
