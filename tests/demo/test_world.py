"""The demo world as it is told: what a visitor finds in it. Built once for all these tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test import Client

from marelle.accounts.models import User
from marelle.activities.absences import AbsenceGrade, Told
from marelle.activities.kinds import BookingMode
from marelle.activities.models import Activity, Gauge, Opening, Quota, Slot
from marelle.agents.activities.tariff_words import offered_of
from marelle.agents.cases import KINDS, case_url
from marelle.attendance.models import Call, NoShow
from marelle.attendance.no_shows import days_missed
from marelle.attendance.selectors import holders, tablets
from marelle.attendance.tablets import PinAnswer, pin_check
from marelle.billing.making import bills_made
from marelle.billing.models import BillingRun, Contest, Coverage, Invoice, InvoiceLine, Share, TresorExport
from marelle.billing.rules import InvoiceState
from marelle.billing.tresor.files import exports_write
from marelle.bookings.models import Attendance, Booking
from marelle.bookings.states import BookingState, EndCause
from marelle.bookings.supervising import staffed_days
from marelle.cases.models import Case, CaseNote, Reason
from marelle.core.actor import SYSTEM
from marelle.core.clock import instant_at
from marelle.core.french import day_long
from marelle.core.money import rounded
from marelle.demo.accounts import LISTED, PASSWORD, PIN
from marelle.demo.builder import build
from marelle.enrolments.models import Enrolment
from marelle.families.models import (
    Family,
    FamilyImport,
    FamilyNote,
    Guardianship,
    Member,
    Person,
    PupilList,
    Residence,
    Restriction,
)
from marelle.families.models import Income as IncomeNoted
from marelle.flows.actor.actors import actor_for
from marelle.flows.bills.facts import homes_facts
from marelle.flows.bills.working import runs_advance
from marelle.flows.door.presence import presences_of
from marelle.flows.papers.asked import asked_of_home
from marelle.flows.prices.reading import There
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.mail.samples import samples
from marelle.meals.selectors import sittings, week_of
from marelle.messaging.models import Thread
from marelle.papers.models import Paper, Publication
from marelle.papers.rules import Standing
from marelle.papers.selectors import folders
from marelle.places.models import Closure, Structure
from marelle.pricing.amounts import Brackets, ByNumber, Effort, Fixed, Linear
from marelle.pricing.days import day_lines
from marelle.pricing.doubts import doubts
from marelle.pricing.facts import ChildDay, HomeDay, Income, IncomeStatus, Known, Piece, Trait, TraitKind
from marelle.pricing.models import HomeTrait, Subscription
from marelle.pricing.selectors import book_of, tariff_books
from marelle.pricing.tariffs import Flat, LateFetch, Most, Product
from marelle.pricing.wishes import priced
from tests.billing.tresor.checker import faults
from tests.demo.published import CARRIED, LEFT, assert_campaigns_as_told, carried
from tests.demo.test_builder import assert_the_world_keeps_the_rules, quotas_of
from tests.demo.test_invoices import assert_invoices_add_up
from tests.pricing.sheets import BOOKS

TODAY = date(2026, 11, 30)

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.usefixtures("built")]


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():
        build(today=TODAY)
        with django_db_blocker.block():
            yield
        transaction.set_rollback(True)


def test_it_keeps_the_rules_and_its_invoices_add_up() -> None:
    assert_the_world_keeps_the_rules(TODAY)
    assert_invoices_add_up(TODAY)


def test_tariffs_are_of_as_many_kinds_as_reglements_have_and_none_contradicts_another() -> None:
    books = tariff_books()
    tariffs = [row for book in books.values() for row in book.tariffs]
    assert {type(row.amount) for row in tariffs} == {Fixed, Brackets, Linear, Effort, ByNumber}
    assert [row.what.spared for row in tariffs if isinstance(row.what, LateFetch)] == [1, 0]
    assert sum(isinstance(row.what, Product) for row in tariffs) == 2
    booked = Activity.objects.exclude(booking_mode__in=[BookingMode.FREE, BookingMode.ACCOMPANIED])
    for activity in booked.select_related("structure"):
        book = books[activity.structure.authority_id]
        assert doubts(book, offered_of(activity, TODAY)) == (), activity.name


def test_published_tariffs_answer_in_the_demo_as_the_document_states() -> None:
    assert CARRIED.keys() | LEFT.keys() == BOOKS.keys()
    books = tariff_books()
    for authority_id, example, wishes in carried(TODAY):
        example.assert_answers(priced(books[authority_id], wishes))


@pytest.mark.parametrize(
    ("activity", "price"), [("Restauration scolaire", "3.60"), ("Espace jeunes, sorties et repas", "2.99")]
)
def test_a_meal_missed_costs_what_its_reglement_says_and_nothing_with_a_proof(
    activity: str, price: str
) -> None:
    slot = Slot.objects.select_related("activity__structure").get(activity__name=activity, name="Repas")
    meal, book = slot.pk, tariff_books()[slot.activity.structure.authority_id]
    for proof, expected in ((None, price), (0, "0")):
        piece = Piece(meal, grade=AbsenceGrade(Told.NEVER, proof, waiting=False))
        missed = day_lines(book, HomeDay(TODAY, children=(ChildDay(1, (piece,)),)))
        assert missed.total == Decimal(expected)


def test_a_meal_booked_late_costs_half_as_much_again_of_the_home_s_own_price() -> None:
    slot = Slot.objects.select_related("activity__structure").get(
        activity__name="Espace jeunes, sorties et repas", name="Repas"
    )
    book = tariff_books()[slot.activity.structure.authority_id]
    for quotient, expected in (("400", "4.73"), ("700", "5.40")):
        income = Income(Known(IncomeStatus.PROVED, Decimal(quotient)))
        late = ChildDay(1, (Piece(slot.pk, late=True),))
        assert day_lines(book, HomeDay(TODAY, income, (late,))).total == Decimal(expected)


def test_a_meal_that_a_child_brings_has_its_own_price() -> None:
    slot = Slot.objects.select_related("activity__structure").get(
        activity__name="Restauration scolaire", name="Repas"
    )
    book = tariff_books()[slot.activity.structure.authority_id]
    child = ChildDay(1, (Piece(slot.pk),), traits=frozenset({Trait(TraitKind.OWN_MEAL)}))
    assert day_lines(book, HomeDay(TODAY, children=(child,))).total == Decimal("1.75")


def test_three_homes_pay_by_what_an_agent_noted_of_them() -> None:
    """A third child who eats every day, a child of all outings, the children of an agent: each less."""
    noted = set(HomeTrait.objects.exclude(kind=TraitKind.DECISION).values_list("kind", flat=True))
    assert noted == {TraitKind.EVERY_SCHOOL_DAY, TraitKind.REGULAR, TraitKind.STAFF}
    for kind, activity, name, usual, less in (
        (TraitKind.EVERY_SCHOOL_DAY, "Restauration scolaire", "Repas", "10.80", "9.00"),
        (TraitKind.REGULAR, "Espace jeunes, sorties et repas", "Sortie", "24.00", "19.50"),
        (TraitKind.STAFF, "Périscolaire", "Soir", "3.78", "0.00"),
    ):
        slot = Slot.objects.select_related("activity__structure").get(activity__name=activity, name=name)
        book = tariff_books()[slot.activity.structure.authority_id]
        for traits, total in ((frozenset[Trait](), usual), (frozenset({Trait(kind)}), less)):
            pieces = (Piece(slot.pk, booked_minutes=60, seen_minutes=60),)
            children = tuple(ChildDay(child_id, pieces, traits) for child_id in (1, 2, 3))
            home = HomeDay(TODAY, children=children, household=(1, 2, 3))
            assert day_lines(book, home).total == Decimal(total)


def test_the_ccas_pays_half_of_the_meals_of_one_home_for_five_months() -> None:
    decided = HomeTrait.objects.get(kind=TraitKind.DECISION)
    assert (decided.since, decided.until) == (date(2026, 9, 1), date(2027, 1, 31))
    assert decided.reason == "Commission du CCAS d’Arelle du mardi 18 août"
    own = InvoiceLine.objects.filter(invoice__family=decided.family, activity="Restauration scolaire")
    assert {line.unit_price for line in own} == {Decimal("1.80")}, "half of 3.60"


def test_a_home_that_moved_on_the_12th_pays_by_day_on_one_bill() -> None:
    moved = Residence.objects.get(since=date(2026, 9, 12))
    bills = Invoice.objects.filter(family=moved.family, month=date(2026, 9, 1))
    bill = bills.get(authority__short_name="Val d’Arelle")
    prices = {line.unit_price: line.days for line in bill.lines.filter(activity="Mercredis de Brisecombe")}
    (outside, first), (here, then) = sorted(prices.items(), reverse=True)
    assert outside - here == 2
    assert max(first) < "2026-09-12" < min(then)


def test_a_caf_pays_a_part_of_some_holidays_up_to_an_amount() -> None:
    aid = Coverage.objects.get(payer__kind="caf")
    assert (aid.figure, aid.most, aid.activities.count()) == (Decimal(6), Decimal(90), 2)
    assert Share.objects.filter(payer=aid.payer, total__gt=0).exists()


def test_an_aeeh_moves_the_rate_of_a_home_one_column_down() -> None:
    aeeh = IncomeNoted.objects.get(kind="aeeh")
    told = {row.kind: row.told.amount or 0 for row in IncomeNoted.objects.filter(family=aeeh.family)}
    hours = InvoiceLine.objects.filter(invoice__family=aeeh.family, activity="Multi-accueil")
    rates = {1: "0.0516", 2: "0.0413", 3: "0.0310"}
    hourly = rounded(told["resources"] * Decimal(rates[int(told["dependants"])]) / 100)
    assert {line.unit_price for line in hours} == {hourly}


def test_a_week_of_holidays_has_a_most_and_five_mornings_their_price() -> None:
    rules = [rule for book in tariff_books().values() for rule in book.span_rules]
    assert [rule.rule for rule in rules] == [Most(Fixed(Decimal(70))), Flat(5, Fixed(Decimal("19.80")))]
    mornings = InvoiceLine.objects.filter(activity="Espace jeunes, matinées des vacances")
    weeks = mornings.filter(label__contains="Semaine de cinq matinées")
    assert [line.amount for line in weeks] == [Decimal("-0.40")], "the second one too has its days in October"
    assert {line.unit_price for line in mornings.filter(label__startswith="Repas")} == {
        Decimal("5.20"),
        Decimal("6.10"),
    }


def test_what_bills_stand_on_is_read_alike_in_whatever_order_a_database_gives_it() -> None:
    """A home of which two children had taken two products was left out of the month on PostgreSQL, as one
    that has changed: for many homes and for few the rows came in two orders."""
    days = date(2026, 9, 1), date(2026, 10, 31)
    homes = list(Family.objects.values_list("pk", flat=True))
    for authority_id in tariff_books():
        book, there = book_of(authority_id), There(authority_id)
        told = {pk: one.digest for pk, one in homes_facts(book, there, homes, days).items()}
        again: dict[int, str] = {}
        with another_order():
            for first in range(0, len(homes), 10):
                them = homes_facts(book, There(authority_id, anew=True), homes[first : first + 10], days)
                again |= {pk: one.digest for pk, one in them.items()}
        assert again == told


@contextmanager
def another_order() -> Iterator[None]:
    """Of what is asked for in none, where the database can be told so."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        (usual,) = cursor.execute("PRAGMA reverse_unordered_selects").fetchone()
        cursor.execute(f"PRAGMA reverse_unordered_selects = {1 - usual}")
        yield
        cursor.execute(f"PRAGMA reverse_unordered_selects = {usual}")


def test_the_fee_of_the_youth_club_and_cards_of_meals_are_taken() -> None:
    fees, cards = (
        Subscription.objects.filter(product__name=name)
        for name in ("Cotisation de l’espace jeunes", "Carte mensuelle de repas")
    )
    members = Enrolment.objects.filter(
        activity__name="Espace jeunes, accueil libre", state=Enrolment.State.ACCEPTED
    )
    assert fees.count() == members.count() > 0
    assert cards.values("family").distinct().count() == 2
    assert {row.child_id for row in cards} <= set(
        Enrolment.objects.filter(activity__name="Restauration scolaire").values_list("person_id", flat=True)
    )


def test_months_are_billed_by_marelle_and_somebody_else_pays_a_part() -> None:
    bills = Invoice.objects.filter(run__isnull=False)
    assert {bill.month for bill in bills} == {date(2026, 9, 1), date(2026, 10, 1)}
    assert {run.state for run in BillingRun.objects.all()} == {BillingRun.State.ISSUED}
    assert {bill.state for bill in bills} >= {InvoiceState.PAID, InvoiceState.TO_PAY}
    assert bills.exclude(payer=None).exists(), "the département pays"
    assert Share.objects.filter(payer_home__isnull=False).exists(), "two homes share"
    assert Contest.objects.get().state == "open", "a parent contests a line"
    assert Share.objects.filter(state=Share.State.WAITING).exists(), "something waits under the threshold"
    assert bills.filter(family__name="Durand", due_on__lt=TODAY).unpaid().exists()


def test_the_counter_closes_the_month_and_camille_reads_hers(client: Client, time_machine) -> None:
    now = instant_at(TODAY, time(18))
    time_machine.move_to(now)
    client.force_login(User.objects.get(identifier="guichet"))
    hers = Invoice.objects.filter(family__name="Durand", run__isnull=False)
    said = {"month": "11/2026", "issued_on": TODAY.isoformat(), "authority": hers[0].authority_id}
    run_page = client.post("/agents/factures/mois/nouveau/", said).headers["Location"]
    while BillingRun.objects.working().exists():
        runs_advance(now=now)
    assert client.post(run_page, {"action": "issue"}).status_code == 302
    while BillingRun.objects.working().exists() or bills_made(now=now):
        runs_advance(now=now)
    sent = run_page.replace("/mois/", "/tresor/mois/")
    [seen] = re.findall(r'name="seen" value="(\w+)"', client.get(sent).content.decode())
    assert client.post(sent, {"seen": seen}).status_code == 302
    exports_write(now=now)
    files = TresorExport.objects.filter(layout="pes").exclude(key="").values_list("pk", flat=True)
    assert len(files) > 1, "that of the month before too"
    pages = [client.get(f"/agents/factures/tresor/fichiers/{pk}/fichier/") for pk in files]
    assert [faults(page.getvalue()) for page in pages] == [[]] * len(files)
    client.force_login(User.objects.get(identifier="durand"))
    bill = hers.get(month=date(2026, 11, 1), authority=said["authority"], payer=None)
    assert f'href="/factures/{bill.pk}/"' in client.get("/factures/").content.decode()
    assert client.get(f"/factures/{bill.pk}/").content.decode().count("Pourquoi") >= bill.lines.count() > 0


def test_the_world_has_every_case_to_show() -> None:
    ahead = Booking.objects.filter(day__gt=TODAY)
    assert ahead.filter(state=BookingState.WAITING).exists()
    assert ahead.filter(end_cause=EndCause.STRUCTURE, state=BookingState.CANCELLED).exists()
    assert ahead.filter(opening__bundle__isnull=False).exists()
    assert Quota.objects.filter(day__gt=TODAY, taken=F("capacity")).exists()
    assert Attendance.objects.filter(present=False, day__lt=TODAY).exists()
    shared_room = Gauge.objects.get(name="Salle à manger du foyer d’Arelle")
    assert shared_room.draws.values("slot__activity").distinct().count() == 3
    assert Opening.objects.filter(state=Opening.State.CLOSED).exclude(reason="").exists()


def test_who_waits_waits_for_something() -> None:
    assert_campaigns_as_told(TODAY)
    quotas, places = quotas_of(), Case.objects.open().filter(kind="place").values("subject_id")
    waiting = Booking.objects.filter(state=BookingState.WAITING).exclude(opening__in=places)
    for booking in waiting.select_related("opening"):
        assert any(quota.taken == quota.capacity for quota in quotas[booking.opening_id])


def test_the_durands_as_they_are_told() -> None:
    camille = User.objects.get(identifier="durand")
    home = Member.objects.get(person=camille.person).family
    children = Person.objects.filter(memberships__family=home, memberships__kind=Member.Kind.CHILD)
    names = {child.first_name: child for child in children}
    assert set(names) == {"Zoé", "Léo", "Noé"}
    enrolled = {
        name: set(child.enrolments.filter(ends_on__gte=TODAY).values_list("activity__name", flat=True))
        for name, child in names.items()
    }
    assert names["Zoé"].enrolments.filter(ends_on__lt=TODAY, activity__name="Vacances à Brisecombe").exists()
    assert enrolled["Zoé"] == {"Restauration scolaire", "Périscolaire", "Mercredis de Brisecombe"}
    assert enrolled["Léo"] == {"Mercredis de Brisecombe"}
    assert not Booking.objects.filter(child=names["Léo"]).exists()
    assert Booking.objects.filter(child=names["Noé"], day__gt=TODAY).exists()
    bernard = User.objects.get(identifier="bernard")
    assert not Enrolment.objects.filter(family__members__person=bernard.person).exists()


def test_martin_and_petit_share_ines_and_nothing_with_the_durands() -> None:
    ines = Person.objects.get(first_name="Inès", last_name="Martin")
    adults = Guardianship.objects.filter(child=ines).values_list("adult__account__identifier", flat=True)
    assert set(adults) == {"martin", "petit"}
    weeks = {
        family: {day.isocalendar().week % 2 for day in days}
        for family in ("Martin", "Petit")
        if (
            days := list(
                Booking.objects.filter(
                    child=ines, family__name=family, day__range=(date(2026, 9, 1), date(2026, 10, 10))
                ).values_list("day", flat=True)
            )
        )
    }
    assert weeks == {"Martin": {0}, "Petit": {1}}


def test_a_home_that_a_judge_keeps_away_sees_the_other_children_alone() -> None:
    row = Restriction.objects.in_force(TODAY).select_related("child", "adult__account").get()
    assert (row.written_by, row.confirmed_by) == ("Nadège Courtin", "Dominique Perrin")
    client = Client()
    client.force_login(row.adult.account)
    page = client.get("/famille/").content.decode()
    others = Person.objects.filter(memberships__family__members__person=row.adult).exclude(pk=row.child_id)
    assert all(other.first_name in page for other in others)
    assert row.child.first_name not in page
    assert Booking.objects.filter(child=row.child, day__gt=TODAY, state=BookingState.BOOKED).exists()


def test_accounts_are_marked_and_share_the_public_password() -> None:
    assert not User.objects.filter(is_demo=False).exists()
    for account in LISTED:
        assert User.objects.get(identifier=account.identifier).check_password(PASSWORD)
    assert list(User.objects.filter(is_superuser=True).values_list("identifier", flat=True)) == ["admin"]


def test_the_next_wednesday_shows_free_and_full_cells() -> None:
    openings = Opening.objects.filter(day=date(2026, 12, 2), slot__activity__name="Mercredis de Brisecombe")
    full = {
        (opening.slot.name, opening.group.name): any(q.taken >= q.capacity for q in opening.quotas.all())
        for opening in openings.select_related("slot", "group").prefetch_related("quotas")
    }
    assert not full["Matin", "6–12 ans"]
    assert not full["Matin", "3–5 ans"]
    assert full["Après-midi", "6–12 ans"]


def test_noe_is_offered_a_place_that_lasts_the_week() -> None:
    offered = Booking.objects.get(state=BookingState.OFFERED)
    assert offered.child.first_name == "Noé"
    assert offered.offered_until is not None
    assert offered.offered_until.date() >= TODAY + timedelta(days=7)


def test_a_day_of_zoe_is_closed_and_the_home_is_told() -> None:
    closed = Opening.objects.filter(closure__reason="Coupure d’eau annoncée")
    gone = Booking.objects.get(child__first_name="Zoé", child__last_name="Durand", opening__in=closed)
    assert gone.end_cause == EndCause.STRUCTURE
    assert not Booking.objects.live().filter(opening__in=closed).exists()
    mail = Message.objects.filter(kind="bookings/day_closed", family_id=gone.family_id).first()
    assert mail is not None
    assert "Coupure d’eau annoncée" in mail.text


def test_each_closing_shows_the_bookings_that_it_ended() -> None:
    ended = Booking.objects.filter(end_cause=EndCause.STRUCTURE, opening__state=Opening.State.CLOSED)
    assert ended.exists()
    assert not ended.exclude(closed__closure=F("opening__closure")).exists()


def test_each_kind_of_case_waits_on_the_desk() -> None:
    waiting = Case.objects.open()
    assert set(waiting.values_list("kind", flat=True)) == set(KINDS)
    assert waiting.count() >= 14
    assert len({case.opened_at.date() for case in waiting}) >= 5


def test_what_rules_ask_an_agent_is_told_on_its_page(time_machine) -> None:
    """An outing kept without its meal, and three Wednesdays missed without a word."""
    time_machine.move_to(instant_at(TODAY, time(8)))
    client = Client()
    client.force_login(User.objects.get(identifier="guichet"))
    asked = {case.kind: case for case in Case.objects.open().filter(kind__in=("alone", "no_show"))}
    outing = client.get(case_url(asked["alone"]))
    assert all(said in outing.content.decode() for said in ("Sortie", "qui va avec est annulé"))
    missed = client.get(case_url(asked["no_show"])).content.decode()
    row = NoShow.objects.get(pk=asked["no_show"].subject_id)
    days = days_missed(row, now=instant_at(TODAY, time(8)))
    assert len(days) == 3
    assert all(day_long(day) in missed for day in days)


def test_the_desk_has_had_its_days() -> None:
    file = FamilyImport.objects.get()
    assert (file.state, file.counts) == ("done", {"created": 2, "present": 0, "wrong": 1})
    done, waits = PupilList.objects.order_by("prepared_at")
    assert (done.state, done.counts["unknown"], done.counts["wrong"]) == ("done", 1, 0)
    assert done.counts["same"] > 5
    assert (waits.state, waits.school != done.school) == ("prepared", True)
    assert Family.objects.filter(name="Bernard", members__person__last_name="Bernard").distinct().count() == 2
    assert FamilyNote.objects.filter(pinned=True).exists()
    assert Thread.objects.exclude(assigned_to=None).exists()
    assert set(CaseNote.objects.values_list("passed", flat=True)) == {True, False}
    assert Reason.objects.exists()
    assert Closure.objects.filter(reason="Neige annoncée").exclude(undone_at=None).exists()
    assert Booking.objects.waiting().exclude(priority=0).exists()
    copied = Activity.objects.exclude(copied_from=None).get()
    assert (copied.name, copied.first_day) == ("Mercredis de Brisecombe 2027-2028", date(2027, 9, 1))
    assert copied.requests_open_at is not None
    assert copied.questions.exists()
    brisecombe = Structure.objects.get(name="Accueil de loisirs de Brisecombe")
    days = staffed_days(brisecombe.pk, first=TODAY, last=TODAY + timedelta(weeks=3))
    assert {bool(day.need.lacking) for day in days.values()} == {True, False}
    canteen = Structure.objects.get(kind="canteen")
    meals = sittings(canteen.pk, first=TODAY, last=week_of(TODAY)[1]).values()
    assert any(one.orders and one.moved.adults == 1 for one in meals)


def test_a_tablet_may_be_tried_at_each_door_of_the_team() -> None:
    """One is listed as seen some days ago, and whoever holds it has the public PIN."""
    morning = instant_at(TODAY, time(8))
    listed = tablets(actor_for(User.objects.get(identifier="direction")))
    assert [one.structure.kind for one in listed] == ["leisure", "after_school"]
    for tablet in listed:
        assert tablet.seen_at is not None
        assert tablet.seen_at < morning - timedelta(days=1)
        team = holders(tablet.structure_id)
        assert [one.label for one in team] == ["Aline Moreau", "Samir Lenoir"]
        for one in team:
            opened = pin_check(tablet=tablet, account_id=one.account_id, pin=PIN, now=morning)
            assert opened.answer is PinAnswer.RIGHT


def test_each_kind_of_mail_is_in_the_outbox_and_leads_somewhere(time_machine) -> None:
    assert set(samples()) <= set(Message.objects.values_list("kind", flat=True))
    time_machine.move_to(instant_at(TODAY, time(8)))
    client = Client()
    client.force_login(User.objects.get(identifier="durand"))
    kinds = ("enrolments/refused", "papers/requested", "bookings/place_given")
    mails = Message.objects.filter(kind__in=kinds, to="camille.durand@example.org")
    addresses = {found for mail in mails for found in re.findall(r"https?://[^/\s]+(/\S+)", mail.text)}
    assert addresses
    assert {address for address in addresses if client.get(address, follow=True).status_code != 200} == set()


def test_the_told_homes_show_every_state_of_a_paper() -> None:
    told = [actor_for(User.objects.get(identifier=name)) for name in ("durand", "martin", "petit")]
    shown = [one for actor in told for one in folders(actor, asked_of_home(actor, day=TODAY), day=TODAY)]
    found = {one.status.standing for folder in shown for one in folder.requirements if one.asked}
    assert found == set(Standing)
    assert Publication.objects.count() > 3
    assert not Paper.objects.filter(expires_on__lt=F("sent_at__date")).exists(), "given before it ended"
    assert not Entry.objects.filter(verb__startswith="care.", actor_label=SYSTEM.label).exists()


def test_the_calls_of_the_months_gone_by_are_closed_and_attest_of_presences() -> None:
    closed = Call.objects.filter(state=Call.State.CLOSED)
    assert closed.filter(opening__day__lt=TODAY.replace(day=1)).exists()
    assert not closed.filter(opening__day__gte=TODAY.replace(day=1)).exists()
    camille = User.objects.get(identifier="durand").person
    children = camille.memberships.get().family.members.filter(kind="child")
    assert presences_of(actor_for(camille.account), list(children.values_list("person", flat=True)), TODAY)
