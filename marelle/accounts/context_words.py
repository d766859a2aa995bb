"""Passwords made of what this software, its service and its town are called: they are guessed first."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

SAID: Final = """
marelle portail espace famille familles parent parents enfant enfants enfance jeunesse petite
periscolaire extrascolaire cantine restaurant restauration creche garderie accueil loisirs
centre ecole ecoles college mairie ville village commune communaute intercommunalite
collectivite guichet unique agent agents direction directeur directrice animation animateur
animatrice administration administrateur admin inscription inscriptions reservation reservations
facture factures planning compte connexion identifiant motdepasse passe password secret bonjour
bienvenue azerty azertyuiop qwerty qwertyuiop soleil doudou loulou
"""
WORDS: Final = frozenset(SAID.split())
LITTLE: Final = frozenset({"les", "des", "mes", "mot", "une", "ma", "la", "le", "de", "du", "un", "et"})
"""They join the others, and are no more of a secret."""

LETTERS_BESIDE: Final = 6
"""Letters that must be left once these words are taken away."""

SHORTEST: Final = 4
"""Of the words of the host: « fr » or « www » are in many passwords."""


class ContextWordsValidator:
    """One of Django's `AUTH_PASSWORD_VALIDATORS`."""

    def validate(self, password: str, user: object = None) -> None:  # noqa: ARG002 - Django gives it
        if is_context_alone(password, WORDS | _host_words()):
            raise ValidationError(
                _(
                    "Ce mot de passe n’est fait que de mots d’ici (famille, cantine, le nom du portail…) "
                    "et se devine : ajoutez d’autres mots."
                ),
                code="password_context",
            )

    def get_help_text(self) -> str:
        return _("Votre mot de passe ne doit pas être fait que des mots du portail.")


def is_context_alone(password: str, words: frozenset[str]) -> bool:
    """Whether hardly a letter is left without these words; never of what holds none of them."""
    letters = _letters(password)
    left = _without(letters, words)
    return left != letters and len(_without(left, LITTLE)) < LETTERS_BESIDE


def _without(letters: str, words: frozenset[str]) -> str:
    """The longest first: « familles » holds « famille »."""
    return re.sub("|".join(sorted(map(re.escape, words), key=len, reverse=True)), "", letters)


def _letters(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", text).casefold() if sign.isalpha())


def _host_words() -> frozenset[str]:
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    return frozenset(word for word in re.split(r"[^a-z]+", host) if len(word) >= SHORTEST)
