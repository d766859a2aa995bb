"""The work of runs, a batch at a time: by the worker, or by whoever calls; any number of them may.

A preview prices outside of any transaction, and keeps what it found in a short one. Issuing prices nothing:
under the locks of the homes it looks whether the facts are those of the preview, and writes what was kept.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from time import monotonic
from typing import Final

from django.db import transaction
from django.db.models import Count, Exists, Min, OuterRef, QuerySet

from marelle.activities.models import Opening
from marelle.attendance.models import Call
from marelle.billing.bill_lines import WrittenLine, bill_lines, owed_by
from marelle.billing.bill_words import written
from marelle.billing.doubts import DoubtCode, unlike_before
from marelle.billing.due import Charge, Covered, Item
from marelle.billing.models import BillingRun, Invoice, Share
from marelle.billing.runs.issuing import assessments_issue, ready, run_end, run_issuing, to_issue
from marelle.billing.runs.previewing import (
    NewAssessment,
    NewDoubt,
    NewMonth,
    NewTotal,
    Party,
    preview_end,
    preview_keep,
    to_preview,
    waiting_shares,
)
from marelle.billing.runs.refusals import RunRefused
from marelle.billing.runs.services import NewRun, run_cancel, run_start, terms_held
from marelle.billing.terms import Terms, months_back, terms_of
from marelle.bookings.models import Booking
from marelle.bookings.states import TAKEN, BookingState
from marelle.core.actor import Actor
from marelle.core.clock import local, running
from marelle.core.money import ZERO
from marelle.core.quiet import quiet_now
from marelle.core.refusals import NotYours
from marelle.core.uncollected import uncollected
from marelle.families.locks import homes_locked, people_locked
from marelle.families.models import Family, Member, Residence
from marelle.families.services import file_to_write
from marelle.flows.bills.assessing import HomeAssessed, Scope, home_assessed, unknown_months
from marelle.flows.bills.coverages import parties_of
from marelle.flows.bills.facts import HomeFacts, homes_facts, months_looked_at
from marelle.flows.bills.homes import homes_to_bill
from marelle.flows.bills.known import items_billed, months_known, spent_before, usual_totals
from marelle.flows.bills.pacing import Pace
from marelle.flows.prices.reading import There, seen_of_nobody
from marelle.flows.prices.situations import Situation
from marelle.flows.prices.spans import Days, month_of, months_in
from marelle.places.scope import in_office
from marelle.pricing.lines import StepCode
from marelle.pricing.memo import Memo
from marelle.pricing.selectors import book_of

logger = logging.getLogger(__name__)

PREVIEWED_AT_ONCE: Final = 100
"""Homes of one transaction, before most of which nothing is locked."""

ROUND_SECONDS: Final = 10.0
"""After so long the worker sees to its other work before it goes on."""


def bills_run(*, actor: Actor, authority_id: int, new: NewRun, now: datetime) -> BillingRun:
    """Begin the bills of a month. Raises as `run_start`."""
    homes = homes_to_bill(authority_id, _days(authority_id, new.month))
    return run_start(actor=actor, authority_id=authority_id, new=new, family_ids=homes, now=now)


def bill_correct(*, actor: Actor, invoice_id: int, reason: str, now: datetime) -> BillingRun:
    """Look at once again at the month of a bill made here, for its home alone: the run that would send what
    is due less what is billed, a further bill or a credit note, is there to be looked at.

    Raises NotYours, NotAllowed, HomeGone, or RunRefused: ("by_file") for what came by a file, ("same")
    where nothing has changed, ("small") where what has changed waits for the next bill.
    """
    bills = Invoice.objects.filter(in_office(actor, "authority__"), cancelled_on=None)
    bills = bills.exclude(kind=Invoice.Kind.CREDIT).select_related("run")
    bill = bills.filter(pk=invoice_id).first()
    if bill is None:
        raise NotYours
    if bill.run is None:
        raise RunRefused("by_file")
    shares = bill.shares.order_by("pk").values_list("assessment__family_id", flat=True)
    family_id = shares.first() or bill.family_id
    with transaction.atomic():
        file_to_write(actor, family_id)
        new = NewRun(
            month=bill.month,
            cutoff=bill.run.cutoff,
            issued_on=local(now).date(),
            structure_ids=frozenset(bill.run.structures.values_list("pk", flat=True)),
            corrects=bill.pk,
            reason=reason,
        )
        run = run_start(actor=actor, authority_id=bill.authority_id, new=new, family_ids=[family_id], now=now)
    run_advance(run, now=now)
    run_advance(run, now=now)
    run.refresh_from_db()
    states = set(Share.objects.filter(assessment__run=run).values_list("state", flat=True))
    if run.state == BillingRun.State.PREVIEWED and Share.State.READY not in states:
        run_cancel(actor=actor, run_id=run.pk, now=now)
        raise RunRefused("small" if Share.State.WAITING in states else "same")
    return run


def runs_advance(*, now: datetime) -> int:
    """Each run that goes on, batch after batch, for a while; for the worker. Returns how many homes were
    looked at."""
    at, started, done, pace = running(now), monotonic(), 0, Pace()
    for run in BillingRun.objects.working().order_by("pk"):
        there = There(run.authority_id) if run.state == BillingRun.State.PREVIEWING else None
        while batch := run_advance(run, there, pace, now=at()):
            done += batch
            if monotonic() - started > ROUND_SECONDS:
                return done
            if run.state == BillingRun.State.ISSUING:
                pace.rest()
    return done


@uncollected()
def run_advance(
    run: BillingRun, there: There | None = None, pace: Pace | None = None, *, now: datetime
) -> int:
    """One batch of it; `there` and `pace` are kept from one to the next."""
    pace = pace or Pace()
    if run.state == BillingRun.State.PREVIEWING:
        return _preview(run, there or There(run.authority_id), pace, now)
    return _issue(run, pace, now)


def _preview(run: BillingRun, there: There, pace: Pace, now: datetime) -> int:
    waiting = to_preview(run.pk, PREVIEWED_AT_ONCE)
    if not waiting:
        preview_end(run_id=run.pk, doubts=_run_doubts(run), now=now)
        return 0
    places = {family_id: place for place, family_id in waiting}
    terms = terms_of(run.month, terms_held(run.authority_id))
    found = list(_assessed(run, there, terms, places))
    kept, left = 0, sorted(places.values())
    while left:
        some, left = left[: pace.kept], left[pace.kept :]
        own = [one for one in found if some[0] <= one.place <= some[-1]]
        done = preview_keep(
            run_id=run.pk,
            places=some,
            found=own,
            totals=_totals(item for one in own for item in one.items),
            threshold=terms.threshold,
        )
        if not done:
            break
        kept += done
        pace.rest()
    return kept


def _issue(run: BillingRun, pace: Pace, now: datetime) -> int:
    """What is read before the lock stands where nobody has written since; else it is read under it."""
    waiting = dict(to_issue(run.pk, pace.homes))
    if not waiting:
        run_end(run_id=run.pk, now=now)
        return 0
    if not pace.is_beside and (quiet := quiet_now()) is not None:
        facts = _facts_now(run, waiting.values())
        with pace.holding(), transaction.atomic():
            homes = _homes_held(waiting.values())
            if quiet.holds():
                return _issued(run, waiting, homes, facts, now)
    pace.disturbed()
    waiting = dict(islice(waiting.items(), pace.homes))
    with pace.holding(), transaction.atomic():
        homes = _homes_held(waiting.values())
        return _issued(run, waiting, homes, _facts_now(run, homes), now)


def _homes_held(family_ids: Collection[int]) -> set[int]:
    """Those that are still there, locked with their children until the transaction ends."""
    homes = {home.pk for home in homes_locked(set(family_ids)) if home.erased_at is None}
    people_locked(Member.objects.filter(family__in=homes, kind=Member.Kind.CHILD).values("person_id"))
    return homes


def _issued(
    run: BillingRun,
    waiting: Mapping[int, int],
    homes: Collection[int],
    facts: Mapping[int, HomeFacts],
    now: datetime,
) -> int:
    """`waiting`: the homes of the assessments whose turn it is; `homes`, those of them that are held."""
    held = run_issuing(run.pk)
    if held is None:
        return 0
    rows = ready(held, waiting)
    changed = {
        row.family_id
        for row in rows
        if row.family_id not in homes or facts[row.family_id].digest != row.digest
    }
    assessments_issue(run=held, rows=rows, changed=changed, now=now)
    if changed:
        logger.info("Billing run %s: %s homes have changed and are left out", run.pk, len(changed))
    return len(rows)


def _facts_now(run: BillingRun, family_ids: Collection[int]) -> dict[int, HomeFacts]:
    """As they are, openings too: one that has changed since a preview read it has its home left out."""
    return _facts(run, There(run.authority_id, anew=True), family_ids)


def _facts(run: BillingRun, there: There, family_ids: Collection[int]) -> dict[int, HomeFacts]:
    return homes_facts(book_of(run.authority_id), there, family_ids, _days_of(run))


def _days(authority_id: int, month: date) -> Days:
    """All that is looked at with a month."""
    return months_looked_at(month, months_back(month, terms_held(authority_id)))


def _days_of(run: BillingRun) -> Days:
    """A correction is of its month alone."""
    return month_of(run.month) if run.is_correction else _days(run.authority_id, run.month)


def _scope(run: BillingRun) -> Scope:
    ids = frozenset(run.structures.values_list("pk", flat=True))
    return Scope(ids or None, run.cutoff)


def _assessed(
    run: BillingRun, there: There, terms: Terms, places: Mapping[int, int]
) -> Iterator[NewAssessment]:
    """Of the homes that have something to keep."""
    authority_id, scope = run.authority_id, _scope(run)
    memo = Memo(book_of(authority_id))
    facts = _facts(run, there, places)
    months = [first for first, _last in months_in(_days_of(run))]
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
    spent = spent_before(authority_id, facts)
    waiting: dict[int, set[Party]] = defaultdict(set)
    for family_id, party in waiting_shares(authority_id, places) if not run.is_correction else ():
        waiting[family_id].add(party)
    billed_already = {family_id for family_id, them in known.items() if run.month in them}
    about = _About(run, places, [one.situation for one in facts.values()], billed_already)
    for family_id, one in facts.items():
        found = home_assessed(
            memo,
            one,
            scope,
            unknown[family_id],
            billed.get(family_id, ()),
            spent.get(family_id, {}),
            by_hand=run.is_correction,
        )
        waited = waiting.get(family_id, set())
        left = found.gaps or found.unread or found.settled
        if found.items or left or waited or (found.months and family_id in known):
            yield about.assessment(one, found, waited, by_regie=terms.by_regie)


class _About:
    """What is said of homes beside what they owe, read for all of them at once."""

    def __init__(
        self,
        run: BillingRun,
        places: Mapping[int, int],
        situations: Collection[Situation],
        billed: Collection[int],
    ) -> None:
        """`billed`: the homes that the month of the run was billed to already."""
        self.run, self.places = run, places
        self.usual = usual_totals(run.authority_id, places, run.month)
        self.parties, self.payers = parties_of(run.authority_id, places)
        self.billed = billed
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
        self, facts: HomeFacts, found: HomeAssessed, waited: Collection[Party], *, by_regie: bool
    ) -> NewAssessment:
        shares = self._shares(facts, found.items, by_regie=by_regie)
        for party in waited:
            shares.setdefault(party, ())
        return NewAssessment(
            place=self.places[facts.family_id],
            digest=found.digest,
            items=found.items,
            months=tuple(NewMonth(one.first, one.digest, one.scope, one.amount) for one in found.months),
            shares=shares,
            doubts=tuple(self._doubts(facts, found)),
            flush=facts.family_id in self.left,
        )

    def _shares(
        self, facts: HomeFacts, items: Sequence[Item], *, by_regie: bool
    ) -> dict[Party, tuple[WrittenLine, ...]]:
        """The home's own bill first, then those of who pays a part."""
        slots = {slot_id: activity.slots[slot_id].name for slot_id, activity in facts.activities.items()}
        activities = {activity.id: activity.name for activity in facts.activities.values()}
        found: dict[Party, list[Item | Covered]] = defaultdict(list)
        for coverage_ids, party in self._owing(items):
            for one in owed_by(items, coverage_ids):
                found[party._replace(regie=one.ledger.regie if by_regie else "")].append(one)
        return {
            party: tuple(written(line, slots, activities, self.payers) for line in bill_lines(them))
            for party, them in sorted(found.items(), key=lambda one: (not one[0].is_home, str(one[0])))
        }

    def _owing(self, items: Iterable[Item]) -> Iterator[tuple[Collection[int] | None, Party]]:
        """The home, then each who pays for it, with the coverages by which it does."""
        yield None, Party()
        by_party: dict[Party, set[int]] = defaultdict(set)
        for account in {account for item in items for account, _amount in item.accounts}:
            if account.coverage_id is not None:
                by_party[self.parties[account.coverage_id]].add(account.coverage_id)
        yield from ((ids, party) for party, ids in by_party.items())

    def _doubts(self, facts: HomeFacts, found: HomeAssessed) -> Iterator[NewDoubt]:
        for code, child_id, day in found.doubts:
            yield NewDoubt(code, child_id, day=day)
        for child_id in sorted(facts.situation.child_ids & self.of_nobody.keys()):
            yield NewDoubt(DoubtCode.NOBODY, child_id, day=self.of_nobody[child_id])
        if not (self.run.is_correction or found.unread):
            yield from self._unusual(facts, found)
        if found.items and facts.family_id not in self.housed:
            yield NewDoubt(DoubtCode.NO_ADDRESS)

    def _unusual(self, facts: HomeFacts, found: HomeAssessed) -> Iterator[NewDoubt]:
        """What is left of a month that was billed already is like no other."""
        if found.total < 0:
            yield NewDoubt(DoubtCode.NEGATIVE)
        if facts.family_id in self.billed:
            return
        unlike = unlike_before(found.total, self.usual.get(facts.family_id, ()))
        if unlike is not None:
            yield NewDoubt(unlike)


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
    """By structure, calls that nobody has closed, and what was asked and nobody answered."""
    booked = Booking.objects.filter(opening=OuterRef("pk"), state__in=TAKEN)
    days = {"day__gte": run.month, "day__lte": run.cutoff}
    calls = Opening.objects.filter(Exists(booked), **days).exclude(call__state=Call.State.CLOSED)
    asked = Booking.objects.filter(state=BookingState.REQUESTED, **days)
    for code, rows, to in (
        (DoubtCode.OPEN_CALL, calls, "activity__structure"),
        (DoubtCode.UNANSWERED, asked, "opening__activity__structure"),
    ):
        yield from _by_structure(run, code, rows, to)


def _by_structure(
    run: BillingRun, code: DoubtCode, rows: QuerySet[Opening] | QuerySet[Booking], to: str
) -> Iterator[NewDoubt]:
    """How many of these rows each structure of the run has, which `to` leads to, and since when."""
    rows = rows.filter(**{f"{to}__authority_id": run.authority_id})
    structures = run.structures.values_list("pk", flat=True)
    if structures:
        rows = rows.filter(**{f"{to}__in": structures})
    counted = rows.order_by().values(to).annotate(n=Count("pk"), first=Min("day"))
    for structure_id, number, first in counted.values_list(to, "n", "first"):
        yield NewDoubt(code, structure_id=structure_id, day=first, number=number)
