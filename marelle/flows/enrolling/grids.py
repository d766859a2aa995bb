"""The prices of an activity, as a home reads them where it asks for a place or has one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from marelle.activities.effects import facts_of
from marelle.activities.facts import ActivityFacts
from marelle.activities.models import Activity
from marelle.core.actor import Actor
from marelle.flows.prices.homes import territory_of
from marelle.flows.prices.months import priced_home
from marelle.places.letterheads import authority_names
from marelle.pricing.about import concerning, tells_health
from marelle.pricing.amounts import Asked
from marelle.pricing.grid_told import PricesTold, prices_told
from marelle.pricing.income_words import Reader
from marelle.pricing.selectors import book_of, slot_names

NOT_TOLD: Final = Reader(shows_income=False)


def activity_prices(actor: Actor, activity: Activity, child_id: int, *, day: date) -> PricesTold | None:
    """From `day` on, for a child of the actor's home; None where nothing has a tariff. No line is marked for
    an agent where one of them is that of a PAI. At most two queries, none without tariffs."""
    facts = facts_of(activity)
    book = concerning(book_of(facts.authority_id), frozenset(facts.slots), day)
    if not book.tariffs:
        return None
    names: Mapping[int, str] = slot_names(facts, book)
    hidden = actor.on_behalf_of and any(map(tells_health, book.tariffs))
    asked = None if hidden else _asked(actor, facts, child_id, day)
    reader = NOT_TOLD if asked is None else Reader(authority=authority_names()[facts.authority_id])
    return prices_told(book, names, day, asked, reader)


def _asked(actor: Actor, activity: ActivityFacts, child_id: int, day: date) -> Asked | None:
    """None for an agent who does not read what this authority knows of incomes: the line that a home pays
    tells one."""
    home = priced_home(actor)
    if home is None or activity.authority_id not in home.known:
        return None
    standing = home.situation.on(day, territory_of(activity.authority_id))
    return Asked(day, standing.income, standing.traits(child_id), max(len(standing.household), 1))
