"""The documents say what is: links lead somewhere, the glossary knows each table, the README each account."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps

from docs.routes import page
from marelle.demo.accounts import LISTED, PASSWORD, PIN
from tests.roles.answers import ROLES
from tests.roles.table import TABLE
from tests.test_floors import floors

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("marelle/*/README.md")])
LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path):
    targets = LINK.findall(document.read_text())
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_the_glossary_has_a_line_for_every_table():
    glossary = (ROOT / "docs/glossary.md").read_text()
    ours = {model.__name__ for model in apps.get_models() if model.__module__.startswith("marelle.")}
    assert sorted(name for name in ours if f"`{name}`" not in glossary) == []


def test_the_readme_and_the_architecture_name_every_floor():
    for name in ("README.md", "docs/architecture.md"):
        text = (ROOT / name).read_text()
        rows = {
            package: int(number)
            for number, packages in re.findall(r"^\| (\d+) \| ([^|]+) \|", text, re.MULTILINE)
            for package in re.findall(r"`(\w+)`", packages)
        }
        assert rows == floors(), name


def test_a_newcomers_walk_goes_one_way():
    """Each file is asked by one before it, asks none of them, and is on no higher floor."""
    text = (ROOT / "docs/architecture.md").read_text().split("## Three walks")[1].split("\n## ")[0]
    walks = [
        [file.replace("/", ".") for file in re.findall(r"^\d+\. `([\w/]+)\.py`", f"1. {way}", re.MULTILINE)]
        for way in text.split("\n1. ")[1:]
    ]
    assert len(walks) == 5
    table = floors()
    for walk in walks:
        heights = [table[file.split(".")[0]] for file in walk]
        assert heights == sorted(heights, reverse=True), walk
        for place, file in enumerate(walk):
            assert not asked_by(file).intersection(walk[:place]), file
            assert not place or any(file in asked_by(one) for one in walk[:place]), file


def asked_by(file: str) -> set[str]:
    """The modules of ours that one imports; of a package that hands on what its files hold, each file."""
    package = ROOT / "marelle"
    found = set()
    for node in ast.walk(ast.parse((package / f"{file.replace('.', '/')}.py").read_text())):
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("marelle."):
            continue
        module = Path(*(node.module or "").split(".")[1:])
        for alias in node.names:
            named = module / alias.name
            asked = named if (package / named).is_dir() or (package / f"{named}.py").exists() else module
            inside = [path.relative_to(package).with_suffix("") for path in (package / asked).glob("*.py")]
            found |= {".".join(one.parts) for one in (asked, *inside)}
    return found


def test_the_readme_lists_the_accounts_of_the_demo():
    readme = (ROOT / "README.md").read_text()
    assert re.findall(r"^\| `(\w+)` \|", readme, re.MULTILINE) == [account.identifier for account in LISTED]
    assert PASSWORD in readme
    assert f"`{PIN}`" in readme


def test_every_setting_of_the_environment_is_told():
    told = (ROOT / "docs/settings.md").read_text()
    settings = (ROOT / "marelle/settings.py").read_text()
    gunicorn = (ROOT / "marelle/serving.py").read_text()
    names = re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"', settings)
    names += re.findall(r'environ\.get\("([A-Z_]+)"', gunicorn)
    assert len(names) > 15
    assert [name for name in names if f"`{name}`" not in told] == []


def test_the_table_of_routes_is_the_one_that_is_tested():
    written = (ROOT / "docs/routes.md").read_text()
    assert written == page(TABLE, ROLES), "run `make routes`"


def test_decisions_are_numbered_without_a_gap():
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs/adr").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
