"""A system check: bills whose payments do not make what they say is paid."""

from __future__ import annotations

from collections.abc import Sequence

from django.core import checks
from django.db import connection

from marelle.billing.models import Payment
from marelle.billing.payments import bills_unlike_their_payments


@checks.register(checks.Tags.database, deploy=True)
def check_paid(*, databases: Sequence[str] | None = None, **_kwargs: object) -> list[checks.CheckMessage]:
    """`marelle.W008`: somebody wrote round the services. Runs with `python -m marelle check` and at each
    start; two queries."""
    if not databases or not _is_there() or not bills_unlike_their_payments().exists():
        return []
    return [
        checks.Warning(
            "Ce qui est payé de certaines factures n’est pas la somme de leurs paiements.",
            hint="Lancez «\u00a0python -m marelle recount\u00a0».",
            id="marelle.W008",
        )
    ]


def _is_there() -> bool:
    """Not before its migration."""
    with connection.cursor() as cursor:
        return Payment._meta.db_table in connection.introspection.table_names(cursor)
