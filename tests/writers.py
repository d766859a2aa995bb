"""Who writes in one transaction, and what each calls: read from the code, so that a new writer is known."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "marelle"
KNOW_HOMES = (
    "attendance", "billing", "bookings", "enrolments", "families", "flows", "meals", "messaging", "papers",
    "relay",
)  # fmt: skip
"""The packages whose tables or services may be about a home; the floors below know none."""


@dataclass
class Function:
    atomic: bool
    calls: set[str] = field(default_factory=set)


@cache
def functions() -> dict[str, Function]:
    """By dotted name; what one calls is told by dotted names too, whether it is a function of ours or not."""
    found: dict[str, Function] = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if "migrations" in parts or parts[0] == "demo":
            continue
        module = ".".join(("marelle", *(parts[:-1] if parts[-1] == "__init__" else parts)))
        tree = ast.parse(path.read_text())
        names = dict(_names(tree, module))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                found[f"{module}.{node.name}"] = Function(_is_atomic(node), set(_calls(node, names)))
    return found


def reaches(name: str, goals: frozenset[str]) -> bool:
    """Whether a function calls one of `goals`, by whatever way."""
    todo, seen = [name], set[str]()
    while todo:
        one = todo.pop()
        if one in goals:
            return True
        if one not in seen and one in functions():
            seen.add(one)
            todo += functions()[one].calls
    return False


def _names(tree: ast.Module, module: str) -> Iterator[tuple[str, str]]:
    """What a name of the module stands for: its own functions, and what it imports; a package gives what its
    `__init__` imports under the name of where that is."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, f"{module}.{node.name}"
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("marelle"):
            for alias in node.names:
                yield alias.asname or alias.name, _where(f"{node.module}.{alias.name}")


@cache
def _where(dotted: str) -> str:
    package, _dot, name = dotted.rpartition(".")
    init = ROOT.parent.joinpath(*package.split("."), "__init__.py")
    if init.exists():
        for node in ast.parse(init.read_text()).body:
            if isinstance(node, ast.ImportFrom) and any(alias.name == name for alias in node.names):
                return f"{node.module}.{name}"
    return dotted


def _is_atomic(node: ast.FunctionDef) -> bool:
    opened = [item.context_expr for one in ast.walk(node) if isinstance(one, ast.With) for item in one.items]
    return any("transaction.atomic" in ast.unparse(one) for one in (*node.decorator_list, *opened))


def _calls(node: ast.FunctionDef, names: dict[str, str]) -> Iterator[str]:
    """Whatever it names: a function handed over is called by somebody."""
    for one in ast.walk(node):
        if isinstance(one, ast.Name) and one.id in names:
            yield names[one.id]
        elif isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id in names:
            yield _where(f"{names[one.value.id]}.{one.attr}")
