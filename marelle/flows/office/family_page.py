"""All of a home on one page, for its agents: each section is bounded, and read in a fixed number of queries.

The office reads the whole home, and of its invoices those of its authority. A director reads who lives there,
and what concerns its structures; no invoice, no journal; of incomes that there are some, and which where it
was given to read them. Nobody reads so its own home.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import BooleanField, Case, QuerySet, Value, When

from marelle.billing.late import held
from marelle.billing.models import Invoice
from marelle.billing.selectors import DueInvoices, due_invoices, readable
from marelle.bookings.models import Booking
from marelle.cases.models import Case as WaitingCase
from marelle.core.actor import Actor, Role
from marelle.core.clock import local
from marelle.core.prepared import prepared, rounded
from marelle.enrolments.models import Enrolment
from marelle.families.file.reading import schooling_by_child
from marelle.families.incomes.reading import incomes_noted
from marelle.families.incomes.rules import IncomeRow
from marelle.families.incomes.selectors import incomes_shown
from marelle.families.models import (
    CustodyPeriod,
    Family,
    FamilyNote,
    Guardianship,
    Member,
    Schooling,
)
from marelle.families.notes import notes_kept, notes_read
from marelle.families.selectors import current
from marelle.flows.actor.acting import may_act, on_behalf_of, own_homes
from marelle.flows.desk.cases import cases_in_reach
from marelle.flows.office.search import readable_enrolments, readable_families, reads_incomes
from marelle.flows.papers.asked import asked_by_rows, by_agents_of, rows_asked
from marelle.journal.models import Entry
from marelle.messaging.models import Thread
from marelle.messaging.scope import threads_in_charge
from marelle.papers.selectors import Requirement, requirements
from marelle.places.scope import in_charge

ENROLMENTS_SHOWN: Final = 20
BOOKINGS_SHOWN: Final = 10
INVOICES_SHOWN: Final = 6
THREADS_SHOWN: Final = 5
NOTES_SHOWN: Final = 20
ENTRIES_SHOWN: Final = 20
CASES_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class FamilyPage:
    """`due`, `invoices`, `entries` are empty for a director, to whom `incomes` say nothing unless it may read
    them. `other_homes` names, by child, the other homes where it lives, `schooling` where it goes to school
    this year, `custody` when it is in this home. `enrolments` and `bookings` know whether the agent answers
    for them, `mine`; `notes` whether they are of an authority of the agent's, `kept`."""

    guardians: Mapping[int, tuple[Guardianship, ...]]
    other_homes: Mapping[int, tuple[Family, ...]]
    schooling: Mapping[int, Schooling]
    custody: Mapping[int, CustodyPeriod]
    incomes: tuple[IncomeRow, ...]
    enrolments: tuple[Enrolment, ...]
    bookings: tuple[Booking, ...]
    papers: tuple[Requirement, ...]
    due: DueInvoices | None
    invoices: tuple[Invoice, ...]
    threads: tuple[Thread, ...]
    notes: tuple[FamilyNote, ...]
    entries: tuple[Entry, ...]
    cases: tuple[WaitingCase, ...]


def noted_family(actor: Actor, family_id: int, *, day: date) -> Family | None:
    """The home if the actor may write notes on it: it may read it, and it is not its own."""
    if own_homes(actor, day).filter(family_id=family_id).exists():
        return None
    return readable_families(actor, day=day).filter(pk=family_id).first()


def family_page(actor: Actor, family: Family, people: Mapping[int, str], *, now: datetime) -> FamilyPage:
    """The sections of a home that the actor may read (`dossier` says so) and that is not its own; its incomes
    are written down as read, where they are.

    `people` are those who live there, by id, with their kind.
    """
    day = local(now).date()
    office = may_act(actor)
    acting = on_behalf_of(actor, family.pk)
    children = [pk for pk, kind in people.items() if kind == Member.Kind.CHILD]
    incomes = incomes_shown(actor, family.pk, reads=reads_incomes(actor, family.pk, day=day))
    incomes_noted(actor, family, incomes, now)
    asked = asked_by_rows(_asked(actor, family.pk, None if office else actor.structures(Role.DIRECTOR), day))
    return FamilyPage(
        guardians=_guardians(rounded(children), day),
        other_homes=_other_homes(family, rounded(children), day),
        schooling=schooling_by_child(children, day),
        custody=_custody(family, rounded(children), day),
        incomes=incomes,
        enrolments=tuple(_enrolments(actor, family.pk)),
        bookings=tuple(_bookings(actor, family.pk, now)),
        papers=tuple(requirements(asked, family_id=family.pk, people=people, day=day)),
        due=due_invoices(acting) if office else None,
        invoices=tuple(_invoices(acting)) if office else (),
        threads=tuple(_threads(actor, family.pk)),
        notes=tuple(_notes(actor, family.pk)),
        entries=tuple(_entries(family.pk)) if office else (),
        cases=tuple(_cases(actor, family.pk)),
    )


@prepared
def _asked(actor: Actor, family_id: int, structures: Collection[int] | None, day: date) -> QuerySet[Any]:
    return rows_asked(_live(actor, family_id, day), by_agents_of(family_id, structures, day))


def _live(actor: Actor, family_id: int, day: date) -> QuerySet[Enrolment]:
    rows = readable_enrolments(actor).filter(family_id=family_id)
    return rows.filter(state__in=Enrolment.LIVE, ends_on__gte=day)


@prepared
def _enrolments(actor: Actor, family_id: int) -> QuerySet[Any]:
    rows = readable_enrolments(actor).filter(family_id=family_id).annotate(mine=_mine(actor))
    ordered = rows.select_related("person", "activity__structure").order_by("-ends_on", "-pk")
    return ordered[:ENROLMENTS_SHOWN]


def _bookings(actor: Actor, family_id: int, now: datetime) -> QuerySet[Booking]:
    enrolments = readable_enrolments(actor).filter(family_id=family_id).order_by()
    held = Booking.objects.holding().filter(family_id=family_id, ends_at__gt=now)
    rows = held.filter(enrolment__in=enrolments)
    rows = rows.annotate(mine=_mine(actor, "opening__activity__structure__"))
    rows = rows.select_related("child", "opening__slot", "opening__activity")
    return rows.order_by("day", "starts_at", "pk")[:BOOKINGS_SHOWN]


@prepared
def _invoices(acting: Actor) -> QuerySet[Invoice]:
    rows = readable(acting).annotate(held=held())
    return rows.order_by("-month", "-pk")[:INVOICES_SHOWN]


@prepared
def _threads(actor: Actor, family_id: int) -> QuerySet[Any]:
    threads = Thread.objects.all() if may_act(actor) else threads_in_charge(actor)
    rows = threads.filter(family_id=family_id).annotate(mine=_mine(actor, "structure__"))
    return rows.select_related("structure").order_by("-last_at", "-pk")[:THREADS_SHOWN]


@prepared
def _notes(actor: Actor, family_id: int) -> QuerySet[FamilyNote]:
    kept = Case(When(notes_kept(actor), then=Value(True)), default=Value(False), output_field=BooleanField())
    return FamilyNote.objects.filter(notes_read(actor), family_id=family_id).annotate(kept=kept)[:NOTES_SHOWN]


def _entries(family_id: int) -> QuerySet[Entry]:
    return Entry.objects.of_family(family_id).order_by("-at", "-id")[:ENTRIES_SHOWN]


@prepared
def _cases(actor: Actor, family_id: int) -> QuerySet[WaitingCase]:
    return cases_in_reach(actor).filter(family_id=family_id)[:CASES_SHOWN]


def _mine(actor: Actor, prefix: str = "activity__structure__") -> Case:
    return Case(
        When(in_charge(actor, prefix), then=Value(True)), default=Value(False), output_field=BooleanField()
    )


def _guardians(children: list[int], day: date) -> Mapping[int, tuple[Guardianship, ...]]:
    found: dict[int, list[Guardianship]] = defaultdict(list)
    for row in _guardianships(children, day):
        found[row.child_id].append(row)
    return {child_id: tuple(rows) for child_id, rows in found.items()}


@prepared
def _guardianships(children: Collection[int], day: date) -> QuerySet[Guardianship]:
    rows = Guardianship.objects.filter(current(day), child_id__in=children).select_related("adult")
    return rows.order_by("pk")


def _custody(family: Family, children: list[int], day: date) -> Mapping[int, CustodyPeriod]:
    return {row.member.person_id: row for row in _custodies(family.pk, children, day)}


@prepared
def _custodies(family_id: int, children: Collection[int], day: date) -> QuerySet[CustodyPeriod]:
    rows = CustodyPeriod.objects.filter(
        current(day), member__family_id=family_id, member__person_id__in=children
    )
    return rows.select_related("member").order_by("since", "pk")


def _other_homes(family: Family, children: list[int], day: date) -> Mapping[int, tuple[Family, ...]]:
    found: dict[int, list[Family]] = defaultdict(list)
    for row in _elsewhere(family.pk, children, day):
        found[row.person_id].append(row.family)
    return {child_id: tuple(homes) for child_id, homes in found.items()}


@prepared
def _elsewhere(family_id: int, children: Collection[int], day: date) -> QuerySet[Member]:
    rows = Member.objects.filter(current(day), person_id__in=children, kind=Member.Kind.CHILD)
    return rows.exclude(family_id=family_id).select_related("family").order_by("pk")
