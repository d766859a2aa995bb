"""What pages read of threads and news, always through the actor."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet

from marelle.activities.models import Activity, AgeGroup
from marelle.core.actor import Actor, Role
from marelle.core.prepared import prepared
from marelle.core.spelling import spelt
from marelle.families.finding.selectors import families_matching
from marelle.families.finding.words import WORDS_AT_MOST
from marelle.families.scope import is_own_file
from marelle.mail.models import Message as Mail
from marelle.mail.models import MessageState as MailState
from marelle.messaging.models import (
    Attachment,
    Message,
    News,
    NewsRecipient,
    NewsSending,
    Thread,
    ThreadPass,
    ThreadRead,
)
from marelle.messaging.scope import (
    news_in_charge,
    structures_in_charge,
    threads_in_charge,
    threads_of_home,
    threads_passed,
)
from marelle.messaging.writing import holder_of
from marelle.places.models import Structure

HOMES_AT_MOST = 200
"""Of those that a word matches, the nearest: more would not narrow a list of exchanges."""

NEWS_LATEST = 3
"""How many are told where they are only recalled."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A thread with its messages, oldest first, and whether the reader has yet to read some.

    `own_file`: it is of the agent's own home, or of another home of its child; it has then no message, nor
    the notes of those who passed it.
    `passes`: which services had it before, oldest first.
    """

    thread: Thread
    messages: tuple[Message, ...]
    unread: bool
    own_file: bool = False
    passes: tuple[ThreadPass, ...] = ()


class Standing(StrEnum):
    """How agents sort threads."""

    TO_ANSWER = "a-repondre"
    MINE = "a-moi"
    OPEN = "ouverts"
    CLOSED = "clos"
    PASSED = "passes"


WAITS = Q(closed_at__isnull=True, family_wrote_at__isnull=False) & (
    Q(staff_wrote_at__isnull=True) | Q(staff_wrote_at__lt=F("family_wrote_at"))
)
_STANDINGS = {
    Standing.TO_ANSWER: WAITS,
    Standing.OPEN: Q(closed_at__isnull=True),
    Standing.CLOSED: Q(closed_at__isnull=False),
}


def unread_threads(actor: Actor) -> QuerySet[Thread]:
    """Threads of the home where the structure wrote since this account read."""
    return threads_of_home(actor).filter(_unread(actor, "staff_wrote_at"))


def unread_by(account: OuterRef, home: OuterRef) -> QuerySet[Thread, Any]:
    """How many of a home's an account has yet to read, inside a query that has both; no row for none."""
    unread = Thread.objects.filter(_unread_by(OuterRef(account), "staff_wrote_at"), family_id=home)
    return unread.order_by().values("family_id").annotate(n=Count("pk")).values("n")


def unread_count(actor: Actor) -> int:
    """How many of them; one query."""
    return unread_threads(actor).count()


def home_threads(actor: Actor) -> QuerySet[Any]:
    """The home's, the last written first, each with `unread` for this account; one query."""
    return (
        threads_of_home(actor)
        .annotate(unread=_unread(actor, "staff_wrote_at"))
        .select_related("structure__authority")
        .order_by("-last_at", "-pk")
    )


def home_thread(actor: Actor, thread_id: int) -> Exchange | None:
    """One of the home's; four queries."""
    rows = threads_of_home(actor).annotate(unread=_unread(actor, "staff_wrote_at"))
    thread = rows.select_related("structure__authority", "contact").filter(pk=thread_id).first()
    if thread is None:
        return None
    return Exchange(thread, _messages(thread), thread.unread, passes=_passes(thread))


def staff_threads(
    actor: Actor,
    *,
    standing: Standing | None = None,
    structure_id: int | None = None,
    words: str = "",
    but_homes: Collection[int] = (),
) -> QuerySet[Any]:
    """Those of the structures that the actor answers for, what waits for an answer (`waits`) first.

    `words`: each is in the subject or in the name of who wrote, without accents, or finds its home as any
    search of homes does.

    `unread`: it waits, and this account has not read it; what a colleague has answered is nobody's to read.
    `Standing.PASSED`: those that the actor's structures gave to a service that it is not of. `but_homes`:
    a colleague answers those.
    """
    reach = threads_passed(actor) if standing is Standing.PASSED else threads_in_charge(actor)
    threads = reach.annotate(unread=_unread(actor, "family_wrote_at") & WAITS, waits=Q(WAITS))
    if standing is Standing.MINE:
        threads = threads.filter(closed_at=None, assigned_to_id=actor.user_id)
    elif standing in _STANDINGS:
        threads = threads.filter(_STANDINGS[standing])
    for word in words.split()[:WORDS_AT_MOST]:
        homes = [match.id for match in families_matching(word, limit=HOMES_AT_MOST)]
        threads = threads.filter(
            Q(subject__regex=spelt(word))
            | Q(family__name__regex=spelt(word))
            | Q(family_id__in=homes)
            | Q(name__regex=spelt(word))
            | Q(email__regex=spelt(word))
        )
    if structure_id is not None:
        threads = threads.filter(structure_id=structure_id)
    if but_homes:
        threads = threads.exclude(family_id__in=but_homes)
    rows = threads.select_related("structure__authority", "family", "assigned_to")
    return rows.order_by("-waits", "-last_at", "-pk")


def staff_thread(actor: Actor, thread_id: int, *, day: date) -> Exchange | None:
    """One of a structure that the actor answers for; four queries or five."""
    thread = next(iter(_in_charge(actor, thread_id)), None)
    if thread is None:
        return None
    own = _is_own(actor, thread, day)
    if own:
        return Exchange(thread, (), thread.unread, own_file=True)
    return Exchange(thread, _messages(thread), thread.unread, passes=_passes(thread))


@prepared
def _in_charge(actor: Actor, thread_id: int) -> QuerySet[Any]:
    rows = threads_in_charge(actor).annotate(unread=_unread(actor, "family_wrote_at"))
    return _for_staff(rows).filter(pk=thread_id)


def passed_thread(actor: Actor, thread_id: int, *, day: date) -> Exchange | None:
    """One that a structure of the actor's passed on: with what was written until then, and nothing later."""
    thread = _for_staff(threads_passed(actor)).filter(pk=thread_id).first()
    if thread is None:
        return None
    passes, directed = _passes(thread), actor.structures(Role.DIRECTOR)
    until = max(one.at for one in passes if one.from_structure_id in directed)
    if _is_own(actor, thread, day):
        return Exchange(thread, (), False, own_file=True)
    return Exchange(
        thread,
        tuple(message for message in _messages(thread) if message.at <= until),
        False,
        passes=tuple(one for one in passes if one.at <= until),
    )


def services_to_pass(thread: Thread) -> tuple[Structure | None, ...]:
    """The services of the authority that do not hold it, None for its office; one query."""
    structures = Structure.objects.filter(authority_id=thread.structure.authority_id)
    others = (None, *structures.order_by("order", "name", "pk"))
    held_by = holder_of(thread)
    return tuple(one for one in others if (one.pk if one is not None else None) != held_by)


def attachment_of_home(actor: Actor, thread_id: int, attachment_id: int) -> Attachment | None:
    return _attachment(threads_of_home(actor), thread_id, attachment_id)


def attachment_in_charge(actor: Actor, thread_id: int, attachment_id: int, *, day: date) -> Attachment | None:
    """Of a thread that the agent may read: not of its own home."""
    joined = _attachment(threads_in_charge(actor), thread_id, attachment_id)
    return None if joined is None or _is_own(actor, joined.message.thread, day) else joined


def news_for(
    family_id: int, structure_ids: Collection[int], activity_ids: Collection[int], day: date
) -> QuerySet[News]:
    """News that a home of these structures and activities reads on `day`, the latest first; one query.

    What is for a group or a day is read by the homes counted when it was published.
    """
    counted = NewsRecipient.objects.filter(sending__news=OuterRef("pk"), family_id=family_id)
    of_all = Q(group=None, day=None) & (Q(activity__isnull=True) | Q(activity_id__in=activity_ids))
    of_some = (Q(group__isnull=False) | Q(day__isnull=False)) & Q(Exists(counted))
    return (
        News.objects.shown(day)
        .filter(of_all | of_some, structure_id__in=structure_ids)
        .select_related("structure")
        .order_by("-published_at", "-pk")
    )


@prepared
def latest_news(
    family_id: int, structure_ids: Collection[int], activity_ids: Collection[int], day: date
) -> QuerySet[News]:
    """The first of `news_for`; one query."""
    return news_for(family_id, structure_ids, activity_ids, day)[:NEWS_LATEST]


def staff_news(actor: Actor) -> QuerySet[News]:
    """All of the structures that the actor answers for: what is being written first, then the latest."""
    rows = news_in_charge(actor).select_related("structure", "activity", "group", "sending")
    return rows.order_by(F("published_at").desc(nulls_first=True), "-pk")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sending is: how many homes were told in each way, and how many mails are in each state."""

    homes: int
    ways: Mapping[str, int]
    mails: Mapping[str, int]

    @property
    def told(self) -> int:
        return sum(count for way, count in self.ways.items() if way)

    @property
    def is_over(self) -> bool:
        return self.told >= sum(self.ways.values())


def sending_in_charge(actor: Actor, news_id: int) -> NewsSending | None:
    """The sending of a piece of news that the actor answers for, if it was sent; one query."""
    rows = NewsSending.objects.filter(news__in=news_in_charge(actor), news_id=news_id)
    return rows.select_related("news__structure", "news__activity", "news__group").first()


def sending_progress(sending: NewsSending) -> Progress:
    """Two queries."""
    ways = NewsRecipient.objects.filter(sending=sending).order_by().values_list("way").annotate(Count("pk"))
    mails = Mail.objects.filter(news_recipients__sending=sending).order_by().values_list("state")
    return Progress(sending.homes, dict(ways), dict(mails.annotate(Count("pk"))))


def sending_recipients(sending: NewsSending, *, failed: bool = False) -> QuerySet[NewsRecipient]:
    """The homes told, or to tell, by name; with `failed`, those of which a mail did not arrive."""
    rows = NewsRecipient.objects.filter(sending=sending)
    if failed:
        rows = rows.filter(
            Exists(Mail.objects.filter(news_recipients=OuterRef("pk"), state=MailState.FAILED))
        )
    return rows.select_related("family").prefetch_related("mails").order_by("family__name", "pk")


def groups_written_for(actor: Actor, *, day: date) -> tuple[AgeGroup, ...]:
    """Groups of the activities that are not over; one query."""
    rows = AgeGroup.objects.filter(
        activity__structure__in=structures_in_charge(actor), activity__last_day__gte=day
    )
    return tuple(rows.order_by("activity_id", "min_age_months", "pk"))


def structures_written_for(actor: Actor) -> tuple[Structure, ...]:
    """Structures that the actor answers for, in the authority's order; one query."""
    return tuple(structures_in_charge(actor).order_by("order", "name", "pk"))


def activities_written_for(actor: Actor, *, day: date) -> tuple[Activity, ...]:
    """Activities of those structures that are not over; one query."""
    rows = Activity.objects.filter(structure__in=structures_in_charge(actor), last_day__gte=day)
    return tuple(rows.select_related("structure").order_by("structure__order", "structure_id", "name", "pk"))


def _unread(actor: Actor, side: str) -> Q:
    """Whether `side` ("staff_wrote_at") wrote after the account's last reading."""
    return _unread_by(actor.user_id, side)


def _unread_by(account: int | OuterRef | None, side: str) -> Q:
    read = ThreadRead.objects.filter(thread=OuterRef("pk"), account_id=account, at__gte=OuterRef(side))
    return Q(**{f"{side}__isnull": False}) & ~Q(Exists(read))


def _is_own(actor: Actor, thread: Thread, day: date) -> bool:
    return thread.family_id is not None and is_own_file(
        actor, family_id=thread.family_id, person_id=None, day=day
    )


def _messages(thread: Thread) -> tuple[Message, ...]:
    files = Attachment.objects.select_related("file").order_by("pk")
    rows = Message.objects.filter(thread_id=thread.pk)
    return tuple(rows.prefetch_related(Prefetch("attachments", queryset=files)))


def _passes(thread: Thread) -> tuple[ThreadPass, ...]:
    return tuple(_passes_of(thread.pk))


@prepared
def _passes_of(thread_id: int) -> QuerySet[ThreadPass]:
    rows = ThreadPass.objects.filter(thread_id=thread_id)
    return rows.select_related("from_structure", "to_structure")


def _for_staff(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_related("structure__authority", "family", "contact", "assigned_to")


def _attachment(threads: QuerySet[Thread], thread_id: int, attachment_id: int) -> Attachment | None:
    rows = Attachment.objects.filter(message__thread__in=threads.filter(pk=thread_id), pk=attachment_id)
    return rows.select_related("file", "message__thread").first()
