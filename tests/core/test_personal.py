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
    export=("person", "kind", "since"),
    unexported={"a test": ("until",)},
    merge=Merge.MOVE,
    erase=Erase.DELETE,
    keep=Keep(months=24, since=Since.LEFT),
)

WITH_FAMILY = {"a test": ("until", "family")}

ANONYMISED = {
    "erase": Erase.ANONYMISE,
    "anonymise": {"kind": "", "until": None},
    "stays": {"a test": ("person", "since")},
}


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
        ({"export": (*MEMBER.export, "colour")}, "exports 'colour', which is not a field"),
        ({"export": ("kind", "since")}, "says nothing of 'person' for an export"),
        ({"export": (*MEMBER.export, "until")}, "names 'until' 2 times for an export"),
        ({"unexported": {}}, "says nothing of 'until' for an export"),
        ({"unexported": {" ": ("until",)}}, "excuses columns without a reason"),
        (
            {"unexported": {"a test": ("until", "colour")}},
            "does not export 'colour', which is not a field",
        ),
        (
            {"stays": {"a test": ("kind",)}},
            "says in `stays` what an anonymised row keeps, and is not anonymised",
        ),
        (
            {**ANONYMISED, "anonymise": {}, "stays": {"a test": ("person", "kind", "since", "until")}},
            "is anonymised and does not say what becomes of its fields in `anonymise`",
        ),
        ({**ANONYMISED, "anonymise": {"kind": ""}}, "says nothing of 'until' for an erasure"),
        ({"anonymise": {"colour": ""}}, "anonymises 'colour', which is not a field"),
        (
            {"path": "household", "unexported": WITH_FAMILY},
            "has a path through 'household', which is not a field of families.Member",
        ),
        ({"path": "family__home"}, "has a path through 'home', which is not a field of families.Family"),
        (
            {"path": "since", "unexported": WITH_FAMILY},
            "has a path that ends on 'since', which leads nowhere",
        ),
    ],
)
def test_a_wrong_declaration_is_told(change, problem):
    assert list(personal.problems_of(MEMBER)) == []
    assert list(personal.problems_of(dataclasses.replace(MEMBER, **change))) == [problem]


def test_a_declaration_may_say_why_it_exports_nothing():
    told = {"rows of the machine, told by the others": ("person", "kind", "since", "until")}
    silent = dataclasses.replace(MEMBER, export=(), unexported=told)
    assert list(personal.problems_of(silent)) == []


def test_what_becomes_of_each_column_of_an_anonymised_row_is_said():
    assert list(personal.problems_of(dataclasses.replace(MEMBER, **ANONYMISED))) == []


def test_the_telephone_of_an_erased_person_is_not_forgotten():
    (person,) = (one for one in personal.declared() if one.model is Person)
    exported = dataclasses.replace(person, export=_without(person.export))
    assert list(personal.problems_of(exported)) == ["says nothing of 'work_phone' for an export"]
    erased = dataclasses.replace(person, anonymise=dict.fromkeys(_without(person.anonymise), ""))
    assert list(personal.problems_of(erased)) == ["says nothing of 'work_phone' for an erasure"]


def _without(names):
    return tuple(name for name in names if name != "work_phone")
