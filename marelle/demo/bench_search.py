"""Server time of the agents' search of a family: by all that one may type to find it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from marelle.accounts.models import User
from marelle.core.actor import Role
from marelle.core.phones import phone_text
from marelle.families.models import Member, Person

if TYPE_CHECKING:
    from marelle.demo.bench import Home


def office() -> User:
    """An account of the office."""
    return User.objects.filter(posts__role=Role.OFFICE).order_by("pk")[0]


def typed(homes: Sequence[Home]) -> Mapping[str, list[str]]:
    """What is typed to find each home, by what it is."""
    adults = Member.objects.filter(
        person__account__in=[home.user.pk for home in homes], kind=Member.Kind.ADULT
    ).select_related("person", "family")
    members = list(adults.order_by("pk"))
    people = [member.person for member in members]
    children = Person.objects.filter(pk__in=[home.child_id for home in homes]).order_by("pk")
    return {
        "name": [person.last_name for person in people],
        "mistake": [f"{person.first_name} {_mistaken(person.last_name)}" for person in people],
        "phone": [phone_text(person.phone) for person in people if person.phone],
        "mail": [person.email for person in people if person.email],
        "number": [member.family.number for member in members],
        "child": [f"{child.first_name} {child.last_name}" for child in children],
    }


def address(query: str) -> str:
    return f"/agents/familles/?{urlencode({'q': query, 'part': 'found'})}"


def _mistaken(name: str) -> str:
    """Two letters swapped in the middle."""
    at = len(name) // 2
    return name[: at - 1] + name[at] + name[at - 1] + name[at + 1 :]
