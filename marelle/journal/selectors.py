"""Reading the journal."""

from __future__ import annotations

from django.core.paginator import Page, Paginator

from marelle.core.actor import Actor
from marelle.journal.models import Entry, EntryQuerySet

PER_PAGE = 30


def entries_of_family(family_id: int) -> EntryQuerySet:
    return Entry.objects.of_family(family_id)


def entries_of_account(user_id: int) -> EntryQuerySet:
    return Entry.objects.of_account(user_id)


def history(*, actor: Actor, page: str | int | None = 1) -> Page[Entry]:
    """What the actor may read of the past: acts on its family's file and on its own account, newest first.

    An agent who acts for a family reads that family's acts only. Connections carry no family, so that one
    parent never reads when the other came in. Two queries. A page that does not exist gives the nearest.
    """
    entries = Entry.objects.none()
    if actor.family_id is not None:
        entries = entries_of_family(actor.family_id)
    if actor.user_id is not None and not actor.on_behalf_of:
        own = entries_of_account(actor.user_id)
        entries = own if actor.family_id is None else entries | own
    return Paginator(entries.order_by("-at", "-id"), PER_PAGE).get_page(page)
