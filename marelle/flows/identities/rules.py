"""How alike somebody whom a provider tells of, and a person whom the office holds, are. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from marelle.accounts.oidc.claims import Told
from marelle.core.spelling import plain
from marelle.families.fields import Civility
from marelle.families.finding.twins import is_near


class Agrees(StrEnum):
    """Near is also a first of January: it may stand for a year alone."""

    YES = "yes"
    NEARLY = "nearly"  # the name used for the name of birth, another first name of the same, a letter
    NO = "no"
    UNKNOWN = "unknown"  # one of the two says nothing


SO_FAR: Final = frozenset({Agrees.YES, Agrees.NEARLY})

GENDERS: Final = {Civility.MR.value: "male", Civility.MRS.value: "female"}


@dataclass(frozen=True, slots=True)
class Held:
    """What the office holds of an adult."""

    first_name: str
    last_name: str
    birth_date: date | None
    civility: str
    email: str


@dataclass(frozen=True, slots=True)
class Alike:
    last_name: Agrees
    first_name: Agrees
    birth_date: Agrees
    gender: Agrees
    email: Agrees

    @property
    def is_same(self) -> bool:
        """By all that a pivot identity and the office both know: the name of birth, the first name and the
        day of birth are known, and nothing contradicts them."""
        known = (self.last_name, self.first_name, self.birth_date)
        return all(one is Agrees.YES for one in known) and self.gender is not Agrees.NO

    @property
    def is_likely(self) -> bool:
        """By two of its facts at least: somebody looks."""
        return self.weight >= 2

    @property
    def is_possible(self) -> bool:
        """Of who says so itself, in its own account: nothing of what is certain contradicts it."""
        certain = (self.first_name, self.birth_date, self.gender)
        return self.is_likely and all(one is not Agrees.NO for one in certain)

    @property
    def weight(self) -> int:
        facts = (self.last_name, self.first_name, self.birth_date, self.email)
        return sum(one in SO_FAR for one in facts)


def alike(told: Told, held: Held) -> Alike:
    return Alike(
        last_name=_last_name(told, held.last_name),
        first_name=_first_name(told.given_names, held.first_name),
        birth_date=_birth_date(told.birth_date, held.birth_date),
        gender=_equal(told.gender, GENDERS.get(held.civility, "")),
        email=_equal(told.email.lower(), held.email.lower()),
    )


def _last_name(told: Told, held: str) -> Agrees:
    birth, usage, kept = (_letters(one) for one in (told.birth_name, told.usage_name, held))
    if not kept or not birth:
        return Agrees.UNKNOWN
    if kept == birth:
        return Agrees.YES
    # "Durand-Martin" of who was born Durand, or uses Martin.
    shared = _words(held) & (_words(told.birth_name) | _words(told.usage_name))
    return Agrees.NEARLY if kept == usage or shared else Agrees.NO


def _first_name(given: str, held: str) -> Agrees:
    """The first of those given; of a compound one, as many as it has: "Jean Pierre", "Jean-Pierre"."""
    names, kept = given.split(), _letters(held)
    if not names or not kept:
        return Agrees.UNKNOWN
    if any(_letters("".join(names[:count])) == kept for count in range(1, len(names) + 1)):
        return Agrees.YES
    other = any(_letters(name) == kept for name in names)
    return Agrees.NEARLY if other or is_near(names[0], held) else Agrees.NO


def _birth_date(told: date | None, held: date | None) -> Agrees:
    """The first of January is also what is written of whoever knows the year alone."""
    found = _equal(told, held)
    is_any_day = told is not None and (told.month, told.day) == (1, 1)
    return Agrees.NEARLY if found is Agrees.YES and is_any_day else found


def _equal(told: object, held: object) -> Agrees:
    if not told or not held:
        return Agrees.UNKNOWN
    return Agrees.YES if told == held else Agrees.NO


def _letters(text: str) -> str:
    return "".join(sign for sign in plain(text) if sign.isalpha())


def _words(text: str) -> set[str]:
    """Words of a name that tell it from others: "de" and "le" are in many."""
    split = "".join(sign if sign.isalpha() else " " for sign in plain(text)).split()
    return {word for word in split if len(word) > 2}
