"""Two files become one: nothing is lost, no child holds a place twice, who read an old page is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import authenticate

from marelle.accounts.models import User
from marelle.accounts.services import password_ask
from marelle.billing.models import Invoice
from marelle.bookings.models import Booking
from marelle.core.personal import Merge, declared
from marelle.core.subject import Subject
from marelle.enrolments.models import Enrolment
from marelle.families.care.rules import SheetData
from marelle.families.file.reading import last_quotient
from marelle.families.finding.selectors import families_matching
from marelle.families.incomes.rules import IncomeKind
from marelle.families.models import (
    ChangeRequest,
    CustodyPeriod,
    Family,
    FormerFile,
    Guardianship,
    HealthSheet,
    Income,
    Member,
    Person,
    Residence,
    Vaccination,
)
from marelle.flows.actor.actors import actor_for
from marelle.flows.home.merging.matching import Someone, likely_pairs
from marelle.flows.home.merging.preview import merge_preview
from marelle.flows.home.merging.services import Merged
from marelle.journal.chain import entries_seal
from marelle.journal.models import Entry
from marelle.journal.origin import Origin
from marelle.journal.services import record
from marelle.journal.walking import chain_walked
from marelle.mail.models import Message
from marelle.messaging.models import Thread
from marelle.places.models import Employment, Post
from tests.flows.twice import NOW, Twice, refusal_of
from tests.scenario import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(time_machine: Any) -> Twice:
    time_machine.move_to(NOW, tick=False)
    return Twice()


# Who is whom


def someone(
    pk: int, first: str, last: str, born: date | None = date(2018, 1, 1), *, child: bool = True
) -> Someone:
    return Someone(pk, first, last, born, child)


def test_likely_pairs_have_the_same_names_without_accents_and_the_same_birth():
    kept = [
        someone(1, "Zoé", "Le Goff"),
        someone(2, "Léo", "Le Goff"),
        someone(3, "Anne", "Le Goff", None, child=False),
    ]
    left = [
        someone(11, "ZOE", "LE-GOFF"),
        someone(12, "Léo", "Le Goff", date(2018, 1, 2)),
        someone(13, "Anne", "Le Goff", date(1985, 1, 1), child=False),
    ]
    assert likely_pairs(kept, left) == {11: 1, 13: 3}


def test_two_of_one_name_are_nobodys_twin_and_a_shared_child_needs_no_pair():
    twice = [someone(1, "Zoé", "Martin"), someone(2, "Zoé", "Martin")]
    assert likely_pairs(twice, [someone(11, "Zoé", "Martin")]) == {}
    assert likely_pairs([someone(1, "Zoé", "Martin")], [someone(1, "Zoé", "Martin")]) == {}
    nobody = someone(1, "Bébé", "Martin", None)
    assert likely_pairs([nobody], [someone(11, "Bébé", "Martin", None)]) == {}


# What is kept


def test_the_chain_of_the_journal_has_no_flaw_after_it(world):
    for kind, pk in (("family", world.left.family.pk), ("person", world.twin.pk)):
        subject = Subject(kind, pk, "Haddad")
        record(actor=world.office, verb="x", subject=subject, family_id=world.left.family.pk, now=NOW)
    entries_seal(now=NOW + timedelta(hours=1))
    world.merge()
    assert set(Entry.objects.filter(verb="x").values_list("subject_id", "family_id")) == {
        (world.kept.family.pk, world.kept.family.pk),
        (world.ines.pk, world.kept.family.pk),
    }
    assert [flaw for step in chain_walked() for flaw in step.flaws] == []


def test_the_file_left_goes_into_the_other_with_its_people_and_its_number_finds_it(world):
    assert world.merge() == Merged(world.kept.family.pk)
    kept = Family.objects.get()
    assert kept == world.kept.family
    assert set(kept.members.values_list("person__first_name", "kind")) == {
        ("Rachid", "adult"),
        ("Amina", "adult"),
        ("Inès", "child"),
        ("Sami", "child"),
    }
    former = FormerFile.objects.get()
    assert (former.family, former.old_id, former.number) == (
        kept,
        world.left.family.pk,
        world.left.family.number,
    )
    # Both adults answer for the child of both files; she for her own only, as before.
    assert set(Guardianship.objects.values_list("adult__first_name", "child__first_name")) == {
        ("Rachid", "Inès"),
        ("Amina", "Inès"),
        ("Amina", "Sami"),
    }
    for words in (world.left.family.number, "amina", "sami haddad"):
        assert [found.id for found in families_matching(words, limit=5)] == [kept.pk]
    entry = Entry.objects.get(verb="family.merged")
    assert (entry.family_id, entry.data["number"]) == (kept.pk, world.left.family.number)
    assert Message.objects.filter(kind="families/files_merged", family_id=kept.pk).count() == 2


def test_both_accounts_open_the_one_file(world):
    world.merge()
    assert world.kept.actor.family_id == actor_for(world.left.adult.account).family_id == world.kept.family.pk


def test_every_table_that_points_at_the_file_left_points_at_the_one_kept(world):
    world.enrolment(world.twin, world.wednesdays, world.left)
    world.booking(world.twin, world.first_wednesday)
    Invoice.objects.create(
        authority=world.the_authority, family=world.left.family, number="F1", month=date(2026, 9, 1),
        issued_on=date(2026, 10, 1), due_on=date(2026, 10, 31), total=Decimal(12), paid=Decimal(0),
    )  # fmt: skip
    Thread.objects.create(
        family=world.left.family, structure=world.the_structure, subject="Bonjour", opened_at=NOW, last_at=NOW
    )
    about = Subject("person", world.twin.pk, "Ines")
    record(
        actor=world.left.actor, verb="booking.saved", subject=about, family_id=world.left.family.pk, now=NOW
    )
    before = {d.model: d.model._default_manager.count() for d in declared() if d.merge is not Merge.DROP}
    world.merge()
    after = {d.model: d.model._default_manager.count() for d in declared() if d.merge is not Merge.DROP}
    gone = {Family: 1, Person: 1, Member: 1}
    new = {FormerFile: 1, Entry: 1, Message: 2}
    for model, count in before.items():
        assert after[model] == count - gone.get(model, 0) + new.get(model, 0), model
    assert Booking.objects.get().child == world.ines
    entry = Entry.objects.get(verb="booking.saved")
    assert (entry.subject_id, entry.family_id) == (world.ines.pk, world.kept.family.pk)
    for model in (Enrolment, Booking, Invoice, Thread):
        assert model.objects.get().family == world.kept.family


def test_a_person_who_is_not_confirmed_as_the_same_stays_a_person_of_its_own(world):
    world.merge(pairs={})
    assert Member.objects.filter(kind="child").count() == 3


# Values


def test_a_value_wins_over_none_and_the_file_written_last_over_the_other(world):
    Person.objects.filter(pk=world.twin.pk).update(diet="no_pork", first_name="Inés")
    later = NOW + timedelta(minutes=1)
    subject = Subject("person", world.twin.pk, "Inés")
    record(
        actor=world.left.actor, verb="file.saved", subject=subject, family_id=world.left.family.pk, now=later
    )
    preview = merge_preview(
        actor=world.office, kept_id=world.kept.family.pk, left_id=world.left.family.pk, now=NOW
    )
    assert {one.key: one.default for one in preview.differences} == {
        "home.name": "left",
        "home.address": "left",
        f"child.first_name-{world.twin.pk}": "left",
        f"child.diet-{world.twin.pk}": "left",
    }
    world.merge(chosen={f"child.first_name-{world.twin.pk}": "kept", "home.name": "neither"})
    ines = Person.objects.get(pk=world.ines.pk)
    assert (ines.first_name, ines.diet) == ("Inès", "no_pork")
    assert Family.objects.get().name == "HADDAD"


@pytest.mark.parametrize("side", ["kept", "left"])
def test_the_address_chosen_is_the_one_that_holds_and_both_histories_stay(world, side):
    Residence.objects.filter(family=world.left.family).update(since=date(2024, 1, 1))
    chosen = Residence.objects.get(family=getattr(world, side).family).street
    for name in ("kept", "left"):
        Residence.objects.filter(family=getattr(world, name).family).update(source=f"proof of {name}")
    world.merge(chosen={"home.address": side})
    rows = Residence.objects.filter(family=world.kept.family)
    last = rows.order_by("-since").first()
    assert (last.street, last.source) == (chosen, f"proof of {side}")
    assert rows.filter(since__lte=date(2024, 1, 1)).count() == 2


@pytest.mark.parametrize("side", ["kept", "left"])
def test_the_quotient_chosen_rests_on_its_own_proof(world, side):
    for name, amount, since in (("kept", 400, date(2025, 1, 1)), ("left", 900, date(2025, 6, 1))):
        family = getattr(world, name).family
        Income.objects.filter(family=family).delete()
        home, source = getattr(world, name), f"proof of {name}"
        world.income(home, IncomeKind.QUOTIENT, str(amount), since=since, source=source)
    world.merge(chosen={"home.quotient": side})
    assert last_quotient(world.kept.family.pk).source == f"proof of {side}"


def test_what_either_file_denied_stays_denied(world):
    rachid = world.kept.adult
    Guardianship.objects.filter(adult=rachid).update(may_fetch=False)
    twin_of_rachid = world.adult(world.left, "Rachid", last_name="Haddad")
    world.guardian(twin_of_rachid, world.twin, may_book=False)
    world.merge()
    row = Guardianship.objects.get(adult=rachid, child=world.ines)
    assert (row.may_fetch, row.may_book, row.may_see) == (False, False, True)


def test_nothing_said_of_a_childs_health_is_lost(world):
    HealthSheet.objects.create(
        child=world.ines, allergies="Arachide", is_severe=True, updated_at=NOW, updated_by="R"
    )
    HealthSheet.objects.create(
        child=world.twin, allergies="Œuf", pai=True, updated_at=NOW + timedelta(hours=1), updated_by="A"
    )
    world.merge()
    sheet = HealthSheet.objects.get()
    assert (sheet.child, sheet.is_severe, sheet.pai) == (world.ines, True, True)
    assert "Arachide" in sheet.allergies
    assert "Œuf" in sheet.allergies


def test_meals_that_either_file_said_were_brought_stay_so(world):
    day = timedelta(days=1)
    for child, ago, said in (
        (world.ines, 40, SheetData(pai=True, pai_meal="structure")),
        (world.twin, 20, SheetData(pai=True, pai_meal="family")),
    ):
        sheet = HealthSheet(child=child, updated_at=NOW, updated_by="R")
        sheet.say(replace(said, pai_meal="family"), NOW.date() - ago * day)
        sheet.say(said, NOW.date() - (ago - 5) * day)
        sheet.save()
    world.merge()
    today = NOW.date()
    brought = HealthSheet.objects.get().meals
    assert brought == ((today - 40 * day, today - 36 * day), (today - 20 * day, date.max))


def test_a_vaccine_that_both_files_hold_of_one_child_stays_once(world):
    day = NOW.date()
    for child, vaccine in ((world.ines, "ROR"), (world.twin, "ROR"), (world.twin, "DTP")):
        Vaccination.objects.create(child=child, vaccine=vaccine, on=day)
    world.merge()
    assert sorted(row.vaccine for row in Vaccination.objects.filter(child=world.ines)) == ["DTP", "ROR"]
    assert Vaccination.objects.count() == 2


def test_sheets_that_do_not_fit_into_one_are_left_as_they_are(world):
    for child, letter in ((world.ines, "a"), (world.twin, "b")):
        HealthSheet.objects.create(child=child, remarks=letter * 600, updated_at=NOW, updated_by="R")
    assert refusal_of(world.merge) == "health_too_long"
    assert Family.objects.count() == 2
    assert HealthSheet.objects.count() == 2


def test_somebody_to_add_keeps_its_links_to_people_who_have_another_key_now(world):
    twin_of_rachid = world.adult(world.left, "Rachid", last_name="Haddad")
    change = ChangeRequest.objects.create(
        kind="add", family=world.left.family, asked_at=NOW, asked_by="A",
        new={"kind": "child", "first_name": "Lou", "links": {str(twin_of_rachid.pk): "father"}},
    )  # fmt: skip
    world.merge()
    change.refresh_from_db()
    assert change.new["links"] == {str(world.kept.adult.pk): "father"}


def test_a_child_of_both_homes_is_a_member_once_and_its_weeks_are_over_where_they_differ(world):
    world.shared(world.ines, world.kept, world.left)
    preview = merge_preview(
        actor=world.office, kept_id=world.kept.family.pk, left_id=world.left.family.pk, pairs={}, now=NOW
    )
    assert preview.shared == ("Inès",)
    world.merge(pairs={})
    assert Member.objects.filter(person=world.ines).get().family == world.kept.family
    assert CustodyPeriod.objects.get().until == date(2026, 11, 24)


# Accounts of one person


def one_person_with_two_accounts(world: Twice) -> tuple[User, User]:
    twin = world.adult(world.left, "Rachid", last_name="Haddad", identifier="rachid2")
    twin.account.email = "rachid@famille.example"
    twin.account.last_login = NOW
    twin.account.save()
    return world.kept.user, twin.account


def test_two_accounts_of_one_person_are_two_names_for_the_one_used_last(world):
    first, second = one_person_with_two_accounts(world)
    first.set_password("celui de l’autre compte")
    first.save()
    worked = Employment.objects.create(user=first, authority=world.the_authority, until=date(2026, 6, 30))
    world.merge()
    assert Person.objects.get(pk=world.kept.adult.pk).account == second
    worked.refresh_from_db()
    assert worked.user == second, "its children were those of staff until then"
    for name in (first.identifier, second.identifier):
        assert authenticate(username=name, password=PASSWORD) == second
        assert authenticate(username=name, password="celui de l’autre compte") is None
    password_ask(name=first.identifier, origin=Origin(), now=NOW)
    assert Message.objects.get(kind="accounts/new_password").to == "rachid@famille.example"


def test_an_account_of_an_agent_stays_and_two_of_agents_are_left_alone(world):
    first, second = one_person_with_two_accounts(world)
    Post.objects.create(user=first, role="director", structure=world.the_structure)
    Post.objects.create(user=second, role="director", structure=world.the_structure)
    assert refusal_of(world.merge) == "two_agents"
    Post.objects.filter(user=second).delete()
    world.merge()
    assert Person.objects.get(pk=world.kept.adult.pk).account == first


def test_an_account_without_an_address_is_not_given_that_of_the_other(world):
    _first, second = one_person_with_two_accounts(world)
    User.objects.filter(pk=second.pk).update(email="")
    world.merge()
    second.refresh_from_db()
    assert second.email == ""


def test_a_file_merged_in_turn_takes_its_former_numbers_along(world):
    world.merge()
    third = world.home("Haddad", "Rachid")
    world.merge(kept_id=third.family.pk, left_id=world.kept.family.pk)
    assert set(FormerFile.objects.values_list("number", "family_id")) == {
        (world.left.family.number, third.family.pk),
        (world.kept.family.number, third.family.pk),
    }
