"""The emergency sheet of a tablet in words: for each child of the day, what to know and whom to call."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from marelle.agents.numbers import numbers
from marelle.families.care.emergency import Emergency
from marelle.families.care.labels import HEALTH_LOST, pai_text
from marelle.families.care.safety import Safety
from marelle.families.telephones import ways
from marelle.flows.door.emergency import EmergencyRow
from marelle.ui.emergency import CallLine, EmergencyLine


def emergency_lines(rows: Iterable[EmergencyRow]) -> list[EmergencyLine]:
    return [_line(row) for row in rows]


def _line(row: EmergencyRow) -> EmergencyLine:
    child, facts = row.child, row.facts or Emergency()
    nobody = () if facts.called or row.of_team else (_("Personne à appeler\u00a0: demandez à la famille."),)
    treated = _("Traitement\u00a0: %(what)s") % {"what": facts.treatments} if facts.treatments else ""
    team = _("Enfant d’un membre de l’équipe\u00a0: l’autre foyer, s’il y en a un, est dans les listes.")
    return EmergencyLine(
        initials=child.initials,
        name=f"{child.first_name} {child.last_name}",
        detail=" · ".join(filter(None, (child.group, _("Absence déclarée") if row.is_absent else ""))),
        is_absent=row.is_absent,
        alerts=(*_health(child.safety), *nobody),
        called=tuple(
            CallLine(f"{one.name} ({one.link})", numbers(one.ways), one.is_banned) for one in facts.called
        ),
        doctor=CallLine(facts.doctor_name, numbers(ways(facts.doctor_phone)))
        if facts.doctor_name or facts.doctor_phone
        else None,
        notes=tuple(filter(None, (treated, facts.remarks, team if row.of_team else ""))),
    )


def _health(known: Safety | None) -> tuple[str, ...]:
    if known is None:
        return (_("Enfant que l’équipe ne connaît pas\u00a0: demandez au bureau qui appeler."),)
    severe = _("Allergie grave\u00a0: %(what)s") if known.is_severe else _("Allergie\u00a0: %(what)s")
    allergy = severe % {"what": known.allergies} if known.allergies else ""
    lost = str(HEALTH_LOST) if known.is_lost else ""
    return tuple(filter(None, (lost, allergy, pai_text(known.pai))))
