"""The rows of a table of wishes, a box for each weekday and slot.

Written by a function for the reason of `planning`: a home that asks for several children has two hundred
boxes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Protocol

from django.utils.safestring import SafeString, mark_safe


class Box(Protocol):
    """`value` is empty where nothing can be wished."""

    @property
    def value(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def checked(self) -> bool: ...


class Day(Protocol):
    @property
    def label(self) -> str: ...
    @property
    def boxes(self) -> Sequence[Box]: ...


def wish_rows(days: Iterable[Day]) -> SafeString:
    """Every text and value is escaped here."""
    parts = [
        f'<tr><th scope="row">{escape(str(day.label))}</th>{"".join(map(_cell, day.boxes))}</tr>'
        for day in days
    ]
    return mark_safe("".join(parts))  # noqa: S308 - escaped text by text


def _cell(box: Box) -> str:
    if not box.value:
        return "<td></td>"
    checked = " checked" if box.checked else ""
    ticks = f'<input type="checkbox" name="wishes" value="{escape(box.value)}"{checked}>'
    return f"<td><label>{ticks} {escape(str(box.label))}</label></td>"
