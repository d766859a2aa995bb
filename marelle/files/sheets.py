"""The first sheet of a spreadsheet (XLSX, ODS) as texts. Run as a program by `apart.py`.

Nothing is computed: of a formula, the value that the spreadsheet had kept is read, and a text that begins
with "=" stays a text.
"""

from __future__ import annotations

import json
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from marelle.core.tabular import MOST_COLUMNS
from marelle.files.cleaning import bound

MOST_UNPACKED: Final = 200 * 1024 * 1024
"""Bytes that the parts of a spreadsheet say they hold, together: a list of families holds a hundredth."""


class Refused(Exception):
    """The file is no spreadsheet that can be read; the message is the code of `FileUnreadable`."""


def lines(content: bytes, most: int) -> list[tuple[int, list[str]]]:
    """The lines that are not blank, each with its number and its cells. Raises Refused."""
    _check_size(content)
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        sheet = book.get_sheet_by_index(0)
        rows = sheet.to_python(nrows=most + 2)
    except PasswordError as error:
        raise Refused("protected") from error
    except (CalamineError, ValueError, IndexError, OSError) as error:
        raise Refused("broken_sheet") from error
    first = sheet.start[0] + 1 if sheet.start is not None else 1
    found = [
        (first + number, [_text(cell) for cell in row[:MOST_COLUMNS]])
        for number, row in enumerate(rows)
        if any(_text(cell).strip() for cell in row)
    ]
    if len(found) > most + 1:
        raise Refused("too_many_rows")
    if len(found) < 2:
        raise Refused("no_rows")
    return found


def main() -> None:
    bound()
    most = int(sys.argv[1])
    try:
        answer: dict[str, object] = {"lines": lines(sys.stdin.buffer.read(), most)}
    except Refused as refused:
        answer = {"refused": str(refused), "limit": most}
    sys.stdout.write(json.dumps(answer))


def _check_size(content: bytes) -> None:
    """What says beforehand that it swells is not even opened; what lies about it meets the bounds."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as parts:
            unpacked = sum(part.file_size for part in parts.infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise Refused("broken_sheet") from error
    if unpacked > MOST_UNPACKED:
        raise Refused("too_big_inside")


def _text(cell: object) -> str:
    """A cell as people would type it: whole numbers without a point, days as ISO."""
    match cell:
        case bool():
            return "oui" if cell else "non"
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case date() | datetime() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell)
        case _:
            return str(cell)


if __name__ == "__main__":
    main()
