"""The numbers of a week of meals as a browser sends them: read with care, shown again as typed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final

from marelle.meals.rules import MOST_TYPED
from marelle.meals.selectors import Key, Sitting
from marelle.meals.services import Typed

ADULTS, PICNICS, SEEN_ADULTS, SEEN_PICNICS, MARK = "a", "p", "sa", "sp", "m"
ORDER, EVERYTHING = "commander", "tout"
DIGITS: Final = len(str(MOST_TYPED))


def name_of(kind: str, key: Key) -> str:
    return f"{kind}-{key[0].isoformat()}.{key[1]}"


def typed_of(
    sent: Mapping[str, str], sittings: Mapping[Key, Sitting], today: date
) -> tuple[list[Typed], frozenset[str]]:
    """What was sent for the services shown that are not over, and the names of the fields that hold no
    number. One that is closed has nothing to type, and its order can still be taken back."""
    found, wrong = [], set()
    for key, one in sittings.items():
        if key[0] < today:
            continue
        if name_of(ADULTS, key) not in sent:
            if not one.is_open and name_of(MARK, key) in sent:
                held = (one.extra.adults, one.extra.picnics)
                found.append(Typed(key[0], key[1], held, *held, sent[name_of(MARK, key)]))
            continue
        numbers = {}
        for kind in (ADULTS, PICNICS, SEEN_ADULTS, SEEN_PICNICS):
            name = name_of(kind, key)
            try:
                numbers[kind] = _number(sent.get(name, ""))
            except ValueError:
                wrong.add(name)
        if len(numbers) == 4:
            seen = (numbers[SEEN_ADULTS], numbers[SEEN_PICNICS])
            mark = sent.get(name_of(MARK, key), "")
            found.append(Typed(key[0], key[1], seen, numbers[ADULTS], numbers[PICNICS], mark))
    return found, frozenset(wrong)


def ordered_of(asked: str, keys: Collection[Key]) -> frozenset[Key]:
    """The services that a button orders: one, or all; none for a button that is not of this page."""
    if asked == EVERYTHING:
        return frozenset(keys)
    return frozenset(key for key in keys if asked == f"{key[0].isoformat()}.{key[1]}")


def _number(text: str) -> int:
    """Nothing is nought. Raises ValueError for what is no number of people."""
    text = text.strip()
    if text and not (text.isascii() and text.isdecimal() and len(text) <= DIGITS):
        raise ValueError(text)
    return int(text or 0)
