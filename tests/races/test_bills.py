"""A month's bills whose worker is killed, or that several workers make at once: the same bills, each once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from decimal import Decimal
from functools import partial
from itertools import count
from random import Random
from time import sleep
from typing import Any

import pytest
from django.db import transaction

from marelle.billing.contests import (
    ContestRefused,
    contest_accept,
    contest_open,
    contest_refuse,
    contest_withdraw,
)
from marelle.billing.models import (
    Assessment,
    BillingRun,
    Contest,
    Invoice,
    InvoiceCounter,
    InvoiceLine,
    Share,
)
from marelle.billing.runs.services import run_cancel, run_confirm
from marelle.bookings.models import Booking
from marelle.cases.models import Case
from marelle.cases.services import AlreadyDecided
from marelle.core.quiet import quiet_now
from marelle.core.sealed import opened
from marelle.families.locks import home_locked
from marelle.flows.bills import pacing, working
from marelle.journal.models import Entry
from marelle.mail.models import Message
from tests.flows.bills.billed import FIRST, NOW, SECOND, Billed
from tests.pricing.sheets import AFTERNOON, MEAL, MORNING
from tests.races import victim
from tests.races.together import together, together_or_errors

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = ("Blanc", "Gris", "Noir", "Roux", "Vert")
POINTS = {
    "the homes of a batch are locked": ('FROM "families_family"', "previewing"),
    "what was to do is gone": ('DELETE FROM "billing_assessment"', "previewing"),
    "the assessments are written": ('INSERT INTO "billing_assessedmonth"', "previewing"),
    "the shares are written": ('INSERT INTO "billing_share"', "previewing"),
    "the totals are written": ('INSERT INTO "billing_runtotal"', "previewing"),
    "the run is said to be previewed": ('UPDATE "billing_billingrun"', "previewing"),
    "the assessments are settled": ('UPDATE "billing_assessment"', "issuing"),
    "the numbers are taken": ('UPDATE "billing_invoicecounter"', "issuing"),
    "the bills are written": ('INSERT INTO "billing_invoice"', "issuing"),
    "their lines are written": ('INSERT INTO "billing_invoiceline"', "issuing"),
    "the homes are told": ('INSERT INTO "mail_message"', "issuing"),
    "the run is said to be issued": ('INSERT INTO "journal_entry"', "issuing"),
}
"""After which statement, of which part of a run."""


class Month(Billed):
    """Homes with a month each, one of which owes too little to be sent."""

    def __init__(self) -> None:
        super().__init__("wednesdays", threshold=Decimal("6.00"))
        self.homes = {name: self.home(name) for name in NAMES}
        for name, home in self.homes.items():
            self.quotient(home, "400")
            child = self.enrols(home, "Zoé")
            self.books(child, FIRST, *((MORNING,) if name == "Gris" else (MORNING, MEAL, AFTERNOON)))
            if name == "Roux":
                self.books(child, SECOND, MEAL)

    def begun(self) -> BillingRun:
        new = self.new()
        return working.bills_run(actor=self.bursar, authority_id=self.the_authority.pk, new=new, now=NOW)

    def forgotten(self) -> None:
        """As if nothing had been billed: the same month again."""
        Assessment.objects.all().delete()
        Invoice.objects.all().delete()
        BillingRun.objects.all().delete()
        InvoiceCounter.objects.all().delete()
        Entry.objects.all().delete()
        Message.objects.all().delete()


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "PREVIEWED_AT_ONCE", 2)
    monkeypatch.setattr(pacing, "MOST_AT_ONCE", 2)


OF_LINES = [
    field.attname for field in InvoiceLine._meta.concrete_fields if field.name not in {"id", "invoice"}
]


def billed() -> list[object]:
    """All that a run leaves, with what is sealed, to the byte."""
    bills = Invoice.objects.order_by("number")
    assessments = Assessment.objects.order_by("place")
    shares = Share.objects.order_by("assessment__place", "regie", "total").select_related("invoice")
    return [
        [(one.number, one.family_id, one.total, list(one.lines.values_list(*OF_LINES))) for one in bills],
        [(one.place, one.family_id, one.state, one.total, one.digest) for one in assessments],
        [opened(one.items) for one in assessments if one.items],
        [(one.state, one.total, one.invoice and one.invoice.number, opened(one.lines)) for one in shares],
        sorted(Message.objects.filter(kind="billing/invoice_there").values_list("family_id")),
        sorted(Entry.objects.filter(verb="invoice.issued").values_list("family_id")),
        sorted(InvoiceCounter.objects.values_list("exercise", "last")),
    ]


def whole(world: Month) -> list[object]:
    """What a run leaves that nothing disturbs."""
    run = world.works(world.begun())
    world.confirms(run)
    found = billed()
    assert [len(found[0]), len(found[1])] == [4, 5]
    world.forgotten()
    return found


def test_killed_at_each_point(dies: Callable[..., bool]) -> None:
    world = Month()
    undisturbed = whole(world)
    for point, (statement, state) in POINTS.items():
        run = world.begun()
        for part in ("previewing", "issuing"):
            if part == state:
                assert dies(victim.die_after, statement, victim.bills, run.pk, NOW), f"never: {point}"
            world.works(run)
            if part == "previewing":
                run_confirm(actor=world.bursar, run_id=run.pk, now=NOW)
        assert billed() == undisturbed, point
        world.forgotten()


@pytest.mark.prove
def test_killed_a_hundred_times_at_random(dies: Callable[..., bool]) -> None:
    """In the middle of a statement or of a commit as well."""
    world = Month()
    undisturbed = whole(world)
    chance = Random(16)
    killed = 0
    while killed < 100:
        run = world.begun()
        for part in ("previewing", "issuing"):
            killed += dies(victim.die_within, chance.uniform(0, 0.3), victim.bills, run.pk, NOW)
            world.works(run)
            if part == "previewing":
                run_confirm(actor=world.bursar, run_id=run.pk, now=NOW)
        assert billed() == undisturbed, killed
        world.forgotten()


@pytest.mark.prove
def test_killed_after_any_statement(dies: Callable[..., bool]) -> None:
    world = Month()
    undisturbed = whole(world)
    for step in count(1):
        run = world.begun()
        killed = False
        for part in ("previewing", "issuing"):
            killed |= dies(victim.live_until, step, victim.bills, run.pk, NOW)
            world.works(run)
            if part == "previewing":
                run_confirm(actor=world.bursar, run_id=run.pk, now=NOW)
        assert billed() == undisturbed, step
        world.forgotten()
        if not killed:
            break
    assert step > 50


def test_two_workers_at_once_make_each_bill_once() -> None:
    world = Month()
    undisturbed = whole(world)
    run = world.begun()
    together([lambda: victim.bills(run.pk, NOW)] * 3)
    run.refresh_from_db()
    assert run.state == "previewed"
    run_confirm(actor=world.bursar, run_id=run.pk, now=NOW)
    together([lambda: victim.bills(run.pk, NOW)] * 3)
    run.refresh_from_db()
    assert run.state == "issued"
    assert billed() == undisturbed


def test_given_up_while_it_is_prepared_nothing_is_left() -> None:
    world = Month()
    run = world.begun()
    together(
        [
            lambda: victim.bills(run.pk, NOW),
            lambda: run_cancel(actor=world.bursar, run_id=run.pk, now=NOW),
        ]
    )
    run.refresh_from_db()
    assert run.state == "cancelled"
    assert not Assessment.objects.exists()
    assert whole(world)


def test_who_cancels_while_bills_are_issued_is_billed_as_it_was_or_left_out() -> None:
    """Never a bill of something else than what was previewed, and never twice."""
    world = Month()
    run = world.works(world.begun())
    run_confirm(actor=world.bursar, run_id=run.pk, now=NOW)
    home = world.homes["Noir"].family

    def cancels() -> None:
        with transaction.atomic():
            home_locked(home.pk)
            Booking.objects.filter(family=home).update(state="cancelled")

    together([lambda: victim.bills(run.pk, NOW), cancels])
    bills = Invoice.objects.filter(family=home)
    state = Assessment.objects.get(family=home, run=run).state
    assert (bills.count(), state) in {(1, "settled"), (0, "left_out")}
    world.bills()
    settled = Assessment.objects.filter(family=home, state="settled")
    assert sum((one.total for one in settled), Decimal(0)) == 0, "billed then taken back, or never billed"


def test_a_home_that_changes_after_its_facts_were_read_is_left_out() -> None:
    """They may have been read before its lock was asked for."""
    world = Month()
    run = world.works(world.begun())
    run_confirm(actor=world.bursar, run_id=run.pk, now=NOW)
    home = world.homes["Blanc"].family
    with ExitStack() as held:
        held.enter_context(transaction.atomic())
        home_locked(home.pk)
        Booking.objects.filter(family=home).update(state="cancelled")

        def lets_go() -> None:
            sleep(0.5)
            held.close()

        [error] = together_or_errors([lambda: victim.bills(run.pk, NOW)], once_started=lets_go)
    assert error is None
    left_out = Assessment.objects.filter(run=run, state="left_out")
    assert [one.family_id for one in left_out] == [home.pk]


def test_what_another_writes_between_the_facts_and_their_lock_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = Month()
    run = world.works(world.begun())
    run_confirm(actor=world.bursar, run_id=run.pk, now=NOW)
    home = world.homes["Gris"].family
    read = working._facts_now
    pace = pacing.Pace()

    def read_then_written(*asked: Any) -> Any:
        found = read(*asked)
        monkeypatch.undo()
        together([Booking.objects.filter(family=home).delete])
        return found

    monkeypatch.setattr(working, "_facts_now", read_then_written)
    while quiet_now() is None:  # who writes in another database of the same server counts too
        sleep(0.01)
    while working.run_advance(run, None, pace, now=NOW):
        pass
    assert pace.is_beside
    left_out = Assessment.objects.filter(run=run, state="left_out")
    assert [one.family_id for one in left_out] == [home.pk]


def test_a_contest_accepted_while_bills_are_issued_is_given_back_or_never_billed() -> None:
    world = Month()
    home = world.homes["Noir"]
    world.bills()
    bill = Invoice.objects.get(family=home.family)
    line = bill.lines.earliest("order")
    child = line.child
    assert child is not None
    row = contest_open(
        actor=home.actor, invoice_id=bill.pk, line_id=line.pk, days=[FIRST], words="Non.", now=NOW
    )
    world.books(child, SECOND, MORNING)
    run = world.works(world.begun())
    run_confirm(actor=world.bursar, run_id=run.pk, now=NOW)
    together(
        [
            lambda: victim.bills(run.pk, NOW),
            lambda: contest_accept(actor=world.bursar, contest_id=row.pk, now=NOW),
        ]
    )
    world.bills()
    settled = Assessment.objects.filter(family=home.family, state="settled")
    assert sum((one.total for one in settled), Decimal(0)) == Decimal("5.50"), "of the other day alone"


def test_of_two_who_decide_of_a_contest_at_once_one_does() -> None:
    world = Month()
    world.bills()
    home = world.homes["Noir"]
    bill = Invoice.objects.get(family=home.family)
    line = bill.lines.earliest("order")
    asks = partial(contest_open, actor=home.actor, invoice_id=bill.pk, line_id=line.pk, words="Non.", now=NOW)
    asked = together_or_errors([lambda: asks(days=[FIRST])] * 3)
    assert [type(one) for one in asked if isinstance(one, Exception)] == [ContestRefused] * 2
    row = Contest.objects.get()
    answers = together_or_errors(
        [
            lambda: contest_accept(actor=world.bursar, contest_id=row.pk, now=NOW),
            lambda: contest_refuse(actor=world.bursar, contest_id=row.pk, reason="Dû.", now=NOW),
        ]
    )
    assert [type(one) for one in answers if isinstance(one, Exception)] == [AlreadyDecided]
    row.refresh_from_db()
    assert Case.objects.get(kind="contest").state == row.state
    assert Message.objects.filter(kind="billing/contest_answered").count() == 1


def test_a_contest_taken_back_while_it_is_accepted_is_one_of_the_two() -> None:
    world = Month()
    world.bills()
    home = world.homes["Noir"]
    bill = Invoice.objects.get(family=home.family)
    line = bill.lines.earliest("order")
    asks = partial(contest_open, actor=home.actor, invoice_id=bill.pk, line_id=line.pk, words="Non.", now=NOW)
    for _again in range(5):
        row = asks(days=[FIRST])
        answers = together_or_errors(
            [
                lambda row=row: contest_accept(actor=world.bursar, contest_id=row.pk, now=NOW),
                lambda row=row: contest_withdraw(
                    actor=home.actor, invoice_id=bill.pk, contest_id=row.pk, now=NOW
                ),
            ]
        )
        assert [type(one) for one in answers if isinstance(one, Exception)] == [AlreadyDecided]
        row.refresh_from_db()
        accepted = row.state == "accepted"
        assert row.state in {"accepted", "withdrawn"}
        assert Case.objects.get(kind="contest", subject_id=row.pk).state == row.state
        assert Message.objects.filter(kind="billing/contest_answered").count() == accepted
        verbs = Entry.objects.filter(subject_kind="contest", subject_id=row.pk).values_list("verb", flat=True)
        assert sorted(verbs) == sorted(["contest.asked", f"contest.{row.state}"])
        if accepted:
            break
