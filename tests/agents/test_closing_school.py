"""A school goes out: what an agent reads before, after, and once it is undone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from marelle.bookings.models import Booking
from marelle.core.clock import PARIS, local
from marelle.places.models import Closure
from tests.flows.test_closing_school import DAY, Village
from tests.races.truth import held_on
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


def test_seen_done_and_undone(world, client, count_queries):
    days = f"/agents/fermetures/jour/?structure={world.the_structure.pk}&jour={DAY}"
    page = f"{days}&quoi=school-{world.the_school.pk}"
    assert f'value="school-{world.the_school.pk}"' in text(client.get(days))
    with count_queries(13):
        shown = text(client.get(page))
    assert "Les autres écoles gardent leurs places" in shown
    assert "1 enfant réservé, 1 en attente" in shown
    assert {name for name in ("Zoé", "Léo", "Inès", "Tom", "Ugo") if name in shown} == {"Zoé", "Ugo"}
    mark = re.search(r'name="vu" value="(\w+)"', shown)[1]
    done = text(client.post(page, {"reason": "Sortie scolaire", "vu": mark}, follow=True))
    assert "C’est fait : les autres écoles gardent leurs places." in done
    assert "Les réservations de 2 enfants sont annulées" in done
    assert "Aucun enfant de cette école n’a réservé" in text(client.get(page))
    twice = text(client.post(page, {"reason": "Sortie scolaire", "vu": mark}, follow=True))
    assert "il n’y a rien à annuler" in twice
    closing = f"/agents/fermetures/{Closure.objects.get().pk}/"
    assert "Annuler la fermeture" in text(client.get(closing))
    undone = text(client.post(f"{closing}annuler/", follow=True))
    assert "Les places d’avant sont revenues." in undone
    assert "Les réservations de 2 enfants sont rétablies" in undone
    assert "Annuler la fermeture" not in undone


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_in_a_browser(open_page, axe):
    world = Village(local(timezone.now()).date() + timedelta(days=7))
    walker = Walker(open_page(width=390, javascript=False), axe, javascript=False)
    walker.come_in("direction", "À traiter")
    walker.open(
        f"/agents/fermetures/jour/?structure={world.the_structure.pk}&jour={world.meal.day}", "Fermer"
    )
    walker.page.get_by_label("Dans la structure").select_option(label=str(world.the_school))
    walker.look("Concerné : toute la structure")
    walker.press("Voir")
    walker.look(f"Concerné : {world.the_school}")
    walker.look("un enfant qui ne part pas peut être réservé de nouveau", "Zoé Durand")
    walker.page.get_by_label("Sortie scolaire").check()
    walker.press("Annuler ces réservations et prévenir")
    walker.look("les autres écoles gardent leurs places", "Sortie scolaire")
    assert Booking.objects.live().filter(child=world.leo).exists()
    assert world.zoe.pk not in held_on(world.meal)
