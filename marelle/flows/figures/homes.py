"""How old the counted children are and where they live, on any day of the span."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from django.db.models import Q, QuerySet

from marelle.core.prepared import prepared, rounded
from marelle.core.rows import columns
from marelle.families.models import Member, Person, Residence
from marelle.flows.figures.rows import Rows
from marelle.flows.figures.rules import Band, Stay, band_of, home_of


class Whence(NamedTuple):
    """`commune_id` is None where nobody knows where the child lived."""

    band: Band
    commune_id: int | None


class Children:
    """Four queries, whatever their number, and a fifth where some have not one home on all the days.

    `settled` are those for whom it is the same on all the days.
    """

    def __init__(self, ids: Collection[int], rows: Rows) -> None:
        self.first, self.last = rows.wanted.first, rows.wanted.last
        some = rounded(ids)
        self.births = dict(_births(some))
        self.stays: dict[int, list[Stay]] = {}
        for one in _stays(some, self.first, self.last):
            self.stays.setdefault(one.child_id, []).append(one.stay)
        apart = [pk for pk in ids if self._only_home(pk) is None]
        self.booked_by = rows.homes(apart) if apart else {}
        homes = {stay.family_id for stays in self.stays.values() for stay in stays}
        self.communes: dict[int, str] = {}
        self.moves = self._moves(homes | set(self.booked_by.values()))
        self.known: dict[tuple[int, date, int | None], Whence] = {}
        self.settled = {pk: whence for pk in ids if (whence := self._whence_always(pk)) is not None}

    def whence(self, child_id: int, day: date, activity_id: int) -> Whence:
        """Of one who is not settled. Its home is the one that booked it in this activity on the day."""
        booked_by = self.booked_by.get((activity_id, child_id, day))
        asked = child_id, day, booked_by
        if asked not in self.known:
            home = home_of(self.stays.get(child_id, ()), day, booked_by=booked_by)
            self.known[asked] = Whence(band_of(self.births[child_id], day), self._commune(home, day))
        return self.known[asked]

    def _whence_always(self, child_id: int) -> Whence | None:
        birth, first, last = self.births[child_id], self.first, self.last
        band = band_of(birth, first)
        home = self._only_home(child_id)
        if home is None or band is not band_of(birth, last):
            return None
        dates, communes = self.moves.get(home, ((), ()))
        commune_id = self._commune(home, first)
        later = communes[bisect_right(dates, first) :]
        return Whence(band, commune_id) if all(one == commune_id for one in later) else None

    def _only_home(self, child_id: int) -> int | None:
        """The home that it has on all the days, if it has no other."""
        stays = self.stays.get(child_id, ())
        if len(stays) != 1 or not stays[0].holds(self.first) or not stays[0].holds(self.last):
            return None
        return stays[0].family_id

    def _commune(self, home: int | None, day: date) -> int | None:
        dates, communes = self.moves.get(home, ((), ())) if home is not None else ((), ())
        at = bisect_right(dates, day)
        return communes[at - 1] if at else None

    def _moves(self, homes: Collection[int]) -> dict[int, tuple[list[date], list[int | None]]]:
        found: dict[int, tuple[list[date], list[int | None]]] = {}
        for one in _lived(rounded(homes), self.last):
            dates, communes = found.setdefault(one.family_id, ([], []))
            dates.append(one.since)
            communes.append(one.commune_id)
            if one.commune_id is not None:
                self.communes[one.commune_id] = one.commune
        return found


@prepared
def _births(ids: Collection[int]) -> QuerySet[Person, tuple[int, date | None]]:
    return Person.objects.filter(pk__in=ids).order_by().values_list("pk", "birth_date")


class _StayOf(NamedTuple):
    child_id: int
    stay: Stay


STAY_OF = columns(_StayOf, child_id="person_id", stay=columns(Stay, "family_id", "since", "until"))


@prepared
def _stays(ids: Collection[int], first: date, last: date) -> QuerySet[Member, _StayOf]:
    rows = Member.objects.filter(person_id__in=ids, kind=Member.Kind.CHILD, since__lte=last).order_by()
    return STAY_OF.of(rows.filter(Q(until=None) | Q(until__gte=first)))


class _Lived(NamedTuple):
    family_id: int
    since: date
    commune_id: int | None
    commune: str


LIVED = columns(_Lived, "family_id", "since", "commune_id", commune="commune__name")


@prepared
def _lived(homes: Collection[int], last: date) -> QuerySet[Residence, _Lived]:
    rows = Residence.objects.filter(family_id__in=homes, since__lte=last).order_by("since")
    return LIVED.of(rows)
