"""« Mon planning »: what a child's own account shows, and what it saves there, as its home allowed it.

It reads and saves what the home reads and saves, by the same services, held to one child and to the
activities that the home's own enrolments open. What tells of the home, of its bills, or of the other home is
not said: such a refusal sends the child to its parents.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from marelle.activities import models as activities
from marelle.activities.bounds import Whose
from marelle.bookings.cells import Cell, CellState
from marelle.bookings.labels import STATES
from marelle.bookings.models import Booking
from marelle.bookings.planning import ChildPlanning, PlannedCell, Planning, planning
from marelle.bookings.reading import OPENING, openings_of
from marelle.bookings.rules import Why
from marelle.bookings.saving.ledger import Change, Outcome, Result
from marelle.bookings.saving.locking import BIGGEST_ID
from marelle.bookings.saving.services import bookings_save
from marelle.bookings.saving.telling import SAVED, TOLD
from marelle.bookings.states import LIVE, BookingState
from marelle.core.actor import Actor
from marelle.core.clock import instant_at, local
from marelle.core.refusals import NotYours
from marelle.enrolments.models import TeenAccess
from marelle.enrolments.teens import activities_opened, own_access
from marelle.families.locks import home_locked
from marelle.families.refusals import HomeGone
from marelle.families.telling import addressees, draft_to, service_contacts
from marelle.flows.journal.sentences import cell_text
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.mail.services import queue_many, revoke

WITHHELD: Final = frozenset(
    {
        Why.UNPAID,
        Why.PAPERS_MISSING,
        Why.PAPER_NEEDED,
        Why.OTHER_AUDIENCE,
        Why.NO_ENTRY,
        Why.OTHER_HOME,
        Why.OTHER_HOME_DAY,
        Why.ELSEWHERE,
        Why.TOGETHER,
    }
)
"""Reasons that tell of bills, papers or incomes, of brothers and sisters, or of the other home."""

EVENING: Final = time(19)
"""When the adults are told, on the wall clock of Paris, what their child booked that day."""

DAY: Final = timedelta(days=1)

TEEN_SAVED: Final = "bookings/teen_saved"


@dataclass(frozen=True, slots=True)
class TeenPlanning:
    """`books`: whether the child books for itself in something that is shown."""

    access: TeenAccess
    planning: Planning
    books: bool


def teen_planning(actor: Actor, *, first: date, last: date, now: datetime) -> TeenPlanning | None:
    """The child's own planning from `first` to `last`, both included; None for an account that opens none.
    Two queries more than those of `planning`."""
    day = local(now).date()
    access = own_access(actor, day=day)
    if access is None:
        return None
    opened = activities_opened(access, day=day)
    found = planning(_acting(actor, access), first=first, last=last, child_id=access.child_id, now=now)
    shown = tuple(_shown(one, opened) for one in found.shown)
    activities = tuple(one for one in found.activities if one[0] in opened)
    return TeenPlanning(access, Planning(found.children, shown, activities), any(opened.values()))


def _shown(one: ChildPlanning, opened: Mapping[int, bool]) -> ChildPlanning:
    columns = tuple(column for column in one.columns if column.activity.id in opened)
    slots = {column.slot.id for column in columns}
    cells = {
        key: tuple(_told(cell, books=opened[cell.opening.activity.id]) for cell in there)
        for key, there in one.cells.items()
        if key[1] in slots
    }
    return ChildPlanning(one.child, columns, cells)


def _told(cell: PlannedCell, *, books: bool) -> PlannedCell:
    return replace(cell, state=state_told(cell.state, books=books))


def state_told(state: CellState, *, books: bool) -> CellState:
    """What a child is told of a cell: what is its own, what it may do, and to see its parents for the rest.
    Without a permission, what could be booked is its parents' to book."""
    if state.cell is Cell.OTHER_HOME or state.why in WITHHELD or _counts_home(state.reached):
        shown = state.cell if state.cell in OWN else Cell.NOT_OFFERED
        return CellState(shown, why=Why.PARENTS if shown is Cell.NOT_OFFERED else None, rank=state.rank)
    if state.cell is Cell.ABSENT_JUSTIFIED:  # a proof is mostly a doctor's
        return CellState(Cell.ABSENT)
    if state.cell is Cell.REFUSED:
        state = replace(state, reason="")
    if books or not state.editable:
        return state
    if state.cell in OWN:
        return CellState(state.cell, rank=state.rank)
    return CellState(Cell.NOT_OFFERED, why=Why.PARENTS)


OWN: Final = frozenset({Cell.BOOKED, Cell.REQUESTED, Cell.WAITING, Cell.OFFERED, Cell.REFUSED})
"""What became of the child's own place, whatever may still be done with it."""


def _counts_home(reached: Any) -> bool:
    """A number that brothers and sisters make too."""
    return reached is not None and reached.bound.whose is Whose.HOME


def teen_bookings_save(
    *,
    actor: Actor,
    changes: Sequence[Change],
    derogation: str = "",  # noqa: ARG001 - of an agent alone
    past_capacity: bool = False,  # noqa: ARG001 - the same
    now: datetime,
) -> tuple[Outcome, ...]:
    """`bookings_save` by the child itself, in the activities where its home allows it. What it may do is read
    under the lock of the home, which who takes it back holds too. Where something that it may not touch would
    go along, nothing is saved. Raises what `bookings_save` does, and NotYours."""
    with transaction.atomic():
        access = _locked(actor, now)
        within = _within(access, changes, now)
        saved = _saved(_acting(actor, access), within, now)
        if any(one.result in TOLD for one in saved):
            _tell(access, now)
        return tuple(outcome_told(one) for one in (*saved, *within.outside))


def _saved(acting: Actor, within: _Within, now: datetime) -> tuple[Outcome, ...]:
    with transaction.atomic():
        saved = bookings_save(actor=acting, changes=within.inside, now=now)
        touched = (one.opening for one in saved if one.result is not Result.REFUSED and one.opening)
        if all(opening.activity.id in within.activities for opening in touched):
            return saved
        transaction.set_rollback(True)
    return tuple(_to_parents(one) for one in saved if one.change in within.inside)


def outcome_told(outcome: Outcome) -> Outcome:
    """What a child is told of one: of what it may not know, that its parents do."""
    if outcome.why in WITHHELD or _counts_home(outcome.reached):
        return _to_parents(outcome)
    return outcome


@dataclass(frozen=True, slots=True)
class _Within:
    """The changes that are the child's own to save, what is said of the others, and the activities where it
    books itself."""

    inside: list[Change]
    outside: list[Outcome]
    activities: Collection[int]


def _locked(actor: Actor, now: datetime) -> TeenAccess:
    """The actor's access, read under the lock of its home. Raises NotYours."""
    day = local(now).date()
    seen = own_access(actor, day=day)
    if seen is None:
        raise NotYours
    try:
        home_locked(seen.family_id)
    except HomeGone as gone:
        raise NotYours from gone
    access = own_access(actor, day=day)
    if access is None or access.family_id != seen.family_id:
        raise NotYours
    return access


def _acting(actor: Actor, access: TeenAccess) -> Actor:
    """The child itself, in the home that opened its planning to it."""
    return Actor(
        actor.user_id,
        actor.label,
        family_id=access.family_id,
        guest=actor.guest,
        child_id=access.child_id,
    )


def _within(access: TeenAccess, changes: Sequence[Change], now: datetime) -> _Within:
    """What its pages do not show does not exist; what they show and it may not change, an offer among it, is
    its parents' to answer."""
    opened = activities_opened(access, day=local(now).date())
    own = frozenset(pk for pk, books in opened.items() if books)
    asked = {change.opening_id for change in changes if 0 < change.opening_id <= BIGGEST_ID}
    rows = activities.Opening.objects.filter(activity_id__in=opened, pk__in=asked).order_by()
    shown = openings_of(OPENING.of(rows))
    offers = Booking.objects.filter(child=access.child_id, opening__in=shown, state=BookingState.OFFERED)
    offered = set(offers.values_list("opening_id", flat=True))
    inside, outside = [], []
    for change in changes:
        opening = shown.get(change.opening_id)
        if opening is None or change.child_id != access.child_id:
            outside.append(Outcome(change, Result.REFUSED, why=Why.UNKNOWN))
        elif opening.activity.id in own and opening.id not in offered:
            inside.append(change)
        else:
            outside.append(_to_parents(Outcome(change, Result.REFUSED, opening, access.child.first_name)))
    return _Within(inside, outside, own)


def _to_parents(outcome: Outcome) -> Outcome:
    """That it is not the child's to save, and nothing of why."""
    return Outcome(outcome.change, Result.REFUSED, outcome.opening, outcome.child_name, Why.PARENTS)


def _tell(access: TeenAccess, now: datetime) -> None:
    """Have the adults of the home told, this evening and once, of all that the child booked and took back
    itself since the evening before: one mail, in the place of the one that waited. No letter: who has no
    address reads the history."""
    evening = instant_at(local(now).date(), EVENING)
    if evening <= now:
        evening = instant_at(local(now).date() + DAY, EVENING)
    accounts = TeenAccess.objects.filter(family=access.family_id, child=access.child_id).values("account")
    acts = Entry.objects.of_family(access.family_id).filter(actor_user_id__in=accounts, verb=SAVED)
    told = acts.filter(at__gte=instant_at(local(evening).date() - DAY, EVENING)).order_by("at", "id")
    last = {cell["opening"]: cell for entry in told for cell in entry.data["cells"]}
    cells = sorted(last.values(), key=lambda cell: (cell["day"], cell["opening"]))
    family_id, child = access.family_id, access.child
    waiting = Message.objects.filter(
        kind=TEEN_SAVED, family_id=family_id, about=[child.pk], not_before=evening
    )
    revoke(ids=list(waiting.values_list("pk", flat=True)))
    context = {
        "child": child.first_name,
        "lines": [cell_text(cell) for cell in cells],
        "child_id": child.pk,
        "date": cells[0]["day"],
        **service_contacts(),
    }
    adults = addressees(family_id=family_id, child_id=child.pk, now=now)
    drafts = [draft_to(one, context, family_id, about=[child.pk]) for one in adults if one.email]
    if drafts:
        queue_many(kind=TEEN_SAVED, drafts=drafts, not_before=evening, now=now)


def teen_copy(actor: Actor, day: date) -> dict[str, Any]:
    """What a copy of its data says besides its account: what was opened to it, what it may book, and its own
    places still to come or gone by. Nothing of who lives with it."""
    access = own_access(actor, day=day)
    if access is None:
        return {}
    permissions = access.permissions.select_related("activity")
    places = Booking.objects.filter(
        family_id=access.family_id,
        child_id=access.child_id,
        state__in=LIVE,
        opening__activity__in=activities_opened(access, day=day),
    )
    rows = places.order_by("starts_at", "pk").select_related("opening__activity", "opening__slot")
    return {
        _("planning ouvert le"): local(access.given_at).isoformat(timespec="minutes"),
        _("activités où vous réservez vous-même"): [
            {
                _("activité"): one.activity.name,
                _("depuis le"): local(one.given_at).isoformat(timespec="minutes"),
                _("jusqu’au"): one.ended_at and local(one.ended_at).isoformat(timespec="minutes"),
            }
            for one in permissions
        ],
        _("réservations"): [
            {
                _("jour"): row.day.isoformat(),
                _("activité"): row.opening.activity.name,
                _("créneau"): row.opening.slot.name,
                _("état"): str(STATES[row.state]),
            }
            for row in rows
        ],
    }
