"""Where the ledger keeps what, byte by byte, and what may be read of it without taking part."""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final, NamedTuple

from django.conf import settings

from marelle.room import rules

TICKETS: Final = 1 << 17
"""Numbers that may be waited for at once; older ones are forgotten."""
PROCESSES: Final = 64

SIGN: Final = b"MRLroom1"
HEAD: Final = struct.Struct("<8sQQQQIIdddddddd")
PROCESS: Final = struct.Struct("<IIIIQQ")
ROWS: Final = PROCESS.size * PROCESSES
"""Bytes of all processes."""
SEEN: Final = struct.Struct("<I")
MARK: Final = struct.Struct("<H")

AT_PROCESSES: Final = 4096
AT_STATES: Final = 8192
AT_SEEN: Final = AT_STATES + TICKETS
AT_MARKS: Final = AT_SEEN + TICKETS * SEEN.size
SIZE: Final = AT_MARKS + TICKETS * MARK.size


@dataclass(slots=True)
class Head:
    """`called` is the last number called; `first` the lowest that is waited for or inside. `entered` were let
    in, `active` are those of them who asked for something lately, both when it was worked out (`swept_at`).
    Instants are seconds since 1970, 0: never."""

    sign: bytes
    epoch: int
    called: int
    first: int
    entered: int
    active: int
    waiting: int
    places: float
    rate: float
    swept_at: float
    open_from: float
    open_until: float
    load_until: float
    busy_since: float
    read_at: float

    def is_open(self, now: float) -> bool:
        """Also until nobody waits any more."""
        if self.open_from <= now < self.open_until or now < self.load_until:
            return True
        return bool(self.waiting) and now - self.swept_at < rules.ABSENT


NAMES: Final = tuple(one.name for one in fields(Head))


class Process(NamedTuple):
    """`milliseconds` that a page takes, on the whole; `issued` the last number that it gave."""

    pid: int
    in_flight: int
    milliseconds: int
    threads: int
    issued: int
    entered: int


class _Field(NamedTuple):
    form: struct.Struct
    at: int

    def write(self, where: mmap.mmap, value: float) -> None:
        self.form.pack_into(where, self.at, value)


def _fields() -> dict[str, _Field]:
    found, at = {}, 0
    for name, form in zip(NAMES, ("8s", *HEAD.format.removeprefix("<8s")), strict=True):
        one = struct.Struct(f"<{form}")
        found[name] = _Field(one, at)
        at += one.size
    return found


FIELDS: Final = _fields()


class Seen(NamedTuple):
    """What is counted of the room: `inside` are those who asked for something lately."""

    is_open: bool
    waiting: int
    inside: int
    let_in: int


def ledger_path() -> Path:
    """Of this machine."""
    return Path(settings.DATA_DIR) / "room" / "ledger"


def seen(path: Path, *, now: float) -> Seen | None:
    """Without taking part in it; None where there is none."""
    try:
        with path.open("rb") as file:
            head = Head(*HEAD.unpack(file.read(HEAD.size)))
            file.seek(AT_PROCESSES)
            let_in = sum(Process(*one).entered for one in PROCESS.iter_unpack(file.read(ROWS)))
    except (OSError, struct.error):
        return None
    if head.sign != SIGN:
        return None
    is_now = now - head.swept_at < rules.ABSENT
    return Seen(head.is_open(now), head.waiting if is_now else 0, head.active if is_now else 0, let_in)
