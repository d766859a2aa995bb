"""Passkeys (WebAuthn): what a browser is asked to sign, and whether it has. No row is read or written here.

Each is discoverable and verifies its user (finger, face or PIN): the telephone is one factor, the finger the
other, so that it opens the account by itself.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from django.conf import settings
from fido2.cose import ES256, CoseKey
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from marelle.accounts.refusals import WrongSecond

PASSKEYS_AT_MOST: Final = 10

LONGEST_ANSWER: Final = 20_000
A_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,1400}")

PARTS: Final = {"clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"}
"""Of a browser's answer, what is read."""

NOT_WEBAUTHN: Final = (
    ValueError, TypeError, KeyError, IndexError, AttributeError, NotImplementedError, AssertionError,
    RecursionError, struct.error,
)  # fmt: skip
"""What reading an answer raises that no authenticator wrote."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a browser is asked: `options` go into the page, `state` is kept until its answer comes, once."""

    options: Mapping[str, Any]
    state: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Signed:
    """What a browser answered (`answer`, JSON) to what was asked (`state`, None where it is too late)."""

    state: Mapping[str, Any] | None
    answer: str

    @property
    def credential_id(self) -> str:
        """Which passkey answers, as far as it says so; "" for what is no answer."""
        try:
            return str(self.read()["id"])
        except NOT_WEBAUTHN:
            return ""

    def read(self) -> dict[str, Any]:
        """The answer, of texts alone: the library makes as many bytes of a number as it says. Raises one of
        NOT_WEBAUTHN."""
        if len(self.answer) > LONGEST_ANSWER:
            raise ValueError("Too long.")
        told = json.loads(self.answer)
        name, response = told["id"], told["response"]
        if not isinstance(name, str) or not A_NAME.fullmatch(name):
            raise TypeError("No name.")
        parts = {key: value for key, value in response.items() if key in PARTS and isinstance(value, str)}
        return {"id": name, "rawId": name, "type": "public-key", "response": parts}


@dataclass(frozen=True, slots=True)
class Made:
    """A passkey that a browser has just made."""

    credential_id: str
    credential: bytes
    sign_count: int


def new_asked(*, user_id: int, identifier: str, name: str, held: Collection[bytes]) -> Challenge:
    """Ask for a new passkey; an authenticator that has one of `held` makes none."""
    options, state = _server().register_begin(
        PublicKeyCredentialUserEntity(id=_handle(user_id), name=identifier, display_name=name),
        [AttestedCredentialData(one) for one in held],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return Challenge(dict(options), state)


def new_checked(signed: Signed) -> Made:
    """The passkey that was made. Raises WrongSecond."""
    if signed.state is None:
        raise WrongSecond
    try:
        made = _server().register_complete(signed.state, signed.read())
        held = made.credential_data
    except NOT_WEBAUTHN as error:
        raise WrongSecond from error
    if held is None:
        raise WrongSecond
    return Made(websafe_encode(held.credential_id), bytes(held), made.counter)


def shown_asked(held: Collection[bytes] = ()) -> Challenge:
    """Ask for a signature of one of `held`, or of whichever passkey its owner chooses."""
    options, state = _server().authenticate_begin(
        [AttestedCredentialData(one) for one in held] or None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return Challenge(dict(options), state)


def shown_checked(signed: Signed, *, credential: bytes, user_id: int) -> int:
    """How many times the passkey says that it has signed. Raises WrongSecond."""
    if signed.state is None:
        raise WrongSecond
    try:
        answer = AuthenticationResponse.from_dict(signed.read())
        _server().authenticate_complete(signed.state, [AttestedCredentialData(credential)], answer)
        handle = answer.response.user_handle
    except NOT_WEBAUTHN as error:
        raise WrongSecond from error
    if handle is not None and handle != _handle(user_id):
        raise WrongSecond
    return int(answer.response.authenticator_data.counter)


def invented_checked(signed: Signed) -> None:
    """Look at an answer of a passkey that is none of here as at one of here, so that the time says nothing.
    Raises WrongSecond."""
    try:
        named = websafe_decode(signed.credential_id)
    except NOT_WEBAUTHN as error:
        raise WrongSecond from error
    shown_checked(signed, credential=bytes(_invented(named)), user_id=0)
    raise WrongSecond


def _invented(credential_id: bytes) -> AttestedCredentialData:
    return AttestedCredentialData.create(Aaguid.NONE, credential_id, _nobodys_key())


@cache
def _nobodys_key() -> CoseKey:
    """Of which nobody has kept the other half."""
    public = generate_private_key(SECP256R1()).public_key()
    key: CoseKey = ES256.from_cryptography_key(public)  # type: ignore[no-untyped-call]
    return key


def _handle(user_id: int) -> bytes:
    """Under which an authenticator files the account: it names nobody."""
    return str(user_id).encode()


def _server() -> Fido2Server:
    return _server_at(settings.PUBLIC_URL)


@cache
def _server_at(origin: str) -> Fido2Server:
    """The portal at its one public address: what is signed on a page of another host is worth nothing."""
    host = urlsplit(origin).hostname or ""
    return Fido2Server(
        PublicKeyCredentialRpEntity(id=host, name=host), verify_origin=lambda asked: asked == origin
    )
