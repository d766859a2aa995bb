"""What is typed and what is kept, brought to the same words; pure.

A word is of small letters and digits, without accents; a mail is one word. Two words that differ by a mistake
or two share a key: each without some of its letters (the "symmetric delete" of SymSpell). So a mistake is
found by equality, that any database has an index for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Final

from marelle.core.spelling import plain

WORD_LENGTH: Final = 80
WORDS_AT_MOST: Final = 6
SHORTEST_START: Final = 2
SHORTEST_DIGITS: Final = 3
"""Letters, and digits, from which a word is looked for by its beginning: every telephone begins with "06"."""

KEY_LENGTH: Final = 10
"""Letters of a word from which keys are made: beyond, keys would be many and tell little more."""

_MAIL = re.compile(r"[a-z0-9._%+'-]+@[a-z0-9.-]*")
_DIGITS = re.compile(r"\+?\d(?:[\s.\-/]*\d)+")
_WORD = re.compile(r"[a-z0-9]+")


def typed_words(query: str) -> tuple[str, ...]:
    """The words that a query asks for, at most `WORDS_AT_MOST`; digits typed apart are one number."""
    text = plain(query)
    found = [mail.group() for mail in _MAIL.finditer(text)]
    text = _MAIL.sub(" ", text)
    # Digits within a word ("F00012") are the word's.
    found += [_number(run.group()) for run in _DIGITS.finditer(text) if _is_apart(text, run)]
    text = _DIGITS.sub(lambda run: " " if _is_apart(text, run) else run.group(), text)
    found += _WORD.findall(text)
    return tuple(word[:WORD_LENGTH] for word in dict.fromkeys(found))[:WORDS_AT_MOST]


def name_words(name: str) -> set[str]:
    """The words of a name, and all of them as one: "Le Goff" is also found by "legoff"."""
    parts = _WORD.findall(plain(name))
    joined = "".join(parts)
    return {word[:WORD_LENGTH] for word in (*parts, joined) if word}


def number_words(number: str) -> set[str]:
    """The number of a file, also without the zeros before it."""
    return {word for whole in name_words(number) for word in (whole, whole.lstrip("0")) if word}


def phone_words(phone: str) -> set[str]:
    """A telephone as it is dialled here."""
    digits = _number(plain(phone))
    return {digits[:WORD_LENGTH]} if digits else set()


def mail_words(mail: str) -> set[str]:
    return {plain(mail.strip())[:WORD_LENGTH]} if mail.strip() else set()


def is_start(word: str) -> bool:
    """Whether it is long enough to be looked for as the beginning of others."""
    return len(word) >= (SHORTEST_DIGITS if word.isdigit() else SHORTEST_START)


def mistakes_allowed(word: str) -> int:
    """Mistakes that a word may hold and still be found: 1 from four letters, 2 from eight; 0 for numbers."""
    if not word.isalpha() or len(word) < 4:
        return 0
    return 1 if len(word) < 8 else 2


def keys(word: str) -> set[str]:
    """The word without any letters of its beginning, as many as `mistakes_allowed`."""
    return set(_keys(word[:KEY_LENGTH], mistakes_allowed(word))) if word.isalpha() else set()


def nearest(word: str, others: Iterable[str], limit: int) -> tuple[str, ...]:
    """Of `others`, those that `word` may be a mistake for, nearest first."""
    allowed = mistakes_allowed(word)
    near = sorted((distance(word, other, allowed), other) for other in others)
    return tuple(other for far, other in near if far <= allowed)[:limit]


def distance(first: str, second: str, most: int) -> int:
    """Letters added, left out, changed, or two swapped, from one to the other; `most + 1` when more."""
    if abs(len(first) - len(second)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, sign in enumerate(first, start=1):
        before, last, row = row, before, [i]
        for j, other in enumerate(second, start=1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (sign != other))
            if i > 1 and j > 1 and sign == second[j - 2] and first[i - 2] == other:
                best = min(best, last[j - 2] + 1)
            row.append(best)
        if min(row) > most:
            return most + 1
    return row[-1]


def _keys(word: str, fewer: int) -> Iterator[str]:
    for gone in range(fewer + 1):
        for kept in combinations(word, len(word) - gone):
            yield "".join(kept)


def _number(run: str) -> str:
    """Digits, those of France as they are dialled there."""
    digits = "".join(sign for sign in run if sign.isdigit())
    if run.startswith("+33") or digits.startswith("0033"):
        return "0" + digits.removeprefix("00").removeprefix("33").removeprefix("0")
    return digits


def _is_apart(text: str, run: re.Match[str]) -> bool:
    return not text[: run.start()][-1:].isalpha() and not text[run.end() :][:1].isalpha()
