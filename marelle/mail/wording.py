"""The words that an authority adds to a mail: what may be written, and how it is read. Pure.

The text of the portal stays: it says what was decided, why, until when and whom to ask. An authority writes
around it: the subject, a text after the greeting, another at the end, and one signature for all its mails.
A text is plain: an empty line begins a paragraph, an address in https:// is a link, and nothing else is read
in it but its fields (`core.braces`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Final

from marelle.core.braces import checked, filled
from marelle.core.refusals import Refusal

SUBJECT_LENGTH: Final = 120
TEXT_LENGTH: Final = 1500

EVERY: Final = ""
"""The kind of what stands in all the mails of an authority: its signature, held in `after`."""

ADDRESS: Final = re.compile(r"https://[^\s{}<>\"«»]*[^\s{}<>\"«».,;:!?)]")
REACHED: Final = re.compile(
    r"(?<![\w.+-])(?:[a-z0-9][\w.+-]{0,63}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,5}"
    r"|0[1-9](?:[ .\u00a0\u202f]?\d\d){4}"
    r"|\+\d{1,3}(?:[ .\u00a0\u202f]?\d{1,4}){3,6})(?![\w@])",
    re.IGNORECASE,
)
"""A mail address, a French telephone, one of another country."""
CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
BEFORE_SLASHES: Final = re.compile(r"(?<![a-z0-9+.-])([a-z0-9+.-]++)://", re.IGNORECASE)
"""Begins only where such signs begin, and gives none back: read once, however long they are."""
NO_SCHEME_BEGINS: Final = "0123456789+.-"


class WordingRefused(Refusal):
    """`code`: "too_long" (with `most`), "one_line", "control_sign" or "not_https"."""


@dataclass(frozen=True, slots=True)
class Words:
    """What an authority wrote of one kind of mail; "" is what the portal says, or nothing."""

    subject: str = ""
    before: str = ""
    after: str = ""

    def __bool__(self) -> bool:
        return any(asdict(self).values())


NO_WORDS: Final = Words()


@dataclass(frozen=True, slots=True)
class Own:
    """What an authority says in one mail: its words, its signature, and what their fields stand for."""

    words: Words
    signature: str
    values: Mapping[str, str]


NOTHING_OWN: Final = Own(NO_WORDS, "", {})


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line; with an `address` it is a link, and says that very address."""

    text: str
    address: str = ""


def length_at_most(part: str) -> int:
    """Signs that a part holds."""
    return SUBJECT_LENGTH if part == "subject" else TEXT_LENGTH


def part_checked(part: str, typed: str, names: Iterable[str]) -> str:
    """One part of the words ("subject", "before" or "after") as it is kept.

    Its length comes first: nothing long is read any further. Raises WordingRefused, or what
    `core.braces.checked` raises.
    """
    text = "\n".join(line.rstrip() for line in typed.replace("\r\n", "\n").split("\n")).strip()
    _check_length(part, text)
    if part == "subject" and len(text.splitlines()) > 1:
        raise WordingRefused("one_line")
    if CONTROL.search(text):
        raise WordingRefused("control_sign")
    if _has_other_scheme(text):
        raise WordingRefused("not_https")
    text = checked(text, names)
    _check_length(part, text)  # a field may have a longer name than the one typed
    return text


def words_checked(words: Words, names: Iterable[str]) -> Words:
    """All the parts at once; raises as `part_checked`, for the first that is wrong."""
    allowed = tuple(names)
    return Words(**{part: part_checked(part, typed, allowed) for part, typed in asdict(words).items()})


def paragraphs(text: str, values: Mapping[str, str]) -> list[list[list[Piece]]]:
    """Paragraphs of lines of pieces, the fields filled. What a value holds is never read as a link."""
    return [
        [_pieces(line, values) for line in part.strip().splitlines()]
        for part in re.split(r"\n\s*\n", text)
        if part.strip()
    ]


def reached(line: str) -> list[Piece]:
    """A line of the portal's text: its telephones and mail addresses are links, nothing else is."""
    found: list[Piece] = []
    last = 0
    for one in REACHED.finditer(line):
        found += [Piece(line[last : one.start()]), Piece(one[0], _link(one[0]))]
        last = one.end()
    return [piece for piece in (*found, Piece(line[last:])) if piece.text]


def plain(found: list[list[list[Piece]]]) -> list[str]:
    """The same as texts, one a paragraph."""
    return ["\n".join("".join(piece.text for piece in line) for line in lines) for lines in found]


def _link(text: str) -> str:
    if "@" in text:
        return f"mailto:{text}"
    digits = re.sub(r"\D", "", text)
    return f"tel:+33{digits[1:]}" if digits.startswith("0") else f"tel:+{digits}"


def _check_length(part: str, text: str) -> None:
    most = length_at_most(part)
    if len(text) > most:
        raise WordingRefused("too_long", most=most)


def _has_other_scheme(text: str) -> bool:
    schemes = (found[1].lstrip(NO_SCHEME_BEGINS).lower() for found in BEFORE_SLASHES.finditer(text))
    return any(scheme not in {"", "https"} for scheme in schemes)


def _pieces(line: str, values: Mapping[str, str]) -> list[Piece]:
    found: list[Piece] = []
    last = 0
    for address in ADDRESS.finditer(line):
        found.append(Piece(filled(line[last : address.start()], values)))
        found.append(Piece(address[0], address[0]))
        last = address.end()
    return [piece for piece in (*found, Piece(filled(line[last:], values))) if piece.text]
