"""From stored ticks to what is known of a child: `bookings.Attendance`, and the call of an opening."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from marelle.activities.models import Opening
from marelle.attendance import rules
from marelle.attendance.models import Call, Tick
from marelle.attendance.outcomes import OutcomeCode
from marelle.attendance.rules import CALL_KINDS, Hand, HandKind, Standing, TickKind, Value
from marelle.bookings.models import Attendance

Pair = tuple[int, int]
"""An opening and a child."""

ALONE: Final = "seul"
"""What `Attendance.handed_to` holds of a child who left alone."""

COLUMNS: Final = (
    "day", "present", "arrived_at", "left_at", "reason", "reason_text", "handed_to", "is_late", "in_conflict",
    "last_tick", "noted_at", "noted_by",
)  # fmt: skip
FELLOWS: Final = frozenset({OutcomeCode.APPLIED, OutcomeCode.CONFLICT, OutcomeCode.LEFT_BEFORE_ARRIVED})
"""Outcomes that depend on the other ticks of the child."""


def as_rule(row: Tick) -> rules.Tick:
    return rules.Tick(
        id=row.pk,
        tablet=row.tablet_id,
        by=row.account_id,
        opening_id=row.opening_id,
        child_id=row.child_id,
        name=row.name,
        kind=TickKind(row.kind),
        at=row.at,
        after=row.after,
        value=value_of(row.value),
        by_label=row.by,
    )


def value_of(stored: Mapping[str, Any]) -> Value:
    to = stored.get("to")
    return Value(
        time=datetime.fromisoformat(stored["time"]) if stored.get("time") else None,
        reason=stored.get("reason", ""),
        text=stored.get("text", ""),
        hand=Hand(HandKind(to), stored.get("name", ""), stored.get("key", "")) if to else None,
        undoes=UUID(stored["undoes"]) if stored.get("undoes") else None,
    )


def stored_value(value: Value) -> dict[str, str]:
    """The same as JSON: only what is there."""
    hand = value.hand
    found = {
        "time": value.time.isoformat() if value.time else "",
        "reason": value.reason,
        "text": value.text,
        "to": hand.kind.value if hand else "",
        "name": hand.name if hand else "",
        "key": hand.key if hand else "",
        "undoes": str(value.undoes) if value.undoes else "",
    }
    return {name: text for name, text in found.items() if text}


def standings(pairs: Collection[Pair]) -> dict[Pair, Standing]:
    """Where children stand, folded again from all their ticks that count; one query."""
    ticks: dict[Pair, list[rules.Tick]] = {pair: [] for pair in pairs}
    rows = Tick.objects.counting().filter(
        opening_id__in={opening_id for opening_id, _child in pairs},
        child_id__in={child_id for _opening, child_id in pairs},
    )
    for row in rows:
        if row.opening_id and row.child_id and (row.opening_id, row.child_id) in ticks:
            ticks[row.opening_id, row.child_id].append(as_rule(row))
    return {pair: rules.standing_of(found) for pair, found in ticks.items()}


def attendance_project(pairs: Collection[Pair]) -> dict[Pair, Standing]:
    """Write what is known of these children, whom the caller has locked; a fixed number of queries."""
    if not pairs:
        return {}
    found = standings(pairs)
    days = dict(Opening.objects.filter(pk__in={pk for pk, _ in pairs}).values_list("pk", "day"))
    rows, gone = [], []
    for (opening_id, child_id), standing in found.items():
        if standing.present is None or standing.noted_at is None:
            gone.append((opening_id, child_id))
        else:
            row = _attendance(standing, standing.noted_at)
            row.opening_id, row.child_id, row.day = opening_id, child_id, days[opening_id]
            rows.append(row)
    Attendance.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=("opening", "child"), update_fields=COLUMNS
    )
    _forget(gone)
    _outcomes_write(found)
    return found


def calls_project(opening_ids: Collection[int]) -> None:
    """Write the calls of these openings, whose rows the caller has locked."""
    ticks: dict[int, list[rules.Tick]] = defaultdict(list)
    for row in Tick.objects.counting().filter(opening_id__in=opening_ids, kind__in=CALL_KINDS):
        if row.opening_id is not None:
            ticks[row.opening_id].append(as_rule(row))
    calls = []
    for opening_id, told in ticks.items():
        standing = rules.call_of(told)
        state = Call.State.CLOSED if standing.closed else Call.State.OPEN
        if standing.at is not None:
            calls.append(
                Call(opening_id=opening_id, state=state, closed_at=standing.at, closed_by=standing.by)
            )
    Call.objects.bulk_create(
        calls,
        update_conflicts=True,
        unique_fields=("opening",),
        update_fields=("state", "closed_at", "closed_by"),
    )


def _attendance(standing: Standing, noted_at: datetime) -> Attendance:
    hand = standing.handed_to
    return Attendance(
        present=bool(standing.present),
        arrived_at=standing.arrived_at,
        left_at=standing.left_at,
        reason=standing.reason,
        reason_text=standing.text,
        handed_to="" if hand is None else ALONE if hand.kind is HandKind.ALONE else hand.name,
        is_late=standing.is_late,
        in_conflict=bool(standing.conflicts),
        last_tick=standing.last,
        noted_at=noted_at,
        noted_by=standing.by,
    )


def _forget(pairs: Collection[Pair]) -> None:
    if not pairs:
        return
    rows = Attendance.objects.filter(
        opening_id__in={opening_id for opening_id, _child in pairs},
        child_id__in={child_id for _opening, child_id in pairs},
    )
    keys = rows.values_list("pk", "opening_id", "child_id")
    gone = [pk for pk, opening_id, child_id in keys if (opening_id, child_id) in pairs]
    Attendance.objects.filter(pk__in=gone).delete()


def _outcomes_write(found: Mapping[Pair, Standing]) -> None:
    """What became of each tick, where its fellows have changed it."""
    conflicts = {tick for standing in found.values() for pair in standing.conflicts for tick in pair}
    refused = {tick for standing in found.values() for tick in standing.refused}
    rows = Tick.objects.filter(
        opening_id__in={opening_id for opening_id, _child in found},
        child_id__in={child_id for _opening, child_id in found},
        outcome__in=FELLOWS,
    )
    changed: dict[OutcomeCode, list[UUID]] = defaultdict(list)
    for tick, opening_id, child_id, outcome in rows.values_list("pk", "opening_id", "child_id", "outcome"):
        code = OutcomeCode.APPLIED
        if tick in refused:
            code = OutcomeCode.LEFT_BEFORE_ARRIVED
        elif tick in conflicts:
            code = OutcomeCode.CONFLICT
        if (opening_id, child_id) in found and code != outcome:
            changed[code].append(tick)
    for code, ticks in changed.items():
        Tick.objects.filter(pk__in=ticks).update(outcome=code)
