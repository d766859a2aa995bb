"""What pages read of threads and news, always through the actor."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet

from marelle.activities.models import Activity
from marelle.core.actor import Actor
from marelle.families.scope import is_own_file
from marelle.messaging.models import Attachment, Message, News, Thread, ThreadRead
from marelle.messaging.scope import news_in_charge, structures_in_charge, threads_in_charge, threads_of_home
from marelle.places.models import Structure


@dataclass(frozen=True, slots=True)
class Exchange:
    """A thread with its messages, oldest first, and whether the reader has yet to read some.

    `own_file`: it is of the reading agent's own home.
    """

    thread: Thread
    messages: tuple[Message, ...]
    unread: bool
    own_file: bool = False


class Standing(StrEnum):
    """How agents sort threads."""

    TO_ANSWER = "a-repondre"
    OPEN = "ouverts"
    CLOSED = "clos"


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


def unread_count(actor: Actor) -> int:
    """How many of them; one query."""
    return unread_threads(actor).count()


def home_threads(actor: Actor) -> QuerySet[Any]:
    """The home's, the last written first, each with `unread` for this account; one query."""
    return (
        threads_of_home(actor)
        .annotate(unread=_unread(actor, "staff_wrote_at"))
        .select_related("structure")
        .order_by("-last_at", "-pk")
    )


def home_thread(actor: Actor, thread_id: int) -> Exchange | None:
    """One of the home's; three queries."""
    rows = threads_of_home(actor).annotate(unread=_unread(actor, "staff_wrote_at"))
    thread = rows.select_related("structure", "contact").filter(pk=thread_id).first()
    return Exchange(thread, _messages(thread), thread.unread) if thread is not None else None


def staff_threads(
    actor: Actor, *, standing: Standing | None = None, structure_id: int | None = None
) -> QuerySet[Any]:
    """Those of the structures that the actor answers for, what waits for an answer (`waits`) first.

    `unread`: it waits, and this account has not read it; what a colleague has answered is nobody's to read.
    """
    threads = threads_in_charge(actor).annotate(
        unread=_unread(actor, "family_wrote_at") & WAITS, waits=Q(WAITS)
    )
    if standing is not None:
        threads = threads.filter(_STANDINGS[standing])
    if structure_id is not None:
        threads = threads.filter(structure_id=structure_id)
    return threads.select_related("structure", "family").order_by("-waits", "-last_at", "-pk")


def staff_thread(actor: Actor, thread_id: int, *, day: date) -> Exchange | None:
    """One of a structure that the actor answers for; three queries or four."""
    rows = threads_in_charge(actor).annotate(unread=_unread(actor, "family_wrote_at"))
    thread = rows.select_related("structure", "family", "contact").filter(pk=thread_id).first()
    if thread is None:
        return None
    own = thread.family_id is not None and is_own_file(
        actor, family_id=thread.family_id, person_id=None, day=day
    )
    return Exchange(thread, _messages(thread), thread.unread, own)


def attachment_of_home(actor: Actor, thread_id: int, attachment_id: int) -> Attachment | None:
    return _attachment(threads_of_home(actor), thread_id, attachment_id)


def attachment_in_charge(actor: Actor, thread_id: int, attachment_id: int) -> Attachment | None:
    return _attachment(threads_in_charge(actor), thread_id, attachment_id)


def news_for(structure_ids: Collection[int], activity_ids: Collection[int], day: date) -> QuerySet[News]:
    """News that families of these structures and activities read on `day`, the latest first; one query."""
    return (
        News.objects.shown(day)
        .filter(Q(activity__isnull=True) | Q(activity_id__in=activity_ids), structure_id__in=structure_ids)
        .select_related("structure")
        .order_by("-published_at", "-pk")
    )


def staff_news(actor: Actor) -> QuerySet[News]:
    """All of the structures that the actor answers for: what is being written first, then the latest."""
    rows = news_in_charge(actor).select_related("structure", "activity")
    return rows.order_by(F("published_at").desc(nulls_first=True), "-pk")


def structures_written_for(actor: Actor) -> tuple[Structure, ...]:
    """Structures that the actor answers for, in the authority's order; one query."""
    return tuple(structures_in_charge(actor).order_by("order", "name", "pk"))


def activities_written_for(actor: Actor, *, day: date) -> tuple[Activity, ...]:
    """Activities of those structures that are not over; one query."""
    rows = Activity.objects.filter(structure__in=structures_in_charge(actor), last_day__gte=day)
    return tuple(rows.select_related("structure").order_by("structure__order", "structure_id", "name", "pk"))


def _unread(actor: Actor, side: str) -> Q:
    """Whether `side` ("staff_wrote_at") wrote after the account's last reading."""
    read = ThreadRead.objects.filter(thread=OuterRef("pk"), account_id=actor.user_id, at__gte=OuterRef(side))
    return Q(**{f"{side}__isnull": False}) & ~Q(Exists(read))


def _messages(thread: Thread) -> tuple[Message, ...]:
    files = Attachment.objects.select_related("file").order_by("pk")
    return tuple(thread.messages.prefetch_related(Prefetch("attachments", queryset=files)))


def _attachment(threads: QuerySet[Thread], thread_id: int, attachment_id: int) -> Attachment | None:
    rows = Attachment.objects.filter(message__thread__in=threads.filter(pk=thread_id), pk=attachment_id)
    return rows.select_related("file").first()
