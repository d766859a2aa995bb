"""What a cell of the planning says of how much may be booked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from marelle.activities.bounds import Each, Unit
from marelle.bookings.bounds import days_counted, overs
from marelle.bookings.cells import Cell, Context, cell_state
from marelle.bookings.rules import Opening, Place, Why
from tests.bookings.bounded import THURSDAY, WEEKLY, bounded, week
from tests.bookings.facts import MEAL, MORNING, NOW, TOO_LATE, WEDNESDAY, ZOE, Ledger, place, stay


def shown(on: Opening, held: list[tuple[Opening, Place]], now=NOW, adds=(), **context):
    rows = [(ZOE, other, one) for other, one in held]
    found = overs((ZOE, on), [(ZOE, on), *((ZOE, one) for one in adds)], rows)
    return cell_state(on, None, None, Context(stay(), overs=found, **context), now)


def test_a_cell_says_that_nothing_more_may_be_booked():
    _ledger, (here, there, _friday) = week(WEEKLY)
    state = shown(there, [(here, place(here, mine=False))])
    assert (state.cell, state.why, state.editable) == (Cell.NOT_OFFERED, Why.AT_MOST, False)
    assert state.reached.bound is WEEKLY


def test_a_cell_stays_open_in_exchange_for_what_can_be_given_back():
    _ledger, (here, there, _friday) = week(WEEKLY)
    free = shown(there, [])
    assert (free.cell, free.reached) == (Cell.FREE, None)
    state = shown(there, [(here, place(here))])
    assert (state.cell, state.editable, state.reached.count) == (Cell.FREE, True, 2)
    locked = shown(there, [(here, place(here))], now=TOO_LATE)
    assert (locked.cell, locked.why) == (Cell.NOT_OFFERED, Why.AT_MOST)
    full = shown(there, [(here, place(here))], full=True)
    assert (full.cell, full.editable, full.reached.count) == (Cell.FULL, True, 2)


def test_a_day_is_given_back_whole_and_so_is_a_bundle():
    of = bounded(WEEKLY)
    ledger = Ledger()
    morning, meal = ledger.open(MORNING, of=of), ledger.open(MEAL, of=of)
    there = ledger.open(MORNING, of=of, day=THURSDAY)
    kept = [(morning, place(morning)), (meal, place(meal, pk=2, mine=False))]
    assert shown(there, kept).why is Why.AT_MOST
    assert shown(there, [(morning, place(morning)), (meal, place(meal, pk=2))]).editable
    ledger, (here, near, far) = week(replace(WEEKLY, n=2, unit=Unit.SLOTS))
    here, near = replace(here, bundle_id=1), replace(near, bundle_id=1)
    assert shown(far, [(here, place(here)), (near, place(near, pk=2))]).editable
    assert shown(far, [(here, place(here, mine=False)), (near, place(near, pk=2))]).why is Why.AT_MOST


def test_as_much_as_is_too_much_has_to_be_given_back():
    _ledger, (here, near, far) = week(WEEKLY, bundle_id=1)
    other = replace(here, id=9, bundle_id=None, day=WEDNESDAY - timedelta(days=1))
    assert shown(near, [(other, place(other))], adds=[far]).why is Why.AT_MOST
    two = replace(WEEKLY, n=2)
    _ledger, (here, near, far) = week(two, bundle_id=1)
    other = replace(other, activity=here.activity)
    assert shown(near, [(other, place(other))], adds=[here, far]).why is Why.AT_MOST
    assert shown(near, [(other, place(other))], adds=[far]).editable


def test_the_days_read_are_those_of_every_span_touched():
    _ledger, (here, *_others) = week(WEEKLY, replace(WEEKLY, each=Each.MONTH))
    assert days_counted([here]) == (date(2026, 9, 1), date(2026, 9, 30))
    assert days_counted([]) is None
    _ledger, (here, *_others) = week()
    assert days_counted([here]) is None
    _ledger, (here, *_others) = week(replace(WEEKLY, until=WEDNESDAY - timedelta(days=1)))
    assert days_counted([here]) is None
