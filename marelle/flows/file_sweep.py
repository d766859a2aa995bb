"""Contents of private files without a row go, one folder of the storage at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.core.cache import cache

from marelle.files.services import orphans_sweep

FOLDERS: Final = 256

FOLDER_SECONDS: Final = 300
"""Between one folder and the next: all are looked at within a day, and none weighs on anything."""


def files_swept(*, now: datetime) -> int:
    """Sweep the folder whose turn it is at `now`, once for each process. Returns how many files went."""
    turn = int(now.timestamp()) // FOLDER_SECONDS
    if not cache.add(f"flows.file_sweep.{turn}", 1, FOLDER_SECONDS):
        return 0
    return orphans_sweep(folder=f"{turn % FOLDERS:02x}", now=now)
