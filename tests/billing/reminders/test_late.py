"""What a late bill is, for reminders as for what keeps a home from asking for activities."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from marelle.billing.late import debit_stands, late_bills, overdue_bills
from marelle.billing.models import (
    AnnouncedDebit,
    Contest,
    Deferral,
    ExportedBill,
    Invoice,
    Mandate,
    Payment,
)
from marelle.billing.reminders.deferrals import DeferralRefused, deferral_end, deferral_grant
from marelle.billing.reminders.selectors import home_deferred
from marelle.billing.selectors import due_invoices, invoice_page, invoices_of, overdue_of
from marelle.core.actor import Actor, Role
from marelle.core.french import day_plain
from marelle.core.refusals import NotYours
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.places.models import Post
from marelle.portal.invoices.words import card as card_of
from marelle.portal.invoices.words import held_now
from tests.billing.reminders.late import NOW, TODAY, Late, day_before
from tests.billing.world import is_late, mandate_row
from tests.standing import built_once

pytestmark = pytest.mark.django_db


built = built_once(Late)


@pytest.fixture
def world(built, db) -> Late:
    return deepcopy(built)


def holds(world: Late) -> list[str]:
    return [row.hold for row in late_bills(TODAY).order_by("pk")]


def grant(world: Late, days: int = 30, **fields: object) -> Deferral:
    said = {"family_id": world.durand.family.pk, **fields}
    return deferral_grant(
        actor=world.office, authority_id=world.the_authority.pk, until=TODAY + timedelta(days=days),
        reason="Échéancier", now=NOW, **said,
    )  # fmt: skip


@pytest.mark.parametrize("state", ["refused", "withdrawn"])
def test_a_line_that_waits_for_an_answer_holds_its_bill_back_and_no_other(world, state):
    bill, other = world.late(), world.late()
    contest = world.contests(bill)
    assert holds(world) == ["contested", ""]
    other.delete()
    assert not is_late(bill.family_id, TODAY)
    Contest.objects.filter(pk=contest.pk).update(state=state, decided_at=NOW)
    assert holds(world) == [""]
    assert is_late(bill.family_id, TODAY)


def test_until_a_delay_is_over_nothing_is_held_against_the_home(world):
    bill = world.late()
    row = grant(world, days=30)
    until = TODAY + timedelta(days=30)
    assert holds(world) == ["deferred"]
    assert home_deferred(bill.family_id, until) == {bill.authority_id: until}
    assert not is_late(bill.family_id, until)
    assert is_late(bill.family_id, until + timedelta(days=1))
    reader = Actor(None, "Camille", family_id=bill.family_id)
    assert not due_invoices(reader).late(until).count
    assert due_invoices(reader).late(until + timedelta(days=1)).count == 1
    told = {"family_id": bill.family_id, "authority_id": bill.authority_id, "day": TODAY}
    assert overdue_of(world.office, **told).count == 0
    deferral_end(actor=world.office, deferral_id=row.pk, now=NOW)
    assert is_late(bill.family_id, TODAY)
    assert overdue_of(world.office, **told).count == 1
    assert not home_deferred(bill.family_id, TODAY)


def test_of_two_delays_the_later_day_counts(world):
    world.late()
    grant(world, days=30)
    grant(world, days=10)
    assert holds(world) == ["deferred"]
    assert not overdue_bills(TODAY + timedelta(days=20)).exists()


def test_a_delay_is_of_one_authority_and_of_who_owes(world):
    elsewhere = world.authority("Syndicat des rivières")
    payer = world.payer()
    world.late(authority=elsewhere)
    world.late(world.home("Martin"))
    world.late(payer=payer)
    grant(world)
    assert holds(world) == ["", "", ""]
    grant(world, family_id=None, payer_id=payer.pk)
    assert holds(world) == ["", "", "deferred"]


@pytest.mark.parametrize("days", [-1, 731])
def test_a_delay_is_from_today_to_two_years_on(world, days):
    with pytest.raises(DeferralRefused, match="until"):
        grant(world, days=days)
    assert grant(world, days=0).until == TODAY
    assert grant(world, days=730)


def test_a_delay_is_ended_once_and_each_act_is_written(world):
    row = grant(world)
    deferral_end(actor=world.office, deferral_id=row.pk, now=NOW)
    with pytest.raises(DeferralRefused, match="ended"):
        deferral_end(actor=world.office, deferral_id=row.pk, now=NOW)
    over = grant(world, days=3)
    with pytest.raises(DeferralRefused, match="ended"):
        deferral_end(actor=world.office, deferral_id=over.pk, now=NOW + timedelta(days=4))
    verbs = (
        Entry.objects.filter(family_id=world.durand.family.pk).order_by("pk").values_list("verb", flat=True)
    )
    assert list(verbs) == ["deferral.granted", "deferral.ended", "deferral.granted"]


def test_nobody_but_the_office_of_the_authority_grants_or_ends(world):
    row = grant(world)
    director = actor_for(world.staff("direction", Role.DIRECTOR))
    other = actor_for(world.staff("autre", Role.OFFICE, authority=world.authority("Ailleurs")))
    for actor in (director, other, world.durand.actor):
        with pytest.raises(NotYours):
            deferral_end(actor=actor, deferral_id=row.pk, now=NOW)
        with pytest.raises(NotYours):
            deferral_grant(
                actor=actor, authority_id=world.the_authority.pk, family_id=world.durand.family.pk,
                until=TODAY, reason="?", now=NOW,
            )  # fmt: skip


def test_nobody_grants_a_delay_to_its_own_home(world):
    Post.objects.create(user=world.durand.user, role=Role.OFFICE, authority=world.the_authority)
    with pytest.raises(DeferralRefused, match="own"):
        deferral_grant(
            actor=actor_for(world.durand.user), authority_id=world.the_authority.pk,
            family_id=world.durand.family.pk, until=TODAY, reason="?", now=NOW,
        )  # fmt: skip


@pytest.mark.parametrize("state", ["rejected", "cancelled"])
def test_what_the_tresor_refused_is_held_back_until_it_has_it_again(world, state):
    bill = world.late()
    first = world.in_file(bill, state="taken")
    assert holds(world) == [""]
    first.state = state
    first.save()
    assert holds(world) == ["refused"]
    assert not is_late(bill.family_id, TODAY)
    first.live = False
    first.save()
    assert holds(world) == ["refused"]
    second = world.in_file(bill, 2)
    assert holds(world) == [""]
    second.live = False
    second.save()
    assert holds(world) == ["refused"]


@pytest.mark.parametrize("days", [20, -20])
def test_a_home_is_not_told_that_it_is_late_to_pay_what_the_tresor_refused(world, days):
    bill = world.late(days=days)
    piece = world.in_file(bill, state="rejected")
    reader = Actor(None, "Camille", family_id=bill.family_id)
    due = due_invoices(reader)
    assert (due.count, due.by_hand.count, due.refused.count) == (1, 0, 1)
    assert (due.late(TODAY).count, due.ahead(TODAY).count) == (0, 0)
    told = "rien à payer pour le moment, le service la corrige"
    assert listed(world) == ("refused", told, "")
    piece.state = "taken"
    piece.save()
    on = day_plain(bill.due_on)
    late = f"La date du {on} est passée." if days > 0 else ""
    assert listed(world) == ("", f"{'était ' if days > 0 else ''}à payer avant le {on}", late)


def test_a_bill_that_is_settled_says_nothing_of_a_refusal(world):
    bill = world.late(paid="40.00")
    world.in_file(bill, state="rejected")
    on = day_plain(bill.issued_on)
    assert listed(world)[1:] in {(f"payée le {on}", ""), ("", "")}
    page = invoice_page(Actor(None, "Camille", family_id=bill.family_id), bill.pk)
    assert (page.held, held_now(page.invoice, page.held)) == ("refused", "")


class Debited:
    """A late bill that announced a debit, in a file of the Trésor or not."""

    def __init__(self, world: Late) -> None:
        self.bill = world.late()
        self.mandate = mandate_row(world.the_authority, world.durand, state="active", started_at=NOW)
        AnnouncedDebit.objects.create(invoice=self.bill, mandate=self.mandate)

    def sent(self, world: Late, **fields: object) -> ExportedBill:
        said = {"drawn_on": day_before(15), "sequence": "02", **fields}
        return world.in_file(self.bill, **said)

    @property
    def stands(self) -> bool:
        [row] = late_bills(TODAY)
        stands = Invoice.objects.filter(debit_stands(), pk=self.bill.pk).exists()
        page = invoice_page(Actor(None, "Camille", family_id=self.bill.family_id), self.bill.pk)
        assert page.held == row.hold, "the home reads the same"
        assert row.hold == ("debited" if stands else "") or row.hold == "refused"
        return stands


def test_a_debit_that_was_announced_waits_for_its_file_as_long_as_its_mandate_holds(world):
    debited = Debited(world)
    assert debited.stands
    assert not is_late(debited.bill.family_id, TODAY)
    on = day_plain(debited.bill.due_on)
    assert listed(world) == ("debited", f"prélevée le {on}, ou peu après", "")
    Mandate.objects.update(state="ended", end="home", ended_at=NOW)
    assert not debited.stands
    assert listed(world) == ("", f"était à payer avant le {on}", f"La date du {on} est passée.")


def listed(world: Late) -> tuple[str, str, str]:
    """What « Mes factures » says of the one bill: why it is held, its line, that it is late."""
    [row] = invoices_of(actor_for(world.durand.user))
    card = card_of(row, TODAY, held=row.held)
    return row.held, card.detail.partition(" · ")[2], card.late


@pytest.mark.parametrize(
    ("fields", "stands"),
    [
        ({}, True),
        ({"state": "taken"}, True),
        ({"state": "rejected"}, False),
        ({"state": "cancelled"}, False),
        ({"drawn_on": None, "sequence": ""}, False),
        ({"live": False, "state": "rejected"}, True),
    ],
)
def test_once_it_is_in_a_file_it_is_by_the_file(world, fields, stands):
    """The last: a rejected piece is freed, and waits to leave again with its debit."""
    debited = Debited(world)
    debited.sent(world, **fields)
    assert debited.stands is stands


def test_a_debit_in_a_file_goes_on_when_its_mandate_ends(world):
    debited = Debited(world)
    debited.sent(world)
    Mandate.objects.filter(pk=debited.mandate.pk).update(state="ended", end="home", ended_at=NOW)
    assert debited.stands


@pytest.mark.parametrize(
    ("amount", "days", "means", "stands"),
    [
        ("-40.00", 15, "tresor", False),
        ("-40.00", 3, "tresor", False),
        ("-40.00", 16, "tresor", True),
        ("-40.00", 3, "state", True),
        ("40.00", 3, "tresor", True),
    ],
)
def test_a_debit_that_the_bank_refused_is_taken_back_by_the_tresor(world, amount, days, means, stands):
    debited = Debited(world)
    debited.sent(world)
    Payment.objects.create(
        invoice=debited.bill, amount=amount, on=day_before(days), means=means, recorded_at=timezone.now(),
        recorded_by="Line",
    )  # fmt: skip
    assert debited.stands is stands


def test_what_is_not_late_or_not_owed_is_no_late_bill(world):
    world.late(days=0)
    world.late(paid="40.00")
    world.late(cancelled_on=TODAY)
    world.late(total="40.00", credited="40.00")
    assert holds(world) == []


def test_late_bills_are_found_by_their_index_whatever_was_paid_before(world):
    world.late()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    rows = Invoice.objects.unpaid().filter(authority=world.the_authority, due_on__lt=TODAY)
    assert "invoice_unpaid" in rows.explain()
