"""System checks: the folder of files is this database's own, the keys given open what lies there, and who
looks for viruses answers."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

from django.conf import settings
from django.core import checks
from django.db import connection

from marelle.core.buckets import StoreAway
from marelle.core.checks import has_column
from marelle.files.clamd import answers
from marelle.files.models import Store, StoredFile
from marelle.files.rules import Scan, Tie
from marelle.files.sealing import HEAD_LENGTH, head_of, opens
from marelle.files.services import shelf
from marelle.files.store import StoreRefused, contents, store_tie

CHECK_SECONDS: Final = 2.0


@checks.register(checks.Tags.database, deploy=True)
def check_bucket(*, databases: Sequence[str] | None = None, **_kwargs: object) -> list[checks.CheckMessage]:
    """`marelle.E009`: the store of `STORAGE_URL` does not do what it is asked. `marelle.E010`: anybody reads
    what is there."""
    if not databases or settings.STORAGE is None:
        return []
    from marelle.files.buckets import Shelved  # noqa: PLC0415 - its libraries are there where a bucket is named

    place = shelf()
    if not isinstance(place, Shelved):
        return []
    try:
        place.checked()
        if not place.open_to_all():
            return []
    except StoreAway as away:
        return [checks.Error(str(away), hint="STORAGE_URL", id="marelle.E009")]
    return [
        checks.Error(
            f"Le bucket {place} est public\u00a0: n’importe qui en lit le contenu, chiffré, ou la liste.",
            hint="Rendez-le privé\u00a0: les fichiers ne sortent que par le portail.",
            id="marelle.E010",
        )
    ]


def _is_away() -> bool:
    """Whether nothing can be said of what lies in a bucket: `check_bucket` says why."""
    return settings.STORAGE is not None and not shelf().is_ready()


@checks.register(checks.Tags.database, deploy=True)
def check_store(*, databases: Sequence[str] | None = None, **_kwargs: object) -> list[checks.CheckMessage]:
    """`marelle.E005`: what the folder holds is known to the database. Runs with `python -m marelle check`."""
    if not databases or Store._meta.db_table not in connection.introspection.table_names():
        return []
    if _is_away():
        return []
    found = store_tie()
    if found in {Tie.OURS, Tie.FREE}:
        return []
    return [
        checks.Error(f"Nothing starts nor is swept: {StoreRefused(found.value, shelf())}", id="marelle.E005")
    ]


@checks.register(checks.Tags.database, deploy=True)
def check_sealed_files(
    *, databases: Sequence[str] | None = None, **_kwargs: object
) -> list[checks.CheckMessage]:
    """`marelle.E007`: files that no key opens. `marelle.W009`: files in the clear. Of each folder the first
    one is looked at: a key changes for all of them."""
    if not databases or _is_away():
        return []
    heads = list(_heads())
    found: list[checks.CheckMessage] = []
    if any(head and not opens(head) for head in heads):
        found.append(
            checks.Error(
                f"{shelf()} holds files that no key of SEALING_KEYS opens.",
                hint="Put the key that wrote them back, after the first.",
                id="marelle.E007",
            )
        )
    if not all(heads):
        found.append(
            checks.Warning(
                f"{shelf()} holds files in the clear.",
                hint="`python -m marelle reseal` encrypts them, while the portal runs.",
                id="marelle.W009",
            )
        )
    return found


@checks.register(checks.Tags.database, deploy=True)
def check_scanner(*, databases: Sequence[str] | None = None, **_kwargs: object) -> list[checks.CheckMessage]:
    """`marelle.E008`: files wait for a clamd that is not named any more. `marelle.W011`: the one that is
    named does not answer."""
    if not databases:
        return []
    if settings.CLAMD is not None:
        if answers(settings.CLAMD, seconds=CHECK_SECONDS):
            return []
        return [
            checks.Warning(
                f"No clamd answers at CLAMD ({settings.CLAMD}).",
                hint="Until it does, what is sent is held, and imports are refused.",
                id="marelle.W011",
            )
        ]
    if not has_column(StoredFile, "scan") or not StoredFile.objects.filter(scan=Scan.WAITING.value).exists():
        return []
    return [
        checks.Error(
            "Files wait for a clamd, and CLAMD names none: nobody can open them.",
            hint="Name it again until « Santé du portail » says that none waits.",
            id="marelle.E008",
        )
    ]


def _heads() -> Iterator[bytes]:
    for folder, keys in contents(shelf()):
        with suppress(OSError):
            yield head_of(io.BytesIO(shelf().start_of(f"{folder}/{keys[0]}", HEAD_LENGTH)))
