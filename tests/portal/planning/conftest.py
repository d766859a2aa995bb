from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from tests.portal.planning.cast import NOW, Cast
from tests.scenario import Scenario


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    """The Durands and their Wednesdays; the clock stands on Monday 7 September 2026, at ten."""
    with time_machine.travel(NOW, tick=False):
        yield Cast(Scenario())


@pytest.fixture
def camille(cast: Cast, client: Client) -> Client:
    client.force_login(cast.durand.user)
    return client
