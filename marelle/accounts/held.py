"""Which second factors an account has."""

from __future__ import annotations

from typing import Final

from django.db.models import Exists, OuterRef, Q

from marelle.accounts.models import Authenticator, Passkey, User


def second_of(column: str) -> Q:
    """Within a query: whether the account of this column has a second factor."""
    return Q(Exists(Authenticator.objects.filter(user_id=OuterRef(column)))) | Q(
        Exists(Passkey.objects.filter(user_id=OuterRef(column)))
    )


HAS_SECOND: Final = second_of("pk")
"""The same, of a query on accounts."""


def has_second(user_id: int) -> bool:
    return User.objects.filter(HAS_SECOND, pk=user_id).exists()
