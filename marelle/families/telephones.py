"""The telephones of somebody, said once: in which order one calls them, and which tell one home from another.

Who shows whom to call, or finds somebody by a number, asks for `ways_to_call`, or reads `WAYS` with its row;
who says that two files are of one home, for `own_phones`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple, Protocol

from django.db.models import Q

from marelle.core.rows import columns


class Way(NamedTuple):
    """A number as `core.phones` keeps it; `at_work`: a switchboard, or a colleague, may answer."""

    number: str
    at_work: bool = False


def ways(phone: str, work_phone: str = "") -> tuple[Way, ...]:
    """Each number once, the one to call first before."""
    own = (Way(phone),) if phone else ()
    return own if work_phone in ("", phone) else (*own, Way(work_phone, at_work=True))


WAYS = columns(ways, "phone", "work_phone")
ONE_WAY = columns(ways, "phone")
"""Of who is named with one number: who may fetch a child, or be called."""


class _Called(Protocol):
    @property
    def phone(self) -> str: ...
    @property
    def work_phone(self) -> str: ...


class _Reached(Protocol):
    @property
    def phone(self) -> str: ...


def ways_to_call(person: _Called) -> tuple[Way, ...]:
    return ways(person.phone, person.work_phone)


def own(phone: str) -> tuple[str, ...]:
    return (phone,) if phone else ()


OWN = columns(own, "phone")


def own_phones(person: _Reached) -> tuple[str, ...]:
    """The numbers that nobody outside of the home answers: a switchboard is that of many homes."""
    return own(person.phone)


def has_own_phone(path: str, numbers: Collection[str]) -> Q:
    """Who, at the end of `path`, answers one of these numbers."""
    found = Q()
    for column in OWN.through(path).columns:
        found |= Q(**{f"{column}__in": numbers})
    return found
