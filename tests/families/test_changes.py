"""Saving the file: what is kept, what waits, what changed meanwhile; and the answers of agents."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from marelle.cases.models import Case, CaseState
from marelle.cases.rules import UNDO_FOR
from marelle.cases.services import OwnFile
from marelle.core.actor import Role
from marelle.core.refusals import ChangedMeanwhile, NotYours, Refusal
from marelle.families.file.changes import change_withdraw, file_save
from marelle.families.file.decisions import Decision, changes_decide
from marelle.families.file.labels import refusal_text
from marelle.families.file.put_back import proposals_forget
from marelle.families.file.reading import home_sheet, person_sheet
from marelle.families.models import ChangeRequest, FieldPolicy, Income, ProposedIncome, Residence
from marelle.families.refusals import (
    AlreadyAnswered,
    HomeLeft,
    LastAdult,
    NotAllowed,
    ReasonMissing,
    WrongValues,
)
from marelle.families.services import residence_add
from marelle.files.fields import checked
from marelle.files.labels import NOT_SEEN
from marelle.files.models import StoredFile
from marelle.files.rules import NotSeen, Scan
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.mail.models import Message
from tests.families.changing import DAY, MOVED, NOW, Cast, accept, move, refuse, save, waiting
from tests.scenario import picture

pytestmark = pytest.mark.django_db


# What is kept, what waits


def test_a_free_field_is_kept_and_the_journal_names_it_without_its_value(cast: Cast):
    saved = save(
        cast.durand.actor, cast.durand.adult, adult__phone="06 39 98 10 77", adult__profession="Boulanger"
    )
    cast.durand.adult.refresh_from_db()
    assert saved.kept == ("adult.phone", "adult.profession")
    assert cast.durand.adult.phone == "+33639981077"
    entry = Entry.objects.get(verb="file.saved")
    assert entry.data == {"fields": ["adult.phone", "adult.profession"]}
    assert "Boulanger" not in str(entry.data)


def test_a_moderated_field_waits_beside_the_old_value(cast: Cast):
    saved = save(cast.durand.actor, cast.zoe, child__birth_date="2019-03-05")
    cast.zoe.refresh_from_db()
    change = waiting()
    assert (saved.kept, saved.waiting) == ((), ("child.birth_date",))
    assert cast.zoe.birth_date == date(2019, 3, 4)
    assert (change.old, change.new) == ({"value": "2019-03-04"}, {"value": "2019-03-05"})
    assert Case.objects.get(kind="change").authority_id == cast.world.the_authority.pk


def test_the_same_proposal_twice_is_one(cast: Cast):
    for _again in range(2):
        assert move(cast.durand.actor).waiting == ("home.address",)
    assert ChangeRequest.objects.count() == 1
    assert Entry.objects.filter(verb="file.change_asked").count() == 1


def test_a_newer_proposal_replaces_the_older_visibly(cast: Cast):
    move(cast.durand.actor)
    first = waiting()
    move(cast.durand.actor, street="3 rue du Four")
    first.refresh_from_db()
    assert first.state == ChangeRequest.State.REPLACED
    assert waiting().new["street"] == "3 rue du Four"
    assert list(Case.objects.order_by("pk").values_list("state", flat=True)) == [
        CaseState.WITHDRAWN,
        CaseState.OPEN,
    ]


def test_all_or_nothing_when_one_field_is_wrong(cast: Cast):
    with pytest.raises(WrongValues) as refused:
        save(
            cast.durand.actor,
            cast.durand.adult,
            adult__phone="06 39 98 10 77",
            adult__birth_date="1850-01-01",
        )
    assert set(refused.value.errors) == {"adult.birth_date"}
    before = cast.durand.adult.phone
    cast.durand.adult.refresh_from_db()
    assert cast.durand.adult.phone == before


def test_a_field_changed_meanwhile_is_not_overwritten(cast: Cast):
    adult = cast.durand.adult
    seen = {"adult.profession": {"value": ""}}
    save(cast.durand.actor, adult, adult__profession="Boulanger")
    with pytest.raises(ChangedMeanwhile) as refused:
        file_save(
            actor=cast.durand.actor,
            person_id=adult.pk,
            typed={"adult.profession": {"value": "Pâtissier"}},
            seen=seen,
            now=NOW,
        )
    assert refused.value.data["held"] == {"adult.profession": {"value": "Boulanger"}}
    adult.refresh_from_db()
    assert adult.profession == "Boulanger"


def test_a_stale_form_leaves_alone_what_its_reader_did_not_touch(cast: Cast):
    adult = cast.durand.adult
    save(cast.durand.actor, adult, adult__profession="Boulanger")
    file_save(
        actor=cast.durand.actor,
        person_id=adult.pk,
        typed={"adult.profession": {"value": ""}, "adult.employer": {"value": "Mairie"}},
        seen={"adult.profession": {"value": ""}, "adult.employer": {"value": ""}},
        now=NOW,
    )
    adult.refresh_from_db()
    assert (adult.profession, adult.employer) == ("Boulanger", "Mairie")


def test_the_authority_decides_what_is_free(cast: Cast):
    FieldPolicy.objects.create(code="adult.profession", policy="read_only")
    FieldPolicy.objects.create(code="adult.employer", policy="hidden")
    FieldPolicy.objects.create(code="child.first_name", policy="free")
    FieldPolicy.objects.create(code="home.quotient", policy="free")
    saved = save(cast.durand.actor, cast.durand.adult, adult__profession="X", adult__employer="Y")
    assert saved == type(saved)()
    assert save(cast.durand.actor, cast.zoe, child__first_name="Zoée").kept == ("child.first_name",)
    saved = file_save(
        actor=cast.durand.actor,
        person_id=None,
        typed={"home.quotient": {"amount": "500", "since": ""}},
        seen={},
        now=NOW,
    )
    assert saved.waiting == ("home.quotient",), "an income is never taken unchecked"


def test_an_agent_acting_for_the_home_writes_at_once(cast: Cast):
    agent = replace(cast.office, family_id=cast.durand.family.pk, on_behalf_of=True)
    assert move(agent).kept == ("home.address",)
    assert Residence.objects.filter(family=cast.durand.family).order_by("-since")[0].street == "2 rue du Four"


def test_the_mail_of_who_has_an_account_is_not_changed_here(cast: Cast):
    saved = save(cast.durand.actor, cast.durand.adult, adult__email="autre@famille.example")
    assert saved == type(saved)()
    hugo = cast.world.adult(cast.durand, "Hugo")
    assert save(cast.durand.actor, hugo, adult__email="autre@famille.example").waiting == ("adult.email",)


def test_taking_a_proposal_back_closes_its_case(cast: Cast):
    move(cast.durand.actor)
    change = waiting()
    change_withdraw(actor=cast.durand.actor, change_id=change.pk, now=NOW)
    assert Case.objects.get().state == CaseState.WITHDRAWN
    with pytest.raises(AlreadyAnswered):
        change_withdraw(actor=cast.durand.actor, change_id=change.pk, now=NOW)


# Answers


def test_an_accepted_address_counts_from_the_day_the_agent_says(cast: Cast):
    move(cast.durand.actor)
    accept(cast.office, waiting(), since=date(2026, 12, 5))
    row = Residence.objects.order_by("-since")[0]
    assert (row.street, row.since, row.commune) == (
        "2 rue du Four",
        date(2026, 12, 5),
        cast.world.the_commune,
    )
    message = Message.objects.get(kind="families/change_answered")
    assert "Adresse" in message.text
    assert "rue du Four" not in message.text
    assert Case.objects.get().state == CaseState.ACCEPTED


@pytest.mark.parametrize("state", [Scan.WAITING, Scan.INFECTED])
def test_a_change_whose_proof_nobody_could_open_is_not_accepted(cast: Cast, state: Scan):
    proofs = {"home.address": checked(picture())}
    file_save(
        actor=cast.durand.actor,
        person_id=None,
        typed={"home.address": MOVED},
        seen={},
        proofs=proofs,
        now=NOW,
    )
    StoredFile.objects.update(scan=state.value, scan_at=NOW)
    change = waiting()
    with pytest.raises(NotSeen) as refused:
        accept(cast.office, change)
    assert refusal_text(refused.value) == str(NOT_SEEN[refused.value.code])
    assert waiting().pk == change.pk
    refuse(cast.office, change)
    assert change.state == "refused"


def test_a_refusal_says_why_to_the_home_that_asked_alone(cast: Cast):
    petit = cast.world.home("Petit", "Dominique")
    cast.world.shared(cast.zoe, cast.durand, petit)
    save(cast.durand.actor, cast.zoe, child__birth_date="2019-03-05")
    change = waiting()
    with pytest.raises(ReasonMissing):
        refuse(cast.office, change, " ")
    refuse(cast.office, change, "Le livret dit le 4.")
    message = Message.objects.get(kind="families/change_answered")
    assert message.to == cast.durand.adult.email
    assert "Le livret dit le 4." in message.text
    cast.zoe.refresh_from_db()
    assert cast.zoe.birth_date == date(2019, 3, 4)


def test_several_answers_to_one_home_are_one_mail(cast: Cast):
    save(cast.durand.actor, cast.durand.adult, adult__situation="married", adult__birth_date="1990-05-04")
    changes = list(ChangeRequest.objects.order_by("pk"))
    decisions = [
        Decision(changes[0].pk, accept=True),
        Decision(changes[1].pk, accept=False, reason="À vérifier."),
    ]
    changes_decide(actor=cast.office, decisions=decisions, now=NOW)
    assert Message.objects.filter(kind="families/change_answered").count() == 1


def test_accepting_never_overwrites_what_changed_since(cast: Cast):
    move(cast.durand.actor)
    change = waiting()
    residence_add(
        actor=cast.office,
        family_id=cast.durand.family.pk,
        street="9 place du Marché",
        postal_code="21999",
        city="Arelle",
        commune_id=None,
        since=DAY,
        source="bail",
        now=NOW,
    )
    with pytest.raises(ChangedMeanwhile) as refused:
        accept(cast.office, change)
    held = refused.value.data["held"]["home.address"]
    assert held["street"] == "9 place du Marché"
    accept(cast.office, change, current=held)
    assert change.state == ChangeRequest.State.ACCEPTED


def test_an_income_lives_on_its_own_row_and_goes_once_answered(cast: Cast):
    cast.world.quotient(cast.durand, "734.00")
    file_save(
        actor=cast.durand.actor,
        person_id=None,
        typed={"home.quotient": {"amount": "512,40", "since": "2026-11-01"}},
        seen={},
        now=NOW,
    )
    change = waiting()
    assert (change.old, change.new) == ({}, {})
    assert not re.search("512[.,]4", str([entry.data for entry in Entry.objects.all()]))
    accept(cast.office, change)
    assert Income.objects.order_by("-since")[0].told.amount == Decimal("512.40")
    proposals_forget(now=NOW + UNDO_FOR - timedelta(seconds=1))
    assert ProposedIncome.objects.exists()
    proposals_forget(now=NOW + UNDO_FOR)
    assert not ProposedIncome.objects.exists()
    assert "512,4" not in Message.objects.get(kind="families/change_answered").text


@pytest.mark.parametrize("who", ["director", "other_office", "parent"])
def test_only_the_office_of_the_portal_decides(cast: Cast, who: str):
    move(cast.durand.actor)
    actors = {
        "director": lambda: actor_for(cast.world.staff("direction", Role.DIRECTOR)),
        "other_office": lambda: actor_for(
            cast.world.staff("mairie", Role.OFFICE, authority=cast.world.authority("Mairie"))
        ),
        "parent": lambda: cast.durand.actor,
    }
    with pytest.raises(NotYours):
        accept(actors[who](), waiting())


def test_nobody_decides_its_own_file(cast: Cast):
    from marelle.places.models import Post

    Post.objects.create(user=cast.durand.user, role=Role.OFFICE.value, authority=cast.world.the_authority)
    move(cast.durand.actor)
    with pytest.raises(OwnFile):
        accept(actor_for(cast.durand.user), waiting())


def test_the_second_answer_is_told_that_it_comes_late(cast: Cast):
    move(cast.durand.actor)
    change = waiting()
    accept(cast.office, change)
    with pytest.raises(AlreadyAnswered):
        refuse(cast.office, change)


def test_the_home_is_read_in_a_fixed_number_of_queries(cast: Cast, count_queries):
    actor = cast.durand.actor
    with count_queries(5):
        home_sheet(actor, day=DAY)
    with count_queries(7):
        person_sheet(actor, cast.zoe.pk, day=DAY)


def test_every_refusal_has_its_sentence():
    for refusal in (
        HomeLeft(),
        LastAdult(),
        AlreadyAnswered("accepted"),
        ReasonMissing(),
        NotAllowed("own_file"),
    ):
        assert isinstance(refusal, Refusal)
        assert refusal_text(refusal) != refusal_text(Refusal("unknown"))
