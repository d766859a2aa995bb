"""The order in which rows are locked, and the counters written: the same for every service of bookings.

That of `families.locks`: the home, for who asks for more in its name; then children, then quotas, each in the
order of their keys. Two services can never wait for each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

from django.db import connection
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When

from marelle.activities import models as activities
from marelle.activities.kinds import Parting
from marelle.bookings.keeping import parts_of
from marelle.bookings.saving.ledger import Quota
from marelle.core.prepared import prepared
from marelle.core.rows import columns
from marelle.families.models import Person

Rows = TypeVar("Rows", bound="QuerySet[Any, Any]")

QUOTA = columns(Quota, "part", "capacity", "taken", "overdraft", "kept", id="pk")


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
    return with_parts(quotas_of_openings(opening_ids, locked=True))


def with_parts(quotas: Iterable[Quota]) -> dict[int, Quota]:
    """Quotas by id, with what is kept of them; one query, none where nothing is."""
    found = {quota.id: quota for quota in quotas}
    keeping = [pk for pk, quota in found.items() if quota.kept]
    for pk, parts in (parts_of(keeping) if keeping else {}).items():
        found[pk].parts = parts
    return found


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


def counters_write(quotas: Collection[Quota]) -> None:
    """Write the counters as differences: without the locks, the database's check still stops the eleventh."""
    changed = [quota for quota in quotas if quota.delta or quota.overdraft_delta]
    if changed:
        activities.Quota.objects.filter(pk__in=[quota.id for quota in changed]).update(
            taken=F("taken") + _by({quota.id: quota.delta for quota in changed}),
            overdraft=F("overdraft") + _by({quota.id: quota.overdraft_delta for quota in changed}),
        )
    parts = {part.id: part.delta for quota in quotas for part in quota.parts if part.delta}
    if parts:
        activities.KeptQuota.objects.filter(pk__in=parts).update(taken=F("taken") + _by(parts))
    used = {quota.id: quota.kept_delta for quota in quotas if quota.kept_delta}
    if used:
        activities.Quota.objects.filter(pk__in=used).update(kept_taken=F("kept_taken") + _by(used))


def _by(deltas: Mapping[int, int]) -> Case:
    ids: dict[int, list[int]] = {}
    for pk, delta in deltas.items():
        ids.setdefault(delta, []).append(pk)
    return Case(
        *(When(pk__in=those, then=Value(delta)) for delta, those in ids.items()),
        default=Value(0),
        output_field=IntegerField(),
    )
