"""« Faire plusieurs demandes », then the end of an enrolment: on a phone, and wide without scripts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from marelle.core.clock import local
from marelle.enrolments.models import EndRequest, Enrolment
from tests.road.walker import Axe, Walker
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("width", "javascript"), [(390, True), (1280, False)])
def test_last_year_again_then_an_end(open_page, axe: Axe, width: int, javascript: bool) -> None:
    today = local(timezone.now()).date()
    world = Scenario()
    durand = world.home("Durand", "Camille", identifier="durand")
    zoe = world.child(durand, "Zoé", born=date(today.year - 7, 1, 15))
    year = {"first_day": today - timedelta(days=60), "last_day": today + timedelta(days=200)}
    past = {"first_day": today - timedelta(days=400), "last_day": today - timedelta(days=100)}
    last_year = world.activity("Mercredis", **past)
    world.enrolment(zoe, last_year, durand, state="ended")
    wednesdays = world.activity("Mercredis", **year)
    for activity in (last_year, wednesdays):
        world.slot(activity, "Matin")
    canteen = world.enrolment(zoe, world.activity("Cantine", kind="canteen", **year), durand)

    walker = Walker(open_page(width=width, javascript=javascript), axe, javascript=javascript)
    walker.come_in("durand", "Bonjour Camille")
    walker.menu("Mes inscriptions")
    walker.follow("Faire plusieurs demandes")
    walker.look("L’an dernier", "Zoé, Mercredis")
    walker.follow("Reprendre l’an dernier")
    walker.look("Jours souhaités")
    walker.press("ENREGISTRER")
    walker.look("Votre demande est maintenant envoyée", "Référence")
    assert Enrolment.objects.get(activity=wednesdays).state == "requested"

    walker.page.goto(f"/inscriptions/{zoe.pk}/inscription/{canteen.pk}/")
    walker.look("Fin de l’inscription")
    walker.follow("Demander la fin de l’inscription")
    walker.page.get_by_label("Dernier jour").fill((today + timedelta(days=30)).isoformat())
    walker.press("Voir ce qui serait annulé")
    walker.look("Rien n’est réservé après ce jour.")
    walker.press("ENVOYER MA DEMANDE")
    walker.look("Votre demande est envoyée.", "en attente")
    assert EndRequest.objects.get().enrolment == canteen


def test_back_after_sending_ticks_nothing_that_was_not_chosen(open_page) -> None:
    """A browser puts ticks back by their order in the page, where what was sent is no longer."""
    today = local(timezone.now()).date()
    world = Scenario()
    durand = world.home("Durand", "Camille", identifier="durand")
    world.child(durand, "Zoé", born=date(today.year - 7, 1, 15))
    for name in ("Danse", "Judo"):
        world.activity(name, first_day=today - timedelta(days=60), last_day=today + timedelta(days=200))
    page = open_page(width=390)
    walker = Walker(page, lambda _page: [])
    walker.come_in("durand", "Bonjour Camille")
    page.goto("/inscriptions/plusieurs/")
    page.get_by_label("Danse").check()
    walker.press("ENREGISTRER")
    walker.look("Votre demande est maintenant envoyée")
    page.go_back()
    judo = page.get_by_label("Judo")
    judo.wait_for()
    assert not judo.is_checked()
    walker.press("ENREGISTRER")
    walker.look("Cochez au moins une activité")
    assert [row.activity.name for row in Enrolment.objects.select_related("activity")] == ["Danse"]
