"""Reminders and delays follow a home: two files that become one, one that is erased, its copy of data."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest

from marelle.billing.late import overdue_bills
from marelle.billing.models import Deferral, Invoice, Payment, Reminder, ReminderBill, ReminderStep
from marelle.billing.reminders.report import report_of
from marelle.billing.reminders.selectors import reminded_of
from marelle.billing.reminders.sending import reminders_send
from marelle.families.models import Family
from marelle.flows.home.export import export_write
from tests.flows.test_erasure import NOW as ERASED
from tests.flows.test_erasure import Leaving
from tests.flows.twice import NOW, Twice
from tests.scenario import Home, Scenario

pytestmark = pytest.mark.django_db

DUE = date(2026, 10, 31)


def reminded(world: Scenario, home: Home, office, number: str = "F1", *, now=NOW) -> Invoice:
    """A bill of the home that is late and was reminded, and a delay until the day after."""
    authority = world.the_authority
    ReminderStep.objects.get_or_create(
        authority=authority, days=15, defaults={"title": "Rappel", "text": "Un oubli ?", "way": "letter"}
    )
    bill = Invoice.objects.create(
        authority=authority, family=home.family, number=number, month=date(2026, 9, 1),
        issued_on=date(2026, 10, 1), due_on=DUE, total=Decimal(12),
    )  # fmt: skip
    due = report_of(office, authority.pk, now=now).due
    seen = {one.key: one.digest for one in due if one.family == home.family}
    reminders_send(actor=office, authority_id=authority.pk, seen=seen, now=now)
    Deferral.objects.create(
        authority=authority, family=home.family, until=now.date() + timedelta(days=1), reason="Accord",
        granted_at=now, granted_by="Line",
    )  # fmt: skip
    return bill


def test_of_two_files_that_become_one_all_is_the_one_kept(time_machine):
    time_machine.move_to(NOW, tick=False)
    world = Twice()
    bills = [
        reminded(world, home, world.office, number)
        for home, number in ((world.kept, "F1"), (world.left, "F2"))
    ]
    world.merge()
    kept = world.kept.family
    assert {row.family for row in Reminder.objects.all()} == {kept}
    assert {row.family for row in Deferral.objects.all()} == {kept}
    assert set(reminded_of([bill.pk for bill in bills])) == {bill.pk for bill in bills}
    assert not overdue_bills(NOW.date()).filter(family=kept).exists()
    assert overdue_bills(NOW.date() + timedelta(days=2)).filter(family=kept).exists()


def test_a_home_that_is_erased_keeps_what_it_was_reminded_of_and_no_delay(time_machine):
    time_machine.move_to(ERASED, tick=False)
    world = Leaving()
    bill = reminded(world, world.durand, world.office, now=ERASED)
    Payment.objects.create(
        invoice=bill, amount=12, on=DUE, means="state", recorded_at=ERASED, recorded_by="Line"
    )
    Invoice.objects.update(paid=12)
    world.carry_out()
    assert Family.objects.get(pk=world.durand.family.pk).erased_at
    assert ReminderBill.objects.get().invoice == bill
    assert not Deferral.objects.exists()


def test_the_copy_of_its_data_tells_a_home_all_of_it(time_machine):
    time_machine.move_to(NOW, tick=False)
    world = Twice()
    reminded(world, world.kept, world.office)
    out = BytesIO()
    export_write(actor=world.kept.actor, to=out, now=NOW)
    told = json.loads(ZipFile(out).read("donnees.json"))
    [(reminder,)] = [rows for title, rows in told.items() if title.endswith("relances")]
    assert reminder["texte"] == "Un oubli ?"
    assert "Accord" in json.dumps(told, ensure_ascii=False)
    other = BytesIO()
    export_write(actor=world.left.actor, to=other, now=NOW)
    assert "Un oubli" not in ZipFile(other).read("donnees.json").decode()
