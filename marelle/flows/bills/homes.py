"""Which homes a run looks at, in the order of their bills."""

from __future__ import annotations

from collections.abc import Sequence

from marelle.billing.models import AssessedMonth, Assessment, Share
from marelle.bookings.models import Attendance, Booking
from marelle.bookings.states import TAKEN
from marelle.families.models import Family, Member
from marelle.flows.prices.spans import Days
from marelle.pricing.models import Subscription


def homes_to_bill(authority_id: int, days: Days) -> Sequence[int]:
    """By name: those that have booked something on `days`, whose children were seen, that have something at
    once, that were billed of these months, or of which something waits for its bill."""
    at = {"opening__activity__structure__authority_id": authority_id}
    between = {"day__gte": days[0], "day__lte": days[1]}
    booked = Booking.objects.filter(**at, **between, state__in=TAKEN).values("family_id")
    seen = Attendance.objects.filter(**at, **between, present=True).values("child_id")
    homes = Member.objects.filter(person_id__in=seen, kind=Member.Kind.CHILD).values("family_id")
    taken = Subscription.objects.within(*days).filter(product__authority_id=authority_id)
    settled = {"assessment__state": Assessment.State.SETTLED, "assessment__run__authority_id": authority_id}
    billed = AssessedMonth.objects.filter(**settled, month__gte=days[0], month__lte=days[1])
    waiting = Share.objects.filter(**settled, state=Share.State.WAITING)
    ids = {
        *booked.order_by().distinct().values_list("family_id", flat=True),
        *homes.order_by().distinct().values_list("family_id", flat=True),
        *taken.order_by().distinct().values_list("family_id", flat=True),
        *billed.order_by().distinct().values_list("assessment__family_id", flat=True),
        *waiting.order_by().distinct().values_list("assessment__family_id", flat=True),
    }
    there = Family.objects.filter(erased_at=None).order_by("name", "pk").values_list("pk", flat=True)
    return [pk for pk in there.iterator() if pk in ids]
