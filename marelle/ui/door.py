"""The list of the door: frozen data in, one list of rows with their buttons out.

Written by a function for the reason of `planning`: a hundred and fifty children, each with what must be known
of them and what may be touched, within one light page. `door.js` works on what is written here; without it
each button posts `t` as "kind row".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import Final

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from marelle.ui.shell import Text


class RowState(StrEnum):
    """What is known of a child: nothing yet, here, away, or gone home. `AWAY`: its family told so."""

    NONE = ""
    HERE = "on"
    ABSENT = "off"
    GONE = "gone"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class DoorSign:
    """A short word that must be seen. `tone` as in the components."""

    text: Text
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class DoorFetcher:
    """Who may come for the child, or may not."""

    key: str
    name: str
    is_banned: bool = False


@dataclass(frozen=True, slots=True)
class DoorPlace:
    """One opening of a child: its last tick, and the one that may be undone.

    `state` and `told`: where the child stands there; `told` is empty where nobody ticked it.
    """

    opening: int
    last: str = ""
    undoable: str = ""
    state: RowState = RowState.NONE
    told: Text = ""


@dataclass(frozen=True, slots=True)
class DoorRow:
    """A child at one stay of its day. `told` says where it stands; `warning` what two devices disagree on.

    `by_itself`: « Tous présents » passes it over. `expected`: booked, and nobody told it absent.
    `is_known`: what must be known of it may be shown, be it nothing.
    """

    child: int
    initials: str
    name: str
    detail: Text
    url: str
    places: tuple[DoorPlace, ...]
    state: RowState = RowState.NONE
    told: Text = ""
    warning: Text = ""
    signs: tuple[DoorSign, ...] = ()
    fetchers: tuple[DoorFetcher, ...] = ()
    leaves_alone: bool = False
    asks_times: bool = False
    by_itself: bool = False
    expected: bool = False
    is_known: bool = True

    @property
    def key(self) -> str:
        return row_key(self.child, self.places[0].opening if self.places else None)


@dataclass(frozen=True, slots=True)
class DoorCount:
    """How many children have a row of these states, « expected » when there are none; its words."""

    one: Text
    many: Text
    states: tuple[RowState, ...] = ()


def row_key(child: int, first: int | None) -> str:
    """What names a row in its page: its child, and the first of its openings."""
    return f"{child}-{first}" if first else str(child)


def render_rows(rows: Sequence[DoorRow], *, may_tick: bool = True) -> SafeString:
    """The items of the list, without buttons where nothing is ticked. Every text and key is escaped here."""
    simple = (("present", _("Présent")), ("absent", _("Absent")))
    timed = (("arrived", _("Arrivée")), ("left", _("Départ")), ("absent", _("Absent")))
    words = {kind: _buttons(kind if may_tick else ()) for kind in (simple, timed)}
    parts: list[str] = []
    for row in rows:
        _write(parts.append, row, words[timed if row.asks_times else simple])
    return mark_safe("".join(parts))  # noqa: S308 - escaped text by text


def render_known(rows: Sequence[DoorRow]) -> SafeString:
    """The hidden field `a`: "34:12.last.undoable,13 34:19 35:12", the openings of each row.

    Where an opening was ticked, its last tick; where it may be undone, the tick that may, left out when it is
    the last.
    """
    known = (f"{row.child}:{','.join(map(_known, row.places))}" for row in rows)
    return mark_safe(f'<input type="hidden" name="a" value="{escape(" ".join(known))}">')  # noqa: S308


def render_enrolled(rows: Sequence[DoorRow]) -> SafeString:
    """Children to be found by their name, which no two share, for a `datalist`."""
    options = (f"<option data-n={row.child}>{escape(row.name)}" for row in rows)
    return mark_safe("".join(options))  # noqa: S308 - escaped text by text


def render_blanks(blanks: Sequence[tuple[Sequence[int], DoorRow]]) -> SafeString:
    """The row of a child whom nobody expected, empty, for each set of openings where rows are alike."""
    parts: list[str] = []
    for openings, row in blanks:
        parts.append(f'<ol data-o="{",".join(map(str, openings))}">')
        parts.append(render_rows([row]))
        parts.append("</ol>")
    return mark_safe(f"<template id=door-blank>{''.join(parts)}</template>")  # noqa: S308


def render_care(rows: Sequence[DoorRow], *, room: int) -> SafeString:
    """What must be known of children who are not on the list, should they come: drawn into a blank row.

    Signs and bans of all; who may fetch as long as it fits in `room` characters, first of those who have
    signs. `data-m`: there is more to know.
    """
    parts: list[str] = []
    known = sorted((row for row in rows if row.is_known), key=_says_little)
    briefs = [_brief(row) for row in known]
    room -= sum(map(len, briefs))
    for row, brief in zip(known, briefs, strict=True):
        whole = _for_later(row, row.fetchers)
        more = len(whole) - len(brief)
        parts.append(whole if more <= room else brief)
        room -= more if more <= room else 0
    return mark_safe(f"<template id=door-care>{''.join(parts)}</template>")  # noqa: S308


def render_signs(signs: Sequence[DoorSign]) -> SafeString:
    tags = (f'<em class="tag {sign.tone}">{escape(str(sign.text))}</em>' for sign in signs)
    return mark_safe(" ".join(tags))  # noqa: S308 - escaped text by text


def render_fetchers(fetchers: Sequence[DoorFetcher]) -> SafeString:
    """Who may come, then who may not."""
    return mark_safe(", ".join(_fetcher(one) for one in fetchers))  # noqa: S308 - escaped text by text


def render_counts(counts: Sequence[DoorCount], rows: Sequence[DoorRow]) -> SafeString:
    """« 1 présent · 3 venus · 23 attendus »; `door.js` counts again after each touch."""
    parts = []
    for one in counts:
        told = (row.child for row in rows if (row.state in one.states if one.states else row.expected))
        n = len(set(told))
        css = ",".join(f".{state.value}" for state in one.states) or f".{EXPECTED}"
        parts.append(
            f'<span data-of="{css}" data-one="{escape(str(one.one))}" data-many="{escape(str(one.many))}">'
            f"{n}\u00a0{escape(str(one.many if n > 1 else one.one))}</span>"
        )
    return mark_safe(" · ".join(parts))  # noqa: S308 - escaped text by text


EXPECTED: Final = "due"
SPLIT: Final = "\x00"


def _buttons(buttons: Sequence[tuple[str, str]]) -> list[str]:
    """The buttons of a row, by kind and word, cut where the row is named."""
    text = "".join(
        f'<button class=btn name=t value="{kind} {SPLIT}">{escape(word)}</button>' for kind, word in buttons
    )
    return text.split(SPLIT)


def _write(write: Callable[[str], None], row: DoorRow, buttons: list[str]) -> None:
    flags = (
        "al" if row.leaves_alone else "",
        "own" if row.by_itself else "",
        EXPECTED if row.expected else "",
    )
    css = " ".join(filter(None, (row.state.value, *flags)))
    key = row.key
    write(f"<li id=c{key}" + (f' class="{css}">' if css else ">"))
    write(f'<div class=id id=n{key}><i aria-hidden=true>{escape(row.initials)}</i><a href="')
    write(f'{escape(row.url)}">{escape(row.name)}</a><small>{escape(str(row.detail))}</small></div>')
    write(_care(row.signs, row.fetchers))
    write(f"<p class=st>{escape(str(row.told))}</p>")
    for place in row.places:
        if place.told and (place.state, place.told) != (row.state, row.told):
            write(f'<p hidden data-o={place.opening} data-s="{place.state.value}">')
            write(f"{escape(str(place.told))}</p>")
    if row.warning:
        write(f"<p class=said>{escape(str(row.warning))}</p>")
    if len(buttons) > 1:
        write(f"<div class=do role=group aria-labelledby=n{key}>")
        write(key.join(buttons))
        write("</div>")
    write("</li>")


def _care(signs: Sequence[DoorSign], fetchers: Sequence[DoorFetcher]) -> str:
    """What must be known of a child, in the list or before it comes to it."""
    told = f"<p class=sg>{render_signs(signs)}</p>" if signs else ""
    return told + (f"<p class=wh>{render_fetchers(fetchers)}</p>" if fetchers else "")


def _for_later(row: DoorRow, fetchers: Sequence[DoorFetcher], more: str = "") -> str:
    alone = " class=al" if row.leaves_alone else ""
    care = _care(row.signs, fetchers)
    return f'<li data-c={row.child} data-i="{escape(row.initials)}"{alone}{more}>{care}'


def _brief(row: DoorRow) -> str:
    """The same without who may fetch, "" where nothing is left."""
    if _says_little(row):
        return ""
    return _for_later(row, [one for one in row.fetchers if one.is_banned], " data-m")


def _says_little(row: DoorRow) -> bool:
    """Whether nothing but who may fetch the child is known of it."""
    return not (row.signs or any(one.is_banned for one in row.fetchers))


def _known(place: DoorPlace) -> str:
    if not place.last:
        return str(place.opening)
    undoable = "" if place.undoable == place.last else place.undoable
    return f"{place.opening}.{place.last}" + (f".{undoable}" if place.undoable else "")


def _fetcher(one: DoorFetcher) -> str:
    if one.is_banned:
        return f"<s>{escape(one.name)}</s>"
    return f"<b data-k={escape(one.key)}>{escape(one.name)}</b>"
