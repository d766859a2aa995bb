"""What is believed of the tokens of a provider, once their signature is checked. Pure.

OpenID Connect Core 1.0, 3.1.3.7 and 5.3.2.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hmac import compare_digest
from typing import Any, Final

from marelle.accounts.oidc.providers import Provider
from marelle.accounts.oidc.refusals import lies

CLOCKS: Final = timedelta(minutes=2)
"""How far the clocks of two servers may differ."""

LONGEST_LIFE: Final = timedelta(hours=24)
SUBJECT_LENGTH: Final = 255
TEXT_LENGTH: Final = 200

HASHES: Final = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody, as a provider tells; "" and None for what it does not tell.

    `birth_name` and `given_names` are of the civil status where the provider is FranceConnect. `birth_place`
    and `birth_country` are codes of the INSEE. `token` is what asks it to log out. `how` are the factors that
    were shown there, `since` when.
    """

    provider: str
    issuer: str
    subject: str
    token: str = ""
    given_names: str = ""
    birth_name: str = ""
    usage_name: str = ""
    birth_date: date | None = None
    gender: str = ""
    birth_place: str = ""
    birth_country: str = ""
    email: str = ""
    siret: str = ""
    how: frozenset[str] = frozenset()
    since: datetime | None = None

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.given_names, self.birth_name) if part)


def id_token_check(
    claims: Mapping[str, Any],
    *,
    provider: Provider,
    nonce: str,
    algorithm: str,
    access_token: str,
    now: datetime,
) -> None:
    """Raises `ProviderTrouble` for a token that was not made for us, for this visit, by this issuer, now."""
    _signed_check(claims, provider=provider, now=now, strict=True)
    told = claims.get("nonce")
    if not isinstance(told, str) or not compare_digest(told.encode(), nonce.encode()):
        raise lies("another nonce")
    if provider.levels and claims.get("acr") not in provider.levels:
        raise lies("a level that was not asked for")
    hashed = claims.get("at_hash")
    if hashed is not None and hashed != _half_hash(access_token, algorithm):
        raise lies("an access token of another")


def user_check(
    claims: Mapping[str, Any], *, provider: Provider, subject: str, is_signed: bool, now: datetime
) -> None:
    """Raises `ProviderTrouble` for what is told of somebody else than the ID token is about."""
    if is_signed:
        _signed_check(claims, provider=provider, now=now, strict=False)
    elif provider.signed:
        raise lies("what it tells is not signed")
    if claims.get("sub") != subject:
        raise lies("another subject")


def told_of(provider: Provider, token: str, claims: Mapping[str, Any], user: Mapping[str, Any]) -> Told:
    """What is told of somebody: `claims` of its ID token, `user` of its user info, both checked."""
    verified = user.get("email_verified")
    is_known = verified is True or (verified is None and provider.knows_mail)
    since = claims.get("auth_time")
    return Told(
        provider=provider.key,
        issuer=provider.issuer,
        subject=claims["sub"],
        token=token,
        given_names=_text(user, "given_name"),
        birth_name=_text(user, "family_name") or _text(user, "usual_name"),
        # Elsewhere it is the name of an account.
        usage_name=_text(user, "preferred_username") if provider.tells_civil_status else "",
        birth_date=_day(_text(user, "birthdate")),
        gender=_text(user, "gender"),
        birth_place=_text(user, "birthplace"),
        birth_country=_text(user, "birthcountry"),
        # One that nobody has verified may be anybody's.
        email=_text(user, "email").lower() if is_known else "",
        siret="".join(sign for sign in _text(user, "siret") if sign.isdigit()),
        how=_texts(claims.get("amr")),
        since=_instant(since) if since is not None else None,
    )


def _signed_check(claims: Mapping[str, Any], *, provider: Provider, now: datetime, strict: bool) -> None:
    """`strict` asks for all that an ID token has; user info that is signed may be without."""
    if (strict or "iss" in claims) and claims.get("iss") != provider.issuer:
        raise lies("another issuer")
    if strict or "aud" in claims:
        _audience_check(claims, provider.client_id)
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_LENGTH:
        raise lies("no subject")
    if strict or "exp" in claims:
        expires = _instant(claims.get("exp"))
        if now >= expires + CLOCKS:
            raise lies("a token that has expired")
    if strict or "iat" in claims:
        made = _instant(claims.get("iat"))
        if made > now + CLOCKS or now > made + LONGEST_LIFE:
            raise lies("a token of another time")
    if "nbf" in claims and _instant(claims["nbf"]) > now + CLOCKS:
        raise lies("a token of another time")


def _audience_check(claims: Mapping[str, Any], client_id: str) -> None:
    found = claims.get("aud")
    audience = [found] if isinstance(found, str) else found
    if not isinstance(audience, list) or client_id not in audience:
        raise lies("a token for another")
    party = claims.get("azp")
    if (len(audience) > 1 or party is not None) and party != client_id:
        raise lies("a token for another")


def _half_hash(token: str, algorithm: str) -> str:
    made = HASHES.get(algorithm[-3:], hashlib.sha512)(token.encode()).digest()
    return base64.urlsafe_b64encode(made[: len(made) // 2]).rstrip(b"=").decode()


def _instant(found: object) -> datetime:
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise lies("a date that is none")
    try:
        return datetime.fromtimestamp(found, UTC)
    except (ValueError, OverflowError, OSError):
        raise lies("a date that is none") from None


def _text(claims: Mapping[str, Any], name: str) -> str:
    """One line, or "" for what is no text: a name with a line in it is nobody's."""
    found = claims.get(name)
    return " ".join(found.split())[:TEXT_LENGTH] if isinstance(found, str) and found.isprintable() else ""


def _texts(found: object) -> frozenset[str]:
    return frozenset(one for one in found if isinstance(one, str)) if isinstance(found, list) else frozenset()


def _day(text: str) -> date | None:
    """None as well for who knows the year of its birth alone ("1976-00-00")."""
    try:
        return date.fromisoformat(text) if len(text) == len("1976-01-01") else None
    except ValueError:
        return None
