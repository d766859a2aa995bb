"""What a case shows of the home that it is about: where it lives, papers, bills, health."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, QuerySet

from marelle.activities.selectors import Wished, openings_wished
from marelle.billing.selectors import Overdue, overdue_of
from marelle.bookings.models import Booking
from marelle.bookings.states import BookingState
from marelle.cases.models import Case
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.prepared import prepared
from marelle.families.models import Member, Person, Residence
from marelle.families.selectors import current
from marelle.flows.care.team import Signs, signs
from marelle.flows.papers.asked import asked_in
from marelle.papers.models import PaperType
from marelle.papers.rules import About
from marelle.papers.selectors import Asked, Requirement, requirements
from marelle.papers.services import may_ask_for
from marelle.places.scope import decides, may_decide


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A paper asked for and where it stands; `owner` is the first name of the adult whose it is, if any."""

    requirement: Requirement
    owner: str


def waiting_children(wished: Wished) -> int:
    """How many children wait for a place of the openings wished; one query."""
    rows = _waiting(wished.activity_id, wished.group_id, wished.first, wished.last, *wished.slots)
    return next(iter(rows), 0)


@prepared
def _waiting(
    activity_id: int, group_id: int | None, first: date, last: date, *slots: Collection[int]
) -> QuerySet[Booking, int]:
    """One row, or none: all of them wait."""
    openings = openings_wished(activity_id, group_id, first, last, *slots).order_by()
    waiting = Booking.objects.filter(state=BookingState.WAITING, opening__in=openings).order_by()
    counted = waiting.values("state").annotate(children=Count("child_id", distinct=True))
    return counted.values_list("children", flat=True)


@dataclass(frozen=True, slots=True)
class CaseFile:
    """`city` is where the home lives, "" when unknown."""

    city: str
    papers: tuple[PaperLine, ...]
    overdue: Overdue
    signs: Signs


def case_file(
    actor: Actor, *, family_id: int, child: Person, activity_id: int, authority_id: int, now: datetime
) -> CaseFile:
    """Of a child's home, for a case of this activity that the actor may read; eleven queries at most."""
    day = local(now).date()
    adults = adults_of(family_id, day=day)
    asked = asked_in(family_id=family_id, person_id=child.pk, activity_id=activity_id, day=day)
    return CaseFile(
        city=city_of(family_id, day=day),
        papers=papers_of(asked, family_id=family_id, child=child, adults=adults, day=day),
        overdue=overdue_of(actor, family_id=family_id, authority_id=authority_id, day=day),
        signs=signs(actor, child=child, now=now),
    )


@dataclass(frozen=True, slots=True)
class PapersToAsk:
    """Papers that may be asked for from a case, by whose they are: None for the home's."""

    case: Case
    by_owner: tuple[tuple[Person | None, tuple[PaperType, ...]], ...]


def papers_to_ask(actor: Actor, case_id: int, *, day: date) -> PapersToAsk | None:
    """None for a case of no home, or that another decides; three queries."""
    case = Case.objects.filter(pk=case_id).first()
    if case is None or case.family_id is None or case.authority_id is None:
        return None
    if not may_decide(actor) or not decides(actor, case):
        return None
    kinds = [
        kind
        for kind in PaperType.objects.filter(active=True, authority_id=case.authority_id)
        if may_ask_for(actor, kind, case)
    ]
    members = Member.objects.filter(current(day), family_id=case.family_id).select_related("person")
    owners: list[tuple[Person | None, About]] = [
        (row.person, About.CHILD if row.kind == Member.Kind.CHILD else About.ADULT)
        for row in members.order_by("-kind", "pk")
    ]
    found = (
        (person, tuple(kind for kind in kinds if kind.about == about))
        for person, about in [*owners, (None, About.FAMILY)]
    )
    return PapersToAsk(case, tuple((person, rows) for person, rows in found if rows))


def adults_of(family_id: int, *, day: date) -> tuple[Person, ...]:
    return tuple(row.person for row in _adults(family_id, day))


@prepared
def _adults(family_id: int, day: date) -> QuerySet[Member]:
    rows = Member.objects.filter(current(day), family_id=family_id, kind=Member.Kind.ADULT)
    return rows.select_related("person").order_by("pk")


def city_of(family_id: int, *, day: date) -> str:
    """The commune where the home lives, as it wrote it."""
    return next(iter(_city(family_id, day)), "")


@prepared
def _city(family_id: int, day: date) -> QuerySet[Residence, str]:
    rows = Residence.objects.filter(family_id=family_id, since__lte=day).order_by("-since", "-pk")
    return rows.values_list("city", flat=True)[:1]


def papers_of(
    asked: Sequence[Asked], *, family_id: int, child: Person, adults: tuple[Person, ...], day: date
) -> tuple[PaperLine, ...]:
    """Where each paper asked of the child, of these adults and of their home stands; two queries at most."""
    names = {person.pk: person.first_name for person in adults}
    found = requirements(asked, family_id=family_id, people={child.pk, *names}, day=day)
    return tuple(PaperLine(one, names.get(one.person_id or 0, "")) for one in found)
