"""An authenticator in Python: it makes passkeys and signs with them as a telephone does."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from fido2.cose import ES256
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

FLAG = AuthenticatorData.FLAG


@dataclass
class Telephone:
    """One passkey. `flags` are those of a user who is there and has shown its finger."""

    flags: AuthenticatorData.FLAG = FLAG.UP | FLAG.UV
    count: int = 0
    origin: str = field(default_factory=lambda: settings.PUBLIC_URL)
    host: str = "localhost"
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def attested(self) -> AttestedCredentialData:
        """Its public half."""
        return AttestedCredentialData.create(
            b"\0" * 16, self.credential_id, ES256.from_cryptography_key(self.key.public_key())
        )

    def makes(self, options: str) -> str:
        """The answer to a page that asks for a new passkey."""
        asked = json.loads(options)["publicKey"]
        data = AuthenticatorData.create(
            sha256(self.host.encode()), self.flags | FLAG.AT, self.count, self.attested
        )
        response = {
            "clientDataJSON": self._client_data("webauthn.create", asked["challenge"]),
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
        }
        return self._answer(response)

    def signs(self, options: str, *, handle: str | None = None) -> str:
        """The answer to a page that asks to sign, under the account `handle`."""
        asked = json.loads(options)["publicKey"]
        client_data = self._client_data("webauthn.get", asked["challenge"])
        data = AuthenticatorData.create(sha256(self.host.encode()), self.flags, self.count)
        signed = self.key.sign(data + sha256(websafe_decode(client_data)), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": client_data,
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(signed),
        }
        if handle is not None:
            response["userHandle"] = websafe_encode(handle.encode())
        return self._answer(response)

    def _client_data(self, kind: str, challenge: str) -> str:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return websafe_encode(json.dumps(told).encode())

    def _answer(self, response: dict[str, Any]) -> str:
        name = websafe_encode(self.credential_id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
