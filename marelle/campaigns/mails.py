"""The mail that says that an answer is there: what it is stands behind the login."""

from __future__ import annotations

from datetime import datetime

from marelle.campaigns.models import Campaign
from marelle.core.french import until_long
from marelle.families.telling import tell_home

ANSWER = "campaigns/answer_there"


def tell_answer(campaign: Campaign, family_id: int, *, has_places: bool, now: datetime) -> None:
    """One mail to each adult of the home, a letter where none has an address."""
    context = {
        "campaign": campaign.name,
        "campaign_id": campaign.pk,
        "has_places": has_places,
        "until": until_long(campaign.answer_until),
        "authority": campaign.authority.name,
        "authority_id": campaign.authority_id,
        "phone": campaign.authority.phone,
        "email": campaign.authority.email,
    }
    tell_home(kind=ANSWER, context=context, family_id=family_id, now=now)
