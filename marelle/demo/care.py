"""Invented health, contacts and authorisations: of children whose story is told, and of one in four."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

from marelle.core.clock import instant_at
from marelle.core.phones import phone_stored
from marelle.demo.people_rows import People
from marelle.demo.places import Places
from marelle.demo.plans import ChildPlan, HomePlan
from marelle.demo.year import SchoolYear
from marelle.families.care.rules import SheetData
from marelle.families.models import (
    Consent,
    ConsentType,
    HealthSheet,
    Member,
    PickupBan,
    PickupContact,
    PickupPermission,
    Vaccination,
)
from marelle.families.models.care import sealed_sheet
from marelle.places.rules import school_year_of

ASKED = (
    ("photos-interne", "Photos pour l’album et l’affichage de la structure", "", False),
    ("photos-bulletin", "Photos pour le bulletin et le site de la collectivité", "", False),
    (
        "partir-seul",
        "Mon enfant peut partir seul",
        "À partir de l’heure que vous donnez, sans attendre personne.",
        True,
    ),
    ("sorties", "Sorties à pied autour de la structure", "", False),
    ("transport", "Transport en car ou en minibus", "", False),
    ("soins", "Soins d’urgence et hospitalisation", "L’équipe vous appelle d’abord.", False),
    ("baignade", "Baignade surveillée", "", False),
)
ALLERGIES = (("Arachide et fruits à coque", True), ("Piqûres de guêpe", False), ("Lait de vache", False))
VACCINES = ("DTP (diphtérie, tétanos, poliomyélite)", "ROR (rougeole, oreillons, rubéole)")


def write_care(
    homes: tuple[HomePlan, ...], people: People, places: Places, year: SchoolYear, random: Random
) -> None:
    """Rows for the homes of the plan, in bulk."""
    at = instant_at(max(year.first_day, year.today - timedelta(days=60)), time(20, 40))
    types = _types(places)
    sheets: dict[int, HealthSheet] = {}
    vaccinations, contacts, consents = [], [], []
    for home in homes:
        for child in home.children:
            person, told = people.children[child], home.key in {"durand", "martin", "petit"}
            if not told and random.random() > 0.25:
                continue
            if person.pk not in sheets:
                sheets[person.pk] = _sheet(child, person.pk, at, random)
                vaccinations += _vaccinations(child, person.pk)
            contacts.append(_grandmother(home, people, child))
            consents += _answers(home, people, child, types, at)
    HealthSheet.objects.bulk_create(sheets.values())
    Vaccination.objects.bulk_create(vaccinations)
    PickupContact.objects.bulk_create(contacts)
    Consent.objects.bulk_create(consents)
    _told(homes, people, year.today, at)


def _types(places: Places) -> list[ConsentType]:
    """The communauté asks for all, the village for the care alone."""
    rows = [
        ConsentType(
            authority=authority, code=code, label=label, explanation=text, needs_hour=hour, order=place
        )
        for key, authority in places.authorities.items()
        for place, (code, label, text, hour) in enumerate(ASKED, start=1)
        if key == "cc" or code == "soins"
    ]
    return ConsentType.objects.bulk_create(rows)


def _sheet(child: ChildPlan, child_id: int, at: datetime, random: Random) -> HealthSheet:
    allergy, severe = ("", False)
    if child.first_name == "Zoé":
        allergy, severe = ALLERGIES[0]
    elif random.random() < 0.2:
        allergy, severe = random.choice(ALLERGIES)
    said = SheetData(
        allergies=allergy,
        is_severe=severe,
        pai=severe,
        pai_until=date(at.year + 1, 8, 31) if severe else None,
        pai_meal=HealthSheet.Meal.FAMILY.value if severe else "",
        doctor_name="Dr Lemoine",
        doctor_phone=phone_stored("03 53 01 29 10"),
    )
    return HealthSheet(
        child_id=child_id,
        said=sealed_sheet(said),
        updated_at=at,
        updated_by="Camille Durand" if child.last_name == "Durand" else "La famille",
    )


def _vaccinations(child: ChildPlan, child_id: int) -> list[Vaccination]:
    return [
        Vaccination(child_id=child_id, vaccine=vaccine, on=child.birth_date + timedelta(days=days))
        for vaccine, days in zip(VACCINES, (150, 370), strict=True)
    ]


def _grandmother(home: HomePlan, people: People, child: ChildPlan) -> PickupContact:
    return PickupContact(
        family=people.families[home],
        child=people.children[child],
        name=f"Monique {home.name}",
        link="grand-mère",
        phone=phone_stored("06 39 98 10 40"),
        may_fetch=True,
        may_be_called=True,
        order=1,
    )


def _answers(
    home: HomePlan, people: People, child: ChildPlan, types: list[ConsentType], at: datetime
) -> list[Consent]:
    """Yes to all but the bulletin's photos; leaving alone and bathing stay open."""
    adults = Member.objects.filter(family=people.families[home], kind=Member.Kind.ADULT)
    adult_id = adults.earliest("pk").person_id
    return [
        Consent(
            child=people.children[child],
            family=people.families[home],
            type=asked,
            school_year=school_year_of(at.date()),
            given=asked.code != "photos-bulletin",
            person_id=adult_id,
            answered_by=f"{home.adults[0].first_name} {home.name}",
            answered_at=at,
        )
        for asked in types
        if asked.code not in {"partir-seul", "baignade"}
    ]


def _told(homes: tuple[HomePlan, ...], people: People, today: date, at: datetime) -> None:
    """Zoé's neighbour and the permission for tomorrow; a judgment about Lina, that her father brought."""
    by_key = {home.key: home for home in homes}
    durand, bernard = by_key["durand"], by_key["bernard"]
    zoe, lina = durand.children[0], bernard.children[0]
    family, person = people.families[durand], people.children[zoe]
    PickupContact.objects.create(
        family=family,
        child=person,
        name="Amadou Sarr",
        link="voisin",
        phone=phone_stored("06 39 98 10 41"),
        may_fetch=True,
        may_be_called=False,
        order=2,
    )
    PickupPermission.objects.create(
        family=family,
        child=person,
        day=today + timedelta(days=1),
        name="Inaya Colin",
        phone=phone_stored("06 39 98 10 42"),
        note="La maman d’une camarade de classe",
        given_at=instant_at(today - timedelta(days=1), time(21, 5)),
        given_by="Camille Durand",
    )
    PickupBan.objects.create(
        family=people.families[bernard],
        child=people.children[lina],
        name="Didier Bernard",
        reason="Jugement du tribunal judiciaire",
        since=today - timedelta(days=200),
        set_at=at,
        set_by="Guichet",
    )
