"""Texts as the Trésor takes them: in signs of ISO-8859-1, so long at most, that say something. Pure."""

from __future__ import annotations

import unicodedata
from typing import Final

ENCODING: Final = "iso-8859-1"

SPELT: Final = str.maketrans(
    {
        "œ": "oe", "Œ": "OE", "€": "EUR", "’": "'", "‘": "'", "‚": "'", "‹": "'", "›": "'", "ʼ": "'",
        "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "‐": "-", "‑": "-", "‒": "-", "−": "-",
        "…": "...", "•": "-", "Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "Ħ": "H", "ħ": "h", "ı": "i",
        "Ŧ": "T", "ŧ": "t", "Ŋ": "N", "ŋ": "n", "ĸ": "k", "ẞ": "SS", "Ə": "E", "ə": "e", "ƒ": "f",
    }
)  # fmt: skip
"""Letters and signs that no decomposition brings into ISO-8859-1."""


SEPA_SIGNS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?().,'+ ")
"""Of `RefUniMdt` and `LibPrel`, in the PES V2; a colon is left out, since not all banks keep it."""


def latin(text: str) -> str:
    """With no sign but those of ISO-8859-1, of which each is printable: "œ" becomes "oe", "Ł" "L". What has
    no Latin form is left out; spaces are single, none at either end."""
    composed = unicodedata.normalize("NFC", text).translate(SPELT)
    spelt = "".join(sign if _is_taken(sign) else _plain(sign) for sign in composed)
    return " ".join(spelt.split())


def _is_taken(sign: str) -> bool:
    return sign == " " or ("!" <= sign <= "~") or ("\u00a1" <= sign <= "\u00ff" and sign != "\u00ad")


def _plain(sign: str) -> str:
    if unicodedata.category(sign)[0] == "Z" or sign in "\t\n\r\f\v":
        return " "
    apart = unicodedata.normalize("NFKD", sign).translate(SPELT)
    return "".join(one for one in apart if _is_taken(one) and not unicodedata.combining(one))


def says_something(text: str) -> bool:
    """False for what the Trésor refuses: nothing, a dot, "nc", zeros alone."""
    bare = text.replace(" ", "")
    return bool(bare.strip("0")) and bare not in (".", "-") and bare.casefold() != "nc"


def sepa_text(text: str, most: int) -> str:
    """In the signs that banks take, capitals and digits among them, without accents; "" where it would say
    nothing."""
    apart = unicodedata.normalize("NFKD", latin(text))
    bare = "".join(sign if sign in SEPA_SIGNS else " " for sign in apart if not unicodedata.combining(sign))
    kept, _rest = cut(" ".join(bare.split()), most)
    return kept if says_something(kept) else ""


def cut(text: str, most: int) -> tuple[str, str]:
    """The first `most` signs at most, and the rest: between two words where that can be."""
    if len(text) <= most:
        return text, ""
    at = text.rfind(" ", 0, most + 1)
    if at <= 0:
        return text[:most], text[most:]
    return text[:at].rstrip(), text[at:].lstrip()


def text_of(text: str, most: int) -> str:
    """As it is written in the file, in `most` signs at most; "" where it would say nothing."""
    kept, _rest = cut(latin(text), most)
    return kept if says_something(kept) else ""
