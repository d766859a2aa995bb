"""What Marelle uses of Django that Django does not promise: a new version that moves it is told here first.

When one of these fails, the tests of what stands on it say whether it still works; each line says what to do.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Final

import django
import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.query import ValuesListIterable
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler
from django.forms import ModelMultipleChoiceField
from django.test import TransactionTestCase
from psycopg import _queries

from marelle.places.models import Structure


def _rows() -> QuerySet[Structure]:
    return Structure.objects.all()


STANDS_ON: Final[dict[str, tuple[Callable[[], Any], str]]] = {
    "QuerySet._query": (
        lambda: vars(_rows())["_query"],
        "core/prepared.py puts its own query there, past the property: see whether `query = …` does it now",
    ),
    "QuerySet._iterable_class": (
        lambda: _rows()._iterable_class,
        "core/rows.py makes named rows by it: else `Columns.read` is called on what `values_list` gives",
    ),
    "ValuesListIterable(queryset).__iter__": (
        lambda: inspect.signature(ValuesListIterable.__iter__).parameters["self"],
        "core/rows.py reads the rows of a values_list through it",
    ),
    "Query.get_compiler(using)": (
        lambda: inspect.signature(Query.get_compiler).parameters["using"],
        "core/prepared.py gives a query its compiler back: without, each statement is built again",
    ),
    "SQLCompiler.as_sql(with_limits, with_col_aliases)": (
        lambda: inspect.signature(SQLCompiler.as_sql).parameters["with_col_aliases"],
        "core/prepared.py answers in its place, whatever it is asked",
    ),
    "SQLCompiler.connection": (
        lambda: vars(_rows().query.get_compiler(using="default"))["connection"],
        "core/prepared.py gives a statement the connection of its thread",
    ),
    "Query.select_for_update": (
        lambda: _rows().query.select_for_update,
        "core/prepared.py refuses to lock rows outside a transaction by it",
    ),
    "connection.atomic_blocks": (
        lambda: connection.atomic_blocks,
        "files/apart.py refuses to read a file within a transaction by it",
    ),
    "Atomic._from_testcase": (
        lambda: transaction.atomic()._from_testcase,  # type: ignore[attr-defined]
        "files/apart.py and tests/standing.py tell the blocks of tests by it, as Django's durable blocks do",
    ),
    "ModelMultipleChoiceField._check_values": (
        lambda: ModelMultipleChoiceField._check_values,  # type: ignore[attr-defined]
        "agents/activities/forms/fields.py checks what was ticked there",
    ),
    "TransactionTestCase._fixture_teardown": (
        lambda: TransactionTestCase._fixture_teardown,  # type: ignore[attr-defined]
        "tests/conftest.py empties the tables in its place",
    ),
    "psycopg._queries._query2pg_nocache": (
        lambda: (_queries._query2pg_nocache, _queries._query2pg, _queries.MAX_CACHED_STATEMENT_LENGTH),
        "core/driver.py has it keep where the values of long statements go: see whether it does by itself",
    ),
    "connection.creation._get_test_db_name": (
        lambda: connection.creation._get_test_db_name,  # type: ignore[attr-defined]
        "tests/conftest.py copies a database of that name",
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", STANDS_ON)
def test_django_still_has_what_we_stand_on(name: str) -> None:
    read, then = STANDS_ON[name]
    try:
        read()
    except (AttributeError, KeyError) as error:
        pytest.fail(f"Django {django.__version__} has no {name} any more: {then}. ({error!r})")
