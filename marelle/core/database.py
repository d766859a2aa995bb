"""How the database is reached, read from the environment: its address, and what goes with it. Pure."""

from __future__ import annotations

from typing import Any, Final

import dj_database_url

from marelle.core.environment import Environment, WrongSetting, split

PREPARED_AFTER: Final = 1
"""How often a connection runs a statement before PostgreSQL is asked to prepare it.
It then plans five times for the values given before it may keep a plan."""

KEPT_OPEN: Final = 3_600
"""Seconds for which a thread keeps its PostgreSQL connection, by itself, with all that was planned on it."""

SQLITE_KEPT_OPEN: Final = 600
"""The same of SQLite, whose schema is long to read: no longer, as who puts another file in its place while a
thread has it open loses what is written until then."""

POOL_PATIENCE: Final = 10
"""Seconds that a thread waits for a connection of the pool."""

ADDRESS: Final = "DATABASE_URL"
SSL_MODES: Final = ("", "disable", "allow", "prefer", "require", "verify-ca", "verify-full")
OF_POSTGRESQL: Final = ("POOLER", "PREPARED", "CONN_MAX_AGE", "POOL", "STATEMENT_TIMEOUT", "SSLMODE")
"""What is said in a variable of its own, `DATABASE_…`."""


def database_read(env: Environment, default: str) -> dict[str, Any]:
    """Django's settings for a sqlite:/// or postgres:// address, `DATABASE_URL`, and the variables beside it.

    SQLite takes its write lock at the start of a transaction: a lock asked for later cannot wait, and
    fails at once when another process wrote in between. PostgreSQL compiles nothing: what it believes to
    be a long query is one of our pages, and compiling it takes a hundred times what it saves; `?options=`
    of the address is read after. It gets values apart from statements, and keeps plans for a connection.
    Behind a pooler neither options nor, unless it says so, what a connection keeps would hold. The address is
    never shown: it holds a password.
    """
    value = env.text(ADDRESS, default)
    scheme = split(ADDRESS, value).scheme
    if scheme == "sqlite":
        for name in OF_POSTGRESQL:
            if env.text(f"DATABASE_{name}", ""):
                raise WrongSetting(f"DATABASE_{name}", f"is for PostgreSQL, and {ADDRESS} is SQLite.")
        return _sqlite(value)
    if scheme in {"postgres", "postgresql"}:
        return _postgresql(env, value)
    raise WrongSetting(ADDRESS, "must start with sqlite:/// or postgres://.")


def statement_timeout(env: Environment) -> int:
    """Seconds that a statement of a page may take; 0: as many as it takes."""
    name = "DATABASE_STATEMENT_TIMEOUT"
    seconds = env.whole(name, 0, minimum=0, maximum=600)
    if seconds and env.flag("DATABASE_POOLER"):
        raise WrongSetting(
            name, "cannot pass DATABASE_POOLER: give the pooler its own (query_timeout of PgBouncer)."
        )
    if seconds and env.flag("EMBEDDED_WORKER"):
        raise WrongSetting(
            name, "would stop the work of EMBEDDED_WORKER too: run `python -m marelle worker` apart."
        )
    return seconds


def _sqlite(value: str) -> dict[str, Any]:
    path = value.removeprefix("sqlite://").removeprefix("/")
    if not path:
        raise WrongSetting(ADDRESS, "must name a file, like sqlite:///var/marelle.sqlite3.")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": SQLITE_KEPT_OPEN,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }


def _postgresql(env: Environment, value: str) -> dict[str, Any]:
    is_pooled = env.flag("DATABASE_POOLER")
    is_prepared = env.flag("DATABASE_PREPARED", default=not is_pooled)
    pool = env.whole("DATABASE_POOL", 0, minimum=0, maximum=200)
    kept = env.whole("DATABASE_CONN_MAX_AGE", 0 if pool else KEPT_OPEN, minimum=0, maximum=86_400)
    if pool and is_pooled:
        raise WrongSetting("DATABASE_POOL", "is a pool of its own, and DATABASE_POOLER says there is one.")
    if pool and kept:
        raise WrongSetting("DATABASE_CONN_MAX_AGE", "must be 0 with DATABASE_POOL, which keeps connections.")
    try:
        config: dict[str, Any] = dict(
            dj_database_url.parse(value, conn_max_age=kept, conn_health_checks=True)
        )
    except ValueError:
        config = {}
    if not config.get("NAME"):
        raise WrongSetting(ADDRESS, "must look like postgres://user:password@host:5432/marelle.")
    options = config.setdefault("OPTIONS", {})
    mode = env.choice("DATABASE_SSLMODE", "", SSL_MODES)
    if mode and options.setdefault("sslmode", mode) != mode:
        raise WrongSetting("DATABASE_SSLMODE", f"is {mode}, while {ADDRESS} has another sslmode.")
    if is_pooled:
        config["DISABLE_SERVER_SIDE_CURSORS"] = True
    else:
        options["options"] = f"-c jit=off {options.get('options', '')}".strip()
    if is_prepared:
        options.update(server_side_binding=True, prepare_threshold=PREPARED_AFTER)
    if pool:
        options["pool"] = {"min_size": 1, "max_size": pool, "timeout": POOL_PATIENCE}
    return config
