"""Keys of rows, read in addresses and in what browsers send."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.urls import reverse
from django.urls.converters import IntConverter

DIGITS: Final = 18
"""As many as every database holds."""


STAND_IN: Final = 10**DIGITS - 1
"""A key that no row has."""


class IdConverter(IntConverter):
    """`<id:…>`: the key of a row. What no database can hold is an address that does not exist."""

    regex = "[1-9][0-9]{0,17}"


def address_of(name: str) -> Callable[[int], str]:
    """The address of each row of a list, for one look at the routes and not one a row."""
    before, _key, after = reverse(name, args=[STAND_IN]).partition(str(STAND_IN))
    return lambda key: f"{before}{key}{after}"


def id_read(text: str) -> int | None:
    """The key that a browser sent, None for what no row can have. 0 is read: some lists give it a meaning."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= DIGITS else None
