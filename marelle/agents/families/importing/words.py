"""Imports of families in French: the list, what one would do, how far it is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from textwrap import shorten
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from marelle.agents.families.importing.forms import HeadingForm, Question
from marelle.core.french import day_plain, instant_long_year, join_and, number_text
from marelle.core.phones import phone_text
from marelle.core.tabular import Line, Problem, plain
from marelle.families.fields import Diet
from marelle.families.imports.choosing import meanings_of, words_open
from marelle.families.imports.drafts import Draft, headings_unread
from marelle.families.imports.headings import AMONG
from marelle.families.imports.kept import lines_kept
from marelle.families.imports.labels import counts_text, reason_text
from marelle.families.imports.pupils import DraftChild
from marelle.families.imports.services import import_report, same_before
from marelle.families.imports.words import LEFT_OUT, Kind, Unknown
from marelle.families.models import Family, FamilyImport, Guardianship, SentFile
from marelle.families.rules import LEVELS
from marelle.places.models import School

SHOWN = 100
"""Lines to correct shown on the page; the report has them all."""

MOST_WORDS = 50
"""Asked at once: a column of free text, taken for schools, would ask thousands."""

SAMPLES = 5
TOP_LETTERS = 60
State = FamilyImport.State

KINDS = list(Kind)
TITLES = {
    Kind.SCHOOL: _lazy("Écoles"),
    Kind.LEVEL: _lazy("Classes"),
    Kind.DIET: _lazy("Repas"),
    Kind.LINK: _lazy("Civilités et liens de parenté"),
}
LEFT_OUT_TEXTS = {
    Kind.SCHOOL: _lazy("Ne rien reprendre : ni école, ni classe"),
    Kind.LEVEL: _lazy("Ne rien reprendre : ni école, ni classe"),
    Kind.DIET: _lazy("Ne rien reprendre"),
}
HINTS = {
    Kind.DIET: _lazy(
        "Une allergie n’est pas un repas : choisissez « Ne rien reprendre », la famille la note dans la "
        "fiche sanitaire."
    )
}
OF_WORDS = ("unknown_school", "unknown_level", "several_levels", "unknown_diet", "unknown_link")
EMPTY_TEXTS = {
    Kind.SCHOOL: _lazy("Une classe sans école, %(lines)s"),
    Kind.LEVEL: _lazy("Une école sans classe, %(lines)s"),
}


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


def columns_page(row: SentFile) -> dict[str, Any]:
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
    return _("Ligne %(line)d : %(cells)s") % {
        "line": line.number,
        "cells": shorten(cells, TOP_LETTERS, placeholder="…"),
    }


def school_choices(among: QuerySet[School]) -> list[tuple[int, str]]:
    """Each with its commune, in the order of their names."""
    rows = among.order_by("name", "commune__name").values_list("pk", "name", "commune__name")
    return [(pk, f"{name}, {commune}") for pk, name, commune in rows]


def questions(row: SentFile, asked: Sequence[Unknown], among: QuerySet[School]) -> list[Question]:
    """Each word once, with what it may be: those not said first, those of the most lines first."""
    schools = {str(pk): label for pk, label in school_choices(among)}
    waits = {(one.kind, one.word) for one in words_open(row, asked)}
    first = sorted(asked, key=lambda one: (one.kind, one.word) not in waits)[:MOST_WORDS]
    return [
        _question(one, row.words.get(one.kind, {}).get(one.word, ""), schools)
        for one in sorted(first, key=lambda one: KINDS.index(one.kind))
    ]


def _question(one: Unknown, said: str, schools: Mapping[str, str]) -> Question:
    labels: Mapping[Kind, Mapping[str, object]] = {
        Kind.SCHOOL: schools,
        Kind.LEVEL: dict(zip(LEVELS, LEVELS, strict=True)),
        Kind.DIET: dict(Diet.choices),
        Kind.LINK: dict(Guardianship.Link.choices),
    }
    allowed = meanings_of(one, [int(school) for school in schools])
    choices = [(code, str(label)) for code, label in labels[one.kind].items() if code in allowed]
    if LEFT_OUT in allowed:
        choices.append((LEFT_OUT, str(LEFT_OUT_TEXTS[one.kind])))
    told = {"word": one.shown, "lines": lines_text(one.lines)}
    label = _("« %(word)s », %(lines)s") if one.word else str(EMPTY_TEXTS[one.kind])
    return Question(
        kind=one.kind,
        word=one.word,
        title=str(TITLES[one.kind]),
        label=label % told,
        help=_("Ses enfants n’ont pas tous le même niveau.") if one.of_several else "",
        hint=str(HINTS.get(one.kind, "")),
        choices=choices,
        said=said,
    )


def run_page(
    row: FamilyImport, ways_of: Callable[[Collection[int]], Mapping[int, str]], *, now: datetime
) -> dict[str, Any]:
    """Raises FileUnreadable, "forgotten"."""
    context: dict[str, Any] = {"run": row, "line": import_line(row), "state": row.state}
    if row.state != State.PREPARED:
        problems = _problems([(where, code, data) for where, code, data, _cells in row.problems])
        return {
            **context,
            "counts": counts_text(row.counts),
            "percent": 100 * row.done_homes // row.homes if row.homes else 100,
            "problems": problems[:SHOWN],
            "beyond": max(0, len(problems) - SHOWN),
        }
    found = import_report(row, now=now)
    problems = problem_texts(found.problems)
    waits = words_open(row, found.asked)
    of_words = {one.where for one in found.problems if waits and _of_a_word(one)}
    wrong = len({one.where for one in found.problems if not (waits and _of_a_word(one))})
    before = same_before(row)
    names = Family.objects.in_bulk({known.family_id for known in found.known[:SHOWN]})
    ways = ways_of(names.keys())
    return {
        **context,
        "new_count": len(found.new),
        "previews": [_preview(draft) for draft in found.new[:SAMPLES]],
        "known": [
            (
                draft_name(known.draft),
                names[known.family_id],
                ways.get(known.family_id, ""),
                known.by_reference,
            )
            for known in found.known[:SHOWN]
        ],
        "known_count": len(found.known),
        "asked": bool(found.asked),
        "waits": _waits(len(waits), len(of_words)) if of_words else "",
        "problems": problems[:SHOWN],
        "problem_title": ngettext("%(n)d ligne est à corriger.", "%(n)d lignes sont à corriger.", wrong)
        % {"n": wrong}
        if wrong
        else "",
        "unread": join_and([f"«\u00a0{one}\u00a0»" for one in headings_unread(row.headings, row.columns)]),
        "beyond": max(0, len(problems) - SHOWN),
        "already": _("Ce même fichier a déjà été importé le %(at)s : ses foyers sont déjà là.")
        % {"at": instant_long_year(before.done_at)}
        if before is not None and before.done_at is not None
        else "",
    }


def _waits(words: int, lines: int) -> str:
    said = ngettext("%(n)d mot n’est pas compris", "%(n)d mots ne sont pas compris", words) % {"n": words}
    return _("%(said)s, dans %(lines)s") % {"said": said, "lines": lines_text(lines)}


def _of_a_word(problem: Problem) -> bool:
    """Whether it is right once somebody says what a word is."""
    if problem.code == "required":
        return problem.data["column"] in (Kind.SCHOOL, Kind.LEVEL)
    return problem.code in OF_WORDS


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


def problem_texts(found: Iterable[Problem]) -> list[str]:
    return _problems([(one.where, one.code, one.data) for one in found])


def _problems(found: Sequence[tuple[object, str, dict[str, Any]]]) -> list[str]:
    """What is wrong, in the order of the lines: the same sentence once, with the lines that it is said of."""
    lines: dict[str, tuple[str, list[str]]] = {}
    for where, code, data in found:
        said = reason_text(code, data)
        # Two spellings of one word are one question.
        key = plain(said) if code in OF_WORDS else said
        lines.setdefault(key, (said, []))[1].append(str(where))
    return [_problem(of, said) for said, of in lines.values()]


def _problem(lines: Sequence[str], said: str) -> str:
    if len(lines) == 1:
        return _("Ligne %(line)s : %(said)s") % {"line": lines[0], "said": said}
    if len(lines) <= SAMPLES:
        return _("Lignes %(lines)s : %(said)s") % {"lines": join_and(lines), "said": said}
    told = {"lines": ", ".join(lines[:SAMPLES]), "count": lines_text(len(lines)), "said": said}
    return _("%(count)s (%(lines)s…) : %(said)s") % told


def lines_text(count: int) -> str:
    return ngettext("%(n)s ligne", "%(n)s lignes", count) % {"n": number_text(count)}
