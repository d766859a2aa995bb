"""Files for the Trésor asked for by several at once, or whose worker is killed: each bill and number once."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from marelle.billing.models import ExportedBill, TresorCounter, TresorExport
from marelle.billing.tresor.files import export_open, exports_write
from marelle.billing.tresor.services import ExportRefused, tresor_export, tresor_export_cancel
from marelle.files.sealing import opened_content
from marelle.files.store import store_turn
from marelle.flows.upkeep.file_sweep import aside_swept
from tests.billing.tresor.checker import faults
from tests.flows.bills.billed import NOW
from tests.flows.bills.test_tresor import Sent
from tests.races import victim
from tests.races.together import together, together_or_errors

pytestmark = pytest.mark.django_db(transaction=True)

POINTS = {
    "the numbers are taken": 'UPDATE "billing_tresorcounter"',
    "the file has its row": 'INSERT INTO "billing_tresorexport"',
    "its bills are locked": 'INSERT INTO "billing_exportedbill"',
    "the journal is told": 'INSERT INTO "journal_entry"',
}


def test_asked_for_by_three_at_once_each_bill_leaves_once() -> None:
    world = Sent()
    batch, seen = world.batch(), world.report().seen
    answers = together_or_errors(
        [lambda: tresor_export(actor=world.bursar, batch=batch, seen=seen, now=NOW)] * 3
    )
    refused = [one for one in answers if isinstance(one, ExportRefused)]
    assert (len(refused), len(answers)) == (2, 3)
    assert (TresorExport.objects.count(), ExportedBill.objects.count()) == (1, 3)


def test_cancelled_and_asked_for_again_by_several_no_number_comes_twice() -> None:
    world = Sent()
    [first] = world.leaves()
    batch = world.batch()

    def again() -> None:
        tresor_export_cancel(actor=world.bursar, export_id=first.pk, reason="Refusé", now=NOW)
        tresor_export(actor=world.bursar, batch=batch, seen=world.report().seen, now=NOW)

    together_or_errors([again] * 3)
    rows = ExportedBill.objects.values_list("piece", flat=True)
    assert len(set(rows)) == len(rows) == 6
    assert ExportedBill.objects.filter(live=True).count() == 3


def test_killed_at_each_point_there_is_none_of_it_or_the_whole(dies: Callable[..., bool]) -> None:
    world = Sent()
    batch, seen = world.batch(), world.report().seen
    for point, statement in POINTS.items():
        assert dies(victim.die_after, statement, victim.exports, batch, seen, NOW), f"never: {point}"
        assert (TresorExport.objects.count(), ExportedBill.objects.count()) == (0, 0), point
        assert not TresorCounter.objects.filter(last__gt=0).exists(), point
    [export] = world.leaves()
    together([lambda: exports_write(now=NOW)] * 3)
    export.refresh_from_db()
    with export_open(export) as content:
        assert faults(content.read()) == []


def test_a_worker_killed_before_its_file_has_its_row_leaves_a_content_that_goes_a_day_later(
    dies: Callable[..., bool], files_folder: Path
) -> None:
    world = Sent()
    [export] = world.leaves()
    said = 'UPDATE "billing_tresorexport"'
    assert dies(victim.die_after, said, victim.writes, str(files_folder), NOW)
    export.refresh_from_db()
    [left] = (files_folder / "tresor").iterdir()
    assert export.key == ""
    assert exports_write(now=NOW) == 1
    export.refresh_from_db()
    with export_open(export) as content:
        again = content.read()
    with opened_content(left) as content:
        assert (faults(again), again) == ([], content.read())
    written = timezone.now()
    for path in (files_folder / "tresor").iterdir():
        os.utime(path, (written.timestamp(),) * 2)
    store_turn(now=written - timedelta(hours=1))
    assert aside_swept("tresor", now=written + timedelta(hours=23)) == 0
    assert aside_swept("tresor", now=written + timedelta(hours=25)) == 1
    assert [path.name for path in (files_folder / "tresor").iterdir()] == [export.key.removeprefix("tresor/")]
