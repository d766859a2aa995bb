from __future__ import annotations

import dataclasses

import pytest
from django.contrib.auth import get_user_model

from marelle.core import personal
from marelle.core.personal import Erase, Keep, Merge, PersonalData, Since
from marelle.families.models import Family, Member, Person
from marelle.journal.models import Entry
from marelle.places.models import Structure

MEMBER = PersonalData(
    model=Member,
    path="family",
    export=("kind", "since"),
    merge=Merge.MOVE,
    erase=Erase.DELETE,
    keep=Keep(months=24, since=Since.LEFT),
)


@pytest.fixture
def empty_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(personal, "_registry", {})


def test_every_model_that_leads_to_someone_is_declared():
    assert [str(problem) for problem in personal.check_personal_data()] == []


@pytest.mark.usefixtures("empty_registry")
def test_a_model_that_declares_nothing_is_an_error():
    found = {problem.obj: problem.id for problem in personal.check_personal_data()}
    assert found[Member] == "marelle.E001"
    personal.register(MEMBER)
    assert Member not in {problem.obj for problem in personal.check_personal_data()}


def test_what_leads_to_someone():
    assert personal.leads_to_someone(Family)
    assert personal.leads_to_someone(Person)
    assert personal.leads_to_someone(Member)
    assert personal.leads_to_someone(Entry), "by its generic column family_id"
    assert not personal.leads_to_someone(Structure)
    assert not personal.leads_to_someone(get_user_model())


@pytest.mark.usefixtures("empty_registry")
def test_a_model_is_declared_once():
    personal.register(MEMBER)
    with pytest.raises(personal.AlreadyRegistered, match=r"families\.Member"):
        personal.register(MEMBER)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"export": ("kind", "colour")}, "exports 'colour', which is not a field"),
        ({"export": ()}, "exports nothing and does not say why in `unexported`"),
        (
            {"erase": personal.Erase.ANONYMISE},
            "is anonymised and does not say what becomes of its fields in `anonymise`",
        ),
        ({"anonymise": {"colour": ""}}, "anonymises 'colour', which is not a field"),
        ({"path": "household"}, "has a path through 'household', which is not a field of families.Member"),
        ({"path": "family__home"}, "has a path through 'home', which is not a field of families.Family"),
        ({"path": "since"}, "has a path that ends on 'since', which leads nowhere"),
    ],
)
def test_a_wrong_declaration_is_told(change, problem):
    assert list(personal.problems_of(MEMBER)) == []
    assert list(personal.problems_of(dataclasses.replace(MEMBER, **change))) == [problem]


def test_a_declaration_may_say_why_it_exports_nothing():
    silent = dataclasses.replace(MEMBER, export=(), unexported="rows of the machine, told by the others")
    assert list(personal.problems_of(silent)) == []
