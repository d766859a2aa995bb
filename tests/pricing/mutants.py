"""Faults planted one at a time in the engine of a day's prices.

Each is looked for by the second engine, then by the stated answers and the tests of its rules; one that none
finds changes no price, or a rule that nothing holds.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Final, NamedTuple

import pytest

import marelle

MODULES: Final = ("days", "amounts", "sets", "own", "extras")
RULES: Final = (
    "amounts",
    "days",
    "examples",
    "spans",
    "explained",
    "line_texts",
    "before",
    "weeks",
    "doubts",
)
FOLDER: Final = Path(marelle.__file__).parent / "pricing"
SECONDS: Final = 120
"""After which one that goes round in circles counts as found."""

COMPARED: Final = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
COUNTED: Final = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
}
CALLED: Final = {"min": "max", "max": "min", "any": "all", "all": "any"}


class Mutant(NamedTuple):
    """The site of this number, of those of the module: what it was, in which function."""

    module: str
    number: int
    function: str
    was: str


def mutants() -> list[Mutant]:
    return [
        Mutant(name, number, function, ast.unparse(node))
        for name in MODULES
        for number, (function, node) in enumerate(_sites(_tree(name)))
    ]


def is_found(one: Mutant) -> bool:
    """In a process of its own, which loads the engine with that fault alone."""
    command = [sys.executable, "-m", __name__, one.module, str(one.number)]
    try:
        ran = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return True
    assert ran.returncode in {0, 1}, ran.stderr
    return ran.returncode == 1


def _found(one: Mutant) -> int:
    try:
        plant(one)
        from tests.pricing.test_two_engines import disagreements

        if disagreements(15, 1_000) or disagreements(17, 4_000):
            return 1
        here = Path(__file__).parent
        rules = [str(here / f"test_{name}.py") for name in RULES]
        return int(pytest.main(["-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly", *rules]) != 0)
    except Exception:  # noqa: BLE001
        return 1


def plant(one: Mutant) -> None:
    """Whoever imports the module from now on gets it with the fault."""
    tree = _tree(one.module)
    _spoil(list(_sites(tree))[one.number][1])
    name = f"marelle.pricing.{one.module}"
    sys.modules[name] = module = ModuleType(name)
    exec(compile(ast.fix_missing_locations(tree), name, "exec"), module.__dict__)  # noqa: S102


def _tree(module: str) -> ast.Module:
    return ast.parse((FOLDER / f"{module}.py").read_text())


def _sites(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """What is done in functions: not what is declared, nor said of types."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for statement in function.body:
                for node in ast.walk(statement):
                    if isinstance(node, ast.expr) and _is_site(node):
                        yield function.name, node


def _is_site(node: ast.expr) -> bool:
    match node:
        case ast.Compare(ops=[op]):
            return type(op) in COMPARED
        case ast.BinOp(op=op):
            return type(op) in COUNTED
        case ast.Call(func=ast.Name(id=name)):
            return name in CALLED
        case ast.Constant(value=value):
            return isinstance(value, int)
        case ast.UnaryOp(op=ast.Not()) | ast.BoolOp() | ast.IfExp():
            return True
    return False


def _spoil(node: ast.expr) -> None:
    match node:
        case ast.Compare():
            node.ops = [COMPARED[type(node.ops[0])]()]
        case ast.BinOp():
            node.op = COUNTED[type(node.op)]()
        case ast.Call(func=ast.Name() as called):
            called.id = CALLED[called.id]
        case ast.Constant(value=bool(value)):
            node.value = not value
        case ast.Constant(value=int(value)):
            node.value = value + 1
        case ast.BoolOp():
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        case ast.IfExp():
            node.body, node.orelse = node.orelse, node.body
        case ast.UnaryOp():
            node.op = ast.UAdd()


if __name__ == "__main__":
    sys.exit(_found(next(one for one in mutants() if [one.module, str(one.number)] == sys.argv[1:])))
