"""A call in French: why, whom, what came of those already made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from marelle.agents.desk.facts import Fact, home_facts, pair_facts, told
from marelle.agents.numbers import numbers
from marelle.core.french import day_plain, instant_long
from marelle.enrolments.models import CallNote, Enrolment
from marelle.families.models import Guardianship
from marelle.families.telephones import ways_to_call
from marelle.flows.office.home_file import HomeFile
from marelle.ui.emergency import Number


@dataclass(frozen=True, slots=True)
class Called:
    """An adult to call. `is_best`: the one to call first."""

    name: str
    detail: str
    numbers: tuple[Number, ...]
    is_best: bool


@dataclass(frozen=True, slots=True)
class CallLine:
    title: str
    note: str


def facts(enrolment: Enrolment, home: HomeFile | None) -> list[Fact]:
    """What was refused and why, when to call again, then the home."""
    rows = [
        (_("Enfant"), str(enrolment.person)),
        (_("Activité"), f"{enrolment.activity.name} · {enrolment.activity.structure.name}"),
        (_("Famille"), "" if home else str(enrolment.family)),
        (_("Demandée"), _at(enrolment.requested_by, instant_long(enrolment.requested_at))),
        (
            _("Refusée"),
            _at(enrolment.decided_by, instant_long(enrolment.decided_at)) if enrolment.decided_at else "",
        ),
        (_("Raison du refus"), enrolment.reason),
        (_("Rappeler"), _again(enrolment.call_notes.all())),
    ]
    return told([*pair_facts(rows), *home_facts(home)])


def people(guardians: Iterable[Guardianship], enrolment: Enrolment) -> list[Called]:
    """The best to call first: of those who have a number, one who is told of the child, and who asked."""
    asked = enrolment.requested_by
    rows = sorted(
        guardians,
        key=lambda row: (not ways_to_call(row.adult), not row.is_told, str(row.adult) != asked),
    )
    return [
        Called(
            name=str(row.adult),
            detail=", ".join(_details(row, asked=str(row.adult) == asked)),
            numbers=numbers(ways_to_call(row.adult)),
            is_best=rank == 0 and len(rows) > 1 and bool(ways_to_call(row.adult)),
        )
        for rank, row in enumerate(rows)
    ]


def _details(row: Guardianship, *, asked: bool) -> list[str]:
    found = [str(row.get_link_display())]
    if asked:
        found.append(_("a fait la demande"))
    if not row.is_told:
        found.append(_("ne reçoit pas les courriels de cet enfant"))
    return found


def _again(notes: Iterable[CallNote]) -> str:
    """What the last call said: "à partir du 4 décembre 2026"."""
    last = max(notes, key=lambda row: (row.at, row.pk), default=None)
    if last is None or last.again_on is None:
        return ""
    return _("à partir du %(day)s") % {"day": day_plain(last.again_on)}


def calls(notes: Iterable[CallNote]) -> list[CallLine]:
    return [
        CallLine(
            title=f"{_outcome(row)}, {_at(row.by, instant_long(row.at))}",
            note=row.note,
        )
        for row in notes
    ]


def _outcome(row: CallNote) -> str:
    """ "Message laissé, rappeler le 4 décembre 2026"."""
    if row.reached:
        return _("Famille jointe")
    said = _("Message laissé") if row.left_message else _("Pas de réponse")
    if row.again_on is None:
        return said
    return _("%(said)s, rappeler le %(day)s") % {"said": said, "day": day_plain(row.again_on)}


def _at(who: str, at: str) -> str:
    return _("le %(at)s, par %(who)s") % {"at": at, "who": who}
