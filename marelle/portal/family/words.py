"""« Ma famille » in French: the facts of a person and of a home as (term, value) pairs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from marelle.core.french import day_plain, euros_text, join_and
from marelle.families.labels import age_text, birth_text, custody_text
from marelle.families.pages import AdultPage, ChildPage, GuardianLine, Household, PersonLine

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PersonCard:
    """One person of the list: `detail` is the age, or what the person is to the account."""

    id: int
    name: str
    initial: str
    detail: str


@dataclass(frozen=True, slots=True)
class GuardianCard:
    """A guardian as told to a parent; `rights` is empty for one who lives in another home."""

    name: str
    link: str
    rights: str


def person_card(line: PersonLine, day: date) -> PersonCard:
    if line.is_adult:
        detail = _("C’est vous") if line.is_me else _("Adulte du foyer")
    else:
        detail = birth_text(line.birth_date, line.expected_on, day)
    return PersonCard(line.id, f"{line.first_name} {line.last_name}", line.first_name[:1].upper(), detail)


def household_pairs(home: Household) -> Pairs:
    """Number, address and quotient with their date and source."""
    pairs = [(_("Numéro de dossier"), home.number)]
    if home.residence is not None:
        pairs.append((_("Adresse"), str(home.residence)))
        pairs.append((_("Depuis le"), _dated(home.residence.since, home.residence.source)))
    else:
        pairs.append((_("Adresse"), _("Nous ne la connaissons pas encore.")))
    if home.quotient is not None:
        pairs.append((_("Quotient familial"), euros_text(home.quotient.amount)))
        pairs.append((_("Connu depuis le"), _dated(home.quotient.since, home.quotient.source)))
    else:
        pairs.append((_("Quotient familial"), _("Nous ne le connaissons pas encore.")))
    return pairs


def adult(page: AdultPage) -> dict[str, Any]:
    """What the page of an adult prints."""
    return {"pairs": _adult_pairs(page), "guardians": []}


def child(page: ChildPage, day: date) -> dict[str, Any]:
    """What the page of a child prints."""
    return {
        "pairs": _child_pairs(page, day),
        "guardians": [_guardian_card(line) for line in page.guardians],
    }


def _adult_pairs(page: AdultPage) -> Pairs:
    missing = _("Non renseigné")
    return [
        (_("Téléphone"), page.phone or missing),
        (_("Adresse mail"), page.email or missing),
        (_("Compte sur le portail"), _("oui") if page.has_account else _("pas encore")),
        (_("Responsable de"), join_and(page.children) or _("aucun enfant de ce foyer")),
    ]


def _child_pairs(page: ChildPage, day: date) -> Pairs:
    pairs: Pairs = []
    if page.person.birth_date is not None:
        birth = page.person.birth_date
        told = {"day": day_plain(birth), "age": age_text(birth, day)}
        pairs.append((_("Date de naissance"), _("%(day)s (%(age)s)") % told))
    elif page.person.expected_on is not None:
        pairs.append((_("Naissance prévue"), day_plain(page.person.expected_on)))
    if page.schooling is not None:
        pairs.append((_("École"), page.schooling.school.name))
        classroom = page.schooling.level
        if page.schooling.teacher:
            told = {"level": page.schooling.level, "teacher": page.schooling.teacher}
            classroom = _("%(level)s, classe de %(teacher)s") % told
        pairs.append((_("Classe cette année"), classroom))
    else:
        pairs.append((_("École"), _("Pas d’école connue cette année")))
    if page.custody is not None:
        pairs.append((_("Présence chez vous"), custody_text(page.custody.weeks, page.custody.holidays)))
    return pairs


def _guardian_card(line: GuardianLine) -> GuardianCard:
    if not line.is_here:
        return GuardianCard(line.first_name, _("%(link)s, dans un autre foyer") % {"link": line.link}, "")
    rights = [
        told
        for held, told in (
            (line.has_authority, _("a l’autorité parentale")),
            (line.may_book, _("peut réserver")),
            (line.may_fetch, _("peut venir chercher l’enfant")),
        )
        if held
    ]
    return GuardianCard(f"{line.first_name} {line.last_name}", line.link, join_and(rights))


def _dated(since: date, source: str) -> str:
    told = {"day": day_plain(since), "source": source}
    return _("%(day)s (%(source)s)") % told if source else day_plain(since)
