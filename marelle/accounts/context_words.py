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
JOINED: Final = re.compile(r"(?:les|des|mes|mot|une|ma|la|le|de|du|un|et)+")
"""What stands between these words and is no more of a secret; within another it is that one's own."""

LETTERS_BESIDE: Final = 6
"""Letters that must be left once these words are taken away."""

SHORTEST: Final = 4
"""Of the words of the host: « fr » or « www » are in many passwords."""


class ContextWordsValidator:
    """One of Django's `AUTH_PASSWORD_VALIDATORS`."""

    def validate(self, password: str, _user: object = None) -> None:
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
    said = _spaced(password)
    # The longest first: « familles » holds « famille ».
    left = re.sub("|".join(sorted(map(re.escape, words), key=len, reverse=True)), " ", said)
    others = (part for part in left.split() if not JOINED.fullmatch(part))
    return left != said and sum(map(len, others)) < LETTERS_BESIDE


def _spaced(text: str) -> str:
    """Its plain letters, and a space for each sign that is none."""
    plain = (sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return "".join(sign if sign.isalpha() else " " for sign in "".join(plain).casefold())


def _host_words() -> frozenset[str]:
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    return frozenset(word for word in re.split(r"[^a-z]+", host) if len(word) >= SHORTEST)
