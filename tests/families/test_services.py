"""Writes on families: who may, what is refused, what the journal keeps."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from marelle.accounts.models import User
from marelle.core.actor import SYSTEM, Actor, Role
from marelle.core.refusals import NotYours
from marelle.families.incomes.rules import IncomeKind, IncomeStatus, NewIncome, Told, WrongIncome
from marelle.families.incomes.services import income_note
from marelle.families.invitations import member_invite
from marelle.families.models import CustodyPeriod, Family, Guardianship, Member, Person
from marelle.families.refusals import NotAllowed, WrongDate, WrongFamily
from marelle.families.rules import CustodyHolidays, CustodyWeeks
from marelle.families.services import (
    FamilyCreated,
    NewAdult,
    NewChild,
    NewGuardian,
    custody_set,
    family_create,
    residence_add,
    schooling_set,
)
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.mail.models import Message
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 7, 8, tzinfo=UTC)
SINCE = date(2026, 9, 1)


def create(actor: Actor = SYSTEM, **changes: object) -> FamilyCreated:
    given = {
        "name": "Durand",
        "adults": [NewAdult("camille", "Camille", "Durand", email="camille@famille.example")],
        "children": [
            NewChild("Zoé", "Durand", date(2019, 3, 4), guardians=[NewGuardian("camille", "mother")]),
            NewChild("Bébé", "Durand", expected_on=date(2026, 12, 1)),
        ],
        "since": SINCE,
        "now": NOW,
        **changes,
    }
    return family_create(actor=actor, **given)  # type: ignore[arg-type]


def quotient(amount: Decimal) -> NewIncome:
    return NewIncome(IncomeKind.QUOTIENT, Told(IncomeStatus.PROVED, amount), SINCE, "CAF")


def office(world: Scenario) -> Actor:
    return actor_for(world.staff("guichet", Role.OFFICE))


def test_a_family_comes_with_its_people_and_guardians():
    made = create()
    family = Family.objects.get(pk=made.family_id)
    assert family.number == made.number == f"{family.pk:06}"
    assert sorted(family.members.values_list("person__first_name", "kind")) == [
        ("Bébé", "child"),
        ("Camille", "adult"),
        ("Zoé", "child"),
    ]
    guardianship = Guardianship.objects.get()
    assert (guardianship.adult_id, guardianship.child_id) == (made.adults["camille"], made.children[0])
    assert guardianship.may_book
    assert Entry.objects.get(verb="family.created").family_id == family.pk


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"adults": []}, "no_adult"),
        ({"adults": [NewAdult("a", "A", "A"), NewAdult("a", "B", "B")], "children": []}, "adult_twice"),
        ({"children": [NewChild("Zoé", "Durand")]}, "born_or_expected"),
        (
            {"children": [NewChild("Z", "D", SINCE, guardians=[NewGuardian("nobody", "mother")])]},
            "unknown_guardian",
        ),
    ],
)
def test_what_makes_no_family_is_refused_and_writes_nothing(changes: dict[str, object], code: str):
    with pytest.raises(WrongFamily) as refused:
        create(**changes)
    assert refused.value.code == code
    assert not Person.objects.exists()


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.ANIMATOR])
def test_who_keeps_no_files_writes_none(role: Role):
    actor = actor_for(Scenario().staff("agent", role))
    with pytest.raises(NotAllowed):
        create(actor)


def test_a_parent_does_not_write_its_quotient():
    durand = Scenario().home("Durand")
    with pytest.raises(NotAllowed):
        income_note(actor=durand.actor, family_id=durand.family.pk, income=quotient(Decimal(100)), now=NOW)


def test_an_agent_does_not_write_in_the_file_of_its_own_home():
    world = Scenario()
    durand = world.home("Durand")
    world.staff("guichet", Role.OFFICE)
    durand.user.posts.create(role=Role.OFFICE.value, authority=world.the_authority)
    with pytest.raises(NotAllowed) as refused:
        income_note(actor=durand.actor, family_id=durand.family.pk, income=quotient(Decimal(100)), now=NOW)
    assert refused.value.code == "own_file"


def test_the_journal_does_not_hold_the_quotient():
    world = Scenario()
    durand = world.home("Durand")
    income_note(actor=office(world), family_id=durand.family.pk, income=quotient(Decimal("734.12")), now=NOW)
    entry = Entry.objects.get(verb="income.noted")
    assert not re.search("734[.,]12", f"{entry.data}{entry.subject_label}")
    assert durand.family.incomes.get().told.amount == Decimal("734.12")


def test_a_negative_quotient_is_refused():
    world = Scenario()
    with pytest.raises(WrongIncome):
        income_note(
            actor=office(world), family_id=world.home("D").family.pk, income=quotient(Decimal(-1)), now=NOW
        )


def test_an_address_of_the_same_day_replaces_the_former():
    world = Scenario()
    durand = world.home("Durand", address=False)
    agent = office(world)
    for street in ("1 rue A", "2 rue B"):
        residence_add(
            actor=agent,
            family_id=durand.family.pk,
            street=street,
            postal_code="21999",
            city="Arelle",
            commune_id=None,
            since=SINCE,
            source="",
            now=NOW,
        )
    assert durand.family.residences.get().street == "2 rue B"


def test_a_family_that_does_not_exist_is_refused():
    with pytest.raises(NotYours):
        income_note(actor=SYSTEM, family_id=0, income=quotient(Decimal(1)), now=NOW)


def test_a_new_custody_pattern_ends_the_former_the_day_before():
    world = Scenario()
    durand = world.home("Durand")
    zoe = world.child(durand, "Zoé")
    member = Member.objects.get(person=zoe)
    world.custody(member, CustodyWeeks.EVEN)
    custody_set(
        actor=office(world),
        member_id=member.pk,
        weeks=CustodyWeeks.ODD,
        holidays=CustodyHolidays.FIRST_HALF,
        since=SINCE,
        now=NOW,
    )
    assert list(CustodyPeriod.objects.order_by("since").values_list("weeks", "until")) == [
        ("even", date(2026, 8, 31)),
        ("odd", None),
    ]


def test_a_custody_pattern_before_the_last_is_refused():
    world = Scenario()
    zoe = world.child(world.home("Durand"), "Zoé")
    member = Member.objects.get(person=zoe)
    world.custody(member, CustodyWeeks.EVEN, since=date(2026, 10, 1))
    with pytest.raises(WrongDate) as refused:
        custody_set(
            actor=office(world),
            member_id=member.pk,
            weeks=CustodyWeeks.ODD,
            holidays=CustodyHolidays.SAME_AS_WEEKS,
            since=SINCE,
            now=NOW,
        )
    assert refused.value.data["since"] == date(2026, 10, 1)


def test_school_is_told_in_the_journal_of_both_homes():
    world = Scenario()
    martin, petit = world.home("Martin"), world.home("Petit")
    lou = world.child(martin, "Lou")
    world.shared(lou, martin, petit)
    schooling_set(
        actor=office(world),
        child_id=lou.pk,
        school_id=world.the_school.pk,
        school_year=2026,
        level="CE1",
        now=NOW,
    )
    told = set(Entry.objects.filter(verb="schooling.set").values_list("family_id", flat=True))
    assert told == {martin.family.pk, petit.family.pk}


def test_an_adult_is_invited_by_mail_and_again_without_a_second_account():
    world = Scenario()
    durand = world.home("Durand")
    sacha = world.adult(durand, "Sacha")
    agent = office(world)
    first = member_invite(actor=agent, person_id=sacha.pk, now=NOW)
    again = member_invite(actor=agent, person_id=sacha.pk, now=NOW)
    sacha.refresh_from_db()
    assert sacha.account_id == first.user_id == again.user_id
    assert Message.objects.filter(to=sacha.email).count() == 2
    assert not User.objects.get(pk=first.user_id).is_active


def test_an_adult_without_address_is_invited_by_letter():
    world = Scenario()
    sacha = world.adult(world.home("Durand"), "Sacha")
    Person.objects.filter(pk=sacha.pk).update(email="")
    member_invite(actor=office(world), person_id=sacha.pk, now=NOW)
    assert Message.objects.get().channel == "letter"


def test_a_child_is_not_invited():
    world = Scenario()
    zoe = world.child(world.home("Durand"), "Zoé")
    with pytest.raises(NotYours):
        member_invite(actor=office(world), person_id=zoe.pk, now=NOW)
