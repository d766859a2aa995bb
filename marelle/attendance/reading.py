"""What a device sent, read into ticks that have the right shape; nothing of it is trusted further. Pure.

A batch is `{"sent_at": instant, "ticks": [tick, …]}`. A tick holds `id`, `kind`, `at`, and by kind:
`opening`, `child`, `name`, `after`, `by` (whose PIN opened the tablet), `hour` ("17:05", when it is typed),
`reason` with `text`, `to` ("listed", "alone", "other") with `who` (a key, or a name), `undoes`. Instants say
their zone; one that cannot be read is no reason to lose a touch.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import Any, Final, TypeVar
from uuid import UUID

from marelle.attendance.rules import CALL_KINDS, TIMED, Hand, HandKind, TickKind
from marelle.bookings.states import AbsenceReason
from marelle.core.clock import universal

MOST_TICKS: Final = 500
"""How many ticks are read of one batch; a device sends the rest in the next."""
BIGGEST_ID: Final = 2**63 - 1
SHORT_ID: Final = 22
NAME_LENGTH: Final = 80
TEXT_LENGTH: Final = 120
YEARS: Final = range(1970, 2200)
"""A clock that says another one says nothing. One that has lost its date begins in 1970."""

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Draft:
    """A tick as its device made it. `by` is the account that it names; `at` is by the device's clock, None
    for one that tells nothing."""

    id: UUID
    kind: TickKind
    at: datetime | None
    opening_id: int | None = None
    child_id: int | None = None
    name: str = ""
    after: UUID | None = None
    by: int | None = None
    hour: time | None = None
    reason: str = ""
    text: str = ""
    hand: Hand | None = None
    undoes: UUID | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What came at once. `malformed` are the identifiers, as typed, of what cannot be read."""

    sent_at: datetime | None
    drafts: tuple[Draft, ...]
    malformed: tuple[str, ...] = ()


class _WrongShape(Exception):
    pass


def batch_read(raw: object) -> Batch:
    """A batch of what was posted, decoded from JSON; whatever it is, and at most `MOST_TICKS` of it."""
    found = raw if isinstance(raw, Mapping) else {}
    ticks = found.get("ticks")
    drafts, malformed = [], []
    for one in ticks[:MOST_TICKS] if isinstance(ticks, list) else ():
        try:
            drafts.append(_draft(one if isinstance(one, Mapping) else {}))
        except _WrongShape:
            malformed.append(str(one.get("id", ""))[:36] if isinstance(one, Mapping) else "")
    return Batch(_instant(found.get("sent_at")), tuple(drafts), tuple(malformed))


def _draft(raw: Mapping[str, Any]) -> Draft:
    kind = _choice(TickKind, raw.get("kind"))
    draft = Draft(
        id=_uuid(raw.get("id")),
        kind=kind,
        at=_instant(raw.get("at")),
        opening_id=_id(raw.get("opening")),
        child_id=_id(raw.get("child")),
        name=_text(raw.get("name"), NAME_LENGTH),
        after=_uuid(raw["after"]) if raw.get("after") else None,
        by=_id(raw.get("by")),
        hour=_hour(raw.get("hour")) if kind in TIMED else None,
        reason=_choice(AbsenceReason, raw.get("reason")).value if kind is TickKind.EXCUSED else "",
        text=_text(raw.get("text"), TEXT_LENGTH) if kind is TickKind.EXCUSED else "",
        hand=_hand(raw) if kind is TickKind.LEFT else None,
        undoes=_uuid(raw.get("undoes")) if kind is TickKind.UNDONE else None,
    )
    if kind is TickKind.NOTED:
        complete = bool(draft.name)
    elif kind in CALL_KINDS:
        complete = draft.opening_id is not None
    else:
        complete = kind is TickKind.UNDONE or None not in {draft.opening_id, draft.child_id}
    if not complete:
        raise _WrongShape
    return draft


def _hand(raw: Mapping[str, Any]) -> Hand | None:
    if not raw.get("to"):
        return None
    kind, who = _choice(HandKind, raw["to"]), _text(raw.get("who"), NAME_LENGTH)
    if kind is HandKind.ALONE:
        return Hand(kind)
    if not who:
        raise _WrongShape
    return Hand(kind, key=who) if kind is HandKind.LISTED else Hand(kind, name=who)


def _choice(kinds: type[Choice], value: object) -> Choice:
    try:
        return kinds(value)  # type: ignore[arg-type]
    except ValueError as error:
        raise _WrongShape from error


def tick_short(tick: UUID) -> str:
    """The identifier of a tick in 22 signs, which are read as well as its usual form."""
    return urlsafe_b64encode(tick.bytes).decode().rstrip("=")


def _uuid(value: object) -> UUID:
    text = value if isinstance(value, str) else ""
    try:
        return UUID(bytes=urlsafe_b64decode(f"{text}==")) if len(text) == SHORT_ID else UUID(text)
    except ValueError as error:
        raise _WrongShape from error


def _id(value: object) -> int | None:
    if value in (None, ""):
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= BIGGEST_ID:
        raise _WrongShape
    return value


def _instant(value: object) -> datetime | None:
    try:
        instant = universal(datetime.fromisoformat(value if isinstance(value, str) else ""))
    except (ValueError, OverflowError):
        return None
    return instant if instant.year in YEARS else None


def _hour(value: object) -> time | None:
    if value in (None, ""):
        return None
    try:
        return time.fromisoformat(value if isinstance(value, str) else "").replace(tzinfo=None)
    except ValueError as error:
        raise _WrongShape from error


def _text(value: object, length: int) -> str:
    """Printable, on one line; cut rather than refused."""
    text = value if isinstance(value, str) else ""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:length]
