"""An exercise closed while bills of it are begun or issued: never a bill in a closed one."""

from __future__ import annotations

import time
from datetime import date, datetime

import pytest

from marelle.billing.accounting.closings import ClosingRefused
from marelle.billing.models import BillingRun, ExerciseClosing, Invoice, LeftToRecover
from marelle.billing.runs.services import run_confirm
from marelle.core.clock import PARIS
from marelle.flows.bills.closing import exercise_close, to_close
from marelle.flows.bills.working import bills_run, run_advance
from tests.flows.bills.billed import FIRST, SECOND, Billed
from tests.pricing.sheets import MORNING
from tests.races.together import PATIENCE, together_or_errors

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2027, 1, 20, 9, tzinfo=PARIS)


class Ending(Billed):
    """A home with a bill of the exercise, and something more to bill of the same month."""

    def __init__(self) -> None:
        super().__init__("wednesdays")
        self.durand = self.home("Durand")
        self.quotient(self.durand, "400")
        self.zoe = self.enrols(self.durand, "Zoé")
        self.books(self.zoe, FIRST, MORNING)
        self.bills()
        self.books(self.zoe, SECOND, MORNING)

    def begins(self) -> BillingRun:
        new = self.new(issued_on=NOW.date())
        return bills_run(actor=self.bursar, authority_id=self.the_authority.pk, new=new, now=NOW)

    def seen(self) -> str:
        return to_close(self.the_authority.pk, 2026, NOW.date()).seen

    def closes(self, seen: str) -> ExerciseClosing:
        return exercise_close(
            actor=self.bursar, authority_id=self.the_authority.pk, exercise=2026, seen=seen, now=NOW
        )

    def issues(self, run: BillingRun) -> None:
        run_confirm(actor=self.bursar, run_id=run.pk, now=NOW)
        for _batch in range(3):
            run.refresh_from_db()
            run_advance(run, now=NOW)

    def bills_and_rows(self) -> tuple[int, int]:
        """How many bills the exercise has, and how many of them its closing knows: none of them is paid."""
        bills = Invoice.objects.filter(run__exercise=2026).count()
        return bills, LeftToRecover.objects.count()


@pytest.mark.parametrize("attempt", range(4))
def test_bills_begun_while_it_is_closed_are_of_the_next_exercise_or_keep_it_open(attempt: int) -> None:
    world = Ending()
    seen = world.seen()
    begun, closed = together_or_errors([world.begins, lambda: world.closes(seen)])
    assert isinstance(begun, BillingRun)
    if isinstance(closed, ClosingRefused):
        assert (closed.code, begun.exercise) == ("open", 2026)
    else:
        assert isinstance(closed, ExerciseClosing)
        assert begun.exercise == 2027
    world.issues(world.works(begun))
    bills, rows = world.bills_and_rows()
    assert bills == (rows if ExerciseClosing.objects.exists() else 2)


@pytest.mark.parametrize("attempt", range(4))
def test_bills_issued_while_it_is_closed_are_in_what_is_frozen_or_keep_it_open(attempt: int) -> None:
    world = Ending()
    run = world.works(world.begins())
    seen = world.seen()

    def closes() -> ExerciseClosing:
        """Again and again, as who reads the page again."""
        shown, until = seen, time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                return world.closes(shown)
            except ClosingRefused:
                shown = world.seen()
                time.sleep(0.01)  # on SQLite one writes at a time: the bills want their turn
        raise AssertionError("It is never closed.")

    answers = together_or_errors([lambda: world.issues(run), closes])
    assert not [one for one in answers if isinstance(one, Exception)]
    assert world.bills_and_rows() == (2, 2)
    assert Invoice.objects.filter(run__exercise=2026, month=date(2026, 11, 1)).count() == 2
