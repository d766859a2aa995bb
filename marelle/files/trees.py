"""An XML whose elements hold their value in an attribute `V`, as flat nodes. Run as a program by `apart.py`.

`trees NAMES` (JSON) answers those of these elements. Nothing that a file declares is followed: a DOCTYPE, of
which entities come, refuses it whole, so that nothing grows and nothing is fetched.
"""

from __future__ import annotations

import codecs
import json
import sys
from collections.abc import Collection
from typing import Final
from xml.parsers import expat  # nosec B406

from marelle.core.tabular import MOST_LETTERS, OLD_EXCEL_MARK, UTF16_MARKS, ZIP_MARK, FileUnreadable, tidy
from marelle.files.cleaning import bound

GZIP_MARK: Final = b"\x1f\x8b"
DEEPEST: Final = 40
MOST_NODES: Final = 600_000
"""Of those that are asked for: a return of 20 MB has a third of it."""

ENDS: Final = frozenset(
    {
        expat.errors.codes[text]
        for text in (
            expat.errors.XML_ERROR_NO_ELEMENTS,
            expat.errors.XML_ERROR_UNCLOSED_TOKEN,
            expat.errors.XML_ERROR_PARTIAL_CHAR,
            expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
        )
    }
)
"""What the reader says of a file that stops before its end."""

UNLIKE: Final = expat.errors.codes[expat.errors.XML_ERROR_INVALID_TOKEN]
"""What it says of a letter that is not of its encoding."""

Node = tuple[int, int, str, str]
"""Its line, its depth, its name without a prefix, its value."""


class _Unlike(Exception):
    """Its bytes are not of the encoding that it says."""


def nodes(content: bytes, names: Collection[str]) -> list[Node]:
    """The elements of these names, in their order. Raises FileUnreadable: "zipped", "not_xml", "declares",
    "cut", "broken_xml" (`line`), "long_cell" (`limit` in letters, `line`), "too_deep", "too_many_nodes"."""
    if content.startswith((ZIP_MARK, OLD_EXCEL_MARK, GZIP_MARK)):
        raise FileUnreadable("zipped")
    bare = content.lstrip()
    if not bare.startswith((b"<", codecs.BOM_UTF8, *UTF16_MARKS)):
        raise FileUnreadable("not_xml")
    if bare.startswith(codecs.BOM_UTF8):
        return _read(bare, names, "utf-8", is_last=True)
    if bare.startswith(UTF16_MARKS):
        return _read(bare, names, None, is_last=True)
    try:
        return _read(bare, names, None, is_last=False)
    except _Unlike:
        return _read(bare, names, "iso-8859-1", is_last=True)


def _read(content: bytes, names: Collection[str], encoding: str | None, *, is_last: bool) -> list[Node]:
    reader = _Reader(names, encoding)
    try:
        reader.expat.Parse(content, True)
    except LookupError as error:
        if not is_last:
            raise _Unlike from error
        raise FileUnreadable("broken_xml", line=1) from error
    except expat.ExpatError as error:
        if error.code == UNLIKE and not is_last:
            raise _Unlike from error
        if error.code in ENDS:
            raise FileUnreadable("cut") from error
        raise FileUnreadable("broken_xml", line=error.lineno) from error
    return reader.found


class _Reader:
    def __init__(self, names: Collection[str], encoding: str | None) -> None:
        self.names, self.found = names, list[Node]()
        self.depth = 0
        self.expat = expat.ParserCreate(encoding)
        self.expat.StartElementHandler = self.begin
        self.expat.EndElementHandler = self.end
        self.expat.StartDoctypeDeclHandler = self.declare

    def begin(self, tag: str, said: dict[str, str]) -> None:
        self.depth += 1
        name, line = tag.rpartition(":")[2], self.expat.CurrentLineNumber
        if self.depth > DEEPEST:
            raise FileUnreadable("too_deep")
        if name not in self.names:
            return
        value = said.get("V", "")
        if len(value) > MOST_LETTERS:
            raise FileUnreadable("long_cell", limit=MOST_LETTERS, line=line)
        if len(self.found) >= MOST_NODES:
            raise FileUnreadable("too_many_nodes")
        self.found.append((line, self.depth, name, tidy(_letters(value))))

    def end(self, _tag: str) -> None:
        self.depth -= 1

    def declare(self, *_said: object) -> None:
        raise FileUnreadable("declares")


def _letters(text: str) -> str:
    """As Windows means them, where it says ISO-8859-1 of them."""
    if not any("\x80" <= sign <= "\x9f" for sign in text):
        return text
    return text.encode("latin-1", "replace").decode("cp1252", "replace")


def main() -> None:
    bound()
    try:
        answer: dict[str, object] = {"nodes": nodes(sys.stdin.buffer.read(), set(json.loads(sys.argv[1])))}
    except FileUnreadable as refusal:
        answer = {"refused": refusal.code, **refusal.data}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
