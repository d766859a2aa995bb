"""The floors, held to foreign keys as import-linter holds them to imports, from the same table."""

from __future__ import annotations

import tomllib
from pathlib import Path

from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 500
WRITTEN = {".py", ".html", ".js", ".css"}


def floors() -> dict[str, int]:
    """Package name → floor, 0 the lowest, as pyproject.toml tells import-linter."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = [contract["layers"] for contract in table if contract["id"] == "floors"]
    return {
        package.strip(): floor for floor, names in enumerate(reversed(layers)) for package in names.split("|")
    }


def may_point(origin: str, target: str, table: dict[str, int]) -> bool:
    return origin == target or table[target] < table[origin]


def test_every_package_has_a_floor():
    packages = {path.parent.name for path in (ROOT / "marelle").glob("*/__init__.py")}
    assert packages == set(floors())


def test_a_foreign_key_points_down():
    table = floors()
    wrong = [
        f"{model._meta.label}.{field.name} → {field.related_model._meta.label}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey | models.ManyToManyField)
        if (origin := model._meta.app_label) in table
        and (target := field.related_model._meta.app_label) in table
        if not may_point(origin, target, table)
    ]
    assert wrong == []


def test_the_rule_itself_refuses_siblings_and_what_is_above():
    table = {"core": 0, "journal": 1, "cases": 1, "families": 2}
    assert may_point("families", "journal", table)
    assert may_point("cases", "cases", table)
    assert not may_point("cases", "journal", table)
    assert not may_point("journal", "families", table)


def test_no_file_is_longer_than_what_one_reads_at_once():
    """Tests too; migrations are made by a machine."""
    files = [path for folder in ("marelle", "tests", "docs") for path in (ROOT / folder).rglob("*")]
    lines = {
        str(path.relative_to(ROOT)): path.read_text().count("\n")
        for path in files
        if path.suffix in WRITTEN and "migrations" not in path.parts
    }
    assert len(lines) > 1_000
    assert {name: count for name, count in lines.items() if count > LONGEST} == {}
