"""docs/leaving.md says each table and each column of an export, and what is left out with why."""

from __future__ import annotations

from pathlib import Path

from marelle.backups.whole.cells import cells_of
from marelle.backups.whole.tables import LEFT_OUT, TABLES, Table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "leaving.md"


def told(table: Table) -> str:
    """What the page says of a table."""
    columns = [
        f"`{cell.title}` {cell.meaning}" + (f" → {cell.points_at}" if cell.points_at else "")
        for cell in cells_of(table)
    ]
    omits = "".join(f" Sans `{name}` : {why}." for name, why in table.omits.items())
    health = " Avec `--health` seulement." if table.of_health else ""
    return f"**{table.name}.csv** ({table.model._meta.verbose_name}).{health} {' ; '.join(columns)}.{omits}\n"


def left_out() -> str:
    rows = sorted((str(model._meta.verbose_name), why) for model, why in LEFT_OUT.items())
    return "\n".join(f"- {name} : {why}" for name, why in rows) + "\n"


def whole() -> str:
    return "\n".join(["## Les tables\n", *map(told, TABLES), "## Ce qui ne part pas\n", left_out()])


def test_the_page_says_each_table_and_each_column() -> None:
    assert PAGE.read_text(encoding="utf-8").endswith(whole())
