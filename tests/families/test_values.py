"""What may be written in a field of the file, and what is refused."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.families.fields import BY_CODE, FIELDS, Kind, Policy, policy_for, policy_of
from marelle.families.file.labels import wrong_text
from marelle.families.file.values import (
    Facts,
    WrongValue,
    check_birth,
    checked,
    clean_text,
    date_typed,
    shown,
    untouched,
)

DAY = date(2026, 11, 25)
FACTS = Facts(day=DAY, schools={7: "École des Tilleuls"})
CHILD = Facts(day=DAY, is_child=True, elders=(date(1990, 5, 4),))

GOOD = {
    "home.address": {
        "street": "2 rue du Four",
        "postal_code": "21999",
        "city": "Arelle",
        "since": "2026-11-01",
    },
    "home.quotient": {"amount": "734,5", "since": ""},
    "home.regime": {"value": "general"},
    "home.caf_number": {"value": "123 4567"},
    "adult.phone": {"value": "06 39 98 10 01"},
    "adult.email": {"value": "camille@famille.example"},
    "adult.birth_date": {"value": "04/05/1990"},
    "child.school": {"school": "7", "level": "CE1", "teacher": ""},
    "child.expected_on": {"value": "2027-02-01"},
    "child.diet": {"value": "no_pork"},
    "adult.profession": {"value": "  Infirmière  <b>🙂</b> "},
}

WRONG = [
    ("home.address", {"street": "", "postal_code": "21999", "city": "Arelle"}, "street", "required"),
    (
        "home.address",
        {"street": "1 rue", "postal_code": "abc", "city": "Arelle"},
        "postal_code",
        "not_a_postal_code",
    ),
    ("home.address", {"street": "1 rue", "postal_code": "21999", "city": "123"}, "city", "no_letter"),
    ("home.address", {"street": "r" * 121, "postal_code": "21999", "city": "Arelle"}, "street", "too_long"),
    (
        "home.address",
        {"street": "1 rue", "postal_code": "21999", "city": "Arelle", "since": "1850-01-01"},
        "since",
        "since_far_away",
    ),
    ("home.quotient", {"amount": "-3"}, "amount", "not_an_amount"),
    ("home.quotient", {"amount": "1e9"}, "amount", "not_an_amount"),
    ("home.quotient", {"amount": "", "since": "2026-01-01"}, "amount", "not_an_amount"),
    ("home.regime", {"value": "<script>"}, "value", "not_a_choice"),
    ("home.caf_number", {"value": "12AB"}, "value", "not_digits"),
    ("adult.first_name", {"value": ""}, "value", "required"),
    ("adult.first_name", {"value": "🙂"}, "value", "no_letter"),
    ("adult.first_name", {"value": "a" * 81}, "value", "too_long"),
    ("adult.phone", {"value": "zéro six"}, "value", "phone_letters"),
    ("adult.email", {"value": "camille"}, "value", "not_an_email"),
    ("adult.birth_date", {"value": "1850-01-01"}, "value", "too_old"),
    ("adult.birth_date", {"value": "2026-02-30"}, "value", "not_a_date"),
    ("adult.birth_date", {"value": "2027-01-01"}, "value", "born_in_the_future"),
    ("child.expected_on", {"value": "2028-01-01"}, "value", "not_a_term"),
    ("child.school", {"school": "8", "level": "CE1"}, "school", "not_a_choice"),
    ("child.school", {"school": "7", "level": "Terminator"}, "level", "not_a_choice"),
]


@pytest.mark.parametrize(("code", "typed"), GOOD.items())
def test_what_is_canonical_stays_so(code: str, typed: dict[str, str]):
    value = checked(BY_CODE[code], typed, FACTS)
    assert checked(BY_CODE[code], value, FACTS) == value


def test_values_are_kept_one_way():
    kept = {code: checked(BY_CODE[code], typed, FACTS) for code, typed in GOOD.items()}
    assert kept["home.quotient"] == {"amount": "734.50", "since": "2026-11-25"}
    assert kept["home.caf_number"] == {"value": "1234567"}
    assert kept["adult.phone"] == {"value": "+33639981001"}
    assert kept["adult.birth_date"] == {"value": "1990-05-04"}
    assert kept["adult.profession"] == {"value": "Infirmière <b>🙂</b>"}


@pytest.mark.parametrize(("code", "typed", "part", "why"), WRONG)
def test_what_is_wrong_says_where_and_why(code: str, typed: dict[str, str], part: str, why: str):
    with pytest.raises(WrongValue) as refused:
        checked(BY_CODE[code], typed, FACTS)
    assert (refused.value.part, refused.value.code) == (part, why)
    assert wrong_text(refused.value)


def test_a_child_is_younger_than_its_parents_and_a_parent_older_than_its_children():
    check_birth(date(2019, 3, 4), CHILD)
    for birth, facts, why in (
        (date(1989, 1, 1), CHILD, "too_old"),
        (date(2004, 1, 1), Facts(day=DAY, is_child=True, elders=(date(2005, 1, 1),)), "older_than_parent"),
        (date(2020, 1, 1), Facts(day=DAY, wards=(date(2019, 3, 4),)), "younger_than_child"),
    ):
        with pytest.raises(WrongValue) as refused:
            check_birth(birth, facts)
        assert refused.value.code == why


def test_an_older_address_does_not_pass_for_the_last():
    facts = Facts(day=DAY, known_since=date(2026, 9, 1))
    with pytest.raises(WrongValue) as refused:
        checked(BY_CODE["home.address"], {**GOOD["home.address"], "since": "2026-08-31"}, facts)
    assert refused.value.code == "since_before_known"
    assert "1er septembre 2026" in wrong_text(refused.value)


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.code)
def test_a_form_that_comes_back_as_shown_is_untouched(field):
    value = dict.fromkeys(field.parts, "")
    if field.code in GOOD:
        value = checked(field, GOOD[field.code], FACTS)
    assert untouched(field, shown(field, value), value)
    assert not untouched(field, {**shown(field, value), field.parts[0]: "autre chose"}, value)


@given(text=st.text(max_size=300), code=st.sampled_from(sorted(BY_CODE)))
def test_any_text_gives_a_value_that_fits_or_a_refusal_in_french(text: str, code: str):
    field = BY_CODE[code]
    wrong: WrongValue | None = None
    try:
        value = checked(field, dict.fromkeys(field.parts, text), FACTS)
    except WrongValue as refusal:
        wrong = refusal
    if wrong is not None:
        assert wrong_text(wrong)
        assert wrong.part in field.parts
        return
    assert set(value) == set(field.parts)
    if field.kind in (Kind.TEXT, Kind.NAME):
        assert len(value["value"]) <= field.length
        assert "\0" not in value["value"]


@given(st.dates(date(1000, 1, 1), date(9999, 12, 31)))
def test_dates_are_read_as_browsers_and_as_people_write_them(day: date):
    assert date_typed(day.isoformat()) == date_typed(f"{day:%d/%m/}{day.year}") == day


@given(st.dates(DAY - timedelta(days=40_000), DAY + timedelta(days=4_000)))
def test_a_birth_that_is_accepted_is_neither_to_come_nor_older_than_a_parent(birth: date):
    try:
        check_birth(birth, CHILD)
    except WrongValue:
        assert birth > DAY or birth <= CHILD.elders[0] or birth.year < DAY.year - 26
    else:
        assert CHILD.elders[0] < birth <= DAY


@given(st.text(max_size=60))
def test_clean_text_is_one_line_and_clean_again(text: str):
    assert clean_text(clean_text(text)) == clean_text(text)
    assert "\n" not in clean_text(text)


def test_the_income_is_never_free_and_a_name_never_hidden():
    assert Policy.FREE not in BY_CODE["home.quotient"].allowed
    for code in ("adult.first_name", "adult.last_name", "child.first_name", "child.last_name"):
        assert Policy.HIDDEN not in BY_CODE[code].allowed


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.code)
def test_a_policy_that_a_field_does_not_allow_leaves_the_default(field):
    assert field.default in field.allowed
    for policy in Policy:
        kept = policy_of(field, {field.code: policy.value})
        assert kept is (policy if policy in field.allowed else field.default)
        by_agent = policy_for(field, {field.code: policy.value}, by_agent=True)
        assert by_agent is (Policy.HIDDEN if kept is Policy.HIDDEN else Policy.FREE)
