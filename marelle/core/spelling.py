"""What is typed and what is kept, whatever their capitals and accents; pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST: Final = 80
"""Signs of what is typed that `spelt` looks for: a longer expression would be too much for a database."""

_SPECIAL = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ß": "ss"})
_WRITTEN_APART = "[\u0300-\u036f]*"
_PIECE = re.compile(r"oe|ae|\s+|.", re.DOTALL)


def plain(text: str) -> str:
    """Small letters without accents."""
    split = unicodedata.normalize("NFKD", text.casefold().translate(_SPECIAL))
    return "".join(sign for sign in split if not unicodedata.combining(sign))


def spelt(text: str) -> str:
    """A regular expression of the texts that hold `text`, whatever the capitals and accents of either.

    It is for `__regex`: PostgreSQL and SQLite read it alike, and neither has to know what a capital is.
    """
    return "".join(_expression(piece) for piece in _PIECE.findall(plain(text)[:LONGEST]))


def _expression(piece: str) -> str:
    if piece.isspace():
        return r"[\s\u00a0\u202f]+"
    if piece in ("oe", "ae"):
        return f"(?:{_letter(piece[0])}{_letter(piece[1])}|[{_AS_ONE[piece]}])"
    if piece == "'" or piece == "’":
        return "['’]"
    return _letter(piece) if piece in _LETTERS else re.escape(piece)


def _letter(letter: str) -> str:
    return f"[{_LETTERS[letter]}]{_WRITTEN_APART}"


def _letters() -> dict[str, str]:
    """Each small letter, with all that are read as it: "e" with "eEéÉèÈêÊ…"."""
    held = {letter: letter + letter.upper() for letter in map(chr, range(ord("a"), ord("z") + 1))}
    for sign in map(chr, range(0x00C0, 0x0180)):
        if (read := plain(sign)) in held:
            held[read] += sign
    return held


_LETTERS: Final = _letters()
_AS_ONE: Final = {"oe": "œŒ", "ae": "æÆ"}
