"""What of the portal's own state an administrator must know. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from marelle.core.clock import universal
from marelle.flows.upkeep.rounds import OLD

CLOCK: Final = timedelta(minutes=1)
"""How far two clocks may be apart: codes of a second factor hold for some thirty seconds."""

LEAST_FREE: Final = 1024**3
"""Bytes: where fewer are free, a disk is nearly full, however small."""

ENOUGH_FREE: Final = 20 * 1024**3
"""Bytes: with more, it is not, however large."""

LEAST_SHARE: Final = 10
"""Percent that is to be free, in between."""


class Kind(StrEnum):
    """What is looked at, in the order in which it is told."""

    REHEARSAL = "rehearsal"
    WORKER = "worker"
    JOBS = "jobs"
    MAILS = "mails"
    RETAINED = "retained"
    HELD = "held"
    LISTS = "lists"
    STORE = "store"
    BACKUP = "backup"
    DISK = "disk"
    CLOCK = "clock"
    PROXY = "proxy"
    HTTPS = "https"
    MAIL_SERVER = "mail_server"
    SEALING = "sealing"
    WEAK = "weak"
    REPEATED = "repeated"
    SECOND = "second"


OF_FAMILIES: Final = frozenset(
    {
        Kind.REHEARSAL,
        Kind.BACKUP,
        Kind.PROXY,
        Kind.HTTPS,
        Kind.MAIL_SERVER,
        Kind.SEALING,
        Kind.WEAK,
        Kind.REPEATED,
        Kind.SECOND,
    }
)
"""What is not looked at in the demo, which is everybody's."""


@dataclass(frozen=True, slots=True)
class Sign:
    """Something to see to. Of what kind it is says which of the others is there: `count` of mails, files,
    seconds or agents, `names` of jobs or settings, `since` when."""

    kind: Kind
    count: int = 0
    names: tuple[str, ...] = ()
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Disk:
    """Bytes, of the disk that holds the folder of this setting."""

    setting: str
    size: int
    free: int


@dataclass(frozen=True, slots=True)
class Machine:
    """What the settings and the machine say. `store_answers`: the folder or the bucket of files does; `weak`,
    `repeated`: names of settings."""

    believes_proxy: bool
    is_https: bool
    sends_mails: bool
    seals: bool
    store_answers: bool = True
    disks: tuple[Disk, ...] = ()
    weak: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """What the database says. `seen_at`: when a worker was last heard of; `late`: the jobs that are;
    `retained`: how many mails are held since a backup was put back;
    `mails`, `held`: how many have waited for too long, the first of the mails since `mails_since`; `lists`:
    how many lists of the next day did not arrive;
    `clock_off` is of this process, `worker_off` of the worker, against the database."""

    seen_at: datetime | None
    is_alive: bool
    late: tuple[str, ...]
    mails: int
    mails_since: datetime | None
    retained: int
    held: int
    lists: int
    backup_at: datetime | None
    clock_off: timedelta | None
    worker_off: timedelta | None
    without_second: int
    is_rehearsal: bool = False


def machine_signs(machine: Machine) -> Iterator[Sign]:
    if not machine.store_answers:
        yield Sign(Kind.STORE)
    full = tuple(disk.setting for disk in machine.disks if is_nearly_full(disk))
    if full:
        yield Sign(Kind.DISK, names=full)
    lacking = (
        (Kind.PROXY, machine.is_https and not machine.believes_proxy),
        (Kind.HTTPS, not machine.is_https),
        (Kind.MAIL_SERVER, not machine.sends_mails),
        (Kind.SEALING, not machine.seals),
    )
    yield from (Sign(kind) for kind, is_so in lacking if is_so)
    if machine.weak:
        yield Sign(Kind.WEAK, names=machine.weak)
    if machine.repeated:
        yield Sign(Kind.REPEATED, names=machine.repeated)


def kept_signs(kept: Kept, *, now: datetime) -> Iterator[Sign]:
    if kept.is_rehearsal:
        yield Sign(Kind.REHEARSAL)
    if not kept.is_alive:
        yield Sign(Kind.WORKER, since=kept.seen_at)
    elif kept.late:
        yield Sign(Kind.JOBS, names=kept.late)
    if kept.mails:
        yield Sign(Kind.MAILS, count=kept.mails, since=kept.mails_since)
    if kept.retained:
        yield Sign(Kind.RETAINED, count=kept.retained)
    if kept.held:
        yield Sign(Kind.HELD, count=kept.held)
    if kept.lists:
        yield Sign(Kind.LISTS, count=kept.lists)
    if apart := clocks_apart(kept, now):
        yield Sign(Kind.CLOCK, count=round(apart.total_seconds()))
    if kept.backup_at is None or universal(now) - kept.backup_at > OLD:
        yield Sign(Kind.BACKUP, since=kept.backup_at)
    if kept.without_second:
        yield Sign(Kind.SECOND, count=kept.without_second)


def is_nearly_full(disk: Disk) -> bool:
    if disk.free < LEAST_FREE:
        return True
    return disk.free < ENOUGH_FREE and disk.free * 100 < disk.size * LEAST_SHARE


def clocks_apart(kept: Kept, now: datetime) -> timedelta | None:
    """The widest that two clocks are apart, None where all agree. A worker that was heard of later than now
    has another clock than this process, or this one was put back since."""
    ahead = kept.seen_at - universal(now) if kept.seen_at else timedelta(0)
    differences = [max(ahead, timedelta(0)), kept.clock_off, kept.worker_off]
    widest = max(abs(one) for one in differences if one is not None)
    return widest if widest > CLOCK else None


def looked_at(*, is_demo: bool) -> list[Kind]:
    return [kind for kind in Kind if not (is_demo and kind in OF_FAMILIES)]


def told(signs: Iterable[Sign], kinds: Sequence[Kind]) -> list[Sign]:
    """Those of these kinds, in their order."""
    return sorted((one for one in signs if one.kind in kinds), key=lambda one: kinds.index(one.kind))
