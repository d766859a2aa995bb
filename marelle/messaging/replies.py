"""Reply templates: kept by an office for its authority, by a director for a structure; used in a thread."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from marelle.core.actor import Actor
from marelle.core.braces import checked as fields_checked
from marelle.core.prepared import prepared
from marelle.core.refusals import ChangedMeanwhile, NotYours
from marelle.core.subject import Subject
from marelle.journal.services import record
from marelle.messaging.models import ReplyTemplate, Thread
from marelle.messaging.refusals import TitleTaken, TooManyReplies
from marelle.messaging.rules import REPLIES_AT_MOST, REPLY_FIELDS, TITLE_LENGTH, one_line
from marelle.messaging.scope import replies_kept, replies_read, structures_in_charge
from marelle.messaging.writing import checked
from marelle.places.models import Authority, Structure
from marelle.places.scope import is_office_of


@dataclass(frozen=True, slots=True)
class ReplyWords:
    """A template as an agent writes it: of an authority when `structure_id` is None."""

    authority_id: int
    structure_id: int | None
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class KeptReply:
    """A line of the list; `mine` when the actor may change it."""

    row: ReplyTemplate
    mine: bool


def replies_listed(actor: Actor) -> list[KeptReply]:
    """All that the actor may use somewhere: each authority's own first, then by structure; two queries."""
    mine = set(replies_kept(actor).values_list("pk", flat=True))
    rows = replies_read(actor).select_related("authority", "structure")
    order = ("authority_id", F("structure__order").asc(nulls_first=True), "structure__name", "title", "pk")
    return [KeptReply(row, row.pk in mine) for row in rows.order_by(*order)]


def replies_for(actor: Actor, thread: Thread) -> list[ReplyTemplate]:
    """Those to choose from in a thread: its structure's first, then its authority's; one query."""
    structure = thread.structure
    return _there(actor, structure.authority_id, None if thread.with_office else structure.pk)


@prepared
def _there(actor: Actor, authority_id: int, structure_id: int | None) -> QuerySet[ReplyTemplate]:
    there = Q(structure=None, authority_id=authority_id)
    if structure_id is not None:
        there |= Q(structure_id=structure_id)
    order = (F("structure_id").asc(nulls_last=True), "title", "pk")
    return replies_read(actor).filter(there).order_by(*order)


def structures_with_replies(actor: Actor) -> tuple[Structure, ...]:
    """The structures that the actor may keep templates for, with their authority; one query."""
    rows = structures_in_charge(actor).select_related("authority")
    return tuple(rows.order_by("authority_id", "order", "name", "pk"))


@transaction.atomic
def reply_save(
    *, actor: Actor, words: ReplyWords, reply_id: int | None = None, seen: int = 0, now: datetime
) -> ReplyTemplate:
    """Keep a template, or change `reply_id`, whose revision was `seen`. As it was, nothing is written.

    The authority is locked: two who save together wait for each other. Raises `NotYours` for what is out of
    the actor's charge, `ChangedMeanwhile`, `Unwritten`, `FieldUnknown`, `BraceAlone`, `TitleTaken`,
    `TooManyReplies`.
    """
    _lock(actor, words)
    reply = ReplyTemplate() if reply_id is None else _kept(actor, reply_id, seen)
    said = {
        "authority_id": words.authority_id,
        "structure_id": words.structure_id,
        "title": checked(one_line(words.title), field="title", limit=TITLE_LENGTH),
        "text": fields_checked(checked(words.text, field="text"), REPLY_FIELDS),
    }
    if reply.pk is not None and all(getattr(reply, name) == value for name, value in said.items()):
        return reply
    others = ReplyTemplate.objects.filter(authority_id=words.authority_id).exclude(pk=reply.pk)
    if others.filter(Q(structure_id=words.structure_id), title=said["title"]).exists():
        raise TitleTaken
    if others.count() >= REPLIES_AT_MOST:
        raise TooManyReplies(REPLIES_AT_MOST)
    if reply.pk is not None:
        reply.revision += 1
    for name, value in said.items():
        setattr(reply, name, value)
    reply.by, reply.changed_at = actor.label[:200], now
    reply.save()
    _journal(actor, "reply_template.saved", reply, now)
    return reply


@transaction.atomic
def reply_remove(*, actor: Actor, reply_id: int, seen: int, now: datetime) -> None:
    """Take it away: no answer already sent depends on it. Raises `NotYours` and `ChangedMeanwhile`."""
    reply = _kept(actor, reply_id, seen)
    _journal(actor, "reply_template.removed", reply, now)
    reply.delete()


def _lock(actor: Actor, words: ReplyWords) -> None:
    """Raises `NotYours` unless the actor keeps templates where these words are to go."""
    if words.structure_id is None:
        allowed = is_office_of(actor, words.authority_id)
    else:
        there = structures_in_charge(actor).filter(authority_id=words.authority_id, pk=words.structure_id)
        allowed = there.exists()
    locked = Authority.objects.select_for_update(no_key=True).filter(pk=words.authority_id)
    if not allowed or locked.first() is None:
        raise NotYours


def _kept(actor: Actor, reply_id: int, seen: int) -> ReplyTemplate:
    if not replies_kept(actor).filter(pk=reply_id).exists():
        raise NotYours
    reply = ReplyTemplate.objects.select_for_update(no_key=True).filter(pk=reply_id).first()
    if reply is None or reply.revision != seen:
        raise ChangedMeanwhile
    return reply


def _journal(actor: Actor, verb: str, reply: ReplyTemplate, now: datetime) -> None:
    record(actor=actor, verb=verb, subject=Subject("reply_template", reply.pk, reply.title), now=now)
