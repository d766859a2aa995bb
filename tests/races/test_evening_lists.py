"""Several workers at the very hour: each structure has its list once; a button pressed twice sends once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from marelle.core.refusals import ChangedMeanwhile
from marelle.flows.door import evening_sending
from marelle.flows.door.evening_sending import evenings_sent, list_send
from marelle.flows.models import EveningList
from marelle.journal.models import Entry
from marelle.mail.models import Message
from tests.agents.listed import DAY, EVENING, Eve
from tests.races.together import together, together_or_errors

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def world(db: None, time_machine: Any) -> Eve:
    time_machine.move_to(datetime(2026, 12, 1, 16, 30, tzinfo=EVENING.tzinfo))
    return Eve()


def test_four_workers_send_one(world: Eve) -> None:
    assert sorted(together([lambda: evenings_sent(now=EVENING)] * 4)) == [0, 0, 0, 1]
    assert Message.objects.count() == EveningList.objects.count() == 1
    assert Entry.objects.filter(verb="evening.sent").count() == 1


def test_a_button_pressed_in_two_windows_sends_one(world: Eve) -> None:
    def pressed() -> object:
        return list_send(actor=world.director, structure_id=world.site, day=DAY, seen="", now=EVENING)

    answers = together_or_errors([pressed] * 3)
    assert sum(isinstance(one, ChangedMeanwhile) for one in answers) == 2
    assert Message.objects.count() == 1


def test_one_that_dies_before_it_commits_leaves_nothing_and_the_next_sends_it(
    world: Eve, monkeypatch: Any
) -> None:
    def dies(**_rest: object) -> None:
        connection.close()
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(evening_sending, "record", dies)
        with pytest.raises(SystemExit):
            evenings_sent(now=EVENING)
    assert not Message.objects.exists()
    assert evenings_sent(now=EVENING + timedelta(seconds=3)) == 1
    assert Message.objects.count() == EveningList.objects.count() == 1
