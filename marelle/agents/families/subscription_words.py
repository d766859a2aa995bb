"""What a home has taken at once, in French."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from marelle.core.french import instant_long_year
from marelle.pricing.labels import dates_label
from marelle.pricing.models import Subscription
from marelle.pricing.terms import terms_label


@dataclass(frozen=True, slots=True)
class SubscriptionShown:
    """`may_end`: it is not over yet."""

    id: int
    title: str
    dates: str
    terms: str
    noted: str
    may_end: bool


def shown(row: Subscription, today: date) -> SubscriptionShown:
    whose = row.child.first_name if row.child is not None else _("tout le foyer")
    told = {"who": row.noted_by, "at": instant_long_year(row.noted_at)}
    return SubscriptionShown(
        row.pk,
        f"{row.product.name} · {whose}",
        f"{row.product.authority} · {dates_label(row.since, row.until, today)}",
        terms_label(row.product),
        _("noté le %(at)s par %(who)s") % told,
        may_end=row.until is None or row.until >= today,
    )
