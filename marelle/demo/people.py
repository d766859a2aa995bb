"""Families of the demo: four that are told, and as many as asked for, drawn from a seed."""

from __future__ import annotations

import unicodedata
from collections import Counter
from datetime import date, timedelta
from random import Random

from marelle.definitions.names import CHILDREN, FATHERS, MOTHERS, STREETS, SURNAMES
from marelle.demo.plans import AdultPlan, ChildPlan, CustodyPlan, HomePlan
from marelle.families.rules import CustodyHolidays, CustodyWeeks

AGES = (0, 1, 1, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 12, 13, 14, 15, 16)
COMMUNES = ("Arelle", "Arelle", "Brisecombe", "Brisecombe", "Montperreux-le-Vieux")

ARELLE, BRISECOMBE = "École d’Arelle", "École de Brisecombe"


def homes(today: date, count: int, random: Random) -> tuple[HomePlan, ...]:
    """`count` homes, the told ones first. The same `random` gives the same homes."""
    told = _told(today)
    drawn: list[HomePlan] = []
    names = Counter(home.name for home in told)
    while len(told) + len(drawn) < count:
        home = _drawn(today, random, names)
        drawn.append(home)
        if random.random() < 0.07 and len(told) + len(drawn) < count and len(home.children) > 0:
            drawn[-1], other = _apart(home, random, names)
            drawn.append(other)
    return (*told, *drawn)[:count]


def plain(word: str) -> str:
    """Small letters without accents, for identifiers and addresses."""
    decomposed = unicodedata.normalize("NFD", word.casefold())
    return "".join(letter for letter in decomposed if letter.isascii() and letter.isalnum())


def birth(today: date, years: int, months: int = 0, days: int = 9) -> date:
    """A day of birth such that one is `years` and `months` old on `today`."""
    whole = today.year * 12 + today.month - 1 - years * 12 - months
    first_of_month = date(whole // 12, whole % 12 + 1, 1)
    return min(first_of_month + timedelta(days=today.day - 1), _last(first_of_month)) - timedelta(days=days)


def _last(first_of_month: date) -> date:
    return (first_of_month + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _told_adult(first_name: str, last_name: str, link: str, phone: str, identifier: str = "") -> AdultPlan:
    email = f"{plain(first_name)}.{plain(last_name)}@example.org"
    return AdultPlan(first_name, last_name, link, email, phone, identifier)


def _told(today: date) -> tuple[HomePlan, ...]:
    zoe = ChildPlan("Zoé", "Durand", birth(today, 7, 4), ARELLE)
    leo = ChildPlan("Léo", "Durand", birth(today, 5, 3), ARELLE)
    noe = ChildPlan("Noé", "Durand", birth(today, 1, 2), None)
    ines = ChildPlan("Inès", "Martin", birth(today, 8, 1), ARELLE)
    milo = ChildPlan("Milo", "Petit", birth(today, 4, 2), BRISECOMBE)
    lina = ChildPlan("Lina", "Bernard", birth(today, 6, 5), ARELLE)
    durand = HomePlan(
        key="durand",
        name="Durand",
        adults=(
            _told_adult("Camille", "Durand", "mother", "06 39 98 10 01", "durand"),
            _told_adult("Hugo", "Durand", "father", "06 39 98 10 02"),
        ),
        children=(zoe, leo, noe),
        commune="Brisecombe",
        street="4 chemin des Vignes",
        quotient=780,
    )
    martin = HomePlan(
        key="martin",
        name="Martin",
        adults=(_told_adult("Julie", "Martin", "mother", "06 39 98 10 03", "martin"),),
        children=(ines,),
        commune="Arelle",
        street="11 rue du Lavoir",
        quotient=540,
        custody={ines: CustodyPlan(CustodyWeeks.EVEN, CustodyHolidays.FIRST_HALF_EVEN_YEARS)},
    )
    petit = HomePlan(
        key="petit",
        name="Petit",
        adults=(_told_adult("Karim", "Petit", "father", "06 39 98 10 04", "petit"),),
        children=(ines, milo),
        commune="Brisecombe",
        street="2 rue du Four",
        quotient=1120,
        custody={ines: CustodyPlan(CustodyWeeks.ODD, CustodyHolidays.FIRST_HALF_ODD_YEARS)},
    )
    bernard = HomePlan(
        key="bernard",
        name="Bernard",
        adults=(_told_adult("Thomas", "Bernard", "father", "06 39 98 10 05", "bernard"),),
        children=(lina,),
        commune="Arelle",
        street="7 place du Marché",
        quotient=None,
    )
    return durand, martin, petit, bernard


def _adult(
    random: Random, first_names: tuple[str, ...], last_name: str, link: str, names: Counter[str]
) -> AdultPlan:
    first_name = random.choice(first_names)
    identifier = f"{plain(first_name)}.{plain(last_name)}"
    names[identifier] += 1
    if names[identifier] > 1:
        identifier = f"{identifier}{names[identifier]}"
    phone = f"06 39 98 {random.randrange(30, 100):02} {random.randrange(100):02}"
    return AdultPlan(first_name, last_name, link, f"{identifier}@example.org", phone, identifier)


def _drawn(today: date, random: Random, names: Counter[str]) -> HomePlan:
    last_name = random.choice(SURNAMES)
    commune = random.choice(COMMUNES)
    adults = [_adult(random, MOTHERS, last_name, "mother", names)]
    if random.random() < 0.7:
        adults.append(_adult(random, FATHERS, last_name, "father", names))
    ages = random.sample(AGES, random.choice((1, 2, 2, 2, 3)))
    first_names = random.sample(CHILDREN, len(ages))
    school = BRISECOMBE if commune == "Brisecombe" and random.random() < 0.7 else ARELLE
    names[last_name] += 1
    return HomePlan(
        key=f"{plain(last_name)}-{names[last_name]}",
        name=last_name,
        adults=tuple(adults),
        children=tuple(
            ChildPlan(
                first_name,
                last_name,
                birth(today, age, random.randrange(1, 12), random.randrange(1, 27)),
                school if 3 <= age <= 10 else None,
            )
            for first_name, age in zip(first_names, sorted(ages, reverse=True), strict=True)
        ),
        commune=commune,
        street=f"{random.randrange(1, 40)} {random.choice(STREETS)}",
        quotient=random.choice((None, *range(320, 1900, 35))),
    )


def _apart(home: HomePlan, random: Random, names: Counter[str]) -> tuple[HomePlan, HomePlan]:
    """The same home as two: the parents live apart and share the children by weeks."""
    last_name = random.choice(SURNAMES)
    mother = home.adults[0]
    here = CustodyPlan(CustodyWeeks.EVEN, CustodyHolidays.FIRST_HALF_EVEN_YEARS)
    there = CustodyPlan(CustodyWeeks.ODD, CustodyHolidays.FIRST_HALF_ODD_YEARS)
    names[last_name] += 1
    first = HomePlan(
        key=home.key,
        name=home.name,
        adults=(mother,),
        children=home.children,
        commune=home.commune,
        street=home.street,
        quotient=home.quotient,
        custody=dict.fromkeys(home.children, here),
    )
    second = HomePlan(
        key=f"{plain(last_name)}-{names[last_name]}",
        name=last_name,
        adults=(_adult(random, FATHERS, last_name, "father", names),),
        children=home.children,
        commune="Arelle",
        street=f"{random.randrange(1, 40)} {random.choice(STREETS)}",
        quotient=random.choice(range(320, 1900, 35)),
        custody=dict.fromkeys(home.children, there),
    )
    return first, second
