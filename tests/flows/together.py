"""A home of two adults and three children, and one of the two who leaves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from marelle.bookings.models import Booking
from marelle.cases.models import Case
from marelle.cases.services import open_case
from marelle.core.actor import Actor, Role
from marelle.core.clock import PARIS
from marelle.core.subject import Subject
from marelle.families.models import Family, Member, Person
from marelle.families.rules import CustodyHolidays, CustodyWeeks
from marelle.flows.actor.actors import actor_for
from marelle.flows.home.separating.plan import Pattern, Plan, Reach, Where
from marelle.flows.home.separating.preview import Preview, separation_preview
from marelle.flows.home.separating.refusals import SeparationRefused
from marelle.flows.home.separating.services import family_separate
from marelle.flows.office.opening import Address
from marelle.journal.models import Entry
from tests.scenario import Scenario

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
TODAY = NOW.date()
WEDNESDAY, NEXT_WEDNESDAY = date(2026, 12, 2), date(2026, 12, 9)
WEEKS = Pattern(CustodyWeeks.ODD, CustodyHolidays.FIRST_HALF)


class Together(Scenario):
    """Camille and Sacha Durand live with Zoé, Léo and Milo, who are all enrolled on Wednesdays."""

    def __init__(self) -> None:
        super().__init__()
        self.home_of_both = self.home("Durand", "Camille")
        self.sacha = self.adult(self.home_of_both, "Sacha", identifier="sacha")
        self.family = self.home_of_both.family
        self.zoe = self.child(self.home_of_both, "Zoé", born=date(2017, 3, 9))
        self.leo = self.child(self.home_of_both, "Léo", born=date(2019, 4, 1))
        self.milo = self.child(self.home_of_both, "Milo", born=date(2020, 6, 2))
        self.wednesdays = self.activity()
        self.group_of_all = self.group(self.wednesdays, "3–11 ans", (3, 11))
        self.morning = self.slot(self.wednesdays, "Matin", capacity=10)
        (self.first,) = self.openings(self.wednesdays, WEDNESDAY)
        (self.second,) = self.openings(self.wednesdays, NEXT_WEDNESDAY)
        (self.past,) = self.openings(self.wednesdays, date(2026, 11, 18))
        self.enrolments = {
            child: self.enrolment(child, self.wednesdays, self.home_of_both, group=self.group_of_all)
            for child in (self.zoe, self.leo, self.milo)
        }
        for child in (self.zoe, self.leo, self.milo):
            for opening in (self.past, self.first, self.second):
                self.booking(child, opening)
        self.office = actor_for(self.staff("guichet", Role.OFFICE))

    def plan(self, **changes: Any) -> Plan:
        """Sacha leaves with Léo; Milo is shared, from the second Wednesday in the new home; Zoé stays."""
        plan = Plan(
            name="Sacha Durand",
            address=Address("4 impasse du Lavoir", "21999", "Arelle", "bail"),
            adults={self.sacha.pk: Reach("sacha@ailleurs.example", "+33611223344")},
            children={self.leo.pk: Where.FOLLOWS, self.milo.pk: Where.SHARED},
            patterns={self.milo.pk: WEEKS},
            enrolments={self.enrolments[self.milo].pk: NEXT_WEDNESDAY},
        )
        return replace(plan, **changes)

    def preview(self, plan: Plan | None = None, *, actor: Actor | None = None) -> Preview:
        return separation_preview(
            actor=actor or self.office, family_id=self.family.pk, plan=plan or self.plan(), now=NOW
        )

    def separate(self, plan: Plan | None = None, **changes: Any) -> Family:
        plan = plan or self.plan()
        given = {"actor": self.office, "fingerprint": "", **changes}
        given["fingerprint"] = given["fingerprint"] or self.preview(plan).fingerprint
        done = family_separate(family_id=self.family.pk, plan=plan, now=NOW, **given)
        assert not done.already
        return Family.objects.get(pk=done.family_id)

    def homes_of(self, person: Person) -> set[str]:
        rows = Member.objects.filter(person=person, until=None)
        return set(rows.values_list("family__name", flat=True))

    def days(self, child: Person, family: Family) -> list[date]:
        rows = Booking.objects.live().filter(child=child, family=family, enrolment__family=family)
        return list(rows.order_by("day").values_list("day", flat=True))

    def case(self, kind: str, subject_id: int) -> Case:
        return open_case(
            actor=self.home_of_both.actor,
            kind=kind,
            subject=Subject(kind, subject_id),
            family_id=self.family.pk,
            now=NOW,
        )


@contextmanager
def refused(code: str) -> Iterator[None]:
    before = Entry.objects.count(), Family.objects.count()
    with pytest.raises(SeparationRefused) as refusal:
        yield
    assert refusal.value.code == code
    assert before == (Entry.objects.count(), Family.objects.count())
