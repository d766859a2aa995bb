"""The cards of a home, as rules see them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from marelle.activities.bounds import Days
from marelle.activities.facts import ActivityFacts
from marelle.bookings.cards import Card, Cards
from marelle.bookings.models import EntryCard
from marelle.core.clock import local


def cards_of(family_id: int | None, offered: Iterable[ActivityFacts]) -> Cards:
    """Those of a home in these activities; one query, none where no activity asks for a card."""
    asked = {facts.id for facts in offered if facts.asks_card}
    if family_id is None or not asked:
        return {}
    rows = EntryCard.objects.filter(enrolment__family_id=family_id, enrolment__activity_id__in=asked)
    found: dict[int, list[Card]] = {pk: [] for pk in asked}
    for row in rows.select_related("enrolment").order_by("pk"):
        found[row.enrolment.activity_id].append(card_of(row))
    return found


def card_of(row: EntryCard) -> Card:
    """An ended one holds until the day of its end."""
    last: date = row.last_day
    if row.ended_at is not None:
        last = min(last, local(row.ended_at).date())
    return Card(row.pk, row.entries, row.first_day, last, None if row.whole_home else row.enrolment.person_id)


def days_of_cards(cards: Cards) -> Days | None:
    """From the first day of the first to the last of the last."""
    every = [card for those in cards.values() for card in those]
    return (min(card.first for card in every), max(card.last for card in every)) if every else None
