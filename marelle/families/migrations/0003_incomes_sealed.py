"""The quotients, and those proposed, are sealed into the tables of incomes. It can be undone, but for what the
former tables have no column for: a status, a last day, what is no quotient."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import migrations

from marelle.core.sealed import Sealed, opened, seal

BATCH = 500
SAID_BY_THE_HOME = ("déclaré par la famille", "noté par le service", "fichier importé")


def _sealed(amount: Decimal | None) -> Sealed | None:
    return None if amount is None else seal(f"{amount:.2f}")


def _amount(sealed: Sealed | None) -> Decimal | None:
    text = "" if sealed is None else opened(sealed)
    return Decimal(text) if text else None


def forwards(apps: Any, _schema_editor: Any) -> None:
    held = ("Quotient", "ProposedQuotient")
    if not settings.SEALING_KEYS and any(apps.get_model("families", one).objects.exists() for one in held):
        raise CommandError(
            "SEALING_KEYS is missing, and incomes wait to be sealed. `python -m marelle reseal --new-key` makes "
            "a key: give it, then migrate again. Nothing is lost."
        )
    incomes = apps.get_model("families", "Income")
    incomes.objects.bulk_create(
        (
            incomes(
                family_id=row.family_id,
                kind="quotient",
                since=row.since,
                source=row.source,
                status=seal("declared" if row.source in SAID_BY_THE_HOME else "proved"),
                amount=_sealed(row.amount),
            )
            for row in apps.get_model("families", "Quotient").objects.order_by("pk").iterator(BATCH)
        ),
        batch_size=BATCH,
    )
    proposed = apps.get_model("families", "ProposedIncome")
    proposed.objects.bulk_create(
        (
            proposed(
                change_id=row.change_id,
                since=row.since,
                seen_since=row.seen_since,
                written_since=row.written_since,
                former_source=row.former_source,
                amount=_sealed(row.amount),
                seen=_sealed(row.seen),
                former_amount=_sealed(row.former_amount),
                former_status=None if row.former_amount is None else seal("proved"),
            )
            for row in apps.get_model("families", "ProposedQuotient").objects.order_by("pk").iterator(BATCH)
        ),
        batch_size=BATCH,
    )


def backwards(apps: Any, _schema_editor: Any) -> None:
    quotients = apps.get_model("families", "Quotient")
    rows = apps.get_model("families", "Income").objects.filter(kind="quotient", authority=None)
    quotients.objects.bulk_create(
        (
            quotients(family_id=row.family_id, since=row.since, source=row.source, amount=amount)
            for row in rows.order_by("pk").iterator(BATCH)
            if (amount := _amount(row.amount)) is not None
        ),
        batch_size=BATCH,
    )
    proposed = apps.get_model("families", "ProposedQuotient")
    proposed.objects.bulk_create(
        (
            proposed(
                change_id=row.change_id,
                since=row.since,
                seen_since=row.seen_since,
                written_since=row.written_since,
                former_source=row.former_source,
                amount=_amount(row.amount),
                seen=_amount(row.seen),
                former_amount=_amount(row.former_amount),
            )
            for row in apps.get_model("families", "ProposedIncome").objects.order_by("pk").iterator(BATCH)
        ),
        batch_size=BATCH,
    )


class Migration(migrations.Migration):
    dependencies = [("families", "0002_incomes")]

    operations = [migrations.RunPython(forwards, backwards)]
