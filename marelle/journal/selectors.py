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


def entries_of_family(family_id: int) -> EntryQuerySet:
    return Entry.objects.of_family(family_id)


def entries_of_account(user_id: int) -> EntryQuerySet:
    return Entry.objects.of_account(user_id)


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
    entries = Entry.objects.none()
    if actor.family_id is not None:
        entries = entries_of_family(actor.family_id)
    if actor.user_id is not None and not actor.on_behalf_of:
        own = entries_of_account(actor.user_id)
        entries = own if actor.family_id is None else entries | own
    for kind, ids in (hidden or {}).items():
        entries = entries.exclude(subject_kind=kind, subject_id__in=ids)
    if verbs is not None:
        entries = entries.filter(verb__in=verbs)
    if since is not None:
        entries = entries.filter(at__gte=since)
    return Paginator(entries.order_by("-at", "-id"), PER_PAGE).get_page(page)
