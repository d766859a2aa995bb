"""Writing, publishing and withdrawing the news of a structure, and telling homes of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from marelle.activities.models import Activity, AgeGroup
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import ChangedMeanwhile, NotYours, Refusal
from marelle.core.subject import Subject
from marelle.journal.edits import Shown, held
from marelle.journal.services import record
from marelle.messaging.models import News, NewsRecipient, NewsSending
from marelle.messaging.rules import SAME_AGAIN, TITLE_LENGTH, one_line
from marelle.messaging.scope import news_in_charge, structures_in_charge
from marelle.messaging.writing import checked
from marelle.places.models import Structure


class OverAlready(Refusal):
    """The last day to show it has passed: nobody would read it."""

    def __init__(self) -> None:
        super().__init__("over_already")


class AudienceFixed(Refusal):
    """Homes were already told: whom it is for does not change any more."""

    def __init__(self) -> None:
        super().__init__("audience_fixed")


class NobodyToTell(Refusal):
    """No home is enrolled, or has booked, where the piece of news is for."""

    def __init__(self) -> None:
        super().__init__("nobody_to_tell")


class NotUrgent(Refusal):
    """Only a mail about a day that is booked may pass over what homes chose."""

    def __init__(self) -> None:
        super().__init__("not_urgent")


@dataclass(frozen=True, slots=True)
class Words:
    """What a piece of news says, where, to whom, and until which day.

    To all the families of the structure, or to those of an activity, of one of its groups, to those who have
    booked on `day`.
    """

    structure_id: int
    activity_id: int | None
    title: str
    text: str
    until: date | None
    group_id: int | None = None
    day: date | None = None

    @property
    def audience(self) -> tuple[object, ...]:
        return self.structure_id, self.activity_id, self.group_id, self.day


@transaction.atomic
def news_write(
    *,
    actor: Actor,
    words: Words,
    news_id: int | None = None,
    seen: Shown | None = None,
    publish: bool,
    now: datetime,
) -> News:
    """Write a piece of news, or correct `news_id`; with `publish`, families read it from now on. The same
    form sent twice writes one. `seen` is what a form that corrects showed, as `news_held`.

    One for the homes counted alone (`News.is_for_some`) is published by `news_send`, and stays as it is here
    until then. A correction leaves the day of publication. Raises `NotYours` for a structure, an activity, a
    group or a piece of news out of the actor's charge, `Unwritten`, `OverAlready`, `AudienceFixed`,
    ChangedMeanwhile.
    """
    news = _locked(actor, news_id) if news_id is not None else _same_again(actor, words, now)
    news = news or News(written_at=now)
    _check_as_seen(news, seen)
    sent = news.pk is not None and NewsSending.objects.filter(news=news).exists()
    _check_audience(actor, news, words, sent=sent)
    if words.until is not None and words.until < local(now).date():
        raise OverAlready
    news.structure_id, news.activity_id = words.structure_id, words.activity_id
    news.group_id, news.day = words.group_id, words.day
    news.title = checked(one_line(words.title), field="title", limit=TITLE_LENGTH)
    news.text = checked(words.text, field="text")
    news.until = words.until
    news.by = actor.label[:200]
    published = publish and (sent or not news.is_for_some) and _show(news, now)
    news.save()
    if published:
        _journal(actor, "news.published", news, now)
    return news


@transaction.atomic
def news_send(
    *,
    actor: Actor,
    news_id: int,
    homes: Collection[int],
    by_mail: bool,
    urgent: bool = False,
    now: datetime,
) -> NewsSending:
    """Publish a piece of news for these homes (ids), and with `by_mail` have the worker write to each.

    Told once: a second time gives the sending that there is. `urgent`, for a piece of news about a booked
    day, is also mailed to who turned such mails off. Raises `NotYours`, `OverAlready`, `NobodyToTell`,
    `NotUrgent`.
    """
    news = _locked(actor, news_id)
    already = NewsSending.objects.filter(news=news).first()
    if already is not None:
        return already
    if urgent and (news.day is None or not by_mail):
        raise NotUrgent
    if news.until is not None and news.until < local(now).date():
        raise OverAlready
    if not homes:
        raise NobodyToTell
    sending = NewsSending.objects.create(
        news=news,
        by_mail=by_mail,
        urgent=urgent,
        homes=len(homes),
        asked_at=now,
        asked_by=actor.label[:200],
    )
    told = {} if by_mail else {"way": NewsRecipient.Way.PORTAL, "told_at": now}
    NewsRecipient.objects.bulk_create(
        (NewsRecipient(sending=sending, family_id=home, **told) for home in homes), batch_size=1_000
    )
    if _show(news, now):
        news.save(update_fields=["published_at", "withdrawn_at"])
        _journal(actor, "news.published", news, now)
    if by_mail:
        _journal(actor, "news.sent", news, now)
    return sending


@transaction.atomic
def news_withdraw(*, actor: Actor, news_id: int, now: datetime) -> News:
    """Families no longer read it, nor are told of it. Withdrawing twice does nothing. Raises `NotYours`."""
    news = _locked(actor, news_id)
    if news.published_at is not None and news.withdrawn_at is None:
        news.withdrawn_at = now
        news.save(update_fields=["withdrawn_at"])
        _journal(actor, "news.withdrawn", news, now)
    return news


def news_held(news: News) -> Shown:
    """What a form that corrects it shows of a piece of news."""
    return held(news, ("structure", "activity", "group", "day", "title", "text", "until"))


def _check_as_seen(news: News, seen: Shown | None) -> None:
    now_held = news_held(news)
    names = tuple(name for name in now_held if seen is not None and seen.get(name) != now_held[name])
    if news.pk is not None and names:
        raise ChangedMeanwhile(held=now_held, names=names, by=news.by, at=None)


def _check_audience(actor: Actor, news: News, words: Words, *, sent: bool) -> None:
    if not structures_in_charge(actor).filter(pk=words.structure_id).exists():
        raise NotYours
    activities = Activity.objects.filter(structure_id=words.structure_id)
    if words.activity_id is not None and not activities.filter(pk=words.activity_id).exists():
        raise NotYours
    groups = AgeGroup.objects.filter(activity__structure_id=words.structure_id)
    if words.group_id is not None and words.group_id not in groups.filter(
        activity=words.activity_id
    ).values_list("pk", flat=True):
        raise NotYours
    if words.audience == _audience(news):
        return
    for_some = words.group_id is not None or words.day is not None
    if sent or (for_some and news.published_at is not None):
        raise AudienceFixed


def _same_again(actor: Actor, words: Words, now: datetime) -> News | None:
    """The one that this very form has just written. The structure is locked: of two at once, one waits."""
    list(Structure.objects.select_for_update(no_key=True).filter(pk=words.structure_id).order_by("pk"))
    rows = News.objects.filter(
        structure_id=words.structure_id,
        until=words.until,
        title=one_line(words.title),
        text=words.text.replace("\r\n", "\n").replace("\0", "").strip(),
        by=actor.label[:200],
        written_at__gt=now - SAME_AGAIN,
    )
    return next((row for row in rows.order_by("-pk") if _audience(row) == words.audience), None)


def _audience(news: News) -> tuple[object, ...]:
    return news.structure_id, news.activity_id, news.group_id, news.day


def _show(news: News, now: datetime) -> bool:
    """Have families read it, from now on; whether they did not yet."""
    if news.published_at is not None and news.withdrawn_at is None:
        return False
    news.published_at, news.withdrawn_at = now, None
    return True


def _locked(actor: Actor, news_id: int) -> News:
    if not news_in_charge(actor).filter(pk=news_id).exists():
        raise NotYours
    return News.objects.select_for_update(no_key=True).get(pk=news_id)


def _journal(actor: Actor, verb: str, news: News, now: datetime) -> None:
    record(actor=actor, verb=verb, subject=Subject("news", news.pk, news.title), now=now)
