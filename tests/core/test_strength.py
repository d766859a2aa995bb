"""A secret that would be guessed, or that stands in two places."""

from __future__ import annotations

import secrets

import pytest

from marelle.core.strength import is_weak, repeated


@pytest.mark.parametrize(
    "secret",
    [
        "5cfe1fa7969f2bc93727c6399adfbe9",  # a sign too short
        "a" * 60,
        "ab1cd2e" * 9,  # one word over and over
        "abcdefgabcdfegabdcefgbacdefgabcdegfabcfed",  # seven different signs
        "changez-moi-vite" * 4,
        "Marelle-Portail-Familles-De-La-Commune",
        "1q2w3e4r5t6y7u8i9o0p".ljust(20),
    ],
)
def test_what_would_be_guessed(secret: str) -> None:
    known = ("marelle", "marelle-portail-familles-de-la-commune")
    assert is_weak(secret, least=20 if secret.startswith("1q") else 32, known=known)


def test_what_is_random_is_not_weak() -> None:
    assert not any(is_weak(secrets.token_hex(16), least=32) for _ in range(200))
    assert not is_weak(secrets.token_urlsafe(50), least=50)


def test_a_secret_in_two_places_names_both_and_never_itself() -> None:
    given = [("SECRET_KEY", "one"), ("A", ""), ("B", ""), ("MAIL_URL", "two"), ("DATABASE_URL", "one")]
    assert repeated(given) == ["SECRET_KEY", "DATABASE_URL"]
    assert repeated([("SEALING_KEYS", "x"), ("SEALING_KEYS", "x")]) == ["SEALING_KEYS"]
    assert repeated([("SEALING_KEYS", "x"), ("SEALING_KEYS", "y")]) == []
