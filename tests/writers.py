"""Who writes what, and what each calls: read from the code, so that a new writer is known."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent / "marelle"
KNOW_HOMES = (
    "attendance", "billing", "bookings", "campaigns", "enrolments", "families", "flows", "meals", "messaging",
    "papers", "relay",
)  # fmt: skip
"""The packages whose tables or services may be about a home; the floors below know none."""

ANY: Final = "*"
"""What is written by who is handed the model, or a row of which the code does not say what it is."""

ROWS = {"row_change", "row_fill", "rows_delete"}
"""Of `journal.edits`: they write what they are handed."""
LEFT_TO_CALLERS: Final = {
    "marelle.places.services.calendar_refresh",
    "marelle.pricing.services.row_end",
    "marelle.pricing.services.row_take_away",
}
"""Places know no activity: who reads a calendar again gives the activities their revisions. A tariff ends
with what it is of, which says so."""

OF_A_ROW = {"save", "delete"}
OF_ROWS = {"create", "bulk_create", "get_or_create", "update_or_create", "update", "bulk_update"}
OF_A_RELATION = {"set", "add", "remove", "clear"}
"""Of sets too, which are no relation of a row."""


@dataclass
class Function:
    """`writes` are names of models, or `ANY`; `models` those that its module names."""

    atomic: bool
    calls: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    models: frozenset[str] = frozenset()


@cache
def functions() -> dict[str, Function]:
    """By dotted name; what one calls is told by dotted names too, whether it is a function of ours or not."""
    found: dict[str, Function] = {}
    for module, tree in _modules():
        names = dict(_names(tree, module))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                found[f"{module}.{node.name}"] = Function(
                    _is_atomic(node),
                    set(_calls(node, names)),
                    set(_writes(node, names)),
                    frozenset(one for one in names if _is_model(one, names)),
                )
    return found


@cache
def reaching(goals: frozenset[str]) -> frozenset[str]:
    """The functions that call one of `goals`, by whatever way, and the goals."""
    found, size = set(goals), 0
    while len(found) > size:
        size = len(found)
        found |= {name for name, function in functions().items() if function.calls & found}
    return frozenset(found)


def reaches(name: str, goals: frozenset[str]) -> bool:
    return name in reaching(goals)


def follows(name: str, goals: frozenset[str]) -> bool:
    """Whether a function reaches one of `goals`; a private one leaves it to all that call it, as does one of
    `LEFT_TO_CALLERS`."""
    if reaches(name, goals):
        return True
    if not (name.rpartition(".")[2].startswith("_") or name in LEFT_TO_CALLERS):
        return False
    callers = [one for one, function in functions().items() if name in function.calls and one != name]
    return bool(callers) and all(follows(one, goals) for one in callers)


def writers(models: frozenset[str]) -> set[str]:
    """The functions that write one of these models, or `ANY` in a module that names one of them."""
    return {
        name
        for name, one in functions().items()
        if one.writes & models or (ANY in one.writes and one.models & models)
    }


@cache
def _modules() -> tuple[tuple[str, ast.Module], ...]:
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if "migrations" in parts or parts[0] == "demo":
            continue
        module = ".".join(("marelle", *(parts[:-1] if parts[-1] == "__init__" else parts)))
        found.append((module, ast.parse(path.read_text())))
    return tuple(found)


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


def _writes(node: ast.FunctionDef, names: dict[str, str]) -> Iterator[str]:
    """The models that it writes, as far as its own names tell."""
    calls = [one for one in ast.walk(node) if isinstance(one, ast.Call) and _is_write(one)]
    known = _variables(node, names) if calls else {}
    for one in calls:
        if isinstance(one.func, ast.Attribute):
            found = _models(one.func.value, known, names)
            yield from found or ({ANY} if one.func.attr in OF_A_ROW else ())
        else:
            for argument in one.args:
                yield from _models(argument, known, names) or {ANY}


def _is_write(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute):
        return isinstance(call.func, ast.Name) and call.func.id in ROWS
    related = call.func.attr in OF_A_RELATION and _is_relation(call.func.value)
    return related or call.func.attr in OF_A_ROW | OF_ROWS


def _is_relation(node: ast.expr) -> bool:
    """`activity.schools`, or `getattr(slot, name)`."""
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr"
    return called or isinstance(node, ast.Attribute)


def _variables(node: ast.FunctionDef, names: dict[str, str]) -> dict[str, set[str]]:
    """Of which models its arguments and variables may hold rows."""
    arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
    given: list[tuple[ast.expr, ast.expr]] = [
        (ast.Name(one.arg), one.annotation) for one in arguments if one.annotation is not None
    ]
    for one in ast.walk(node):
        if isinstance(one, ast.Assign):
            given += [(target, one.value) for target in one.targets]
        elif isinstance(one, ast.AnnAssign | ast.NamedExpr) and one.value is not None:
            given.append((one.target, one.value))
        elif isinstance(one, ast.For | ast.comprehension):
            given.append((one.target, one.iter))
    known: dict[str, set[str]] = {}
    for _turn in range(3):  # one may be made of another
        for target, value in given:
            for name in ast.walk(target):
                if isinstance(name, ast.Name) and (found := _models(value, known, names)):
                    known.setdefault(name.id, set()).update(found)
    return known


def _models(node: ast.AST, known: dict[str, set[str]], names: dict[str, str]) -> set[str]:
    """Of which models an expression has rows: `Slot` for `Slot.objects.filter(activity=activity)`."""
    if isinstance(node, ast.Name):
        if _is_model(node.id, names):
            return {node.id}
        return known.get(node.id) or _returned().get(names.get(node.id, ""), set())
    if isinstance(node, ast.Attribute):
        found = _models(node.value, known, names)
        return set().union(*(_relations()[one].get(node.attr, {one}) for one in found))
    if isinstance(node, ast.Subscript):
        return _models(node.value, known, names) or _models(node.slice, known, names)
    if isinstance(node, ast.Call) and (found := _models(node.func, known, names)):
        return found
    return set().union(*(_models(child, known, names) for child in ast.iter_child_nodes(node)))


@cache
def _relations() -> dict[str, dict[str, set[str]]]:
    """Of each model by name: the models that its relations lead to, and itself for many to many."""
    return {
        model.__name__: {
            one.get_accessor_name() if one.auto_created else one.name: {
                one.related_model.__name__,
                *([model.__name__] if one.many_to_many else []),
            }
            for one in model._meta.get_fields()
            if one.related_model is not None
        }
        for model in apps.get_models()
    }


@cache
def _returned() -> dict[str, set[str]]:
    """The models that a function says it returns rows of."""
    found: dict[str, set[str]] = {}
    for module, tree in _modules():
        names = dict(_names(tree, module))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.returns is not None:
                said = {one.id for one in ast.walk(node.returns) if isinstance(one, ast.Name)}
                found[f"{module}.{node.name}"] = {one for one in said if _is_model(one, names)}
    return found


def _is_model(name: str, names: dict[str, str]) -> bool:
    return name in _relations() and ".models" in names.get(name, "")
