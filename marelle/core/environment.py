"""The environment, read by the settings: each helper refuses a bad value in one clear line.

`WrongSetting` is a `SystemExit`: whatever started Marelle stops with that line and no traceback.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import dj_database_url

from marelle.core.siret import siret_read

PREPARED_AFTER: Final = 5
"""How often a connection runs a statement before PostgreSQL is asked to keep its plan."""

KEY_BYTES: Final = 32

PARTICULIER: Final = "https://particulier.api.gouv.fr"
THIS_MACHINE: Final = frozenset({"127.0.0.1", "localhost", "::1"})

PAGE: Final = re.compile(r"https://[!-~]+")
CONTACT: Final = re.compile(r"mailto:[^@\s]+@[^@\s]+|https://[!-~]+|tel:\+?[0-9.()-]+")


class WrongSetting(SystemExit):
    """Stops the start. `name` is the variable, `why` says what it must be."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"Marelle cannot start: {name} {why}")
        self.name = name


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over; `encryption` is "tls" (from the first byte), "starttls" or "none"."""

    host: str
    port: int
    user: str
    password: str
    encryption: str


@dataclass(frozen=True, slots=True)
class Scanner:
    """Where clamd listens: at `path`, a socket of this machine, or else at `host` and `port`."""

    path: str = ""
    host: str = ""
    port: int = 0

    def __str__(self) -> str:
        return f"unix:{self.path}" if self.path else f"tcp://{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class ParticulierApi:
    """The State's API Particulier: where it is, what opens it, and in whose name (SIRET) it is asked.
    `by_franceconnect`: also with a token that FranceConnect gives for who is recognised there."""

    url: str
    token: str = field(repr=False)
    siret: str
    by_franceconnect: bool = False


@dataclass(frozen=True, slots=True)
class Environment:
    """Typed access to a mapping of variables. An empty value counts as absent."""

    values: Mapping[str, str]

    def text(self, name: str, default: str | None = None) -> str:
        """The value as it is; `WrongSetting` when it is absent and `default` is None."""
        value = self.values.get(name, "").strip()
        if value:
            return value
        if default is None:
            raise WrongSetting(name, "is missing.")
        return default

    def flag(self, name: str, *, default: bool = False) -> bool:
        """1 or 0, nothing else: "False" read as true has opened many a debug page to the world."""
        value = self.text(name, "1" if default else "0")
        if value not in {"0", "1"}:
            raise WrongSetting(name, f"must be 0 or 1, not {value!r}.")
        return value == "1"

    def whole(self, name: str, default: int, *, minimum: int, maximum: int) -> int:
        value = self.text(name, str(default))
        if not (value.isascii() and value.isdigit() and minimum <= int(value) <= maximum):
            raise WrongSetting(name, f"must be a whole number from {minimum} to {maximum}, not {value!r}.")
        return int(value)

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name, default)
        if value not in allowed:
            raise WrongSetting(name, f"must be one of {', '.join(allowed)}, not {value!r}.")
        return value

    def hosts(self, name: str, default: tuple[str, ...]) -> list[str]:
        """Host names separated by commas, without scheme or path."""
        hosts = [host.strip() for host in self.text(name, ",".join(default)).split(",") if host.strip()]
        for host in hosts:
            if "/" in host or " " in host:
                raise WrongSetting(name, f"must list host names separated by commas, not {host!r}.")
        return hosts

    def origin(self, name: str, default: str | None = None) -> str:
        """An address such as https://famille.example.fr, without path or final slash."""
        return self._origin(name, self.text(name, default))

    def origins(self, name: str, default: tuple[str, ...]) -> list[str]:
        """Addresses as in `origin`, separated by commas."""
        values = [value.strip() for value in self.text(name, ",".join(default)).split(",")]
        return [self._origin(name, value) for value in values if value]

    def _origin(self, name: str, value: str) -> str:
        parts = _split(name, value.rstrip("/"))
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
            raise WrongSetting(name, f"must be an address like https://famille.example.fr, not {value!r}.")
        return f"{parts.scheme}://{parts.netloc}"

    def database(self, name: str, default: str, *, pooled: bool = False) -> dict[str, Any]:
        """Django's settings for a sqlite:/// or postgres:// address.

        SQLite takes its write lock at the start of a transaction: a lock asked for later cannot wait, and
        fails at once when another process wrote in between. PostgreSQL compiles nothing: what it believes to
        be a long query is one of our pages, and compiling it takes a hundred times what it saves; `?options=`
        of the address is read after. It gets values apart from statements, and keeps plans for a connection.
        `pooled`: a pooler stands in between, where neither options nor what a connection keeps would hold.
        The value is never shown: it holds a password.
        """
        value = self.text(name, default)
        scheme = _split(name, value).scheme
        if scheme == "sqlite":
            path = value.removeprefix("sqlite://").removeprefix("/")
            if not path:
                raise WrongSetting(name, "must name a file, like sqlite:///var/marelle.sqlite3.")
            return {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": path,
                "OPTIONS": {
                    "transaction_mode": "IMMEDIATE",
                    "timeout": 20,
                    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
                },
            }
        if scheme in {"postgres", "postgresql"}:
            config: dict[str, Any]
            try:
                config = dict(dj_database_url.parse(value, conn_max_age=600, conn_health_checks=True))
            except ValueError:
                config = {}
            if not config.get("NAME"):
                raise WrongSetting(name, "must look like postgres://user:password@host:5432/marelle.")
            options = config.setdefault("OPTIONS", {})
            if pooled:
                return {**config, "DISABLE_SERVER_SIDE_CURSORS": True}
            options["options"] = f"-c jit=off {options.get('options', '')}".strip()
            options.update(server_side_binding=True, prepare_threshold=PREPARED_AFTER)
            return config
        raise WrongSetting(name, "must start with sqlite:/// or postgres://.")

    def mail_server(self, name: str) -> MailServer | None:
        """smtp://user:password@host:587 (STARTTLS), smtps://…:465, or smtp://host:25?encryption=none.

        None when the variable is absent: mails then stay in the outbox. The value is never shown.
        """
        value = self.text(name, "")
        if not value:
            return None
        parts = _split(name, value)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise WrongSetting(name, "must look like smtp://user:password@host:587 or smtps://host:465.")
        implicit = "tls" if parts.scheme == "smtps" else "starttls"
        encryption = parse_qs(parts.query).get("encryption", [implicit])[0]
        if encryption not in {"tls", "starttls", "none"}:
            raise WrongSetting(name, "has an unknown encryption: tls, starttls or none.")
        port = _port(name, parts) or (465 if encryption == "tls" else 587)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return MailServer(parts.hostname, port, user, password, encryption)

    def scanner(self, name: str) -> Scanner | None:
        """unix:/run/clamav/clamd.ctl or tcp://127.0.0.1:3310; None where the variable is absent."""
        value = self.text(name, "")
        if not value:
            return None
        parts = _split(name, value)
        if parts.scheme == "unix" and not parts.netloc and len(parts.path) > 1 and parts.path[0] == "/":
            if not (parts.query or parts.fragment):
                return Scanner(path=parts.path)
        elif parts.scheme == "tcp" and parts.hostname and not (parts.path or parts.query or parts.username):
            port = _port(name, parts)
            if port:
                return Scanner(host=parts.hostname, port=port)
        raise WrongSetting(
            name, f"must look like unix:/run/clamav/clamd.ctl or tcp://127.0.0.1:3310, not {value!r}."
        )

    def particulier(self) -> ParticulierApi | None:
        """`API_PARTICULIER_TOKEN` and `_SIRET`, both or none, and `_URL` where it is not the State's own: in
        the clear on this machine alone. `_FRANCECONNECT` needs both, and FranceConnect."""
        prefix = "API_PARTICULIER"
        token, siret = self.text(f"{prefix}_TOKEN", ""), self.text(f"{prefix}_SIRET", "")
        by = self.flag(f"{prefix}_FRANCECONNECT")
        for needed in (f"{prefix}_TOKEN", "FRANCECONNECT_ISSUER"):
            if by and not self.text(needed, ""):
                raise WrongSetting(f"{prefix}_FRANCECONNECT", f"is 1, while {needed} is missing.")
        if not (token or siret):
            return None
        for name, value, other in (("TOKEN", token, "SIRET"), ("SIRET", siret, "TOKEN")):
            if not value:
                raise WrongSetting(f"{prefix}_{name}", f"is missing, while {prefix}_{other} is given.")
        if not (token.isascii() and token.isprintable() and " " not in token):
            raise WrongSetting(f"{prefix}_TOKEN", "must be one word, as API Particulier gives it.")
        try:
            siret = siret_read(siret)
        except ValueError:
            raise WrongSetting(
                f"{prefix}_SIRET", f"must be a SIRET, of fourteen digits, not {siret!r}."
            ) from None
        name = f"{prefix}_URL"
        url = self.origin(name, PARTICULIER)
        parts = _split(name, url)
        _port(name, parts)
        if parts.username or not (parts.scheme == "https" or parts.hostname in THIS_MACHINE):
            raise WrongSetting(name, f"must be an https address, not {url!r}.")
        return ParticulierApi(url, token, siret, by)

    def keys(self, name: str, default: str) -> tuple[str, ...]:
        """Keys of 32 bytes in base 64, separated by commas, the first of which writes. Never shown."""
        keys = tuple(key.strip() for key in self.text(name, default).split(",") if key.strip())
        for place, key in enumerate(keys, start=1):
            try:
                whole = len(urlsafe_b64decode(key.encode())) == KEY_BYTES
            except ValueError:
                whole = False
            if not whole:
                raise WrongSetting(
                    name, f"has no key at place {place}: `python -m marelle reseal --new-key` makes one."
                )
        return keys

    def contacts(self, name: str) -> tuple[str, ...]:
        """Ways to be reached, separated by commas: `mailto:`, `https://`, `tel:`, or a mail address."""
        found = []
        for value in (one.strip() for one in self.text(name, "").split(",")):
            contact = f"mailto:{value}" if re.fullmatch(r"[^@\s:/]+@[^@\s:/]+", value) else value
            if contact and not CONTACT.fullmatch(contact):
                raise WrongSetting(
                    name, f"must list mail addresses, https:// pages or tel: numbers, not {value!r}."
                )
            found.append(contact)
        return tuple(contact for contact in found if contact)

    def page(self, name: str) -> str:
        """The address of a page in https, whole; "" where there is none."""
        value = self.text(name, "")
        if value and not (PAGE.fullmatch(value) and _split(name, value).hostname):
            raise WrongSetting(name, f"must be an address like https://www.example.fr/page, not {value!r}.")
        return value

    def path(self, name: str) -> Path | None:
        """A file or a folder that somebody else keeps; None where there is none."""
        value = self.text(name, "")
        return Path(value) if value else None

    def folder(self, name: str, default: Path) -> Path:
        """A folder, made when it is missing; refused when it cannot be."""
        path = Path(self.text(name, str(default)))
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            reason = problem.strerror or "it cannot be made"
            raise WrongSetting(name, f"names a folder that cannot be used ({path}): {reason}.") from problem
        return path


def _split(name: str, value: str) -> SplitResult:
    try:
        return urlsplit(value)
    except ValueError as problem:
        raise WrongSetting(name, "is not a valid address.") from problem


def _port(name: str, parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError as problem:
        raise WrongSetting(name, "has a port that is not a number from 1 to 65535.") from problem
