"""Databases of the benches' own, beside one another."""

from __future__ import annotations

from getpass import getuser
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql


def engine_of(url: str) -> str:
    return "SQLite" if url.startswith("sqlite") else "PostgreSQL"


def vacuumed() -> None:
    """Take away what is left of a world before. Where nothing else does, PostgreSQL walks through its dead
    rows to plan each statement: half a second, after one of 10,000 homes."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE)")


def usual_urls() -> list[str]:
    """SQLite in the data folder, and the PostgreSQL of this machine when one lets us in."""
    urls = [f"sqlite:///{settings.DATA_DIR / 'bench'}"]
    local = f"postgres://{getuser()}@127.0.0.1"
    try:
        psycopg.connect(f"{local}/postgres", connect_timeout=3).close()
    except psycopg.OperationalError:
        return urls
    return [*urls, local]


def database_of(url: str, size: object) -> str:
    """The address of the bench's own database of that size; created on PostgreSQL where missing."""
    name = f"marelle_bench_{size}"
    if url.startswith("sqlite"):
        folder = Path(url.removeprefix("sqlite:///"))
        folder.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{folder / name}.sqlite3"
    base = urlsplit(url)._replace(path="/postgres").geturl()
    with psycopg.connect(base, autocommit=True) as server:
        known = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
        if not known:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return urlsplit(url)._replace(path=f"/{name}").geturl()
