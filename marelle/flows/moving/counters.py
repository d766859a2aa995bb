"""Cards of entries and subscriptions that are brought, so that the first booking after counts on the right
number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from django.db.models import Count, Sum

from marelle.bookings.models import EntryCard
from marelle.core.actor import Actor
from marelle.core.subject import Subject
from marelle.enrolments.models import Enrolment
from marelle.families.locks import homes_locked
from marelle.flows.moving.lines import Said
from marelle.flows.moving.names import Names, NotTaken, names_of
from marelle.flows.moving.plans import About, Fate, Plan, Planned, SumKey, plan_of
from marelle.flows.moving.subjects import Measure
from marelle.journal.services import Act, record_many
from marelle.pricing.models import Subscription
from marelle.pricing.services import authority_locked

CARD_GIVEN: Final = "card.given"
TAKEN: Final = "subscription.taken"


class Cards:
    """Where each line of cards stands among those that are there and those before it."""

    def __init__(self, names: Names) -> None:
        self.names = names
        children = {child.id for rows in names.children.values() for child in rows}
        self._stays: dict[tuple[int, int], list[Enrolment]] = {}
        accepted = Enrolment.objects.filter(person__in=children, state=Enrolment.State.ACCEPTED)
        for row in accepted.filter(family__erased_at=None).order_by("pk"):
            self._stays.setdefault((row.person_id, row.activity_id), []).append(row)
        cards = EntryCard.objects.filter(enrolment__person__in=children)
        self._held = {(row.enrolment_id, row.first_day, row.last_day): row for row in cards}
        self._lines: dict[tuple[int, date, date], int] = {}

    def about(self, said: Said) -> About:
        facts = self.names.activity(said, said.since)
        return About(facts.id, facts.name)

    def planned(self, said: Said, about: About) -> Planned:
        facts = self.names.activity(said, said.since)
        child, numbered = self.names.child(said.who), self.names.numbered(said.who)
        stay = self._stay(said, (child.id, facts.id), numbered, facts.name)
        if not said.entries or said.since is None or said.until is None:
            return Planned(said, Fate.NOTHING, stay.family_id, child.id, about)
        key = (stay.pk, said.since, said.until)
        if key in self._lines:
            raise NotTaken("twice", line=self._lines[key])
        self._lines[key] = said.line
        held = self._held.get(key)
        if held is not None and (held.entries, held.whole_home) != (said.entries, said.whole):
            raise NotTaken("other_card", "left", value=held.entries)
        adds = {} if held is not None else {Measure.CARDS: 1, Measure.ENTRIES: said.entries}
        row = EntryCard(
            enrolment=stay,
            whole_home=said.whole,
            entries=said.entries,
            first_day=said.since,
            last_day=said.until,
            note=said.note,
        )
        fate = Fate.NEW if adds else Fate.SAME
        return Planned(said, fate, stay.family_id, child.id, about, adds, (row, child.label))

    def _stay(self, said: Said, key: tuple[int, int], numbered: int | None, activity: str) -> Enrolment:
        there = [row for row in self._stays.get(key, ()) if numbered in (None, row.family_id)]
        if not there:
            raise NotTaken("not_enrolled", "activity", value=said.who.label, activity=activity)
        if len(there) > 1:
            raise NotTaken("several_homes", "number", value=said.who.label)
        if there[0].family_id in self.names.own:
            raise NotTaken("own_home")
        return there[0]


class Subscriptions:
    """Where each line of subscriptions stands among those that are there and those before it."""

    def __init__(self, names: Names) -> None:
        self.names = names
        homes = {
            *names.homes.values(),
            *(pk for rows in names.children.values() for one in rows for pk in one.homes),
        }
        self._held: dict[tuple[int, int | None, int], list[Subscription]] = {}
        for row in Subscription.objects.filter(family__in=homes).order_by("pk"):
            self._held.setdefault((row.family_id, row.child_id, row.product_id), []).append(row)
        self._lines: dict[tuple[int, int | None, int, date], int] = {}

    def about(self, said: Said) -> About:
        row = self.names.product(said)
        return About(row.pk, row.name)

    def planned(self, said: Said, about: About) -> Planned:
        product, named = self.names.product(said), self.names.home(said.who)
        child_id = None if named.child is None else named.child.id
        since = said.since or date.min
        key = (named.family_id, child_id, product.pk)
        if (*key, since) in self._lines:
            raise NotTaken("twice", line=self._lines[*key, since])
        self._lines[*key, since] = said.line
        fate = Fate.NEW
        for held in self._rivals(named.family_id, child_id, product.pk):
            if (held.child_id, held.since, held.until) == (child_id, since, said.until):
                fate = Fate.SAME
            elif (held.until or date.max) >= since and held.since <= (said.until or date.max):
                raise NotTaken("taken_otherwise", "since", value=product.name)
        row = Subscription(
            family_id=named.family_id, child_id=child_id, product=product, since=since, until=said.until
        )
        adds = {Measure.SUBSCRIPTIONS: 1} if fate is Fate.NEW else {}
        return Planned(said, fate, named.family_id, child_id, about, adds, row)

    def _rivals(self, family_id: int, child_id: int | None, product_id: int) -> Iterable[Subscription]:
        """Of the same product: the child's own, and the home's."""
        yield from self._held.get((family_id, child_id, product_id), ())
        if child_id is not None:
            yield from self._held.get((family_id, None, product_id), ())


def cards_plan(actor: Actor, saids: Sequence[Said], *, day: date) -> Plan:
    """What these lines would do now; a fixed number of queries."""
    planning = Cards(names_of(actor, saids, products=False, day=day))
    return plan_of(saids, planning.about, planning.planned, lambda said: said.activity)


def cards_write(actor: Actor, saids: Sequence[Said], *, day: date, now: datetime) -> Plan:
    """Give them, under the locks of their homes. Joins the caller's transaction."""
    homes_locked({one.family_id for one in cards_plan(actor, saids, day=day).planned})
    found = cards_plan(actor, saids, day=day)
    new = found.of(Fate.NEW)
    rows = []
    for one in new:
        row, _label = one.row
        row.given_at, row.given_by = now, actor.label[:150]
        rows.append(row)
    EntryCard.objects.bulk_create(rows)
    acts = [
        Act(
            CARD_GIVEN,
            Subject("person", one.child_id, f"{one.row[1]} · {one.about.label}"),
            one.family_id,
            {"entries": one.said.entries},
        )
        for one in new
    ]
    record_many(actor=actor, acts=acts, now=now)
    return found


def cards_here(keys: Iterable[SumKey]) -> Mapping[SumKey, int]:
    """Cards that run and their entries, by activity; one query."""
    wanted = list(keys)
    ids = {about.id for about, _month, _measure in wanted} - {None}
    rows = EntryCard.objects.filter(enrolment__activity__in=ids, ended_at=None).order_by()
    counts: dict[tuple[int | None, Measure], int] = {}
    for row in rows.values("enrolment__activity_id").annotate(cards=Count("pk"), left=Sum("entries")):
        counts[row["enrolment__activity_id"], Measure.CARDS] = row["cards"]
        counts[row["enrolment__activity_id"], Measure.ENTRIES] = row["left"]
    return {key: counts.get((key[0].id, key[2]), 0) for key in wanted}


def subscriptions_plan(actor: Actor, saids: Sequence[Said], *, day: date) -> Plan:
    """What these lines would do now; a fixed number of queries."""
    planning = Subscriptions(names_of(actor, saids, products=True, day=day))
    return plan_of(saids, planning.about, planning.planned, lambda said: said.activity)


def subscriptions_write(actor: Actor, saids: Sequence[Said], *, day: date, now: datetime) -> Plan:
    """Note them, from their true first day, under the locks of their authorities and homes. Joins the
    caller's transaction."""
    first = subscriptions_plan(actor, saids, day=day)
    for authority_id in sorted({one.row.product.authority_id for one in first.planned}):
        authority_locked(actor, authority_id)
    homes_locked({one.family_id for one in first.planned})
    found = subscriptions_plan(actor, saids, day=day)
    new = found.of(Fate.NEW)
    for one in new:
        one.row.noted_at, one.row.noted_by = now, actor.label[:150]
    rows = Subscription.objects.bulk_create([one.row for one in new])
    acts = [Act(TAKEN, Subject("subscription", row.pk, row.product.name), row.family_id) for row in rows]
    record_many(actor=actor, acts=acts, now=now)
    return found


def subscriptions_here(keys: Iterable[SumKey]) -> Mapping[SumKey, int]:
    """How many there are, by product; one query."""
    wanted = list(keys)
    ids = {about.id for about, _month, _measure in wanted} - {None}
    rows = Subscription.objects.filter(product__in=ids).order_by().values_list("product")
    counts = dict(rows.annotate(Count("pk")))
    return {key: counts.get(key[0].id, 0) for key in wanted}
