"""Contents of private files without a row go to the trash, one folder of the storage at a time."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Final

from django.core.cache import cache

from marelle.files.store import FOLDERS, StoreRefused
from marelle.files.sweeping import orphans_sweep, trash_empty

logger = logging.getLogger(__name__)

FOLDER_SECONDS: Final = 300
"""Between one folder and the next: all are looked at within a day, and none weighs on anything."""


def files_swept(*, now: datetime) -> int:
    """Sweep the folder whose turn it is at `now`, once for each process. Returns how many files went.

    A storage that belongs to another database is left as it is, and the log says so at each turn.
    """
    turn = int(now.timestamp()) // FOLDER_SECONDS
    if not cache.add(f"flows.upkeep.file_sweep.{turn}", 1, FOLDER_SECONDS):
        return 0
    try:
        swept = orphans_sweep(folder=FOLDERS[turn % len(FOLDERS)], now=now)
    except StoreRefused as refusal:
        logger.error("Nothing is swept: %s", refusal)  # noqa: TRY400 - the refusal says all
        return 0
    trash_empty(now=now)
    return swept
