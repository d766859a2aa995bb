"""What sets homes of the demo apart for prices: what they took at once, and what agents noted of them."""

from __future__ import annotations

from collections import Counter
from datetime import time, timedelta
from typing import Final

from marelle.core.clock import instant_at
from marelle.demo.accounts import STAFF
from marelle.demo.apart import joined, youths
from marelle.demo.places import Places
from marelle.demo.year import SchoolYear
from marelle.enrolments.models import Enrolment
from marelle.pricing.facts import TraitKind
from marelle.pricing.models import HomeTrait, Product, Subscription

THREE: Final = 3
WITH_A_CARD: Final = 2
"""Homes that took one: none of those whose story is told."""


def take_products(places: Places, year: SchoolYear) -> None:
    """All who joined the youth club pay its fee; cards of meals are taken from the first of this month."""
    first = year.today.replace(day=1)
    members = Enrolment.objects.filter(
        state=Enrolment.State.ACCEPTED, activity=places.activities["jeunes"]
    ).order_by("family_id", "pk")
    eaters = joined(places, "restauration")
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


def note_traits(places: Places, year: SchoolYear) -> None:
    """Three homes that no price of the others tells of: one whose three children eat every day, a child that
    comes to all outings, and one of the staff; none of those whose story is told."""
    of = {
        key: list(joined(places, key).select_related("activity__structure"))
        for key in ("restauration", "periscolaire")
    }
    eaters = Counter(row.family_id for row in of["restauration"])
    large = next((pk for pk, count in eaters.items() if count >= THREE), None)
    noted = [
        *(
            (row, row.person_id, TraitKind.EVERY_SCHOOL_DAY, "Inscription tous les jours d’école")
            for row in of["restauration"]
            if row.family_id == large
        ),
        *(
            (row, row.person_id, TraitKind.REGULAR, "Inscription à toutes les sorties")
            for row in youths(places).select_related("activity__structure")[:1]
        ),
        *((row, None, TraitKind.STAFF, "Agent du service technique") for row in of["periscolaire"][-1:]),
    ]
    HomeTrait.objects.bulk_create(
        HomeTrait(
            authority_id=row.activity.structure.authority_id,
            family_id=row.family_id,
            child_id=child_id,
            kind=kind.value,
            since=year.first_day,
            reason=reason,
            noted_at=instant_at(year.first_day - timedelta(days=20), time(11)),
            noted_by=STAFF[0].display_name,
        )
        for row, child_id, kind, reason in noted
    )
