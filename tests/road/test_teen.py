"""A child by its own account, from its parent's invitation to the end of it, in browsers without scripts."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from marelle.bookings.models import Booking
from marelle.core.clock import local
from marelle.enrolments.models import TeenAccess
from marelle.mail.models import Message
from tests.road.walker import SMALLEST, Axe, Walker
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db(transaction=True)


def home_of_lea() -> int:
    world, today = Scenario(), local(timezone.now()).date()
    home = world.home("Durand", "Camille", identifier="durand")
    lea = world.child(home, "Léa", born=today.replace(day=1) - timedelta(days=13 * 366))
    outings = world.activity("Sorties", years=(3, 17), first_day=today, last_day=today + timedelta(days=60))
    world.rule(outings)
    day = today + timedelta(days=7)
    world.slot(outings, "Bowling", "14:00", "17:00", weekdays=[day.weekday()], capacity=3)
    world.openings(outings, day, day)
    world.enrolment(lea, outings, home)
    return lea.pk


def test_a_child_books_for_itself_where_its_parent_allows_it(open_page, axe: Axe) -> None:
    lea = home_of_lea()

    def walker(*forgive: str) -> Walker:
        return Walker(open_page(width=SMALLEST, javascript=False, forgive=forgive), axe, javascript=False)

    parent = walker()
    parent.come_in("durand", "Bonjour Camille")
    here = f"/famille/{lea}/compte/"
    parent.open(here, "Compte de Léa")
    parent.page.get_by_label("Adresse de courriel de l’enfant").fill("lea@college.example")
    parent.press("INVITER")
    parent.look("L’invitation est partie", "Invité")
    parent.page.get_by_label("Sorties").check()
    parent.press("ENREGISTRER")
    parent.look("réserve et annule", "Sorties")

    found = re.search(r"/activation/[^)/\s]+/", Message.objects.latest("pk").text)
    assert found is not None
    child = walker("404")
    child.open(found[0], "Bienvenue")
    child.page.get_by_label("Identifiant").fill("lea.d")
    child.page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    child.page.get_by_label("Le même mot de passe").fill(PASSWORD)
    child.press("J’ouvre mon accès")
    child.look("Mon planning", "Bowling")
    assert "€" not in child.main.inner_text()
    child.cell("Bowling").check()
    child.press("ENREGISTRER")
    child.look("Réservé.")
    assert Booking.objects.get().state == "booked"
    for closed in ("/factures/", f"/famille/{lea}/", "/agents/"):
        child.open(closed)
        assert "Durand" not in child.main.inner_text(), closed

    parent.open("/historique/", "Léa Durand")
    parent.open(here)
    parent.follow("Fermer ce compte")
    parent.look("son compte est effacé")
    parent.press("FERMER CE COMPTE")
    parent.look("Le compte est fermé")
    assert not TeenAccess.objects.live().exists()
    child.open("/mon-planning/")
    assert "Bowling" not in child.main.inner_text()
