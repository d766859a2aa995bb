"""Whom a piece of news is for: the homes enrolled, or that have booked, where its structure says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from marelle.accounts.notices import Notice
from marelle.bookings.models import Booking
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours, Recounted
from marelle.enrolments.models import GroupChoice
from marelle.families.locks import homes_locked
from marelle.families.models import Family
from marelle.families.selectors import still_there
from marelle.families.telling import addressees_of_homes
from marelle.flows.papers.asked import live
from marelle.messaging.models import News, NewsRecipient, NewsSending
from marelle.messaging.publishing import news_send
from marelle.messaging.scope import news_in_charge
from marelle.messaging.telling import way_of


@dataclass(frozen=True, slots=True)
class Counted:
    """Whom a sending would reach: homes, the addresses of those written to, letters to print, and homes
    that read it in the portal alone because they want no such mail, or have no adult any more."""

    homes: int
    addresses: int
    letters: int
    portal_only: int


def homes_of(news: News, *, day: date) -> QuerySet[Family, int]:
    """The homes that it is for on `day`, by id, those that have left apart."""
    enrolments = live(day).filter(activity__structure_id=news.structure_id)
    if news.activity_id is not None:
        enrolments = enrolments.filter(activity_id=news.activity_id)
    if news.group_id is not None:
        begun = GroupChoice.objects.filter(enrolment=OuterRef("pk"), since__lte=news.day or day)
        latest = Subquery(begun.order_by("-since").values("group_id")[:1])
        enrolments = enrolments.alias(group_id=latest).filter(group_id=news.group_id)
    if news.day is not None:
        booked = Booking.objects.holding().filter(enrolment=OuterRef("pk"), day=news.day)
        enrolments = enrolments.filter(Exists(booked))
    homes = Family.objects.filter(still_there(day), pk__in=enrolments.order_by().values("family_id"))
    return homes.order_by("pk").values_list("pk", flat=True)


def counted(news: News, *, urgent: bool, now: datetime) -> Counted:
    """Whom a sending by mail would reach; two queries."""
    homes = homes_of(news, day=local(now).date())
    number = homes.count()
    addresses = 0
    ways = dict.fromkeys(NewsRecipient.Way, 0)
    notice = None if urgent else Notice.NEWS
    for _home, people in addressees_of_homes(homes.order_by(), notice=notice, letter=True, now=now):
        emails = [one.email for one in people]
        ways[way_of(emails)] += 1
        addresses += sum(map(bool, emails))
    written = ways[NewsRecipient.Way.MAIL] + ways[NewsRecipient.Way.LETTER]
    return Counted(number, addresses, ways[NewsRecipient.Way.LETTER], number - written)


@transaction.atomic
def news_tell(
    *, actor: Actor, news_id: int, by_mail: bool, urgent: bool, expected: int, now: datetime
) -> NewsSending:
    """Send a piece of news to the homes that it is for, `expected` of them as the agent read.

    It is locked before they are counted: a correction changes whom it is for.

    Raises as `news_send`, or `Recounted`.
    """
    mine = news_in_charge(actor).filter(pk=news_id)
    news = mine.select_for_update(no_key=True, of=("self",)).first()
    if news is None:
        raise NotYours
    homes = [home.pk for home in homes_locked(homes_of(news, day=local(now).date())) if not home.erased_at]
    if len(homes) != expected and not NewsSending.objects.filter(news=news).exists():
        raise Recounted(len(homes))
    return news_send(actor=actor, news_id=news_id, homes=homes, by_mail=by_mail, urgent=urgent, now=now)
