"""Writes docs/routes.md from the table that the tests hold: `make routes`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).resolve().parent / "routes.md"
HEAD: Final = """\
# Who may open what

Every address by every role, written by `make routes` from the table of `tests/roles/`: `tests/test_roles.py`
asks each row for real; a route without a row fails the tests, and so does this page when it is not that
table. In French, by page of the menu: [roles.md](roles.md).

**R** reads, **W** sends its form; nothing: refused (403), not there for this role (404), or asked to log in.
"Other" is whom the rows asked for do not concern: another family, an agent of another structure or authority.
An agent who is also a parent decides nothing of its own file, whatever this table says. Health is finer than
an address: `flows/care/team.py` says who reads a sheet and who learns that there is one, and each reading is
noted.
"""
OPEN: Final = frozenset({"200", "302", "410"})
"""What an address answers to who may use it; 410 is a secret link that is no more."""

Table = Mapping[tuple[str, str], str]


def page(table: Table, roles: Sequence[str]) -> str:
    """The whole page; `table` gives the answers of an address to a method, one for each of `roles`."""
    agents = _part("The agents’ side", "/agents/", table, roles)
    return "\n".join((HEAD, *agents, *_others(table, roles)))


def _others(table: Table, roles: Sequence[str]) -> Iterator[str]:
    rest = {key: answers for key, answers in table.items() if not key[1].startswith("/agents/")}
    yield from _part("The family side, and what is open to everybody", "/", rest, roles)


def _part(title: str, start: str, table: Table, roles: Sequence[str]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| address | " + " | ".join(role.replace("_", " ") for role in roles) + " |"
    yield "|---|" + "---|" * len(roles)
    for address in sorted({address for _method, address in table if address.startswith(start)}):
        answers = (table.get((method, address), "") for method in ("GET", "POST"))
        reads, writes = (one.split() for one in answers)
        cells = (
            "R" * (read in OPEN) + "W" * (write in OPEN) for read, write in zip(reads, writes, strict=True)
        )
        yield f"| `{address}` | " + " | ".join(cells) + " |"
    yield ""


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django  # noqa: PLC0415 - the settings first

    django.setup()
    from tests.roles.answers import ROLES  # noqa: PLC0415
    from tests.roles.table import TABLE  # noqa: PLC0415

    PAGE.write_text(page(TABLE, ROLES))


if __name__ == "__main__":
    main()
