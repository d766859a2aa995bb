"""What homes of the demo took at once: the fee of the youth club, and a card of meals for some."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Final

from marelle.core.clock import instant_at
from marelle.demo.accounts import FAMILIES, STAFF
from marelle.demo.places import Places
from marelle.demo.year import SchoolYear
from marelle.enrolments.models import Enrolment
from marelle.pricing.models import Product, Subscription

WITH_A_CARD: Final = 2
"""Homes that took one: none of those whose story is told."""


def take_products(places: Places, year: SchoolYear) -> None:
    """All who joined the youth club pay its fee; cards of meals are taken from the first of this month."""
    first = year.today.replace(day=1)
    joined = Enrolment.objects.filter(state=Enrolment.State.ACCEPTED).order_by("family_id", "pk")
    members = joined.filter(activity=places.activities["jeunes"])
    eaters = joined.filter(activity=places.activities["restauration"]).exclude(
        family__members__person__account__identifier__in=[one.identifier for one in FAMILIES]
    )
    homes = list(dict.fromkeys(eaters.values_list("family_id", flat=True)))[:WITH_A_CARD]
    products = {row.name: row for row in Product.objects.all()}
    fee, card = products["Cotisation de l’espace jeunes"], products["Carte mensuelle de repas"]
    at = instant_at(year.first_day - timedelta(days=20), time(11))
    Subscription.objects.bulk_create(
        Subscription(
            family_id=row.family_id,
            child_id=row.person_id,
            product=product,
            since=since,
            noted_at=at,
            noted_by=STAFF[0].display_name,
        )
        for rows, product, since in (
            (members, fee, year.first_day),
            (eaters.filter(family_id__in=homes), card, first),
        )
        for row in rows
    )
