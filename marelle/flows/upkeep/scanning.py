"""Files that came in while nobody could look for viruses in them: looked at now, and opened or destroyed."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction

from marelle.core.actor import SYSTEM
from marelle.core.clock import local
from marelle.core.french import day_plain
from marelle.core.sealed import CannotOpen
from marelle.core.subject import Subject
from marelle.families.telling import service_contacts, tell_home
from marelle.files.clamd import NotScanned, ScannerAway, TooLong
from marelle.files.holding import files_due, held_found, scan_later, scan_told
from marelle.files.models import StoredFile
from marelle.files.scanning import away
from marelle.journal.services import record

logger = logging.getLogger(__name__)

AT_ONCE: Final = 20
"""Files of one round: other work waits behind them."""


def files_scanned(*, now: datetime) -> int:
    """Scan those that are due, until clamd does not answer. Returns of how many something is known now.

    Nothing fails for them: the other work has not to wait with them, and those that are held for long are
    counted on « Santé du portail ».
    """
    if settings.CLAMD is None or away.is_away(settings.CLAMD):
        return 0
    done = 0
    for stored in files_due(now=now, at_most=AT_ONCE):
        try:
            found = held_found(stored)
        except ScannerAway as error:
            logger.warning("Files are held until they can be scanned: %s", error)
            break
        except (NotScanned, CannotOpen, FileNotFoundError) as error:
            logger.warning("File %s is held until it can be scanned: %s", stored.pk, error)
            scan_later(stored, now=now)
            if isinstance(error, TooLong):
                break
        else:
            done += _told(stored, found, now)
    return done


@transaction.atomic
def _told(stored: StoredFile, found: str, now: datetime) -> bool:
    if not scan_told(stored, found=found, now=now):
        return False
    if found:
        logger.error("File %s is destroyed: clamd found %s", stored.pk, found)
        # Never by its name, which may tell of somebody's health.
        record(
            actor=SYSTEM,
            verb="stored_file.destroyed",
            subject=Subject("stored_file", stored.pk),
            family_id=stored.family_id,
            data={"found": found},
            now=now,
        )
        if stored.family_id is not None:
            context = {**service_contacts(), "day": day_plain(local(stored.stored_at).date())}
            tell_home(kind="families/file_destroyed", context=context, family_id=stored.family_id, now=now)
    return True
