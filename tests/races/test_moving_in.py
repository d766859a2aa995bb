"""A village that comes from another software, and the whole of a portal: whoever dies or comes meanwhile, all
lines are there in the end, once, with their places."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command

from marelle.attendance.models import Tick
from marelle.backups.whole.reading import whole_read
from marelle.backups.whole.writing import whole_write
from marelle.bookings.models import Attendance, Booking
from marelle.families.models import Family, Person
from marelle.files.models import StoredFile
from marelle.flows.models import MovingImport
from marelle.flows.moving import services
from marelle.flows.moving.services import moving_start, movings_advance, sums_now
from marelle.flows.moving.subjects import Kind
from marelle.journal.models import Entry
from tests.flows.moving.files import BOOKING, GONE, GONE_TOO, NOW, TO_COME, Mover
from tests.races import victim
from tests.races.together import together
from tests.races.truth import counters_hold

pytestmark = pytest.mark.django_db(transaction=True)

POINTS = ("activities_quota", "bookings_booking", "attendance_tick", "bookings_attendance", "journal_entry")
LINES = 6


def started(time_machine) -> MovingImport:
    """Two children on three Wednesdays, two of which are over."""
    time_machine.move_to(NOW)
    world = Mover()
    martin = world.home("Martin", "Sacha")
    tom = world.child(martin, "Tom", born=world.zoe.birth_date)
    world.enrolment(world.zoe, world.wednesdays, world.durand)
    world.enrolment(tom, world.wednesdays, martin)
    lines = [
        world.booking_line(day, state, who)
        for who in (["Durand", "Zoé", "04/03/2019"], ["Martin", "Tom", "04/03/2019"])
        for day, state in ((GONE, "présent"), (GONE_TOO, "absent"), (TO_COME, ""))
    ]
    row = world.read(Kind.BOOKINGS, BOOKING, *lines)
    moving_start(actor=world.office, moving_id=row.pk, past_capacity=False, reason="", now=NOW)
    return row


def all_there(row: MovingImport) -> None:
    while movings_advance(now=NOW):
        pass
    row.refresh_from_db()
    assert (row.state, row.done_lines, row.counts["new"], row.problems) == ("done", LINES, LINES, [])
    assert (Booking.objects.count(), Tick.objects.count(), Attendance.objects.count()) == (LINES, 4, 4)
    assert {one.differs for one in sums_now(row)} == {0}
    assert sum(entry.data["lines"] for entry in Entry.objects.filter(verb="booking.moved_in")) == LINES
    counters_hold()


def test_killed_at_each_point_the_next_worker_goes_on(
    time_machine, dies: Callable[..., bool], files_folder: Path
) -> None:
    row = started(time_machine)
    for table in POINTS:
        words = (f'INTO "{table}"', f'UPDATE "{table}"')[table == "activities_quota"]
        assert dies(victim.die_after, words, victim.moves_in, str(files_folder), NOW), table
        row.refresh_from_db()
        assert Booking.objects.count() == row.done_lines, "a batch is there whole, and counted, or not at all"
    all_there(row)


def test_several_workers_write_each_line_once(time_machine, monkeypatch, files_folder: Path) -> None:
    monkeypatch.setattr(services, "BATCH", 2)
    row = started(time_machine)
    together([lambda: movings_advance(now=NOW)] * 3)
    all_there(row)


def test_a_whole_that_is_killed_while_it_comes_in_is_not_there_and_comes_again(
    time_machine, dies: Callable[..., bool], files_folder: Path, tmp_path: Path
) -> None:
    row = started(time_machine)
    all_there(row)
    source = tmp_path / "whole"
    written = whole_write(source, health=True, now=NOW)
    call_command("flush", interactive=False, verbosity=0)
    for table in ("places_authority", "families_family", "bookings_booking"):
        words = f'INTO "{table}"'
        later = NOW + timedelta(hours=1)
        assert dies(victim.die_after, words, victim.reads_whole, str(source), str(files_folder), later), table
        assert not any(model.objects.exists() for model in (Family, Person, StoredFile, Booking)), table
    assert whole_read(source, now=later) == written.rows
    assert Booking.objects.count() == LINES
    counters_hold()
