"""In whose name a mail leaves: what stands at its head.

This floor knows no authority: the one that does says in its own `letterheads.py` how to find it (`read_by`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

from django.utils.module_loading import autodiscover_modules

from marelle.core.colours import BLACK

LOGO_ID: Final = "logo@marelle"
"""The Content-ID of the logo, which a mail carries along: nothing is fetched from elsewhere."""

FINER: Final = 3
"""A logo is kept with that many times the pixels that it is shown at."""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """`authority_id` is None before there is an authority. `ground` is a colour on which white is read;
    `logo` a PNG, b"" without one, and `logo_size` its width and height in pixels.
    """

    authority_id: int | None = None
    name: str = ""
    ground: str = BLACK
    logo: bytes = b""
    logo_size: tuple[int, int] = (0, 0)

    @property
    def shown_size(self) -> tuple[int, int]:
        """Width and height of the logo in a mail, at least 1."""
        width, height = self.logo_size
        return max(width // FINER, 1), max(height // FINER, 1)


PLAIN: Final = Letterhead()


Reader = Callable[[int | None], Letterhead]

_readers: list[Reader] = []


def read_by(reader: Reader) -> None:
    """Say how the letterhead of an authority is found, and that of the portal for None."""
    _readers[:] = [reader]


def letterhead_of(authority_id: int | None) -> Letterhead:
    """That of an authority; of the portal for None."""
    return _reader()(authority_id)


@cache
def _reader() -> Reader:
    autodiscover_modules("letterheads")
    return _readers[0]
