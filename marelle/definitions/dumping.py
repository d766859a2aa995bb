"""Definitions as the text of a file, with its comments; the same ones give the same bytes. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from marelle.definitions.kinds import KINDS, Kind
from marelle.definitions.tree import FORMAT, Entry, Id, short_path
from marelle.definitions.values import Plain

WIDEST: Final = 100
PLAIN: Final = re.compile(r"[^\W_][\w .,’'()/%€·–@+«»…°-]*")
"""Texts that need no quotes, whatever reads them; in a list, without a comma."""
BLOCK: Final = re.compile(r"[^\s#].*")
HIDDEN: Final = re.compile(
    "[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)

HEAD: Final = """\
# Ce que décide la collectivité. « python -m marelle init CE-FICHIER » montre ce qui changerait, demande,
# puis écrit. Une clé (creche, mercredis…) ne change plus : elle relie le fichier au portail ; les noms,
# eux, se corrigent.
# Ce qui n’est pas dit reste tel quel ; ce qui n’est plus dans le fichier n’est jamais supprimé.
"""


def definitions_text(entries: Mapping[Id, Entry]) -> str:
    """The whole file."""
    lines = [*HEAD.splitlines(), f"format: {FORMAT}"]
    told: set[str] = set()
    for kind in KINDS:
        found = [one for one in entries.values() if one.kind is kind]
        if found and any(_fields(one, entries) for one in found):
            lines += ["", *_section(kind, found, entries, 0, told)]
    return "\n".join(lines) + "\n"


def _section(
    kind: Kind, found: Sequence[Entry], entries: Mapping[Id, Entry], depth: int, told: set[str]
) -> Iterator[str]:
    pad = "  " * depth
    if kind.comment and kind.name not in told:
        yield f"{pad}# {kind.comment}"
    yield f"{pad}{kind.word}:"
    for entry in found:
        inner = depth + 1
        if not kind.is_single:
            yield f"{pad}  {entry.path[-1]}:"
            inner += 1
        yield from _entry(entry, entries, inner, told)
        for part in kind.parts:
            under = [one for one in entries.values() if one.kind is part and one.path[:-1] == entry.path]
            if under:
                yield from _section(part, under, entries, inner, told)
        told.add(kind.name)


def _entry(entry: Entry, entries: Mapping[Id, Entry], depth: int, told: set[str]) -> Iterator[str]:
    pad = "  " * depth
    for one, value in _fields(entry, entries):
        mark = f"{entry.kind.name}.{one.attr}"
        if one.comment and mark not in told:
            told.add(mark)
            yield f"{pad}# {one.comment}"
        yield from emitted(one.word, value, depth)


def _fields(entry: Entry, entries: Mapping[Id, Entry]) -> list[tuple[Any, Plain]]:
    found = []
    for one in entry.kind.fields:
        value = entry.values[one.attr]
        if one.is_written(value):
            short = one.value.mapped(value, lambda kind, path: short_path(kind, path, entry, entries))
            found.append((one, one.value.write(short)))
    return found


def emitted(word: str, value: Plain, depth: int) -> Iterator[str]:
    """`word: value` at a depth, on one line where it is short."""
    pad = "  " * depth
    if isinstance(value, str):
        yield from _text(f"{pad}{word}:", value, depth)
        return
    short = f"{pad}{word}: {_flow(value)}"
    if len(short) <= WIDEST or not value:
        yield short
    elif isinstance(value, dict):
        yield f"{pad}{word}:"
        for key, inner in value.items():
            yield from emitted(quoted(key, flow=False), inner, depth + 1)
    else:
        yield f"{pad}{word}:"
        for inner in value:
            yield f"{pad}  - {_flow(inner)}"


def _text(start: str, value: str, depth: int) -> Iterator[str]:
    lines = value.split("\n")
    if len(lines) > 1 and lines[0] and lines[-1] and all(not line or _is_bare(line) for line in lines):
        yield f"{start} |-"
        yield from (f"{'  ' * (depth + 1)}{line}" if line else "" for line in lines)
    else:
        yield f"{start} {quoted(value, flow=False)}"


def _is_bare(line: str) -> bool:
    """Whether it stands as it is in a block of text."""
    return bool(BLOCK.fullmatch(line)) and line == line.rstrip() and not HIDDEN.search(line)


def _flow(value: Plain) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(key, flow=True)}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(one) for one in value) + "]"
    return quoted(value, flow=True)


def quoted(text: str, *, flow: bool) -> str:
    if re.fullmatch(r"\d{1,2}:\d\d|\d\d/\d\d/\d{4} \d\d:\d\d", text):
        return text
    if (
        PLAIN.fullmatch(text)
        and text == text.strip()
        and not (flow and "," in text)
        and not HIDDEN.search(text)
    ):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return HIDDEN.sub(lambda found: "".join(f"\\U{ord(sign):08x}" for sign in found[0]), quoted)
