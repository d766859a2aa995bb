"""The code flow with a provider (OpenID Connect Core 1.0, 3.1), with PKCE where it takes it.

What it publishes of itself and its keys are kept by each process for an hour; a key that is not among them is
looked for again, at most once in some seconds.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, KeySet, RSAKey

from marelle.accounts.oidc.claims import Told, id_token_check, told_of, user_check
from marelle.accounts.oidc.fetching import turn
from marelle.accounts.oidc.providers import Provider
from marelle.accounts.oidc.refusals import ProviderTrouble, Trouble, lies
from marelle.core.fetching import Answer, Turn

ALGORITHMS: Final = ("RS256", "ES256", "PS256")
"""Signatures by a pair of keys alone: with HS256 our own secret would sign, with "none" anybody."""

PUBLISHED_FOR: Final = timedelta(hours=1)
KEYS_AGAIN_AFTER: Final = timedelta(seconds=20)
CODE_LENGTH: Final = 4096

JWT: Final = "application/jwt"

UNREADABLE: Final = (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What reading a token or a key raises that no issuer wrote."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What is remembered of who leaves for a provider: `state` comes back, `nonce` in its token, and
    `verifier` shows that who comes back is who left."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class CameBack:
    """Who came back, and the token by which others may be asked about it for a minute: it is kept nowhere.
    `scopes` are those that it was given for, None where the provider does not say."""

    told: Told
    access_token: str = field(repr=False)
    scopes: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Published:
    """What a provider publishes of itself, of what is used. `ends` is where one logs out, "" for nowhere."""

    authorize: str
    token: str
    user: str
    keys: str
    ends: str
    takes_pkce: bool
    takes_post: bool
    takes_claims: bool
    names_itself: bool


@dataclass(slots=True)
class _Kept:
    published: Published
    at: datetime
    keys: tuple[Key, ...] = ()
    keys_at: datetime | None = None


_kept: dict[str, _Kept] = {}
_lock = threading.Lock()


def new_sent() -> Sent:
    """43 signs each, from 256 random bits: FranceConnect and ProConnect ask for 32 at least."""
    return Sent(*(secrets.token_urlsafe(32) for _one in range(3)))


def leave_address(
    provider: Provider, sent: Sent, *, back: str, again: bool = False, scope: str = "", now: datetime
) -> str:
    """Where the browser goes to be recognised; `back` is where it comes back to. `again`: by showing anew who
    it is, even where it is logged in already. `scope` is asked for this once, beside those of the provider.
    Raises `ProviderTrouble`."""
    with turn() as asking:
        published = _published(asking, provider, now)
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": back,
        "scope": f"{provider.scope} {scope}".rstrip(),
        "state": sent.state,
        "nonce": sent.nonce,
    }
    if provider.levels:
        query["acr_values"] = provider.levels[0]
    wanted = [*(["amr"] if provider.asks_how else []), *(["auth_time"] if published.takes_claims else [])]
    if wanted:
        query["claims"] = json.dumps({"id_token": {name: {"essential": True} for name in wanted}})
    if published.takes_pkce:
        query |= {"code_challenge": _challenge(sent.verifier), "code_challenge_method": "S256"}
    if again:
        # Who holds the browser may take them away: only `auth_time` shows that it was anew.
        query |= {"prompt": "login", "max_age": "0"}
    return _with_query(published.authorize, query)


def come_back(
    provider: Provider, sent: Sent, *, code: str, issuer: str | None, back: str, now: datetime
) -> CameBack:
    """Who came back from the provider with `code`; `issuer` is how the answer names its issuer, if it does.

    Raises `ProviderTrouble`: nothing of the answer is believed then.
    """
    with turn() as asking:
        published = _published(asking, provider, now)
        if issuer != provider.issuer and (issuer is not None or published.names_itself):
            raise lies("an answer of another issuer")
        given = _tokens(asking, provider, published, sent, code=code, back=back)
        header, claims = _opened(asking, provider, given.id_token, now)
        id_token_check(
            claims,
            provider=provider,
            nonce=sent.nonce,
            algorithm=header["alg"],
            access_token=given.access_token,
            now=now,
        )
        answer = asking.get(published.user, bearer=given.access_token)
        user, is_signed = _user(asking, provider, answer, now)
        user_check(user, provider=provider, subject=claims["sub"], is_signed=is_signed, now=now)
    told = told_of(provider, given.id_token, claims, user)
    return CameBack(told, given.access_token, given.scopes)


def end_address(provider: Provider, *, token: str, back: str, state: str, now: datetime) -> str:
    """Where the browser goes to log out there as well, "" where the provider has no such place. Raises
    `ProviderTrouble`."""
    with turn() as asking:
        published = _published(asking, provider, now)
    query = {"id_token_hint": token, "post_logout_redirect_uri": back, "state": state}
    return _with_query(published.ends, query) if published.ends else ""


@dataclass(frozen=True, slots=True)
class _Given:
    id_token: str
    access_token: str
    scopes: frozenset[str] | None


def _tokens(
    asking: Turn, provider: Provider, published: Published, sent: Sent, *, code: str, back: str
) -> _Given:
    form = {"grant_type": "authorization_code", "code": code[:CODE_LENGTH], "redirect_uri": back}
    if published.takes_pkce:
        form["code_verifier"] = sent.verifier
    headers = {}
    if published.takes_post:
        form |= {"client_id": provider.client_id, "client_secret": provider.client_secret}
    else:
        both = f"{quote(provider.client_id, safe='')}:{quote(provider.client_secret, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(both.encode()).decode()}"
    answer = asking.post(published.token, form, headers=headers)
    _there(answer)
    if answer.status in {400, 401}:
        error = answer.read_json().get("error")
        if error == "invalid_grant":
            raise ProviderTrouble(Trouble.EXPIRED, "invalid_grant")
        raise ProviderTrouble(Trouble.DOWN, f"the token was refused: {str(error)[:40]!r}")
    if answer.status != 200:
        raise lies(f"status {answer.status} for a token")
    given = answer.read_json()
    found = (given.get("id_token"), given.get("access_token"))
    if not all(isinstance(one, str) and one.isascii() and one.isprintable() for one in found):
        raise lies("no token")
    if str(given.get("token_type", "")).lower() != "bearer":
        raise lies("a token of another type")
    scope = given.get("scope")
    return _Given(str(found[0]), str(found[1]), frozenset(scope.split()) if isinstance(scope, str) else None)


def _user(asking: Turn, provider: Provider, answer: Answer, now: datetime) -> tuple[Mapping[str, Any], bool]:
    """What is told of somebody, and whether that is signed."""
    _there(answer)
    if answer.status != 200:
        raise lies(f"status {answer.status} for user info")
    if answer.content_type != JWT:
        return answer.read_json(), False
    try:
        text = answer.body.decode("ascii")
    except UnicodeDecodeError:
        raise lies("a token that cannot be read") from None
    return _opened(asking, provider, text.strip(), now)[1], True


def _opened(
    asking: Turn, provider: Provider, token: str, now: datetime
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Header and claims of a token that one of the provider's keys has signed."""
    header = _header(token)
    if header["alg"] not in ALGORITHMS:
        raise lies("an algorithm that is not taken")
    key = _key_of(header, _keys(asking, provider, now)) or _key_of(
        header, _keys(asking, provider, now, again=True)
    )
    if key is None:
        raise lies("a key that it does not publish")
    try:
        opened = jwt.decode(token, key, algorithms=ALGORITHMS)
    except UNREADABLE as error:
        raise lies(f"a token that does not open: {type(error).__name__}") from error
    return opened.header, opened.claims


def _header(token: str) -> Mapping[str, Any]:
    first = token.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
        if not isinstance(header["alg"], str):
            raise TypeError("alg")
    except UNREADABLE as error:
        raise lies("a token that cannot be read") from error
    return dict(header)


def _key_of(header: Mapping[str, Any], keys: Collection[Key]) -> Key | None:
    """The key that the header names; the only one of the kind for a header that names none."""
    kind = ECKey if header["alg"].startswith("ES") else RSAKey
    fits = [
        key
        for key in keys
        if isinstance(key, kind)
        and key.get("use") in {None, "sig"}
        and key.get("alg") in {None, header["alg"]}
    ]
    named = [key for key in fits if key.get("kid") == header["kid"]] if "kid" in header else fits
    return named[0] if len(named) == 1 else None


def _keys(asking: Turn, provider: Provider, now: datetime, *, again: bool = False) -> tuple[Key, ...]:
    """Those that the provider publishes. `again`: a token names another one, so it may have changed them."""
    kept = _kept[provider.issuer]
    age = KEYS_AGAIN_AFTER if again else PUBLISHED_FOR
    if kept.keys_at is None or not kept.keys_at <= now < kept.keys_at + age:
        answer = asking.get(kept.published.keys)
        _there(answer)
        if answer.status != 200:
            raise lies(f"status {answer.status} for keys")
        # Some serve them as application/jwk-set+json (RFC 7517, 8.5).
        read = Answer(answer.status, answer.content_type.replace("jwk-set+json", "json"), answer.body)
        kept.keys, kept.keys_at = _keys_read(read.read_json()), now
    return kept.keys


def _keys_read(found: Mapping[str, Any]) -> tuple[Key, ...]:
    """Pairs of keys alone, each apart: one that cannot be read takes no other away."""
    keys: list[Key] = []
    listed = found.get("keys")
    for one in listed if isinstance(listed, list) else ():
        try:
            if one["kty"] in {"RSA", "EC"}:
                keys.extend(KeySet.import_key_set({"keys": [one]}).keys)
        except UNREADABLE:
            continue
    return tuple(keys)


def _published(asking: Turn, provider: Provider, now: datetime) -> Published:
    kept = _kept.get(provider.issuer)
    if kept is not None and kept.at <= now < kept.at + PUBLISHED_FOR:
        return kept.published
    answer = asking.get(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
    _there(answer)
    if answer.status != 200:
        raise lies(f"status {answer.status} for its configuration")
    published = _published_read(answer.read_json(), provider)
    with _lock:
        _kept[provider.issuer] = _Kept(published, now)
    return published


def _published_read(found: Mapping[str, Any], provider: Provider) -> Published:
    if found.get("issuer") != provider.issuer:
        raise lies("the configuration of another issuer")
    methods = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    challenges = found.get("code_challenge_methods_supported", [])
    if not isinstance(methods, list) or not isinstance(challenges, list):
        raise lies("a configuration that cannot be read")
    return Published(
        authorize=_address(found, provider, "authorization_endpoint"),
        token=_address(found, provider, "token_endpoint"),
        user=_address(found, provider, "userinfo_endpoint"),
        keys=_address(found, provider, "jwks_uri"),
        ends=_address(found, provider, "end_session_endpoint") if "end_session_endpoint" in found else "",
        takes_pkce="S256" in challenges,
        takes_post="client_secret_post" in methods,
        takes_claims=found.get("claims_parameter_supported") is True,
        names_itself=found.get("authorization_response_iss_parameter_supported") is True,
    )


def _address(found: Mapping[str, Any], provider: Provider, name: str) -> str:
    """An address of its own scheme: a configuration does not take secrets out of https."""
    address = found.get(name)
    if not isinstance(address, str) or not address.isascii() or not address.isprintable():
        raise lies(f"no {name}")
    try:
        parts = urlsplit(address)
        fits = parts.scheme in {"https", urlsplit(provider.issuer).scheme} and bool(parts.hostname)
        _port = parts.port
    except ValueError:
        fits = False
    if not fits or " " in address:
        raise lies(f"no {name}")
    return address


def _there(answer: Answer) -> None:
    if answer.status >= 500 or answer.status == 429:
        raise ProviderTrouble(Trouble.DOWN, f"status {answer.status}")


def _challenge(verifier: str) -> str:
    made = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def _with_query(address: str, query: Mapping[str, str]) -> str:
    joins = "&" if urlsplit(address).query else "?"
    return f"{address}{joins}{urlencode(query)}"
