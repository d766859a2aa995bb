"""News: written, published, withdrawn; read by whom it is for, while it lasts."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime, timedelta

import pytest

from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.flows.actor.actors import actor_for
from marelle.messaging.models import News
from marelle.messaging.publishing import OverAlready, Words, news_withdraw, news_write
from marelle.messaging.refusals import Unwritten
from marelle.messaging.selectors import news_for
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 9, 14, tzinfo=PARIS)
TODAY = date(2026, 11, 25)


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.wednesdays = self.activity("Mercredis")
        self.holidays = self.activity("Vacances")
        self.director = actor_for(self.staff("direction", Role.DIRECTOR))

    def say(
        self, title: str = "Fête", *, publish: bool = True, news_id: int | None = None, **changes
    ) -> News:
        given = {
            "structure_id": self.the_structure.pk,
            "activity_id": None,
            "title": title,
            "text": "Samedi.",
            "until": None,
        }
        words = Words(**{**given, **changes})
        return news_write(actor=self.director, words=words, news_id=news_id, publish=publish, now=NOW)

    def read(self, *activities, day: date = TODAY) -> list[str]:
        ids = [activity.pk for activity in activities]
        return [row.title for row in news_for(0, [self.the_structure.pk], ids, day)]


built = built_once(Village)


@pytest.fixture
def world(built, db) -> Village:
    return deepcopy(built)


def test_only_what_is_published_shows_until_its_last_day(world):
    draft = world.say("Brouillon", publish=False)
    world.say("Fête", until=TODAY + timedelta(days=1))
    assert world.read() == ["Fête"]
    assert world.read(day=TODAY + timedelta(days=1)) == ["Fête"]
    assert world.read(day=TODAY + timedelta(days=2)) == []
    world.say("Enfin", news_id=draft.pk)
    assert set(world.read()) == {"Enfin", "Fête"}


def test_news_of_an_activity_are_for_its_families(world):
    world.say("Sortie", activity_id=world.wednesdays.pk)
    assert world.read(world.wednesdays) == ["Sortie"]
    assert world.read(world.holidays) == []
    assert list(news_for(0, [world.structure("Ailleurs").pk], [world.wednesdays.pk], TODAY)) == []


def test_withdrawn_then_published_again(world):
    news = world.say()
    for _twice in range(2):
        news_withdraw(actor=world.director, news_id=news.pk, now=NOW)
    assert world.read() == []
    world.say(news_id=news.pk, publish=False)
    assert world.read() == []
    world.say(news_id=news.pk)
    assert world.read() == ["Fête"]


def test_a_correction_leaves_the_day_of_publication(world):
    news = world.say()
    words = Words(world.the_structure.pk, None, "Grande fête", "Dimanche.", None)
    news_write(actor=world.director, words=words, news_id=news.pk, publish=True, now=NOW + timedelta(days=1))
    assert News.objects.get().published_at == NOW
    assert world.read() == ["Grande fête"]


def test_only_of_structures_in_charge_and_of_their_activities(world):
    elsewhere = world.structure("Ailleurs")
    foreign = world.activity("Autre", structure=elsewhere)
    for changes in ({"structure_id": elsewhere.pk}, {"activity_id": foreign.pk}, {"news_id": 999_999}):
        with pytest.raises(NotYours):
            world.say(**changes)
    theirs = News.objects.create(structure=elsewhere, title="À eux", text="…", written_at=NOW, by="Eux")
    with pytest.raises(NotYours):
        world.say(news_id=theirs.pk)
    with pytest.raises(NotYours):
        news_withdraw(actor=world.director, news_id=theirs.pk, now=NOW)
    animator = actor_for(world.staff("animation", Role.ANIMATOR))
    with pytest.raises(NotYours):
        news_write(
            actor=animator,
            words=Words(world.the_structure.pk, None, "A", "B", None),
            publish=True,
            now=NOW,
        )


def test_bad_words(world):
    with pytest.raises(Unwritten):
        world.say(" ")
    with pytest.raises(OverAlready):
        world.say(until=TODAY - timedelta(days=1))
    assert not News.objects.exists()


def test_the_same_form_sent_twice_writes_one(world):
    draft = world.say("Kermesse", publish=False)
    assert world.say("Kermesse") == draft
    assert world.say(" Kermesse ") == draft
    assert world.read() == ["Kermesse"]
    assert world.say("Kermesse", activity_id=world.wednesdays.pk) != draft
    News.objects.filter(pk=draft.pk).update(written_at=NOW - timedelta(days=1))
    assert world.say("Kermesse") != draft
