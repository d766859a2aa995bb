"""What another software says of money: brought whole or not at all, once, whoever dies or comes meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from marelle.billing.imports.problems import ImportRefused
from marelle.billing.models import Assessment, BillingRun, ImportRun, Invoice, Payment, Share
from marelle.journal.models import Entry
from tests.billing.moved import Moved, sides
from tests.billing.test_past import Past
from tests.flows.bills.billed import NOW
from tests.races import victim
from tests.races.together import together_or_errors

pytestmark = pytest.mark.django_db(transaction=True)

POINTS = {
    "balances": ("billing_invoice", "billing_billingrun", "billing_share", "journal_entry"),
    "past": ("billing_invoice", "billing_invoiceline", "billing_payment", "journal_entry"),
}


def there() -> list[int]:
    tables = (Invoice, Payment, BillingRun, Assessment, Share)
    imported = Entry.objects.filter(verb__startswith="invoices.")
    return [*(table.objects.count() for table in tables), imported.count()]


def sent(kind: str) -> tuple[Moved, ImportRun, list[int]]:
    if kind == "past":
        past = Past()
        return past, past.sends(*past.rows()), [1, 1, 0, 0, 0, 1]
    world = Moved()
    roy, sand = world.numbers
    return world, world.sends(f"{roy};45,20;30/11/2026", f"{sand};-4,00;30/11/2026"), [1, 0, 1, 1, 1, 1]


@pytest.mark.parametrize("kind", POINTS)
def test_killed_at_each_point_there_is_none_of_it_and_then_the_whole(
    kind: str, dies: Callable[..., bool], files_folder: Path
) -> None:
    world, run, whole = sent(kind)
    for table in POINTS[kind]:
        words = f'INSERT INTO "{table}"'
        assert dies(victim.die_after, words, victim.brings, world.bursar, run.pk, str(files_folder), NOW), (
            table
        )
        assert there() == [0] * 6, table
    done = world.confirms_file(run)
    assert there() == whole
    assert {gap for _theirs, _ours, gap in sides(done.counts).values()} == {"0.00"}


def test_one_file_confirmed_by_three_is_there_once() -> None:
    world, run, whole = sent("balances")
    roy, sand = world.numbers
    again = world.sends(f"{roy};45,20;30/11/2026", f"{sand};-4,00;30/11/2026")
    answers = together_or_errors([lambda one=one: world.confirms_file(one) for one in (run, run, again)])
    assert sum(isinstance(one, ImportRefused) for one in answers) <= 2
    assert there()[:5] == whole[:5]
