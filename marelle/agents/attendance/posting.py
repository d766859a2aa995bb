"""What a plain form of the door asks, made into a batch: the same that the script sends. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from marelle.attendance.reading import Batch, batch_read
from marelle.attendance.rules import TickKind
from marelle.core.converters import id_read
from marelle.ui.door import row_key

MOST_OPENINGS = 400
"""More than a structure holds in one day: « Tous présents » names them all."""


def asked_kind(post: Mapping[str, str]) -> str:
    """What the button said first: a kind of tick, or "everyone", "unbooked"."""
    return post.get("t", "").split(" ")[0]


def asked_openings(post: Mapping[str, str]) -> tuple[int, ...]:
    """The openings that the button names; else those of its child, or of the select beside it."""
    parts = post.get("t", "").split(" ")
    if len(parts) == 2:
        child_id, first = _row(parts[1])
        rows = (told for child, told in _rows(post.get("a", "")) if child == child_id)
        return next((tuple(told) for told in rows if first in {None, next(iter(told))}), ())
    text = parts[2] if len(parts) == 3 else post.get("opening", "")
    found = (id_read(one) for one in text.split(",")[:MOST_OPENINGS])
    return tuple(dict.fromkeys(one for one in found if one))


def asked_child(post: Mapping[str, str]) -> int | None:
    parts = post.get("t", "").split(" ")
    return _row(parts[1])[0] if len(parts) > 1 else None


def asked_row(post: Mapping[str, str]) -> str:
    """Where the row of the button is on the list, "" for none."""
    child_id, first = _row(post.get("t", "").split(" ")[1]) if " " in post.get("t", "") else (None, None)
    return row_key(child_id, first) if child_id and first else ""


def form_id(post: Mapping[str, str]) -> UUID | None:
    """Of the form that was shown: sent again, it makes the same ticks."""
    try:
        return UUID(post.get("form", ""))
    except ValueError:
        return None


def batch_asked(
    post: Mapping[str, str],
    *,
    form: UUID,
    child_id: int | None,
    kind: str,
    now: datetime,
    by: int | None = None,
) -> Batch:
    """One tick for each opening named. An undo takes back what the page said could be."""
    ticks = [tick | {"by": by} for tick in _ticks(post, form, child_id, kind, now)]
    return batch_read({"sent_at": now.isoformat(), "ticks": ticks})


def _ticks(
    post: Mapping[str, str], form: UUID, child_id: int | None, kind: str, now: datetime
) -> Iterator[dict[str, Any]]:
    if kind == TickKind.NOTED:
        name = post.get("unbooked", "")
        openings = asked_openings(post) or (None,)
        yield {
            "id": str(uuid5(form, f"noted {name}")),
            "kind": kind,
            "at": now.isoformat(),
            "name": name,
            "opening": openings[0],
        }
        return
    known = {
        place: pair
        for child, told in _rows(post.get("a", ""))
        if child == child_id
        for place, pair in told.items()
    }
    for opening_id in asked_openings(post):
        last, undoable = known.get(opening_id, ("", ""))
        tick: dict[str, Any] = {
            "id": str(uuid5(form, f"{kind} {opening_id} {child_id}")),
            "kind": kind,
            "at": now.isoformat(),
            "opening": opening_id,
            "child": child_id,
            "after": last or None,
        }
        if kind == TickKind.UNDONE:
            tick["undoes"] = undoable
        yield tick | _precisions(post, kind)


def _precisions(post: Mapping[str, str], kind: str) -> dict[str, Any]:
    if kind == TickKind.EXCUSED:
        return {"reason": post.get("reason", ""), "text": post.get("text", "")}
    if kind == TickKind.ARRIVED:
        return {"hour": post.get("hour", "")}
    if kind != TickKind.LEFT:
        return {}
    who = post.get("who", "")
    found = {"hour": post.get("hour", "")}
    if who in {"", "alone"}:
        return found | ({"to": "alone"} if who else {})
    if who == "other":
        return found | {"to": "other", "who": post.get("other", "")}
    return found | {"to": "listed", "who": who}


def _row(text: str) -> tuple[int | None, int | None]:
    """The child of a row, and its first opening, as `ui.door` names it."""
    child, _dash, first = text.partition("-")
    return id_read(child), id_read(first)


def _rows(text: str) -> Iterator[tuple[int, dict[int, tuple[str, str]]]]:
    """The child of each row; by opening, its last tick and the one to undo, as `ui.door` wrote them."""
    for part in text.split():
        child, _colon, places = part.partition(":")
        told = {}
        for place in places.split(",")[:MOST_OPENINGS]:
            opening, _dot, rest = place.partition(".")
            last, dot, undoable = rest.partition(".")
            told[id_read(opening) or 0] = (last, (undoable or last) if dot else "")
        told.pop(0, None)
        if told and (child_id := id_read(child)):
            yield child_id, told
