"""`docs/roles.md` says who opens which page, in the words of the menu: written from the table of the routes.

`python -m pytest tests/test_roles_doc.py` refuses a page that lags behind, and shows the table to paste.
"""

from __future__ import annotations

from pathlib import Path

from django.urls import reverse

from marelle.agents.settings.cards import SETTINGS
from marelle.shell.menus import STAFF_ENTRIES
from tests.roles.answers import ROLES
from tests.roles.table import TABLE

PAGE = Path(__file__).resolve().parents[1] / "docs" / "roles.md"
SHOWN = ("administrator", "office", "director", "animator")
OPENED = ("200", "302")


def table() -> str:
    lines = [
        "| page | administration | guichet | direction | animation |",
        "|---|---|---|---|---|",
    ]
    pages = [(f"{entry.label} · {page.label}", page.url) for entry in STAFF_ENTRIES for page in entry.pages]
    pages += [(f"Réglages · {setting.label}", reverse(setting.route)) for setting in SETTINGS]
    for label, url in pages:
        answers = dict(zip(ROLES, TABLE["GET", url].split(), strict=True))
        marks = ["oui" if answers[role] in OPENED else "—" for role in SHOWN]
        lines.append(f"| {label} (`{url}`) | {' | '.join(marks)} |")
    return "\n".join(lines)


def test_the_page_of_roles_is_what_the_routes_answer() -> None:
    assert table() in PAGE.read_text(), f"paste this into {PAGE.name}:\n{table()}"
