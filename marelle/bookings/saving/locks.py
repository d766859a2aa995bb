"""The order in which rows are locked, and the counters written: the same for every service of bookings.

That of `families.locks`: the home, for who asks for more in its name; then children, then quotas, each in the
order of their keys. Two services can never wait for each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple, TypeVar

from django.db import connection
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When

from marelle.activities import models as activities
from marelle.activities.kinds import Parting
from marelle.bookings.saving.ledger import Quota
from marelle.core.prepared import prepared
from marelle.core.rows import columns
from marelle.families.models import Person

Rows = TypeVar("Rows", bound="QuerySet[Any, Any]")

QUOTA = columns(Quota, "part", "capacity", "taken", "overdraft", id="pk")


class OfGauge(NamedTuple):
    gauge_id: int
    quota: Quota


OF_GAUGE = columns(OfGauge, "gauge_id", quota=QUOTA)


def lock(rows: Rows) -> Rows:
    """Lock rows that are about to be read; their order is the caller's. On SQLite the transaction is the
    lock."""
    return rows.select_for_update(no_key=connection.features.has_select_for_no_key_update)


def children_locked(child_ids: Collection[int]) -> None:
    """Lock children in the order of their keys."""
    list(lock(Person.objects.filter(pk__in=child_ids).order_by("pk").values_list("pk")))


def quotas_locked(opening_ids: Collection[int]) -> dict[int, Quota]:
    """Lock the quotas that these openings draw on, in the order of their keys; by id."""
    return {quota.id: quota for quota in quotas_of_openings(opening_ids, locked=True)}


def openings_along(opening_ids: Collection[int] | QuerySet[activities.Opening]) -> set[int]:
    """Openings of which places may go along with those of these: of the same day, whose slot goes with one
    that these provide. One query where there are none."""
    found: set[int] = set()
    more = _goes_along(opening_ids)
    while more:
        found |= more
        more = _goes_along(more) - found
    return found


def _goes_along(opening_ids: Collection[int] | QuerySet[activities.Opening]) -> set[int]:
    asked = [
        Q(**{f"slot__requires__{path}__in": opening_ids, f"slot__requires__{path}__day": F("day")})
        for path in ("openings", "included_in__openings")
    ]
    rows = activities.Opening.objects.filter(asked[0] | asked[1], slot__parting=Parting.GOES)
    return set(rows.order_by().values_list("pk", flat=True))


@prepared
def quotas_of_openings(opening_ids: Collection[int], *, locked: bool) -> QuerySet[activities.Quota, Quota]:
    """What these openings draw on, in the order of the keys."""
    drawn = activities.Opening.quotas.through.objects.filter(opening_id__in=opening_ids)
    rows = activities.Quota.objects.filter(pk__in=drawn.values("quota_id")).order_by("pk")
    found = QUOTA.of(rows)
    return lock(found) if locked else found


def quotas_drawn(opening_ids: Collection[int]) -> dict[int, list[int]]:
    """Ids of the quotas that each of these openings draws on."""
    drawn = activities.Opening.quotas.through.objects.filter(opening_id__in=opening_ids)
    found: dict[int, list[int]] = {}
    for opening_id, quota_id in drawn.values_list("opening_id", "quota_id"):
        found.setdefault(opening_id, []).append(quota_id)
    return found


def counters_write(quotas: Iterable[Quota]) -> None:
    """Write the counters as differences: without the locks, the database's check still stops the eleventh."""
    changed = [quota for quota in quotas if quota.delta or quota.overdraft_delta]
    if not changed:
        return
    taken: dict[int, list[int]] = {}
    overdraft: dict[int, list[int]] = {}
    for quota in changed:
        taken.setdefault(quota.delta, []).append(quota.id)
        overdraft.setdefault(quota.overdraft_delta, []).append(quota.id)
    activities.Quota.objects.filter(pk__in=[quota.id for quota in changed]).update(
        taken=F("taken") + _by(taken), overdraft=F("overdraft") + _by(overdraft)
    )


def _by(deltas: dict[int, list[int]]) -> Case:
    return Case(
        *(When(pk__in=ids, then=Value(delta)) for delta, ids in deltas.items()),
        default=Value(0),
        output_field=IntegerField(),
    )
