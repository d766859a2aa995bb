"""The list of the door: frozen data in, one list of rows with their buttons out.

Written by a function for the reason of `planning`: a hundred and fifty children, each with what must be known
of them and what may be touched, within one light page. `door.js` works on what is written here; without it
each button posts `t` as "kind child openings".
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
    """One opening of a child: its last tick, and the one that may be undone."""

    opening: int
    last: str = ""
    undoable: str = ""


@dataclass(frozen=True, slots=True)
class DoorRow:
    """A child. `told` says where it stands; `warning` what two devices disagree on.

    `by_itself`: « Tous présents » passes it over.
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


@dataclass(frozen=True, slots=True)
class _Button:
    kind: str
    word: str
    css: str = ""


def render_rows(rows: Sequence[DoorRow], *, may_tick: bool = True) -> SafeString:
    """The items of the list, without buttons where nothing is ticked. Every text and key is escaped here."""
    simple = (_Button("present", _("Présent"), "yes"), _Button("absent", _("Absent"), "no"))
    timed = (
        _Button("arrived", _("Arrivée"), "yes"),
        _Button("left", _("Départ")),
        _Button("absent", _("Absent"), "no"),
    )
    words = {kind: _buttons(kind if may_tick else ()) for kind in (simple, timed)}
    parts: list[str] = []
    for row in rows:
        _write(parts.append, row, words[timed if row.asks_times else simple])
    return mark_safe("".join(parts))  # noqa: S308 - escaped text by text


def render_known(rows: Sequence[DoorRow]) -> SafeString:
    """The hidden field `a`: by opening and child, the last tick and the one that may be undone."""
    known = (
        f"{place.opening}-{row.child}:{place.last}" + (f":{place.undoable}" if place.undoable else "")
        for row in rows
        for place in row.places
        if place.last
    )
    return mark_safe(f'<input type="hidden" name="a" value="{escape(" ".join(known))}">')  # noqa: S308


def render_fetchers(fetchers: Sequence[DoorFetcher]) -> SafeString:
    """Who may come, then who may not."""
    return mark_safe(", ".join(_fetcher(one) for one in fetchers))  # noqa: S308 - escaped text by text


SPLIT: Final = "\x00"


def _buttons(buttons: Sequence[_Button]) -> list[str]:
    """The buttons of a row, cut where the child and its openings come."""
    text = "".join(
        f'<button class="btn {b.css}" name=t value="{b.kind} {SPLIT}">{escape(b.word)}</button>'
        for b in buttons
    )
    return text.split(SPLIT)


def _write(write: Callable[[str], None], row: DoorRow, buttons: list[str]) -> None:
    openings = ",".join(str(place.opening) for place in row.places)
    flags = ("al" if row.leaves_alone else "", "own" if row.by_itself else "")
    css = " ".join(filter(None, (row.state.value, *flags)))
    write(f'<li id=c{row.child} data-o="{openings}"' + (f' class="{css}">' if css else ">"))
    write(f'<div class=id><i aria-hidden=true>{escape(row.initials)}</i><a id=n{row.child} href="')
    write(f'{escape(row.url)}">{escape(row.name)}</a><small>{escape(str(row.detail))}</small></div>')
    if row.signs:
        signs = (f'<em class="tag {sign.tone}">{escape(str(sign.text))}</em>' for sign in row.signs)
        write(f"<p class=sg>{' '.join(signs)}</p>")
    if row.fetchers:
        write(f"<p class=wh>{render_fetchers(row.fetchers)}</p>")
    write(f"<p class=st>{escape(str(row.told))}</p>")
    if row.warning:
        write(f"<p class=said>{escape(str(row.warning))}</p>")
    write(f"<div class=do role=group aria-labelledby=n{row.child}>")
    write(f"{row.child} {openings}".join(buttons))
    write("</div></li>")


def _fetcher(one: DoorFetcher) -> str:
    if one.is_banned:
        return f"<s>{escape(one.name)}</s>"
    return f"<b data-k={escape(one.key)}>{escape(one.name)}</b>"
