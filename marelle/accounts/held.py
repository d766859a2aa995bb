"""Which second factors an account has."""

from __future__ import annotations

from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from marelle.accounts.models import Authenticator, Identity, Passkey, User
from marelle.accounts.oidc.offered import providers
from marelle.core.prepared import prepared


def second_of(column: str) -> Q:
    """Within a query: whether the account of this column has a second factor."""
    return Q(Exists(Authenticator.objects.filter(user_id=OuterRef(column)))) | Q(
        Exists(Passkey.objects.filter(user_id=OuterRef(column)))
    )


def identity_of(column: str) -> Exists:
    """The same, of an identity that opens the account."""
    return Exists(Identity.objects.filter(user_id=OuterRef(column)))


HAS_SECOND: Final = second_of("pk")
"""The first of these, of a query on accounts."""


def has_second(user_id: int) -> bool:
    return bool(_with_second(user_id))


@prepared
def _with_second(user_id: int) -> QuerySet[User, tuple[int]]:
    return User.objects.filter(HAS_SECOND, pk=user_id).values_list("pk")


def ways_in(user: User, *, without_identity: int = 0, without_passkey: int = 0) -> bool:
    """Whether an account would be opened without these: by a password, a passkey, or an identity of a
    provider that the portal still has."""
    if user.has_usable_password() or Passkey.objects.filter(user=user).exclude(pk=without_passkey).exists():
        return True
    issuers = [one.issuer for one in providers()]
    return Identity.objects.filter(user=user, issuer__in=issuers).exclude(pk=without_identity).exists()
