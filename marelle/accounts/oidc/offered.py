"""The identity providers that this portal has (`IDENTITY_PROVIDERS`)."""

from __future__ import annotations

from django.conf import settings

from marelle.accounts.oidc.providers import For, Provider


def providers(audience: For | None = None) -> tuple[Provider, ...]:
    """All of them, or those that let these in, in the order of their buttons."""
    return tuple(one for one in settings.IDENTITY_PROVIDERS if audience in {None, one.audience})


def provider_of(key: str) -> Provider | None:
    """None of one that this portal has not, or has no more."""
    return next((one for one in providers() if one.key == key), None)


def provider_name(key: str) -> str:
    """As on screens; its key where the portal has it no more."""
    found = provider_of(key)
    return found.name if found else key


def issuer_name(issuer: str) -> str:
    """The same, of who issues the identities."""
    return next((one.name for one in providers() if one.issuer == issuer), issuer)
