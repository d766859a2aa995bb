"""What pages read of the relais, always through the actor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Min, OuterRef, Prefetch, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from marelle.activities.catalogue import activity_facts
from marelle.activities.models import Opening
from marelle.activities.rules import OpeningFacts
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.prepared import prepared
from marelle.core.rows import columns
from marelle.families.nearby import commune_of, communes_lived
from marelle.places.models import Authority, Structure
from marelle.places.rules import Lived
from marelle.places.selectors import relays_for
from marelle.relay.models import CareRequest, Childminder, ChildminderAccess, Visit
from marelle.relay.rules import OPEN, CareState, Morning, morning_for
from marelle.relay.scope import (
    childminders_in_charge,
    demands_in_charge,
    demands_of_home,
    mornings_in_charge,
    mornings_open_to,
    own_childminders,
    own_visits,
)

AHEAD = timedelta(days=60)
"""How far mornings are shown to who comes."""


@dataclass(frozen=True, slots=True)
class MorningLine:
    """A morning as a family or a childminder sees it; `visit` is its own coming, None when it does not
    come."""

    opening: Opening
    facts: Morning
    visit: Visit | None


def demands_of(actor: Actor) -> tuple[CareRequest, ...]:
    """The home's own demands, the latest first, with the contacts of the relais; two queries."""
    return tuple(demands_of_home(actor).select_related("structure").prefetch_related("contacts"))


def demands(actor: Actor, *, state: CareState | None = None) -> QuerySet[CareRequest]:
    """Demands that the actor follows, those that wait longest first; all the open ones without a state."""
    rows = demands_in_charge(actor).select_related("commune", "family")
    rows = rows.filter(state__in=OPEN) if state is None else rows.filter(state=state)
    return rows.order_by("received_at", "pk")


def demand(actor: Actor, request_id: int) -> CareRequest | None:
    """One that the actor follows, with its contacts; two queries."""
    rows = demands_in_charge(actor).select_related("commune", "family", "structure")
    return rows.prefetch_related("contacts").filter(pk=request_id).first()


def relay_ids(actor: Actor, *, day: date) -> list[int]:
    """The relais that the actor's home would ask: one, or none where there is none. One query."""
    return _relay_ids(actor.family_id, day)


@prepared
def _relay_ids(family_id: int | None, day: date) -> QuerySet[Structure, int]:
    commune = None if family_id is None else commune_of(family_id, day)
    return relays_for(commune).values_list("pk", flat=True)[:1]


def mornings_ahead(actor: Actor, *, now: datetime) -> QuerySet[Opening]:
    """Mornings to come, for `morning_lines`, the next first; four queries."""
    today = local(now).date()
    return _with_visits(mornings_open_to(actor), own_visits(actor), today, today + AHEAD)


def relays_of(rows: QuerySet[Opening]) -> dict[int, str]:
    """Names of the relais that hold these mornings, by id; one query."""
    held = rows.order_by("activity__structure__order", "activity__structure__name", "activity__structure_id")
    return dict(held.values_list("activity__structure_id", "activity__structure__name").distinct())


def relays_told(actor: Actor) -> tuple[Authority, ...]:
    """The authorities by whose relais the childminder that the actor is comes to mornings; one query."""
    own = own_childminders(actor).order_by().values("authority")
    return tuple(Authority.objects.filter(pk__in=own).order_by("name"))


def morning_lines(actor: Actor, rows: Iterable[Opening]) -> tuple[MorningLine, ...]:
    """Some of `mornings_ahead`, with their places and the actor's own coming; one query."""
    lived = None if actor.family_id is None else communes_lived(actor.family_id)
    return tuple(
        MorningLine(row, _facts(row, lived), next(iter(row.live_visits), None))  # type: ignore[attr-defined]
        for row in rows
    )


def mornings_to_run(actor: Actor, *, first: date, last: date) -> QuerySet[Opening]:
    """Mornings of the structures that the actor answers for, each with `live_visits`; four queries."""
    return _with_visits(mornings_in_charge(actor), Visit.objects.all(), first, last)


@dataclass(frozen=True, slots=True)
class MorningSeats:
    """A morning in the list of those to run: where it is, and how many of its seats are taken."""

    id: int
    day: date
    starts_at: datetime
    ends_at: datetime
    is_open: bool
    structure: str
    name: str
    seats: int
    capacity: int


def mornings_listed(actor: Actor, *, first: date, last: date) -> list[MorningSeats]:
    """The same mornings, without who comes; one query."""
    return _listed(actor, first, last)


def _seats(
    pk: int, day: date, starts_at: datetime, ends_at: datetime, state: str, structure: str, title: str,
    slot: str, seats: int, capacity: int,
) -> MorningSeats:  # fmt: skip
    return MorningSeats(
        id=pk,
        day=day,
        starts_at=starts_at,
        ends_at=ends_at,
        is_open=state == Opening.State.OPEN,
        structure=structure,
        name=title or slot,
        seats=seats,
        capacity=capacity,
    )


SEATS = columns(
    _seats,
    "pk", "day", "starts_at", "ends_at", "state", "title", "seats", "capacity",
    structure="activity__structure__name",
    slot="slot__name",
)  # fmt: skip


@prepared
def _listed(actor: Actor, first: date, last: date) -> QuerySet[Opening, MorningSeats]:
    live = Visit.objects.filter(opening=OuterRef("pk"), cancelled_at=None).order_by()
    taken = live.values("opening").annotate(taken=Sum("seats")).values("taken")
    rows = mornings_in_charge(actor).filter(day__gte=first, day__lte=last)
    counted = rows.annotate(seats=Coalesce(Subquery(taken), 0), capacity=Coalesce(Min("quotas__capacity"), 0))
    return SEATS.of(counted.order_by("day", "starts_at", "pk"))


def childminders(actor: Actor) -> QuerySet[Childminder]:
    """Those who still come; one query."""
    return childminders_in_charge(actor).filter(active=True).select_related("commune").order_by("name", "pk")


def childminders_held(actor: Actor) -> QuerySet[Childminder]:
    """Those of whom something is held, whether they still come or not; one query."""
    return childminders_in_charge(actor).filter(erased_at=None)


def childminders_gone(actor: Actor) -> QuerySet[Childminder]:
    """Those who come no more, and of whom something is held; one query."""
    return childminders_held(actor).filter(active=False).order_by("name", "pk")


def accesses_of(actor: Actor, childminder_id: int) -> QuerySet[ChildminderAccess]:
    """Of a childminder whom the actor's relais knows, the latest first."""
    rows = ChildminderAccess.objects.filter(childminder__in=childminders_in_charge(actor).order_by())
    return rows.filter(childminder=childminder_id).select_related("account", "childminder")


def _with_visits(
    openings: QuerySet[Opening], visits: QuerySet[Visit], first: date, last: date
) -> QuerySet[Opening]:
    live = visits.filter(cancelled_at=None).select_related("family", "childminder")
    return (
        openings.filter(day__gte=first, day__lte=last)
        .select_related("activity__structure", "slot")
        .prefetch_related(
            "quotas", Prefetch("visits", live.prefetch_related("children"), to_attr="live_visits")
        )
        .order_by("day", "starts_at", "pk")
    )


def _facts(row: Opening, lived: Sequence[Lived] | None) -> Morning:
    activity = activity_facts({row.activity_id: row.activity.revision})[row.activity_id]
    hours = OpeningFacts(row.day, row.starts_at, row.ends_at)
    return morning_for(
        activity,
        row.slot_id,
        hours,
        lived=lived,
        is_open=row.state == Opening.State.OPEN,
        left=min((quota.capacity - quota.taken for quota in row.quotas.all()), default=0),
    )
