"""What was read stands as long as nobody else has written, and nobody writes unseen."""

from __future__ import annotations

from time import sleep

import pytest
from django.db import connection, transaction

from marelle.core.models import Revision
from marelle.core.quiet import Quiet, quiet_now
from marelle.families.locks import homes_locked
from marelle.families.models import Family
from tests.races.together import together
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def home() -> Family:
    family = Scenario().home("Roy").family
    Revision.objects.get_or_create(pk=1, defaults={"number": 1})
    return family


def writes() -> None:
    Revision.objects.update(number=2)


TRIES = 100


def moment() -> Quiet:
    """PostgreSQL numbers with ours the transactions of its other databases."""
    for _try in range(TRIES):
        found = quiet_now()
        if found is not None:
            return found
        sleep(0.02)
    pytest.skip("somebody writes all the time in another database of this PostgreSQL")


def test_it_holds_where_nobody_has_written(home: Family) -> None:
    def does() -> bool:
        before = moment()
        assert together([Family.objects.count]) == [1]
        with transaction.atomic():
            homes_locked([home.pk])
            return before.holds()

    assert any(does() for _try in range(TRIES))


def test_own_writes_of_before_count_for_nothing(home: Family) -> None:
    def does() -> bool:
        writes()
        before = moment()
        with transaction.atomic():
            homes_locked([home.pk])
            writes()
            return before.holds()

    assert any(does() for _try in range(TRIES))


def test_it_does_not_hold_once_another_has_written(home: Family) -> None:
    before = moment()
    together([writes])
    with transaction.atomic():
        homes_locked([home.pk])
        assert not before.holds()


@pytest.mark.parametrize("another_ended", [False, True])
def test_nor_where_another_was_writing_already(home: Family, another_ended: bool) -> None:
    """Its writes were not to be seen yet. Where one that began later has ended, the number that comes next
    stands above both, and its end moves it no more. On SQLite it is the one that asks: of another, the number
    moves."""
    if connection.vendor != "postgresql":
        pytest.skip("whoever reads there has a number of its own")
    found: list[Quiet | None] = []

    def writes_slowly() -> None:
        with transaction.atomic():
            writes()
            if another_ended:
                together([lambda: Family.objects.update(name="Blanc")])
            found.extend(together([quiet_now]))

    together([writes_slowly])
    with transaction.atomic():
        homes_locked([home.pk])
        assert found[0] is None or not found[0].holds()


def test_nor_where_another_writes_while_a_lock_is_waited_for(home: Family) -> None:
    """On PostgreSQL one writes after the first of our locks, and before the last."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one lock")
    before = moment()
    with transaction.atomic():
        list(Revision.objects.select_for_update())
        together([lambda: Family.objects.update(name="Blanc")])
        homes_locked([home.pk])
        assert not before.holds()


def test_in_a_transaction_that_has_begun_postgresql_cannot_tell(home: Family) -> None:
    with transaction.atomic():
        assert (quiet_now() is None) == (connection.vendor == "postgresql")
