"""What tells that a home is still there: somebody of it came in, asked, booked, came, was billed, wrote."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from marelle.billing.models import Invoice
from marelle.bookings.models import Attendance, Booking
from marelle.core.clock import instant_at, local
from marelle.enrolments.models import Enrolment
from marelle.families.models import Family, Member
from marelle.flows.models import Dormant
from marelle.journal.models import Entry
from marelle.messaging.models import Message
from marelle.papers.models import Paper
from marelle.relay.models import CareRequest, Visit


@dataclass(frozen=True, slots=True)
class Sign:
    """Rows of a table, whose `home` they tell of, and `when`, a day or an instant."""

    rows: QuerySet[Any]
    home: str
    when: str
    is_day: bool = False

    def since(self, before: date) -> QuerySet[Any]:
        """Those from a day on, of the home of the query around them."""
        first: date | datetime = before if self.is_day else instant_at(before, time())
        return self.rows.filter(**{self.home: OuterRef("pk"), f"{self.when}__gte": first})


def signs() -> tuple[Sign, ...]:
    """An act of the journal is a sign where somebody of the home did it, or an agent in its name: what agents
    and the portal do of themselves says nothing of it."""
    of_home = Member.objects.filter(
        family_id=OuterRef("family_id"), person__account_id=OuterRef("actor_user_id")
    )
    asked = Enrolment.objects.exclude(state__in=(Enrolment.State.REFUSED, Enrolment.State.WITHDRAWN))
    return (
        Sign(Member.objects.all(), "family", "person__account__last_login"),
        Sign(Entry.objects.filter(Q(on_behalf=True) | Exists(of_home)), "family_id", "at"),
        Sign(asked, "family", "ends_on", is_day=True),
        Sign(Booking.objects.all(), "family", "day", is_day=True),
        Sign(Attendance.objects.filter(present=True), "child__memberships__family", "day", is_day=True),
        Sign(Invoice.objects.all(), "family", "issued_on", is_day=True),
        Sign(Message.objects.filter(Q(from_staff=False) | Q(on_behalf=True)), "thread__family", "at"),
        Sign(Paper.objects.all(), "family", "sent_at"),
        Sign(Visit.objects.all(), "family", "booked_at"),
        Sign(CareRequest.objects.all(), "family", "received_at"),
        Sign(Dormant.objects.all(), "family", "kept_at"),
    )


def silent(before: date) -> QuerySet[Family]:
    """Homes that are there, were opened before a day, and of which nothing has told since."""
    rows = Family.objects.filter(erased_at=None, created_at__lt=instant_at(before, time()))
    return rows.filter(*(~Exists(sign.since(before)) for sign in signs()))


def last_signs(family_ids: Collection[int]) -> dict[int, date]:
    """The day of the last sign of each of these homes that ever gave one; a query a kind of sign."""
    found: dict[int, date] = {}
    for sign in signs():
        rows = sign.rows.filter(**{f"{sign.home}__in": family_ids}).order_by()
        for home, last in rows.values_list(sign.home).annotate(last=Max(sign.when)):
            if last is not None:
                day = local(last).date() if isinstance(last, datetime) else last
                found[home] = max(found.get(home, day), day)
    return found
