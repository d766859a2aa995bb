"""An identity provider that lies, as a server of this process: each test says which lie it tells."""

from __future__ import annotations

import base64
import hmac
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey

from marelle.accounts.oidc.providers import Provider, providers_read
from marelle.core.environment import Environment
from tests.provider import ANGELA

Said = tuple[int, str, bytes]
"""Status, type and body of an answer."""

KEYS: Final = {
    "rsa": RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"}),
    "ec": ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"}),
    "other": RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"}),
    "new": RSAKey.generate_key(2048, {"kid": "new", "use": "sig"}),
}
"""`other` has the name of another key."""

CLIENT: Final = "marelle"
SUBJECT: Final = "f3b1"


class Liar:
    """What it answers, by the end of the address; what it was asked is in `asked`.

    `claims` and `user` are changed by a test; `says` gives a whole answer in place of its own. `signs` and
    `signs_user` are keys and headers. `clock` is its own, which may differ.
    """

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        self.published: list[Key] = [KEYS["rsa"], KEYS["ec"]]
        self.claims: dict[str, Any] = {}
        self.user: dict[str, Any] = {}
        self.configuration: dict[str, Any] = {}
        self.says: dict[str, Callable[[], Said]] = {}
        self.signs: tuple[Key, dict[str, Any]] = (KEYS["rsa"], {"alg": "RS256", "kid": "rsa"})
        self.signs_user: tuple[Key, dict[str, Any]] = (KEYS["ec"], {"alg": "ES256", "kid": "ec"})
        self.clock: Callable[[], datetime] | None = None
        self.nonce = ""

    @property
    def now(self) -> int:
        return int(self.clock().timestamp() if self.clock else time.time())

    def answer(self, address: str, sent: dict[str, list[str]]) -> Said:
        path = urlsplit(address).path
        self.asked.append((path, sent))
        name = path.rpartition("/")[2]
        if name in self.says:
            return self.says[name]()
        own: dict[str, Callable[[], Said]] = {
            "openid-configuration": self._configuration,
            "jwks": lambda: as_json({"keys": [key.as_dict(private=False) for key in self.published]}),
            "token": self._token,
            "userinfo": self._userinfo,
        }
        return own[name]()

    def id_token(self) -> str:
        claims = {
            "iss": self.issuer, "sub": SUBJECT, "aud": CLIENT, "iat": self.now, "exp": self.now + 60,
            "nonce": self.nonce, "acr": "eidas1", **self.claims,
        }  # fmt: skip
        return signed({key: value for key, value in claims.items() if value is not None}, *self.signs)

    def _configuration(self) -> Said:
        return as_json(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "jwks_uri": f"{self.issuer}/jwks",
                "end_session_endpoint": f"{self.issuer}/session/end",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
                **self.configuration,
            }
        )

    def _token(self) -> Said:
        return as_json({"access_token": "a", "token_type": "Bearer", "id_token": self.id_token()})

    def _userinfo(self) -> Said:
        user = {"iss": self.issuer, "aud": CLIENT, "sub": SUBJECT, **ANGELA, **self.user}
        return 200, "application/jwt", signed(user, *self.signs_user).encode()


def signed(claims: Mapping[str, Any], key: Key, header: dict[str, Any]) -> str:
    return jwt.encode(header, dict(claims), key, algorithms=[header["alg"]])


def as_json(told: object, status: int = 200) -> Said:
    return status, "application/json", json.dumps(told).encode()


@contextmanager
def lying() -> Iterator[tuple[Liar, Provider]]:
    """The liar, and the provider that the portal's settings read of it, as FranceConnect."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say({})

        def do_POST(self) -> None:
            self._say(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))

        def _say(self, sent: dict[str, list[str]]) -> None:
            status, kind, body = liar.answer(self.path, sent)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            if kind == "drip":
                self.end_headers()
                self._drip(body)
                return
            self.send_header("Content-Length", str(len(body)))
            if 300 <= status < 400:
                self.send_header("Location", body.decode())
            self.end_headers()
            self._drip(body, all_at_once=True)

        def _drip(self, body: bytes, *, all_at_once: bool = False) -> None:
            try:
                if all_at_once:
                    self.wfile.write(body)
                    return
                for sign in body:
                    self.wfile.write(bytes([sign]))
                    self.wfile.flush()
                    time.sleep(0.05)
            except OSError:
                pass  # whoever asked has gone

        def log_message(self, *_said: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    issuer = f"http://127.0.0.1:{server.server_port}/api/v2"
    liar = Liar(issuer)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    environment = {
        "FRANCECONNECT_ISSUER": issuer,
        "FRANCECONNECT_CLIENT_ID": CLIENT,
        "FRANCECONNECT_CLIENT_SECRET": "s" * 40,
    }
    (provider,) = providers_read(Environment(environment))
    try:
        yield liar, provider
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def tls_server(folder: Path, *, greets: bool) -> Iterator[tuple[int, Path]]:
    """A server whose certificate it has signed itself, and that answers HTML; one that greets nobody."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(datetime(2026, 1, 1, tzinfo=UTC)).not_valid_after(
        datetime(2046, 1, 1, tzinfo=UTC)
    )
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    certificate, secret = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.sign(key, SHA256()).public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, secret)
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            held, _address = listening.accept()
            if not greets:
                held.settimeout(5)
                while held.recv(1000):
                    pass
            with context.wrap_socket(held, server_side=True) as speaking:
                speaking.recv(1000)
                speaking.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1\r\n\r\nx")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listening.getsockname()[1], certificate
    listening.close()
    thread.join(5)


def coded(told: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()


def forged(liar: Liar, kind: str) -> str:
    """A token that says the truth, signed by whom it should not be."""
    header, claims, signature = liar.id_token().split(".")
    if key := {"another key of the same name": "other", "a key that is not published": "new"}.get(kind):
        liar.signs = (KEYS[key], {"alg": "RS256", "kid": KEYS[key].kid})
        return liar.id_token()
    return {
        "nobody": f"{coded({'alg': 'none'})}.{claims}.",
        "nobody, of a known key": f"{coded({'alg': 'None', 'kid': 'rsa'})}.{claims}.",
        "our secret": hashed(claims, b"s" * 40),
        "its public key as a secret": hashed(claims, KEYS["rsa"].as_pem(private=False)),
        "the key of another algorithm": f"{coded({'alg': 'RS256', 'kid': 'ec'})}.{claims}.{signature}",
        "a signature cut off": f"{header}.{claims}.{signature[:-8]}",
        "claims that were changed": f"{header}.{coded({'sub': 'x'})}.{signature}",
        "no token": "x.y",
        "no JSON": f"{header[:-3]}.{claims}.{signature}",
        "a list": f"{coded([1])}.{claims}.{signature}",
        "numbers": f"{coded({'alg': 5, 'kid': []})}.{claims}.{signature}",
        "a list for a name": f"{coded({'alg': 'RS256', 'kid': []})}.{claims}.{signature}",
    }[kind]


def hashed(claims: str, secret: bytes) -> str:
    text = f"{coded({'alg': 'HS256', 'kid': 'rsa'})}.{claims}"
    made = hmac.new(secret, text.encode(), sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"
