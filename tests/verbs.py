"""Every verb of the journal, read from the code: no act may be written that the history cannot tell."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from marelle.families.fields import BY_CODE
from marelle.flows.home.merging.preview import HOME_NAME

ROOT = Path(__file__).resolve().parent.parent / "marelle"
SHAPE = re.compile(r"[a-z_]+\.[a-z_]+")
QUOTED = re.compile(f"[\"']{SHAPE.pattern}[\"']")
RECORDS = re.compile(r"^\s*from marelle\.journal\.services import", re.MULTILINE)
NOT_RECORDED = ("demo", "migrations")

# Alike, and something else: names of files, and keys that begin with the package that they belong to.
FILE = re.compile(r"\w+\.(csv|json|pdf|typ|zip)")
PACKAGES = {"marelle", *(path.name for path in ROOT.iterdir())}


@cache
def verbs_written() -> frozenset[str]:
    """The texts shaped as a verb in each folder that writes the journal, or that begin as one of those.

    So neither a new verb of a known domain, nor a new domain, goes unseen.
    """
    modules = dict(_modules())
    folders = {path.parent for path, source in modules.items() if RECORDS.search(source)}
    texts = {path: set(_texts(source)) for path, source in modules.items()}
    recorded = {text for path, told in texts.items() if path.parent in folders for text in told}
    domains = {text.partition(".")[0] for text in recorded}
    others = {text for told in texts.values() for text in told}
    return frozenset(recorded | {text for text in others if text.partition(".")[0] in domains})


def _modules() -> Iterator[tuple[Path, str]]:
    for path in ROOT.rglob("*.py"):
        if not set(path.relative_to(ROOT).parts) & set(NOT_RECORDED):
            yield path, path.read_text()


def _texts(source: str) -> Iterator[str]:
    if not QUOTED.search(source):  # most modules have none, and to parse them all takes seconds
        return iter(())
    constants = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    texts = (value for value in constants if isinstance(value, str) and SHAPE.fullmatch(value))
    return (text for text in texts if not _is_other(text))


def _is_other(text: str) -> bool:
    fields = {*BY_CODE, HOME_NAME}
    return text in fields or text.partition(".")[0] in PACKAGES or FILE.fullmatch(text) is not None
