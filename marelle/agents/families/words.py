"""A family's file in French, for the office."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.agents.families.record_words import child_lines
from marelle.agents.families.sections import child_detail, guardian_texts
from marelle.core.french import instant_long_year
from marelle.families.labels import birth_text, way_text
from marelle.families.models import Person
from marelle.flows.office.dossiers import CAN_BE_INVITED, Access, AdultLine, Dossier
from marelle.flows.office.family_page import FamilyPage

TONES = {
    Access.NEVER_INVITED: "warn",
    Access.INVITED: "info",
    Access.EXPIRED: "warn",
    Access.REVOKED: "warn",
    Access.IN_USE: "ok",
    Access.CLOSED: "plain",
}


@dataclass(frozen=True, slots=True)
class AdultRow:
    """`invite` is the label of the button, nothing where there is none; `seen` goes with it.

    `revocable`: its invitation waits, and may be taken back. `may_let_in`: it has a second factor, which may
    be lost.
    """

    id: int
    name: str
    reach: str
    access: str
    tone: str
    invite: str
    seen: int
    revocable: bool
    may_let_in: bool


@dataclass(frozen=True, slots=True)
class ChildRow:
    """`known` and `guardians` are lines of text; `other_homes` are the names of those where the child
    also lives, each with where it leads; `accounts` its own, likewise."""

    id: int
    name: str
    detail: str
    known: tuple[str, ...]
    guardians: tuple[str, ...]
    other_homes: tuple[tuple[str, str], ...]
    accounts: Sequence[tuple[str, str]] = ()


def count_text(count: int, query: str, most: int) -> str:
    """How many families answer to `query`, "" before anything is typed."""
    if not query:
        return ""
    if count == 0:
        return _("Aucune famille trouvée pour « %(query)s »") % {"query": query}
    if count >= most:
        return _("Les %(n)d premières familles : ajoutez un mot pour préciser.") % {"n": count}
    return ngettext("%(n)d famille trouvée", "%(n)d familles trouvées", count) % {"n": count}


def adult_rows(found: Dossier, *, may_invite: bool) -> list[AdultRow]:
    return [_adult(line, may_invite=may_invite and not found.is_own) for line in found.adults]


def child_rows(
    found: Dossier,
    page: FamilyPage | None,
    ways: Mapping[int, str],
    accounts: Mapping[int, Sequence[tuple[str, str]]],
    day: date,
) -> list[ChildRow]:
    """`page` is None for one's own home, of which only the names are shown."""
    return [
        replace(_child(person, found, page, ways, day), accounts=accounts.get(person.pk, ()))
        for person in found.children
    ]


def _adult(line: AdultLine, *, may_invite: bool) -> AdultRow:
    again = line.access is not Access.NEVER_INVITED
    label = _("Envoyer de nouveau l’invitation") if again else _("Inviter")
    reach = line.email or _("pas d’adresse de courriel : l’invitation sera une lettre à imprimer")
    return AdultRow(
        id=line.id,
        name=line.name,
        reach=" · ".join((reach, *(way_text(way).replace(" ", "\u00a0") for way in line.ways))),
        access=_access(line),
        tone=TONES[line.access],
        invite=label if line.access in CAN_BE_INVITED and may_invite else "",
        seen=line.invitation_id,
        revocable=line.access is Access.INVITED and may_invite,
        may_let_in=line.has_second and may_invite,
    )


def _access(line: AdultLine) -> str:
    until = instant_long_year(line.until) if line.until else ""
    return {
        Access.NEVER_INVITED: _("jamais invité"),
        Access.INVITED: _("invité, lien valable jusqu’au %(at)s") % {"at": until},
        Access.EXPIRED: _("lien périmé depuis le %(at)s") % {"at": until},
        Access.REVOKED: _("invitation retirée"),
        Access.IN_USE: _("accès utilisé"),
        Access.CLOSED: _("accès fermé"),
    }[line.access]


def _child(
    person: Person, found: Dossier, page: FamilyPage | None, ways: Mapping[int, str], day: date
) -> ChildRow:
    age = birth_text(person.birth_date, person.expected_on, day)
    return ChildRow(
        person.pk,
        str(person),
        child_detail(person, age),
        child_lines(person, page.schooling.get(person.pk), page.custody.get(person.pk)) if page else (),
        tuple(guardian_texts(page.guardians.get(person.pk, ()), found.first_names)) if page else (),
        tuple((str(home), ways.get(home.pk, "")) for home in page.other_homes.get(person.pk, ()))
        if page
        else (),
    )
