"""Having the CAF or the MSA asked by FranceConnect: who may leave for it, and what becomes of who comes back.

Its token is used within the request that brought it and is kept nowhere. What is asked later is asked by the
civil status that FranceConnect told.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from marelle.accounts.oidc.claims import Told
from marelle.accounts.oidc.offered import provider_of
from marelle.accounts.oidc.providers import Provider
from marelle.accounts.selectors import own_identities
from marelle.accounts.services.identities import opens_account_of
from marelle.core.actor import Actor
from marelle.core.refusals import NotYours, Refusal
from marelle.families.caf.agreements import agreement_certify, recognised_of
from marelle.families.caf.labels import place_known
from marelle.families.caf.rules import NAMES, SCOPES, Identity, Outcome, What, WrongIdentity
from marelle.flows.incomes.caf import Token, agreement_ask, enough_check, needs_resources

logger = logging.getLogger(__name__)

FRANCECONNECT: Final = "franceconnect"

SEXES: Final = {"female": "F", "male": "M"}


class AnotherIdentity(Refusal):
    """Who was recognised is not the one whose identity opens the account."""

    def __init__(self) -> None:
        super().__init__("another_identity")


class NotGranted(Refusal):
    """The token was given without what is asked for with it."""

    def __init__(self) -> None:
        super().__init__("not_granted")


def franceconnect() -> Provider | None:
    """By which the CAF is asked, where the operator has switched that on."""
    api = settings.API_PARTICULIER
    return provider_of(FRANCECONNECT) if api is not None and api.by_franceconnect else None


def is_linked(actor: Actor, provider: Provider) -> bool:
    """Whether an identity of this provider opens the actor's account; one query."""
    return any(one.issuer == provider.issuer for one in own_identities(actor))


def may_be_recognised(actor: Actor, provider: Provider) -> bool:
    """Whether the actor has agreed to be, and it is known whom to expect; two queries at most."""
    is_offered = provider == franceconnect()
    return is_offered and recognised_of(actor).exists() and is_linked(actor, provider)


def asked_by_token(actor: Actor, *, now: datetime) -> frozenset[What]:
    """What a token of FranceConnect is to open for the actor: the quotient, and the resources where it agreed
    to that, its home needs them, and the operator's client may ask for them; two queries at most."""
    api = settings.API_PARTICULIER
    if api is None or not api.resources_too or actor.family_id is None:
        return frozenset({What.QUOTIENT})
    agreed = recognised_of(actor).order_by("-pk").values_list("resources", flat=True).first()
    return (
        frozenset(What)
        if agreed and needs_resources(actor.family_id, now=now)
        else frozenset({What.QUOTIENT})
    )


def scope_asked(actor: Actor, *, now: datetime) -> str:
    """The same, as FranceConnect is asked for it."""
    asked = asked_by_token(actor, now=now)
    return " ".join(scope for what, scope in SCOPES.items() if what in asked)


@sensitive_variables()
def agreement_recognise(
    *, actor: Actor, told: Told, token: str, scopes: Collection[str] | None, now: datetime
) -> Outcome:
    """FranceConnect has just told who the actor is, and given `token` for `scopes`: ask for its quotient.

    Nothing is asked of who is another than the identity of the account (AnotherIdentity), by a token that was
    not given for it (NotGranted), nor of who has not agreed, or no more (NotYours). Resources that it does
    not open are left to the civil status. Raises also AskedEnough, WrongIdentity, HomeGone, HomeLeft,
    CannotSeal.
    """
    provider = franceconnect()
    if provider is None or told.issuer != provider.issuer or actor.family_id is None:
        raise NotYours
    if not opens_account_of(told, actor.user_id):
        raise AnotherIdentity
    opens = set(asked_by_token(actor, now=now))
    # None says that all that was asked for was given (RFC 6749, 5.1).
    for what in [one for one in opens if scopes is not None and SCOPES[one] not in scopes]:
        logger.error("%s gave a token without the scope %s", provider.name, SCOPES[what])
        opens.remove(what)
    if What.QUOTIENT not in opens:
        raise NotGranted
    enough_check(actor.family_id, now=now)
    agreement = agreement_certify(actor=actor, identity=identity_from(told), now=now)
    return agreement_ask(actor=actor, agreement=agreement, token=Token(token, frozenset(opens)), now=now)


def identity_from(told: Told) -> Identity:
    """Raises WrongIdentity for who knows the year of its birth alone."""
    if told.birth_date is None:
        raise WrongIdentity("birth_date")
    return Identity(
        birth_name=told.birth_name,
        first_names=tuple(told.given_names.split()[:NAMES]),
        birth_date=told.birth_date,
        sex=SEXES.get(told.gender, ""),
        place=place_known(told.birth_place, told.birth_country),
    )
