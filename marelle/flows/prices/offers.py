"""What taking a place that is offered would change of what a home pays."""

from __future__ import annotations

from marelle.bookings.offers.pages import Offer
from marelle.core.actor import Actor
from marelle.flows.prices.changes import NO_CHANGE, PriceChange, bill_of
from marelle.flows.prices.months import priced_home


def offer_change(actor: Actor, offer: Offer) -> PriceChange:
    home = priced_home(actor)
    if home is None:
        return NO_CHANGE
    days = [row.opening.day for row in offer.rows]
    places = [(row.child.id, row.opening, row.place) for row in offer.rows]
    return bill_of(home, (min(days), max(days))).with_places(places)
