"""A childminder from the relais's invitation to « Arrêter mon accès », and what the relais does of her."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from marelle.core.actor import Role
from marelle.core.clock import local
from marelle.mail.models import Message
from marelle.relay.models import Childminder, ChildminderAccess, Visit
from tests.road.walker import SMALLEST, Axe, Walker
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/agents/matinees/assistantes-maternelles/"


def village() -> Scenario:
    world, today = Scenario(), local(timezone.now()).date()
    relay = world.structure("Relais petite enfance", kind="relay")
    mornings = world.activity(
        "Matinées d’éveil", kind="relay", structure=relay, enrolment_mode="none", booking_mode="accompanied",
        first_day=today, last_day=today + timedelta(days=60),
    )  # fmt: skip
    day = today + timedelta(days=7)
    world.slot(mornings, "Matinée", "09:30", "11:30", weekdays=[day.weekday()], capacity=4)
    world.rule(mornings)
    world.openings(mornings, day, day)
    world.staff("relais", Role.DIRECTOR, structure=relay)
    Childminder.objects.create(authority=world.the_authority, name="Odile Fontane")
    return world


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_a_childminder_comes_and_leaves(open_page, axe: Axe, javascript: bool) -> None:
    village()

    def walker() -> Walker:
        return Walker(open_page(width=SMALLEST, javascript=javascript), axe, javascript=javascript)

    relay = walker()
    relay.come_in("relais", "À traiter")
    relay.open(LIST, "Odile Fontane")
    relay.follow("Modifier")
    relay.page.get_by_label("Prénom et nom").fill("Odile Fontaine")
    relay.press("ENREGISTRER")
    relay.look("C’est enregistré.", "Odile Fontaine")
    relay.follow("Accès en ligne")
    relay.page.get_by_label("Adresse de courriel").fill("odile@accueil.example")
    relay.press("INVITER")
    relay.look("L’invitation est partie", "invité")

    found = re.search(r"/activation/[^)/\s]+/", Message.objects.latest("pk").text)
    assert found is not None
    odile = walker()
    odile.open(found[0], "Bienvenue, Odile Fontaine")
    odile.page.get_by_label("Identifiant").fill("odile")
    odile.page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    odile.page.get_by_label("Le même mot de passe").fill(PASSWORD)
    odile.press("J’ouvre mon accès")
    odile.look("Mes matinées", "4 places libres")
    odile.follow("M’inscrire")
    odile.page.get_by_label("Les enfants que vous amenez").fill("Lou\nSacha")
    odile.press("ENREGISTRER")
    odile.look("avec Lou et Sacha", "2 places libres")
    odile.open("/compte/donnees/")
    odile.follow("Arrêter mon accès")
    odile.look("Votre compte se ferme aussitôt")
    odile.press("ARRÊTER MON ACCÈS")
    assert not ChildminderAccess.objects.live().exists()
    assert Visit.objects.get().cancelled_at is None, "children are expected there"

    relay.open(LIST, "Odile Fontaine")
    relay.follow("Ne vient plus")
    relay.look("Les matinées où elle est inscrite restent réservées")
    relay.press("ELLE NE VIENT PLUS")
    relay.look("Celles qui ne viennent plus")
    relay.follow("Effacer ses données")
    relay.look("effacés pour de bon")
    relay.press("EFFACER")
    relay.look("sont effacés")
    assert "Odile" not in relay.main.inner_text()
