"""The cards of a home, as rules see them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import QuerySet

from marelle.activities.bounds import Days
from marelle.activities.facts import ActivityFacts
from marelle.bookings.cards import Card, Cards
from marelle.bookings.models import EntryCard
from marelle.core.clock import local
from marelle.core.prepared import prepared
from marelle.core.rows import columns


def cards_of(family_id: int | None, offered: Iterable[ActivityFacts]) -> Cards:
    """Those of a home in these activities; one query, none where no activity asks for a card."""
    asked = {facts.id for facts in offered if facts.asks_card}
    if family_id is None or not asked:
        return {}
    found: dict[int, list[Card]] = {pk: [] for pk in asked}
    for row in _cards(family_id, asked):
        found[row.activity_id].append(card_of(row))
    return found


class CardRow(NamedTuple):
    id: int
    entries: int
    first_day: date
    last_day: date
    ended_at: datetime | None
    whole_home: bool
    person_id: int
    activity_id: int


CARD_ROW = columns(
    CardRow,
    "entries", "first_day", "last_day", "ended_at", "whole_home",
    id="pk",
    person_id="enrolment__person_id",
    activity_id="enrolment__activity_id",
)  # fmt: skip


@prepared
def _cards(family_id: int, activity_ids: Collection[int]) -> QuerySet[EntryCard, CardRow]:
    rows = EntryCard.objects.filter(enrolment__family_id=family_id, enrolment__activity_id__in=activity_ids)
    return CARD_ROW.of(rows.order_by("pk"))


def card_of(row: CardRow) -> Card:
    """An ended one holds until the day of its end."""
    last = row.last_day
    if row.ended_at is not None:
        last = min(last, local(row.ended_at).date())
    return Card(row.id, row.entries, row.first_day, last, None if row.whole_home else row.person_id)


def days_of_cards(cards: Cards) -> Days | None:
    """From the first day of the first to the last of the last."""
    every = [card for those in cards.values() for card in those]
    return (min(card.first for card in every), max(card.last for card in every)) if every else None
