"""Words that anybody guesses of a portal for families are no password."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from marelle.accounts.context_words import ContextWordsValidator
from tests.accounts.people import OTHER_PASSWORD, PASSWORD


@pytest.mark.parametrize(
    "password",
    [
        "EspaceFamille2026!",
        "cantine-mairie-1",
        "Motdepasse2026!",
        "ÉcoleDesEnfants1",
        "arelle.famille.2026",
        "Administrateur",
        "Ma cantine et la mairie",
        "MotDeLaVille2026",
        "Ma Cantine2026DeLaVille",
    ],
)
def test_what_is_made_of_them_alone_is_refused(settings, password):
    settings.PUBLIC_URL = "https://famille.cc-arelle.example.fr"
    with pytest.raises(ValidationError, match="se devine"):
        ContextWordsValidator().validate(password)


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        OTHER_PASSWORD,
        "les enfants mangent à la cantine",
        "Le poulet de la cantine 42",
        "Madeleine-école-2019",
        "chandelle_cantine_48",
        "384726150938",
        "correct horse battery",
        "#" * 12,
    ],
)
def test_what_holds_more_or_none_of_them_is_taken(password):
    ContextWordsValidator().validate(password)


def test_it_is_asked_where_a_password_is_chosen(settings):
    names = [one["NAME"].rpartition(".")[2] for one in settings.AUTH_PASSWORD_VALIDATORS]
    assert "ContextWordsValidator" in names
