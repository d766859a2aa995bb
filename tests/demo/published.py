"""Where the demo has each tariff of docs/prices.md: its activity, the slots of its examples, what is paid at
once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Final

from marelle.accounts.models import User
from marelle.activities.models import Slot
from marelle.campaigns.commissions.deciding import commission_propose
from marelle.campaigns.commissions.reading import told_sheets
from marelle.campaigns.models import Campaign, Commission, Wish
from marelle.campaigns.reading import campaigns_told
from marelle.campaigns.running import campaign_simulate, campaign_verify
from marelle.campaigns.services import number_given
from marelle.core.actor import SYSTEM
from marelle.core.clock import instant_at
from marelle.flows.actor.actors import actor_for
from marelle.pricing.facts import UNKNOWN_INCOME, Wishes
from marelle.pricing.models import Product
from tests.pricing.sheets import PRODUCTS, SLOTS
from tests.pricing.told import Example, examples, placed


@dataclass(frozen=True)
class Carried:
    """`slots`: those of the examples, by the name that the demo's have; `product`: what is taken at once, and
    the name of what the demo sells. `any_income`: the document's price hangs on none, the demo's does: it
    is that of who shows none."""

    activity: str
    slots: Mapping[str, str]
    product: tuple[str, str] | None = None
    any_income: bool = False


MEAL: Final = {"Repas": "Repas"}
WEDNESDAYS: Final = Carried("Mercredis de Brisecombe", {"Matin": "Matin", **MEAL, "Après-midi": "Après-midi"})
CANTEEN: Final = Carried("Restauration scolaire", MEAL)
AT_ONE_PRICE: Final = replace(CANTEEN, any_income=True)
AFTER_SCHOOL: Final = Carried("Périscolaire", {"Soir": "Soir"})
MORNINGS: Final = "Espace jeunes, matinées des vacances"

CARRIED: Final = {
    "wednesdays": WEDNESDAYS,
    "wednesdays siblings": WEDNESDAYS,
    "canteen": CANTEEN,
    "canteen penalties": Carried("Espace jeunes, sorties et repas", MEAL),
    "canteen letters": AT_ONE_PRICE,
    "canteen plain": AT_ONE_PRICE,
    "canteen two years": AT_ONE_PRICE,
    "garderie": AFTER_SCHOOL,
    "closing": AFTER_SCHOOL,
    "crèche": Carried("Multi-accueil", {"Accueil": "Accueil"}),
    "linear": Carried("Mercredis d’Arelle", MEAL),
    "habits": Carried(MORNINGS, MEAL),
    "flat": Carried(MORNINGS, {"Repas": "Matinée"}),
    "youth": Carried(
        "Espace jeunes, sorties et repas", {"Soir": "Sortie"}, ("fee", "Cotisation de l’espace jeunes")
    ),
    "card": Carried("Restauration scolaire", MEAL, ("card", "Carte mensuelle de repas")),
}
LEFT: Final = {
    "wednesdays apart": "a meal alone has no price in the demo",
    "late wednesdays whole": "how a late booking could be counted besides",
    "late wednesdays part": "the same",
    "late wednesdays warned": "the same",
    "canteen warned": "how warnings are counted: the demo warns of late fetching",
    "canteen told": "the demo has what a letter excuses whoever was told",
    "crèche ceiling": "one ceiling, the published one",
    "crèche families": "the demo has no crèche in homes",
    "supervision": "the demo has a price of a day for a meal brought",
    "canteen siblings": "the demo has them on Wednesdays",
    "every day": "the demo halves the third child's meal instead of pricing it",
    "flat after five": "one of both is in the demo",
    "most": "the demo has one of 70.00",
    "third day": "no règlement that was read has it",
    "monthly": "no contract",
}
"""Those that it does not have with their figures, and why."""


def carried(day: date) -> Iterator[tuple[int, Example, Wishes]]:
    """The authority, and each example that it has, with its facts as they are there on `day`."""
    products = dict(Product.objects.values_list("name", "pk"))
    rows = Slot.objects.filter(activity__first_day__lte=day, activity__last_day__gte=day)
    slots = {(row.activity.name, row.name): row for row in rows.select_related("activity__structure")}
    for stated in (one for one in examples() if one.book in CARRIED):
        where, example = CARRIED[stated.book], stated
        own = {SLOTS[told]: slots[where.activity, name] for told, name in where.slots.items()}
        sold = {} if where.product is None else {PRODUCTS[where.product[0]]: products[where.product[1]]}
        if where.any_income:
            days = tuple(replace(one, income=UNKNOWN_INCOME) for one in stated.days)
            example = replace(stated, days=days)
        authority_id = next(iter(own.values())).activity.structure.authority_id
        yield authority_id, example, placed(example, {told: row.pk for told, row in own.items()}, sold)


def assert_campaigns_as_told(today: date) -> None:
    """One takes wishes, those of the Durands too; the other waits for its number, then gives places. Of two
    commissions one gave the Durands the place that they accepted, the other may sit."""
    noon = instant_at(today, time(12))
    going, over = sorted(Campaign.objects.all(), key=lambda one: one.is_over(noon))
    durand = actor_for(User.objects.get(identifier="durand"))
    assert [one.id for one in campaigns_told(durand, now=noon)] == [going.pk]
    assert going.takes_wishes(noon)
    number_given(actor=SYSTEM, campaign_id=over.pk, number="4 8 15 16 23", now=noon)
    campaign_simulate(actor=SYSTEM, campaign_id=over.pk, now=noon)
    assert campaign_verify(actor=SYSTEM, campaign_id=over.pk, now=noon) == []
    assert Wish.objects.filter(campaign=over, lines__outcome="given").exists()
    sat, draft = Commission.objects.order_by("sits_on")
    (accepted,) = told_sheets(durand)
    assert (accepted.commission, accepted.answer, accepted.request.state) == (sat, "accepted", "found")
    commission_propose(actor=SYSTEM, commission_id=draft.pk, number="4 8 15 16 23", now=noon)
    assert set(draft.sheets.values_list("outcome", flat=True)) <= {"given", "waiting"}
