"""Cards of entries, given and ended by who is in charge of the activity, under the lock of the home."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from marelle.activities.catalogue import activity_facts
from marelle.activities.facts import ActivityFacts
from marelle.activities.selectors import decides_activity
from marelle.bookings.bounds import Cell
from marelle.bookings.card_rows import cards_of
from marelle.bookings.cards import served
from marelle.bookings.models import EntryCard
from marelle.bookings.shortfalls import booked_of_home
from marelle.cases.services import OwnFile
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours, Refusal
from marelle.core.subject import Subject
from marelle.enrolments.models import Enrolment
from marelle.enrolments.scope import decidable
from marelle.families.locks import home_locked
from marelle.families.scope import is_own_file
from marelle.journal.services import record

GIVEN, ENDED = "card.given", "card.ended"


class CardRefused(Refusal):
    """`code`: "not_in_order" (it ends before it begins), "over" (it has ended already)."""


@dataclass(frozen=True, slots=True)
class CardLine:
    """A card, the entries that it has left, and how many bookings to come use one."""

    row: EntryCard
    left: int
    to_come: int
    runs: bool


def card_stays(actor: Actor) -> QuerySet[Enrolment]:
    """The enrolments whose cards the actor may read."""
    rows = decidable(actor).filter(state=Enrolment.State.ACCEPTED)
    return rows.select_related("person", "activity__structure", "family")


def card_lines(enrolment: Enrolment, *, now: datetime) -> list[CardLine]:
    """Those that serve the child of an enrolment, the last first; three queries."""
    family_id, activity = enrolment.family_id, enrolment.activity
    rows = EntryCard.objects.filter(enrolment__family_id=family_id, enrolment__activity=activity)
    rows = rows.filter(Q(whole_home=True) | Q(enrolment=enrolment)).select_related("enrolment__person")
    uses = _uses(enrolment)
    today = local(now).date()
    used = Counter(uses.values())
    to_come = Counter(card_id for (_child, _opening, day), card_id in uses.items() if day >= today)
    lines = [
        CardLine(
            row,
            row.entries - used[row.pk],
            to_come[row.pk],
            runs=row.ended_at is None and row.last_day >= today,
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: (line.row.last_day, line.row.pk), reverse=True)


@transaction.atomic
def card_give(
    *,
    actor: Actor,
    enrolment_id: int,
    entries: int,
    first_day: date,
    last_day: date,
    whole_home: bool = False,
    note: str = "",
    now: datetime,
) -> EntryCard:
    """Give a card. Raises NotYours, OwnFile, HomeGone or CardRefused."""
    enrolment = _locked(actor, enrolment_id, now)
    if last_day < first_day:
        raise CardRefused("not_in_order")
    row = EntryCard.objects.create(
        enrolment=enrolment,
        whole_home=whole_home,
        entries=entries,
        first_day=first_day,
        last_day=last_day,
        note=note[:200],
        given_at=now,
        given_by=actor.label[:150],
    )
    _record(actor, GIVEN, row, now)
    return row


@transaction.atomic
def card_end(*, actor: Actor, enrolment_id: int, card_id: int, now: datetime) -> int:
    """End a card today: what it served is served still. Returns how many bookings to come have no entry left.

    Raises NotYours, OwnFile, HomeGone or CardRefused.
    """
    enrolment = _locked(actor, enrolment_id, now)
    rows = EntryCard.objects.filter(enrolment__family_id=enrolment.family_id)
    row = rows.filter(pk=card_id, enrolment__activity_id=enrolment.activity_id).first()
    if row is None:
        raise NotYours
    if row.ended_at is not None or row.last_day < local(now).date():
        raise CardRefused("over")
    before = len(_uses(enrolment))
    row.ended_at, row.ended_by = now, actor.label[:150]
    row.save(update_fields=["ended_at", "ended_by"])
    _record(actor, ENDED, row, now)
    return before - len(_uses(enrolment))


def _locked(actor: Actor, enrolment_id: int, now: datetime) -> Enrolment:
    enrolment = card_stays(actor).filter(pk=enrolment_id).first()
    if enrolment is None or not decides_activity(actor, _facts(enrolment)):
        raise NotYours
    home_locked(enrolment.family_id)
    day = local(now).date()
    if is_own_file(actor, family_id=enrolment.family_id, person_id=enrolment.person_id, day=day):
        raise OwnFile
    return enrolment


def _facts(enrolment: Enrolment) -> ActivityFacts:
    activity = enrolment.activity
    return activity_facts({activity.pk: activity.revision})[activity.pk]


def _uses(enrolment: Enrolment) -> dict[tuple[int, int, date], int]:
    """The card that each booking of the home in the activity uses, by child, opening and day."""
    facts = _facts(enrolment)
    cards = cards_of(enrolment.family_id, [facts]).get(facts.id, ())
    if not cards:
        return {}
    first, last = min(card.first for card in cards), max(card.last for card in cards)
    booked = booked_of_home(enrolment.family_id, [facts.id], first, last)
    cells: list[Cell] = [(child, opening) for child, opening, place in booked if place.mine]
    of = {(child, opening.id): opening for child, opening in cells}
    return {(key[0], key[1], of[key].day): card_id for key, card_id in served(cards, cells).items()}


def _record(actor: Actor, verb: str, row: EntryCard, now: datetime) -> None:
    enrolment = row.enrolment
    subject = Subject("person", enrolment.person_id, f"{enrolment.person} · {enrolment.activity.name}")
    record(
        actor=actor,
        verb=verb,
        subject=subject,
        family_id=enrolment.family_id,
        data={"entries": row.entries},
        now=now,
    )
