"""What an agent wishes for each person of a home that separates, and what cannot be. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from marelle.families.rules import CustodyHolidays, CustodyWeeks
from marelle.flows.home.separating.refusals import SeparationRefused
from marelle.flows.office.opening import Address


class Where(StrEnum):
    """Where a child lives from now on."""

    STAYS = "stays"
    FOLLOWS = "follows"
    SHARED = "shared"


@dataclass(frozen=True, slots=True)
class Pattern:
    """When a shared child is at the new home."""

    weeks: CustodyWeeks
    holidays: CustodyHolidays

    @property
    def of_the_other(self) -> Pattern:
        """The days that are left, for the home that stays."""
        return Pattern(OTHER_WEEKS[self.weeks], OTHER_HOLIDAYS[self.holidays])


ALWAYS: Final = Pattern(CustodyWeeks.ALL, CustodyHolidays.SAME_AS_WEEKS)
"""Nothing said of the weeks: either home books any day."""

OTHER_WEEKS: Final[Mapping[CustodyWeeks, CustodyWeeks]] = {
    CustodyWeeks.ALL: CustodyWeeks.ALL,
    CustodyWeeks.EVEN: CustodyWeeks.ODD,
    CustodyWeeks.ODD: CustodyWeeks.EVEN,
}
OTHER_HOLIDAYS: Final[Mapping[CustodyHolidays, CustodyHolidays]] = {
    CustodyHolidays.SAME_AS_WEEKS: CustodyHolidays.SAME_AS_WEEKS,
    CustodyHolidays.FIRST_HALF: CustodyHolidays.SECOND_HALF,
    CustodyHolidays.SECOND_HALF: CustodyHolidays.FIRST_HALF,
    CustodyHolidays.FIRST_HALF_EVEN_YEARS: CustodyHolidays.FIRST_HALF_ODD_YEARS,
    CustodyHolidays.FIRST_HALF_ODD_YEARS: CustodyHolidays.FIRST_HALF_EVEN_YEARS,
}


@dataclass(frozen=True, slots=True)
class Reach:
    """How an adult who leaves is written to and called: canonical values, empty for none."""

    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class Plan:
    """`adults` are those who leave, by id, each with its own contacts. `children` has every child of the home
    that does not simply stay; `patterns` the weeks of those who are shared. `enrolments` are those of shared
    children that the new home keeps, with the first day from which it does. `contacts` are ids of people
    named to fetch a shared child who go with the new home. `alone`: it was said that the children who stay
    have no adult there.
    """

    name: str
    address: Address
    adults: Mapping[int, Reach]
    children: Mapping[int, Where]
    patterns: Mapping[int, Pattern]
    enrolments: Mapping[int, date]
    contacts: frozenset[int] = frozenset()
    alone: bool = False

    def where(self, child_id: int) -> Where:
        return self.children.get(child_id, Where.STAYS)

    @property
    def leaving(self) -> frozenset[int]:
        """Ids of who lives in the home no more: the adults, and the children who follow them."""
        return frozenset({*self.adults, *self._children(Where.FOLLOWS)})

    @property
    def shared(self) -> frozenset[int]:
        return frozenset(self._children(Where.SHARED))

    def _children(self, where: Where) -> set[int]:
        return {pk for pk, place in self.children.items() if place is where}


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody who lives in the home; `guardians` are ids of the adults who may see the child."""

    id: int
    name: str
    is_child: bool
    guardians: frozenset[int] = frozenset()


def check_plan(plan: Plan, residents: tuple[Resident, ...]) -> None:
    """Raises `SeparationRefused`; see there for the codes."""
    adults = {one.id for one in residents if not one.is_child}
    children = {one.id: one for one in residents if one.is_child}
    if not plan.adults:
        raise SeparationRefused("nobody_leaves")
    if not set(plan.adults) <= adults or not set(plan.children) <= set(children):
        raise SeparationRefused("not_theirs")
    staying = {pk for pk in children if plan.where(pk) is not Where.FOLLOWS}
    if not adults - set(plan.adults):
        if not staying:
            raise SeparationRefused("nobody_stays")
        if not plan.alone:
            raise SeparationRefused("children_alone")
    for pk in (*plan.leaving, *plan.shared):
        if pk in children and not children[pk].guardians & set(plan.adults):
            raise SeparationRefused("no_guardian", name=children[pk].name)
