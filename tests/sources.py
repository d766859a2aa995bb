"""Our own sources, for the tests that read them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import marelle

MARELLE = Path(marelle.__file__).parent


def holding(*words: str) -> Iterator[tuple[Path, ast.Module]]:
    """The modules that hold one of the words, without migrations: to parse them all takes seconds."""
    for path in sorted(MARELLE.rglob("*.py")):
        source = path.read_text()
        if "migrations" not in path.parts and any(word in source for word in words):
            yield path, ast.parse(source)


def nodes(*words: str) -> Iterator[tuple[str, ast.AST]]:
    """What those modules are made of, with the path of each in the package."""
    return (
        (str(path.relative_to(MARELLE)), node) for path, tree in holding(*words) for node in ast.walk(tree)
    )
