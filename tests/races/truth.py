"""What must hold after any race, read from the tables alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations

from marelle.activities.generation import half_hours
from marelle.activities.models import KeptQuota, Opening, Quota
from marelle.bookings.models import Booking
from marelle.bookings.states import BookingState
from marelle.core.clock import local
from marelle.relay.models import Visit


def counters_hold() -> None:
    """Each quota has taken the children who are on it, once each, and the relais's seats, within capacity and
    overdraft."""
    drawn: dict[int, list[tuple[int, int]]] = {}
    for opening_id, quota_id, part in Opening.objects.values_list("pk", "quotas", "quotas__part"):
        if quota_id is not None:
            drawn.setdefault(opening_id, []).append((quota_id, part))
    held: dict[int, set[int]] = defaultdict(set)
    for booking in Booking.objects.holding().select_related("opening__slot"):
        parts = set(half_hours(local(booking.starts_at).time(), local(booking.ends_at).time()))
        for quota_id, part in drawn.get(booking.opening_id, ()):
            if part == Quota.WHOLE_DAY or part in parts:
                held[quota_id].add(booking.child_id)
    seats: Counter[int] = Counter()
    for opening_id, taken in Visit.objects.filter(cancelled_at=None).values_list("opening_id", "seats"):
        seats.update({quota_id: taken for quota_id, _part in drawn.get(opening_id, ())})
    wrong = [
        (quota.pk, quota.taken, sorted(held[quota.pk]), quota.capacity, quota.overdraft)
        for quota in Quota.objects.all()
        if quota.taken != len(held[quota.pk]) + seats[quota.pk]
        or quota.taken > quota.capacity + quota.overdraft
    ]
    assert not wrong, f"quotas (id, taken, held, capacity, overdraft): {wrong}"
    kept_places_hold(drawn)
    nobody_is_in_two_places()


def kept_places_hold(drawn: dict[int, list[tuple[int, int]]]) -> None:
    """What is kept of each quota counts the children marked for it who are there, once each."""
    marked: dict[tuple[int, int], set[int]] = defaultdict(set)
    for booking in Booking.objects.holding().exclude(kept=""):
        parts = set(half_hours(local(booking.starts_at).time(), local(booking.ends_at).time()))
        for quota_id, part in drawn.get(booking.opening_id, ()):
            if part == Quota.WHOLE_DAY or part in parts:
                for kept_id in booking.kept.split(","):
                    marked[quota_id, int(kept_id)].add(booking.child_id)
    sums: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for row in KeptQuota.objects.all():
        there = len(marked[row.quota_id, row.kept_id])
        assert row.taken == there, f"kept {row.kept_id} of quota {row.quota_id}: {row.taken}, not {there}"
        kept, taken = sums[row.quota_id]
        sums[row.quota_id] = kept + row.places, taken + min(row.places, row.taken)
    for quota in Quota.objects.all():
        assert (quota.kept, quota.kept_taken) == sums[quota.pk], f"quota {quota.pk}"


def nobody_is_in_two_places() -> None:
    """No child holds two places at the same hours in two structures, or twice the same."""
    by_child: dict[int, list[Booking]] = {}
    for booking in Booking.objects.holding().select_related("opening__activity"):
        by_child.setdefault(booking.child_id, []).append(booking)
    for bookings in by_child.values():
        for one, other in combinations(bookings, 2):
            overlap = one.starts_at < other.ends_at and other.starts_at < one.ends_at
            elsewhere = one.opening.activity.structure_id != other.opening.activity.structure_id
            assert not (overlap and (elsewhere or one.opening_id == other.opening_id)), (one, other)


def held_on(opening: Opening) -> set[int]:
    """The children who hold a place."""
    return set(Booking.objects.holding().filter(opening=opening).values_list("child_id", flat=True))


def queue_of(opening: Opening) -> list[int]:
    """The children who wait, in order."""
    return list(Booking.objects.waiting().filter(opening=opening).values_list("child_id", flat=True))


def count(opening: Opening, state: BookingState) -> int:
    return Booking.objects.filter(opening=opening, state=state).count()
