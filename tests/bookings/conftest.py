from __future__ import annotations

import pytest

from tests.bookings.facts import Ledger
from tests.bookings.pair import Pair, made_pair
from tests.bookings.world import World, made_world


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def world() -> World:
    return made_world()


@pytest.fixture
def pair() -> Pair:
    return made_pair()
