"""What the page of an activity is made of: sections of sentences and of rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from marelle.core.french import day_plain, range_sentence


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a section with its own page, "" when it has none."""

    label: str
    detail: str
    url: str


@dataclass(frozen=True, slots=True)
class Section:
    """`acts` are pairs of a label and an address; the first is « Modifier ». `warnings`: what is set and may
    not be what was meant."""

    code: str
    title: str | Promise
    lines: list[str]
    rows: list[Row] = field(default_factory=list)
    acts: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def dates_text(since: date, until: date | None) -> str:
    """ "à partir du 1ᵉʳ septembre 2026", "du 1ᵉʳ septembre au 16 octobre 2026"."""
    if until is None:
        return _("à partir du %(day)s") % {"day": day_plain(since)}
    return range_sentence(since, until)
