"""Two files at once, a file while parents book, and a process that dies: all of a file or nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.apps import apps
from django.db import connection

from marelle.activities.models import Activity, Opening, Quota
from marelle.bookings.models import Booking
from marelle.definitions.models import DefinitionKey
from marelle.definitions.reading import DefinitionsRefused
from marelle.definitions.services import definitions_write
from marelle.mail.models import Message
from marelle.places.models import Authority, Post
from tests.definitions.example import HAMLET, NOW, changes, edited, exported, written
from tests.races import victim
from tests.races.crowd import crowd
from tests.races.together import alone, together, together_or_errors
from tests.races.truth import counters_hold
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)


def counted() -> dict[str, int]:
    found = {model._meta.label: model._default_manager.count() for model in apps.get_models()}
    return {label: number for label, number in found.items() if number}


def brings_in(text: str, now: datetime) -> None:
    definitions_write(text=text, now=now)


def test_of_two_files_at_once_the_second_finds_what_the_first_wrote() -> None:
    together([lambda: definitions_write(text=HAMLET, now=NOW) for _ in range(2)])
    assert Authority.objects.count() == Activity.objects.count() == Post.objects.count() == 1
    assert Message.objects.filter(kind="accounts/agent_invitation").count() == 1
    assert alone(lambda: changes(HAMLET)) == {}


@pytest.mark.parametrize("round_", range(2))
def test_a_file_comes_in_while_parents_book(round_: int, time_machine) -> None:
    time_machine.move_to(NOW, tick=False)
    written(HAMLET)
    evenings = Activity.objects.get()
    days = list(Opening.objects.filter(activity=evenings).order_by("day")[:6])
    parents = crowd(Scenario(), 3, [evenings])
    more = edited(("places: 2}", "places: 1}"), ("de: 16:30", "de: 16:45"), text=HAMLET)
    now = NOW + timedelta(minutes=1)
    saves = [parent.asks(*(parent.wants(day) for day in days), now=now) for parent in parents]
    *_saved, brought = together_or_errors([*saves, lambda: definitions_write(text=more, now=now)])
    assert not isinstance(brought, Exception) or isinstance(brought, DefinitionsRefused), brought
    counters_hold()
    if isinstance(brought, DefinitionsRefused):
        assert "2 places sont prises" in str(brought.data["faults"][0]).replace("\u00a0", " ")
        assert set(Quota.objects.values_list("capacity", flat=True)) == {2}
    else:
        assert set(Quota.objects.filter(day__gt=days[0].day).values_list("capacity", flat=True)) == {1}
        assert alone(lambda: changes(more)) == {}
    booked = Booking.objects.holding().select_related("opening", "opening__slot")
    assert {(row.starts_at, row.ends_at) for row in booked} == {
        (row.opening.starts_at, row.opening.ends_at) for row in booked
    }


STEPS = (1, 40, 120, 300)
"""Statements after which it dies; a hamlet takes some 350."""


@pytest.mark.parametrize("step", STEPS)
def test_killed_it_leaves_nothing_half_done(step: int, dies: Callable[..., bool]) -> None:
    before = counted()
    assert dies(victim.live_until, step, brings_in, HAMLET, NOW)
    connection.close()
    assert counted() == before
    written(HAMLET)
    assert changes(HAMLET) == {}


@pytest.mark.prove
def test_killed_anywhere_in_a_change_it_leaves_what_was(dies: Callable[..., bool]) -> None:
    written()
    text = edited(
        ("nom: Garderie périscolaire", "nom: Garderie du Bourg"),
        ("places: 24", "places: 30"),
        ("jours: mercredi\n        à l’heure", "jours: mardi\n        à l’heure"),
    )
    before, there = counted(), exported()
    step = 1
    while dies(victim.live_until, step, brings_in, text, NOW):
        connection.close()
        assert (counted(), exported()) == (before, there)
        step += 40
    assert step > 200
    assert alone(lambda: changes(text)) == {}


def test_killed_right_after_its_commit_it_is_whole(dies: Callable[..., bool]) -> None:
    assert dies(victim.die_between_commit_and_follow_up, brings_in, HAMLET, NOW)
    assert changes(HAMLET) == {}
    assert DefinitionKey.objects.count() == 9
    assert Message.objects.count() == 1
