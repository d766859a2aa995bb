"""What the page of figures is asked for: the address says it all, so that it can be kept and sent."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import Http404, QueryDict

from marelle.activities.models import Activity
from marelle.core.actor import Actor
from marelle.core.converters import id_read
from marelle.core.prepared import prepared
from marelle.flows.figures.rows import Wanted
from marelle.flows.figures.rules import months_of
from marelle.places.models import Structure
from marelle.places.rules import school_year_of
from marelle.places.scope import in_charge

ALL = "toutes"
YEARS_BACK, YEARS_AHEAD = 5, 1


class By(StrEnum):
    """What a line of the tables is of; as the address names it."""

    ACTIVITY = "activite"
    AGE = "age"
    COMMUNE = "commune"
    MONTH = "mois"
    STRUCTURE = "structure"


@dataclass(frozen=True, slots=True)
class Asked:
    """`structure_id` None: the first one, unless `everywhere`. What cannot be read counts as not named."""

    school_year: int
    months: tuple[date, ...]
    by: By
    structure_id: int | None = None
    everywhere: bool = False
    activity_id: int | None = None

    @classmethod
    def of(cls, query: QueryDict, today: date) -> Asked:
        year = school_year_of(today)
        year = next((one for one in years(today) if query.get("annee") == str(one)), year)
        months = months_of(year)
        begins = _month(query.get("de", ""), today.month)
        places = sorted(
            n for n, one in enumerate(months) if one.month in {begins, _month(query.get("a", ""), begins)}
        )
        everywhere = query.get("structure") == ALL
        by = query.get("par", "")
        return cls(
            school_year=year,
            months=months[places[0] : places[-1] + 1],
            by=By(by) if by in set(By) else By.ACTIVITY,
            structure_id=id_read(query.get("structure", "")) or None,
            everywhere=everywhere,
            activity_id=None if everywhere else id_read(query.get("activite", "")) or None,
        )

    @property
    def last(self) -> date:
        end = self.months[-1]
        return end.replace(day=monthrange(end.year, end.month)[1])


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is shown, once the actor's reach and the structure's own activities are known.

    `structure` is None where all of them are counted together; `activities` are those to choose from.
    """

    asked: Asked
    today: date
    structure: Structure | None
    structures: tuple[Structure, ...]
    activities: tuple[Activity, ...]

    @property
    def counted(self) -> tuple[Structure, ...]:
        return self.structures if self.structure is None else (self.structure,)

    @property
    def activity(self) -> Activity | None:
        return next((one for one in self.activities if one.pk == self.asked.activity_id), None)

    @property
    def wanted(self) -> Wanted:
        return Wanted(
            structure_ids=tuple(one.pk for one in self.counted),
            months=self.asked.months,
            last=self.asked.last,
            today=self.today,
            activity_id=self.activity.pk if self.activity else None,
        )

    @property
    def query(self) -> str:
        asked = self.asked
        named = {
            "structure": self.structure.pk if self.structure else ALL,
            "activite": self.activity.pk if self.activity else None,
            "annee": asked.school_year,
            "de": asked.months[0].month,
            "a": asked.months[-1].month,
            "par": asked.by.value,
        }
        return "?" + urlencode({name: value for name, value in named.items() if value is not None})


def years(today: date) -> range:
    """The school years that may be asked for."""
    now = school_year_of(today)
    return range(now - YEARS_BACK, now + YEARS_AHEAD + 1)


@prepared
def managed(actor: Actor) -> QuerySet[Structure]:
    """Structures that the actor answers for, in their order."""
    return Structure.objects.filter(in_charge(actor)).order_by("order", "name", "pk")


def chosen(actor: Actor, query: QueryDict, today: date) -> Chosen | None:
    """None when the actor answers for no structure. Out of its reach: 404. Three queries at most.

    An activity that these months do not have is let go; one of another structure is out of reach.
    """
    asked = Asked.of(query, today)
    reach = tuple(managed(actor))
    if not reach:
        return None
    if asked.everywhere and len(reach) > 1:
        return Chosen(asked, today, None, reach, ())
    structure = next((one for one in reach if asked.structure_id in {None, one.pk}), None)
    if structure is None:
        raise Http404
    activities = tuple(_activities(structure.pk, asked.months[0], asked.last))
    named = asked.activity_id
    gone = named is not None and all(one.pk != named for one in activities)
    if gone and not Activity.objects.filter(structure=structure, pk=named or 0).exists():
        raise Http404
    return Chosen(asked, today, structure, reach, activities)


@prepared
def _activities(structure_id: int, first: date, last: date) -> QuerySet[Activity]:
    return Activity.objects.filter(structure=structure_id, first_day__lte=last, last_day__gte=first)


def _month(text: str, otherwise: int) -> int:
    return int(text) if text in {str(n) for n in range(1, 13)} else otherwise
