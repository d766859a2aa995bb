"""Who has tried too often reads from when it may try again."""

from __future__ import annotations

import re
from datetime import date, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from marelle.core.clock import instant_at
from tests.scenario import PASSWORD, Scenario

NOW = instant_at(date(2026, 12, 1), time(14))


@pytest.mark.django_db
def test_the_day_is_named_where_it_is_another(time_machine) -> None:
    """Links to five new addresses a day."""
    time_machine.move_to(NOW, tick=False)
    client = Client()
    client.force_login(Scenario().home("Roy").user)
    for minute in range(6):
        time_machine.move_to(NOW + timedelta(minutes=minute), tick=False)
        asked = {"email": f"roy{minute}@example.org", "present": PASSWORD}
        answer = client.post(reverse("account:email"), asked)
    assert answer.status_code == 429
    page = re.sub(r"\s+", " ", answer.content.decode())
    assert "réessayez à partir du mercredi 2 décembre à 14 h 00." in page
