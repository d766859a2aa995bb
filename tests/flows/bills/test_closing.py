"""An exercise is closed once nothing keeps it open: it is frozen, and no bill enters it any more."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from marelle.billing.accounting.closing_rules import Point
from marelle.billing.accounting.closings import ClosingRefused, closing_of, exercise_reopen
from marelle.billing.accounting.frozen import draft_frozen, open_frozen
from marelle.billing.imports.services import import_prepare, import_report
from marelle.billing.models import (
    BillingRun,
    ExerciseClosing,
    ImportRun,
    StrayPayment,
    TresorTerms,
)
from marelle.billing.paid import Means
from marelle.billing.payments import NewPayment, payments_add
from marelle.billing.runs.services import run_cancel
from marelle.core.actor import Actor, Power, Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.flows.bills.closing import exercise_close, to_close
from marelle.flows.bills.working import bill_correct, bills_run
from marelle.journal.models import Entry
from marelle.places.models import Structure
from tests.billing.files import csv_of, upload
from tests.flows.bills.billed import FIRST, NOW, Billed
from tests.flows.bills.test_runs import home_of
from tests.pricing.sheets import MORNING
from tests.standing import built_once

pytestmark = pytest.mark.django_db

IN_JANUARY = datetime(2027, 1, 20, 9, tzinfo=PARIS)
IN_MARCH = datetime(2027, 3, 2, 9, tzinfo=PARIS)
ADMINISTRATOR = Actor(None, "Agnès", powers=frozenset({Power(Role.ADMINISTRATOR)}))


class Closed(Billed):
    """A bill of November, of 5.50 €."""

    def __init__(self) -> None:
        super().__init__("wednesdays")
        self.home, self.zoe = home_of(self)
        self.books(self.zoe, FIRST, MORNING)
        [self.bill] = self.bills()

    def pays(self, amount: str, on: date) -> None:
        payments_add(
            [NewPayment(self.bill.pk, Decimal(amount), on, Means.TRESOR)],
            run=None,
            who="Nadège",
            now=IN_MARCH,
        )

    def points(self, now: datetime = IN_MARCH) -> list[str]:
        return [one.point for one in to_close(self.the_authority.pk, 2026, now.date()).open]

    def closes(self, now: datetime = IN_MARCH, *, seen: str | None = None) -> ExerciseClosing:
        if seen is None:
            seen = to_close(self.the_authority.pk, 2026, now.date()).seen
        return exercise_close(
            actor=self.bursar, authority_id=self.the_authority.pk, exercise=2026, seen=seen, now=now
        )

    def begins(self, month: date, now: datetime = IN_MARCH) -> BillingRun:
        new = self.new(month, issued_on=now.date())
        return bills_run(actor=self.bursar, authority_id=self.the_authority.pk, new=new, now=now)


def refused(code: str):
    return pytest.raises(ClosingRefused, match=code)


built = built_once(Closed, now=NOW)


@pytest.fixture
def world(built, db) -> Closed:
    return deepcopy(built)


def test_what_is_left_is_frozen_bill_by_bill_on_two_evenings(world):
    world.pays("2.00", date(2026, 12, 31))
    world.pays("1.25", date(2027, 1, 1))
    row = world.closes()
    assert (row.count, row.billed, row.paid, row.left_at_end, row.left) == (
        1, Decimal("5.50"), Decimal("3.25"), Decimal("3.50"), Decimal("2.25"),
    )  # fmt: skip
    [left] = row.rows.all()
    assert (left.invoice, left.number, left.at_end, left.at_closing) == (
        world.bill, world.bill.number, Decimal("3.50"), Decimal("2.25"),
    )  # fmt: skip
    assert row.sha256 == to_close(world.the_authority.pk, 2026, IN_MARCH.date()).seen
    world.pays("2.25", date(2027, 4, 1))
    left.refresh_from_db()
    assert left.at_closing == Decimal("2.25")
    world.bill.refresh_from_db()
    assert world.bill.left == 0
    [entry] = Entry.objects.filter(verb="exercise.closed")
    assert (entry.subject_id, entry.data["left"]) == (row.pk, "2.25")


def test_all_that_its_paper_says_is_frozen_with_it(world):
    world.pays("2.00", date(2026, 12, 31))
    strays(world)
    found = to_close(world.the_authority.pk, 2026, IN_MARCH.date())
    row = world.closes()
    row.refresh_from_db()
    assert draft_frozen(row) == found.draft
    assert open_frozen(row) == found.open
    assert draft_frozen(row).sha256 == row.sha256
    [(month, figures)] = found.draft.months
    assert (month, figures.billed, figures.left) == (date(2026, 11, 1), Decimal("5.50"), Decimal("3.50"))
    [code] = found.draft.codes
    assert (code.asked, code.structure) == (Decimal("5.50"), world.the_structure.name)
    assert row.head["name"] == world.the_authority.name
    world.pays("2.25", date(2027, 4, 1))
    Structure.objects.update(name="Autre")
    assert draft_frozen(row) == found.draft


def test_what_was_closed_before_its_sums_were_frozen_keeps_its_digest(world):
    draft = to_close(world.the_authority.pk, 2026, IN_MARCH.date()).draft
    row = world.closes()
    row.sums, row.sha256 = {}, replace(draft, months=(), codes=()).sha256
    assert draft_frozen(row).sha256 == row.sha256
    assert open_frozen(row) == ()


def test_a_bill_paid_whole_is_no_row(world):
    world.pays("5.50", date(2026, 12, 31))
    assert not world.closes().rows.exists()


def test_bills_that_follow_are_of_the_next_exercise_even_of_a_month_of_it(world):
    world.closes(IN_JANUARY)
    zoe = world.bill.lines.get().child
    world.books(zoe, date(2026, 12, 2), MORNING)
    run = world.works(world.begins(date(2026, 12, 1), IN_JANUARY))
    assert run.exercise == 2027
    world.confirms(run)
    [bill] = run.invoices.all()
    assert (bill.number, bill.month) == ("2027-000001", date(2026, 12, 1))


def test_a_correction_of_a_closed_exercise_is_of_the_next_one(world):
    world.closes()
    world.books(world.bill.lines.get().child, date(2026, 11, 18), MORNING)
    run = bill_correct(actor=world.bursar, invoice_id=world.bill.pk, reason="Oubli", now=IN_MARCH)
    assert run.exercise == 2027


def test_it_is_not_closed_before_the_year_is_over_nor_twice(world):
    with refused("early"):
        world.closes(datetime(2026, 12, 31, 23, tzinfo=PARIS))
    world.closes()
    with refused("closed"):
        world.closes()
    assert ExerciseClosing.objects.count() == 1


def test_what_has_changed_since_it_was_read_is_to_be_read_again(world):
    seen = to_close(world.the_authority.pk, 2026, IN_MARCH.date()).seen
    world.pays("1.00", date(2027, 2, 1))
    with refused("changed"):
        world.closes(seen=seen)


def test_who_is_not_its_office_closes_nothing(world):
    stranger = Actor(
        None, "Line", powers=frozenset({Power(Role.OFFICE, authority_id=world.the_authority.pk + 1)})
    )
    with pytest.raises(NotYours):
        exercise_close(
            actor=stranger, authority_id=world.the_authority.pk, exercise=2026, seen="", now=IN_MARCH
        )


def test_a_run_of_it_keeps_it_open(world):
    run = world.begins(date(2026, 11, 1), IN_JANUARY)
    assert run.exercise == 2026
    assert world.points(IN_JANUARY) == [Point.RUN]
    with refused("open"):
        world.closes(IN_JANUARY)
    run_cancel(actor=world.bursar, run_id=run.pk, now=IN_JANUARY)
    world.closes(IN_JANUARY)


def test_a_run_of_the_next_exercise_does_not(world):
    run = world.begins(date(2026, 11, 1))
    assert run.exercise == 2027
    world.closes()


def test_a_month_that_is_not_billed_keeps_it_open_as_long_as_it_takes_in_bills(world):
    zoe = world.bill.lines.get().child
    world.books(zoe, date(2026, 12, 2), MORNING)
    found = to_close(world.the_authority.pk, 2026, IN_JANUARY.date())
    [point] = found.open
    assert (point.point, point.months) == (Point.MONTHS, (date(2026, 12, 1),))
    with refused("open"):
        world.closes(IN_JANUARY)
    later = to_close(world.the_authority.pk, 2026, IN_MARCH.date())
    assert (later.open, later.blocking) == (found.open, ())
    world.closes()


def test_bills_to_send_are_told_where_the_tresor_gets_them(world):
    assert Point.UNSENT not in world.points(IN_JANUARY)
    TresorTerms.objects.create(authority=world.the_authority, post="021030", collection="217", acronym="A")
    [point] = to_close(world.the_authority.pk, 2026, IN_JANUARY.date()).blocking
    assert (point.point, point.count, point.amount) == (Point.UNSENT, 1, Decimal("5.50"))


def test_it_is_reopened_by_an_administrator_for_a_reason(world):
    asked = {
        "authority_id": world.the_authority.pk,
        "exercise": 2026,
        "reason": "Un mois oublié",
        "now": IN_MARCH,
    }
    with refused("not_closed"):
        exercise_reopen(actor=ADMINISTRATOR, **asked)
    world.closes(IN_JANUARY)
    with pytest.raises(NotYours):
        exercise_reopen(actor=world.bursar, **asked)
    row = exercise_reopen(actor=ADMINISTRATOR, **asked)
    assert (row.reason, row.reopened_by) == ("Un mois oublié", "Agnès")
    assert closing_of(world.the_authority.pk, 2026) is None
    assert Entry.objects.filter(verb="exercise.reopened", data__reason="Un mois oublié").exists()
    assert world.begins(date(2026, 11, 1), IN_JANUARY).exercise == 2026


def test_a_file_brings_nothing_into_it(world):
    world.closes()
    row = f"F-1;{world.home.family.number};08/2026;05/09/2026;05/10/2026;;Repas;Repas;1;4,00;4,00;4,00"
    run = import_prepare(
        actor=world.bursar, authority_id=world.the_authority.pk, kind="invoices", month=date(2026, 8, 1),
        correction=False, upload=upload(csv_of(row)), now=IN_MARCH,
    )  # fmt: skip
    _run, report = import_report(actor=world.bursar, run_id=run.pk, now=IN_MARCH)
    assert [(one.code, one.data) for one in report.problems] == [("exercise_closed", {"value": 2026})]


def test_strays_are_told(world):
    strays(world)
    assert world.points() == [Point.STRAYS]


def strays(world: Closed) -> None:
    StrayPayment.objects.create(
        authority=world.the_authority, amount=Decimal("4.00"), on=date(2027, 1, 5), reference="u", said="?",
        why="unknown", recorded_at=IN_MARCH, read_in=_run(world),
    )  # fmt: skip


def _run(world: Closed) -> ImportRun:
    return ImportRun.objects.create(
        authority=world.the_authority, kind="tresor", file_name="r.xml", sha256="0" * 64,
        prepared_at=IN_MARCH, prepared_by="Line",
    )  # fmt: skip
