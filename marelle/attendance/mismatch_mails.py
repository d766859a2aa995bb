"""What homes are told of mismatches: on that day or as soon as it is known, and once it is settled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from marelle.attendance.models import Mismatch
from marelle.attendance.rules import Alert
from marelle.core.clock import local
from marelle.core.french import day_long, join_and
from marelle.families.telling import Addressee, addressees_of_children, draft_to
from marelle.mail.services import queue_many
from marelle.places.selectors import reach

MISMATCH, SETTLED = "attendance/mismatch", "attendance/mismatch_settled"


def tell_mismatches(rows: Iterable[Mismatch], *, now: datetime) -> None:
    """Who was not seen, who came without booking."""
    today = local(now).date()
    _tell(MISMATCH, rows, lambda found: _told(found, today), now)


def tell_settled(rows: Iterable[Mismatch], *, now: datetime) -> None:
    """The attendance was put right, or stays. What the structure wrote is read in the portal."""
    _tell(SETTLED, rows, _settled, now)


def _tell(
    kind: str,
    rows: Iterable[Mismatch],
    context: Callable[[Sequence[Mismatch]], dict[str, object]],
    now: datetime,
) -> None:
    """One mail to each adult told, for all the children of its home on a day at one structure. Without an
    address nothing leaves: a letter would come days later."""
    rows = tuple(rows)
    told = addressees_of_children({(row.family_id, row.child_id) for row in rows}, now=now)
    mails: dict[tuple[int, Addressee, int, date], list[Mismatch]] = {}
    for row in rows:
        for adult in told[row.family_id, row.child_id]:
            if adult.email:
                key = (row.family_id, adult, row.opening.activity.structure_id, row.day)
                mails.setdefault(key, []).append(row)
    reached = {structure_id: reach(structure_id) for _family, _adult, structure_id, _day in mails}
    drafts = [
        draft_to(
            adult,
            {**context(found), **reached[structure_id]},
            family_id,
            about=[row.child_id for row in found],
        )
        for (family_id, adult, structure_id, _day), found in mails.items()
    ]
    if drafts:
        queue_many(kind=kind, drafts=drafts, now=now)


def _told(rows: Sequence[Mismatch], today: date) -> dict[str, object]:
    return {
        **_about(rows),
        "is_late": rows[0].day != today,
        "absent": _lines(row for row in rows if row.kind == Alert.ABSENT),
        "unbooked": _lines(row for row in rows if row.kind == Alert.UNBOOKED),
    }


def _settled(rows: Sequence[Mismatch]) -> dict[str, object]:
    left = [row for row in rows if row.settled == Mismatch.Settled.LEFT]
    corrected = [row for row in rows if row not in left]
    return {
        **_about(rows),
        "present": _lines(row for row in corrected if row.kind == Alert.ABSENT),
        "gone": _lines(row for row in corrected if row.kind == Alert.UNBOOKED),
        "left": _lines(left),
        "answered": any(row.answer for row in rows),
    }


def _about(rows: Sequence[Mismatch]) -> dict[str, object]:
    return {
        "children": join_and(list(dict.fromkeys(row.child.first_name for row in rows))),
        "day": day_long(rows[0].day),
    }


def _lines(rows: Iterable[Mismatch]) -> list[str]:
    """ "Zoé : Matin, Repas"."""
    by_child: dict[tuple[int, str], list[str]] = {}
    for row in rows:
        by_child.setdefault((row.child_id, row.child.first_name), []).append(row.opening.slot.name)
    return [
        _("%(child)s : %(slots)s") % {"child": name, "slots": ", ".join(slots)}
        for (_id, name), slots in by_child.items()
    ]
