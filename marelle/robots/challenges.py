"""The challenge itself: work for a browser, or a sum in words where scripts do not run.

The work is altcha's (version 2 of its protocol): find the counter whose hash, taken `ROBOT_ROUNDS` times,
starts as told. It is solved in the visitor's own browser by `portal/static/portal/robot-worker.js`, asks no
other host, and shows nobody a picture to read. Everything is signed with a key derived from SECRET_KEY.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

import altcha
from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare

from marelle.core.secret import digest_of, digests_of
from marelle.robots.refusals import NotProven
from marelle.robots.rules import LIFE

SALT = "marelle.robots"
WORK = "work"
FEWEST, MOST = 5_000, 10_000
"""Between how many counters a browser tries before it finds: bounded, so that nobody is out of luck."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """`work` is JSON for the script. `terms` are the two numbers to add, `token` what tells them again."""

    work: str
    terms: tuple[int, int]
    token: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What a form brought back: a solution of the work, or a token with the answer to its sum."""

    solution: str = ""
    token: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """A claim that holds, until it has served or `until` has come."""

    key: str
    until: datetime


def new_challenge(now: datetime) -> Challenge:
    """A challenge that nobody was given before, good for `LIFE`."""
    work = altcha.create_challenge(
        "SHA-256",
        settings.ROBOT_ROUNDS,
        counter=FEWEST + secrets.randbelow(MOST - FEWEST),
        expires_at=now + LIFE,
        hmac_secret=digest_of(SALT, WORK).hex(),
    )
    nonce = secrets.token_hex(16)
    token = signing.dumps({"nonce": nonce, "until": int((now + LIFE).timestamp())}, salt=SALT)
    return Challenge(json.dumps(work.to_dict()), _terms(digest_of(SALT, nonce)), token)


def read_solution(solution: str, now: datetime) -> Proof:
    """The proof that a browser's work gives. Raises `NotProven` "wrong" or "expired"."""
    results = [altcha.verify_solution(solution, key.hex()) for key in digests_of(SALT, WORK)]
    if any(result.expired for result in results):
        raise NotProven("expired")
    if not any(result.verified for result in results):
        raise NotProven("wrong")
    parameters = altcha.Payload.from_base64(solution).challenge.parameters
    return _standing(parameters.nonce, parameters.expires_at or 0, now)


def read_answer(token: str, answer: str, now: datetime) -> Proof:
    """The proof that the right sum gives. Raises `NotProven` "wrong" or "expired"."""
    try:
        told = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        raise NotProven("wrong") from None
    proof = _standing(told["nonce"], told["until"], now)
    sums = [str(sum(_terms(digest))) for digest in digests_of(SALT, told["nonce"])]
    if not any(constant_time_compare(answer.strip(), right) for right in sums):
        raise NotProven("wrong")
    return proof


def _standing(nonce: str, until: int, now: datetime) -> Proof:
    ends = datetime.fromtimestamp(until, UTC)
    if ends < now:
        raise NotProven("expired")
    return Proof(nonce, ends)


def _terms(digest: bytes) -> tuple[int, int]:
    """Two numbers from 1 to 9, of the digest of a nonce: the token does not tell them to who reads it."""
    return digest[0] % 9 + 1, digest[1] % 9 + 1
