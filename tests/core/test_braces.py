from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.core.braces import BraceAlone, FieldUnknown, braces_text, checked, fields_of, filled

ALLOWED = ("prénom", "nom", "nom de l’enfant")
TYPED = st.text(st.sampled_from("{}pré nom’xÉ\n%$<&"), max_size=60)


@pytest.mark.parametrize("typed", ["{prénom}", "{Prenom}", "{ PRÉNOM }", "{pre\u0301nom}"])
def test_a_field_is_known_however_it_was_typed(typed: str) -> None:
    assert checked(f"Bonjour {typed},", ALLOWED) == "Bonjour {prénom},"


def test_a_field_of_several_words_is_known() -> None:
    assert checked("{nom de l'enfant}", ALLOWED) == "{nom de l’enfant}"


def test_a_text_without_fields_stays_as_it_is() -> None:
    text = "Bonjour,\n100 % à l’heure : $x, %(nom)s, <b>&amp;"
    assert checked(text, ALLOWED) == text == filled(text, {"nom": "Durand"})


@pytest.mark.parametrize("typed", ["{age}", "{}", "{{% now %}", "{nom.__class__}", "{0}", "{nom!r}"])
def test_an_unknown_field_is_refused(typed: str) -> None:
    with pytest.raises((FieldUnknown, BraceAlone)):
        checked(typed, ALLOWED)


def test_the_refusal_names_the_field_and_those_there_are() -> None:
    with pytest.raises(FieldUnknown) as refused:
        checked("{prénom} {âge}", ("prénom", "nom"))
    assert (
        braces_text(refused.value) == "Le champ {âge} n’existe pas ici. Champs possibles : {prénom} et {nom}."
    )


@pytest.mark.parametrize("typed", ["{nom", "nom}", "{{nom}}", "{no\nm}", "}{"])
def test_a_brace_alone_is_refused(typed: str) -> None:
    with pytest.raises(BraceAlone) as refused:
        checked(typed, ALLOWED)
    assert "deux accolades, comme {prénom}." in braces_text(refused.value)


def test_fields_are_filled_where_there_is_a_value() -> None:
    text = "{prénom} {nom}, {prénom} ({nom de l’enfant})"
    assert fields_of(text) == ("prénom", "nom", "nom de l’enfant")
    assert filled(text, {"prénom": "Zoé", "nom": ""}) == "Zoé , Zoé ({nom de l’enfant})"


def test_a_value_is_never_read_as_a_field() -> None:
    assert filled("{prénom}", {"prénom": "{nom}", "nom": "Durand"}) == "{nom}"


@given(TYPED)
def test_any_text_is_refused_or_filled_whole(typed: str) -> None:
    """What is accepted has no brace left once each field has its value, and is accepted again as it is."""
    try:
        text = checked(typed, ALLOWED)
    except (FieldUnknown, BraceAlone):
        return
    assert checked(text, ALLOWED) == text
    assert set(fields_of(text)) <= set(ALLOWED)
    done = filled(text, dict.fromkeys(ALLOWED, "x"))
    assert not set(done) & set("{}")


@given(st.text(), st.dictionaries(st.text(max_size=5), st.text(max_size=5)))
def test_filling_never_fails(text: str, values: dict[str, str]) -> None:
    assert filled(text, {}) == text
    filled(text, values)
