"""Contents of private files without a row go to the trash, one folder of the storage at a time; those kept
aside, which no `StoredFile` names, are deleted."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.core.cache import cache
from django.db.models import Model

from marelle.billing.models import ImportRun, TresorExport
from marelle.families.models import FamilyImport, PupilList
from marelle.files.store import FOLDERS, StoreRefused
from marelle.files.sweeping import aside_sweep, orphans_sweep, trash_empty
from marelle.flows.models import MovingImport

logger = logging.getLogger(__name__)

FOLDER_SECONDS: Final = 300
"""Between one folder and the next: all are looked at within a day, and none weighs on anything."""


ASIDE: Final[dict[str, tuple[type[Model], ...]]] = {
    "imports": (FamilyImport, ImportRun, MovingImport, PupilList),
    "tresor": (TresorExport,),
}
"""Whose `key` names what lies in each folder of contents kept aside."""


def files_swept(*, now: datetime) -> int:
    """Sweep the folder whose turn it is at `now`, once for each process. Returns how many files went.

    A storage that belongs to another database is left as it is, and the log says so at each turn.
    """
    turn = int(now.timestamp()) // FOLDER_SECONDS
    if not cache.add(f"flows.upkeep.file_sweep.{turn}", 1, FOLDER_SECONDS):
        return 0
    try:
        swept = orphans_sweep(folder=FOLDERS[turn % len(FOLDERS)], now=now)
        if not turn % len(FOLDERS):
            swept += sum(aside_swept(folder, now=now) for folder in ASIDE)
    except StoreRefused as refusal:
        logger.error("Nothing is swept: %s", refusal)  # noqa: TRY400 - the refusal says all
        return 0
    trash_empty(now=now)
    return swept


def aside_swept(folder: str, *, now: datetime) -> int:
    def named(keys: Iterable[str]) -> set[str]:
        within = [f"{folder}/{key}" for key in keys]
        rows = (
            model._default_manager.filter(key__in=within).values_list("key", flat=True)
            for model in ASIDE[folder]
        )
        return {key.removeprefix(f"{folder}/") for found in rows for key in found}

    return aside_sweep(folder=folder, named=named, now=now)
