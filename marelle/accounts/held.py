"""Which second factors an account has."""

from __future__ import annotations

from typing import Final

from django.db.models import Exists, OuterRef

from marelle.accounts.models import Authenticator, Passkey, User

HAS_SECOND: Final = Exists(Authenticator.objects.filter(user_id=OuterRef("pk"))) | Exists(
    Passkey.objects.filter(user_id=OuterRef("pk"))
)
"""Of a query on accounts: whether each has a second factor."""


def has_second(user_id: int) -> bool:
    return User.objects.filter(HAS_SECOND, pk=user_id).exists()
