"""News are told once to each home, however many workers there are and whichever of them dies."""

from __future__ import annotations

from datetime import date, datetime
from itertools import count

import pytest
from django.db.models import Count

from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.flows.actor.actors import actor_for
from marelle.mail.models import Message
from marelle.messaging import telling
from marelle.messaging.models import News, NewsRecipient
from marelle.messaging.publishing import news_send
from marelle.messaging.telling import news_told
from tests.races import victim
from tests.races.together import together
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 25, 9, tzinfo=PARIS)
HOMES = 7


@pytest.fixture
def sent(monkeypatch):
    """A piece of news sent to seven homes, told three at a time."""
    monkeypatch.setattr(telling, "BATCH", 3)
    world = Scenario()
    director = actor_for(world.staff("direction", Role.DIRECTOR))
    homes = [world.home(f"Famille{number}").family.pk for number in range(HOMES)]

    def send() -> News:
        news = News.objects.create(
            structure=world.the_structure,
            title="Fête",
            text="Samedi.",
            day=date(2026, 11, 28),
            written_at=NOW,
            by="Line",
        )
        news_send(actor=director, news_id=news.pk, homes=homes, by_mail=True, now=NOW)
        return news

    return send


def told_once() -> None:
    assert not NewsRecipient.objects.exclude(way="mail").exists()
    linked = NewsRecipient.objects.annotate(n=Count("mails")).values_list("n", flat=True)
    assert set(linked) == {1}
    assert Message.objects.filter(kind="messaging/news").count() == NewsRecipient.objects.count()


def test_several_workers_at_once_tell_each_home_once(sent):
    sent()
    together([lambda: news_told(now=NOW)] * 4)
    news_told(now=NOW)
    told_once()
    assert NewsRecipient.objects.count() == HOMES


def test_a_worker_killed_anywhere_loses_and_repeats_nothing(sent, dies):
    for step in count(1):
        sent()
        died = dies(victim.live_until, step, victim.tells, NOW)
        news_told(now=NOW)
        told_once()
        if not died:
            break
    assert step > HOMES
