"""A bucket of a store that speaks S3, as an address of the environment names it. Pure."""

from __future__ import annotations

import errno
import re
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Final
from urllib.parse import parse_qs, unquote

from marelle.core.environment import THIS_MACHINE, WrongSetting, port_of, split

SCHEME: Final = "s3://"
LIKE: Final = "s3://key:secret@s3.example.fr/bucket?region=fr-par"
NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
FOLDER: Final = re.compile(r"(?:[0-9A-Za-z_-][0-9A-Za-z._-]*/)*")


class StoreAway(OSError):
    """A store of files on another machine that does not do what it is asked, which may be over in a minute.
    Its text is for who runs the server."""

    def __init__(self, words: str) -> None:
        super().__init__(errno.EIO, words)

    def __str__(self) -> str:
        return str(self.strerror)


@dataclass(frozen=True, slots=True)
class Bucket:
    """`endpoint`: where the store answers; `folder`: "", or the path in the bucket below which all is ours,
    which ends in "/"."""

    endpoint: str
    name: str
    folder: str
    region: str
    key: str = field(repr=False)
    secret: str = field(repr=False)

    def __str__(self) -> str:
        """Without what opens it."""
        return f"{SCHEME}{self.endpoint.partition('://')[2]}/{self.name}/{self.folder}"

    def holds(self, other: Bucket) -> bool:
        """Whether all of another lies within this one."""
        here, there = (self.endpoint, self.name), (other.endpoint, other.name)
        return here == there and other.folder.startswith(self.folder)


def bucket_read(name: str, value: str) -> Bucket:
    """s3://key:secret@host[:port]/bucket[/folder][?region=…]; in the clear (`?encryption=none`) to this
    machine alone. The value is never shown: it holds a secret."""
    parts = split(name, value)
    port, asked = port_of(name, parts), parse_qs(parts.query)
    bucket, _slash, folder = parts.path.strip("/").partition("/")
    folder = f"{folder}/" if folder else ""
    is_opened = parts.username and parts.password and parts.hostname
    is_named = NAME.fullmatch(bucket) and FOLDER.fullmatch(folder)
    if not (parts.scheme == "s3" and is_opened and is_named) or set(asked) - {"region", "encryption"}:
        raise WrongSetting(name, f"must look like {LIKE}.")
    encryption = asked.get("encryption", ["tls"])[0]
    if encryption not in {"tls", "none"}:
        raise WrongSetting(name, "has an unknown encryption: tls or none.")
    if encryption == "none" and parts.hostname not in THIS_MACHINE:
        raise WrongSetting(name, "may go in the clear (encryption=none) to this machine alone.")
    if find_spec("storages") is None or find_spec("boto3") is None:
        raise WrongSetting(name, "needs libraries that are not installed: pip install 'marelle[s3]'.")
    scheme = "https" if encryption == "tls" else "http"
    host = f"{parts.hostname}:{port}" if port else parts.hostname
    return Bucket(
        f"{scheme}://{host}",
        bucket,
        folder,
        asked.get("region", ["us-east-1"])[0],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )
