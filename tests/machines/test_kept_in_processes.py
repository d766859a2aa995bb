"""What a process keeps, all of it: of what is in the tables, nothing but under a revision.

Another process, on another machine, writes there too. So whatever keeps an answer is named here with what
that hangs on; `tests/test_revisions.py` holds who writes to the revisions, and `test_two_machines.py` shows
that one process sees what another has written.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from tests.test_settings import ROOT

CODE, SETTINGS, ARGUMENTS = "the code and what is installed", "the environment", "its arguments alone"
REVISION = "a revision that each request reads"
OWN = "this process: what it lately did or met, where the tables say what is true"

KEPT: Final = {
    "accounts.oidc.exchange._kept": "what an issuer publishes, for an hour",
    "accounts.passkeys._nobodys_key": CODE,
    "accounts.passkeys._server_at": ARGUMENTS,
    "accounts.services.devices: cache": OWN,
    "activities.catalogue._kept": REVISION,
    "agents.attendance.rows._signs": ARGUMENTS,
    "billing.selectors.owes": ARGUMENTS,
    "bookings.closing.leasts._last": OWN,
    "bookings.owing._asked": CODE,
    "campaigns.running._ranks_run": "of the file of that fingerprint, which is another when it is run again",
    "core.fetching.trusted": CODE,
    "core.french._day_long": ARGUMENTS,
    "core.french._until_short": ARGUMENTS,
    "core.kept.ALL": REVISION,
    "core.metrics.counters": SETTINGS,
    "core.patience._late": OWN,
    "core.personal._registry": CODE,
    "core.prepared.Prepared._statement": CODE,
    "core.sealed._fernet": ARGUMENTS,
    "core.sealed._multi": ARGUMENTS,
    "core.sealed.tell_operator": OWN,
    "core.strength._common": CODE,
    "files.sealing.key_id": ARGUMENTS,
    "files.typeset._fonts": CODE,
    "files.typeset._numbers": ARGUMENTS,
    "files.typeset._read": CODE,
    "flows.door.list_words._hours": ARGUMENTS,
    "flows.home.dormant: cache": OWN,
    "flows.home.merging.rows.pointers": CODE,
    "flows.journal.consulted: cache": OWN,
    "flows.journal.watching: cache": OWN,
    "flows.messages.deadlines._done": OWN,
    "flows.papers.mails: cache": OWN,
    "flows.upkeep.caf_unheard: cache": OWN,
    "flows.upkeep.file_sweep: cache": OWN,
    "flows.upkeep.tidying: cache": OWN,
    "flows.upkeep.worker._noted": OWN,
    "mail.letterhead._reader": CODE,
    "mail.letterhead._readers": CODE,
    "mail.rendering.subject_decides": CODE,
    "mail.samples._samples": CODE,
    "mail.samples.samples": CODE,
    "papers.guards.bookings_closed_from": ARGUMENTS,
    "places.calendars._library": CODE,
    "places.calendars._school_holidays": CODE,
    "places.calendars.zone_of": ARGUMENTS,
    "places.second: cache": OWN,
    "planning.outcomes.NO_RANKS": CODE,
    "portal.gone._names": CODE,
    "portal.machines.readiness._migrated": OWN,
    "pricing.own.ALONE": CODE,
    "serving.counted": SETTINGS,
    "shell.menus.is_there": CODE,
}


def found() -> set[str]:
    """Functions that keep their answers, tables that a module begins empty, names that a function sets, and
    who uses Django's cache, which is of a process here."""
    names: set[str] = set()
    for path in sorted((ROOT / "marelle").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT / "marelle").with_suffix("").parts)
        if module.split(".")[0] == "demo":
            continue
        tree = ast.parse(path.read_text())
        names |= {f"{module}.{name}" for name in _keepers(tree, "")}
        names |= {f"{module}.{name}" for name in _tables(tree)}
        if any(
            isinstance(one, ast.ImportFrom) and one.module == "django.core.cache" for one in ast.walk(tree)
        ):
            names.add(f"{module}: cache")
    return names


def _keepers(tree: ast.AST, within: str) -> Iterator[str]:
    for one in ast.iter_child_nodes(tree):
        if isinstance(one, ast.FunctionDef | ast.ClassDef):
            if any(_keeps(decorator) for decorator in one.decorator_list):
                yield within + one.name
            if isinstance(one, ast.ClassDef) or within:  # what a function keeps by itself ends with its call
                yield from _keepers(one, f"{within}{one.name}." if isinstance(one, ast.ClassDef) else within)
        elif isinstance(one, ast.Assign) and isinstance(one.value, ast.Call) and _keeps(one.value.func):
            yield from (within + ast.unparse(target).removeprefix("self.") for target in one.targets)
        else:
            yield from _keepers(one, within)


def _keeps(called: ast.expr) -> bool:
    called = called.func if isinstance(called, ast.Call) else called
    return ast.unparse(called) in {"cache", "lru_cache", "functools.cache", "functools.lru_cache"}


def _tables(tree: ast.Module) -> Iterator[str]:
    for one in tree.body:
        targets = one.targets if isinstance(one, ast.Assign) else [getattr(one, "target", None)]
        value = getattr(one, "value", None)
        is_empty = value is not None and ast.unparse(value) in {"{}", "[]", "set()"}
        if is_empty and not any(target is None for target in targets):
            yield from (ast.unparse(target) for target in targets if target is not None)
    for inner in ast.walk(tree):
        if isinstance(inner, ast.Global):
            yield from inner.names


def test_what_a_process_keeps_is_under_a_revision_or_of_no_table() -> None:
    assert found() == set(KEPT)
