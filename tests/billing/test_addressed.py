"""To whom of a home a bill is addressed, and how the address reads."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from marelle.billing.addressed import TRESOR_CODES, Addressed, HomeAdult, PayerKind, who_answers
from marelle.families.fields import Civility

DAY = date(2026, 12, 1)
GONE = st.one_of(st.none(), st.dates(date(2020, 1, 1), date(2030, 1, 1)))
ADULTS = st.lists(st.builds(HomeAdult, st.just("A"), st.just("B"), st.none(), GONE, st.booleans()))


def adult(name: str, *, until: date | None = None, answers: bool = True) -> HomeAdult:
    return HomeAdult(name, "Durand", None, until, answers)


def named(*adults: HomeAdult) -> str:
    found = who_answers(adults, DAY)
    return found.first_name if found else ""


def test_the_first_of_the_file_answers():
    assert named(adult("Camille"), adult("Hugo")) == "Camille"
    assert named() == ""


def test_a_step_parent_answers_only_where_nobody_else_does():
    assert named(adult("Hugo", answers=False), adult("Camille")) == "Camille"
    assert named(adult("Hugo", answers=False)) == "Hugo"


def test_who_has_left_comes_after_who_lives_there():
    gone = adult("Camille", until=DAY - timedelta(days=1))
    assert named(gone, adult("Hugo", answers=False)) == "Hugo"
    assert named(adult("Camille", until=DAY), adult("Hugo")) == "Camille"


def test_of_those_who_have_left_the_last_one_answers():
    assert named(adult("Camille", until=date(2026, 5, 1)), adult("Hugo", until=date(2026, 6, 1))) == "Hugo"


@given(ADULTS)
def test_somebody_answers_wherever_there_is_an_adult(adults):
    found = who_answers(adults, DAY)
    assert (found is None) == (not adults)
    there = [one for one in adults if one.until is None or one.until >= DAY]
    if there:
        assert found in there
        assert found.answers == any(one.answers for one in there)


def test_every_kind_of_payer_has_its_codes():
    assert set(TRESOR_CODES) == set(PayerKind)
    assert all(len(one.nature) == 2 and len(one.category) == 2 for one in TRESOR_CODES.values())


def test_an_address_reads_as_on_an_envelope():
    text = Addressed(
        "Durand", "F00001", "Camille", Civility.MRS, more="Bât. B", street="4 rue du Lavoir",
        postal_code="1000", city="Lausanne", country="Suisse",
    )  # fmt: skip
    assert text.name == "Mme Camille Durand"
    assert text.place == ("Bât. B", "4 rue du Lavoir", "1000 Lausanne", "SUISSE")
    assert Addressed("CCAS d’Arelle", "T1", kind=PayerKind.CCAS).name == "CCAS d’Arelle"
    assert Addressed("Durand", "F00001").place == ()
