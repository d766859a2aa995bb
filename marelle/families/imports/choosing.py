"""What an agent says of a file before it is imported: where its headings are, which column is which, and what
the words are that nobody but the agent understands.

What it said of a heading or of a word is kept for the next file; what it leaves out, for this file alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from marelle.core.actor import Actor
from marelle.core.refusals import NotYours
from marelle.core.tabular import Column, plain
from marelle.families.fields import Diet
from marelle.families.imports.drafts import COLUMNS, columns_missing
from marelle.families.imports.headings import AMONG, guessed, headings_at, links_said
from marelle.families.imports.kept import ImportNotReady, import_prepared, lines_below, lines_kept
from marelle.families.imports.planning import schools_named
from marelle.families.imports.words import LEFT_OUT, Kind, Unknown, Words, unknown_words
from marelle.families.models import FamilyImport, Guardianship, ImportWord, SentFile
from marelle.families.rules import LEVELS
from marelle.places.models import School


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a kind of file: `kind` is that of the `ImportWord` of a heading, `guess` finds their
    places by the headings, `missing` the titles of those without which nothing is read."""

    kind: str
    columns: Sequence[Column]
    guess: Callable[[Sequence[str]], dict[str, int]]
    missing: Callable[[Mapping[str, int]], tuple[str, ...]]


FAMILIES: Final = Layout("column", COLUMNS, guessed, columns_missing)


def columns_known(headings: Sequence[str], layout: Layout) -> dict[str, int]:
    """The place of each column by its code: as an agent said of these headings, else as they are guessed."""
    words = _words(headings)
    rows = ImportWord.objects.filter(kind=layout.kind, word__in=words)
    codes = {column.code for column in layout.columns}
    told = {words[word]: meaning for word, meaning in rows.values_list("word", "meaning")}
    found = {code: place for code, place in layout.guess(headings).items() if place not in told}
    return found | {code: place for place, code in sorted(told.items(), reverse=True) if code in codes}


@transaction.atomic
def heading_set(*, actor: Actor, import_id: int, at: int) -> FamilyImport:
    """Say which line holds the headings. Raises `NotYours`, `ImportNotReady`, FileUnreadable."""
    row = import_prepared(actor, import_id)
    heading_put(row, at, FAMILIES)
    return row


def heading_put(row: SentFile, at: int, layout: Layout) -> None:
    """Write which line holds the headings, by its place; columns are guessed again. The row is locked.

    Raises `NotYours`, `ImportNotReady`, FileUnreadable.
    """
    lines = lines_kept(row)
    if not 0 <= at < min(AMONG, len(lines)):
        raise NotYours
    if at == len(lines) - 1:
        raise ImportNotReady("no_lines")
    row.heading, row.headings, row.lines = at, list(headings_at(lines, at)), len(lines) - 1 - at
    row.columns = columns_known(row.headings, layout)
    row.save(update_fields=["heading", "headings", "lines", "columns"])


@transaction.atomic
def columns_set(*, actor: Actor, import_id: int, columns: Mapping[str, int]) -> FamilyImport:
    """Say which column of the file is which. Raises `NotYours`, `ImportNotReady`."""
    row = import_prepared(actor, import_id)
    columns_put(row, columns, FAMILIES)
    return row


def columns_put(row: SentFile, columns: Mapping[str, int], layout: Layout) -> None:
    """Write which column is which, on a row that is locked. Raises `NotYours`, `ImportNotReady`."""
    titles = {column.code: column.title for column in layout.columns}
    chosen = {code: place for code, place in columns.items() if code in titles}
    if missing := layout.missing(chosen):
        raise ImportNotReady("missing_columns", columns=missing)
    places = list(chosen.values())
    if twice := [titles[code] for code, place in chosen.items() if places.count(place) > 1]:
        raise ImportNotReady("column_twice", columns=tuple(twice))
    if any(not 0 <= place < len(row.headings) for place in places):
        raise NotYours
    row.columns = chosen
    row.save(update_fields=["columns"])
    _remember(row.headings, chosen, layout)


def words_kept() -> dict[str, dict[str, str]]:
    """What agents said of the words of the files before, by kind then word."""
    found: dict[str, dict[str, str]] = {kind: {} for kind in Kind}
    rows = ImportWord.objects.filter(kind__in=found)
    for kind, word, meaning in rows.values_list("kind", "word", "meaning"):
        found[kind][word] = meaning
    return schools_there(found)


def schools_there(said: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Without the words that mean a school which has gone."""
    there = {str(pk) for pk in School.objects.values_list("pk", flat=True)} | {LEFT_OUT}
    return {
        kind: {word: meaning for word, meaning in words.items() if kind != Kind.SCHOOL or meaning in there}
        for kind, words in said.items()
    }


def words_now(row: FamilyImport) -> Words:
    """What the words of a file mean that is not started; one query."""
    return Words(schools_named(), row.words, links_said(row.headings, row.columns))


def words_frozen(row: FamilyImport) -> Words:
    """What they meant when it was started, so that its homes stay the same until the last."""
    return Words(row.schools, row.words, links_said(row.headings, row.columns))


def words_asked(row: FamilyImport) -> tuple[Unknown, ...]:
    """The words that an agent is asked about, whether it said it already or not. Raises FileUnreadable."""
    return unknown_words(lines_below(row), row.columns, words_now(row))


def words_open(row: SentFile, asked: Sequence[Unknown]) -> tuple[Unknown, ...]:
    """Those of which nothing is said yet."""
    return tuple(one for one in asked if one.word not in row.words.get(one.kind, {}))


def meanings_of(one: Unknown, schools: Collection[int]) -> frozenset[str]:
    """What an agent may say of a word; `schools` are the ids of all."""
    match one.kind:
        case Kind.SCHOOL:
            return frozenset((*map(str, schools), LEFT_OUT))
        case Kind.LEVEL:
            # Of nobody knows which level, no level is said for all.
            return frozenset((LEFT_OUT,) if one.of_several or not one.word else (*LEVELS, LEFT_OUT))
        case Kind.DIET:
            return frozenset((*Diet.values, LEFT_OUT))
        case Kind.LINK:
            return frozenset(Guardianship.Link.values)


@transaction.atomic
def words_set(*, actor: Actor, import_id: int, said: Mapping[tuple[Kind, str], str]) -> FamilyImport:
    """Say what words are, by kind and word. Raises `NotYours`, `ImportNotReady`, FileUnreadable."""
    row = import_prepared(actor, import_id)
    words_put(row, said, words_asked(row), School.objects.values_list("pk", flat=True))
    return row


def words_put(
    row: SentFile, said: Mapping[tuple[Kind, str], str], asked: Sequence[Unknown], schools: Collection[int]
) -> None:
    """Write what words are, by kind and word: a meaning, or "" for one that is not said any more. The row is
    locked, `asked` are the words of the file, and `schools` the ids that one may mean.

    Raises `NotYours` for a word that the file has not, or a meaning that it may not have.
    """
    words = {(one.kind, one.word): one for one in asked}
    held = {kind: dict(row.words.get(kind, {})) for kind in Kind}
    for (kind, word), meaning in said.items():
        one = words.get((kind, word))
        if one is None or (meaning and meaning not in meanings_of(one, schools)):
            raise NotYours
        held[kind].pop(word, None)
        if meaning:
            held[kind][word] = meaning
    row.words = held
    row.save(update_fields=["words"])
    for kind in Kind:
        of_kind = {word: meaning for (of, word), meaning in said.items() if of is kind and word}
        kept = {word: meaning for word, meaning in of_kind.items() if meaning not in ("", LEFT_OUT)}
        words_keep(kind, kept, forget=of_kind.keys() - kept.keys())


def _remember(headings: Sequence[str], chosen: Mapping[str, int], layout: Layout) -> None:
    """Keep of each heading what the agent said, where it is not what is guessed."""
    words = _words(headings)
    ours = {place: code for code, place in layout.guess(headings).items()}
    said = {place: code for code, place in chosen.items()}
    differs = {
        word: said.get(place, "") for word, place in words.items() if ours.get(place) != said.get(place)
    }
    words_keep(layout.kind, differs, forget=words.keys() - differs.keys())


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
