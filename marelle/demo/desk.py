"""What agents did lately, so that their side is no row of empty lists: notes, a list imported, a file written
twice, staff planned, tablets let in, a closing undone, the next year prepared. It goes through the services,
as agents do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from django.core.files.base import ContentFile

from marelle.accounts.models import User
from marelle.activities.kinds import QuestionKind
from marelle.activities.models import Opening, Question, StaffMember
from marelle.activities.services.definitions import part_add
from marelle.activities.services.staff import StaffCell, staff_plan
from marelle.bookings.models import Booking
from marelle.bookings.offers.cases import offer_cases_follow
from marelle.bookings.states import BookingState
from marelle.bookings.supervising import staffed_days
from marelle.bookings.waiting.moves import waiting_prioritise
from marelle.cases.models import Case
from marelle.core.actor import Actor
from marelle.core.clock import instant_at, local
from marelle.demo.asked import come_for_the_first_time
from marelle.demo.door import open_the_door
from marelle.demo.judged import give_back_the_meal, judge_a_week, miss_three_days
from marelle.demo.kept import keep_places
from marelle.demo.meals import order_meals
from marelle.demo.places import Places
from marelle.demo.pupils import list_pupils
from marelle.demo.year import SchoolYear
from marelle.enrolments.models import Enrolment
from marelle.families.finding.twins import likely_homes
from marelle.families.imports.services import import_prepare, import_start, imports_advance
from marelle.families.models import Family, Guardianship, Person
from marelle.families.notes import note_add
from marelle.families.services import NewAdult, NewChild, NewGuardian
from marelle.flows.actor.actors import actor_for
from marelle.flows.catalogue.closing.closing import closing_make
from marelle.flows.catalogue.closing.targets import Target
from marelle.flows.catalogue.closing.undoing import closing_undo
from marelle.flows.desk.case_notes import case_pass
from marelle.flows.desk.case_notes import note_add as note_on_case
from marelle.flows.desk.reasons import reasons_save
from marelle.flows.home.erasure import erasure_ask
from marelle.flows.office.opening import Address, NewHome, home_open
from marelle.flows.year.next_year import Wanted, activities_copy, copies_preview
from marelle.flows.year.pupils.report import years_open
from marelle.messaging.models import Thread
from marelle.messaging.services import thread_assign

PLANNED_FOR = timedelta(weeks=4)
SNOW_AHEAD = timedelta(days=9)
SOON = timedelta(days=4)

IMPORTED = """\
Référence;Prénom parent 1;Nom parent 1;Mail parent 1;Téléphone parent 1;Prénom enfant;Nom enfant;\
Date de naissance;Rue;Code postal;Ville;QF
V-0412;Estelle;Marsac;estelle.marsac@example.org;06 39 98 11 21;Timothée;Marsac;14/03/{born};\
6 rue Basse;21990;Arelle;812
V-0412;Estelle;Marsac;estelle.marsac@example.org;06 39 98 11 21;Capucine;Marsac;02/11/{younger};\
6 rue Basse;21990;Arelle;812
V-0413;Ibrahim;Keller;ibrahim.keller@example.org;06 39 98 11 22;Noor;Keller;30/06/{born};\
18 route de Brisecombe;21991;Brisecombe;540
V-0414;Odile;Sarrazin;odile.sarrazin@example;06 39 98 11 23;Gaspard;Sarrazin;31/02/{born};\
1 impasse du Puits;21990;Arelle;
"""
"""Two homes, and a line with a mail address and a birth date that no one can have."""


def work_at_the_desk(places: Places, year: SchoolYear) -> None:
    """All of it, in the days before today."""
    office, director = _actor("guichet"), _actor("direction")
    _note(office, director, places, year)
    _give_a_message(office, director, year)
    _share_cases(office, director, places, year)
    _open_homes(office, year)
    _import(office, year)
    _list_pupils(office, places, year)
    _plan_staff(office, places, year)
    order_meals(office, places, year)
    open_the_door(director, office, year)
    _close_for_snow(director, places, year)
    _change_an_order(director, places, year)
    _leave_a_place(places, year)
    judge_a_week(director, places.activities["vacances-brisecombe"], _at(year, 2, time(8, 15)))
    miss_three_days(places.activities["mercredis-brisecombe"], year)
    give_back_the_meal(places.activities["sorties"], year)
    keep_places(director, places, year)
    come_for_the_first_time(Person.objects.get(account__identifier="bernard"), now=_at(year, 1, time(7, 40)))
    _prepare_next_year(director, places, year)


def _note(office: Actor, director: Actor, places: Places, year: SchoolYear) -> None:
    durand = Family.objects.get(number="F00001")
    note_add(
        actor=office,
        family=durand,
        text="Appeler plutôt Hugo : Camille travaille de nuit une semaine sur deux.",
        pinned=True,
        authority_id=places.authorities["cc"].pk,
        now=_at(year, 12, time(10, 5)),
    )
    note_add(
        actor=director,
        family=durand,
        text="Gâteau d’anniversaire de Zoé : c’est convenu avec l’équipe.",
        pinned=False,
        now=_at(year, 2, time(9, 45)),
    )


def _give_a_message(office: Actor, director: Actor, year: SchoolYear) -> None:
    """What Julie Martin asks of Brisecombe is for its director."""
    thread = Thread.objects.get(subject__startswith="Qui vient chercher")
    at = _at(year, 1, time(21))
    thread_assign(actor=office, thread_id=thread.pk, account_id=director.user_id, seen=None, now=at)


def _share_cases(office: Actor, director: Actor, places: Places, year: SchoolYear) -> None:
    """Reasons kept ready; of two requests at Brisecombe one has a note, the other went to the office."""
    reasons_save(
        actor=office,
        authority_id=places.authorities["cc"].pk,
        reasons={"enrolment": ["Plus de place dans ce groupe.", "Il manque un document : appelez-nous."]},
        seen={},
        now=_at(year, 30, time(10)),
    )
    waiting = Case.objects.open().filter(kind="enrolment", structure_id=places.structures["brisecombe"].pk)
    evening = _at(year, 1, time(22))
    for case in waiting.order_by("opened_at", "pk")[:1]:
        note_on_case(actor=director, case_id=case.pk, text="La famille rappelle jeudi.", now=evening)
    for case in waiting.order_by("opened_at", "pk")[1:2]:
        word = "Dossier incomplet : pouvez-vous les appeler ?"
        case_pass(actor=director, case_id=case.pk, to=None, text=word, now=evening)


def _open_homes(office: Actor, year: SchoolYear) -> None:
    """The Bernard file written a second time at the counter, and a home that leaves and asks to be erased."""
    lina = Person.objects.get(first_name="Lina", memberships__family__number="F00004")
    then = _at(year, 4, time(11, 20))
    twice = _home(
        NewAdult("first", "Thomas", "Bernard", phone="0639981005"),
        NewChild("Lina", "Bernard", lina.birth_date, guardians=_FATHER),
        "12 rue Basse",
    )
    alike = likely_homes(twice.adults, twice.children, day=local(then).date())
    home_open(actor=office, home=twice, seen=alike.seen, now=then)
    leaving = home_open(
        actor=office,
        home=_home(
            NewAdult("first", "Estelle", "Ravel", email="estelle.ravel@example.org", phone="0639981006"),
            NewChild("Élie", "Ravel", lina.birth_date, guardians=_MOTHER),
            "9 place du Marché",
        ),
        now=_at(year, 60, time(14, 10)),
    )
    user = User.objects.create(
        identifier="ravel",
        display_name="Estelle Ravel",
        email="estelle.ravel@example.org",
        password=User.objects.get(identifier="bernard").password,
        is_demo=True,
        created_at=_at(year, 59, time(20)),
    )
    Person.objects.filter(memberships__family_id=leaving.family_id, first_name="Estelle").update(account=user)
    erasure_ask(actor=_actor("ravel"), now=_at(year, 5, time(21, 30)))


_FATHER = (NewGuardian("first", Guardianship.Link.FATHER),)
_MOTHER = (NewGuardian("first", Guardianship.Link.MOTHER),)


def _home(adult: NewAdult, child: NewChild, street: str) -> NewHome:
    address = Address(street, "21990", "Arelle", "dit par téléphone")
    return NewHome(adult.last_name, (adult,), (child,), {}, address, invite=False)


def _import(office: Actor, year: SchoolYear) -> None:
    text = IMPORTED.format(born=year.year - 6, younger=year.year - 3)
    row = import_prepare(
        actor=office,
        upload=ContentFile(text.encode(), name="familles-brisecombe.csv"),
        now=_at(year, 8, time(15, 40)),
    )
    import_start(actor=office, import_id=row.pk, all_or_none=False, now=_at(year, 8, time(15, 44)))
    imports_advance(now=_at(year, 8, time(15, 45)))


def _list_pupils(office: Actor, places: Places, year: SchoolYear) -> None:
    """Of the two schools that have pupils and are the first by name."""
    schools = sorted(places.schools.values(), key=lambda school: school.name)
    at, now = _at(year, 8, time(16, 10)), _at(year, 0, time(8, 20))
    if year.year in years_open(at.date()):
        attended = [school for school in schools if school.pupils.exists()]
        list_pupils(office, attended[:2], school_year=year.year, at=at, now=now)


STAFF: Final = (
    ("Nadège", "Courtin", "directs"),
    ("Léa", "Roussel", "leads"),
    ("Omar", "Benali", "leads"),
    ("Inès", "Garnier", "childcare"),
    ("Tom", "Lacroix", "trainee"),
    ("Jade", "Morin", "none"),
)
"""The register of Brisecombe: first name, name, qualification."""


def _plan_staff(office: Actor, places: Places, year: SchoolYear) -> None:
    """As many adults as each day needs, and one too few on the second Wednesday of Brisecombe; those of its
    first day are named."""
    now = _at(year, 6, time(16))
    register = [
        part_add(
            actor=office,
            model=StaffMember,
            parent_id=places.structures["brisecombe"].pk,
            values={
                "first_name": first_name,
                "last_name": last_name,
                "qualification": qualification,
                "first_day": year.first_day,
                "last_day": year.last_day,
            },
            now=now,
        ).pk
        for first_name, last_name, qualification in STAFF
    ]
    for key in ("brisecombe", "arelle", "periscolaire", "creche"):
        structure = places.structures[key]
        days = staffed_days(structure.pk, first=year.today, last=year.today + PLANNED_FOR)
        cells = [
            _adults(
                day,
                one.need.needed - (key == "brisecombe" and rank == 1),
                register if key == "brisecombe" and not rank and day >= year.first_day else (),
            )
            for rank, (day, one) in enumerate(days.items())
            if one.need.needed
        ]
        staff_plan(actor=office, structure_id=structure.pk, cells=cells, now=now)


def _adults(day: date, number: int, register: Sequence[int]) -> StaffCell:
    return StaffCell(day, None, seen=None, number=number, members=frozenset(register[:number]))


def _close_for_snow(director: Actor, places: Places, year: SchoolYear) -> None:
    """A day of Brisecombe closed for snow, then opened again the next morning."""
    booked = Booking.objects.live().filter(
        opening__activity=places.activities["mercredis-brisecombe"], day__gt=year.today + SNOW_AHEAD
    )
    first = booked.order_by("day").first()
    if first is None:
        return
    closed = closing_make(
        actor=director,
        target=Target(places.structures["brisecombe"].pk, first.day, first.day),
        reason="Neige annoncée",
        words="Les routes ne seront pas dégagées avant midi.",
        now=_at(year, 3, time(17, 30)),
    )
    closing_undo(actor=director, closure_id=closed.closure.pk, now=_at(year, 2, time(8, 5)))


def _change_an_order(director: Actor, places: Places, year: SchoolYear) -> None:
    waiting = Booking.objects.waiting().filter(
        opening__activity=places.activities["mercredis-brisecombe"], day__gt=year.today + timedelta(days=1)
    )
    last = waiting.order_by("day", "-queued_at", "-pk").first()
    if last is not None:
        waiting_prioritise(
            actor=director,
            booking_id=last.pk,
            priority=1,
            seen=0,
            reason="Sa fratrie vient déjà ce jour-là.",
            now=_at(year, 1, time(11, 15)),
        )


def _leave_a_place(places: Places, year: SchoolYear) -> None:
    """A meal of the next days that a child waits for, free once nobody could cancel without charge."""
    canteen = places.activities["restauration"]
    openings = Opening.objects.filter(
        activity=canteen, state=Opening.State.OPEN, day__gt=year.today, day__lte=year.today + SOON
    )
    for opening in openings.order_by("day"):
        enrolled = (
            Enrolment.objects.filter(
                activity=canteen, state=Enrolment.State.ACCEPTED, starts_on__lte=opening.day
            )
            .exclude(person__bookings__opening=opening)
            .exclude(family__number__lte="F00004")
            .order_by("pk")
            .first()
        )
        if enrolled is None:
            continue
        waits = Booking.objects.create(
            opening=opening,
            child_id=enrolled.person_id,
            family_id=enrolled.family_id,
            enrolment=enrolled,
            day=opening.day,
            starts_at=opening.starts_at,
            ends_at=opening.ends_at,
            state=BookingState.WAITING,
            queued_at=_at(year, 9, time(20)),
            created_at=_at(year, 9, time(20)),
            created_by=enrolled.requested_by,
        )
        offer_cases_follow(now=_at(year, 0, time(6)))
        if Case.objects.open().filter(kind="place", subject_id=opening.pk).exists():
            return
        waits.delete()


def _prepare_next_year(director: Actor, places: Places, year: SchoolYear) -> None:
    """The Wednesdays of Brisecombe ask a question, and are copied to the year to come, not yet open."""
    activity = places.activities["mercredis-brisecombe"]
    yesterday = _at(year, 1, time(17, 40))
    asked = {"text": "Votre enfant fait-il encore la sieste ?", "kind": QuestionKind.YES_NO}
    part_add(actor=director, model=Question, parent_id=activity.pk, values=asked, now=yesterday)
    preview = copies_preview(director, [activity.pk])[0]
    opening = next(line.key for line in preview.dates if line.field == "requests_open_at")
    opens_at = instant_at(date(year.year + 1, 5, 17), time(8))
    wanted = Wanted(activity.pk, preview.name, {opening: opens_at})
    activities_copy(actor=director, wanted=[wanted], now=yesterday)


def _actor(identifier: str) -> Actor:
    return actor_for(User.objects.get(identifier=identifier))


def _at(year: SchoolYear, days_ago: int, hour: time) -> datetime:
    return instant_at(year.today - timedelta(days=days_ago), hour)
