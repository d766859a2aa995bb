"""Signs that turn the direction of writing: nobody types them, and a name that holds one reads as another.

"Durand" after a right-to-left override is shown as "dnaruD", with all that follows it on the line. The marks
of Arabic and Hebrew, which turn nothing, are left to who writes in them.
"""

from __future__ import annotations

import re
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Embeddings, overrides and isolates of Unicode's bidirectional algorithm (UAX 9)."""


TURNED: Final = gettext_lazy(
    "Ce texte contient un signe invisible qui retourne le sens de l’écriture : tapez-le de nouveau."
)


def straight(value: object) -> None:
    """For each field where one types a text. Raises ValidationError."""
    if isinstance(value, str) and TURNING.search(value):
        raise ValidationError(TURNED, code="turning")
