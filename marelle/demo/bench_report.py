"""The tables of docs/performance.md, as Markdown, from what the bench measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from statistics import median
from typing import Any, Final

FAMILY_REACH: Final = 15
"""Milliseconds of a page of the family side."""

STAFF_REACH: Final = 40
"""Milliseconds of a page of the agents' side."""

LONGEST: Final = 20
"""How many pages of the agents' side are printed, where not every one is asked for."""

FIGURES: Final = (
    ("planning of a month, one child", "planning_ms", "{:.1f} ms"),
    ("— processor time of it", "planning_cpu_ms", "{:.1f} ms"),
    ("— queries", "planning_queries", "{}"),
    ("— HTML", "planning_bytes", "{} B"),
    ("— all other files, cold, as served", "other_bytes", "{} B"),
    ("the same at 8 clients, a connection each", "per_second", "{:.0f} /s"),
    ("the same at 8 clients, connections kept", "per_second_kept", "{:.0f} /s"),
    ("saving 20 cells, one POST", "save_ms", "{:.1f} ms"),
    ("— processor time of it", "save_cpu_ms", "{:.1f} ms"),
    ("— queries", "save_queries", "{}"),
    ("giving 20 back, nobody waits", "free_ms", "{:.1f} ms"),
    ("— queries", "free_queries", "{}"),
    ("giving 20 back, someone waits for each", "served_ms", "{:.1f} ms"),
    ("— queries", "served_queries", "{}"),
    ("dashboard", "dashboard_ms", "{:.1f} ms"),
    ("— processor time of it", "dashboard_cpu_ms", "{:.1f} ms"),
    ("— queries", "dashboard_queries", "{}"),
    ("bookings of the month that is read", "month_bookings", "{:,}"),
    ("agents: a family found by its name", "searches.name", "{:.1f} ms"),
    ("— by a first name, and a name with a mistake", "searches.mistake", "{:.1f} ms"),
    ("— by a telephone", "searches.phone", "{:.1f} ms"),
    ("— by a mail address", "searches.mail", "{:.1f} ms"),
    ("— by its number", "searches.number", "{:.1f} ms"),
    ("— by a child", "searches.child", "{:.1f} ms"),
    ("— queries", "search_queries", "{}"),
    ("agents: 2,000 families imported, their file read", "imported.read_s", "{:.1f} s"),
    ("— what it would do, shown", "imported.report_s", "{:.1f} s"),
    ("— all written", "imported.written_s", "{:.1f} s"),
    ("agents: the fullest day of a structure closed, its bookings", "closing.bookings", "{}"),
    ("— time", "closing.make_ms", "{:.0f} ms"),
    ("— queries", "closing.make_queries", "{}"),
    ("— undone", "closing.undo_ms", "{:.0f} ms"),
    ("— queries", "closing.undo_queries", "{}"),
    ("agents: next year’s tariffs tried over a month, its homes", "trial.homes", "{}"),
    ("— time", "trial.ms", "{:.0f} ms"),
    ("— processor time of it", "trial.cpu_ms", "{:.0f} ms"),
    ("— queries", "trial.queries", "{}"),
    ("agents: the bills of a month, its homes", "bills.homes", "{}"),
    ("— their lines", "bills.lines", "{:,}"),
    ("— previewed", "bills.preview.s", "{:.1f} s"),
    ("— processor time of it", "bills.preview.cpu_s", "{:.1f} s"),
    ("— queries", "bills.preview.queries", "{}"),
    ("— issued", "bills.issue.s", "{:.1f} s"),
    ("— processor time of it", "bills.issue.cpu_s", "{:.1f} s"),
    ("— queries", "bills.issue.queries", "{}"),
    ("— their PDFs", "bills.pdfs", "{}"),
    ("— in a second of processor", "bills.pdfs_a_second", "{:.0f}"),
    ("agents: pieces of the file for the Trésor, with their PDFs", "bills.pieces", "{}"),
    ("— checked, numbered and written", "bills.file.s", "{:.1f} s"),
    ("— processor time of it", "bills.file.cpu_s", "{:.1f} s"),
    ("a planning read and 20 cells of it saved: 95 of 100 in less than", "meanwhile.alone_ms", "{:.0f} ms"),
    ("— while bills are previewed", "meanwhile.preview_ms", "{:.0f} ms"),
    ("— while bills are issued", "meanwhile.issue_ms", "{:.0f} ms"),
)

Measured = Mapping[str, Mapping[int, Mapping[str, Any]]]
"""Figures as `Measures.as_dict` gives them, by engine and by number of families."""


def report(measured: Measured, filled: int | None, *, every: bool = False) -> Iterator[str]:
    """Lines. `filled` is the number of families whose pages are told, None for none; `every` tells all of the
    agents' side, not the longest alone."""
    yield from work(measured)
    if filled is None:
        return
    for side, key, reach, most in (
        ("The family side", "pages", FAMILY_REACH, None),
        ("The agents’ side", "staff_pages", STAFF_REACH, None if every else LONGEST),
    ):
        found = {engine: figures[filled][key] for engine, figures in measured.items()}
        yield ""
        yield f"{side}, {_thousands(filled)} families: {', '.join(_summaries(found, reach))}."
        yield ""
        yield from pages(found, most)


def work(measured: Measured) -> Iterator[str]:
    """A column for each engine and number of families."""
    columns = [(engine, count) for engine, found in measured.items() for count in found]
    names = [f"{engine}, {_thousands(count)} families" for engine, count in columns]
    yield f"| work | {' | '.join(names)} |"
    yield "|---|" + "---|" * len(columns)
    for label, key, shape in FIGURES:
        values = [shape.format(_figure(measured[engine][count], key)) for engine, count in columns]
        yield f"| {label} | {' | '.join(values)} |"


def pages(found: Mapping[str, Mapping[str, Mapping[str, Any]]], most: int | None = None) -> Iterator[str]:
    """Pages by engine and by label; with `most`, the longest alone, by processor time."""
    yield f"| page | {' | '.join(f'{engine} | — processor' for engine in found)} | queries | HTML |"
    yield "|---|" + "---|---|" * len(found) + "---|---|"
    labels = list(next(iter(found.values())))
    if most is not None:
        labels.sort(key=lambda label: -max(one[label]["cpu_ms"] for one in found.values()))
    for label in labels[:most]:
        ones = [one[label] for one in found.values()]
        times = " | ".join(f"{one['ms']:.1f} ms | {one['cpu_ms']:.1f} ms" for one in ones)
        queries, size = max(one["queries"] for one in ones), max(one["size"] for one in ones)
        yield f"| {_shown(label)} | {times} | {queries} | {size} B |"


def _summaries(found: Mapping[str, Mapping[str, Mapping[str, Any]]], reach: int) -> Iterator[str]:
    yield f"{len(next(iter(found.values())))} pages"
    for engine, one in found.items():
        times = [page["cpu_ms"] for page in one.values()]
        past = sum(time > reach for time in times)
        yield f"{engine} median {median(times):.1f} ms, {past} past {reach} ms"


def _shown(label: str) -> str:
    """Of an address, which Markdown would take for tags, as code."""
    route, dot, role = label.partition(" · ")
    return f"`{route}`{dot}{role}" if route.startswith("/") else label


def _figure(measured: Mapping[str, Any], key: str) -> Any:
    """`searches.name` is the figure "name" of "searches"."""
    first, _dot, rest = key.partition(".")
    return _figure(measured[first], rest) if rest else measured[first]


def _thousands(count: int) -> str:
    return f"{count:,}".replace(",", " ")
