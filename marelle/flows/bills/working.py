"""The work of runs, a batch at a time: by the worker, or by whoever calls; any number of them may.

A preview prices outside of any transaction, and keeps what it found in a short one. Issuing prices nothing:
under the locks of the homes it looks whether the facts are those of the preview, and writes what was kept.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from time import monotonic, sleep
from typing import Final

from django.db import connection, transaction
from django.db.models import Count, Exists, Min, OuterRef

from marelle.activities.models import Opening
from marelle.attendance.models import Call
from marelle.billing.bill_lines import WrittenLine, bill_lines
from marelle.billing.bill_words import written
from marelle.billing.doubts import DoubtCode, unlike_before
from marelle.billing.due import Charge, Item
from marelle.billing.models import BillingRun
from marelle.billing.runs.issuing import assessments_issue, ready, run_end, run_issuing, to_issue
from marelle.billing.runs.previewing import (
    NewAssessment,
    NewDoubt,
    NewMonth,
    NewTotal,
    preview_end,
    preview_keep,
    to_preview,
    waiting_shares,
)
from marelle.billing.runs.services import NewRun, run_start, terms_held
from marelle.billing.terms import Terms, months_back, terms_of
from marelle.bookings.models import Booking
from marelle.bookings.states import TAKEN
from marelle.core.actor import Actor
from marelle.core.clock import running
from marelle.core.money import ZERO
from marelle.families.locks import homes_locked, people_locked
from marelle.families.models import Family, Member, Residence
from marelle.flows.bills.assessing import HomeAssessed, Scope, home_assessed, unknown_months
from marelle.flows.bills.facts import HomeFacts, homes_facts, months_looked_at
from marelle.flows.bills.homes import homes_to_bill
from marelle.flows.bills.known import items_billed, months_known, usual_totals
from marelle.flows.prices.reading import There, seen_of_nobody
from marelle.flows.prices.situations import Situation
from marelle.flows.prices.spans import Days, month_of, months_in
from marelle.pricing.lines import StepCode
from marelle.pricing.memo import Memo
from marelle.pricing.selectors import tariff_books
from marelle.pricing.tariffs import TariffBook

logger = logging.getLogger(__name__)

PREVIEWED_AT_ONCE: Final = 100
ISSUED_AT_ONCE: Final = 25
"""Homes of one transaction, which nobody else writes about meanwhile."""

REST_SECONDS: Final = 0.025
"""Between two of them on SQLite, where one writes at a time: who waits for it asks again that often."""

ROUND_SECONDS: Final = 10.0
"""After so long the worker sees to its other work before it goes on."""

NO_TARIFFS: Final = TariffBook(())


def bills_run(*, actor: Actor, authority_id: int, new: NewRun, now: datetime) -> BillingRun:
    """Begin the bills of a month. Raises as `run_start`."""
    homes = homes_to_bill(authority_id, _days(authority_id, new.month))
    return run_start(actor=actor, authority_id=authority_id, new=new, family_ids=homes, now=now)


def runs_advance(*, now: datetime) -> int:
    """Each run that goes on, batch after batch, for a while; for the worker. Returns how many homes were
    looked at."""
    at, started, done = running(now), monotonic(), 0
    for run in BillingRun.objects.working().order_by("pk"):
        there = There(run.authority_id)
        while batch := run_advance(run, there, now=at()):
            done += batch
            if monotonic() - started > ROUND_SECONDS:
                return done
            if connection.vendor == "sqlite":
                sleep(REST_SECONDS)
    return done


def run_advance(run: BillingRun, there: There | None = None, *, now: datetime) -> int:
    """One batch of it; `there` is kept from one to the next."""
    work = _preview if run.state == BillingRun.State.PREVIEWING else _issue
    return work(run, there or There(run.authority_id), now)


def _preview(run: BillingRun, there: There, now: datetime) -> int:
    waiting = to_preview(run.pk, PREVIEWED_AT_ONCE)
    if not waiting:
        preview_end(run_id=run.pk, doubts=_run_doubts(run), now=now)
        return 0
    places = {family_id: place for place, family_id in waiting}
    terms = terms_of(run.month, terms_held(run.authority_id))
    found = list(_assessed(run, there, terms, places))
    return preview_keep(
        run_id=run.pk,
        places=places.values(),
        found=found,
        totals=_totals(item for one in found for item in one.items),
        threshold=terms.threshold,
    )


def _issue(run: BillingRun, there: There, now: datetime) -> int:
    waiting = dict(to_issue(run.pk, ISSUED_AT_ONCE))
    if not waiting:
        run_end(run_id=run.pk, now=now)
        return 0
    with transaction.atomic():
        homes = {home.pk for home in homes_locked(set(waiting.values())) if home.erased_at is None}
        people_locked(Member.objects.filter(family__in=homes, kind=Member.Kind.CHILD).values("person_id"))
        facts = _facts(run, there, homes)
        held = run_issuing(run.pk)
        if held is None:
            return 0
        rows = ready(held, waiting)
        changed = {
            row.family_id
            for row in rows
            if row.family_id not in facts or facts[row.family_id].digest != row.digest
        }
        assessments_issue(run=held, rows=rows, changed=changed, now=now)
    if changed:
        logger.info("Billing run %s: %s homes have changed and are left out", run.pk, len(changed))
    return len(rows)


def _facts(run: BillingRun, there: There, family_ids: Collection[int]) -> dict[int, HomeFacts]:
    days = _days(run.authority_id, run.month)
    return homes_facts(_book(run.authority_id), there, family_ids, days)


def _days(authority_id: int, month: date) -> Days:
    """All that is looked at with a month."""
    return months_looked_at(month, months_back(month, terms_held(authority_id)))


def _book(authority_id: int) -> TariffBook:
    return tariff_books().get(authority_id, NO_TARIFFS)


def _scope(run: BillingRun) -> Scope:
    ids = frozenset(run.structures.values_list("pk", flat=True))
    return Scope(ids or None, run.cutoff)


def _assessed(
    run: BillingRun, there: There, terms: Terms, places: Mapping[int, int]
) -> Iterator[NewAssessment]:
    """Of the homes that have something to keep."""
    authority_id, scope = run.authority_id, _scope(run)
    memo = Memo(_book(authority_id))
    facts = _facts(run, there, places)
    months = [first for first, _last in months_in(_days(authority_id, run.month))]
    known = months_known(authority_id, places, months)
    unknown = {
        family_id: unknown_months(one, scope, known.get(family_id, {})) for family_id, one in facts.items()
    }
    again = {
        family_id
        for family_id, them in unknown.items()
        if any(month.first in known.get(family_id, {}) for month in them)
    }
    billed = items_billed(authority_id, again, months) if again else {}
    regies: dict[int, set[str]] = defaultdict(set)
    for family_id, regie in waiting_shares(authority_id, places):
        regies[family_id].add(regie)
    about = _About(run, places, [one.situation for one in facts.values()])
    for family_id, one in facts.items():
        found = home_assessed(memo, one, scope, unknown[family_id], billed.get(family_id, ()))
        waited = regies.get(family_id, set())
        if found.items or found.gaps or waited or (found.months and family_id in known):
            yield about.assessment(one, found, waited, by_regie=terms.by_regie)


class _About:
    """What is said of homes beside what they owe, read for all of them at once."""

    def __init__(self, run: BillingRun, places: Mapping[int, int], situations: Collection[Situation]) -> None:
        self.run, self.places = run, places
        self.usual = usual_totals(run.authority_id, places, run.month)
        lived = Residence.objects.filter(family_id__in=places, since__lte=run.issued_on)
        self.housed = set(lived.exclude(street="").values_list("family_id", flat=True))
        self.left = set(
            Family.objects.filter(pk__in=places, left_on__lte=run.issued_on).values_list("pk", flat=True)
        )
        self.of_nobody = self._of_nobody(situations)

    def _of_nobody(self, situations: Collection[Situation]) -> Mapping[int, date]:
        """By child seen without a booking on a day of none of its homes, the first day."""
        children = {pk for one in situations for pk in one.child_ids}
        found: dict[int, date] = {}
        for child_id, opening in seen_of_nobody(children, month_of(self.run.month)):
            if opening.activity.authority_id == self.run.authority_id:
                found[child_id] = min(opening.day, found.get(child_id, opening.day))
        return found

    def assessment(
        self, facts: HomeFacts, found: HomeAssessed, regies: Collection[str], *, by_regie: bool
    ) -> NewAssessment:
        shares = _shares(facts, found.items, by_regie=by_regie)
        for regie in regies:
            shares.setdefault(regie, ())
        return NewAssessment(
            place=self.places[facts.family_id],
            digest=found.digest,
            items=found.items,
            months=tuple(NewMonth(one.first, one.digest, one.scope, one.amount) for one in found.months),
            shares=shares,
            doubts=tuple(self._doubts(facts, found)),
            flush=facts.family_id in self.left,
        )

    def _doubts(self, facts: HomeFacts, found: HomeAssessed) -> Iterator[NewDoubt]:
        for code, child_id, day in found.doubts:
            yield NewDoubt(code, child_id, day=day)
        for child_id in sorted(facts.situation.child_ids & self.of_nobody.keys()):
            yield NewDoubt(DoubtCode.NOBODY, child_id, day=self.of_nobody[child_id])
        if found.total < 0:
            yield NewDoubt(DoubtCode.NEGATIVE)
        unlike = unlike_before(found.total, self.usual.get(facts.family_id, ()))
        if unlike is not None:
            yield NewDoubt(unlike)
        if found.items and facts.family_id not in self.housed:
            yield NewDoubt(DoubtCode.NO_ADDRESS)


def _shares(facts: HomeFacts, items: Sequence[Item], *, by_regie: bool) -> dict[str, tuple[WrittenLine, ...]]:
    slots = {slot_id: activity.slots[slot_id].name for slot_id, activity in facts.activities.items()}
    activities = {activity.id: activity.name for activity in facts.activities.values()}
    of_regie: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        of_regie[item.ledger.regie if by_regie else ""].append(item)
    return {
        regie: tuple(written(line, slots, activities) for line in bill_lines(them))
        for regie, them in sorted(of_regie.items())
    }


def _totals(items: Iterator[Item]) -> Iterator[NewTotal]:
    """By structure, activity, account and bracket."""
    found: dict[tuple[int | None, int | None, str, str], list[Decimal]] = {}
    for item in items:
        key = item.structure_id, item.place.activity_id, item.ledger.account, _bracket(item)
        sums = found.setdefault(key, [ZERO, ZERO])
        sums[0] += item.line.quantity if isinstance(item, Charge) else ZERO
        sums[1] += item.amount
    for (structure_id, activity_id, account, bracket), (quantity, amount) in found.items():
        yield NewTotal(structure_id, activity_id, account, bracket, quantity, amount)


def _bracket(item: Item) -> str:
    """The bounds of the bracket that priced it; "" where none did."""
    if not isinstance(item, Charge):
        return ""
    step = next((one for one in item.line.steps if one.code is StepCode.BRACKET), None)
    if step is None:
        return ""
    since, until = step.data.get("since"), step.data.get("until")
    return f"{since}-{until or ''}"


def _run_doubts(run: BillingRun) -> Iterator[NewDoubt]:
    """Calls that nobody has closed, by structure."""
    booked = Booking.objects.filter(opening=OuterRef("pk"), state__in=TAKEN)
    rows = Opening.objects.filter(
        Exists(booked),
        activity__structure__authority_id=run.authority_id,
        day__gte=run.month,
        day__lte=run.cutoff,
    ).exclude(call__state=Call.State.CLOSED)
    structures = run.structures.values_list("pk", flat=True)
    if structures:
        rows = rows.filter(activity__structure__in=structures)
    counted = rows.order_by().values("activity__structure_id").annotate(n=Count("pk"), first=Min("day"))
    for structure_id, number, first in counted.values_list("activity__structure_id", "n", "first"):
        yield NewDoubt(DoubtCode.OPEN_CALL, structure_id=structure_id, day=first, number=number)
