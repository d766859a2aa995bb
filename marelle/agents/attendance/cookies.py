"""What a tablet carries: its secret, and who opened it today. Both cookies are of `/porte/` alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from marelle.attendance.models import Tablet
from marelle.attendance.tablets import DUTY_COOKIE, TABLET_COOKIE, tablet_of

TABLET: Final = TABLET_COOKIE
DUTY: Final = DUTY_COOKIE
PATH: Final = "/porte/"
YEAR: Final = timedelta(days=365)
SALT: Final = "marelle.door.duty"


@dataclass(frozen=True, slots=True)
class Duty:
    """Somebody opened a tablet with its PIN, on a day."""

    account_id: int
    day: date


def tablet_at(request: HttpRequest) -> Tablet | None:
    """The tablet that asks, revoked or not; None for any other device."""
    secret = request.COOKIES.get(TABLET, "")
    return tablet_of(secret) if secret else None


def tablet_keep(response: HttpResponse, secret: str) -> None:
    _keep(response, TABLET, secret, YEAR)


def duty_token(tablet: Tablet, account_id: int, day: date) -> str:
    return signing.dumps([tablet.pk, account_id, day.isoformat()], salt=SALT)


def duty_read(token: object, tablet: Tablet) -> Duty | None:
    """Who a token is of, when we signed it for this tablet; whether they still work there, others say."""
    try:
        tablet_id, account_id, day = signing.loads(token if isinstance(token, str) else "", salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Duty(account_id, date.fromisoformat(day)) if tablet_id == tablet.pk else None


def duty_at(request: HttpRequest, tablet: Tablet, day: date) -> Duty | None:
    """Who opened this tablet today."""
    duty = duty_read(request.COOKIES.get(DUTY, ""), tablet)
    return duty if duty is not None and duty.day == day else None


def duty_keep(response: HttpResponse, token: str) -> None:
    _keep(response, DUTY, token, timedelta(days=1))


def duty_forget(response: HttpResponse) -> None:
    response.delete_cookie(DUTY, path=PATH, samesite="Strict")


def _keep(response: HttpResponse, name: str, value: str, life: timedelta) -> None:
    response.set_cookie(
        name,
        value,
        max_age=int(life.total_seconds()),
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
