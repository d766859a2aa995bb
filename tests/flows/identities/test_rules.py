from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.accounts.oidc.claims import Told
from marelle.flows.identities.rules import Agrees, Held, alike

YES, NEARLY, NO, UNKNOWN = Agrees
ANGELA = Told(
    "franceconnect",
    "https://identite.example",
    "f3",
    "",
    given_names="Angela Claire Louise",
    birth_name="DUBOIS",
    birth_date=date(1982, 8, 24),
    gender="female",
    email="angela@example.org",
)
HELD = Held("Angéla", "Dubois", date(1982, 8, 24), "mrs", "")


@pytest.mark.parametrize(
    ("held", "same"),
    [
        (HELD, True),
        (replace(HELD, civility=""), True),
        (replace(HELD, email="autre@example.org"), True),
        (replace(HELD, civility="mr"), False),
        (replace(HELD, birth_date=None), False),
        (replace(HELD, birth_date=date(1982, 8, 23)), False),
        (replace(HELD, last_name="Martin"), False),
        (replace(HELD, last_name="Dubois-Martin"), False),
        (replace(HELD, last_name=""), False),
        (replace(HELD, first_name="Claire"), False),
        (replace(HELD, first_name="Angella"), False),
        (replace(HELD, first_name="A"), False),
    ],
)
def test_the_same_agrees_in_all_that_a_pivot_identity_has(held: Held, same: bool) -> None:
    assert alike(ANGELA, held).is_same is same


@pytest.mark.parametrize(
    ("told", "held", "found"),
    [
        ("Jean Pierre Marie", "Jean-Pierre", YES),
        ("Jean-Pierre Marie", "Jean Pierre", YES),
        ("Jean Pierre", "Jean", YES),
        ("Jean Pierre", "Pierre", NEARLY),
        ("Nathalie", "Natalie", NEARLY),
        ("Léa", "Léo", NO),
        ("", "Léo", UNKNOWN),
    ],
)
def test_a_first_name_is_the_first_of_those_given(told: str, held: str, found: Agrees) -> None:
    assert alike(replace(ANGELA, given_names=told), replace(HELD, first_name=held)).first_name is found


@pytest.mark.parametrize(
    ("birth", "usage", "held", "found"),
    [
        ("LE GOFF", "", "Le Goff", YES),
        ("D'ALMEIDA", "", "d’Almeida", YES),
        ("MARTIN", "DUBOIS", "Dubois", NEARLY),
        ("MARTIN", "", "Martin Dubois", NEARLY),
        ("MARTIN", "", "Dubois", NO),
        ("DE LA TOUR", "", "de la Cour", NO),
        ("", "DUBOIS", "Dubois", UNKNOWN),
    ],
)
def test_a_name_used_is_near_to_one_of_birth(birth: str, usage: str, held: str, found: Agrees) -> None:
    told = replace(ANGELA, birth_name=birth, usage_name=usage)
    assert alike(told, replace(HELD, last_name=held)).last_name is found


def test_two_facts_make_it_likely_and_a_contradiction_no_more_possible_for_its_owner() -> None:
    married = replace(ANGELA, birth_name="MARTIN", usage_name="DUBOIS")
    assert alike(married, HELD).is_likely
    assert alike(married, HELD).is_possible
    other = replace(ANGELA, birth_name="MARTIN", birth_date=date(1970, 1, 1))
    assert not alike(other, HELD).is_likely
    twin = replace(ANGELA, given_names="Bruno", gender="male")
    assert alike(twin, HELD).is_likely, "a twin, or a mistake: somebody looks"
    assert not alike(twin, HELD).is_possible
    by_mail = replace(HELD, last_name="Martin", birth_date=None, email="Angela@Example.org")
    assert alike(ANGELA, by_mail).is_likely


def test_a_first_of_january_may_stand_for_the_year_alone() -> None:
    born = date(1982, 1, 1)
    found = alike(replace(ANGELA, birth_date=born), replace(HELD, birth_date=born))
    assert (found.birth_date, found.is_same, found.is_possible) == (NEARLY, False, True)


@given(st.text(), st.text(), st.text(), st.text(), st.none() | st.dates(), st.none() | st.dates())
def test_nobody_is_the_same_as_who_is_not_even_likely(
    given_names: str, birth: str, first: str, last: str, told_born: date | None, born: date | None
) -> None:
    told = replace(ANGELA, given_names=given_names, birth_name=birth, birth_date=told_born)
    found = alike(told, Held(first, last, born, "", ""))
    assert found.is_likely or not found.is_same
    assert found.birth_date is YES or not found.is_same
