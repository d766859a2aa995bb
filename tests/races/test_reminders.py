"""Reminders asked for by several at once, or while a home pays, contests or is granted a delay."""

from __future__ import annotations

from datetime import date
from threading import Event
from time import sleep

import pytest
from django.db import transaction

from marelle.billing.contests import contest_open
from marelle.billing.models import Reminder, ReminderBill, ReminderRun
from marelle.billing.paid import Means
from marelle.billing.payments import NewPayment, bills_locked, payments_add
from marelle.billing.reminders.deferrals import deferral_grant
from marelle.billing.reminders.sending import Done, ReminderRefused
from marelle.mail.models import Message
from tests.billing.reminders.late import NOW, TODAY, Late, euros
from tests.races.together import together, together_or_errors

pytestmark = pytest.mark.django_db(transaction=True)


def test_sent_by_four_at_once_each_home_is_reminded_once() -> None:
    world = Late()
    for name in ("Martin", "Petit", "Bernard"):
        world.late(world.home(name, "Line"))
    world.late()
    seen = world.seen()
    answers = together_or_errors([lambda: world.sends(seen) for _agent in range(4)])
    assert sum(isinstance(one, Done) for one in answers) == 1
    assert sum(isinstance(one, ReminderRefused) for one in answers) == 3
    assert (Reminder.objects.count(), ReminderBill.objects.count()) == (4, 4)
    assert Message.objects.filter(kind="billing/reminder").count() == 4
    assert ReminderRun.objects.get().mails == 4


def test_who_reminds_waits_for_a_payment_that_is_being_written_and_sees_it() -> None:
    world = Late()
    bill = world.late()
    seen, held = world.seen(), Event()

    def pays() -> None:
        with transaction.atomic():
            bills_locked([bill.pk])
            new = NewPayment(bill.pk, euros("40.00"), TODAY, Means.STATE)
            payments_add([new], run=None, who="Line", now=NOW)
            held.set()
            sleep(0.5)

    def sends() -> None:
        assert held.wait(10)
        with pytest.raises(ReminderRefused, match="changed"):
            world.sends(seen)

    together([pays, sends])
    assert not Reminder.objects.exists()
    assert not Message.objects.exists()


def test_a_delay_granted_meanwhile_comes_before_or_after_never_between() -> None:
    world = Late()
    bill = world.late()
    seen = world.seen()

    def grants() -> None:
        deferral_grant(
            actor=world.office, authority_id=world.the_authority.pk, family_id=bill.family_id, until=TODAY,
            reason="Échéancier", now=NOW,
        )  # fmt: skip

    together_or_errors([lambda: world.sends(seen), grants])
    assert [one.key for one in world.report().held] == [f"f{bill.family_id}"]
    sent = Message.objects.filter(kind="billing/reminder").count()
    assert sent == Reminder.objects.count()


def test_who_reminds_waits_for_a_contest_that_is_being_written_and_sees_it() -> None:
    world = Late()
    bill = world.late()
    line = bill.lines.get()
    line.days = ["2026-10-07"]
    line.save()
    world.made_here(bill)
    seen, held = world.seen(), Event()

    def contests() -> None:
        with transaction.atomic():
            contest_open(
                actor=world.durand.actor, invoice_id=bill.pk, line_id=line.pk, days=[date(2026, 10, 7)],
                words="Absente.", now=NOW,
            )  # fmt: skip
            held.set()
            sleep(0.5)

    def sends() -> None:
        assert held.wait(10)
        with pytest.raises(ReminderRefused, match="changed"):
            world.sends(seen)

    together([contests, sends])
    assert not Reminder.objects.exists()
    assert [one.key for one in world.report().held] == [f"f{bill.family_id}"]
