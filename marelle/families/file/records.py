"""What only agents write in a file: what is held as a form is shown, and a write that overwrites nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from hashlib import blake2s
from typing import Final

from django.db import transaction

from marelle.core.refusals import ChangedMeanwhile
from marelle.families.file.reading import schooling_of
from marelle.families.file.values import Value
from marelle.families.locks import home_locked
from marelle.families.models import CustodyPeriod, Family, Residence
from marelle.families.selectors import current
from marelle.journal.models import Entry


class Record(StrEnum):
    """One form of an agent on a file."""

    ADDRESS = "address"
    CUSTODY = "custody"
    SCHOOL = "school"
    DEPARTURE = "departure"


VERBS: Final[Mapping[Record, tuple[str, ...]]] = {
    Record.ADDRESS: ("residence.added",),
    Record.CUSTODY: ("custody.set",),
    Record.SCHOOL: ("schooling.set",),
    Record.DEPARTURE: ("family.left", "family.back"),
}
"""The acts that write a record, which say who was faster."""


def record_held(kind: Record, *, family_id: int, child_id: int = 0, day: date) -> Value:
    """The parts of what is held, by the names of the form's fields; empty for nothing. One query.

    Of dated rows the last one, even if it has not begun: it is the one that another form would replace.
    """
    match kind:
        case Record.ADDRESS:
            home = Residence.objects.filter(family_id=family_id).order_by("-since", "-pk").first()
            if home is None:
                return {}
            parts = {"street": home.street, "postal_code": home.postal_code, "city": home.city}
            return {**parts, "since": home.since.isoformat()}
        case Record.CUSTODY:
            rows = CustodyPeriod.objects.filter(
                current(day, "member__"), member__family_id=family_id, member__person_id=child_id
            )
            weeks = rows.order_by("-since", "-pk").first()
            if weeks is None:
                return {}
            return {"pattern": f"{weeks.weeks} {weeks.holidays}", "since": weeks.since.isoformat()}
        case Record.SCHOOL:
            pupil = schooling_of(child_id, day)
            if pupil is None:
                return {}
            return {"school": str(pupil.school_id), "level": pupil.level, "teacher": pupil.teacher}
        case Record.DEPARTURE:
            left = Family.objects.filter(pk=family_id).values_list("left_on", flat=True).first()
            return {"left_on": left.isoformat()} if left else {}


def record_mark(held: Mapping[str, str]) -> str:
    """What a form carries of what it showed: an income is not repeated in it."""
    return blake2s(repr(sorted(held.items())).encode(), digest_size=8).hexdigest()


@transaction.atomic
def record_write(
    kind: Record,
    write: Callable[[], object],
    *,
    family_id: int,
    child_id: int = 0,
    seen: str,
    day: date,
) -> None:
    """Call `write`, a service, unless what is held is no more what was `seen`, the mark of a form; "" is that
    of a form that showed nothing.

    Of two agents on one file the second is told. Raises HomeGone, ChangedMeanwhile, or what `write` raises.
    """
    home_locked(family_id)
    held = record_held(kind, family_id=family_id, child_id=child_id, day=day)
    if (seen or record_mark({})) != record_mark(held):
        last = Entry.objects.filter(family_id=family_id, verb__in=VERBS[kind]).first()
        raise ChangedMeanwhile(
            held=held, names=(), by=last.actor_label if last else "", at=last.at if last else None
        )
    write()
