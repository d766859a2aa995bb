"""The address that an optional mail carries, so that whoever reads it stops its kind without logging in.

It is signed, bound to the account, and never runs out: a mail is read late. It lets one kind of mail be
stopped and nothing else (RFC 8058).
"""

from __future__ import annotations

from typing import Final, NamedTuple

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from marelle.accounts.notices import STOPPED_FROM_THE_MAIL, Notice

SALT: Final = "marelle.stop"


class Stopped(NamedTuple):
    user_id: int
    notice: Notice


def stop_address(user_id: int | None, notice: Notice | None) -> str:
    """The whole address for a mail to an account; "" for who has none, and for what is not stopped so."""
    if user_id is None or notice not in STOPPED_FROM_THE_MAIL:
        return ""
    return settings.PUBLIC_URL + reverse("stop_mails", args=[stop_token(user_id, notice)])


def stop_token(user_id: int, notice: Notice) -> str:
    return _signer().sign(f"{user_id}-{notice.value}")


def stop_read(token: str) -> Stopped | None:
    """What an address stops; None for one that is not signed by us."""
    try:
        user_id, _dash, notice = _signer().unsign(token).partition("-")
        return Stopped(int(user_id), Notice(notice))
    except (BadSignature, ValueError):
        return None


def _signer() -> Signer:
    return Signer(salt=SALT, sep=".")
