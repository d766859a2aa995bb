"""The environment, read by the settings: each helper refuses a bad value in one clear line.

`WrongSetting` is a `SystemExit`: whatever started Marelle stops with that line and no traceback.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from marelle.core.siret import siret_read

KEY_BYTES: Final = 32

TOKEN_SIGNS: Final = 32

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
    `by_franceconnect`: also with a token that FranceConnect gives for who is recognised there;
    `resources_too`: one that opens the resources of a crèche's price as well."""

    url: str
    token: str = field(repr=False)
    siret: str
    by_franceconnect: bool = False
    resources_too: bool = False


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
        parts = split(name, value.rstrip("/"))
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
            raise WrongSetting(name, f"must be an address like https://famille.example.fr, not {value!r}.")
        return f"{parts.scheme}://{parts.netloc}"

    def mail_server(self, name: str) -> MailServer | None:
        """smtp://user:password@host:587 (STARTTLS), smtps://…:465, or smtp://host:25?encryption=none.

        None when the variable is absent: mails then stay in the outbox. The value is never shown.
        """
        value = self.text(name, "")
        if not value:
            return None
        parts = split(name, value)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise WrongSetting(name, "must look like smtp://user:password@host:587 or smtps://host:465.")
        implicit = "tls" if parts.scheme == "smtps" else "starttls"
        encryption = parse_qs(parts.query).get("encryption", [implicit])[0]
        if encryption not in {"tls", "starttls", "none"}:
            raise WrongSetting(name, "has an unknown encryption: tls, starttls or none.")
        port = port_of(name, parts) or (465 if encryption == "tls" else 587)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return MailServer(parts.hostname, port, user, password, encryption)

    def scanner(self, name: str) -> Scanner | None:
        """unix:/run/clamav/clamd.ctl or tcp://127.0.0.1:3310; None where the variable is absent."""
        value = self.text(name, "")
        if not value:
            return None
        parts = split(name, value)
        if parts.scheme == "unix" and not parts.netloc and len(parts.path) > 1 and parts.path[0] == "/":
            if not (parts.query or parts.fragment):
                return Scanner(path=parts.path)
        elif parts.scheme == "tcp" and parts.hostname and not (parts.path or parts.query or parts.username):
            port = port_of(name, parts)
            if port:
                return Scanner(host=parts.hostname, port=port)
        raise WrongSetting(
            name, f"must look like unix:/run/clamav/clamd.ctl or tcp://127.0.0.1:3310, not {value!r}."
        )

    def particulier(self) -> ParticulierApi | None:
        """`API_PARTICULIER_TOKEN` and `_SIRET`, both or none, and `_URL` where it is not the State's own: in
        the clear on this machine alone. `_FRANCECONNECT` needs both, and FranceConnect; `_FRANCECONNECT_EAJE`
        needs that one."""
        prefix = "API_PARTICULIER"
        token, siret = self.text(f"{prefix}_TOKEN", ""), self.text(f"{prefix}_SIRET", "")
        by, too = self.flag(f"{prefix}_FRANCECONNECT"), self.flag(f"{prefix}_FRANCECONNECT_EAJE")
        for needed in (f"{prefix}_TOKEN", "FRANCECONNECT_ISSUER"):
            if by and not self.text(needed, ""):
                raise WrongSetting(f"{prefix}_FRANCECONNECT", f"is 1, while {needed} is missing.")
        if too and not by:
            raise WrongSetting(f"{prefix}_FRANCECONNECT_EAJE", f"is 1, while {prefix}_FRANCECONNECT is not.")
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
        parts = split(name, url)
        port_of(name, parts)
        if parts.username or not (parts.scheme == "https" or parts.hostname in THIS_MACHINE):
            raise WrongSetting(name, f"must be an https address, not {url!r}.")
        return ParticulierApi(url, token, siret, by, too)

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

    def secrets(self, name: str) -> list[str]:
        """Separated by spaces; never shown."""
        return self.text(name, "").split()

    def token(self, name: str) -> str:
        """A secret of one word, long enough that nobody guesses it; "" where there is none. Never shown."""
        value = self.text(name, "")
        if value and not re.fullmatch(rf"[!-~]{{{TOKEN_SIGNS},}}", value):
            raise WrongSetting(name, f"must be one word of {TOKEN_SIGNS} signs or more, taken at random.")
        return value

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

    def addresses(self, name: str) -> tuple[str, ...]:
        """Addresses of mail, separated by commas."""
        found = tuple(one.strip() for one in self.text(name, "").split(",") if one.strip())
        for address in found:
            if not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
                raise WrongSetting(name, f"must list mail addresses separated by commas, not {address!r}.")
        return found

    def sentry(self, name: str) -> str:
        """A DSN, as Sentry and what is like it give one: in https, in the clear on this machine alone; ""
        where there is none. Never shown: it holds a key."""
        value = self.text(name, "")
        if not value:
            return ""
        parts = split(name, value)
        port_of(name, parts)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in THIS_MACHINE)
        is_dsn = parts.username and parts.hostname and re.fullmatch(r"(/[\w-]+)*/\d+", parts.path)
        if not (is_safe and is_dsn):
            raise WrongSetting(name, "must look like https://key@sentry.example.fr/1.")
        return value

    def page(self, name: str) -> str:
        """The address of a page in https, whole; "" where there is none."""
        value = self.text(name, "")
        if value and not (PAGE.fullmatch(value) and split(name, value).hostname):
            raise WrongSetting(name, f"must be an address like https://www.example.fr/page, not {value!r}.")
        return value

    def path(self, name: str) -> Path | None:
        """A file or a folder that somebody else keeps; None where there is none."""
        value = self.text(name, "")
        return Path(value) if value else None

    def folder(self, name: str, default: Path | None) -> Path:
        """A folder, made when it is missing; refused when it cannot be. `default` None: it must be given."""
        value = self.text(name, str(default or ""))
        if not value:
            raise WrongSetting(name, "is missing. Give the folder that keeps what there is no database for.")
        path = Path(value)
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            reason = problem.strerror or "it cannot be made"
            raise WrongSetting(name, f"names a folder that cannot be used ({path}): {reason}.") from problem
        return path


def split(name: str, value: str) -> SplitResult:
    try:
        return urlsplit(value)
    except ValueError as problem:
        raise WrongSetting(name, "is not a valid address.") from problem


def port_of(name: str, parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError as problem:
        raise WrongSetting(name, "has a port that is not a number from 1 to 65535.") from problem
