"""What the files of families hold beyond the names, what waits for the office, and who confirmed its file."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

from marelle.accounts.models import User
from marelle.core.actor import Actor
from marelle.core.clock import instant_at
from marelle.core.phones import phone_stored
from marelle.definitions.names import MOTHERS
from marelle.demo.people_rows import People
from marelle.demo.year import SchoolYear
from marelle.families.fields import Civility, Diet, Regime, Situation
from marelle.families.file.changes import file_save, person_ask_add
from marelle.families.file.decisions import Decision, changes_decide
from marelle.families.file.newcomers import Newcomer, NewcomerKind
from marelle.families.models import ChangeRequest, FileConfirmation, Member, Person
from marelle.flows.actor.actors import actor_for
from marelle.places.rules import school_year_of

PROFESSIONS = (
    "Aide-soignante", "Agricultrice", "Artisan menuisier", "Assistante maternelle", "Chauffeur", "Comptable",
    "Employée de mairie", "Enseignant", "Infirmière", "Mécanicien", "Ouvrier", "Professeure des écoles",
    "Technicien", "Vendeuse", "Vigneron",
)  # fmt: skip
EMPLOYERS = (
    "Commune d’Arelle", "Coopérative du Val", "Maison de santé de Brisecombe", "Menuiserie des Vignes",
    "Transports de l’Arelle", "À mon compte",
)  # fmt: skip
UNCONFIRMED = ("durand", "bernard")
WOMEN = {*MOTHERS, "Camille", "Julie"}
DIETS = (Diet.STANDARD, Diet.STANDARD, Diet.STANDARD, Diet.NO_PORK, Diet.VEGETARIAN, Diet.GLUTEN_FREE)


def write_files(people: People, year: SchoolYear, random: Random) -> None:
    """Fill the files of all homes in bulk, then let three homes propose changes, one of them answered."""
    _fill(people, year, random)
    _confirm(people, year, random)
    _propose(year)


def _fill(people: People, year: SchoolYear, random: Random) -> None:
    for number, family in enumerate(people.families.values(), start=1):
        family.regime = Regime.FARMING if random.random() < 0.15 else Regime.GENERAL
        family.caf_number = f"{1_000_000 + number * 137}"
    type(family).objects.bulk_update(people.families.values(), ["regime", "caf_number"])
    adults = list(Person.objects.filter(memberships__kind=Member.Kind.ADULT).order_by("pk"))
    for adult in adults:
        adult.phone = phone_stored(adult.phone)
        adult.profession = random.choice(PROFESSIONS)
        adult.employer = random.choice(EMPLOYERS)
        adult.situation = random.choice((Situation.MARRIED, Situation.PACS, Situation.COUPLE))
        adult.birth_date = date(year.year - random.randrange(40, 52), random.randrange(1, 13), 9)
        adult.civility = Civility.MRS if adult.first_name in WOMEN else Civility.MR
    fields = ["phone", "profession", "employer", "situation", "birth_date", "civility"]
    Person.objects.bulk_update(adults, fields, batch_size=100)
    children = list(people.children.values())
    for child in children:
        child.diet = random.choice(DIETS)
    Person.objects.bulk_update(children, ["diet"], batch_size=100)


def _confirm(people: People, year: SchoolYear, random: Random) -> None:
    school_year = school_year_of(year.today)
    FileConfirmation.objects.bulk_create(
        FileConfirmation(
            family=family,
            school_year=school_year,
            at=_evening(year.today, random.randrange(2, 9)),
            by=home.speaker,
        )
        for home, family in people.families.items()
        if home.key not in UNCONFIRMED and random.random() < 0.7
    )


def _propose(year: SchoolYear) -> None:
    durand, martin, petit = (_actor(name) for name in ("durand", "martin", "petit"))
    since = max(year.today, year.first_day).isoformat()
    _save(durand, {"home.quotient": {"amount": "690", "since": since}}, _evening(year.today, 2))
    _save(
        martin,
        {
            "home.address": {
                "street": "3 allée des Noisetiers",
                "postal_code": "21999",
                "city": "Arelle",
                "since": (year.today + timedelta(days=20)).isoformat(),
            }
        },
        _evening(year.today, 1),
    )
    _refused(petit, year)
    person_ask_add(
        actor=petit,
        newcomer=Newcomer(
            kind=NewcomerKind.EXPECTED,
            first_name="Bébé",
            last_name="Petit",
            expected_on=year.today + timedelta(days=95),
            links={petit.person_id or 0: "father"},
        ),
        now=_evening(year.today, 3),
    )


def _refused(actor: Actor, year: SchoolYear) -> None:
    """A change that the office could not accept, so that the home sees what an answer looks like."""
    milo = Person.objects.get(first_name="Milo", memberships__family_id=actor.home_id)
    if milo.birth_date is None:
        return
    asked = milo.birth_date + timedelta(days=1)
    typed = {"child.birth_date": {"value": asked.isoformat()}}
    file_save(actor=actor, person_id=milo.pk, typed=typed, seen={}, now=_evening(year.today, 6))
    change = ChangeRequest.objects.get(person=milo)
    changes_decide(
        actor=_actor("guichet"),
        decisions=[Decision(change.pk, accept=False, reason="Le livret de famille porte l’autre date.")],
        now=instant_at(year.today - timedelta(days=5), time(9, 40)),
    )


def _save(actor: Actor, typed: dict[str, dict[str, str]], now: datetime) -> None:
    file_save(actor=actor, person_id=None, typed=typed, seen={}, now=now)


def _actor(identifier: str) -> Actor:
    return actor_for(User.objects.get(identifier=identifier))


def _evening(today: date, days_before: int) -> datetime:
    return instant_at(today - timedelta(days=days_before), time(20, 35))
