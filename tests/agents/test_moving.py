"""« Venir d’un autre logiciel », page by page; and a file of bookings in a browser, from sending to sums."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from marelle.core.tabular import csv_written
from marelle.flows.models import MovingImport
from marelle.flows.moving.services import movings_advance
from tests.agents.test_browser import fits
from tests.flows.moving.files import BOOKING, GONE, NOW, TO_COME, ZOE, Mover
from tests.scenario import PASSWORD

HERE = "/agents/familles/reprise/"


class Office(Mover):
    def __init__(self) -> None:
        super().__init__()
        self.enrolment(self.zoe, self.wednesdays, self.durand)
        self.client = Client()
        self.client.force_login(self.user)

    def page(self, answer: Any) -> str:
        return html.unescape(answer.content.decode()).replace("\u00a0", " ")

    def sends(self, *rows: list[Any]) -> str:
        upload = SimpleUploadedFile("reprise.csv", csv_written([BOOKING, *rows]))
        return self.page(self.client.post(f"{HERE}reservations/", {"file": upload}, follow=True))

    def starts(self, **typed: str) -> str:
        row = MovingImport.objects.latest("pk")
        return self.page(self.client.post(f"{HERE}{row.pk}/", typed, follow=True))


@pytest.fixture
def world(time_machine: Any) -> Office:
    time_machine.move_to(NOW, tick=False)
    return Office()


@pytest.mark.django_db
def test_from_the_menu_to_the_sums_of_both_sides(world):
    start = world.page(world.client.get(HERE))
    assert "Réservations et présences" in start
    send = world.page(world.client.get(f"{HERE}reservations/"))
    assert "Le nom du créneau ici. Nécessaire." in send
    model = world.client.get(f"{HERE}reservations/modele/").content.decode("utf-8-sig")
    assert model.splitlines()[0].startswith("Dossier;Nom enfant;Prénom enfant;")
    shown = world.sends(
        world.booking_line(GONE, "présent"), world.booking_line(TO_COME), [*ZOE, "Cantine", "Matin", GONE, ""]
    )
    for part in (
        "2 lignes à reprendre, 1 laissée.",
        "Ligne 4 : Activité : « Cantine » n’est pas une activité d’ici",
        "Mercredis · novembre 2026 · réservations",
        "Cantine · novembre 2026 · réservations",
        "Ici après",
    ):
        assert part in shown, part
    assert "Des mois facturés par Marelle" not in shown
    running = world.starts()
    assert "0 sur 3 lignes" in running
    movings_advance(now=NOW)
    row = MovingImport.objects.get()
    done = world.page(world.client.get(f"{HERE}{row.pk}/"))
    assert "Reprise terminée" in done
    assert "Ici maintenant" in done
    report = world.client.get(f"{HERE}{row.pk}/rapport/").content.decode("utf-8-sig")
    assert report.splitlines()[1].startswith("4;")
    assert "Zoé" in report
    assert "Ce fichier est oublié" not in world.page(
        world.client.post(f"{HERE}{row.pk}/oublier/", follow=True)
    )


@pytest.mark.django_db
def test_what_is_wrong_with_a_file_is_said_and_it_may_be_forgotten(world):
    nothing = world.page(world.client.post(f"{HERE}reservations/", {}))
    assert "Choisissez un fichier." in nothing
    upload = SimpleUploadedFile("x.csv", b"Dossier;Rien\n1;2\n")
    said = world.page(world.client.post(f"{HERE}reservations/", {"file": upload}))
    assert "La première ligne ne donne pas ces titres : « Nom enfant », « Prénom enfant »" in said
    assert world.client.get(f"{HERE}autre/").status_code == 404
    assert "Il n’y a rien à reprendre." in world.sends([*ZOE, "Cantine", "Matin", GONE, ""])
    row = MovingImport.objects.get()
    assert "Ce fichier est oublié" in world.page(world.client.post(f"{HERE}{row.pk}/oublier/", follow=True))


@pytest.mark.django_db
def test_places_past_the_gauge_are_given_by_who_says_why(world):
    petit = world.home("Petit", "Anne")
    lines = []
    for n in (1, 2):
        child = world.child(petit, f"Enfant{'ab'[n - 1]}", born=GONE.replace(year=2018, day=n))
        world.enrolment(child, world.wednesdays, petit)
        world.booking(child, world.days[TO_COME])
    lines.append(world.booking_line(TO_COME))
    assert "1 ligne ne trouve pas de place." in world.sends(*lines)
    assert "Dites pourquoi ces places sont données" in world.starts(past_capacity="on")
    world.starts(past_capacity="on", reason="donnée avant le 1er décembre")
    movings_advance(now=NOW)
    assert MovingImport.objects.get().counts["new"] == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [390, 820, 1280])
def test_a_file_is_brought_in_a_browser(open_page: Any, axe: Any, time_machine: Any, width: int) -> None:
    time_machine.move_to(NOW)
    world = Office()
    page = open_page(width=width)
    page.goto("/connexion/")
    page.get_by_label("Identifiant ou adresse de courriel").fill("guichet")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    page.wait_for_url("**/agents/")
    page.goto(HERE)
    assert axe(page) == []
    fits(page)
    page.get_by_role("link", name="Réservations et présences").click()
    assert axe(page) == []
    fits(page)
    content = csv_written(
        [
            BOOKING,
            world.booking_line(GONE, "présent"),
            world.booking_line(TO_COME),
            [*ZOE, "Cantine", "Matin", GONE, ""],
        ]
    )
    page.get_by_label("Fichier").set_input_files(
        {"name": "reservations.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Lire le fichier").click()
    page.get_by_text("2 lignes à reprendre, 1 laissée.").wait_for()
    assert axe(page) == []
    fits(page)
    page.get_by_role("button", name="Reprendre ces lignes").click()
    page.get_by_label("0 sur 3 lignes").wait_for()
    assert axe(page) == []
    movings_advance(now=NOW)
    page.reload()
    page.get_by_text("Reprise terminée").wait_for()
    assert axe(page) == []
    fits(page)
