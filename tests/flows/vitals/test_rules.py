"""What of the portal's own state an administrator must know."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from marelle.flows.vitals.rules import (
    CLOCK,
    Disk,
    Kept,
    Kind,
    Machine,
    Sign,
    is_nearly_full,
    kept_signs,
    looked_at,
    machine_signs,
    told,
)

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
GIB = 1024**3
WELL = Kept(
    seen_at=NOW - SECOND,
    is_alive=True,
    late=(),
    mails=0,
    mails_since=None,
    retained=0,
    held=0,
    lists=0,
    backup_at=NOW - timedelta(days=2),
    clock_off=CLOCK,
    worker_off=-CLOCK,
    without_second=0,
)
MACHINE = Machine(believes_proxy=True, is_https=True, sends_mails=True, seals=True)


def kept(**changes: object) -> list[Sign]:
    return list(kept_signs(replace(WELL, **changes), now=NOW))  # type: ignore[arg-type]


def machine(**changes: object) -> list[Sign]:
    return list(machine_signs(replace(MACHINE, **changes)))  # type: ignore[arg-type]


def test_of_a_portal_that_is_well_nothing_is_told() -> None:
    assert kept() == []
    assert machine() == []


@pytest.mark.parametrize(
    ("changes", "sign"),
    [
        ({"is_alive": False, "late": ("mails",)}, Sign(Kind.WORKER, since=NOW - SECOND)),
        ({"is_alive": False, "seen_at": None}, Sign(Kind.WORKER)),
        ({"late": ("mails", "offers")}, Sign(Kind.JOBS, names=("mails", "offers"))),
        ({"mails": 3, "mails_since": NOW}, Sign(Kind.MAILS, count=3, since=NOW)),
        ({"retained": 5}, Sign(Kind.RETAINED, count=5)),
        ({"held": 2}, Sign(Kind.HELD, count=2)),
        ({"backup_at": None}, Sign(Kind.BACKUP)),
        (
            {"backup_at": NOW - timedelta(days=2) - SECOND},
            Sign(Kind.BACKUP, since=NOW - timedelta(days=2) - SECOND),
        ),
        ({"clock_off": -CLOCK - SECOND}, Sign(Kind.CLOCK, count=61)),
        ({"worker_off": CLOCK + SECOND}, Sign(Kind.CLOCK, count=61)),
        ({"worker_off": None, "clock_off": None, "seen_at": NOW + 61 * SECOND}, Sign(Kind.CLOCK, count=61)),
        ({"without_second": 4}, Sign(Kind.SECOND, count=4)),
    ],
)
def test_what_the_database_says(changes: dict[str, object], sign: Sign) -> None:
    assert kept(**changes) == [sign]


@pytest.mark.parametrize(
    ("changes", "sign"),
    [
        ({"believes_proxy": False}, Sign(Kind.PROXY)),
        ({"is_https": False, "believes_proxy": False}, Sign(Kind.HTTPS)),
        ({"store_answers": False}, Sign(Kind.STORE)),
        ({"sends_mails": False}, Sign(Kind.MAIL_SERVER)),
        ({"seals": False}, Sign(Kind.SEALING)),
        ({"weak": ("SECRET_KEY",)}, Sign(Kind.WEAK, names=("SECRET_KEY",))),
        ({"repeated": ("A", "B")}, Sign(Kind.REPEATED, names=("A", "B"))),
        (
            {"disks": (Disk("DATA_DIR", 100 * GIB, GIB), Disk("FILES_DIR", 100 * GIB, 50 * GIB))},
            Sign(Kind.DISK, names=("DATA_DIR",)),
        ),
    ],
)
def test_what_the_machine_says(changes: dict[str, object], sign: Sign) -> None:
    assert machine(**changes) == [sign]


def test_the_demo_lacks_by_right_what_families_need() -> None:
    assert looked_at(is_demo=False) == list(Kind)
    in_demo = looked_at(is_demo=True)
    assert in_demo == [
        Kind.WORKER, Kind.JOBS, Kind.MAILS, Kind.RETAINED, Kind.HELD, Kind.LISTS, Kind.STORE, Kind.DISK,
        Kind.CLOCK,
    ]  # fmt: skip
    assert told([Sign(Kind.SECOND), Sign(Kind.DISK)], in_demo) == [Sign(Kind.DISK)]


@pytest.mark.parametrize(
    ("size", "free", "is_full"),
    [
        (8 * GIB, GIB, False),
        (8 * GIB, GIB - 1, True),
        (100 * GIB, 10 * GIB, False),
        (100 * GIB, 10 * GIB - 1, True),
        (2000 * GIB, 20 * GIB, False),
        (2000 * GIB, 20 * GIB - 1, True),
    ],
)
def test_a_disk_is_nearly_full_by_share_and_by_room(size: int, free: int, is_full: bool) -> None:
    assert is_nearly_full(Disk("/a", size, free)) is is_full


def test_they_are_told_in_one_order() -> None:
    found = told([Sign(Kind.SECOND), Sign(Kind.DISK), Sign(Kind.WORKER)], list(Kind))
    assert [one.kind for one in found] == [Kind.WORKER, Kind.DISK, Kind.SECOND]
