"""What a home has taken at once, as the office reads and notes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from marelle.core.actor import Actor
from marelle.families.models import Member
from marelle.places.scope import in_office
from marelle.pricing.models import Product, Subscription


@dataclass(frozen=True, slots=True)
class SubscriptionChoices:
    """By id: which product, of which authority, with its terms; for which child."""

    products: tuple[Product, ...]
    children: Mapping[int, str]


def subscriptions_of_home(actor: Actor, family_id: int) -> QuerySet[Subscription]:
    """Those of the authorities where the actor is the office."""
    rows = Subscription.objects.filter(in_office(actor, "product__authority__"), family_id=family_id)
    return rows.whole()


def subscription_choices(actor: Actor, family_id: int) -> SubscriptionChoices:
    products = Product.objects.filter(in_office(actor, "authority__")).select_related("authority")
    children = Member.objects.filter(family_id=family_id, kind=Member.Kind.CHILD, until=None)
    return SubscriptionChoices(
        tuple(products.order_by("authority__name", "name", "pk")),
        dict(children.values_list("person_id", "person__first_name")),
    )
