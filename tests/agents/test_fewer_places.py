"""« Moins de places » and « Capacités », as an agent sees them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from marelle.activities.models import Quota
from marelle.bookings.models import Booking
from marelle.core.clock import PARIS, local
from marelle.places.models import Closure
from tests.flows.test_fewer_places import DAY, NEXT, Village
from tests.reading import text
from tests.road.walker import Walker

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=PARIS)


@pytest.fixture
def world(time_machine) -> Village:
    time_machine.move_to(NOW)
    return Village()


@pytest.fixture
def client(world, client) -> Client:
    client.force_login(world.the_structure.posts.get().user)
    return client


def mark(response) -> str:
    found = re.search(r'name="vu" value="(\w+)"', text(response))
    return found[1] if found else ""


def test_seen_then_chosen_by_hand_then_reduced(world, client):
    page = f"/agents/fermetures/places/?structure={world.the_structure.pk}&jour={DAY}"
    assert "Mercredis, matin" in text(client.get(page))
    meal = next(draw.gauge_id for draw in world.meal.slot.draws.all())
    sent = {f"g-{world.gauge_of.pk}": "1", f"g-{meal}": "10", "reason": "Grève", "then": "cancel"}
    seen = client.post(page, sent | {"voir": "1"})
    assert "2 enfants perdent une place" in text(seen)
    assert Booking.objects.live().count() == 5, "seeing changes nothing"
    chosen = sent | {"garde": str(world.children["Inès"].pk), "vu": mark(seen)}
    again = client.post(page, chosen | {"confirme": "1"})
    assert "La liste a changé" in text(again), "another choice is shown before it is done"
    done = client.post(page, chosen | {"confirme": "1", "vu": mark(again)}, follow=True)
    assert "2 enfants perdent une place, leurs familles sont prévenues" in text(done)
    assert world.held() == {"Inès"}
    assert "moins de places" in text(done)
    closing = f"/agents/fermetures/{Closure.objects.get().pk}/"
    shown = text(client.get(closing))
    assert "Rendre les places d’avant" in shown
    assert "Annuler la fermeture" not in shown
    client.post(f"{closing}annuler/")
    assert world.held() == {"Zoé", "Léo", "Inès"}


def test_a_gauge_left_as_it_was_shown_keeps_its_places(world, client):
    """The meal is over its places, as an agent chose; the morning has more of them in a week."""
    room = world.meal.slot.draws.get().gauge
    meals = Quota.objects.filter(gauge=room, day=DAY)
    world.booking(world.children["Zoé"], world.meal)
    room.levels.update(capacity=1)
    meals.update(capacity=1, overdraft=1)
    world.gauge_of.levels.create(since=NEXT, capacity=8)
    Quota.objects.filter(gauge=world.gauge_of, day=NEXT).update(capacity=8)
    page = f"/agents/fermetures/places/?structure={world.the_structure.pk}&jour={DAY}&fin={NEXT}"
    sent = {"reason": "Grève", "then": "cancel", f"g-{room.pk}": "1"}
    shown = sent | {f"g-{world.gauge_of.pk}": "3"}
    seen = client.post(page, shown | {"voir": "1"})
    assert "Personne ne perd sa place" in text(seen)
    refused = client.post(page, shown | {"confirme": "1", "vu": mark(seen)})
    assert "Ce n’est pas moins de places qu’aujourd’hui" in text(refused)
    assert world.quota(NEXT) == (8, 0, 0)
    lower = {**sent, f"g-{room.pk}": "0", f"g-{world.gauge_of.pk}": "3"}
    seen = client.post(page, lower | {"voir": "1"})
    client.post(page, lower | {"confirme": "1", "vu": mark(seen)})
    assert Closure.objects.get().part == f"{room.name} : 0"
    assert world.quota(NEXT) == (8, 0, 0), "the morning was not touched"
    assert world.held() == {"Zoé", "Léo", "Inès"}
    assert not world.held(world.meal)


def test_a_gauge_over_its_places_loses_nobody_when_another_is_lowered(world, client):
    room = world.meal.slot.draws.get().gauge
    world.booking(world.children["Zoé"], world.meal)
    room.levels.update(capacity=1)
    Quota.objects.filter(gauge=room, day=DAY).update(capacity=1, overdraft=1)
    page = f"/agents/fermetures/places/?structure={world.the_structure.pk}&jour={DAY}"
    sent = {"reason": "Grève", "then": "cancel", f"g-{room.pk}": "1", f"g-{world.gauge_of.pk}": "2"}
    sent["garde"] = str(world.children["Inès"].pk)
    seen = client.post(page, sent | {"voir": "1"})
    client.post(page, sent | {"confirme": "1", "vu": mark(seen)})
    assert world.held() == world.held(world.meal) == {"Zoé", "Inès"}


@pytest.mark.parametrize("typed", ["-1", "vingt", "", "99999"])
def test_places_that_make_no_sense_stay_as_typed(world, client, typed):
    page = f"/agents/fermetures/places/?structure={world.the_structure.pk}&jour={DAY}"
    sent = {f"g-{world.gauge_of.pk}": typed, "words": "À demain", "then": "cancel", "confirme": "1"}
    answer = text(client.post(page, sent))
    assert "À demain" in answer
    assert world.quota() == (3, 3, 0)


def test_a_capacity_is_changed_from_a_day_on(world, client, count_queries):
    with count_queries(8):
        assert "3 places" in text(client.get("/agents/fermetures/capacites/"))
    page = f"/agents/fermetures/capacites/{world.gauge_of.pk}/"
    sent = {"since": DAY.isoformat(), "capacity": "1", "then": "keep"}
    seen = client.post(page, sent | {"voir": "1"})
    assert "2 enfants au-delà de la capacité" in text(seen)
    assert "reste, au-delà de la capacité" in text(seen)
    # « Tout le monde reste », said the page, then of whom « perd sa place ».
    assert not any(said in text(seen) for said in ("perdent une place", "perd sa place<", "garde sa place"))
    leaving = client.post(page, sent | {"then": "queue", "reason": "Travaux", "voir": "1"})
    assert "2 enfants perdent une place" in text(leaving)
    assert "Donnez une raison" in text(client.post(page, sent | {"then": "cancel", "confirme": "1"}))
    shown = seen.context["shown"]
    done = client.post(page, sent | {"confirme": "1", "vu": mark(seen), "jauge": shown}, follow=True)
    assert "Personne ne perd sa place" in text(done)
    assert world.quota() == (1, 3, 2)
    stale = text(client.post(page, sent | {"capacity": "2", "confirme": "1", "jauge": shown}))
    assert "Quelqu’un vient de changer les capacités de cette jauge" in stale
    assert world.quota() == (1, 3, 2)
    late = {"since": "2026-11-24", "capacity": "1", "then": "keep", "confirme": "1"}
    assert "Ce jour est passé" in text(client.post(page, late))


def test_a_capacity_that_took_places_offers_no_undo(world, client):
    world.sets(1, overdraft=False)
    closing = f"/agents/fermetures/{Closure.objects.get().pk}/"
    assert "Rendre les places d’avant" not in text(client.get(closing))
    assert "changez la capacité à nouveau" in text(client.post(f"{closing}annuler/", follow=True))


def test_raised_with_the_surplus_cancelled_everybody_has_room(world, client):
    world.sets(1)
    page = f"/agents/fermetures/capacites/{world.gauge_of.pk}/"
    sent = {"since": DAY.isoformat(), "capacity": "6", "then": "cancel", "reason": "Travaux"}
    seen = client.post(page, sent | {"voir": "1"})
    assert "Personne ne perd sa place" in text(seen)
    client.post(page, sent | {"confirme": "1", "vu": mark(seen)})
    assert world.held() == {"Zoé", "Léo", "Inès"}


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (390, False)])
def test_the_three_pages_in_a_browser(open_page, axe, width, javascript):
    day = local(timezone.now()).date() + timedelta(days=7)
    world = Village(day)
    walker = Walker(open_page(width=width, javascript=javascript), axe, javascript=javascript)
    walker.come_in("direction", "À traiter")
    walker.open("/agents/fermetures/", "Ouvertures et fermetures")
    walker.page.get_by_label("Premier jour").fill(day.isoformat())
    walker.press("Moins de places")
    walker.page.get_by_label("Mercredis, matin").fill("1")
    walker.page.get_by_label("Grève").check()
    walker.press("Voir qui garde sa place")
    walker.look("2 enfants perdent une place", "Zoé")
    walker.page.get_by_label("garder Inès").check()
    walker.press("Voir qui garde sa place")
    walker.press("Réduire et prévenir les familles")
    walker.look("2 enfants perdent une place, leurs familles sont prévenues")
    assert world.held() == {"Inès"}
    walker.open("/agents/fermetures/capacites/", "Mercredis, matin")
    walker.open(f"/agents/fermetures/capacites/{world.gauge_of.pk}/", "Changer la capacité")
    walker.page.get_by_label("À partir du").fill((day + timedelta(days=1)).isoformat())
    walker.page.get_by_label("Places", exact=True).fill("5")
    walker.press("Voir qui est touché")
    walker.page.get_by_role("button", name="Changer la capacité").click()
    walker.look("Personne ne perd sa place")
    walker.open(
        f"/agents/fermetures/ouvrir/?structure={world.the_structure.pk}&jour={day + timedelta(days=2)}",
        "Ouvrir le",
    )
    walker.page.get_by_label("Repas").check()
    walker.press("Ouvrir")
    walker.look("1 créneau de plus")
