"""Which identity providers this portal has, read from the environment. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from marelle.core.environment import Environment, WrongSetting


class For(StrEnum):
    """Whom a provider lets in."""

    FAMILIES = "families"
    AGENTS = "agents"


@dataclass(frozen=True, slots=True)
class Provider:
    """One issuer. `key` names it in addresses, `name` on screens.

    `levels` are those of `acr` that are taken, the first of which is asked for; none where the issuer has no
    such word. `signed` refuses what it tells of somebody unless that is signed as well. `asks_how` asks by
    which factors somebody came (`amr`). `knows_mail`: of an issuer that does not say itself that it has
    verified an address, the address is believed all the same. `tells_establishment`: an agent has to work
    where it says (SIRET). `tells_civil_status`: the names and the birth that it tells were compared with the
    civil status, and are not what somebody typed of itself. `about` is the page that says what it is.
    """

    key: str
    name: str
    audience: For
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str
    levels: tuple[str, ...] = ()
    signed: bool = False
    asks_how: bool = False
    knows_mail: bool = False
    tells_establishment: bool = False
    tells_civil_status: bool = False
    about: str = ""


OPENED_BY: Final = {For.FAMILIES: "openid profile email", For.AGENTS: "openid email"}


def providers_read(env: Environment) -> tuple[Provider, ...]:
    """Those of which all is given, in the order of the buttons. `WrongSetting` for one that is half given."""
    return tuple(_read(env))


def _read(env: Environment) -> Iterator[Provider]:
    if given := _given(env, "FRANCECONNECT"):
        yield Provider(
            "franceconnect",
            "FranceConnect",
            For.FAMILIES,
            *given,
            scope="openid profile birth email",
            levels=("eidas1", "eidas2", "eidas3"),
            signed=True,
            knows_mail=True,
            tells_civil_status=True,
            about="https://franceconnect.gouv.fr/",
        )
    if given := _given(env, "PROCONNECT"):
        yield Provider(
            "proconnect",
            "ProConnect",
            For.AGENTS,
            *given,
            scope="openid given_name usual_name email uid siret",
            signed=True,
            asks_how=True,
            knows_mail=True,
            tells_establishment=True,
            about="https://www.proconnect.gouv.fr/",
        )
    if given := _given(env, "OIDC"):
        audience = For(env.choice("OIDC_FOR", For.AGENTS.value, tuple(one.value for one in For)))
        yield Provider("ville", env.text("OIDC_NAME"), audience, *given, scope=OPENED_BY[audience])


def _given(env: Environment, prefix: str) -> tuple[str, str, str] | None:
    """Issuer, client and secret: all three or none."""
    names = [f"{prefix}_{part}" for part in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET")]
    values = [env.text(name, "") for name in names]
    if not any(values):
        return None
    for name, value in zip(names, values, strict=True):
        if not value:
            raise WrongSetting(name, f"is missing, while {' and '.join(_others(names, values))} is given.")
    issuer, client_id, secret = values
    return _issuer(names[0], issuer), client_id, secret


def _others(names: list[str], values: list[str]) -> Iterator[str]:
    return (name for name, value in zip(names, values, strict=True) if value)


def _issuer(name: str, value: str) -> str:
    """As it is written: an issuer is compared to the letter. In the clear on this machine alone."""
    try:
        parts = urlsplit(value)
        is_local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
        port_fits = parts.port is None or parts.port > 0
    except ValueError:
        raise WrongSetting(name, "is not a valid address.") from None
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_local)
    if not (safe and port_fits and parts.hostname) or parts.query or parts.fragment or parts.username:
        raise WrongSetting(name, f"must be the https address of an issuer, not {value!r}.")
    return value
