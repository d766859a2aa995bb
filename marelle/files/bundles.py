"""Many stored files in one, written to a file without a name that is gone once it has been sent."""

from __future__ import annotations

import subprocess  # nosec B404
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, Final
from zipfile import ZipFile

from marelle.files.apart import ROOT
from marelle.files.models import StoredFile
from marelle.files.services import open_content

PATIENCE: Final = 60
"""Seconds; a thousand PDFs of a page take one."""


def zipped(files: Iterable[tuple[str, StoredFile]]) -> IO[bytes]:
    """A ZIP of them, each by its name there; PDFs are packed already, so they are stored as they are.

    To be closed by the caller. Raises FileNotFoundError when the storage has lost one.
    """

    def write(made: IO[bytes]) -> None:
        with ZipFile(made, "w") as archive:
            for name, stored in files:
                with open_content(stored) as content, archive.open(name, "w") as packed:
                    copyfileobj(content, packed)

    return _made(write)


def stacked(files: Iterable[StoredFile]) -> IO[bytes]:
    """One PDF of these, to be printed on both sides: see `stacking`.

    To be closed by the caller. Raises FileNotFoundError when the storage has lost one.
    """

    def write(made: IO[bytes]) -> None:
        # The program has no key: it is given what the files hold, one at a time.
        with subprocess.Popen(  # nosec B603 - a program of ours
            [sys.executable, "-m", "marelle.files.stacking"],
            stdin=subprocess.PIPE,
            stdout=made,
            cwd=ROOT,
            env={},
        ) as program:
            patience = threading.Timer(PATIENCE, program.kill)
            patience.start()
            try:
                with suppress(BrokenPipeError):
                    _give(program, files)
                program.wait()
            except BaseException:
                program.kill()
                raise
            finally:
                patience.cancel()
        if program.returncode:
            raise subprocess.CalledProcessError(program.returncode, program.args)

    return _made(write)


def locked(made: bytes, password: str) -> bytes:
    """What `typeset` made, to be read with a password alone: see `locking`. Raises SubprocessError."""
    done = subprocess.run(  # nosec B603 - a program of ours
        [sys.executable, "-m", "marelle.files.locking"],
        input=f"{password}\n".encode() + made,
        stdout=subprocess.PIPE,
        timeout=PATIENCE,
        cwd=ROOT,
        env={},
        check=True,
    )
    return done.stdout


def _give(program: subprocess.Popen[bytes], files: Iterable[StoredFile]) -> None:
    """How long each is, then what it holds. Raises BrokenPipeError when the program has ended."""
    if program.stdin is None:
        return
    with program.stdin as to:
        for stored in files:
            with open_content(stored) as content:
                held = content.read()
            to.write(b"%d\n" % len(held))
            to.write(held)


def _made(write: Callable[[IO[bytes]], None]) -> IO[bytes]:
    made = TemporaryFile()  # noqa: SIM115 - the caller closes it
    try:
        write(made)
    except BaseException:
        made.close()
        raise
    made.seek(0)
    return made
