"""A real identity provider for the tests: `oidc-provider` of npm, certified, as a process of its own.

`make issuer` fetches it. Without it, or without node, its tests are skipped, which is said loudly; with
MARELLE_REQUIRE_ISSUER=1, as in .ci/run, that is a failure.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urljoin, urlsplit

import pytest

from marelle.accounts.oidc.providers import Provider, providers_read
from marelle.core.environment import Environment

HERE: Final = Path(__file__).parent / "issuer"
LOCK: Final = HERE / "package-lock.json"
PLACE: Final = (
    Path(__file__).parents[1] / "var" / f"issuer-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]}"
)
MISSING: Final = "no OpenID Provider: `make issuer` fetches it, with npm; it runs on node 20"

FRANCECONNECT: Final[dict[str, Any]] = {
    "algorithm": "ES256",
    "levels": ["eidas1"],
    "amr": ["pwd"],
    "pkce": False,
    "claims": {
        "openid": ["sub", "acr", "amr"],
        "profile": ["given_name", "family_name", "birthdate", "gender", "preferred_username"],
        "birth": ["birthplace", "birthcountry"],
        "email": ["email"],
    },
    "data": ["cnaf_quotient_familial", "cnav_participation_familiale_eaje_parametres_calcul"],
}
PROCONNECT: Final[dict[str, Any]] = {
    "algorithm": "RS256",
    "levels": ["eidas1"],
    "amr": ["pwd", "mfa"],
    "pkce": True,
    "claims": {
        "openid": ["sub", "amr"],
        "given_name": ["given_name"],
        "usual_name": ["usual_name"],
        "email": ["email"],
        "uid": ["uid"],
        "siret": ["siret"],
    },
}
ANGELA: Final = {
    "given_name": "Angela Claire Louise",
    "family_name": "DUBOIS",
    "birthdate": "1982-08-24",
    "gender": "female",
    "birthplace": "75107",
    "birthcountry": "99100",
    "email": "angela@example.org",
}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if any(MISSING in str(report.longrepr) for report in skipped):
        terminalreporter.write_line(f"!!! THE OPENID PROVIDER DID NOT RUN: {MISSING}.", red=True)


@contextmanager
def running(
    kind: Mapping[str, Any],
    people: Mapping[str, Mapping[str, Any]],
    *,
    prefix: str,
    portal: str,
    allowed: str = "",
) -> Iterator[Provider]:
    """The provider of `people`, which knows the portal at its address; as the portal's settings read it.
    `allowed` are the scopes that the portal may ask for, "" for any."""
    if shutil.which("node") is None or not (PLACE / "node_modules").exists():
        if os.environ.get("MARELLE_REQUIRE_ISSUER") == "1":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    key = prefix.lower()
    asked = {
        **kind,
        "modules": str(PLACE / "node_modules"),
        "people": people,
        "hurried": "pressée",
        "slow": "lente",
        "reluctant": "réticente",
        "halfway": "à demi",
        "allowed": allowed,
        "client_id": "marelle",
        "client_secret": "s" * 40,
        "back": [f"{portal}/connexion/avec/{key}/retour/"],
        "out": [f"{portal}/connexion/avec/{key}/sortie/"],
    }
    process = subprocess.Popen(
        ["node", str(HERE / "server.js")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        process.stdin.write(json.dumps(asked) + "\n")
        process.stdin.flush()
        said = process.stdout.readline()
        assert said, process.stderr.read()
        environment = {
            f"{prefix}_ISSUER": json.loads(said)["issuer"],
            f"{prefix}_CLIENT_ID": asked["client_id"],
            f"{prefix}_CLIENT_SECRET": asked["client_secret"],
        }
        (provider,) = providers_read(Environment(environment))
        yield provider
    finally:
        process.kill()
        for pipe in (process.stdin, process.stdout, process.stderr):
            pipe.close()
        process.wait()


def scopes_of(provider: Provider, token: str) -> frozenset[str] | None:
    """What an access token was given for, as the provider says; None for one that is worth nothing."""
    parts = urlsplit(provider.issuer)
    connection = HTTPConnection(parts.netloc, timeout=20)
    form = {"token": token, "client_id": provider.client_id, "client_secret": provider.client_secret}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", f"{parts.path}/token/introspection", urlencode(form), headers)
    found = json.loads(connection.getresponse().read())
    connection.close()
    return frozenset(found["scope"].split()) if found["active"] else None


@dataclass
class Visitor:
    """A browser at the provider, of which it keeps the cookies; it follows what leads it on, until here."""

    cookies: dict[str, str] = field(default_factory=dict)

    def comes_back(self, address: str, who: str) -> str:
        """The address to which the provider sends back somebody who says to be `who` there."""
        host = urlsplit(address).netloc
        for _step in range(8):
            status, location, body = self._get(address)
            if status == 200:
                assert f">{who}<" in body, body
                location = re.search(r'href="(\?moi=[^"]+)">' + re.escape(who), body)[1]  # type: ignore[index]
            address = urljoin(address, location)
            if urlsplit(address).netloc != host:
                return address
        raise AssertionError(address)

    def _get(self, address: str) -> tuple[int, str, str]:
        parts = urlsplit(address)
        connection = HTTPConnection(parts.netloc, timeout=20)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request("GET", f"{parts.path}?{parts.query}", headers={"Cookie": cookie})
        answer = connection.getresponse()
        for given in answer.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(given).items():
                self.cookies[name] = morsel.value
        found = answer.status, answer.getheader("Location") or "", answer.read().decode()
        connection.close()
        return found


def fetch() -> None:
    """Puts the provider of that very lock file beside what the demo keeps, out of the repository."""
    PLACE.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, PLACE / name)
    if not (PLACE / "node_modules").exists():
        subprocess.run(["npm", "ci", "--ignore-scripts", "--silent"], cwd=PLACE, check=True)


if __name__ == "__main__":
    fetch()
