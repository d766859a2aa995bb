"""A text that one types holds no sign that turns the direction of writing."""

from __future__ import annotations

from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from marelle.core.direction import TURNING

TURNED: Final = gettext_lazy(
    "Ce texte contient un signe invisible qui retourne le sens de l’écriture : tapez-le de nouveau."
)


def straight(value: object) -> None:
    """For each field where one types a text. Raises ValidationError."""
    if isinstance(value, str) and TURNING.search(value):
        raise ValidationError(TURNED, code="turning")
