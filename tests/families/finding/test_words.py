"""Words typed and words held meet, whatever the accents, the spaces and a mistake or two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.families.finding.words import (
    distance,
    keys,
    mail_words,
    mistakes_allowed,
    name_words,
    nearest,
    number_words,
    phone_words,
    typed_words,
)

LETTERS = st.text("abcde", min_size=4, max_size=14)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("  Zoé DURAND ", ("zoe", "durand")),
        ("Jean-Pierre d’Œuvray", ("jean", "pierre", "d", "oeuvray")),
        ("06 12.34 56-78", ("0612345678",)),
        ("+33 6 12 34 56 78 lou", ("0612345678", "lou")),
        ("0033612345678", ("0612345678",)),
        ("Camille.Durand@Famille.example zoé", ("camille.durand@famille.example", "zoe")),
        ("F00012-3", ("f00012", "3")),
        ("a b c d e f g h", ("a", "b", "c", "d", "e", "f")),
        ("\0 ' % _ \\ ☃", ()),
    ],
)
def test_what_is_typed(typed, words):
    assert typed_words(typed) == words


def test_what_is_held():
    assert name_words("Le Goff") == {"le", "goff", "legoff"}
    assert number_words("000120") == {"000120", "120"}
    assert phone_words("+33612345678") == phone_words("06 12 34 56 78") == {"0612345678"}
    assert phone_words("+32470123456") == {"32470123456"}
    assert phone_words("") == mail_words(" ") == set()
    assert mail_words("Élodie@x.example") == {"elodie@x.example"}
    assert all(len(word) <= 80 for word in name_words("a" * 200))


@pytest.mark.parametrize(
    ("first", "second", "far"),
    [("durand", "durand", 0), ("durand", "duran", 1), ("durand", "druand", 1), ("durand", "dupont", 3)],
)
def test_how_far_two_words_are(first, second, far):
    assert distance(first, second, 3) == far


@given(LETTERS, LETTERS)
def test_words_that_are_near_share_a_key(word, other):
    """So that equality of keys misses none, however the mistake was made."""
    near = distance(word, other, 2) <= mistakes_allowed(word)
    assert not near or keys(word) & keys(other)


@given(LETTERS, st.data())
def test_a_word_with_a_mistake_is_near_the_word(word, data):
    at = data.draw(st.integers(0, len(word) - 1))
    typed = data.draw(
        st.sampled_from(
            (word[:at] + word[at + 1 :], word[:at] + "x" + word[at:], word[:at] + "x" + word[at + 1 :])
        )
    )
    assert word in nearest(typed, [word, "zzzzzzzz"], 5) or len(typed) < 4


def test_short_words_and_numbers_hold_no_mistake():
    assert [mistakes_allowed(word) for word in ("lou", "zoes", "durande", "durandet", "0612345678")] == [
        0,
        1,
        1,
        2,
        0,
    ]
