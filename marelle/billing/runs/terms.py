"""What an authority chooses, from a month on: by files or by Marelle, and how."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from marelle.billing.models import BillingRun, BillingTerms
from marelle.billing.runs.refusals import RunRefused
from marelle.billing.runs.services import authority_locked
from marelle.billing.terms import Terms
from marelle.core.actor import Actor
from marelle.core.subject import Subject
from marelle.journal.services import record


@transaction.atomic
def terms_set(*, actor: Actor, authority_id: int, terms: Terms, now: datetime) -> BillingTerms:
    """What holds from the month `terms.since` on, in place of what was said from that very month.

    Raises NotYours for an authority whose office the actor is not, RunRefused ("billed") for a month of which
    a run has begun or was issued, or that comes before one.
    """
    authority = authority_locked(actor, authority_id)
    if terms.since <= last_billed(authority_id):
        raise RunRefused("billed")
    row = BillingTerms.objects.filter(authority=authority, since=terms.since).first() or BillingTerms(
        authority=authority, since=terms.since
    )
    row.made_here, row.threshold = terms.made_here, terms.threshold
    row.months_back, row.days_to_pay = terms.months_back, terms.days_to_pay
    row.by_regie = terms.by_regie
    row.full_clean(exclude=["authority"])
    row.save()
    subject = Subject("billing_terms", row.pk, authority.name)
    data = {"since": terms.since.isoformat()}
    record(actor=actor, verb="billing_terms.set", subject=subject, data=data, now=now)
    return row


def last_billed(authority_id: int) -> date:
    """The last month that a run has begun to bill, or has; what was given up does not count."""
    runs = BillingRun.objects.made_here().filter(authority_id=authority_id)
    runs = runs.exclude(state=BillingRun.State.CANCELLED)
    return runs.order_by("-month").values_list("month", flat=True).first() or date.min
