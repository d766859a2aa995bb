"""A call in French: why, whom, what came of those already made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from marelle.cases.models import Case, CaseState
from marelle.core.french import instant_long
from marelle.core.phones import phone_text
from marelle.enrolments.models import CallNote, Enrolment
from marelle.families.models import Person


@dataclass(frozen=True, slots=True)
class Called:
    """An adult to call; `asked` for the one who sent the request."""

    name: str
    phone: str
    asked: bool


@dataclass(frozen=True, slots=True)
class CallLine:
    title: str
    note: str


def pairs(enrolment: Enrolment) -> list[tuple[str, str]]:
    rows = [
        (_("Enfant"), str(enrolment.person)),
        (_("Activité"), f"{enrolment.activity.name} · {enrolment.activity.structure.name}"),
        (_("Famille"), str(enrolment.family)),
        (_("Demandée"), _at(enrolment.requested_by, instant_long(enrolment.requested_at))),
        (
            _("Refusée"),
            _at(enrolment.decided_by, instant_long(enrolment.decided_at)) if enrolment.decided_at else "",
        ),
        (_("Raison du refus"), enrolment.reason),
    ]
    return [(term, value) for term, value in rows if value]


def people(adults: Iterable[Person], enrolment: Enrolment) -> list[Called]:
    """Who asked comes first."""
    found = [Called(str(one), phone_text(one.phone), str(one) == enrolment.requested_by) for one in adults]
    return sorted(found, key=lambda one: not one.asked)


def calls(notes: Iterable[CallNote]) -> list[CallLine]:
    return [
        CallLine(
            title=f"{_('Famille jointe') if row.reached else _('Pas de réponse')}, "
            + _at(row.by, instant_long(row.at)),
            note=row.note,
        )
        for row in notes
    ]


def done(case: Case) -> str:
    """Who reached the family; nothing while the call is to be made."""
    if case.state == CaseState.OPEN or case.decided_at is None:
        return ""
    told = {"who": case.decided_by, "at": instant_long(case.decided_at)}
    return _("%(who)s a joint la famille le %(at)s.") % told


def _at(who: str, at: str) -> str:
    return _("le %(at)s, par %(who)s") % {"at": at, "who": who}
