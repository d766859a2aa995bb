"""From an empty database to a booked day, in the browser alone, by the steps that the start page tells."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from marelle.bookings.models import Booking
from marelle.core.clock import local
from marelle.places.rules import school_year_days, school_year_of
from tests.road.walker import Axe, Walker
from tests.scenario import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

LEAST = """
premiers agents:
  maire: {nom: Nina Roux, courriel: nina@bourg.example, administration: oui}
"""
PHONE = 390


class Beginner(Walker):
    def step(self, act: str) -> None:
        """Take what the start page says comes next."""
        self.page.goto("/agents/")
        steps = self.main.get_by_role("region", name="Premiers pas")
        steps.get_by_role("link", name=act).first.click()

    def write(self, values: dict[str, str]) -> None:
        for name, value in values.items():
            field = self.main.locator(f"[name='{name}']:not([type=hidden])").first
            if field.evaluate("one => one.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)

    def tick(self, name: str, *values: str) -> None:
        for value in values:
            self.main.locator(f"[name='{name}'][value='{value}']").check()

    def keep(self, said: str, button: str = "ENREGISTRER") -> None:
        self.press(button)
        self.look(said)


def invited(at: Path) -> str:
    """The address at which the first administrator chooses a password."""
    (at / "village.yaml").write_text(LEAST)
    out = StringIO()
    call_command("init", str(at / "village.yaml"), "--yes", "--invitation-link", stdout=out)
    (link,) = [word for word in out.getvalue().split() if "/activation/" in word]
    return "/" + link.split("/", 3)[3]


def test_from_nothing_to_a_booked_day(open_page, axe: Axe, tmp_path: Path) -> None:
    today = local(timezone.now()).date()
    page = open_page(width=PHONE)
    walker = Beginner(page, axe)
    page.goto(invited(tmp_path))
    page.get_by_label("Identifiant").fill("nina")
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_label("Le même mot de passe").fill(PASSWORD)
    walker.press("J’ouvre mon accès")
    walker.look("Premiers pas", "Votre collectivité", "à faire")
    expect(walker.main.get_by_role("link", name="Commencer")).to_have_count(1)

    walker.step("Votre collectivité")
    walker.write({"name": "Mairie du Bourg", "short_name": "Le Bourg"})
    walker.keep("C’est ajouté.")
    walker.step("Votre commune")
    walker.write({"name": "Le Bourg", "postal_code": "21990"})
    walker.keep("C’est ajouté.")
    expect(walker.main).to_contain_text("habitants de : Le Bourg")
    walker.step("Le calendrier de l’école")
    walker.write({"name": "École de quatre jours", "zone": "A"})
    walker.tick("school_weekdays", "0", "1", "3", "4")
    walker.keep("C’est ajouté.")
    walker.step("Une structure")
    walker.write({"name": "Garderie", "kind": "after_school", "street": "1 rue Haute"})
    walker.main.locator("[name=commune]").select_option(label="Le Bourg")
    walker.keep("Garderie")

    walker.step("Une activité")
    walker.look("Dans quelle structure")
    walker.follow("Garderie")
    year = school_year_of(today + timedelta(days=60))
    walker.write(
        {
            "name": "Garderie du soir", "kind": "after_school", "min_age_months_0": "3",
            "first_day": min(today, school_year_days(year)[0]).isoformat(),
            "last_day": (today + timedelta(days=120)).isoformat(),
            "enrolment_mode": "asked", "booking_mode": "parent",
        }
    )  # fmt: skip
    walker.main.locator("[name=calendar]").select_option(label="École de quatre jours")
    walker.keep("Garderie du soir")
    walker.step("Ajouter un créneau")
    walker.write({"name": "Soir", "starts": "16:30", "ends": "18:30", "days": "both"})
    walker.tick("weekdays", "0", "1", "2", "3", "4")
    walker.keep("Soir")
    walker.step("Régler les délais")
    walker.tick("book-kind", "start")
    walker.tick("cancel-kind", "start")
    walker.keep("Garderie du soir")
    walker.step("Calculer les ouvertures")
    walker.keep("Ouvertures", "Appliquer")

    walker.step("Une première famille")
    birth = (today - timedelta(days=6 * 365)).isoformat()
    walker.write(
        {
            "adulte1-first_name": "Camille", "adulte1-last_name": "Durand", "adulte1-link": "mother",
            "adulte1-email": "camille@bourg.example", "enfant1-first_name": "Léo",
            "enfant1-birth_date": birth,
        }
    )  # fmt: skip
    walker.keep("est créé", "Créer la famille")
    walker.step("Inscrire un enfant")
    walker.main.locator("[name=activite]").select_option(label="Garderie du soir · Garderie")
    walker.write({"nom": "Durand", "naissance": birth})
    walker.press("Chercher l’enfant")
    walker.keep("Inscription faite", "Inscrire")

    walker.open("/agents/", "Tout est traité")
    expect(walker.main.get_by_text("Premiers pas")).to_have_count(0)
    page.goto("/agents/familles/?q=durand")
    walker.main.get_by_role("link", name="Durand").first.click()
    walker.look("Léo")
    walker.press("Agir au nom de la famille")
    page.goto(f"/reservations/?date={(today + timedelta(days=7)).isoformat()}")
    walker.cell("Soir").check(force=True)
    walker.keep("Réservé.")
    assert Booking.objects.live().count() == 1
