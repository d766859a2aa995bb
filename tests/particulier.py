"""A server of this machine that speaks API Particulier v3 by its published examples, and lies when told.

By FranceConnect it takes no parameter but the recipient, and looks a token up where it was given (`granted`),
as the State's does: 401 with 50002 for one that is not known, or no more; 403 for one of other scopes.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from marelle.core.environment import Environment, ParticulierApi

TOKEN: Final = "jeton-de-test"
SIRET: Final = "13002526500013"
QUOTIENT, RESOURCES = "quotient_familial", "participation_familiale_eaje"
SCOPES: Final = {
    QUOTIENT: "cnaf_quotient_familial",
    RESOURCES: "cnav_participation_familiale_eaje_parametres_calcul",
}

Reply = tuple[int, dict[str, str], bytes]


def as_json(told: object, status: int = 200, **headers: str) -> Reply:
    return status, {"Content-Type": "application/json", **headers}, json.dumps(told).encode()


def good(**data: object) -> Reply:
    return as_json({"data": data, "links": {}, "meta": {}})


def wrong(status: int, code: str, title: str = "", **headers: str) -> Reply:
    error = {"code": code, "title": title, "detail": "", "source": None, "meta": {"provider": "CNAV"}}
    return as_json({"errors": [error]}, status, **headers)


def quotient(value: object, year: object, month: object, fund: object = "CNAF") -> Reply:
    found = {"fournisseur": fund, "valeur": value, "annee": year, "mois": month}
    someone = {"nom_naissance": "LEFEBVRE", "nom_usage": None, "prenoms": "ALEXIS", "sexe": "F"}
    found |= {"annee_calcul": 2024, "mois_calcul": 12}
    return good(quotient_familial=found, allocataires=[someone], enfants=[], adresse={"pays": "FRANCE"})


def resources(yearly: object, year: object, children: object = 1, aeeh: object = 1) -> Reply:
    found = {
        "nombre_enfants_a_charge": children,
        "nombre_enfants_beneficiaire_aeeh": aeeh,
        "base_ressources_annuelles": {"valeur": yearly, "annee_calcul": year},
    }
    return good(parametres_calcul_participation_familiale=found, allocataires=[], enfants=[], adresse={})


NOT_FOUND: Final = wrong(404, "37003", "Dossier allocataire absent CNAV")
HTML: Final[Reply] = (200, {"Content-Type": "text/html"}, b"<!doctype html><title>Maintenance</title>")

LEFEBVRE: Final = {
    "nomNaissance": ["LEFEBVRE"],
    "prenoms[]": ["ALEXIS"],
    "anneeDateNaissance": ["1982"],
    "moisDateNaissance": ["12"],
    "jourDateNaissance": ["27"],
    "sexeEtatCivil": ["F"],
    "codeCogInseePaysNaissance": ["99100"],
    "codeCogInseeCommuneNaissance": ["08480"],
}
FAKIR: Final = {
    "nomNaissance": ["FAKIR"],
    "prenoms[]": ["EYMEN", "MOHAMED"],
    "anneeDateNaissance": ["1992"],
    "moisDateNaissance": ["11"],
    "jourDateNaissance": ["14"],
    "sexeEtatCivil": ["M"],
    "codeCogInseePaysNaissance": ["99350"],
}
"""Published examples, as they are asked for."""


@dataclass
class Fake:
    """`says` answers in the place of the examples; `asked` is what was asked for, with who opened it.
    `granted` are the scopes of a token of FranceConnect, None for one that is not known."""

    url: str = ""
    granted: Callable[[str], Collection[str] | None] = lambda token: (
        {SCOPES[QUOTIENT]} if token == "a" else None
    )
    says: Callable[[], Reply] | None = None
    people: dict[str, dict[str, list[str]]] = field(
        default_factory=lambda: {"LEFEBVRE": LEFEBVRE, "FAKIR": FAKIR}
    )
    replies: dict[tuple[str, str], Reply] = field(
        default_factory=lambda: {
            ("LEFEBVRE", QUOTIENT): quotient(2550, 2024, 12),
            ("LEFEBVRE", RESOURCES): resources(40923, 2023),
            ("FAKIR", QUOTIENT): quotient(4270, 2023, 6),
        }
    )
    asked: list[tuple[str, dict[str, list[str]], str]] = field(default_factory=list)

    @property
    def api(self) -> ParticulierApi:
        given = {"URL": self.url, "TOKEN": TOKEN, "SIRET": SIRET}
        env = Environment({f"API_PARTICULIER_{name}": value for name, value in given.items()})
        found = env.particulier()
        assert found is not None
        return found

    @property
    def switched_on(self) -> ParticulierApi:
        """The same, where the operator asks by FranceConnect too."""
        return replace(self.api, by_franceconnect=True)

    def answer(self, path: str, query: dict[str, list[str]], bearer: str) -> Reply:
        self.asked.append((path, query, bearer))
        if self.says is not None:
            return self.says()
        _empty, version, dss, what, how = path.split("/")
        assert (version, dss) == ("v3", "dss")
        if query.pop("recipient", None) != [SIRET]:
            return wrong(422, "00366", "Entité non traitable")
        if how == "france_connect":
            return self.by_token(what, self.granted(bearer), query)
        if bearer != TOKEN:
            return wrong(401, "00101", "Non autorisé")
        known = next((name for name, asked in self.people.items() if asked == query), "")
        return self.replies.get((known, what), NOT_FOUND)

    def by_token(self, what: str, scopes: Collection[str] | None, query: object) -> Reply:
        if scopes is None:
            return wrong(401, "50002", "Accès non autorisé")
        if query or SCOPES[what] not in scopes:
            return wrong(403, "00100", "Accès refusé")
        return self.replies["LEFEBVRE", what]


@contextmanager
def particulier() -> Iterator[Fake]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
            status, headers, body = fake.answer(parts.path, parse_qs(parts.query), bearer)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                if "X-Drip" not in headers:
                    self.wfile.write(body)
                    return
                for sign in body:
                    self.wfile.write(bytes([sign]))
                    self.wfile.flush()
                    time.sleep(0.02)
            except OSError:
                pass  # whoever asked has gone

        def log_message(self, *_said: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake = Fake(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
