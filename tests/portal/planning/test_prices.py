"""Prices on the planning: what a cell says, what the bar is told, what the page after a save says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from marelle.activities.models import Opening
from marelle.billing.models import Coverage, Payer
from marelle.pricing.amounts import Fixed
from marelle.pricing.tariffs import Sets, Tariff
from marelle.pricing.writing import tariff_write
from tests.portal.planning.cast import NOW, WEDNESDAY, Cast, text

SINCE = date(2026, 9, 1)


@pytest.fixture
def priced(cast: Cast) -> Cast:
    """A morning at 6.50, a meal at 3.60, together 8.50."""
    cast.wednesday  # noqa: B018 - a morning opens
    meal = cast.world.slot(cast.wednesdays, "Repas", "12:00", "13:30")
    cast.world.opening(meal, WEDNESDAY)
    sets = {(cast.morning.pk,): "6.50", (meal.pk,): "3.60", (cast.morning.pk, meal.pk): "8.50"}
    for slots, price in sets.items():
        what = Sets((frozenset(slots),))
        amount = Fixed(Decimal(price))
        tariff_write(cast.world.the_authority.pk, Tariff(0, "Tarif", SINCE, None, what, amount))
    return cast


def told(camille: Client, cast: Cast, **fields: object) -> dict[str, str]:
    answer = camille.post("/reservations/prix/", fields)
    assert answer.status_code == 200
    return answer.json()


def test_a_cell_says_what_it_adds(priced: Cast, camille: Client) -> None:
    page = text(camille.get(priced.url()))
    assert "6,50 € · jusqu’au 15 sept. 12 h" in page
    priced.world.booking(priced.zoe, priced.wednesday)
    page = camille.get(priced.url()).content.decode()
    assert "2,00\u00a0€ · jusqu’au" in page, "the meal adds 2.00 to the morning"
    assert 'data-p="−\u00a06,50\u00a0€"' in page, "taken back"


def test_who_else_pays_is_said_without_a_query_more(priced: Cast, camille: Client, count_queries) -> None:
    world, url = priced.world, priced.url()
    with count_queries() as before:
        assert "Ces prix sont entiers" not in text(camille.get(url))
    payer = Payer.objects.create(
        authority=world.the_authority, kind="ccas", last_name="CCAS d’Arelle", street="1 rue Haute",
        postal_code="21999", city="Arelle", siret="20000010700017",
    )  # fmt: skip
    said = {"family": priced.durand.family, "authority": world.the_authority, "reason": "Décision"}
    said |= {"noted_at": NOW, "noted_by": "Line"}
    mine = Coverage.objects.create(payer=payer, since=SINCE, child=priced.zoe, figure=30, **said)
    Coverage.objects.create(payer=payer, since=date(2026, 10, 1), **said)
    Coverage.objects.create(payer=payer, since=SINCE, withdrawn_at=NOW, **said)
    with count_queries(len(before)):
        page = camille.get(url)
    told = "Ces prix sont entiers : CCAS d’Arelle (pour Zoé) en paie tout ou partie."
    assert told in text(page)
    assert 'href="/factures/mois/?mois=2026-09"' in page.content.decode()
    other = world.home("Blanc")
    Coverage.objects.create(payer_home=other.family, since=SINCE, child=priced.zoe, figure=50, **said)
    assert "CCAS d’Arelle (pour Zoé) et l’autre foyer (pour Zoé) en paient" in text(camille.get(url))
    mine.until = date(2026, 9, 13)
    mine.save()
    page = text(camille.get(url))
    assert "l’autre foyer (pour Zoé) en paie tout ou partie" in page
    assert "CCAS" not in page


def test_the_bar_asks_what_all_changes_come_to(priced: Cast, camille: Client) -> None:
    meal = Opening.objects.get(slot__name="Repas")
    both = told(camille, priced, c=[priced.key(), priced.key(meal)], seen="")
    assert both == {
        "change": "8,50\u00a0€ de plus en septembre",
        "total": "Septembre\u00a0: 8,50\u00a0€ en tout",
    }
    assert not priced.wednesday.bookings.exists(), "nothing is saved"
    priced.world.booking(priced.zoe, priced.wednesday)
    gone = told(camille, priced, seen=priced.key())
    assert gone["change"] == "6,50\u00a0€ de moins en septembre"
    assert told(camille, priced, seen="", c=[]) == {"change": "", "total": ""}


def test_why_is_told_on_a_page_before_anything_is_saved(priced: Cast, camille: Client) -> None:
    meal = Opening.objects.get(slot__name="Repas")
    priced.world.booking(priced.zoe, priced.wednesday)
    fields = {"c": [priced.key(), priced.key(meal)], "seen": priced.key(), "pourquoi": "1"}
    page = text(camille.post("/reservations/prix/", fields))
    assert "Prix : 2,00 € de plus en septembre. Septembre : 8,50 € en tout." in page
    assert page.index("Matin + Repas · Tarif") < page.index("n’est plus compté")
    assert "délibération" not in page
    assert "Matin + Repas · Tarif le 16 septembre 8,50 €" in page
    assert "n’est plus compté -6,50 €" in page
    assert meal.bookings.count() == 0
    nothing = text(camille.post("/reservations/prix/", {"seen": "", "pourquoi": "1"}))
    assert "Vous n’avez rien changé qui ait un prix." in nothing
    assert 'name="pourquoi"' in camille.get(priced.url()).content.decode()


def test_what_no_tariff_holds_is_no_price_that_does_not_change(priced: Cast, camille: Client) -> None:
    slot = priced.world.slot(priced.wednesdays, "Goûter", "16:00", "17:00")
    snack = priced.world.opening(slot, WEDNESDAY)
    alone = told(camille, priced, c=[priced.key(snack)], seen="")
    assert alone["change"] == "une partie sans prix connu"
    both = told(camille, priced, c=[priced.key(), priced.key(snack)], seen="")
    assert both["change"] == "6,50\u00a0€ de plus en septembre et une partie sans prix connu"
    page = text(camille.post(priced.url(), {"c": priced.key(snack), "seen": ""}, follow=True))
    assert "Prix : une partie sans prix connu" in page


def test_nobody_is_told_the_price_of_another_home(priced: Cast, camille: Client) -> None:
    stranger = priced.stranger()
    posted = told(camille, priced, c=[f"{stranger.pk}.{priced.wednesday.pk}"], seen="")
    assert posted["change"] in {"", "le prix ne change pas"}
    assert "€ de plus" not in posted["change"]


def test_what_makes_no_sense_has_no_price(priced: Cast, camille: Client) -> None:
    assert told(camille, priced, c=["x", "1.2.3", f"{priced.zoe.pk}.999999"], seen="?")["change"] == ""
    many = [f"{priced.zoe.pk}.{number}" for number in range(1, 2_002)]
    assert told(camille, priced, c=many, seen="") == {"change": "", "total": ""}


def test_the_page_after_a_save_says_it_without_script(priced: Cast, camille: Client) -> None:
    page = text(camille.post(priced.url(), {"c": priced.key(), "seen": ""}, follow=True))
    assert "Prix : 6,50 € de plus en septembre Septembre : 6,50 € en tout" in page
    again = text(camille.get(priced.url()))
    assert "de plus en septembre" not in again


def test_where_there_is_no_tariff_nothing_is_said(cast: Cast, camille: Client) -> None:
    cast.wednesday  # noqa: B018
    assert "€" not in text(camille.get(cast.url()))
    page = text(camille.post(cast.url(), {"c": cast.key(), "seen": ""}, follow=True))
    assert "€" not in page
    assert told(camille, cast, c=[cast.key()], seen="") == {"change": "", "total": ""}


def test_repeating_a_week_says_what_it_costs(priced: Cast, camille: Client) -> None:
    priced.world.booking(priced.zoe, priced.wednesday)
    priced.world.opening(priced.morning, date(2026, 9, 23))
    address = priced.url().replace("/reservations/", "/reservations/repeter/")
    page = text(camille.get(address + "&jusquau=2026-09-25&rythme=1"))
    assert "1 réservation à enregistrer · 6,50 € de plus en septembre" in page
    assert "Septembre : 13,00 € en tout" in page
