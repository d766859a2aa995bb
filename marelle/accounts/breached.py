"""Passwords that were stolen elsewhere, in a list that lies beside the portal: no other host is asked.

The list is that of Have I Been Pwned, as its own downloader (PwnedPasswordsDownloader) writes it: one file of
lines `SHA-1:count` in order, or a folder of files named by the five first signs, each of lines `rest:count`.
Whoever runs the server downloads it anew from time to time.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
from pathlib import Path
from typing import BinaryIO, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)

PREFIX: Final = 5
A_LINE: Final = re.compile(rb"[0-9A-F]{40}(:\d+)?")
THE_REST: Final = re.compile(rb"[0-9A-F]{35}(:\d+)?")

LONGEST_LINE: Final = 128
"""Bytes; a longer one is of another format."""


class WrongList(Exception):
    """What `BREACHED_PASSWORDS` names is no list of this kind; the message says why."""


def is_breached(password: str) -> bool:
    """Whether a password is in the list. A list that cannot be read has none: it keeps nobody out."""
    if settings.BREACHED_PASSWORDS is None:
        return False
    # By what the list is ordered, and nothing that is kept.
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    try:
        return _is_in(settings.BREACHED_PASSWORDS, digest)
    except (OSError, WrongList) as error:
        logger.error("Stolen passwords cannot be looked for (BREACHED_PASSWORDS): %s", error)  # noqa: TRY400
        return False


def list_check(path: Path) -> None:
    """Look at both ends of a list. Raises WrongList, or OSError."""
    if path.is_dir():
        with _part(path, b"0" * PREFIX).open("rb") as part:
            if not THE_REST.fullmatch(part.readline(LONGEST_LINE).strip()):
                raise WrongList(f"the first line of {part.name} is not a hash without its start, and a count")
        return
    with path.open("rb") as lines:
        first = lines.readline(LONGEST_LINE).strip()
        size = lines.seek(0, os.SEEK_END)
        lines.seek(max(0, size - 2 * LONGEST_LINE))
        last = lines.read().strip().splitlines()[-1:]
    if not A_LINE.fullmatch(first) or not last or not A_LINE.fullmatch(last[0]):
        raise WrongList("its lines are not SHA-1 hashes in capitals, each with a count")
    if last[0] < first:
        raise WrongList("its lines are not in the order of their hashes")


class BreachedPasswordValidator:
    """One of Django's `AUTH_PASSWORD_VALIDATORS`."""

    def validate(self, password: str, _user: object = None) -> None:
        if is_breached(password):
            raise ValidationError(
                _("Ce mot de passe a été volé sur un autre site, et circule : choisissez-en un autre."),
                code="password_breached",
            )

    def get_help_text(self) -> str:
        return _("Votre mot de passe ne doit pas avoir été volé sur un autre site.")


def _is_in(path: Path, digest: bytes) -> bool:
    if not path.is_dir():
        with path.open("rb") as lines:
            return _is_among(lines, digest)
    with _part(path, digest[:PREFIX]).open("rb") as part:
        return any(line[: len(digest) - PREFIX] == digest[PREFIX:] for line in part)


def _part(folder: Path, prefix: bytes) -> Path:
    """The file of the hashes that start so: with a suffix, as the downloader writes it, or without."""
    named = folder / f"{prefix.decode()}.txt"
    return named if named.exists() else folder / prefix.decode()


def _is_among(lines: BinaryIO, digest: bytes) -> bool:
    """By halves: some forty reads of a line in a billion."""
    low, high = 0, lines.seek(0, os.SEEK_END)
    while low < high:
        middle = (low + high) // 2
        line = _line_from(lines, middle)
        if line is None or line[: len(digest)] > digest:
            high = middle
        elif line[: len(digest)] < digest:
            low = middle + 1
        else:
            return True
    return False


def _line_from(lines: BinaryIO, at: int) -> bytes | None:
    """The first line that starts at `at` or after, None where there is none. Raises WrongList."""
    if at:
        lines.seek(at - 1)
        before = lines.readline(LONGEST_LINE)
        if before and not before.endswith(b"\n"):
            if len(before) == LONGEST_LINE:
                raise WrongList("a line is too long")
            return None
    else:
        lines.seek(0)
    line = lines.readline(LONGEST_LINE)
    return line or None
