"""Reminders leave once, of what was read, and are rows from which the letters are printed again the same."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal

import pytest

from marelle.billing.models import Invoice, Reminder, ReminderBill, ReminderRun, ReminderStep
from marelle.billing.paid import Means
from marelle.billing.payments import NewPayment, payments_add
from marelle.billing.reminders.letters import letters_pdf
from marelle.billing.reminders.rules import Sent, Why
from marelle.billing.reminders.selectors import reminded_of
from marelle.billing.reminders.sending import ReminderRefused
from marelle.billing.reminders.steps import MOST, StepRefused, first_words, step_remove, step_set
from marelle.core.actor import Role
from marelle.core.refusals import NotYours
from marelle.families.models import Family, Member, Residence
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.mail.services import send_due
from marelle.places.models import Authority, Post
from tests.billing.pdf_text import text_of
from tests.billing.reminders.late import NOW, TODAY, Late, day_before, euros
from tests.standing import built_once

pytestmark = pytest.mark.django_db


built = built_once(Late)


@pytest.fixture
def world(built, db) -> Late:
    return deepcopy(built)


def days(count: int) -> timedelta:
    return timedelta(days=count)


def bills_of(row: Reminder) -> list[tuple[str, int, Decimal]]:
    rows = ReminderBill.objects.filter(reminder=row).order_by("due_on", "pk")
    return list(rows.values_list("invoice__number", "days", "left"))


def test_a_home_gets_one_reminder_for_all_its_bills_in_the_words_of_the_gravest(world):
    old, young = world.late(days=40, paid="15.50"), world.late(total="9.00", days=16)
    world.late(days=3)
    world.late(world.home("Martin", "Julie"))
    world.sends(now=NOW - days(20))
    run = world.reminded()
    mine = Reminder.objects.get(run=run, family=world.durand.family)
    assert (mine.title, mine.text) == ("Rappel 30", "Texte 30.")
    assert bills_of(mine) == [(old.number, 30, euros("24.50")), (young.number, 15, euros("9.00"))]
    assert (run.mails, run.letters, run.day) == (2, 1, TODAY)
    assert [one.name for one in world.report().due] == []


def test_each_bill_keeps_its_own_step_and_comes_to_the_next_in_its_time(world):
    old, young = world.late(days=40), world.late(days=16)
    world.sends(now=NOW - days(20))
    world.sends()
    assert reminded_of([young.pk])[young.pk] == (("Rappel 30", TODAY),)
    (debtor,) = world.report(NOW + days(15)).due
    assert [(late.bill, late.next.step and late.next.step.days) for late in debtor.due] == [(young, 30)]
    (debtor,) = world.report(NOW + days(20)).due
    assert [late.bill for late in debtor.due] == [old, young]
    assert debtor.step
    assert debtor.step.days == 50
    assert debtor.last == Sent(30, TODAY)


def test_what_was_paid_meanwhile_is_left_out_and_told(world):
    world.late()
    other = world.late(world.home("Martin", "Julie"))
    seen = world.seen()
    payments_add([NewPayment(other.pk, euros("1.00"), TODAY, Means.STATE)], run=None, who="Line", now=NOW)
    done = world.sends(seen)
    assert done.left_out == 1
    assert [row.family for row in Reminder.objects.all()] == [world.durand.family]
    with pytest.raises(ReminderRefused, match="changed"):
        world.sends(seen)
    with pytest.raises(ReminderRefused, match="nothing"):
        world.sends({})
    assert ReminderRun.objects.count() == 1


def test_a_step_that_is_moved_is_not_sent_again(world):
    world.late(days=40)
    world.sends(now=NOW - days(24))
    ReminderStep.objects.filter(pk=world.steps[0].pk).update(days=20)
    (debtor,) = world.report(NOW - days(10)).due
    assert debtor.step
    assert debtor.step.days == 30


def test_what_is_paid_afterwards_ends_it_by_itself(world):
    bill = world.late()
    world.sends(now=NOW - days(4))
    (waiting,) = world.report().waiting
    assert waiting.soonest
    payments_add([NewPayment(bill.pk, bill.total, TODAY, Means.STATE)], run=None, who="Line", now=NOW)
    report = world.report(NOW + days(100))
    assert (report.due, report.waiting, report.held) == ([], [], [])


@pytest.mark.parametrize("what", ["words", "way", "contested", "address"])
def test_what_is_not_as_it_was_read_does_not_leave(world, what):
    bill = world.late()
    seen = world.seen()
    step = world.steps[0]
    match what:
        case "words":
            ReminderStep.objects.filter(pk=step.pk).update(text="Autre.")
        case "way":
            ReminderStep.objects.filter(pk=step.pk).update(way="both")
        case "contested":
            world.contests(bill)
        case "address":
            world.durand.adult.email = ""
            world.durand.adult.save()
    with pytest.raises(ReminderRefused, match="changed"):
        world.sends(seen)
    assert not Reminder.objects.exists()


def test_only_those_that_were_kept_are_reminded(world):
    world.late()
    martin = world.home("Martin", "Julie")
    world.late(martin)
    key = f"f{martin.family.pk}"
    world.sends({key: world.seen()[key]})
    assert [row.family for row in Reminder.objects.all()] == [martin.family]


def test_a_mail_says_neither_amount_nor_line_and_leads_to_the_bills(world):
    world.adult(world.durand, "Dominique")
    bill = world.late(total="123.45")
    world.sends()
    mails = list(Message.objects.filter(kind="billing/reminder"))
    assert {mail.to for mail in mails} == {one.email for one in world.durand.adults if one.email}
    (mail, *_rest) = mails
    assert mail.subject == "Rappel 15\u00a0: des factures restent à régler"
    assert "Texte 15." in mail.text
    assert "/factures/" in mail.text
    for secret in ("123", bill.number, "Restauration", "Repas"):
        assert secret not in mail.text + mail.subject
    assert mail.family_id == world.durand.family.pk
    assert not Message.objects.filter(channel="letter").exists()


def test_a_home_without_address_gets_a_letter_instead(world):
    world.durand.adult.email = ""
    world.durand.adult.save()
    world.late()
    run = world.reminded()
    assert (run.mails, run.letters) == (0, 1)
    assert not Message.objects.exists()
    assert letters_pdf(run)


def refused(settings, now=NOW) -> None:
    """Each mail that waits, by the server of its address, for good."""
    settings.EMAIL_BACKEND = "tests.mail.failing.NoSuchPerson"
    send_due(now=now)


def test_a_mail_that_could_not_be_delivered_becomes_a_letter_of_the_same_step(world, settings):
    bill = world.late()
    mailed = world.reminded()
    assert not world.report().due
    refused(settings)
    (debtor,) = world.report(NOW + days(1)).due
    assert (debtor.step and debtor.step.days, debtor.ways, debtor.last) == (15, (False, True), None)
    assert reminded_of([bill.pk]) == {}
    run = world.reminded(NOW + days(1))
    assert (run.mails, run.letters) == (0, 1)
    assert "2 décembre 2026" in text_of(letters_pdf(run) or b"")
    assert reminded_of([bill.pk])[bill.pk] == (("Rappel 15", run.day),)
    assert list(ReminderBill.objects.order_by("pk").values_list("reminder__run", "live")) == [
        (mailed.pk, False),
        (run.pk, True),
    ]
    assert not world.report(NOW + days(1)).due
    (debtor,) = world.report(NOW + days(16)).due
    assert (debtor.step and debtor.step.days, debtor.ways) == (30, (True, True)), "days from the letter"


def test_a_mail_that_one_adult_got_or_may_still_get_is_no_letter(world, settings):
    other = world.adult(world.durand, "Nadia")
    world.late()
    world.sends()
    first, second = Message.objects.order_by("pk")
    assert {first.to, second.to} == {world.durand.adult.email, other.email}
    Message.objects.filter(pk=first.pk).update(state="failed")
    assert not world.report().due
    Message.objects.filter(pk=second.pk).update(state="sent")
    assert not world.report().due
    Message.objects.filter(pk=second.pk).update(state="failed")
    assert world.report().due
    Message.objects.all().delete()
    assert not world.report().due, "old mails are deleted, and the reminder was sent all the same"


def test_a_lost_mail_beside_a_letter_changes_nothing(world, settings):
    world.late(days=60)
    world.sends(now=NOW - days(30))
    world.sends()
    refused(settings)
    assert not world.report().due


def test_who_pays_and_is_no_home_is_reminded_by_letter_and_by_mail_where_it_has_one(world):
    payer, other = world.payer("compta@ccas.example"), world.payer()
    first, second = world.late(payer=payer), world.late(world.home("Martin"), payer=payer)
    world.late(payer=other)
    run = world.reminded()
    assert (run.mails, run.letters) == (1, 2)
    assert set(run.reminders.values_list("payer", "family")) == {(payer.pk, None), (other.pk, None)}
    mail = Message.objects.get()
    assert (mail.kind, mail.to, mail.family_id) == ("billing/reminder_of_payer", "compta@ccas.example", None)
    assert f"{first.number}, {second.number}" in mail.text
    assert "40" not in mail.text
    assert not Entry.objects.filter(family_id__isnull=False).exists(), "no home reads of it"
    assert Entry.objects.filter(verb="reminder.sent", family_id=None).count() == 2
    shown = text_of(letters_pdf(run) or b"")
    assert "CCAS d’Arelle" in shown
    assert "80,00 €" in shown


def test_letters_say_what_is_left_and_are_the_same_whenever_they_are_printed(world):
    bill = world.late(total="1234.50", paid="34.50", days=60)
    world.sends(now=NOW - days(45))
    run = world.reminded()
    made = letters_pdf(run)
    assert made is not None
    shown = text_of(made)
    for told in (
        "Rappel 30", "Texte 30.", "Mme Camille Durand" if world.durand.adult.civility else "Camille Durand",
        Residence.objects.get().street, "21999 Arelle", bill.number, "1 200,00 €", "2 octobre 2026",
        "Octobre 2026",
        "Par chèque ou en espèces au guichet.", "Trésorerie du Val d’Arelle", "1er décembre 2026",
    ):  # fmt: skip
        assert told in shown, told
    payments_add([NewPayment(bill.pk, euros("9.00"), TODAY, Means.STATE)], run=None, who="Line", now=NOW)
    Invoice.objects.filter(pk=bill.pk).update(month=date(2026, 1, 1), due_on=TODAY, issued_on=day_before(30))
    ReminderStep.objects.all().delete()
    Authority.objects.update(name="Autre nom", phone="01 02 03 04 05")
    Family.objects.update(name="Autre")
    world.durand.adult.last_name = "Autre"
    world.durand.adult.save()
    Residence.objects.update(street="Ailleurs")
    assert letters_pdf(ReminderRun.objects.get(pk=run.pk)) == made
    assert letters_pdf(run, 2) is None
    assert letters_pdf(run, 0) is None


def test_each_letter_begins_a_page_and_counts_its_own(world):
    ReminderStep.objects.update(way="letter")
    for name in ("Martin", "Petit"):
        world.late(world.home(name, "Line"))
    shown = text_of(letters_pdf(world.reminded()) or b"")
    assert shown.count("Madame, Monsieur,") == 2
    assert shown.count("page 1") == 2
    assert "page 2" not in shown
    assert "Rappel 15 · Line Martin" in shown
    assert "Rappel 15 · Line Petit" in shown


def test_who_is_held_back_is_told_with_the_reason_and_who_waits_with_the_day(world):
    contested = world.late()
    world.contests(contested)
    other = world.late(days=3)
    report = world.report()
    assert not report.due
    (waiting,) = report.waiting
    assert [late.hold for late in waiting.bills] == ["contested", None]
    assert waiting.soonest
    assert waiting.soonest.on == other.due_on + days(15)
    other.delete()
    (held,) = world.report().held
    assert held.left == euros("40.00")


def test_without_steps_nobody_is_reminded(world):
    world.late()
    ReminderStep.objects.all().delete()
    report = world.report()
    assert (report.has_steps, [one.bills[0].next.why for one in report.waiting]) == (False, [Why.NO_STEP])


def test_an_erased_home_is_not_written_to(world):
    world.late()
    Family.objects.update(erased_at=NOW)
    assert world.report().due == world.report().held == []


def test_of_its_own_homes_an_agent_neither_sees_nor_sends_anything(world):
    """Of the other home of its child as little."""
    world.late()
    apart = world.home("Martin", "Julie")
    Member.objects.create(family=apart.family, person=world.zoe, kind="child", since=date(2020, 1, 1))
    world.late(apart)
    Post.objects.create(user=world.durand.user, role=Role.OFFICE, authority=world.the_authority)
    own = actor_for(world.durand.user)
    report = world.report(actor=own)
    assert (report.due, report.hidden) == ([], 2)
    with pytest.raises(ReminderRefused, match="changed"):
        world.sends(world.seen(), actor=own)
    assert len(world.report().due) == 2


def test_nobody_but_the_office_of_the_authority_sends(world):
    world.late()
    seen = world.seen()
    others = (
        world.staff("direction", Role.DIRECTOR),
        world.staff("autre", Role.OFFICE, authority=world.authority("Ailleurs")),
        world.durand.user,
    )
    for user in others:
        with pytest.raises(NotYours):
            world.sends(seen, actor=actor_for(user))
        assert not world.report(actor=actor_for(user)).due


def test_each_act_is_in_the_journal_without_an_amount(world):
    world.late(total="123.45")
    run = world.reminded()
    of_home = Entry.objects.get(verb="reminder.sent")
    assert (of_home.family_id, of_home.subject_label) == (world.durand.family.pk, "Rappel 15")
    of_run = Entry.objects.get(verb="reminders.sent")
    assert (of_run.subject_id, of_run.data) == (run.pk, {"mails": 1, "letters": 0})
    told = [(entry.subject_label, str(entry.data)) for entry in Entry.objects.all()]
    assert "123" not in str(told)


def test_steps_are_written_by_their_office_one_a_day(world):
    def sets(days: int, step_id: int | None = None, actor=world.office) -> ReminderStep:
        values = {**first_words(0), "days": days}
        return step_set(
            actor=actor, authority_id=world.the_authority.pk, values=values, step_id=step_id, now=NOW
        )

    for refused_days in (15, 30):
        with pytest.raises(StepRefused, match="days"):
            sets(refused_days)
    with pytest.raises(StepRefused, match="days"):
        sets(15, world.steps[1].pk)
    assert sets(20, world.steps[0].pk).days == 20
    while ReminderStep.objects.count() < MOST:
        sets(100 + ReminderStep.objects.count())
    with pytest.raises(StepRefused, match="many"):
        sets(200)
    other = actor_for(world.staff("autre", Role.OFFICE, authority=world.authority("Ailleurs")))
    with pytest.raises(NotYours):
        sets(300, actor=other)
    with pytest.raises(NotYours):
        step_remove(actor=other, step_id=world.steps[0].pk, now=NOW)
    step_remove(actor=world.office, step_id=world.steps[0].pk, now=NOW)
    assert not ReminderStep.objects.filter(pk=world.steps[0].pk).exists()


def test_the_words_that_are_proposed_threaten_with_nothing_and_ask_no_fee(world):
    texts = " ".join(first_words(place)["text"].lower() for place in range(4))
    for word in ("poursuites", "huissier", "saisie", "frais", "pénalité", "majoration", "contentieux"):
        assert word not in texts
    assert [first_words(place)["days"] for place in range(4)] == [15, 30, 50, 50]


def test_what_it_costs_to_read_does_not_grow_with_the_homes(world, count_queries):
    world.late()
    with count_queries(4):
        world.report()
    for number in range(5):
        world.late(world.home(f"Martin {number}", "Julie"))
        world.late(payer=world.payer("a@b.example"))
    with count_queries(4):
        assert len(world.report().due) == 11
