"""What an agent says of a file before it is imported: where its headings are, which column is which.

What it said of a heading is kept for the next file, where it is not what Marelle guesses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from django.db import transaction

from marelle.core.actor import Actor
from marelle.core.tabular import plain
from marelle.families.imports.drafts import COLUMNS, columns_missing
from marelle.families.imports.headings import AMONG, guessed, headings_at
from marelle.families.imports.kept import ImportNotReady, import_prepared, lines_kept
from marelle.families.models import FamilyImport, ImportWord
from marelle.families.refusals import NoSuchRow

HEADING: Final = "column"
"""The kind of an `ImportWord` that is a heading."""


def columns_known(headings: Sequence[str]) -> dict[str, int]:
    """The place of each column by its code: as an agent said of these headings, else as they are guessed."""
    words = _words(headings)
    said = dict(ImportWord.objects.filter(kind=HEADING, word__in=words).values_list("word", "meaning"))
    codes = {column.code for column in COLUMNS}
    told = {words[word]: meaning for word, meaning in said.items()}
    found = {code: place for code, place in guessed(headings).items() if place not in told}
    return found | {code: place for place, code in sorted(told.items(), reverse=True) if code in codes}


@transaction.atomic
def heading_set(*, actor: Actor, import_id: int, at: int) -> FamilyImport:
    """Say which line holds the headings, by its place; columns are guessed again.

    Raises `NoSuchRow`, `ImportNotReady`, FileUnreadable.
    """
    row = import_prepared(actor, import_id)
    lines = lines_kept(row)
    if not 0 <= at < min(AMONG, len(lines)):
        raise NoSuchRow("no_line")
    if at == len(lines) - 1:
        raise ImportNotReady("no_lines")
    row.heading, row.headings, row.lines = at, list(headings_at(lines, at)), len(lines) - 1 - at
    row.columns = columns_known(row.headings)
    row.save(update_fields=["heading", "headings", "lines", "columns"])
    return row


@transaction.atomic
def columns_set(*, actor: Actor, import_id: int, columns: Mapping[str, int]) -> FamilyImport:
    """Say which column of the file is which. Raises `NoSuchRow`, `ImportNotReady`."""
    row = import_prepared(actor, import_id)
    titles = {column.code: column.title for column in COLUMNS}
    chosen = {code: place for code, place in columns.items() if code in titles}
    if missing := columns_missing(chosen):
        raise ImportNotReady("missing_columns", columns=missing)
    places = list(chosen.values())
    if twice := [titles[code] for code, place in chosen.items() if places.count(place) > 1]:
        raise ImportNotReady("column_twice", columns=tuple(twice))
    if any(not 0 <= place < len(row.headings) for place in places):
        raise NoSuchRow("no_column")
    row.columns = chosen
    row.save(update_fields=["columns"])
    _remember(row.headings, chosen)
    return row


def _remember(headings: Sequence[str], chosen: Mapping[str, int]) -> None:
    """Keep of each heading what the agent said, where it is not what is guessed."""
    words = _words(headings)
    ours = {place: code for code, place in guessed(headings).items()}
    said = {place: code for code, place in chosen.items()}
    differs = {
        word: said.get(place, "") for word, place in words.items() if ours.get(place) != said.get(place)
    }
    words_keep(HEADING, differs, forget=words.keys() - differs.keys())


def words_keep(kind: str, meanings: Mapping[str, str], *, forget: Collection[str]) -> None:
    """Keep what those words mean for the next files, and no more what the others did."""
    ImportWord.objects.filter(kind=kind, word__in=forget).delete()
    ImportWord.objects.bulk_create(
        [ImportWord(kind=kind, word=word, meaning=meaning) for word, meaning in meanings.items()],
        update_conflicts=True,
        unique_fields=["kind", "word"],
        update_fields=["meaning"],
    )


def _words(headings: Sequence[str]) -> dict[str, int]:
    """The place of each heading, `plain`; without those that come twice, of which nothing is kept."""
    words = [plain(heading) for heading in headings]
    times = Counter(words)
    return {
        word: place
        for place, word in enumerate(words)
        if word and times[word] == 1 and len(word) <= ImportWord.WORD_LENGTH
    }
