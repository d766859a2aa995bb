"""A CSV, cut into cells. Run as a program by `apart.py`.

`lines MOST` answers the lines as they are, `rows COLUMNS` (JSON) the rows by the columns that are known.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from marelle.core.tabular import Column, FileUnreadable, lines_of, table
from marelle.files.cleaning import bound


def main() -> None:
    bound()
    what, told = sys.argv[1:]
    content = sys.stdin.buffer.read()
    try:
        answer = _lines(content, int(told)) if what == "lines" else _rows(content, json.loads(told))
    except FileUnreadable as refusal:
        answer = {"refused": refusal.code, **refusal.data}
    sys.stdout.write(json.dumps(answer))


def _lines(content: bytes, most: int) -> dict[str, Any]:
    return {"lines": [[line.number, line.cells] for line in lines_of(content, most=most)]}


def _rows(content: bytes, columns: list[dict[str, Any]]) -> dict[str, Any]:
    rows = table(content, [Column(**column) for column in columns])
    return {"rows": [[row.line, dict(row.cells), row.extra] for row in rows]}


if __name__ == "__main__":
    main()
