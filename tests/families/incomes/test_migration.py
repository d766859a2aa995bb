"""Incomes that were in the clear are sealed by the migration, and nothing of them is left behind."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import connection
from django.utils import timezone

from marelle.core.sealed import opened
from tests.database import former, moved_to

FORMER = "families", "0001_initial"
SEALED = "families", "0005_nothing_left_in_the_file"
SAYS = {
    "attestation CAF": "proved",
    "déclaré par la famille": "declared",
    "noté par le service": "declared",
}


pytestmark = pytest.mark.prove  # it has landed, and is never edited


@pytest.fixture
def clear(transactional_db: None) -> Iterator[Any]:
    """A database of the tables before, with incomes in the clear."""
    with former(FORMER) as apps:
        family = apps.get_model("families", "Family").objects.create(
            number="1", name="Durand", created_at=timezone.now()
        )
        quotients = apps.get_model("families", "Quotient").objects
        for place, source in enumerate(SAYS, start=1):
            day = date(2026, place, 1)
            quotients.create(family=family, amount=Decimal("734.12") + place, since=day, source=source)
        change = apps.get_model("families", "ChangeRequest").objects.create(
            kind="field", family=family, field="home.quotient", asked_at=timezone.now(), asked_by="Camille"
        )
        apps.get_model("families", "ProposedQuotient").objects.create(
            change=change, amount=Decimal("876.54"), since=date(2026, 9, 1), seen=Decimal("737.12")
        )
        yield apps


def in_the_file(*amounts: float) -> bool:
    name = connection.settings_dict["NAME"]
    connection.close()
    held = b"".join(path.read_bytes() for path in map(Path, (name, f"{name}-wal")) if path.exists())
    return any(struct.pack(">d", amount) in held for amount in amounts)


def test_what_was_in_the_clear_is_sealed_and_gone_from_the_file(clear: Any) -> None:
    sqlite = connection.vendor == "sqlite"
    assert not sqlite or in_the_file(735.12, 876.54)
    apps = moved_to(SEALED)
    incomes = apps.get_model("families", "Income").objects.order_by("since")
    assert [(opened(row.status), opened(row.amount), row.since.month) for row in incomes] == [
        (status, str(Decimal("734.12") + place), place) for place, status in enumerate(SAYS.values(), start=1)
    ]
    proposed = apps.get_model("families", "ProposedIncome").objects.get()
    assert (opened(proposed.amount), opened(proposed.seen)) == ("876.54", "737.12")
    tables = connection.introspection.table_names()
    assert "families_income" in tables
    assert not [table for table in tables if "quotient" in table]
    assert not sqlite or not in_the_file(735.12, 736.12, 737.12, 876.54)


def test_it_can_be_undone(clear: Any) -> None:
    moved_to(SEALED)
    back = moved_to(FORMER)
    rows = back.get_model("families", "Quotient").objects.order_by("since")
    assert [row.amount for row in rows] == [Decimal("734.12") + place for place in (1, 2, 3)]
    proposed = back.get_model("families", "ProposedQuotient").objects.get()
    assert (proposed.amount, proposed.seen, proposed.former_amount) == (
        Decimal("876.54"),
        Decimal("737.12"),
        None,
    )


def test_without_a_key_it_stops_with_a_line_and_nothing_is_lost(clear: Any, settings: Any) -> None:
    keys, settings.SEALING_KEYS = settings.SEALING_KEYS, ()
    with pytest.raises(CommandError, match="SEALING_KEYS is missing"):
        moved_to(SEALED)
    assert clear.get_model("families", "Quotient").objects.count() == 3
    settings.SEALING_KEYS = keys
    assert moved_to(SEALED).get_model("families", "Income").objects.count() == 3
