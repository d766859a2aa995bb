"""Which places a page is asked for: the address says it all, so that it can be kept and sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

from marelle.activities.kinds import BookingMode
from marelle.activities.models import Activity, Opening
from marelle.bookings.occupation import Span
from marelle.core.actor import Actor
from marelle.core.converters import id_read
from marelle.places.models import Structure
from marelle.places.scope import in_charge
from marelle.ui.components import Choice, Filter

YEARS = range(2000, 2100)
MONTH, WEEK = "mois", "semaine"
ALL = "tous"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address names. An id of None is not named; what cannot be read is as good as not named."""

    day: date
    structure_id: int | None = None
    activity_id: int | None = None
    group_id: int | None = None
    view: str = MONTH

    @classmethod
    def of(cls, query: QueryDict, today: date) -> Asked:
        return cls(
            day=_day(query.get("jour", "")) or today,
            structure_id=id_read(query.get("structure", "")) or None,
            activity_id=id_read(query.get("activite", "")) or None,
            group_id=id_read(query.get("groupe", "")) or None,
            view=WEEK if query.get("vue") == WEEK else MONTH,
        )

    @property
    def query(self) -> str:
        return "?" + urlencode(dict(self.pairs))

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        named = (
            ("structure", self.structure_id),
            ("activite", self.activity_id),
            ("groupe", self.group_id),
            ("jour", self.day.isoformat()),
            ("vue", self.view if self.view != MONTH else None),
        )
        return tuple((name, str(value)) for name, value in named if value is not None)

    def in_view(self, view: str) -> Asked:
        return replace(self, view=view)

    def at(self, day: date) -> Asked:
        return replace(self, day=day)

    @property
    def week(self) -> tuple[date, date]:
        """Monday and Sunday of the day's week."""
        monday = self.day - timedelta(days=self.day.weekday())
        return monday, monday + timedelta(days=6)

    @property
    def shown(self) -> tuple[date, date]:
        """First and last day of the view."""
        if self.view == WEEK:
            return self.week
        first = self.day.replace(day=1)
        return first, _next_month(first) - timedelta(days=1)

    @property
    def previous(self) -> Asked:
        if self.view == WEEK:
            return self.at(self.week[0] - timedelta(days=7))
        return self.at((self.day.replace(day=1) - timedelta(days=1)).replace(day=1))

    @property
    def following(self) -> Asked:
        return self.at(self.shown[1] + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is shown, once the actor's reach and the structure's own activities are known."""

    asked: Asked
    structure: Structure
    structures: tuple[Structure, ...]
    activities: tuple[Activity, ...]

    def span(self, first: date, last: date) -> Span:
        asked = self.asked
        return Span(self.structure.pk, first, last, asked.activity_id, asked.group_id)

    def filters(self) -> list[Filter]:
        """Structure, activity, group: those with something to choose."""
        asked = self.asked
        keep = tuple(pair for pair in asked.pairs if pair[0] in {"jour", "vue"})
        structures = tuple(Choice(str(s.pk), s.name, s.pk == self.structure.pk) for s in self.structures)
        activities = _choices(_("toutes"), ((a.pk, a.name) for a in self.activities), asked.activity_id)
        groups = _choices(
            _("tous"),
            ((g.pk, g.name) for a in self.activities if asked.activity_id == a.pk for g in a.groups.all()),
            asked.group_id,
        )
        mine = ("structure", str(self.structure.pk))
        activity = (("activite", str(asked.activity_id)),) if asked.activity_id else ()
        found = [
            Filter("structure", _("Structure"), structures, keep),
            Filter("activite", _("Activité"), activities, (mine, *keep)),
            Filter("groupe", _("Groupe"), groups, (mine, *activity, *keep)),
        ]
        return [one for one in found if len(one.choices) > (1 if one.name == "structure" else 2)]


def managed(actor: Actor) -> QuerySet[Structure]:
    """Structures that the actor answers for, in their order."""
    return Structure.objects.filter(in_charge(actor)).order_by("order", "name", "pk")


def chosen(asked: Asked, structures: QuerySet[Structure], first: date, last: date) -> Chosen | None:
    """The structure asked for; else the first that opens, of a single day; else the first, or None.

    Out of reach: 404, as is an activity of another structure. Three queries, four to find which opens.
    """
    reach = tuple(structures)
    if asked.structure_id is None:
        structure = _first_open(reach, first) if first == last else next(iter(reach), None)
    else:
        structure = next((one for one in reach if one.pk == asked.structure_id), None)
        if structure is None:
            raise Http404
    if structure is None:
        return None
    offered = Activity.objects.filter(structure=structure, first_day__lte=last, last_day__gte=first)
    activities = tuple(offered.prefetch_related("groups"))
    return Chosen(_kept(asked, structure, activities), structure, reach, activities)


def _first_open(structures: tuple[Structure, ...], day: date) -> Structure | None:
    """The first that receives children on a day: who has two posts is led to where they are expected."""
    if len(structures) < 2:
        return next(iter(structures), None)
    held = Opening.objects.filter(activity__structure__in=structures, day=day, state=Opening.State.OPEN)
    booked = held.exclude(activity__booking_mode=BookingMode.ACCOMPANIED).order_by()
    open_there = set(booked.values_list("activity__structure_id", flat=True).distinct())
    return next((one for one in structures if one.pk in open_there), structures[0])


def _kept(asked: Asked, structure: Structure, activities: Collection[Activity]) -> Asked:
    """The activity and the group asked for, where these days have them: over, they are let go."""
    asked = replace(asked, structure_id=structure.pk)
    if asked.activity_id is None:
        return replace(asked, group_id=None)
    activity = next((one for one in activities if one.pk == asked.activity_id), None)
    if activity is None:
        if not Activity.objects.filter(structure=structure, pk=asked.activity_id).exists():
            raise Http404
        return replace(asked, activity_id=None, group_id=None)
    groups = {None, *(group.pk for group in activity.groups.all())}
    return asked if asked.group_id in groups else replace(asked, group_id=None)


def _choices(all_of_them: str, rows: Iterable[tuple[int, str]], selected: int | None) -> tuple[Choice, ...]:
    found = [Choice(str(pk), name, pk == selected) for pk, name in rows]
    return (Choice("", all_of_them, selected is None), *found)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None


def _next_month(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)
