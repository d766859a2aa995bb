"""For whom something is: residents, children of last year, a school… Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from marelle.places.rules import Lived, commune_on, school_year_days, school_year_of


class AudienceKind(StrEnum):
    """Who is meant; `COMMUNES` and `SCHOOLS` are those named."""

    ALL = "all"
    RESIDENTS = "residents"
    """Of the communes of the activity's authority."""
    AGREEMENT = "agreement"
    """Of the communes that have an agreement with it."""
    COMMUNES = "communes"
    RETURNING = "returning"
    """Children who came to the structure in the school year before."""
    SIBLINGS = "siblings"
    """Brothers and sisters, in one home, of a child enrolled in the structure."""
    SCHOOLS = "schools"
    STAFF = "staff"
    """Children of who has a post in the authority or in one of its structures."""
    NAMED = "named"
    """Children whom agents have named, for the places kept of `ids`: sent by social services, handicap…"""


OF_COMMUNE = frozenset({AudienceKind.RESIDENTS, AudienceKind.AGREEMENT, AudienceKind.COMMUNES})
"""What hangs on where the home lives alone."""


@dataclass(frozen=True, slots=True)
class Audience:
    """`ids` are those of the communes, of the schools, or of the places kept."""

    kind: AudienceKind = AudienceKind.ALL
    ids: frozenset[int] = frozenset()


EVERYBODY = Audience()


@dataclass(frozen=True, slots=True)
class Within:
    """What something is tied to (a school, a structure) from a day to another, both included."""

    id: int
    first: date
    last: date

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class InClass(Within):
    """A class at a school: `level` is that of a school year."""

    level: str = ""


@dataclass(frozen=True, slots=True)
class Public:
    """A child and the home that asks, as audiences and conditions see them: where it lives, the schools of
    the child, the structures where it and its brothers and sisters are enrolled, the authorities that employ
    its adults; its birth, the types of its papers as long as each counts, and the places kept for which
    agents have named it. What nothing asks is not there."""

    lived: tuple[Lived, ...] = ()
    schools: tuple[InClass, ...] = ()
    stays: tuple[Within, ...] = ()
    siblings: tuple[Within, ...] = ()
    employers: frozenset[int] = frozenset()
    birth: date | None = None
    papers: tuple[Within, ...] = ()
    named: frozenset[int] = frozenset()


NOBODY = Public()
"""Of whom nothing is known: of the audience of all alone."""


@dataclass(frozen=True, slots=True)
class Offered:
    """What an audience is told apart by, on the side of the activity; ids of communes."""

    structure_id: int
    authority_id: int
    residents: frozenset[int]
    agreement: frozenset[int]


def is_of(public: Public, audience: Audience, offered: Offered, day: date) -> bool:
    """Whether the child is of the audience as things stand on `day`."""
    match audience.kind:
        case AudienceKind.ALL:
            return True
        case AudienceKind.RESIDENTS:
            return commune_on(public.lived, day) in offered.residents
        case AudienceKind.AGREEMENT:
            return commune_on(public.lived, day) in offered.agreement
        case AudienceKind.COMMUNES:
            return commune_on(public.lived, day) in audience.ids
        case AudienceKind.RETURNING:
            first, last = school_year_days(school_year_of(day) - 1)
            here = (stay for stay in public.stays if stay.id == offered.structure_id)
            return any(stay.first <= last and first <= stay.last for stay in here)
        case AudienceKind.SIBLINGS:
            return any(one.id == offered.structure_id and one.holds(day) for one in public.siblings)
        case AudienceKind.SCHOOLS:
            return any(one.id in audience.ids and one.holds(day) for one in public.schools)
        case AudienceKind.STAFF:
            return offered.authority_id in public.employers
        case AudienceKind.NAMED:
            return not audience.ids.isdisjoint(public.named)
