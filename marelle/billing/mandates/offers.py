"""A mandate as it is shown to a home before it accepts it, carried by the page itself: nothing is kept yet.

It goes through the browser sealed and signed, and comes back to who got it alone, for an hour.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.core import signing

from marelle.billing.mandates.rules import DRAWN, RUM_DRAWN, Account, Creditor, rum_of
from marelle.billing.mandates.selectors import creditor_of, standing_of
from marelle.billing.mandates.text import VERSION, mandate_text
from marelle.billing.models import Mandate
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours, Refusal
from marelle.core.sealed import Sealed, opened, seal

SHOWN_FOR: Final = timedelta(hours=1)
SALT: Final = "marelle.billing.mandates.offers"


class MandateRefused(Refusal):
    """`code`: "closed" (the authority has nothing debited), "changed" (another mandate came or ended, or the
    words changed, since it was shown), "unrecognised" (who accepts has not shown again who it is), "rum" (the
    reference is another's), "signed" (a day to come), "ended" (it is already), "checked" (likewise), "same"
    (who checks is who typed it), "differs" (the account typed again is another)."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What is shown: `day` on which, `standing` the mandates that the home had then."""

    family_id: int
    authority_id: int
    account: Account
    creditor: Creditor
    rum: str
    day: date
    standing: tuple[int, ...]
    version: str = VERSION

    @property
    def text(self) -> str:
        return mandate_text(self.account, self.creditor, rum=self.rum, day=self.day)


def mandate_offer(*, actor: Actor, authority_id: int, account: Account, now: datetime) -> Offer:
    """To an adult of a home, itself: nobody accepts in its name. Raises NotYours, MandateRefused."""
    if not may_accept(actor):
        raise NotYours
    creditor = creditor_of(authority_id)
    if creditor is None:
        raise MandateRefused("closed")
    return Offer(
        actor.home_id,
        authority_id,
        account,
        creditor,
        rum_new(),
        local(now).date(),
        standing_of(actor.home_id, authority_id),
    )


def may_accept(actor: Actor) -> bool:
    return actor.family_id is not None and actor.person_id is not None and not actor.on_behalf_of


def rum_new() -> str:
    return rum_of("".join(secrets.choice(DRAWN) for _sign in range(RUM_DRAWN)))


def offer_sealed(offer: Offer, actor: Actor, now: datetime) -> str:
    """For the page, of which it is a hidden field. Raises CannotSeal."""
    told = {**asdict(offer), "day": offer.day.isoformat(), "user": actor.user_id, "at": now.isoformat()}
    return signing.dumps(seal(json.dumps(told)).token, salt=SALT)


def offer_read(posted: str, actor: Actor, authority_id: int, now: datetime) -> Offer:
    """Raises MandateRefused ("changed") for one that is not this actor's, or is too old, and CannotOpen."""
    try:
        token = signing.loads(posted, salt=SALT)
    except signing.BadSignature as error:
        raise MandateRefused("changed") from error
    told: dict[str, Any] = json.loads(opened(Sealed(token)))
    user, at = told.pop("user"), datetime.fromisoformat(told.pop("at"))
    offer = Offer(
        **{
            **told,
            "account": Account(**told["account"]),
            "creditor": Creditor(**told["creditor"]),
            "day": date.fromisoformat(told["day"]),
            "standing": tuple(told["standing"]),
        }
    )
    held = (actor.user_id, actor.family_id, authority_id)
    is_mine = (user, offer.family_id, offer.authority_id) == held
    if not is_mine or not at <= now < at + SHOWN_FOR:
        raise MandateRefused("changed")
    return offer


def holds_still(offer: Offer) -> bool:
    """Whether nothing of what it stands on has changed. Under the lock of the home, to be sure."""
    return (
        offer.version == VERSION
        and offer.creditor == creditor_of(offer.authority_id)
        and offer.standing == standing_of(offer.family_id, offer.authority_id)
        and not Mandate.objects.filter(authority=offer.authority_id, rum=offer.rum).exists()
    )
