from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from tests.flows.incomes.village import NOW, Village
from tests.particulier import QUOTIENT, RESOURCES, Fake, particulier, quotient, resources
from tests.standing import built_once

built = built_once(Village, now=NOW)


@pytest.fixture(scope="module")
def server() -> Iterator[Fake]:
    with particulier() as fake:
        yield fake


@pytest.fixture
def fake(server: Fake, settings: Any) -> Fake:
    server.says = None
    server.asked.clear()
    server.replies["LEFEBVRE", QUOTIENT] = quotient(900, 2026, 10)
    server.replies["LEFEBVRE", RESOURCES] = resources(40923, 2024)
    settings.API_PARTICULIER = server.api
    return server


@pytest.fixture
def world(built: Village, db: None, time_machine: Any) -> Village:
    time_machine.move_to(NOW, tick=False)
    return deepcopy(built)
