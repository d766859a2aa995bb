"""Other programs that a backup goes through: they are given streams, and their last word is told."""

from __future__ import annotations

import shutil
import subprocess  # nosec B404
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import IO, Final

from marelle.backups.refusals import BackupRefused

PACKAGES: Final[Mapping[str, str]] = {
    "age": "paquet age",
    "gpg": "paquet gnupg",
    "pg_dump": "paquet postgresql-client",
    "pg_restore": "paquet postgresql-client",
}

GRACE: Final = 0.5
"""Seconds in which a program that gave too little is seen to have ended."""


@contextmanager
def running(
    command: Sequence[str],
    *,
    stdin: IO[bytes] | int | None = subprocess.DEVNULL,
    stdout: IO[bytes] | int | None = subprocess.DEVNULL,
    environment: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A program, until it has ended well. Raises BackupRefused: "no_program", "program_failed"."""
    name = command[0]
    path = shutil.which(name)
    if path is None:
        raise BackupRefused("no_program", program=name, package=PACKAGES.get(name, name))
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603  # nosec B603
            [path, *command[1:]], stdin=stdin, stdout=stdout, stderr=said, env=environment
        )
        try:
            with suppress(BrokenPipeError):  # it has ended before it was told all: its last word says why
                yield process
            _hung_up(process)
            code = process.wait()
        except BaseException as error:
            if isinstance(error, Exception) and _has_failed(process):
                raise BackupRefused("program_failed", program=name, why=_last_word(said)) from error
            process.kill()
            process.wait()
            raise
        finally:
            _hung_up(process)
        if code:
            raise BackupRefused("program_failed", program=name, why=_last_word(said))


def _has_failed(process: subprocess.Popen[bytes]) -> bool:
    """By itself: what went wrong here is then for want of what it should have given."""
    try:
        return process.wait(timeout=GRACE) > 0
    except subprocess.TimeoutExpired:
        return False


def _hung_up(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None and not pipe.closed:
            with suppress(BrokenPipeError):
                pipe.close()


def _last_word(said: IO[bytes]) -> str:
    """Its last lines; no value of ours is among what it was given."""
    said.seek(0)
    lines = said.read()[-2_000:].decode(errors="replace").strip().splitlines()
    return " ".join(line.strip() for line in lines[-3:]) or "il s’est arrêté sans dire pourquoi"
