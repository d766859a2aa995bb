"""Telephones as an agent reads and touches them, on every page that says whom to call."""

from __future__ import annotations

from collections.abc import Iterable

from marelle.families.labels import way_text
from marelle.families.telephones import Way
from marelle.ui.emergency import Number


def numbers(found: Iterable[Way]) -> tuple[Number, ...]:
    return tuple(Number(_dialled(way.number), way_text(way)) for way in found)


def _dialled(number: str) -> str:
    """Without what was typed between the digits: a doctor's is kept as it was written."""
    return "".join(sign for sign in number if sign.isdecimal() or sign == "+")
