"""System checks that no domain owns: what must never leave the demo, and what production lacks."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import checks
from django.db import connection, connections
from django.db.models import Model

from marelle.core.resealing import sealed_columns, tokens
from marelle.core.sealed import Sealed, is_readable


@checks.register(checks.Tags.database)
def check_no_demo_account(
    *, databases: Sequence[str] | None = None, **_kwargs: object
) -> list[checks.CheckMessage]:
    """`marelle.E002`: outside the demo no account of the demo exists, since their password is public.

    Reads the accounts' own mark, so that it costs one query and no hash. Runs with the database's checks:
    at each `migrate`, and with `python -m marelle check`.
    """
    users = get_user_model()
    if settings.MARELLE_DEMO or not databases:
        return []
    found: list[checks.CheckMessage] = []
    for alias in databases:
        table = users._meta.db_table
        if table not in connections[alias].introspection.table_names():
            continue
        count = users._default_manager.using(alias).filter(is_demo=True).count()
        if count:
            found.append(
                checks.Error(
                    f"{count} account(s) of the demo are in the database, and their password is public.",
                    hint="Use a database of its own, or delete them.",
                    id="marelle.E002",
                )
            )
    return found


@checks.register(checks.Tags.security, deploy=True)
def check_sealing(**_kwargs: object) -> list[checks.CheckMessage]:
    """`marelle.E004`: without a key no income, health nor file is kept, and those that were are not read."""
    if settings.SEALING_KEYS:
        return []
    return [
        checks.Error(
            "SEALING_KEYS is missing: incomes, health, judgments and files can neither be written nor read.",
            hint="`python -m marelle reseal --new-key` makes one; keep it apart from the database's backups.",
            id="marelle.E004",
        )
    ]


@checks.register(checks.Tags.database)
def check_sealed(*, databases: Sequence[str] | None = None, **_kwargs: object) -> list[checks.CheckMessage]:
    """`marelle.E006`: the first and the last value of each sealed column, that no key opens."""
    found: list[checks.CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        tables = connection.introspection.table_names()
        for model, names in sealed_columns():
            table = model._meta.db_table
            if table not in tables:
                continue
            with connection.cursor() as cursor:
                there = {one.name for one in connection.introspection.get_table_description(cursor, table)}
            rows = model._base_manager.using(alias)
            for name in there.intersection(names):
                ends = (tokens(rows.order_by(order), name).first() for order in ("pk", "-pk"))
                if not all(is_readable(Sealed(end[1])) for end in ends if end is not None):
                    found.append(
                        checks.Error(
                            f"{table}.{name} holds values that no key of SEALING_KEYS opens.",
                            hint="Put the key that wrote them back, after the first.",
                            id="marelle.E006",
                        )
                    )
    return found


@checks.register(checks.Tags.security, deploy=True)
def check_proxies(**_kwargs: object) -> list[checks.CheckMessage]:
    """`marelle.W004`: https with no proxy told of. Something else does the https, and all visitors would have
    its address: fifty wrong passwords of one would close the portal to all."""
    if not settings.HTTPS or settings.TRUSTED_PROXIES:
        return []
    return [
        checks.Warning(
            "PUBLIC_URL is in https and TRUSTED_PROXIES is 0: a reverse proxy in front is not believed, "
            "and every page redirects to itself.",
            hint="Set TRUSTED_PROXIES=1 for one proxy that sends X-Forwarded-For and X-Forwarded-Proto.",
            id="marelle.W004",
        )
    ]


@checks.register(checks.Tags.security, deploy=True)
def check_production(**_kwargs: object) -> list[checks.CheckMessage]:
    """`marelle.W001` to `W003`: what works, but is not meant for families yet."""
    missing = (
        (settings.MARELLE_DEMO, "W001", "This is the demo: anybody can log in.", "Set MARELLE_DEMO=0."),
        (not settings.HTTPS, "W002", "The portal is not reached by https.", "Give PUBLIC_URL in https."),
        (not settings.MAIL_IS_SENT, "W003", "Mails stay in the outbox: nobody gets them.", "Give MAIL_URL."),
    )
    return [
        checks.Warning(text, hint=hint, id=f"marelle.{code}") for is_so, code, text, hint in missing if is_so
    ]


def has_column(model: type[Model], name: str) -> bool:
    """Whether the database has come so far: `check` runs before `migrate` too."""
    table, found = model._meta.db_table, connection.introspection
    with connection.cursor() as cursor:
        return table in found.table_names(cursor) and name in {
            column.name for column in found.get_table_description(cursor, table)
        }
