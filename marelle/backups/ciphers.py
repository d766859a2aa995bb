"""Encryption to a public key, by age or GnuPG: the server that makes backups cannot read them."""

from __future__ import annotations

import re
import subprocess  # nosec B404
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Final

from marelle.backups.places import Backup
from marelle.backups.programs import running
from marelle.backups.refusals import BackupRefused

AGE: Final = re.compile(r"age1[0-9a-z]{20,}")
GPG: Final = re.compile(r"(0x)?[0-9A-Fa-f]{16,40}")
AGE_SUFFIX, GPG_SUFFIX = ".age", ".gpg"


def suffix_of(recipient: str) -> str:
    """Raises BackupRefused."""
    if not recipient:
        return ""
    if AGE.fullmatch(recipient):
        return AGE_SUFFIX
    if GPG.fullmatch(recipient):
        return GPG_SUFFIX
    raise BackupRefused("recipient")


@contextmanager
def encrypted(to: IO[bytes], recipient: str) -> Iterator[IO[bytes]]:
    """What is written in it goes to `to`, encrypted to `recipient`; as it is where that is "". Raises
    BackupRefused."""
    suffix = suffix_of(recipient)
    if not suffix:
        yield to
        return
    command = {
        AGE_SUFFIX: ["age", "--encrypt", "--recipient", recipient],
        GPG_SUFFIX: [
            "gpg", "--batch", "--trust-model", "always", "--compress-algo", "none", "--encrypt",
            "--recipient", recipient,
        ],
    }[suffix]  # fmt: skip
    with running(command, stdin=subprocess.PIPE, stdout=to) as program:
        if program.stdin is None:
            raise BrokenPipeError
        yield program.stdin


@contextmanager
def decrypted(path: Backup, identity: Path | None) -> Iterator[IO[bytes]]:
    """A backup as it was before it was encrypted. Raises BackupRefused."""
    with ExitStack() as stack:
        try:
            file = stack.enter_context(path.open("rb"))
        except OSError as error:
            raise BackupRefused("not_there", path=path, why=error.strerror or error) from error
        if path.suffix == AGE_SUFFIX:
            if identity is None:
                raise BackupRefused("identity")
            command = ["age", "--decrypt", "--identity", str(identity)]
        elif path.suffix == GPG_SUFFIX:
            command = ["gpg", "--batch", "--decrypt"]
        else:
            yield file
            return
        with running(command, stdin=file, stdout=subprocess.PIPE) as program:
            if program.stdout is None:
                raise BrokenPipeError
            yield program.stdout
