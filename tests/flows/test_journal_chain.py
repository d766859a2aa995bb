"""The worker seals the journal, walks along it at night, and tells who watches over it, once a night."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import pytest

from marelle.core.actor import SYSTEM, Role
from marelle.core.clock import PARIS
from marelle.core.subject import Subject
from marelle.flows.upkeep.journal_chain import journal_chained, watchers
from marelle.journal.models import ChainLink, Entry
from marelle.journal.services import record
from marelle.mail.models import Message
from marelle.places.models import Post
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 1, 12, tzinfo=PARIS)
NIGHT = datetime(2026, 9, 2, 2, 30, tzinfo=PARIS)


class Watched(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.the_authority.dpo_email = "donnees@x.example"
        self.the_authority.save()
        self.administrator = self.staff("admin", Role.ADMINISTRATOR)
        self.office = self.staff("guichet", Role.OFFICE)
        for user in (self.administrator, self.office):
            user.email = f"{user.identifier}@x.example"
            user.save()
        record(actor=SYSTEM, verb="x", subject=Subject("booking", 1), now=NOW)
        journal_chained(now=NOW + timedelta(hours=1))


@pytest.fixture
def world() -> Watched:
    return Watched()


def nights(count: int = 1) -> list[str]:
    for night in range(count):
        for minutes in range(3):
            journal_chained(now=NIGHT + timedelta(days=night, minutes=minutes))
    return list(Message.objects.order_by("pk").values_list("to", flat=True))


def test_a_journal_as_it_was_written_tells_nobody(world, caplog) -> None:
    with caplog.at_level(logging.INFO):
        assert nights() == []
    assert ChainLink.objects.get().digest in caplog.text


def test_one_that_was_changed_is_told_each_night_until_it_is_accepted(world) -> None:
    Entry.objects.filter(verb="x").delete()
    assert nights(2) == ["donnees@x.example", "admin@x.example"] * 2
    mail = Message.objects.latest("pk")
    assert "des actes ont été supprimés sans purge" in mail.text
    assert "maillon 1" in mail.text


def test_who_was_taken_off_or_suspended_is_told_nothing(world) -> None:
    assert watchers() == ("donnees@x.example", "admin@x.example")
    Post.objects.filter(user=world.administrator).update(suspended_at=NOW)
    assert watchers() == ("donnees@x.example",)


def test_a_round_with_nothing_to_do_asks_three_queries(world, count_queries) -> None:
    nights()
    with count_queries(3):
        journal_chained(now=NIGHT + timedelta(hours=4))
