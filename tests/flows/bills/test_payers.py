"""A bill of the département, of a CCAS, of the other home: each its own, to the cent, and nobody else's."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime
from decimal import Decimal

import pytest
from cryptography.fernet import Fernet
from django.test import Client

from marelle.billing.addressed import Addressed, PayerKind
from marelle.billing.covering import Way
from marelle.billing.models import Addressee, Coverage, Invoice, Payer, Share
from marelle.billing.payers import CoverageRefused, NewCoverage, coverage_end, coverage_take, payer_set
from marelle.billing.selectors import readable
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.core.french import euros_text
from marelle.families.models import CustodyPeriod, Member
from marelle.families.rules import CustodyHolidays, CustodyWeeks
from marelle.flows.bills.sharing import month_shared
from marelle.flows.bills.working import bill_correct
from marelle.mail.models import Message
from marelle.places.models import Post
from tests.billing.world import is_late
from tests.flows.bills.billed import FIRST, NOW, SECOND, THIRD, Billed
from tests.flows.bills.test_runs import home_of, lines_of
from tests.pricing.sheets import MEAL, MORNING
from tests.standing import built_once

pytestmark = pytest.mark.django_db

DECEMBER = date(2026, 12, 1)
IN_NOVEMBER = datetime(2026, 11, 20, 10, tzinfo=PARIS)
DEPARTMENT = Addressed(
    "Département de la Côte", "", kind=PayerKind.DEPARTMENT, street="1 rue Haute", postal_code="21000",
    city="Dijon", siret="21990001600012",
)  # fmt: skip


def payer_of(world: Billed) -> Payer:
    return payer_set(actor=world.bursar, authority_id=world.the_authority.pk, addressed=DEPARTMENT, now=NOW)


def covers(world: Billed, family_id: int, **fields: object) -> Coverage:
    new = NewCoverage(
        **{
            "authority_id": world.the_authority.pk, "since": date(2026, 9, 1),
            "reason": "Décision n° 12", **fields,
        }
    )  # fmt: skip
    return coverage_take(actor=world.bursar, family_id=family_id, new=new, now=NOW)


def both_homes(world: Billed):
    """Zoé at the Roy's, who books, and at the Blanc's."""
    home, zoe = home_of(world)
    other = world.home("Blanc")
    member = Member.objects.create(
        family=other.family, person_id=zoe.pk, kind=Member.Kind.CHILD, since=date(2019, 9, 1)
    )
    return home, zoe, other, member


built = built_once(lambda: Billed("wednesdays"), now=NOW)


@pytest.fixture
def world(built, db) -> Billed:
    return deepcopy(built)


def test_what_the_departement_pays_whole_is_its_bill_and_the_home_has_none(world):
    home, zoe = home_of(world)
    payer = payer_of(world)
    covers(world, home.family.pk, payer_id=payer.pk, child_id=zoe.pk)
    world.books(zoe, FIRST, MORNING)
    [bill] = world.bills()
    assert (bill.payer, bill.total, bill.number) == (payer, Decimal("5.50"), "2026-000001")
    assert lines_of(bill) == [
        ("Part prise en charge\u00a0: Matin · tarif 2", 1, Decimal("5.50"), Decimal("5.50"))
    ]
    assert Addressee.objects.get(invoice=bill).last_name == "Département de la Côte"
    assert {one.state for one in Share.objects.all()} == {"billed", "nil"}
    assert not readable(home.actor).exists()
    assert not is_late(home.family.pk, date(2027, 6, 1))
    assert not Message.objects.filter(kind="billing/invoice_there").exists()
    assert world.bills(DECEMBER) == []


def test_a_part_is_a_line_on_the_bill_of_the_home_and_a_bill_of_its_own(world):
    home, zoe = home_of(world)
    payer = payer_of(world)
    covers(world, home.family.pk, payer_id=payer.pk, figure=Decimal(30))
    world.books(zoe, FIRST, MORNING)
    world.books(zoe, SECOND, MORNING)
    own, theirs = world.bills()
    assert (own.payer, own.total) == (None, Decimal("7.70"))
    assert [(label, amount) for label, _number, _unit, amount in lines_of(own)] == [
        ("Matin · tarif 2", Decimal("11.00")),
        ("Pris en charge par Département de la Côte\u00a0: Matin · tarif 2", Decimal("-3.30")),
    ]
    assert (theirs.payer, theirs.total) == (payer, Decimal("3.30"))
    assert list(readable(home.actor)) == [own]


def test_the_other_home_pays_its_part_on_a_bill_that_it_alone_reads(world):
    home, zoe, other, _member = both_homes(world)
    covers(world, home.family.pk, payer_home_id=other.family.pk, child_id=zoe.pk, figure=Decimal(50))
    world.books(zoe, FIRST, MORNING)
    own, theirs = world.bills()
    assert (own.family, own.total) == (home.family, Decimal("2.75"))
    assert (theirs.family, theirs.total) == (other.family, Decimal("2.75"))
    assert list(readable(home.actor)) == [own]
    assert list(readable(other.actor)) == [theirs]
    assert "Blanc" not in str(lines_of(own))
    Invoice.objects.filter(pk=own.pk).update(paid=own.total)
    assert is_late(other.family.pk, date(2027, 6, 1))
    assert not is_late(home.family.pk, date(2027, 6, 1))


def test_days_of_custody_are_those_of_the_home_where_the_child_is(world):
    home, zoe, other, member = both_homes(world)
    CustodyPeriod.objects.create(
        member=member, since=date(2026, 9, 1), weeks=CustodyWeeks.EVEN, holidays=CustodyHolidays.SAME_AS_WEEKS
    )
    covers(world, home.family.pk, payer_home_id=other.family.pk, child_id=zoe.pk, way=Way.CUSTODY)
    for day in (FIRST, SECOND, THIRD):
        world.books(zoe, day, MORNING)
    own, theirs = world.bills()
    even = [day for day in (FIRST, SECOND, THIRD) if day.isocalendar().week % 2 == 0]
    assert theirs.total == Decimal("5.50") * len(even) > 0
    assert own.total == Decimal("5.50") * (3 - len(even)) > 0
    assert theirs.lines.get().days == [day.isoformat() for day in even]


def test_a_decision_that_comes_after_the_bill_is_regularised_for_both(world):
    home, zoe = home_of(world)
    world.books(zoe, FIRST, MORNING)
    world.bills()
    covers(world, home.family.pk, payer_id=payer_of(world).pk, figure=Decimal(80))
    world.books(zoe, date(2026, 12, 2), MORNING)
    [theirs] = world.bills(DECEMBER)
    assert theirs.total == Decimal("8.80")
    waiting = Share.objects.get(state="waiting")
    assert (waiting.payer, waiting.total) == (None, Decimal("-3.30")), (
        "1.10 of December, less 4.40 of November"
    )


def test_a_most_that_days_before_give_back_is_spent_again(world):
    home, zoe = home_of(world)
    covers(world, home.family.pk, payer_id=payer_of(world).pk, most=Decimal("8.00"))
    [first] = world.books(zoe, FIRST, MORNING)
    world.books(zoe, SECOND, MORNING)
    world.bills()
    first.state = "cancelled"
    first.save()
    world.bills(DECEMBER)
    spent = sum(
        line.amount for bill in Invoice.objects.exclude(payer=None) for line in bill.lines.all()
    ) + sum(share.total for share in Share.objects.filter(state="waiting").exclude(payer=None))
    assert spent == Decimal("5.50")


def test_one_that_was_noted_by_mistake_is_taken_back_from_both(world):
    home, zoe = home_of(world)
    row = covers(world, home.family.pk, payer_id=payer_of(world).pk, figure=Decimal(50))
    world.books(zoe, FIRST, MORNING)
    world.bills()
    coverage_end(actor=world.bursar, coverage_id=row.pk, until=None, now=NOW)
    [own] = world.bills(DECEMBER)
    assert (own.payer, own.total) == (None, Decimal("2.75"))
    assert Share.objects.get(state="waiting").total == Decimal("-2.75"), "taken off what the payer owes next"


def test_a_home_whose_payer_changed_since_the_preview_is_left_out(world):
    home, zoe = home_of(world)
    world.books(zoe, FIRST, MORNING)
    run = world.previews()
    covers(world, home.family.pk, payer_id=payer_of(world).pk)
    world.confirms(run)
    assert run.assessments.get().state == "left_out"


def test_what_changes_about_a_payer_changes_no_bill_that_was_sent(world):
    home, zoe = home_of(world)
    payer = payer_of(world)
    covers(world, home.family.pk, payer_id=payer.pk)
    world.books(zoe, FIRST, MORNING, MEAL)
    [bill] = world.bills()
    moved = Addressed(
        "Autre nom", "", kind=PayerKind.DEPARTMENT, street="2 rue Basse", postal_code="21000", city="Dijon"
    )
    payer_set(
        actor=world.bursar, authority_id=world.the_authority.pk, addressed=moved, payer_id=payer.pk, now=NOW
    )
    assert Addressee.objects.get(invoice=bill).last_name == "Département de la Côte"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"until": date(2026, 8, 1)}, "not_in_order"),
        ({"payer_id": 999}, "payer"),
        ({"child_id": 999}, "child"),
        ({"activity_ids": (999,)}, "activities"),
        ({"way": Way.CUSTODY}, "custody"),
        ({"payer_id": None, "payer_home_id": 999}, "other_home"),
    ],
)
def test_what_is_no_coverage_is_refused(world, fields, code):
    home, _zoe = home_of(world)
    with pytest.raises(CoverageRefused, match=code):
        covers(world, home.family.pk, **{"payer_id": payer_of(world).pk, **fields})
    assert not Coverage.objects.exists()


def test_why_a_bill_is_corrected_is_told_to_the_home_alone(world):
    home, zoe = home_of(world)
    covers(world, home.family.pk, payer_id=payer_of(world).pk, figure=Decimal(50))
    world.books(zoe, FIRST, MORNING)
    own, theirs = world.bills()
    world.books(zoe, SECOND, MORNING)
    why = "Hospitalisation de Zoé"
    world.confirms(bill_correct(actor=world.bursar, invoice_id=own.pk, reason=why, now=NOW))
    further = Invoice.objects.filter(kind="further")
    assert {(one.payer_id, one.reason, one.corrects_id) for one in further} == {
        (None, why, own.pk),
        (theirs.payer_id, "", theirs.pk),
    }


def test_a_part_of_another_home_is_corrected_from_its_own_bill_too(world):
    home, zoe, other, _member = both_homes(world)
    covers(world, home.family.pk, payer_home_id=other.family.pk, child_id=zoe.pk, figure=Decimal(50))
    world.books(zoe, FIRST, MORNING)
    _own, theirs = world.bills()
    world.books(zoe, SECOND, MORNING)
    run = bill_correct(actor=world.bursar, invoice_id=theirs.pk, reason="Oubli", now=NOW)
    assert run.assessments.get().family == home.family
    world.confirms(run)
    assert {one.family for one in run.invoices.all()} == {home.family, other.family}


def test_the_month_so_far_says_what_others_pay_and_the_bill_is_the_same(world):
    home, zoe = home_of(world)
    payer = payer_of(world)
    covers(world, home.family.pk, payer_id=payer.pk, figure=Decimal(30), most=Decimal("4.00"))
    for day in (FIRST, SECOND, THIRD):
        world.books(zoe, day, MORNING)
    [shared] = month_shared(home.actor, FIRST).values()
    own, theirs = world.bills()
    assert shared.parts == ((str(payer), theirs.total),)
    assert (shared.own, theirs.total) == (own.total, Decimal("4.00"))
    client = Client()
    client.force_login(home.user)
    page = client.get("/factures/mois/?mois=2026-11").content.decode().replace("\u00a0", " ")
    assert "Pris en charge par Département de la Côte" in page
    assert "12,50 €" in page


@pytest.mark.parametrize("director", [False, True])
def test_the_office_reads_of_a_home_the_same_month_as_it(world, client, time_machine, director):
    time_machine.move_to(IN_NOVEMBER)
    home, zoe = home_of(world)
    covers(world, home.family.pk, payer_id=payer_of(world).pk, figure=Decimal(30), most=Decimal("4.00"))
    for day in (FIRST, SECOND, THIRD):
        world.books(zoe, day, MORNING)
    client.force_login(world.staff("agent", Role.DIRECTOR if director else Role.OFFICE))
    Post.objects.update(reads_incomes=director)
    page = client.get(f"/agents/familles/{home.family.pk}/").content.decode().replace("\u00a0", " ")
    card = page.split('id="mois"')[1].split("</section>")[0]
    assert "Novembre 2026 : 16,50 €" in card
    if director:
        assert "Département" not in card, "who pays is the office's to know"
        assert "12,50 €" not in card
        return
    [shared] = month_shared(home.actor, FIRST).values()
    assert "Novembre 2026 : 16,50 €, dont 12,50 € pour le foyer" in card
    rows = [f"<dt>{term}</dt><dd>{euros_text(value)}" for term, value in (
        ("Pris en charge par Département de la Côte", -shared.parts[0][1]), ("Pour le foyer", shared.own),
    )]  # fmt: skip
    for row in rows:
        assert row.replace("\u00a0", " ") in card


def test_nothing_of_others_is_read_where_nobody_else_pays(world, django_assert_num_queries):
    home, _zoe = home_of(world)
    actor = home.actor
    with django_assert_num_queries(1):
        assert month_shared(actor, FIRST) == {}


def test_the_month_is_told_whole_where_no_key_opens_what_was_spent(world, settings):
    home, zoe = home_of(world)
    covers(world, home.family.pk, payer_id=payer_of(world).pk, most=Decimal("4.00"))
    world.books(zoe, FIRST, MORNING)
    world.bills()
    december = date(2026, 12, 2)
    assert month_shared(home.actor, december)
    settings.SEALING_KEYS = (Fernet.generate_key().decode(),)
    assert month_shared(home.actor, december) == {}


@pytest.mark.parametrize(
    ("again", "refused"),
    [
        ({}, True),
        ({"figure": Decimal(10)}, True),
        ({"since": date(2026, 11, 1), "until": date(2026, 11, 2)}, True),
        ({"child": True}, True),
        ({"until": date(2026, 8, 31), "since": date(2026, 8, 1)}, False),
        ({"other": True}, False),
    ],
)
def test_a_payer_never_pays_a_part_of_the_same_twice(world, again, refused):
    """Nor by a second click."""
    home, zoe = home_of(world)
    payer = payer_of(world)
    covers(world, home.family.pk, payer_id=payer.pk, figure=Decimal(50))
    said = {name: value for name, value in again.items() if name not in {"child", "other"}}
    if "child" in again:
        said["child_id"] = zoe.pk
    said["payer_id"] = payer_of(world).pk if "other" in again else payer.pk
    if refused:
        with pytest.raises(CoverageRefused, match="already"):
            covers(world, home.family.pk, **said)
    else:
        covers(world, home.family.pk, **said)
    assert Coverage.objects.count() == 2 - refused


def test_a_payer_may_pay_parts_of_activities_that_are_not_the_same(world):
    home, _zoe = home_of(world)
    payer, canteen = payer_of(world), world.activity("Cantine")
    covers(world, home.family.pk, payer_id=payer.pk, activity_ids=(world.wednesdays.pk,))
    covers(world, home.family.pk, payer_id=payer.pk, activity_ids=(canteen.pk,))
    with pytest.raises(CoverageRefused, match="already"):
        covers(world, home.family.pk, payer_id=payer.pk, activity_ids=(canteen.pk, world.wednesdays.pk))
    with pytest.raises(CoverageRefused, match="already"):
        covers(world, home.family.pk, payer_id=payer.pk)
