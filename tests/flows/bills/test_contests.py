"""A line that a home contests: asked once, decided once, waived for all who pay, given back to the cent."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from marelle.billing.contests import (
    ContestRefused,
    contest_accept,
    contest_open,
    contest_refuse,
    contest_take_back,
    contest_undo,
    contest_withdraw,
    places_waived,
)
from marelle.billing.models import Contest, Invoice, InvoiceLine
from marelle.billing.runs.refusals import RunRefused
from marelle.billing.selectors import readable
from marelle.bookings.models import Booking
from marelle.cases.models import Case
from marelle.cases.services import AlreadyDecided, CannotUndo, OwnFile
from marelle.core.actor import Actor, Power, Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.families.models import Member
from marelle.families.refusals import HomeGone
from marelle.flows.actor.acting import on_behalf_of
from marelle.flows.bills.contested import contest_to_decide
from marelle.flows.bills.months import home_months
from marelle.flows.bills.sharing import month_shared, own_of
from marelle.flows.bills.working import bill_correct
from marelle.journal.models import Entry
from marelle.mail.models import Message
from tests.flows.bills.billed import FIRST, NOW, SECOND, THIRD, Billed
from tests.flows.bills.test_payers import DECEMBER
from tests.flows.bills.test_runs import home_of, lines_of
from tests.pricing.sheets import MEAL, MORNING
from tests.standing import built_once

pytestmark = pytest.mark.django_db

WHY = "Elle était malade, nous avons prévenu la veille."


class Contested(Billed):
    """Zoé, whose three Wednesdays are billed at 5.50 each on one line."""

    def __init__(self) -> None:
        super().__init__("wednesdays")
        self.roy, self.zoe = home_of(self)
        for day in (FIRST, SECOND, THIRD):
            self.books(self.zoe, day, MORNING)
        [self.bill] = self.bills()
        self.line = self.bill.lines.get()

    def contests(self, *days: date, words: str = WHY, line: InvoiceLine | None = None) -> Contest:
        line = line or self.line
        return contest_open(
            actor=self.roy.actor,
            invoice_id=line.invoice_id,
            line_id=line.pk,
            days=days or (SECOND,),
            words=words,
            now=NOW,
        )

    def accepts(self, row: Contest, words: str = "") -> Contest:
        return contest_accept(actor=self.bursar, contest_id=row.pk, words=words, now=NOW)

    def withdraws(self, row: Contest, now: datetime = NOW) -> Contest:
        invoice_id = row.line.invoice_id
        return contest_withdraw(
            actor=self.roy.actor, invoice_id=invoice_id, contest_id=row.pk, now=now
        )  # fmt: skip

    def again(self) -> Invoice:
        """What is sent at once."""
        run = bill_correct(actor=self.bursar, invoice_id=self.bill.pk, reason="Contestation", now=NOW)
        self.confirms(run)
        [made] = run.invoices.all()
        return made


built = built_once(Contested, now=NOW)


@pytest.fixture
def world(built, db) -> Contested:
    return deepcopy(built)


def test_what_is_accepted_is_given_back_on_the_next_bill_with_its_cause(world):
    world.accepts(world.contests(SECOND))
    world.books(world.zoe, date(2026, 12, 2), MORNING, MEAL)
    [bill] = world.bills(DECEMBER)
    assert bill.total == Decimal("2.00")
    [label, *_rest], [told, *_other] = lines_of(bill)
    assert label == "Matin + Repas · tarif 3"
    assert told == (
        "Régularisation, novembre 2026\u00a0: contestation acceptée · Matin · tarif 2 "
        "(0,00\u00a0€ au lieu de 5,50\u00a0€)"
    )
    with pytest.raises(RunRefused, match="same"):
        world.again()


def test_what_is_accepted_is_given_back_at_once_by_a_correction(world):
    world.accepts(world.contests(FIRST, THIRD))
    note = world.again()
    assert (note.kind, note.total, note.corrects) == ("credit", Decimal("-11.00"), world.bill)
    assert world.bills(DECEMBER) == [], "done twice it is nothing"


def test_what_was_accepted_and_is_taken_back_is_due_again(world):
    row = world.accepts(world.contests(SECOND))
    world.again()
    contest_take_back(actor=world.bursar, contest_id=row.pk, reason="Le certificat est d’un autre.", now=NOW)
    assert places_waived(world.the_authority.pk, [world.roy.family.pk]) == {}
    further = world.again()
    assert further.total == Decimal("5.50")
    assert "de nouveau dû, contestation revue" in further.lines.get().label
    with pytest.raises(RunRefused, match="same"):
        world.again()
    row.refresh_from_db()
    assert (row.state, row.reason) == ("taken_back", "Le certificat est d’un autre.")
    with pytest.raises(ContestRefused, match="changed"):
        contest_take_back(actor=world.bursar, contest_id=row.pk, reason="Encore", now=NOW)


def test_what_changes_of_a_waived_day_bills_nothing(world):
    world.accepts(world.contests(SECOND))
    world.again()
    world.books(world.zoe, SECOND, MEAL)
    with pytest.raises(RunRefused, match="same"):
        world.again()


def test_a_waived_day_whose_booking_goes_as_well_is_given_back_once(world):
    world.accepts(world.contests(SECOND))
    Booking.objects.filter(day=SECOND).update(state="cancelled")
    assert world.again().total == Decimal("-5.50")
    with pytest.raises(RunRefused, match="same"):
        world.again()


def test_months_looked_at_again_say_what_is_due(world):
    world.accepts(world.contests(SECOND))
    [month] = home_months(world.bursar, world.roy.family.pk, date(2026, 11, 30))
    assert (month.due, month.billed, month.left) == (Decimal("11.00"), Decimal("16.50"), Decimal("-5.50"))


def test_the_month_so_far_takes_off_what_is_waived_and_comes_to_what_is_due(world, client, count_queries):
    family_id, actor = world.roy.family.pk, world.roy.actor
    assert month_shared(actor, FIRST) == {}
    world.accepts(world.contests(SECOND))
    [shared] = month_shared(actor, FIRST).values()
    [month] = home_months(world.bursar, family_id, date(2026, 11, 30))
    assert (shared.own, shared.waived, shared.days) == (month.due, Decimal("5.50"), (SECOND,))
    assert own_of(actor, Decimal("16.50"), FIRST) == month.due
    client.force_login(world.roy.user)
    page = client.get("/factures/mois/?mois=2026-11").content.decode().replace("\u00a0", " ")
    assert "Contestation acceptée, le 18" in page
    assert "-5,50 €" in page
    assert "11,00 €" in page
    with count_queries(1):
        assert month_shared(actor, date(2026, 12, 2)) == {}


def test_the_office_reads_in_the_file_of_a_home_what_is_waived_of_its_month(world, client, time_machine):
    world.accepts(world.contests(SECOND))
    time_machine.move_to(datetime(2026, 11, 30, 10, tzinfo=PARIS))
    client.force_login(world.staff("guichet", Role.OFFICE))
    page = client.get(f"/agents/familles/{world.roy.family.pk}/").content.decode().replace("\u00a0", " ")
    card = page.split('id="mois"')[1].split("</section>")[0]
    assert "Novembre 2026 : 16,50 €, dont 11,00 € pour le foyer" in card
    assert "Contestation acceptée, le 18" in card
    assert "-5,50 €" in card
    elsewhere = world.staff("ailleurs", Role.OFFICE, authority=world.authority("Ailleurs"))
    client.force_login(elsewhere)
    page = client.get(f"/agents/familles/{world.roy.family.pk}/").content.decode()
    assert "Contestation acceptée" not in page.partition('id="mois"')[2].partition("</section>")[0]


def test_what_is_refused_stays_billed_and_says_why(world):
    row = world.contests()
    with pytest.raises(ContestRefused, match="reason"):
        contest_refuse(actor=world.bursar, contest_id=row.pk, reason="  ", now=NOW)
    contest_refuse(actor=world.bursar, contest_id=row.pk, reason="Pointée à 8 h 05.", now=NOW)
    row.refresh_from_db()
    assert (row.state, row.reason) == ("refused", "Pointée à 8 h 05.")
    with pytest.raises(RunRefused, match="same"):
        world.again()
    assert world.contests().state == "open", "with something new to say, it may be asked again"


def test_a_day_is_contested_once_at_a_time_and_not_once_it_is_waived(world):
    row = world.contests(SECOND, THIRD)
    with pytest.raises(ContestRefused, match="open"):
        world.contests(FIRST, THIRD)
    assert world.contests(FIRST).days == [FIRST.isoformat()]
    world.accepts(row)
    with pytest.raises(ContestRefused, match="waived"):
        world.contests(SECOND)


def test_a_day_that_a_later_bill_corrects_is_the_same_day(world):
    world.contests(SECOND)
    world.books(world.zoe, SECOND, MEAL)
    further = world.again()
    with pytest.raises(ContestRefused, match="open"):
        world.contests(SECOND, line=further.lines.get())


@pytest.mark.parametrize(
    ("days", "words", "code"),
    [
        ([], WHY, "days"),
        ([SECOND + timedelta(days=1)], WHY, "days"),
        ([SECOND], "  \n ", "words"),
        ([SECOND], "a" * 1_001, "words"),
    ],
)
def test_what_cannot_be_asked_writes_nothing(world, days: list[date], words: str, code: str):
    with pytest.raises(ContestRefused, match=code):
        contest_open(
            actor=world.roy.actor, invoice_id=world.bill.pk, line_id=world.line.pk, days=days, words=words,
            now=NOW,
        )  # fmt: skip
    assert not Contest.objects.exists()
    assert not Case.objects.exists()


def test_lines_that_are_not_a_home_s_to_contest(world):
    other = world.home("Blanc")
    with pytest.raises(NotYours):
        contest_open(
            actor=other.actor, invoice_id=world.bill.pk, line_id=world.line.pk, days=[SECOND], words=WHY,
            now=NOW,
        )  # fmt: skip
    world.accepts(world.contests(SECOND))
    note = world.again()
    with pytest.raises(NotYours):
        world.contests(SECOND, line=note.lines.get())
    Invoice.objects.filter(pk=world.bill.pk).update(run=None)
    with pytest.raises(NotYours):
        world.contests(FIRST)


def test_it_is_decided_once_and_undone_within_its_minute(world):
    row = world.contests()
    world.accepts(row)
    with pytest.raises(AlreadyDecided):
        contest_refuse(actor=world.bursar, contest_id=row.pk, reason="Non.", now=NOW)
    [mail] = Message.objects.filter(kind="billing/contest_answered")
    assert mail.not_before is not None
    contest_undo(actor=world.bursar, contest_id=row.pk, decided_at=NOW, now=NOW + timedelta(seconds=20))
    row.refresh_from_db()
    assert (row.state, row.decided_at, row.decided_by) == ("open", None, "")
    assert Case.objects.get().state == "open"
    mail.refresh_from_db()
    assert mail.state == "revoked"
    with pytest.raises(RunRefused, match="same"):
        world.again()


def test_a_home_takes_it_back_while_it_waits_and_may_contest_again(world):
    row = world.contests(SECOND, THIRD)
    later = NOW + timedelta(hours=1)
    world.withdraws(row, later)
    row.refresh_from_db()
    assert (row.state, row.decided_at, row.decided_by) == ("withdrawn", later, world.roy.actor.label)
    assert (row.reason, row.words) == ("", WHY)
    case = Case.objects.get()
    assert (case.state, case.decided_at) == ("withdrawn", later)
    assert not Message.objects.filter(kind="billing/contest_answered").exists()
    verbs = Entry.objects.filter(verb__startswith="contest.").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["contest.asked", "contest.withdrawn"]
    with pytest.raises(RunRefused, match="same"):
        world.again()
    again = world.contests(SECOND)
    assert (again.state, Case.objects.filter(state="open").get().subject_id) == ("open", again.pk)


def test_what_was_taken_back_is_decided_no_more_and_what_was_decided_not_taken_back(world):
    row = world.contests(FIRST)
    world.withdraws(row)
    with pytest.raises(AlreadyDecided) as told:
        world.accepts(row)
    assert told.value.data["state"] == "withdrawn"
    with pytest.raises(AlreadyDecided):
        world.withdraws(row)
    with pytest.raises(CannotUndo):
        contest_undo(actor=world.bursar, contest_id=row.pk, decided_at=NOW, now=NOW)
    with pytest.raises(ContestRefused, match="changed"):
        contest_take_back(actor=world.bursar, contest_id=row.pk, reason="Non.", now=NOW)
    accepted = world.accepts(world.contests(SECOND))
    with pytest.raises(AlreadyDecided):
        world.withdraws(accepted)
    contest_take_back(actor=world.bursar, contest_id=accepted.pk, reason="Non.", now=NOW)
    with pytest.raises(AlreadyDecided):
        world.withdraws(accepted)
    states = Contest.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["withdrawn", "taken_back"]


def test_an_answer_that_is_undone_leaves_it_to_be_taken_back(world):
    row = world.accepts(world.contests())
    contest_undo(actor=world.bursar, contest_id=row.pk, decided_at=NOW, now=NOW + timedelta(seconds=20))
    assert world.withdraws(row).state == "withdrawn"


def test_nobody_takes_back_what_another_home_contests(world):
    row = world.contests()
    other = world.home("Blanc")
    world.guardian(other.adult, world.zoe)
    issued = world.bill.issued_on
    Member.objects.create(
        family=world.roy.family, person=other.adult, kind="adult", since=issued, until=issued
    )  # fmt: skip
    assert readable(other.actor).filter(pk=world.bill.pk).exists(), "sent while it lived there"
    theirs = Invoice.objects.get(pk=world.bill.pk)
    theirs.pk, theirs.family, theirs.number = None, other.family, "2026-000999"
    theirs.save()
    elsewhere = world.authority("Autre")
    stranger = Actor(None, "E.", powers=frozenset({Power(Role.OFFICE, authority_id=elsewhere.pk)}))
    for actor in (
        other.actor,
        world.bursar,
        on_behalf_of(world.bursar, other.family.pk),
        on_behalf_of(stranger, world.roy.family.pk),
    ):
        with pytest.raises(NotYours):
            contest_withdraw(actor=actor, invoice_id=world.bill.pk, contest_id=row.pk, now=NOW)
    with pytest.raises(NotYours):
        contest_withdraw(actor=other.actor, invoice_id=theirs.pk, contest_id=row.pk, now=NOW)
    row.refresh_from_db()
    assert row.state == "open"


def test_who_left_the_home_meanwhile_takes_nothing_back(world):
    row, own = world.contests(), world.roy.actor
    Member.objects.filter(family=world.roy.family, kind="adult").update(until=NOW.date())
    with pytest.raises(HomeGone):
        contest_withdraw(actor=own, invoice_id=world.bill.pk, contest_id=row.pk, now=NOW)


def test_an_agent_takes_it_back_in_the_name_of_the_home(world):
    row = world.contests()
    agent = on_behalf_of(world.bursar, world.roy.family.pk)
    contest_withdraw(actor=agent, invoice_id=world.bill.pk, contest_id=row.pk, now=NOW)
    row.refresh_from_db()
    assert (row.state, row.decided_by) == ("withdrawn", agent.label)
    assert Entry.objects.get(verb="contest.withdrawn").on_behalf


def test_only_who_keeps_the_bills_of_the_authority_decides_and_never_of_its_own_home(world):
    row = world.contests()
    director = Actor(
        None, "D.", powers=frozenset({Power(Role.DIRECTOR, structure_id=world.the_structure.pk)})
    )
    elsewhere = Actor(
        None, "E.", powers=frozenset({Power(Role.OFFICE, authority_id=world.authority("Autre").pk)})
    )
    for actor in (director, elsewhere, world.roy.actor):
        assert contest_to_decide(actor, row.pk, now=NOW) is None
        with pytest.raises(NotYours):
            contest_accept(actor=actor, contest_id=row.pk, now=NOW)
    own = world.roy.actor.only(())
    posted = type(own)(**{**{f: getattr(own, f) for f in own.__slots__}, "powers": world.bursar.powers})
    with pytest.raises(OwnFile):
        contest_accept(actor=posted, contest_id=row.pk, now=NOW)


def test_who_decides_reads_what_was_booked_and_how_it_was_counted(world):
    found = contest_to_decide(world.bursar, world.contests(SECOND, THIRD).pk, now=NOW)
    assert found is not None
    assert [(day.day, day.amount) for day in found.days] == [
        (SECOND, Decimal("5.50")),
        (THIRD, Decimal("5.50")),
    ]
    assert [[one.day for one in day.bookings] for day in found.days] == [[SECOND], [THIRD]]
    assert all(day.billed and day.billed.lines for day in found.days)


def test_the_home_is_told_and_the_journal_keeps_neither_words_nor_amounts(world):
    world.accepts(world.contests(), words="Vous avez raison.")
    mail = Message.objects.get(kind="billing/contest_answered")
    assert "le 18 novembre 2026" in mail.text
    assert "Vous avez raison" not in mail.text
    assert "5,50" not in mail.text
    entries = Entry.objects.filter(verb__startswith="contest.")
    assert [one.verb for one in entries.order_by("pk")] == ["contest.asked", "contest.accepted"]
    assert WHY not in str([one.data for one in entries])


def test_who_has_the_child_in_another_home_takes_nothing_back_either(world):
    row = world.accepts(world.contests())
    other = world.home("Blanc")
    world.guardian(other.adult, world.zoe)
    own = other.actor
    posted = type(own)(**{**{f: getattr(own, f) for f in own.__slots__}, "powers": world.bursar.powers})
    with pytest.raises(OwnFile):
        contest_take_back(actor=posted, contest_id=row.pk, reason="Non.", now=NOW)
    row.refresh_from_db()
    assert row.state == "accepted"
