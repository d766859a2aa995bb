"""The mail that tells a home of each change of its mandate: the end of the account, never more of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from marelle.billing.models import Mandate
from marelle.families.telling import tell_home


class Told(StrEnum):
    WAITING = "waiting"
    ACTIVE = "active"
    ENDED = "ended"
    REFUSED = "refused"


def tell_mandate(row: Mandate, told: Told, *, now: datetime) -> None:
    """To all the adults of the home, whatever mails they want: it protects their account."""
    authority = row.authority
    context = {
        "told": told.value,
        "authority": authority.name,
        "authority_id": authority.pk,
        "phone": authority.phone,
        "email": authority.email,
        "last_digits": row.last_digits,
        "rum": row.rum,
        "reason": row.reason,
        "by_agent": row.how != Mandate.How.SCREEN,
    }
    tell_home(kind="billing/mandate", context=context, family_id=row.family_id, now=now)
