"""What homes are told of mismatches: on that day, and once it is settled."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from marelle.attendance.models import Mismatch
from marelle.attendance.rules import Alert
from marelle.core.french import day_long, join_and
from marelle.families.telling import Addressee, addressees_of_children
from marelle.mail.services import Draft, queue_many
from marelle.places.selectors import reach

MISMATCH, SETTLED = "attendance/mismatch", "attendance/mismatch_settled"


def tell_mismatches(rows: Iterable[Mismatch], *, now: datetime) -> None:
    """One mail to each adult told, for all the children of its home at one structure: who was not seen, who
    came without booking. Without an address nothing leaves: a letter would come days later."""
    rows = tuple(rows)
    told = addressees_of_children({(row.family_id, row.child_id) for row in rows}, now=now)
    mails: dict[tuple[int, Addressee, int], list[Mismatch]] = {}
    for row in rows:
        for adult in told[row.family_id, row.child_id]:
            if adult.email:
                key = (row.family_id, adult, row.opening.activity.structure_id)
                mails.setdefault(key, []).append(row)
    reached = {structure_id: reach(structure_id) for _family, _adult, structure_id in mails}
    drafts = [
        Draft(adult.email, {**_context(found), **reached[structure_id], "to_name": adult.name}, family_id)
        for (family_id, adult, structure_id), found in mails.items()
    ]
    if drafts:
        queue_many(kind=MISMATCH, drafts=drafts, now=now)


def tell_settled(row: Mismatch, *, corrected: bool, now: datetime) -> None:
    """The attendance was put right, or stays. What the structure wrote is read in the portal."""
    context = {
        "child": row.child.first_name,
        "day": day_long(row.day),
        "slot": row.opening.slot.name,
        "corrected": corrected,
        "absent": row.kind == Alert.ABSENT,
        "answered": bool(row.answer),
        **reach(row.opening.activity.structure_id),
    }
    told = addressees_of_children({(row.family_id, row.child_id)}, now=now)
    drafts = [
        Draft(adult.email, {**context, "to_name": adult.name}, row.family_id)
        for adult in told[row.family_id, row.child_id]
        if adult.email
    ]
    if drafts:
        queue_many(kind=SETTLED, drafts=drafts, now=now)


def _context(rows: list[Mismatch]) -> dict[str, object]:
    return {
        "children": join_and(list(dict.fromkeys(row.child.first_name for row in rows))),
        "day": day_long(rows[0].day),
        "absent": _lines(row for row in rows if row.kind == Alert.ABSENT),
        "unbooked": _lines(row for row in rows if row.kind == Alert.UNBOOKED),
    }


def _lines(rows: Iterable[Mismatch]) -> list[str]:
    """ "Zoé : Matin, Repas"."""
    by_child: dict[tuple[int, str], list[str]] = {}
    for row in rows:
        by_child.setdefault((row.child_id, row.child.first_name), []).append(row.opening.slot.name)
    return [
        _("%(child)s : %(slots)s") % {"child": name, "slots": ", ".join(slots)}
        for (_id, name), slots in by_child.items()
    ]
