"""Writing, publishing and withdrawing the news of a structure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from marelle.activities.models import Activity
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import Refusal
from marelle.core.subject import Subject
from marelle.journal.services import record
from marelle.messaging.models import News
from marelle.messaging.refusals import NotYours
from marelle.messaging.rules import TITLE_LENGTH, one_line
from marelle.messaging.scope import news_in_charge, structures_in_charge
from marelle.messaging.writing import checked


class OverAlready(Refusal):
    """The last day to show it has passed: nobody would read it."""

    def __init__(self) -> None:
        super().__init__("over_already")


@dataclass(frozen=True, slots=True)
class Words:
    """What a piece of news says, where, to whom (an activity's families, or all), and until which day."""

    structure_id: int
    activity_id: int | None
    title: str
    text: str
    until: date | None


@transaction.atomic
def news_write(
    *, actor: Actor, words: Words, news_id: int | None = None, publish: bool, now: datetime
) -> News:
    """Write a piece of news, or correct `news_id`; with `publish`, families read it from now on.

    A correction leaves the day of publication. Raises `NotYours` for a structure, an activity or a piece of
    news out of the actor's charge, `Unwritten`, `OverAlready`.
    """
    news = News(written_at=now) if news_id is None else _locked(actor, news_id)
    if not structures_in_charge(actor).filter(pk=words.structure_id).exists():
        raise NotYours
    activities = Activity.objects.filter(structure_id=words.structure_id)
    if words.activity_id is not None and not activities.filter(pk=words.activity_id).exists():
        raise NotYours
    if words.until is not None and words.until < local(now).date():
        raise OverAlready
    news.structure_id, news.activity_id = words.structure_id, words.activity_id
    news.title = checked(one_line(words.title), field="title", limit=TITLE_LENGTH)
    news.text = checked(words.text, field="text")
    news.until = words.until
    news.by = actor.label[:200]
    published = publish and (news.published_at is None or news.withdrawn_at is not None)
    if published:
        news.published_at, news.withdrawn_at = now, None
    news.save()
    if published:
        _journal(actor, "news.published", news, now)
    return news


@transaction.atomic
def news_withdraw(*, actor: Actor, news_id: int, now: datetime) -> News:
    """Families no longer read it. Withdrawing twice does nothing. Raises `NotYours`."""
    news = _locked(actor, news_id)
    if news.published_at is not None and news.withdrawn_at is None:
        news.withdrawn_at = now
        news.save(update_fields=["withdrawn_at"])
        _journal(actor, "news.withdrawn", news, now)
    return news


def _locked(actor: Actor, news_id: int) -> News:
    if not news_in_charge(actor).filter(pk=news_id).exists():
        raise NotYours
    return News.objects.select_for_update(no_key=True).get(pk=news_id)


def _journal(actor: Actor, verb: str, news: News, now: datetime) -> None:
    record(actor=actor, verb=verb, subject=Subject("news", news.pk, news.title), now=now)
