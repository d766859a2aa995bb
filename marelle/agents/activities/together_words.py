"""Several children who change groups, in French: who they are, what follows, what cannot, what was done."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.agents.families.enrolments.group_words import REFUSALS, Line, move_lines, moved_text
from marelle.bookings.closing.moving import Fate, Moved, Plan
from marelle.families.labels import age_text
from marelle.families.rules import LEVELS
from marelle.flows.catalogue.group_members import InGroup
from marelle.flows.catalogue.moving import MovedTogether, Together


@dataclass(frozen=True, slots=True)
class Row:
    id: int
    name: str
    detail: str
    ticked: bool
    url: str


@dataclass(frozen=True, slots=True)
class ChildPlan:
    """`follow` and `cannot` are counts in words, "" for none; `lines` are the bookings that do not move,
    `url` is where its name leads."""

    name: str
    url: str
    follow: str
    cannot: str
    lines: list[Line]


def rows(
    members: Iterable[InGroup], since: date, ticked: Collection[int], ways: Mapping[int, str]
) -> list[Row]:
    return [
        Row(
            one.enrolment_id,
            one.name,
            " · ".join(filter(None, (age_text(one.birth, since) if one.birth else "", one.level))),
            one.enrolment_id in ticked,
            ways.get(one.family_id, ""),
        )
        for one in members
    ]


def quick(members: Collection[InGroup], asked: dict[str, str]) -> list[tuple[str, str]]:
    """Links that tick at once those of an age, of a level, all; with the address of each."""
    ages = sorted({one.age for one in members if one.age is not None})
    levels = [level for level in LEVELS if any(one.level == level for one in members)]
    choices: list[tuple[str, dict[str, object]]] = [
        (ngettext("ceux qui ont %d an à cette date", "ceux qui ont %d ans à cette date", n) % n, {"age": n})
        for n in ages
    ]
    choices += [(_("ceux du niveau %(level)s") % {"level": one}, {"niveau": one}) for one in levels]
    choices += [(_("tous"), {"tous": 1}), (_("aucun"), {})]
    return [(label, f"?{urlencode({**asked, **more})}") for label, more in choices]


def child_plans(found: Together, ways: Mapping[int, str]) -> list[ChildPlan]:
    return [
        ChildPlan(
            str(row.person),
            ways.get(row.family_id, ""),
            follow_text(len(plan.moving)),
            cannot_text(plan),
            move_lines(one for one in plan.moves if one.fate is not Fate.MOVES),
        )
        for row, plan in found.moves
    ]


def follow_text(n: int) -> str:
    return ngettext("%d réservation suit", "%d réservations suivent", n) % n if n else ""


def cannot_text(plan: Plan) -> str:
    n = len(plan.stuck)
    return ngettext("%d ne peut pas", "%d ne peuvent pas", n) % n if n else ""


def slot_facts(found: Together) -> list[tuple[str, str]]:
    """By slot, how many bookings follow, and how many find no place or no slot."""
    counted: dict[str, dict[Fate, int]] = {}
    for _row, plan in found.moves:
        for one in plan.moves:
            fates = counted.setdefault(one.opening.slot.name, dict.fromkeys(Fate, 0))
            fates[one.fate] += 1
    return [(name, _slot_text(fates)) for name, fates in counted.items()]


def _slot_text(fates: dict[Fate, int]) -> str:
    full, absent, elsewhere = fates[Fate.FULL], fates[Fate.NOT_HELD], fates[Fate.ELSEWHERE]
    there = fates[Fate.THERE]
    told = [
        follow_text(fates[Fate.MOVES]),
        ngettext("%d déjà dans ce groupe", "%d déjà dans ce groupe", there) % there if there else "",
        ngettext("%d sans place", "%d sans place", full) % full if full else "",
        ngettext("%d que ce groupe n’a pas", "%d que ce groupe n’a pas", absent) % absent if absent else "",
        ngettext("%d déjà ailleurs", "%d déjà ailleurs", elsewhere) % elsewhere if elsewhere else "",
    ]
    return ", ".join(filter(None, told))


def stays_texts(found: Together | MovedTogether) -> list[str]:
    told = [
        _("%(name)s reste dans son groupe. %(why)s")
        % {"name": one.enrolment.person, "why": REFUSALS[one.code]}
        for one in found.stays
    ]
    if found.unknown:
        told.append(
            ngettext(
                "%d enfant n’est plus inscrit dans cette activité.",
                "%d enfants ne sont plus inscrits dans cette activité.",
                found.unknown,
            )
            % found.unknown
        )
    return told


def done_text(done: MovedTogether) -> str:
    n = len(done.moved)
    told = ngettext(
        "%d enfant change de groupe, sa famille est prévenue.",
        "%d enfants changent de groupe, leurs familles sont prévenues.",
        n,
    )
    return told % n


def bookings_text(done: MovedTogether) -> str:
    counts = [moved for _row, moved in done.moved]
    return moved_text(
        Moved(
            sum(one.moved for one in counts),
            sum(one.kept for one in counts),
            sum(one.queued for one in counts),
            sum(one.cancelled for one in counts),
            sum(one.there for one in counts),
        )
    )
