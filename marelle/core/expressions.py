"""What the schema asks of a column, in words that each engine knows by itself.

Django gives SQLite functions of its own (`django_date_extract`…): a check that calls one breaks for whoever
opens the file without Django, a backup's verification first.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, BooleanField, Func
from django.db.models.sql.compiler import SQLCompiler


class IsFirstOfMonth(Func):
    """Whether a day is the first of its month."""

    arity = 1
    output_field = BooleanField()
    template = "EXTRACT(DAY FROM %(expressions)s) = 1"

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        template = "SUBSTR(%(expressions)s, 9, 2) = '01'"
        return self.as_sql(compiler, connection, template=template, **context)


class Cents(Func):
    """An amount in whole cents: sums of integers are exact everywhere, where SQLite adds decimals as floating
    numbers do."""

    arity = 1
    output_field = BigIntegerField()
    template = "CAST(ROUND(%(expressions)s * 100) AS BIGINT)"
