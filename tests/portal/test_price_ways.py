"""An offer and an absence say what they change of the price before they count."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from marelle.activities.absences import AbsenceRule, Delay, Unit
from marelle.bookings.states import BookingState
from marelle.core.clock import PARIS
from tests.flows.prices.priced import WEDNESDAYS, Priced
from tests.portal.test_month import text
from tests.pricing.sheets import MEAL, MORNING

pytestmark = pytest.mark.django_db
FIRST, SECOND, _THIRD = WEDNESDAYS
NOW = datetime(2026, 11, 4, 7, 0, tzinfo=PARIS)


def rows(client: Client, url: str) -> list[tuple[str, str, str]]:
    """What « Pourquoi ce prix ? » says: of each line its name, its days and what it comes to."""
    page = client.get(url).content.decode().replace("\u00a0", " ")
    return re.findall(r"<li><div><b>(.*?)</b><small>(.*?)</small></div><b>(.*?)</b>", page)


def test_an_offer_says_what_taking_the_place_changes(client: Client):
    with time_machine.travel(datetime(2026, 11, 2, 10, 0, tzinfo=PARIS), tick=False):
        world = Priced("wednesdays")
        home = world.home("Roy")
        world.quotient(home, "400")
        zoe = world.enrols(home, "Zoé")
        world.books(zoe, FIRST, MORNING)
        [offered] = world.books(
            zoe, FIRST, MEAL, state=BookingState.OFFERED, offered_until=NOW - timedelta(hours=1)
        )
        client.force_login(home.user)
        page = text(client.get(f"/reservations/proposition/{offered.pk}/"))
        assert "Prix : 2,00 € de plus en novembre. Novembre : 7,50 € en tout." in page
        assert rows(client, f"/reservations/proposition/{offered.pk}/") == [
            ("Matin + Repas · tarif 3", "le 4 novembre", "7,50 €"),
            ("Matin · tarif 2", "le 4 novembre, n’est plus compté", "-5,50 €"),
        ]
        assert "Votre quotient de 400" in page


@pytest.fixture
def late(client: Client):
    """A canteen where an unjustified absence costs 2.99 in place of 3.15, on a morning too late to cancel."""
    with time_machine.travel(NOW, tick=False):
        world = Priced("canteen penalties")
        world.rule(world.wednesdays)
        rule = AbsenceRule(date(2026, 1, 1), None, proofs=(Delay(48, Unit.HOURS),))
        world.absence_rule(world.wednesdays, rule)
        home = world.home("Roy")
        world.quotient(home, "400")
        zoe = world.enrols(home, "Zoé")
        [meal] = world.books(zoe, FIRST, MEAL)
        world.books(zoe, SECOND, MEAL)
        client.force_login(home.user)
        yield zoe, meal


def test_an_absence_says_what_it_changes_with_a_proof_and_without(late, client: Client):
    _zoe, meal = late
    page = text(client.get(f"/reservations/absence/{meal.pk}/"))
    assert "Prix sans justificatif 0,16 € de moins en novembre" in page
    assert "Prix une fois le justificatif accepté 3,15 € de moins en novembre" in page
    amounts = [amount for _name, _days, amount in rows(client, f"/reservations/absence/{meal.pk}/")]
    assert amounts == ["2,99 €", "-3,15 €", "0,00 €", "-3,15 €"]
    assert "Prix sans justificatif : pourquoi ?" in page
    client.post(f"/reservations/absence/{meal.pk}/", {"reason": "illness"})
    declared = text(client.get(f"/reservations/absence/{meal.pk}/"))
    assert "Prix sans justificatif" not in declared, "it is told: the estimate says it"


def test_days_of_absence_say_what_they_come_to_together(late, client: Client):
    zoe, _meal = late
    url = f"/reservations/absence/?enfant={zoe.pk}&du={FIRST}&au={SECOND}"
    page = text(client.get(url))
    assert "Prix : 3,31 € de moins en novembre. Novembre : 2,99 € en tout." in page
    assert rows(client, url)[-1][1:] == ("les 4 et 18 novembre, n’est plus compté", "-6,30 €")


def test_nothing_is_said_where_nothing_has_a_price(client: Client):
    with time_machine.travel(NOW, tick=False):
        world = Priced()
        world.rule(world.wednesdays)
        home = world.home("Roy")
        zoe = world.enrols(home, "Zoé")
        [meal] = world.books(zoe, FIRST, MEAL)
        client.force_login(home.user)
        assert "Prix" not in text(client.get(f"/reservations/absence/{meal.pk}/"))
        assert "Prix" not in text(
            client.get(f"/reservations/absence/?enfant={zoe.pk}&du={FIRST}&au={SECOND}")
        )
