"""The number of an establishment (INSEE): fourteen digits, of which the last is a key."""

from __future__ import annotations

from stdnum.exceptions import ValidationError
from stdnum.fr import siret


def siret_read(typed: str) -> str:
    """Its digits, however they are spaced. Raises ValueError for one whose key is wrong."""
    try:
        return str(siret.validate(typed))
    except ValidationError as error:
        raise ValueError(typed) from error
