"""A home that is erased, made one with another, or left by who has its pages open; and what is left of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.db.models import F

from marelle.billing.models import Invoice
from marelle.bookings.models import Booking
from marelle.bookings.states import LIVE, BookingState
from marelle.cases.models import Case, CaseState
from marelle.cases.services import open_case
from marelle.core.actor import Actor
from marelle.core.personal import declared
from marelle.core.subject import Subject
from marelle.enrolments.models import Enrolment
from marelle.families.models import Member, Person
from marelle.flows.home.erasure import KIND, erasure_carry_out
from marelle.flows.home.merging.preview import merge_preview
from marelle.flows.home.merging.services import family_merge
from marelle.flows.home.personal_rows import rows_of
from marelle.flows.home.separating.plan import Plan, Reach, Where
from marelle.flows.home.separating.preview import separation_preview
from marelle.flows.home.separating.services import family_separate
from marelle.flows.office.opening import Address
from marelle.relay.models import Visit
from tests.roles.world import NOW
from tests.scenario import Home, Scenario

LATER: Final = NOW + timedelta(seconds=30)


def held_of(home: Home, people: set[int]) -> dict[str, list[str]]:
    """Every row of the home and of these people, by table, whatever the table: the registry names them."""
    found = {}
    for one in declared():
        rows = rows_of(one, family_id=home.family.pk, people=people).order_by("pk")
        if told := [repr(row) for row in rows.values_list().distinct()]:
            found[one.model._meta.label] = told
    return found


def people_of(home: Home) -> set[int]:
    """Those who live nowhere else."""
    elsewhere = Member.objects.exclude(family=home.family).values("person_id")
    mine = Member.objects.filter(family=home.family).exclude(person_id__in=elsewhere)
    return set(mine.values_list("person_id", flat=True))


def nothing_needs(home: Home) -> None:
    """What keeps a home from being erased is over."""
    yesterday = NOW.date() - timedelta(days=1)
    rows = Enrolment.objects.filter(family=home.family, state__in=Enrolment.LIVE)
    rows.update(state=Enrolment.State.REFUSED, starts_on=yesterday, ends_on=yesterday)
    live = Booking.objects.filter(family=home.family, state__in=LIVE)
    live.update(state=BookingState.CANCELLED, ended_at=NOW, end_cause="family")
    Invoice.objects.filter(family=home.family).update(paid=F("total"), paid_on=yesterday)
    Visit.objects.filter(family=home.family).update(cancelled_at=NOW)


def asks_nothing(home: Home) -> None:
    """It is not to be erased: else neither merged nor separated."""
    waiting = Case.objects.filter(kind=KIND, subject_id=home.family.pk, state=CaseState.OPEN)
    waiting.update(state=CaseState.WITHDRAWN, decided_at=NOW)


def erases(office: Actor, home: Home) -> Callable[[], object]:
    """Each of these is read before, and done when it is called."""
    if not Case.objects.open().filter(kind=KIND, subject_id=home.family.pk).exists():
        subject = Subject("family", home.family.pk, home.family.name)
        open_case(actor=home.actor, kind=KIND, subject=subject, family_id=home.family.pk, now=NOW)
    return lambda: erasure_carry_out(actor=office, family_id=home.family.pk, now=LATER)


def merges(office: Actor, home: Home, kept: Home) -> Callable[[], object]:
    files = {"kept_id": kept.family.pk, "left_id": home.family.pk}
    read = merge_preview(actor=office, **files, now=NOW)
    return lambda: family_merge(
        actor=office, **files, pairs=read.pairs, chosen={}, fingerprint=read.fingerprint, now=LATER
    )


def separates(office: Actor, home: Home, leaving: Person) -> Callable[[], object]:
    """`leaving` goes alone: the children stay with who stays."""
    children = Member.objects.filter(family=home.family, kind=Member.Kind.CHILD, until=None)
    plan = Plan(
        name=f"{leaving} seul",
        address=Address("4 impasse du Lavoir", "21999", "Arelle", "bail"),
        adults={leaving.pk: Reach("", "")},
        children=dict.fromkeys(children.values_list("person_id", flat=True), Where.STAYS),
        patterns={},
        enrolments={},
    )
    read = separation_preview(actor=office, family_id=home.family.pk, plan=plan, now=NOW)
    return lambda: family_separate(
        actor=office, family_id=home.family.pk, plan=plan, fingerprint=read.fingerprint, now=LATER
    )


def another_adult(world: Scenario, home: Home) -> Person:
    """Somebody stays when the first adult leaves."""
    adult = world.adult(home, "Dominique", identifier=f"dominique{home.family.pk}")
    for child in Member.objects.filter(family=home.family, kind=Member.Kind.CHILD):
        world.guardian(adult, child.person)
    return adult
