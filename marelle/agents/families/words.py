"""A family's file in French, for the office."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from marelle.core.french import instant_long_year
from marelle.core.phones import phone_text
from marelle.families.labels import birth_text
from marelle.families.models import Person
from marelle.flows.dossiers import CAN_BE_INVITED, Access, AdultLine, Dossier

TONES = {
    Access.NEVER_INVITED: "warn",
    Access.INVITED: "info",
    Access.EXPIRED: "warn",
    Access.IN_USE: "ok",
    Access.CLOSED: "plain",
}


@dataclass(frozen=True, slots=True)
class AdultRow:
    """`invite` is the label of the button, nothing where there is none; `seen` goes with it."""

    id: int
    name: str
    reach: str
    access: str
    tone: str
    invite: str
    seen: int


@dataclass(frozen=True, slots=True)
class ChildRow:
    id: int
    name: str
    age: str


def adult_rows(found: Dossier) -> list[AdultRow]:
    return [_adult(line, is_own=found.is_own) for line in found.adults]


def child_rows(found: Dossier, day: date) -> list[ChildRow]:
    return [_child(person, day) for person in found.children]


def _adult(line: AdultLine, *, is_own: bool) -> AdultRow:
    again = line.access is not Access.NEVER_INVITED
    label = _("Envoyer de nouveau l’invitation") if again else _("Inviter")
    reach = line.email or _("pas d’adresse mail : l’invitation sera une lettre à imprimer")
    return AdultRow(
        id=line.id,
        name=line.name,
        reach=" · ".join(filter(None, (reach, phone_text(line.phone)))),
        access=_access(line),
        tone=TONES[line.access],
        invite=label if line.access in CAN_BE_INVITED and not is_own else "",
        seen=line.invitation_id,
    )


def _access(line: AdultLine) -> str:
    until = instant_long_year(line.until) if line.until else ""
    return {
        Access.NEVER_INVITED: _("jamais invité"),
        Access.INVITED: _("invité, lien valable jusqu’au %(at)s") % {"at": until},
        Access.EXPIRED: _("lien périmé depuis le %(at)s") % {"at": until},
        Access.IN_USE: _("accès utilisé"),
        Access.CLOSED: _("accès fermé"),
    }[line.access]


def _child(person: Person, day: date) -> ChildRow:
    return ChildRow(person.pk, str(person), birth_text(person.birth_date, person.expected_on, day))
