"""Who sees of a child's health and of a home's incomes, on every page of the agents' side: each is read, then
read again without its sheet, then with other amounts and statuses.

A page that differs shows something of it, were it a word or a colour; a new page is tried without being
named.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from datetime import date

import pytest
import time_machine
from django.apps import apps
from django.db import transaction

from marelle.activities.models import Slot
from marelle.core.kept import kept_changed
from marelle.core.sealed import opened, seal
from marelle.families.incomes.reading import READ
from marelle.families.models import CafAnswer, HealthSheet, Income, ProposedIncome, Vaccination
from marelle.files.apart import alone
from marelle.places.models import Post
from marelle.pricing.tariffs import Sets, Tariff
from marelle.pricing.writing import tariff_write
from tests.apart import OF_THE_CHILD
from tests.care import sheets_say
from tests.full_house import FullHouse
from tests.pricing.sheets import brackets
from tests.roles.sent import QUERY, filled
from tests.roles.table import ADDRESSES
from tests.roles.world import NOW
from tests.scenario import Plain
from tests.test_outsiders import Visit, pages_of, told

pytestmark = [pytest.mark.django_db, pytest.mark.once]

STAFF_SIDE = [address for address in ADDRESSES if address.startswith("/agents/")]
THE_HOME = {
    "/agents/absences/0/",
    "/agents/appels/0/",
    "/agents/ecarts/0/",
    "/agents/fins/0/",
    "/agents/messages/0/",
    "/agents/reservations/absences/0/",
    "/agents/reservations/seules/0/",
}
"""Cases whose page says, with the home, what its children's safety asks."""
THAT_THERE_IS_SOMETHING = {
    *THE_HOME,
    "/agents/contestations/0/",
    "/agents/modifications/0/",
    "/agents/effacements/0/",
    "/agents/guichet/0/",
    "/agents/inscriptions/0/",
    "/agents/reservations/demandes/0/",
    "/agents/sante/",
    "/agents/sante/0/",
}
THE_SHEET = {
    "/agents/presences/listes/",
    "/agents/presences/listes/fichier/",
    "/agents/sante/0/",
    "/agents/sante/0/pai/",
}
SIGNS = {
    "director": {
        *THE_HOME,
        "/agents/inscriptions/0/",
        "/agents/places/jour/",
        "/agents/presences/",
        "/agents/presences/enfant/0/",
        "/agents/reservations/demandes/0/",
        "/agents/sante/",
    },
    "animator": {"/agents/presences/", "/agents/presences/enfant/0/", "/agents/sante/"},
}
WORDS_OF_HEALTH = {"pai", "allergie", "allergies", "grave", "traitement", "traitements", "vaccin", "vaccins"}

MADE_AS_THE_CSV = re.compile(r"/listes/fichier/.*format=(pdf|xlsx)")
"""Cannot be read here: `tests/agents/test_lists.py` holds that they say what the CSV says."""

SECRET = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b')
"""What differs each time that a page is shown: its token, and the identifiers of the ticks it may send."""


INCOME_TABLES = [one._meta.db_table for one in (Income, ProposedIncome, CafAnswer)]
THAT_THERE_IS_ONE = {
    "/agents/familles/0/",
    "/agents/familles/0/revenus/",
    "/agents/inscriptions/0/",
    "/agents/inscriptions/0/reservations/",
}
OF_INCOMES = {
    "director": set(),
    "director who was given it": THAT_THERE_IS_ONE,
    "other_director": set(),
    "animator": set(),
    "other_animator": set(),
    "office": {
        *THAT_THERE_IS_ONE,
        "/agents/familles/0/revenus/0/",
        "/agents/familles/0/revenus/noter/",
        "/agents/modifications/0/",
    },
}
"""The pages that tell an income, by role."""
TOLD_BY_A_PRICE = {"/agents/inscriptions/0/reservations/"}
A_MARK_ALONE = {"/agents/familles/0/revenus/noter/"}
"""It carries what it stands on, and shows nothing."""


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker) -> Iterator[FullHouse]:
    logging.disable(logging.WARNING)
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic(), alone():
        found = FullHouse()
        sheets_say(is_severe=True, pai=True)
        _priced_by_quotient(found)
        yield found
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


def _priced_by_quotient(world: FullHouse) -> None:
    """All that the homes have: a price tells an income."""
    slots = Slot.objects.filter(activity__structure__authority=world.the_authority)
    sets = Sets(tuple(frozenset({pk}) for pk in slots.order_by("pk").values_list("pk", flat=True)))
    price = brackets(("0", "5.00"), ("100", "6.00"), ("700", "7.00"))
    tariff_write(world.the_authority.pk, Tariff(0, "Formule", date(2026, 1, 1), None, sets, price))
    kept_changed()


class Walk:
    """The pages that a role opens on the agents' side, by links and by address."""

    def __init__(self, world: FullHouse, role: str) -> None:
        user = world.users[role.partition(" ")[0]]
        assert user is not None
        Post.objects.filter(user=user, role="director").update(reads_incomes="given" in role)
        self.client = Plain()
        self.client.force_login(user)
        addresses = (filled(one + QUERY.get(one, ""), world.values(one)) for one in STAFF_SIDE)
        self.pages = {
            path: visit
            for path, visit in pages_of(self.client, "/agents/", *addresses, alike=1)
            if visit.status == 200 and not MADE_AS_THE_CSV.search(path)
        }

    def of_health(self) -> dict[str, set[str]]:
        """The pages that say something of health, with the words that they would not say without."""
        with transaction.atomic():
            gone = Vaccination.objects.all().delete()[1] | HealthSheet.objects.all().delete()[1]
            without = self._again([apps.get_model(label)._meta.db_table for label in gone])
            transaction.set_rollback(True)
        return {path: words(shown(self.pages[path])) - words(text) for path, text in without.items()}

    def of_incomes(self) -> set[str]:
        """The pages that say something else once incomes are others."""
        with transaction.atomic():
            for row in Income.objects.all():
                amount = opened(row.amount)
                row.amount = seal("77.31" if amount else "")
                row.status = seal("declared" if amount else "none")
                row.save()
            ProposedIncome.objects.update(amount=seal("88.42"))
            for answer in CafAnswer.objects.all():
                CafAnswer.objects.update(said=seal(opened(answer.said).replace("1234", "1243")))
            found = self._again(INCOME_TABLES)
            transaction.set_rollback(True)
        return set(found)

    def noting_incomes(self) -> set[str]:
        """The pages that wrote down, as they were shown, that an income was read."""
        return shapes(path for path, visit in self.pages.items() if READ in " ".join(visit.written))

    def _again(self, tables: list[str]) -> dict[str, str]:
        """What the pages that ask these tables show now, where it is something else."""
        found = {
            path: shown(Visit(self.client, "GET", path))
            for path, visit in self.pages.items()
            if visit.asks_of(tables)
        }
        return {path: text for path, text in found.items() if text != shown(self.pages[path])}


def shown(visit: Visit) -> str:
    return SECRET.sub("", visit.text)


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def shapes(paths: Iterable[str]) -> set[str]:
    return {re.sub(r"[0-9]+", "0", path.partition("?")[0]) for path in paths}


def said_of_incomes(role: str) -> set[str]:
    """The pages that show an income as such, by role."""
    return OF_INCOMES[role] - TOLD_BY_A_PRICE - A_MARK_ALONE


def readings(visit: Visit) -> list[str]:
    """What the visit wrote down as read."""
    return re.findall(r"'(health\.\w+)'", " ".join(visit.written))


@pytest.mark.parametrize(
    "role",
    [
        "other_office",
        *(pytest.param(f"other_{one}", marks=pytest.mark.prove) for one in ("director", "animator")),
    ],
)
def test_nothing_to_another_structure_or_authority(world: FullHouse, role: str) -> None:
    walk = Walk(world, role)
    assert walk.of_health() == {}
    assert role not in OF_INCOMES or walk.of_incomes() == set()


@pytest.mark.parametrize("role", ["office", pytest.param("administrator", marks=pytest.mark.prove)])
def test_the_office_reads_incomes_and_of_health_that_there_is_something(world: FullHouse, role: str) -> None:
    walk = Walk(world, role)
    found = walk.of_health()
    assert shapes(found) == THAT_THERE_IS_SOMETHING
    for path, more in found.items():
        visit = walk.pages[path]
        assert told(visit.text, OF_THE_CHILD) == [], path
        assert more & WORDS_OF_HEALTH == set(), path
        assert readings(visit) == [], path
    assert role not in OF_INCOMES or shapes(walk.of_incomes()) == OF_INCOMES[role]
    assert role not in OF_INCOMES or walk.noting_incomes() == said_of_incomes(role)


@pytest.mark.parametrize("role", ["director", "animator"])
def test_the_team_reads_health_and_each_reading_is_written_down(world: FullHouse, role: str) -> None:
    walk = Walk(world, role)
    found = walk.of_health()
    assert shapes(found) == SIGNS[role] | THE_SHEET
    for path, more in found.items():
        visit = walk.pages[path]
        assert readings(visit), path
        is_sheet = shapes([path]) <= THE_SHEET
        assert bool(told(visit.text, OF_THE_CHILD)) is is_sheet, path
        assert is_sheet or more & WORDS_OF_HEALTH, path
    assert shapes(walk.of_incomes()) == OF_INCOMES[role]
    assert walk.noting_incomes() == set()
    if role == "director":
        home = world.durand.family.pk
        for path in (f"/agents/familles/{home}/", f"/agents/familles/{home}/revenus/"):
            assert "noté" in walk.pages[path].text
            assert "1er janvier 2026" in walk.pages[path].text


def test_a_director_who_was_given_it_reads_incomes(world: FullHouse) -> None:
    role = "director who was given it"
    walk = Walk(world, role)
    assert shapes(walk.of_incomes()) == OF_INCOMES[role]
    assert walk.noting_incomes() == said_of_incomes(role)
