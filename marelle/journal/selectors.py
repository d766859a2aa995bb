"""Reading the journal."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from marelle.core.actor import Actor
from marelle.journal.models import Entry, EntryQuerySet

PER_PAGE = 30


def history(
    *,
    actor: Actor,
    page: str | int | None = 1,
    hidden: Mapping[str, Collection[int] | QuerySet[Any, Any]] | None = None,
    verbs: Collection[str] | None = None,
    since: datetime | None = None,
) -> Page[Entry]:
    """What the actor may read of the past: acts on its family's file and on its own account, newest first.

    An agent who acts for a family reads that family's acts only. Connections carry no family, so that one
    parent never reads when the other came in. `hidden` gives, by kind, the ids of subjects to leave out;
    `verbs` and `since` narrow it. Two queries. A page that does not exist gives the nearest.
    """
    parts = []
    if actor.family_id is not None:
        parts.append(Entry.objects.of_family(actor.family_id))
    if actor.user_id is not None and not actor.on_behalf_of:
        parts += [Entry.objects.by_account(actor.user_id), Entry.objects.on_account(actor.user_id)]
    narrowed = [_narrowed(part, hidden or {}, verbs, since) for part in parts]
    # A union, and no OR: each part goes by its own index, where an OR reads the whole journal backwards.
    entries = narrowed[0].union(*narrowed[1:]) if narrowed else Entry.objects.none()
    return Paginator(entries.order_by("-at", "-id"), PER_PAGE).get_page(page)


def acts_on_account(user_id: int, *, verb: str, since: datetime) -> int:
    """How many there are of one kind, after `since`; one query."""
    return Entry.objects.on_account(user_id).filter(verb=verb, at__gt=since).count()


def _narrowed(
    entries: EntryQuerySet,
    hidden: Mapping[str, Collection[int] | QuerySet[Any, Any]],
    verbs: Collection[str] | None,
    since: datetime | None,
) -> EntryQuerySet:
    entries = entries.without(hidden)
    if verbs is not None:
        entries = entries.filter(verb__in=verbs)
    if since is not None:
        entries = entries.filter(at__gte=since)
    return entries.order_by()
