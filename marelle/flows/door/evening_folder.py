"""The folder of the machine where lists of the next day are put, for another machine to read them there.

It may be a share of another machine, and hang when that is gone: nothing waits for it for long.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Final
from uuid import uuid4

from django.conf import settings
from django.utils.text import slugify

from marelle.core.patience import within
from marelle.places.models import Structure

KEPT: Final = timedelta(days=7)
"""How long after its day a list stays there."""

PATIENCE: Final = 20.0
"""Seconds to write a list, or to look for old ones; then other work goes on."""

HERE: Final = "EVENING_TO"

NAME: Final = re.compile(r"liste-(\d{4}-\d{2}-\d{2})-[a-z0-9-]*-\d+\.pdf(\.[0-9a-f]{32}\.part)?")


def is_there() -> bool:
    """Whether whoever runs the machine gave one."""
    return bool(settings.EVENING_TO)


def name_of(structure: Structure, day: date) -> str:
    """The same for the same day of a structure: made again, a list takes the place of the one before."""
    return f"liste-{day.isoformat()}-{slugify(structure.name)[:60]}-{structure.pk}.pdf"


def put(name: str, content: bytes) -> str:
    """Write a list, whole or not at all even when the machine stops. Returns why it was not, "" once it is
    there. One that was not waited for may still come to be there, where it is the list all the same."""
    if not is_there():
        return HERE
    folder = Path(settings.EVENING_TO)
    try:
        within(PATIENCE, HERE, partial(_written, folder, name, content))
    except OSError as error:
        return (error.strerror or type(error).__name__)[:200]
    return ""


def _written(folder: Path, name: str, content: bytes) -> None:
    """Raises OSError."""
    fresh = folder / f"{name}.{uuid4().hex}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(fresh, "xb", opener=_private) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(folder / name)
        _synced(folder)
    finally:
        _forget(fresh)


def forget(*, today: date) -> int:
    """Delete the lists of days long over, and what a machine that stopped left of one. Returns how many;
    none as long as the folder hangs."""
    if not is_there():
        return 0
    with suppress(TimeoutError):
        return within(PATIENCE, HERE, partial(_forgotten, Path(settings.EVENING_TO), today))
    return 0


def _forgotten(folder: Path, today: date) -> int:
    return sum(_forget(path) for path in list(folder.glob("liste-*")) if _is_old(path.name, today))


def _is_old(name: str, today: date) -> bool:
    found = NAME.fullmatch(name)
    try:
        return found is not None and date.fromisoformat(found[1]) + KEPT < today
    except ValueError:
        return False


def _forget(path: Path) -> bool:
    try:
        path.unlink()
    except OSError:
        return False
    return True


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o640)


def _synced(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
