"""Two adults of one home who decide for different children: one right, nothing of one hangs on the other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marelle.bookings.models import Booking
from marelle.bookings.states import BookingState
from marelle.campaigns.models import Campaign, Wish
from marelle.campaigns.publishing import answers_go_out, campaign_publish
from marelle.campaigns.receipts import receipt_of
from marelle.campaigns.running import campaign_simulate, campaign_verify
from marelle.campaigns.wishing import wish_withdraw
from marelle.core.actor import Actor
from marelle.families.models import Guardianship, Person
from marelle.flows.actor.actors import actor_for
from tests.campaigns.world import ANSWERS, FIRST, IN_WINDOW, OVER, SECOND, Summer
from tests.scenario import Home

pytestmark = pytest.mark.django_db

LATER = IN_WINDOW + timedelta(minutes=1)


def two_adults(world: Summer) -> tuple[Home, Actor, Person, list[Person]]:
    """The home, its other adult, the child of the first, those of the other."""
    world.announced()
    home = world.family("Roy", "Zoé", "Max", "Léo")
    zoe, *hers = world.children_of(home)
    alex = world.adult(home, "Alex", identifier="alex")
    for child in hers:
        world.guardian(alex, child)
    Guardianship.objects.filter(adult=home.adult, child__in=hers).delete()
    return home, actor_for(alex.account), zoe, hers


def test_some_go_together_whoever_else_asks():
    world = Summer()
    home, alex, zoe, hers = two_adults(world)
    world.wishes(home, FIRST, children=hers, together=True, actor=alex)
    wish = world.wishes(home, SECOND, children=[zoe])

    def lines() -> list[tuple[str, int]]:
        return [(line.child.first_name, line.order) for line in wish.lines.all()]

    assert (wish.together, lines()) == (True, [("Max", 0), ("Léo", 0), ("Zoé", 1)])
    again = world.wishes(home, SECOND, children=[zoe], now=LATER)
    assert again.sent_at == IN_WINDOW, "nothing was changed"
    wish_withdraw(actor=alex, campaign_id=world.campaign.pk, now=IN_WINDOW)
    assert (Wish.objects.get().together, lines()) == (False, [("Zoé", 1)])


def test_each_has_a_choice_of_its_own_whoever_sends_again():
    world = Summer(places=2)
    home, alex, zoe, hers = two_adults(world)
    world.wishes(home, FIRST, children=[zoe])
    world.wishes(home, SECOND, children=hers, together=True, actor=alex)
    wish = world.wishes(home, FIRST, SECOND, children=[zoe], now=LATER)
    other = world.family("Blanc")
    for opening in world.open[SECOND]:
        world.booking(world.children_of(other)[0], opening)
    world.drawn()
    given = {"actor": world.director, "campaign_id": world.campaign.pk}
    campaign_simulate(**given, now=OVER)
    assert campaign_verify(**given, now=OVER) == []
    campaign_publish(**given, now=ANSWERS)
    while answers_go_out(now=ANSWERS):
        pass
    assert {(line.child.first_name, line.day): line.outcome for line in wish.lines.all()} == {
        ("Zoé", FIRST): "given",
        ("Zoé", SECOND): "",
        ("Max", SECOND): "waiting",
        ("Léo", SECOND): "waiting",
    }
    receipt = receipt_of(Campaign.objects.get(), Wish.objects.get(pk=wish.pk))
    assert receipt is not None
    assert [set(one.children) for one in receipt.choices] == [{zoe.pk}, {child.pk for child in hers}]
    waiting = Booking.objects.filter(family=home.family, state=BookingState.WAITING)
    assert len(set(waiting.values_list("waits_with", flat=True))) == 1
