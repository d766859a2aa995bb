"""The care of children in French, for agents: signs of the list, the parts of one child's file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils.translation import gettext as _

from marelle.agents.numbers import numbers
from marelle.core.clock import local
from marelle.core.french import day_long, day_plain
from marelle.core.phones import phone_text
from marelle.families.care.labels import (
    HEALTH_LOST,
    answer_text,
    banned_text,
    contact_detail,
    pai_text,
    sheet_pairs,
)
from marelle.families.care.rules import Answer, is_banned, settled
from marelle.families.labels import birth_text
from marelle.families.models import Consent
from marelle.families.telephones import Way, ways, ways_to_call
from marelle.flows.care.lists import CareLine, ExpectedFetcher
from marelle.flows.care.team import CareFile
from marelle.ui.emergency import Number

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Sign:
    """A tag of a child: what it says, and how grave it is."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class ChildLine:
    url: str
    name: str
    detail: str
    signs: tuple[Sign, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may come or be called; `banned` by a judgment, whoever named it."""

    name: str
    detail: str
    numbers: tuple[Number, ...]
    banned: bool


@dataclass(frozen=True, slots=True)
class HomeContacts:
    home: str
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class BanLine:
    id: int
    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class ExpectedLine:
    url: str
    child: str
    name: str
    day: str
    detail: str
    banned: bool


def child_line(line: CareLine, url: str, day: date) -> ChildLine:
    birth = birth_text(line.birth_date, None, day)
    written = _written(line)
    return ChildLine(
        url=url,
        name=f"{line.last_name} {line.first_name}",
        detail=" · ".join(part for part in (birth, written) if part),
        signs=tuple(health_signs(line)),
    )


def _written(line: CareLine) -> str:
    if line.written_at is None:
        return _("pas de fiche sanitaire")
    return _("fiche modifiée le %(day)s") % {"day": day_plain(local(line.written_at).date())}


def health_signs(line: CareLine) -> list[Sign]:
    """What must be seen at a glance; of health, nothing for who reads none."""
    signs = []
    if line.is_lost:
        signs.append(Sign(str(HEALTH_LOST), "error"))
    if line.allergy:
        severe = line.allergy == "severe"
        signs.append(Sign(_("Allergie grave") if severe else _("Allergie"), "error" if severe else "warn"))
    if line.pai and pai_text(line.pai):
        signs.append(Sign(pai_text(line.pai), "warn"))
    if line.has_ban:
        signs.append(Sign(_("Interdiction de venir chercher"), "error"))
    return signs


def expected_line(one: ExpectedFetcher, ways: Mapping[int, str]) -> ExpectedLine:
    row = one.permission
    return ExpectedLine(
        url=ways.get(row.child_id, ""),
        child=str(row.child),
        name=row.name,
        day=day_long(row.day),
        detail=" · ".join(part for part in (phone_text(row.phone), row.note) if part),
        banned=one.is_banned,
    )


def health_pairs(found: CareFile) -> Pairs:
    """The sheet for a team; nothing for who reads no health."""
    return sheet_pairs(found.sheet) if found.sheet else []


def vaccination_pairs(found: CareFile) -> Pairs:
    return [(row.vaccine, day_plain(row.on)) for row in found.vaccinations]


def guardians(found: CareFile) -> list[Person]:
    return [
        _person(found, str(row.adult), row.get_link_display(), ways_to_call(row.adult))
        for row in found.guardians
    ]


def contacts(found: CareFile) -> list[HomeContacts]:
    """The people named, home by home, in the order of each."""
    rows = sorted(found.contacts, key=lambda row: (row.family_id, row.order, row.pk))
    return [
        HomeContacts(
            _("Foyer %(name)s") % {"name": home.name},
            tuple(_person(found, row.name, contact_detail(row), ways(row.phone)) for row in own),
        )
        for home, own in groupby(rows, key=lambda row: row.family)
    ]


def permissions(found: CareFile) -> list[Person]:
    return [
        _person(found, row.name, " · ".join(filter(None, (day_long(row.day), row.note))), ways(row.phone))
        for row in found.permissions
    ]


def ban_lines(found: CareFile) -> list[BanLine]:
    return [
        BanLine(row.pk, banned_text(row.name), f"{row.reason} · {_span(row.since, row.until)}")
        for row in found.bans
    ]


def consent_pairs(found: CareFile) -> Pairs:
    """What the team follows; where the homes differ, what each says."""
    pairs = []
    for asked, rows in groupby(found.consents, key=lambda row: row.type):
        answers = list(rows)
        holds = settled(_answer(row) for row in answers)
        told = answer_text(holds)
        if len({(row.given, row.from_hour) for row in answers}) > 1:
            said = ", ".join(answer_text(_answer(row)) for row in answers)
            told = _("%(holds)s (les foyers ont répondu : %(said)s)") % {"holds": told, "said": said}
        pairs.append((asked.label, told))
    return pairs


def _answer(row: Consent) -> Answer:
    return Answer(row.given, row.from_hour)


def _person(found: CareFile, name: str, detail: str, called: tuple[Way, ...]) -> Person:
    judged = [*(row.name for row in found.bans), *(str(row.adult) for row in found.restrictions)]
    banned = is_banned(name, judged)
    return Person(name, detail, numbers(called), banned)


def _span(since: date, until: date | None) -> str:
    if until is None:
        return _("depuis le %(day)s") % {"day": day_plain(since)}
    return _("du %(first)s au %(last)s") % {"first": day_plain(since), "last": day_plain(until)}
