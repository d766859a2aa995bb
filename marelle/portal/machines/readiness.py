"""What a process must have around it before it is sent requests."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from marelle.files.services import shelf


class Behind(Exception):
    """Migrations are not applied."""


def lacking() -> list[str]:
    """What is not there, in a word each; one query, once migrations were seen to be applied."""
    return [*_of_the_database(), *_of_the_files()]


def _of_the_database() -> Iterator[str]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
        _migrated()
    except DatabaseError:
        yield "base"
    except Behind:
        yield "migrations"


def _of_the_files() -> Iterator[str]:
    if not shelf().is_ready():
        yield "fichiers"


@lru_cache(maxsize=1)
def _migrated() -> bool:
    """Looked at until it is so, then no more: nothing takes a migration back from a portal that runs."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Behind
    return True
