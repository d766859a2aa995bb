"""A difference in lines, for who reads it before saying yes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from django.utils.translation import gettext, ngettext

from marelle.definitions.difference import Change, Difference, value_text
from marelle.definitions.kinds import EVERY
from marelle.definitions.tree import Entry, Id

MOST: Final = 80
"""Signs of a value that are shown."""


def difference_lines(found: Difference, held: Mapping[Id, Entry]) -> Iterator[str]:
    """What comes, what changes, what is left alone and what the file no longer has."""
    entries = {**held, **{one.entry.id: one.entry for one in found.changes}}
    for change in found.changes:
        mark = "+" if change.is_new else "~"
        yield f"{mark} {change.entry.where}{_called(change)}"
        if not change.is_new:
            yield from _fields(change, entries)
    for agent in found.agents:
        yield gettext("+ premiers agents › %(key)s : une invitation à %(email)s") % {
            "key": agent.key,
            "email": agent.email,
        }
    yield ngettext(
        "= %(n)d définition déjà comme le fichier le dit",
        "= %(n)d définitions déjà comme le fichier le dit",
        found.same,
    ) % {"n": found.same}
    if found.left:
        yield from _left(found)


def _called(change: Change) -> str:
    name = next(
        (
            change.entry.values[one]
            for one in ("name", "title", "label", "reason")
            if one in change.entry.values
        ),
        "",
    )
    return gettext(" (%(name)s)") % {"name": name} if name else ""


def _fields(change: Change, entries: Mapping[Id, Entry]) -> Iterator[str]:
    known = {one.attr: one for one in change.entry.kind.fields}
    for attr in change.attrs:
        if attr not in known:
            yield gettext("    rang à l’écran")
            continue
        one = known[attr]
        before = value_text(change.entry, one, change.held.values[attr] if change.held else None, entries)
        after = value_text(change.entry, one, change.entry.values[attr], entries)
        yield gettext("    %(word)s : %(before)s → %(after)s") % {
            "word": one.word,
            "before": _short(before),
            "after": _short(after),
        }


def _short(value: object) -> str:
    if isinstance(value, dict):
        text = ", ".join(f"{key} {_short(one)}" for key, one in value.items())
    elif isinstance(value, list):
        text = ", ".join(_short(one) for one in value)
    else:
        text = " ".join(str(value).split())
    text = text or gettext("rien")
    return text if len(text) <= MOST else f"{text[:MOST]}…"


def _left(found: Difference) -> Iterator[str]:
    counts = Counter(one.kind.name for one in found.left)
    yield gettext("? Ce que le fichier ne décrit pas, et qui reste :")
    for name, number in counts.items():
        word = EVERY[name].word
        shown = [one.where for one in found.left if one.kind.name == name][:5]
        more = gettext("… (%(n)d en tout)") % {"n": number} if number > len(shown) else ""
        yield f"    {word} : {' ; '.join(shown)}{more}"
