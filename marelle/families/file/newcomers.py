"""Someone whom a home asks to add: what must be known, who may be the same, and how it joins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import Q

from marelle.core.actor import Actor
from marelle.core.refusals import Refusal
from marelle.families.file.values import Facts, WrongValue, check_birth, check_name, check_term
from marelle.families.finding.index import families_index
from marelle.families.models import Family, Guardianship, Member, Person
from marelle.families.refusals import WrongValues
from marelle.families.selectors import children_away, current, members

NAME_LENGTH = 80
PARENTS = (Guardianship.Link.MOTHER, Guardianship.Link.FATHER, Guardianship.Link.GUARDIAN)
"""Links that come with parental authority; an agent corrects the case where a judgment says otherwise."""


class NewcomerKind(StrEnum):
    CHILD = "child"
    EXPECTED = "expected"
    ADULT = "adult"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """`links` says what each adult of the home is to a child, or the newcomer to each child: by person id."""

    kind: NewcomerKind
    first_name: str
    last_name: str
    birth_date: date | None = None
    expected_on: date | None = None
    links: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Twin:
    """Somebody known elsewhere who may be the same: same first name and same day of birth."""

    person: Person
    family: Family


def linkable(actor: Actor, kind: NewcomerKind, *, day: date) -> tuple[Person, ...]:
    """Whom a newcomer is linked to: adults of the home for a child, the children seen for an adult."""
    wanted = Member.Kind.CHILD if kind is NewcomerKind.ADULT else Member.Kind.ADULT
    rows = members(actor, day=day).filter(kind=wanted).select_related("person").order_by("pk")
    return tuple(row.person for row in rows)


def check_newcomer(actor: Actor, family: Family, newcomer: Newcomer, *, day: date) -> Newcomer:
    """The newcomer with its names cleaned. Raises WrongValues, by name of the form's field."""
    errors: dict[str, Refusal] = {}
    names = {"first_name": newcomer.first_name, "last_name": newcomer.last_name}
    for name, typed in names.items():
        try:
            names[name] = check_name(typed, NAME_LENGTH)
        except WrongValue as refusal:
            errors[name] = refusal
    relatives = linkable(actor, newcomer.kind, day=day)
    for name, check in (("birth_date", _check_birth), ("expected_on", _check_term), ("links", _check_links)):
        try:
            check(newcomer, relatives, actor, day)
        except WrongValue as refusal:
            errors[name] = refusal
    if not errors and _is_there(family, newcomer, names, day):
        errors["first_name"] = WrongValue("already_there")
    if errors:
        raise WrongValues(errors)
    return replace(newcomer, first_name=names["first_name"], last_name=names["last_name"])


def newcomer_json(newcomer: Newcomer) -> dict[str, Any]:
    return {
        "kind": newcomer.kind.value,
        "first_name": newcomer.first_name,
        "last_name": newcomer.last_name,
        "birth_date": newcomer.birth_date.isoformat() if newcomer.birth_date else "",
        "expected_on": newcomer.expected_on.isoformat() if newcomer.expected_on else "",
        "links": {str(person_id): link for person_id, link in sorted(newcomer.links.items()) if link},
    }


def newcomer_of(new: Mapping[str, Any]) -> Newcomer:
    """The newcomer that `newcomer_json` wrote."""
    return Newcomer(
        kind=NewcomerKind(new["kind"]),
        first_name=new["first_name"],
        last_name=new["last_name"],
        birth_date=date.fromisoformat(new["birth_date"]) if new["birth_date"] else None,
        expected_on=date.fromisoformat(new["expected_on"]) if new["expected_on"] else None,
        links={int(person_id): link for person_id, link in new["links"].items()},
    )


def likely_twins(family_id: int, newcomer: Newcomer, *, day: date) -> tuple[Twin, ...]:
    """Children of other homes with the same first name and day of birth; one query.

    A child of parents apart is already known: it joins the second home, it is not written twice. Nor is one
    from whom a judge keeps this home away: `comes_back` says so.
    """
    if newcomer.kind is not NewcomerKind.CHILD or newcomer.birth_date is None:
        return ()
    rows = (
        Member.objects.filter(
            current(day),
            kind=Member.Kind.CHILD,
            person__first_name__iexact=newcomer.first_name,
            person__birth_date=newcomer.birth_date,
        )
        .exclude(family_id=family_id)
        .exclude(person_id__in=children_away(family_id, day))
        .select_related("person", "family")
        .order_by("pk")[:5]
    )
    return tuple(Twin(row.person, row.family) for row in rows)


def comes_back(family_id: int, newcomer: Newcomer, *, day: date) -> bool:
    """Whether it is a child from whom a judge keeps the home away: written anew, it would be seen again."""
    return (
        Person.objects.filter(pk__in=children_away(family_id, day))
        .filter(first_name__iexact=newcomer.first_name, birth_date=newcomer.birth_date)
        .exists()
    )


@dataclass(frozen=True, slots=True)
class Joined:
    """A newcomer in its home. `made`: the person was not known before; `links` are the new guardianships."""

    person: Person
    made: bool
    member_id: int
    links: tuple[int, ...]


def newcomer_join(family: Family, newcomer: Newcomer, *, same_as: Person | None, day: date) -> Joined:
    """Make the person, or take the one already known, a member of the home with the links asked for."""
    person = same_as or Person.objects.create(
        first_name=newcomer.first_name,
        last_name=newcomer.last_name,
        birth_date=newcomer.birth_date,
        expected_on=newcomer.expected_on,
    )
    is_adult = newcomer.kind is NewcomerKind.ADULT
    member = Member.objects.create(
        family=family, person=person, kind=Member.Kind.ADULT if is_adult else Member.Kind.CHILD, since=day
    )
    relatives = Member.objects.filter(
        current(day),
        family=family,
        kind=Member.Kind.CHILD if is_adult else Member.Kind.ADULT,
        person_id__in=newcomer.links,
    )
    links: list[int] = []
    for relative_id in relatives.values_list("person_id", flat=True):
        link = newcomer.links[relative_id]
        adult_id, child_id = (person.pk, relative_id) if is_adult else (relative_id, person.pk)
        row, is_new = Guardianship.objects.get_or_create(
            adult_id=adult_id,
            child_id=child_id,
            until=None,
            defaults={"link": link, "has_authority": link in PARENTS, "since": day},
        )
        if is_new:
            links.append(row.pk)
    families_index([family.pk], day=day)
    return Joined(person, made=same_as is None, member_id=member.pk, links=tuple(links))


def _check_birth(newcomer: Newcomer, relatives: tuple[Person, ...], _actor: Actor, day: date) -> None:
    if newcomer.kind is NewcomerKind.EXPECTED:
        return
    if newcomer.birth_date is None:
        if newcomer.kind is NewcomerKind.CHILD:
            raise WrongValue("required")
        return
    is_child = newcomer.kind is NewcomerKind.CHILD
    of_parents = (Guardianship.Link.MOTHER, Guardianship.Link.FATHER)
    births = tuple(
        person.birth_date
        for person in relatives
        if person.birth_date is not None and newcomer.links.get(person.pk) in of_parents
    )
    facts = Facts(
        day=day, is_child=is_child, elders=births if is_child else (), wards=() if is_child else births
    )
    check_birth(newcomer.birth_date, facts)


def _check_term(newcomer: Newcomer, _relatives: tuple[Person, ...], _actor: Actor, day: date) -> None:
    if newcomer.kind is not NewcomerKind.EXPECTED:
        return
    if newcomer.expected_on is None:
        raise WrongValue("required")
    check_term(newcomer.expected_on, Facts(day=day))


def _check_links(newcomer: Newcomer, relatives: tuple[Person, ...], actor: Actor, _day: date) -> None:
    known = {person.pk for person in relatives}
    links = {person_id: link for person_id, link in newcomer.links.items() if link}
    if not set(links) <= known or not set(links.values()) <= set(Guardianship.Link.values):
        raise WrongValue("not_a_choice")
    if newcomer.kind is NewcomerKind.ADULT:
        return
    # Who asks must see the child once it is there; an agent names anyone.
    asked = links if actor.on_behalf_of else links.get(actor.person_id or 0)
    if not asked:
        raise WrongValue("link_missing")


def _is_there(family: Family, newcomer: Newcomer, names: Mapping[str, str], day: date) -> bool:
    same = Q(person__first_name__iexact=names["first_name"], person__last_name__iexact=names["last_name"])
    if newcomer.birth_date is not None:
        same &= Q(person__birth_date=newcomer.birth_date) | Q(person__birth_date=None)
    # Who is kept away from a child is not told that it is still there: an agent answers.
    away = children_away(family.pk, day)
    return family.members.filter(current(day), same).exclude(person_id__in=away).exists()
