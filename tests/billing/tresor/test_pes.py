"""Files for the Trésor keep every point of its rules: a checker that shares no code reads each of them."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marelle.billing.addressed import Addressed, PayerKind
from marelle.billing.tresor.checks import Point, of_bill, of_sender
from marelle.billing.tresor.pieces import Sort
from marelle.billing.tresor.texts import cut, latin, text_of
from marelle.families.fields import Civility
from tests.billing.tresor.bills import (
    CAMILLE,
    DAY,
    DEPARTMENT,
    SENDER,
    SIRET,
    TERMS,
    bill,
    file_of,
    line,
    origin_of,
    table_of,
)
from tests.billing.tresor.checker import faults

STREET = "128 bis avenue du Maréchal de Lattre de Tassigny, bâtiment C"
ABROAD = replace(CAMILLE, street="12 rue Haute", postal_code="B-1000", city="Bruxelles", country="Belgique")
COMPANY = Addressed(
    last_name="Œuvres & Cie <SARL>", reference="P9", kind=PayerKind.COMPANY, siret=SIRET,
    street="3 rue d’en Bas", postal_code="21999", city="Arelle",
)  # fmt: skip
EVERY = [
    bill(1),
    bill(2, replace(CAMILLE, last_name="Lefèvre-d’Œillé", first_name="Zoë", city="L’Haÿ-les-Roses")),
    bill(3, replace(CAMILLE, last_name="Łukasiewicz", first_name="Şahin", civility="mr")),
    bill(4, replace(CAMILLE, street=STREET, more="Résidence « Les Tilleuls » – appt 4")),
    bill(5, ABROAD),
    bill(6, COMPANY),
    bill(7, DEPARTMENT),
    bill(8, CAMILLE, *(line("3.10", f"70{n:02d}", activity=f"Atelier {n}") for n in range(30))),
    bill(9, CAMILLE, line("50.00"), line("-12.00", "7066")),
    bill(10, CAMILLE, line("11.00", vat=Decimal(10)), line("5.00")),
    bill(11, CAMILLE, line("12.00"), line("4.00", "7066"), line("-4.00", "7066")),
]


def of(content: bytes) -> ET.Element:
    return ET.fromstring(content)  # noqa: S314 - made by the test


def all_of(content: bytes, name: str) -> list[str]:
    return [one.get("V") for one in of(content).iter(name)]


@pytest.mark.parametrize("sort", [Sort.ROLE, Sort.TITLES])
def test_every_kind_of_bill_goes_in_a_file_that_the_tresor_takes(sort):
    for one in EVERY:
        assert of_bill(one, replace(TERMS, sort=sort)) == []
    assert faults(file_of(EVERY, sort)) == []


def test_a_reduction_names_the_piece_and_the_line_it_takes_from():
    sent = bill(1, CAMILLE, line("30.00"), line("20.00", "7066"))
    credit = bill(2, CAMILLE, line("-5.00", "7066"), is_credit=True, origin=origin_of(sent, piece=41))
    assert of_bill(credit, TERMS) == []
    content = file_of([credit], Sort.REDUCTIONS)
    assert faults(content) == []
    assert [all_of(content, name) for name in ("IdPceOrig", "IdLigneOrig", "ExerRat", "MtHT")] == [
        ["41"], ["2"], ["2026"], ["5.00"],
    ]  # fmt: skip


def test_words_are_spelt_in_the_tresors_signs():
    content = file_of(EVERY)
    assert "Lefèvre-d'OEillé" in all_of(content, "Nom")
    assert "Lukasiewicz" in all_of(content, "Nom")
    assert "OEuvres & Cie <SARL>" in all_of(content, "Nom")
    assert "Sahin" in all_of(content, "Prenom")
    assert all_of(content, "Adr2")[3] == "128 bis avenue du Maréchal de Lattre"
    assert all_of(content, "Adr3")[0] == "de Tassigny, bâtiment C"


def test_the_same_bordereau_gives_the_same_bytes():
    content = file_of(EVERY)
    assert content == file_of(EVERY)
    [first, *_rest] = [one.text for one in of(content).iter("Fichier")]
    assert base64.b64decode(first)[4:8] == bytes(4), "a gzip that says when it was made"


def test_a_person_has_no_siret_and_a_role_needs_no_account():
    one = bill(1, replace(CAMILLE, siret=SIRET), line(account=""))
    assert of_bill(one, TERMS) == []
    assert faults(file_of([one])) == []


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("Cœur de l’Œuvre", "Coeur de l'OEuvre"),
        ("12\u00a0€ – « ici »", "12 EUR - « ici »"),
        ("e\u0301te\u0301", "été"),
        ("Ma\u00adrelle\t\n x\x85\x9fy", "Marelle xy"),
        ("Dvořák Šimůnek Ÿ", "Dvorák Simunek Y"),
        ("Ⅷ rue", "VIII rue"),
        ("Київ", ""),
    ],
)
def test_signs(text, taken):
    assert latin(text) == taken


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("aaa bbb ccc", ("aaa bbb", "ccc")),
        ("aaa bbbb", ("aaa", "bbbb")),
        ("aaaaaaaaa", ("aaaaaaa", "aa")),
        ("aaa bbb", ("aaa bbb", "")),
    ],
)
def test_a_text_is_cut_between_words(text, parts):
    assert cut(text, 7) == parts


@pytest.mark.parametrize("text", ["", " ", ".", "nc", "NC", "0", "0 00", "Київ", "\u00a0"])
def test_a_text_that_says_nothing_is_none(text):
    assert text_of(text, 38) == ""


def test_october_has_a_period_of_one_digit_and_its_own_debt_numbers():
    for rule, period in (("last_digit", "0"), ("quarter", "4")):
        content = file_of([bill(1)], terms=replace(TERMS, period=rule))
        assert (all_of(content, "Per"), faults(content)) == ([period], [])
    content = file_of([bill(1)], terms=replace(TERMS, period="none"))
    assert (all_of(content, "Per"), all_of(content, "Cle2"), faults(content)) == ([], [], [])


def test_a_table_has_the_same_sums_and_begins_no_formula():
    rows = table_of([bill(1, replace(CAMILLE, last_name="=cmd|' /C calc'!A0")), *EVERY[8:10]]).splitlines()
    assert "'=cmd" in rows[1]
    for row, sums in zip(rows[2:], (";50.00;0.00;", ";-12.00;0.00;", ";10.00;1.00;"), strict=False):
        assert sums in row


BAD = {
    Point.NIL: bill(1, CAMILLE, line("4.00"), line("-4.00")),
    Point.CANCELLED: bill(is_cancelled=True),
    Point.PDF: bill(has_pdf=False),
    Point.SUM: bill(total=Decimal("1.00")),
    Point.ORIGIN: bill(1, CAMILLE, line("-4.00"), is_credit=True),
    Point.OVER: bill(1, CAMILLE, line("-4.00"), is_credit=True, origin=origin_of(bill()), over=True),
    Point.NAME: bill(1, replace(CAMILLE, last_name="Іваненко")),
    Point.FIRST_NAME: bill(1, replace(CAMILLE, first_name=" . ")),
    Point.CIVILITY: bill(1, replace(CAMILLE, civility="")),
    Point.PAYER_SIRET: bill(1, replace(DEPARTMENT, siret="22210001800018")),
    Point.STREET: bill(1, replace(CAMILLE, street="nc")),
    Point.POSTAL_CODE: bill(1, replace(CAMILLE, postal_code="00000")),
    Point.CITY: bill(1, replace(CAMILLE, city="0")),
    Point.COUNTRY: bill(1, replace(ABROAD, country="Ruritanie")),
}


@pytest.mark.parametrize("point", BAD)
def test_what_lacks_on_a_bill_is_told(point):
    assert [one.point for one in of_bill(BAD[point], TERMS)] == [point]


def test_what_lacks_in_the_settings_is_told_of_each_bill():
    def points(terms, **fields):
        told = of_bill(bill(1, CAMILLE, line(**fields)), terms)
        return [(one.point, one.what) for one in told]

    assert points(replace(TERMS, budgets={})) == [(Point.BUDGET, "")]
    assert points(replace(TERMS, products={"7066": "PERI"})) == [(Point.PRODUCT, "7067")]
    assert points(replace(TERMS, products={"": "TOO LONG"})) == [(Point.PRODUCT, "7067")]
    titles = replace(TERMS, sort=Sort.TITLES)
    assert points(titles, account="") == [(Point.ACCOUNT, "Restauration")]
    assert points(titles, account="000") == [(Point.ACCOUNT, "000")]
    several = replace(bill(), lines=(line("6.00"), replace(line("6.30"), budget="annexe")))
    told = of_bill(several, replace(TERMS, budgets={"": "01", "annexe": "02"}))
    assert [(one.point, one.what) for one in told] == [(Point.BUDGETS, "01, 02")]


HEAD = {
    Point.POST: {"post": "12345"},
    Point.COLLECTION: {"collection": "12"},
    Point.ACRONYM: {"acronym": ""},
    Point.SIRET: {"siret": "21210001000018"},
    Point.ADDRESS: {"address": "x" * 39},
    Point.BUDGET: {"budget": ""},
}


@pytest.mark.parametrize("point", HEAD)
def test_what_lacks_at_the_head_is_told(point):
    told = of_sender(replace(SENDER, **HEAD[point]), TERMS, exercise=2026, month=date(2026, 10, 1), day=DAY)
    assert [one.point for one in told] == [point]


def test_an_exercise_ends_on_31_january_and_a_month_of_two_digits_wants_its_rule():
    def points(day=DAY, month=10, terms=TERMS):
        told = of_sender(SENDER, terms, exercise=2026, month=date(2026, month, 1), day=day)
        return [one.point for one in told]

    assert points() == points(date(2027, 1, 31)) == []
    assert points(date(2027, 2, 1)) == points(date(2025, 12, 31)) == [Point.EXERCISE]
    bare = replace(TERMS, period="")
    assert (points(month=9, terms=bare), points(month=10, terms=bare)) == ([], [Point.PERIOD])


words = st.text(
    st.one_of(
        st.characters(codec="utf-8", exclude_categories=("Cs",)),
        st.sampled_from("œŁ’€–… \u00a0éÿ&<>\"'0.nNcC"),
    ),
    max_size=60,
)
people = st.builds(
    Addressed,
    last_name=words, reference=words, first_name=words, civility=st.sampled_from(["", *Civility.values]),
    kind=st.sampled_from(list(PayerKind)), more=words, street=words,
    postal_code=st.sampled_from(["21999", "00000", "2199", "B-1000", "", "２１９９９"]), city=words,
    country=st.sampled_from(["", "Belgique", "ALLEMAGNE", "Côte d’Ivoire", "Ruritanie"]),
    siret=st.sampled_from(["", SIRET, "123"]),
    birth_date=st.none() | st.dates(date(1930, 1, 1), date(2008, 1, 1)),
)  # fmt: skip
amounts = st.decimals(-99, 999, places=2)


@settings(max_examples=300, deadline=None)
@given(
    people, st.lists(st.tuples(amounts, st.sampled_from(["7067", "7066", ""]), words), min_size=1, max_size=6)
)
def test_whatever_a_bill_says_it_is_told_or_the_file_is_right(addressed, lines):
    them = (line(str(amount), account, activity=activity) for amount, account, activity in lines)
    one = bill(1, addressed, *them)
    for sort in (Sort.ROLE, Sort.TITLES):
        if one.total > 0 and not of_bill(one, replace(TERMS, sort=sort)):
            content = file_of([one], sort)
            assert faults(content) == []
            assert not re.search(rb"[\x80-\x9f]", content)


@settings(max_examples=300, deadline=None)
@given(words, words, words, words)
def test_whatever_a_name_is_spelt_in_it_is_taken(last, first, street, city):
    said = replace(
        CAMILLE, last_name=f"A{last}", first_name=f"B{first}", street=f"1 {street}x", city=f"C{city}"
    )
    if not of_bill(bill(1, said), TERMS):
        assert faults(file_of([bill(1, said)])) == []
