"""Who reads incomes, on every page of the agents' side: each is read twice, with other amounts and statuses.

A page that differs says which, were it by a word; a new page is tried without being named.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from marelle.activities.models import Slot
from marelle.core.kept import kept_changed
from marelle.core.sealed import opened, seal
from marelle.families.models import Income, ProposedIncome
from marelle.files.apart import alone
from marelle.places.models import Post
from marelle.pricing.tariffs import Sets, Tariff
from marelle.pricing.writing import tariff_write
from tests.full_house import FullHouse
from tests.pricing.sheets import brackets
from tests.roles.sent import QUERY, filled
from tests.roles.world import NOW
from tests.test_health_seen import MADE_AS_THE_CSV, STAFF_SIDE, shapes, shown
from tests.test_outsiders import Visit, pages_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]

TABLES = [Income._meta.db_table, ProposedIncome._meta.db_table]
THAT_THERE_IS_ONE = {
    "/agents/familles/0/",
    "/agents/familles/0/revenus/",
    "/agents/inscriptions/0/",
    "/agents/inscriptions/0/reservations/",
}
READ_BY = {
    "director": set(),
    "director who was given it": THAT_THERE_IS_ONE,
    "other_director": set(),
    "animator": set(),
    "office": {
        *THAT_THERE_IS_ONE,
        "/agents/familles/0/revenus/0/",
        "/agents/familles/0/revenus/noter/",
        "/agents/modifications/0/",
    },
}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker) -> Iterator[FullHouse]:
    logging.disable(logging.WARNING)
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic(), alone():
        found = FullHouse()
        priced_by_quotient(found)
        yield found
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


def priced_by_quotient(world: FullHouse) -> None:
    """All that the homes have: a price tells an income."""
    slots = Slot.objects.filter(activity__structure__authority=world.the_authority)
    sets = Sets(tuple(frozenset({pk}) for pk in slots.order_by("pk").values_list("pk", flat=True)))
    price = brackets(("0", "5.00"), ("100", "6.00"), ("700", "7.00"))
    tariff_write(world.the_authority.pk, Tariff(0, "Formule", date(2026, 1, 1), None, sets, price))
    kept_changed()


def pages_read(world: FullHouse, role: str) -> tuple[dict[str, Visit], set[str]]:
    """The pages that the role opens, and those of them that say something else once incomes are others."""
    user = world.users[role.partition(" ")[0]]
    assert user is not None
    Post.objects.filter(user=user, role="director").update(reads_incomes="given" in role)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    addresses = (filled(address + QUERY.get(address, ""), world.values(address)) for address in STAFF_SIDE)
    seen = {
        path: visit
        for path, visit in pages_of(client, "/agents/", *addresses, alike=1)
        if visit.status == 200 and not MADE_AS_THE_CSV.search(path)
    }
    with transaction.atomic():
        for row in Income.objects.all():
            amount = opened(row.amount)
            row.amount = seal("77.31" if amount else "")
            row.status = seal("declared" if amount else "none")
            row.save()
        ProposedIncome.objects.update(amount=seal("88.42"))
        found = {
            path
            for path, visit in seen.items()
            if visit.asks_of(TABLES) and shown(Visit(client, "GET", path)) != shown(visit)
        }
        transaction.set_rollback(True)
    return seen, found


@pytest.mark.parametrize("role", READ_BY)
def test_which_pages_tell_an_income_and_to_whom(world: FullHouse, role: str) -> None:
    _seen, found = pages_read(world, role)
    assert shapes(found) == READ_BY[role]


def test_a_director_sees_that_there_is_one_and_since_when(world: FullHouse) -> None:
    seen, _found = pages_read(world, "director")
    by_shape = {path.partition("?")[0]: visit.text for path, visit in seen.items()}
    home = world.durand.family.pk
    for path in (f"/agents/familles/{home}/", f"/agents/familles/{home}/revenus/"):
        assert "noté" in by_shape[path]
        assert "1er janvier 2026" in by_shape[path]
