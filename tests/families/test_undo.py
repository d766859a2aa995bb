"""A decided change undone: what it replaced is put back, unless the file has moved on."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from marelle.cases.models import Case
from marelle.cases.services import CannotUndo
from marelle.core.sealed import seal
from marelle.families.file.changes import file_save, person_ask_add
from marelle.families.file.decisions import Decision, changes_decide
from marelle.families.file.undoing import change_undo
from marelle.families.models import (
    ChangeRequest,
    Guardianship,
    Income,
    Member,
    Person,
    ProposedIncome,
    Residence,
    Schooling,
    SearchKey,
    SearchWord,
)
from marelle.mail.models import Message, MessageState
from tests.families.changing import NOW, Cast, accept, move, newborn, refuse, save, waiting

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(seconds=30)


def undo(cast: Cast, change: ChangeRequest) -> None:
    change_undo(actor=cast.office, change_id=change.pk, decided_at=NOW, now=LATER)


def born_on(cast: Cast) -> date | None:
    return Person.objects.get(pk=cast.zoe.pk).birth_date


def asked(cast: Cast, day: str = "2019-03-05") -> ChangeRequest:
    save(cast.durand.actor, cast.zoe, child__birth_date=day)
    return waiting()


def why(cast: Cast, change: ChangeRequest) -> str:
    with pytest.raises(CannotUndo) as refused:
        undo(cast, change)
    return refused.value.data["why"]


@pytest.mark.parametrize("decide", [accept, refuse])
def test_the_value_and_the_request_are_as_before(cast: Cast, decide) -> None:
    change = asked(cast)
    decide(cast.office, change)
    undo(cast, change)
    assert born_on(cast) == date(2019, 3, 4)
    assert waiting() == change
    told = Message.objects.filter(kind="families/change_answered")
    assert {mail.state for mail in told} == {MessageState.REVOKED}
    accept(cast.office, change)
    assert born_on(cast) == date(2019, 3, 5)


def test_a_value_corrected_since_is_not_lost(cast: Cast) -> None:
    change = asked(cast)
    accept(cast.office, change)
    Person.objects.filter(pk=cast.zoe.pk).update(birth_date=date(2019, 3, 6))
    assert why(cast, change) == "changed"
    assert born_on(cast) == date(2019, 3, 6)
    assert not ChangeRequest.objects.filter(state=ChangeRequest.State.OPEN).exists()


def test_a_home_that_proposed_again_keeps_its_newer_proposal(cast: Cast) -> None:
    change = asked(cast)
    refuse(cast.office, change)
    newer = asked(cast, "2019-03-07")
    assert why(cast, change) == "asked_again"
    assert waiting() == newer


def rows() -> list[dict[str, object]]:
    """All that deciding a change writes."""
    models = (Person, Member, Guardianship, Residence, Income, Schooling, ChangeRequest, ProposedIncome)
    return [row for model in models for row in model._default_manager.order_by("pk").values()]


def income(cast: Cast, since: str = "2026-11-01") -> None:
    typed = {"home.quotient": {"amount": "512,40", "since": since}}
    file_save(actor=cast.durand.actor, person_id=None, typed=typed, seen={}, now=NOW)


def school(cast: Cast) -> None:
    typed = {"child.school": {"school": str(cast.world.school("Les Prés").pk), "level": "CE1", "teacher": ""}}
    file_save(actor=cast.durand.actor, person_id=cast.zoe.pk, typed=typed, seen={}, now=NOW)


def newcomer(cast: Cast) -> None:
    person_ask_add(actor=cast.durand.actor, newcomer=newborn(cast), now=NOW)


PROPOSED = {
    "address": lambda cast: move(cast.durand.actor),
    "address of the same day": lambda cast: move(cast.durand.actor, since="2026-01-01"),
    "income": income,
    "income of the same day": lambda cast: income(cast, "2026-01-01"),
    "school": school,
    "newcomer": newcomer,
}


@pytest.fixture
def known(cast: Cast) -> Cast:
    """The home has an address, a quotient and a school, the first two since the first of January."""
    Residence.objects.filter(family=cast.durand.family).delete()
    cast.world.quotient(cast.durand, "734.00", since=date(2026, 1, 1))
    Residence.objects.create(
        family=cast.durand.family,
        since=date(2026, 1, 1),
        street="1 rue Haute",
        postal_code="21999",
        city="Arelle",
        source="bail",
    )
    return cast


@pytest.mark.parametrize("decide", [accept, refuse])
@pytest.mark.parametrize("what", PROPOSED)
def test_each_row_is_as_before(known: Cast, what, decide) -> None:
    PROPOSED[what](known)
    before = rows()
    change = waiting()
    decide(known.office, change)
    assert rows() != before
    undo(known, change)
    assert rows() == before
    decide(known.office, waiting())


@pytest.mark.parametrize("what", [one for one in PROPOSED if one != "newcomer"])
def test_a_row_corrected_since_is_not_lost(known: Cast, what) -> None:
    PROPOSED[what](known)
    change = waiting()
    accept(known.office, change)
    Residence.objects.update(street="9 place du Marché")
    Income.objects.update(amount=seal("600.00"))
    Schooling.objects.update(level="CE2")
    after = rows()
    assert why(known, change) == "changed"
    assert rows() == after


@pytest.mark.parametrize("what", ["income", "address"])
def test_a_day_that_the_agent_gave_is_the_one_put_back(known: Cast, what) -> None:
    PROPOSED[what](known)
    before = rows()
    change = waiting()
    accept(known.office, change, since=date(2026, 11, 20))
    undo(known, change)
    assert rows() == before


def test_an_income_is_written_nowhere_else(known: Cast) -> None:
    income(known, "2026-01-01")
    change = waiting()
    accept(known.office, change)
    assert (change.old, change.new, change.replaced) == ({}, {}, None)


def test_a_child_known_elsewhere_leaves_this_home_alone(known: Cast) -> None:
    petit = known.world.home("Petit", "Dominique")
    leo = known.world.child(petit, "Léo", born=date(2022, 6, 1))
    newcomer(known)
    before = rows()
    change = waiting()
    accept(known.office, change, same_as=leo.pk)
    known.world.enrolment(leo, known.world.activity("Mercredis"), petit)
    undo(known, change)
    assert rows() == before


def test_a_person_of_whom_the_home_made_use_stays(known: Cast) -> None:
    newcomer(known)
    change = waiting()
    accept(known.office, change)
    leo = Person.objects.get(first_name="Léo")
    known.world.enrolment(leo, known.world.activity("Mercredis"), known.durand, state="requested")
    assert why(known, change) == "newcomer"
    assert Member.objects.filter(person=leo).exists()


def test_who_was_added_is_found_no_more(known: Cast) -> None:
    newcomer(known)
    change = waiting()
    accept(known.office, change)
    assert SearchWord.objects.filter(word="leo").exists()
    undo(known, change)
    assert not SearchWord.objects.filter(word="leo").exists()
    assert not SearchKey.objects.filter(word="leo").exists()


def test_another_newcomer_does_not_stand_in_the_way(known: Cast) -> None:
    newcomer(known)
    change = waiting()
    refuse(known.office, change)
    other = newborn(known, first_name="Ana")
    person_ask_add(actor=known.durand.actor, newcomer=other, now=NOW)
    undo(known, change)
    refuse(known.office, change)
    newcomer(known)
    assert why(known, change) == "asked_again"


def test_a_birth_that_was_declared_is_to_come_again(known: Cast) -> None:
    baby = known.world.child(known.durand, "Ida", born=None, expected_on=date(2026, 11, 20))
    save(known.durand.actor, baby, child__birth_date="2026-11-18")
    before = rows()
    change = waiting()
    accept(known.office, change)
    undo(known, change)
    assert rows() == before


def test_changes_told_in_one_mail_are_undone_together(known: Cast) -> None:
    first = asked(known)
    move(known.durand.actor)
    income(known)
    newcomer(known)
    before = rows()
    decisions = [
        Decision(row.pk, accept=row != first, reason="Illisible.")
        for row in ChangeRequest.objects.filter(state=ChangeRequest.State.OPEN)
    ]
    changes_decide(actor=known.office, decisions=decisions, now=NOW)
    undo(known, first)
    assert rows() == before
    told = Message.objects.filter(kind="families/change_answered")
    assert {mail.state for mail in told} == {MessageState.REVOKED}
    assert set(Case.objects.filter(kind="change").values_list("state", flat=True)) == {"open"}


def two_accepted(known: Cast) -> ChangeRequest:
    first = asked(known)
    move(known.durand.actor)
    changes = ChangeRequest.objects.filter(state=ChangeRequest.State.OPEN)
    changes_decide(actor=known.office, decisions=[Decision(row.pk, accept=True) for row in changes], now=NOW)
    return first


def test_together_is_all_or_nothing(known: Cast) -> None:
    first = two_accepted(known)
    Person.objects.filter(pk=known.zoe.pk).update(birth_date=date(2019, 3, 6))
    after = rows()
    assert why(known, first) == "changed"
    assert rows() == after


def test_a_mail_that_has_left_keeps_them_all(known: Cast) -> None:
    first = two_accepted(known)
    Message.objects.filter(kind="families/change_answered").update(state=MessageState.SENDING)
    after = rows()
    assert why(known, first) == "mail_gone"
    assert rows() == after
