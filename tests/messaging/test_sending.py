"""News sent to homes: which ones, by which way, once."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime, timedelta

import pytest

from marelle.accounts.notices import Notice
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours, Recounted
from marelle.enrolments.models import GroupChoice
from marelle.families.models import Family
from marelle.flows.actor.actors import actor_for
from marelle.flows.messages.news import Counted, counted, homes_of, news_tell
from marelle.mail.models import Message, MessageState
from marelle.messaging import telling
from marelle.messaging.models import News, NewsRecipient, NewsSending
from marelle.messaging.publishing import (
    AudienceFixed,
    NobodyToTell,
    NotUrgent,
    OverAlready,
    Words,
    news_withdraw,
    news_write,
)
from marelle.messaging.selectors import latest_news, sending_progress
from marelle.messaging.telling import news_told
from tests.scenario import Home, Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 9, 14, tzinfo=PARIS)
TODAY = NOW.date()
WEDNESDAY = date(2026, 12, 2)


class Village(Scenario):
    """Three homes on Wednesdays: the first two in the group of the small, the first booked on the 2nd."""

    def __init__(self) -> None:
        super().__init__()
        self.director = actor_for(self.staff("direction", Role.DIRECTOR))
        self.wednesdays = self.activity("Mercredis")
        self.small = self.group(self.wednesdays, "3–5 ans", (3, 5))
        self.big = self.group(self.wednesdays, "6–12 ans", (6, 12))
        slot = self.slot(self.wednesdays, capacity=20)
        self.first, self.second, self.third = (self.home(name) for name in ("Alba", "Bruni", "Costa"))
        for home, group in ((self.first, self.small), (self.second, self.small), (self.third, self.big)):
            self.enrolled(home, group)
        self.booking(self.first.kid, self.opening(slot, WEDNESDAY))

    def enrolled(self, home: Home, group=None, activity=None) -> None:
        home.kid = self.child(home, "Zoé")
        enrolment = self.enrolment(home.kid, activity or self.wednesdays, home)
        if group is not None:
            GroupChoice.objects.create(enrolment=enrolment, group=group, since=enrolment.starts_on)

    def say(self, **changes) -> News:
        given = {
            "structure_id": self.the_structure.pk,
            "activity_id": None,
            "title": "Fête",
            "text": "Samedi.",
            "until": None,
        }
        return news_write(actor=self.director, words=Words(**{**given, **changes}), publish=False, now=NOW)

    def tell(self, news: News, **changes) -> NewsSending:
        homes = homes_of(news, day=TODAY).count()
        given = {"by_mail": True, "urgent": False, "expected": homes, **changes}
        return news_tell(actor=self.director, news_id=news.pk, now=NOW, **given)

    def refuse_news(self, home: Home) -> None:
        home.user.notices = {Notice.NEWS: False}
        home.user.save()

    def silent(self, home: Home) -> None:
        home.adult.email = ""
        home.adult.save()


built = built_once(Village)


@pytest.fixture
def world(built, db) -> Village:
    return deepcopy(built)


def names(news: News) -> list[str]:
    return [Family.objects.get(pk=home).name for home in homes_of(news, day=TODAY)]


def ways() -> dict[str, str]:
    rows = NewsRecipient.objects.order_by("family__name")
    return dict(rows.values_list("family__name", "way"))


def test_whom_it_is_for(world):
    elsewhere = world.home("Denis")
    world.enrolled(elsewhere, activity=world.activity("Vacances"))
    gone = world.home("Evrard")
    world.enrolled(gone)
    Family.objects.filter(pk=gone.family.pk).update(left_on=TODAY - timedelta(days=1))
    abroad = world.home("Faure")
    world.enrolled(abroad, activity=world.activity("Autre", structure=world.structure("Ailleurs")))
    activity = {"activity_id": world.wednesdays.pk}
    assert names(world.say()) == ["Alba", "Bruni", "Costa", "Denis"]
    assert names(world.say(**activity)) == ["Alba", "Bruni", "Costa"]
    assert names(world.say(**activity, group_id=world.small.pk)) == ["Alba", "Bruni"]
    assert names(world.say(day=WEDNESDAY)) == ["Alba"]
    assert names(world.say(**activity, group_id=world.big.pk, day=WEDNESDAY)) == []


def test_a_child_moved_to_another_group_is_counted_there(world):
    enrolment = world.first.kid.enrolments.get()
    GroupChoice.objects.create(enrolment=enrolment, group=world.big, since=TODAY)
    small = world.say(activity_id=world.wednesdays.pk, group_id=world.small.pk)
    assert names(small) == ["Bruni"]


def test_counted_before_it_is_sent(world):
    other = world.adult(world.first, "Sacha", identifier="sacha")
    world.silent(world.second)
    world.refuse_news(world.third)
    news = world.say()
    assert counted(news, urgent=False, now=NOW) == Counted(3, 2, 1, 1)
    assert counted(news, urgent=True, now=NOW) == Counted(3, 3, 1, 0)
    other.email = world.first.adult.email.upper()
    other.save()
    assert counted(news, urgent=False, now=NOW) == Counted(3, 1, 1, 1)


def test_each_home_is_told_once_by_its_way(world):
    world.silent(world.second)
    world.refuse_news(world.third)
    sending = world.tell(world.say())
    assert news_told(now=NOW) == 3
    assert news_told(now=NOW) == 0
    assert ways() == {"Alba": "mail", "Bruni": "letter", "Costa": "portal"}
    (mail,) = Message.objects.filter(kind="messaging/news").exclude(to="")
    assert mail.to == world.first.adult.email
    assert mail.family_id == world.first.family.pk
    assert "Fête" in mail.subject
    assert "Samedi." in mail.text
    progress = sending_progress(sending)
    assert (progress.homes, progress.told, progress.is_over) == (3, 3, True)
    assert progress.mails == {MessageState.QUEUED: 1, MessageState.TO_PRINT: 1}


def test_urgent_news_of_a_booked_day_reach_who_turned_them_off(world):
    world.refuse_news(world.first)
    world.tell(world.say(day=WEDNESDAY), urgent=True)
    news_told(now=NOW)
    assert ways() == {"Alba": "mail"}
    assert Message.objects.get().subject.startswith("Important : ")


def test_only_of_a_booked_day_is_news_urgent(world):
    with pytest.raises(NotUrgent):
        world.tell(world.say(), urgent=True)
    with pytest.raises(NotUrgent):
        world.tell(world.say(day=WEDNESDAY), urgent=True, by_mail=False)
    assert not NewsSending.objects.exists()


def test_news_for_some_are_read_by_those_counted_alone(world):
    news = world.say(day=WEDNESDAY)
    world.tell(news, by_mail=False)
    news.refresh_from_db()
    assert news.published_at == NOW
    assert not Message.objects.exists()
    shown = [
        len(latest_news(home.family.pk, [world.the_structure.pk], [world.wednesdays.pk], TODAY))
        for home in (world.first, world.second)
    ]
    assert shown == [1, 0]
    assert news_told(now=NOW) == 0


def test_sent_twice_is_sent_once(world):
    news = world.say()
    first = world.tell(news)
    world.enrolled(world.home("Denis"))
    assert world.tell(news, expected=3) == first
    assert NewsRecipient.objects.count() == 3


def test_what_changed_since_the_count_is_told(world):
    news = world.say()
    with pytest.raises(Recounted) as refused:
        world.tell(news, expected=2)
    assert refused.value.data == {"homes": 3}
    assert not NewsSending.objects.exists()


def test_what_cannot_be_sent(world):
    with pytest.raises(NobodyToTell):
        world.tell(world.say(day=WEDNESDAY + timedelta(days=1)))
    late = world.say(until=TODAY)
    News.objects.filter(pk=late.pk).update(until=TODAY - timedelta(days=1))
    with pytest.raises(OverAlready):
        world.tell(late)
    other = actor_for(world.staff("ailleurs", Role.DIRECTOR, structure=world.structure("Ailleurs")))
    with pytest.raises(NotYours):
        news_tell(actor=other, news_id=late.pk, by_mail=True, urgent=False, expected=3, now=NOW)
    with pytest.raises(NotYours):
        world.say(activity_id=world.activity("Vacances").pk, group_id=world.small.pk)
    with pytest.raises(NotYours):
        world.say(group_id=world.small.pk)


def test_once_told_the_audience_is_fixed_and_the_words_are_not(world):
    news = world.say()
    world.tell(news)
    words = Words(world.the_structure.pk, None, "Grande fête", "Dimanche.", None)
    news_write(actor=world.director, words=words, news_id=news.pk, publish=True, now=NOW)
    narrower = Words(world.the_structure.pk, world.wednesdays.pk, "Fête", "Samedi.", None)
    with pytest.raises(AudienceFixed):
        news_write(actor=world.director, words=narrower, news_id=news.pk, publish=True, now=NOW)
    news.refresh_from_db()
    assert (news.title, news.activity_id) == ("Grande fête", None)


def test_published_to_all_never_becomes_for_some(world):
    words = Words(world.the_structure.pk, None, "Fête", "Samedi.", None)
    news = news_write(actor=world.director, words=words, publish=True, now=NOW)
    for_some = Words(world.the_structure.pk, None, "Fête", "Samedi.", None, day=WEDNESDAY)
    with pytest.raises(AudienceFixed):
        news_write(actor=world.director, words=for_some, news_id=news.pk, publish=True, now=NOW)


def test_withdrawn_in_the_middle_the_others_are_not_told_until_it_is_back(world, monkeypatch):
    monkeypatch.setattr(telling, "BATCH", 1)
    monkeypatch.setattr(telling, "AT_ONCE", 1)
    news = world.say()
    sending = world.tell(news)
    assert news_told(now=NOW) == 1
    news_withdraw(actor=world.director, news_id=news.pk, now=NOW)
    assert news_told(now=NOW) == 0
    assert sending_progress(sending).told == 1
    words = Words(world.the_structure.pk, None, "Fête", "Samedi.", None)
    news_write(actor=world.director, words=words, news_id=news.pk, publish=True, now=NOW)
    assert news_told(now=NOW) == 1


def test_a_batch_costs_the_same_whatever_its_size(world, count_queries):
    def told() -> int:
        NewsSending.objects.all().delete()
        world.tell(world.say())
        with count_queries() as queries:
            news_told(now=NOW)
        return len(queries)

    few = told()
    for number in range(20):
        world.enrolled(world.home(f"Famille{number}"))
    assert told() == few
