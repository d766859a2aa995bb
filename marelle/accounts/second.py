"""Codes of the second factor: those of an application (TOTP, RFC 6238) and the recovery codes. Pure."""

from __future__ import annotations

import io
import secrets
from datetime import datetime
from typing import Final

import pyotp
import segno
from pyotp.exceptions import OTPVerificationError

CODES_GIVEN: Final = 8
CODE_LENGTH: Final = 24
"""Signs of five bits each: from 112 bits on, a plain hash keeps a secret (OWASP ASVS 5, 6.5.2)."""

SIGNS: Final = "abcdefghijkmnpqrstuvwxyz23456789"
"""Without those that are read one for the other."""

STEPS_AROUND: Final = 1
"""Of thirty seconds: the clocks of a telephone and of a server differ, and people type slowly."""

OF_AN_APPLICATION: Final = 6
"""Digits of a code of an application."""


def new_secret() -> str:
    """What an application is given once: 160 random bits, in base 32."""
    return pyotp.random_base32()


def secret_address(secret: str, *, account: str, portal: str) -> str:
    """The otpauth: address that an application reads from a picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=portal)


def secret_picture(address: str) -> bytes:
    """The address as a QR code, an SVG without script nor style."""
    drawn = io.BytesIO()
    segno.make(address, error="m").save(drawn, kind="svg", scale=5, border=4, light="#fff")
    return drawn.getvalue()


def spaced(secret: str) -> str:
    """A secret or a recovery code as people read and type it, by fours."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def typed(code: str) -> str:
    """A code without the spaces and dashes that people put in it."""
    return "".join(sign for sign in code.lower() if sign.isascii() and sign.isalnum())


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The step of time whose code `code` is, the present one or one beside it; None for a wrong code."""
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(code, for_time=now, valid_window=STEPS_AROUND)
    except OTPVerificationError:
        return None


def is_of_an_application(code: str) -> bool:
    """Whether a code has the shape of an application's; else it may be a recovery code."""
    return len(code) == OF_AN_APPLICATION and code.isdigit()


def new_codes() -> tuple[str, ...]:
    """Recovery codes, to be shown once."""
    return tuple(
        "".join(secrets.choice(SIGNS) for _sign in range(CODE_LENGTH)) for _code in range(CODES_GIVEN)
    )
