"""Imports of families in French: the list, what one would do, how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from textwrap import shorten
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.agents.families.importing.forms import HeadingForm
from marelle.core.french import day_plain, instant_long_year, join_and
from marelle.core.phones import phone_text
from marelle.core.tabular import Line
from marelle.families.imports.drafts import Draft, headings_unread
from marelle.families.imports.headings import AMONG
from marelle.families.imports.kept import lines_kept
from marelle.families.imports.labels import counts_text, reason_text
from marelle.families.imports.pupils import DraftChild
from marelle.families.imports.services import import_report, same_before
from marelle.families.models import Family, FamilyImport

SHOWN = 100
"""Lines to correct shown on the page; the report has them all."""

SAMPLES = 5
TOP_LETTERS = 60
State = FamilyImport.State


@dataclass(frozen=True, slots=True)
class ImportLine:
    id: int
    title: str
    detail: str
    result: str
    tone: str


def import_line(row: FamilyImport) -> ImportLine:
    told = {"at": instant_long_year(row.queued_at or row.prepared_at), "who": row.prepared_by}
    results = {
        State.PREPARED: _("à vérifier"),
        State.QUEUED: ngettext("%(done)d foyer sur %(all)d", "%(done)d foyers sur %(all)d", row.homes)
        % {"done": row.done_homes, "all": row.homes},
        State.DONE: counts_text(row.counts),
        State.REFUSED: counts_text(row.counts) if row.done_homes else _("rien n’est importé"),
    }
    tones = {State.PREPARED: "warn", State.QUEUED: "info", State.DONE: "ok", State.REFUSED: "warn"}
    state = State(row.state)
    detail = _("le %(at)s, par %(who)s") % told
    return ImportLine(row.pk, row.file_name, detail, results[state], tones[state])


def columns_page(row: FamilyImport) -> dict[str, Any]:
    """Where the headings may be, and each with what the first lines hold under it.

    Raises FileUnreadable, "forgotten".
    """
    lines = lines_kept(row)
    below = lines[row.heading + 1 :][:SAMPLES]
    samples = []
    for place, heading in enumerate(row.headings):
        cells = [line.cells[place] for line in below if place < len(line.cells) and line.cells[place]]
        title = heading or _("Colonne %(n)d") % {"n": place + 1}
        samples.append((title, " · ".join(dict.fromkeys(cells)) or _("vide")))
    tops = [(str(at), _top(line)) for at, line in enumerate(lines[: min(AMONG, len(lines) - 1)])]
    return {
        "run": row,
        "samples": samples,
        "heading_line": lines[row.heading].number,
        "heading_form": HeadingForm(tops, str(row.heading)) if len(tops) > 1 else None,
    }


def _top(line: Line) -> str:
    """ "Ligne 4 : Nom · Prénom · Né(e) le"."""
    cells = " · ".join(filter(None, line.cells))
    return _("Ligne %(line)d : %(cells)s") % {
        "line": line.number,
        "cells": shorten(cells, TOP_LETTERS, placeholder="…"),
    }


def run_page(row: FamilyImport, *, now: datetime) -> dict[str, Any]:
    """Raises FileUnreadable, "forgotten"."""
    context: dict[str, Any] = {"run": row, "line": import_line(row), "state": row.state}
    if row.state != State.PREPARED:
        return {
            **context,
            "counts": counts_text(row.counts),
            "percent": 100 * row.done_homes // row.homes if row.homes else 100,
            "problems": [_problem(where, code, data) for where, code, data, _cells in row.problems[:SHOWN]],
            "beyond": max(0, len(row.problems) - SHOWN),
        }
    found = import_report(row, now=now)
    wrong = len({one.where for one in found.problems})
    before = same_before(row)
    names = Family.objects.in_bulk({known.family_id for known in found.known[:SHOWN]})
    return {
        **context,
        "new_count": len(found.new),
        "previews": [_preview(draft) for draft in found.new[:SAMPLES]],
        "known": [
            (draft_name(known.draft), names[known.family_id], known.by_reference)
            for known in found.known[:SHOWN]
        ],
        "known_count": len(found.known),
        "problems": [_problem(one.where, one.code, one.data) for one in found.problems[:SHOWN]],
        "problem_title": ngettext("%(n)d ligne est à corriger.", "%(n)d lignes sont à corriger.", wrong)
        % {"n": wrong},
        "unread": join_and([f"«\u00a0{one}\u00a0»" for one in headings_unread(row.headings, row.columns)]),
        "beyond": max(0, len(found.problems) - SHOWN),
        "already": _("Ce même fichier a déjà été importé le %(at)s : ses foyers sont déjà là.")
        % {"at": instant_long_year(before.done_at)}
        if before is not None and before.done_at is not None
        else "",
    }


def draft_name(draft: Draft) -> str:
    return _("%(name)s, ligne %(line)d") % {"name": draft.name, "line": draft.numbers[0]}


def _preview(draft: Draft) -> tuple[str, str]:
    """A home to come: its name, then its people and what is said of it."""
    adults = [
        " ".join(filter(None, (adult.first_name, adult.last_name, adult.email, phone_text(adult.phone))))
        for adult in draft.adults
    ]
    children = [_child(child) for child in draft.children if child.birth_date is not None]
    address = ""
    if draft.address is not None:
        address = _("%(street)s, %(postal_code)s %(city)s") % draft.address
    number = _("allocataire %(number)s") % {"number": draft.caf_number} if draft.caf_number else ""
    return draft.name, " · ".join(filter(None, (*adults, *children, address, number)))


def _child(child: DraftChild) -> str:
    """ "Inès Haddad (14 mai 2018, CE2)": the school is checked by its line."""
    born = day_plain(child.birth_date) if child.birth_date else ""
    told = ", ".join(filter(None, (born, child.pupil.level if child.pupil else "")))
    return f"{child.first_name} {child.last_name} ({told})"


def _problem(where: object, code: str, data: dict[str, Any]) -> str:
    return _("Ligne %(line)s : %(said)s") % {"line": where, "said": reason_text(code, data)}
