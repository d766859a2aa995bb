"""« Apparence » and « Textes »: what the office chooses is what everybody sees."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from playwright.sync_api import expect

from marelle.core.actor import Role
from marelle.core.colours import ENOUGH
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.places.look import LookRefused, look_set, texts_set
from marelle.places.look_rules import ACCENT, MAIN, main_contrast
from marelle.places.models import Look
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db

LOOK, TEXTS = "/agents/reglages/apparence/", "/agents/reglages/textes/"
GOOD = {"name": "Val d’Arelle", "short_name": "Arelle", "main": "#123456", "accent": "#ffd700"}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
def office(client: Client) -> Client:
    client.force_login(Scenario().staff("guichet", Role.OFFICE))
    return client


def picture(kind: str = "PNG", size: tuple[int, int] = (900, 300)) -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", size, "teal").save(content, kind)
    return SimpleUploadedFile(f"logo.{kind.lower()}", content.getvalue())


def sent(client: Client, address: str = LOOK, **data: Any) -> str:
    """The form as it was just shown, empty but for `data`."""
    if "seen" not in data:
        data["seen"] = client.get(address).context["form"]["seen"].value()
    answer = client.post(address, data, follow=True)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def page(client: Client, address: str) -> str:
    return unescape(client.get(address).content.decode())


def test_colours_and_logo_reach_every_page_and_are_kept_by_browsers(office: Client) -> None:
    assert "C’est enregistré." in sent(office, **GOOD, logo=picture())
    public = page(Client(), "/")
    assert "Val d’Arelle" in public
    sheet = office.get(re.search(r'"(/theme/couleurs-\d+\.css)"', public)[1])
    assert "--brand:#123456" in sheet.content.decode()
    assert sheet["Cache-Control"] == "public, max-age=31536000, immutable"
    logo = Client().get(re.search(r'"(/theme/logo-\d+\.png)"', public)[1])
    assert (logo["Content-Type"], logo.content[:4]) == ("image/png", b"\x89PNG")
    assert 'width="414" height="138"' in public
    assert Client().get("/theme/couleurs-99.css")["Cache-Control"] == "no-store"
    sent(office, **{**GOOD, "main": MAIN, "accent": ACCENT}, without_logo="on")
    assert "/theme/" not in page(Client(), "/")
    assert [entry.data["fields"] for entry in Entry.objects.filter(verb="authority.look_set")][-1] == [
        "name",
        "short_name",
        "main",
        "accent",
        "logo_kind",
        "logo",
        "logo_width",
        "logo_height",
    ]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"main": "#ffff00"}, "trop claire"),
        ({"accent": "#222222"}, "trop foncée"),
        ({"main": "red;}body{display:none"}, "s’écrit comme"),
        ({"name": " "}, "obligatoire"),
        ({"name": "a" * 121}, "120"),
        ({"logo": SimpleUploadedFile("logo.svg", SVG)}, "ni un PDF ni une photo"),
        ({"logo": SimpleUploadedFile("logo.png", b"%PDF-1.4 rien")}, "fichier"),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_stays_on_screen(
    office: Client, wrong: dict[str, Any], told: str
) -> None:
    shown = sent(office, **{**GOOD, **wrong})
    assert told in shown
    assert 'value="Arelle"' in shown
    assert not Look.objects.exclude(main="", accent="").exists()


def test_a_colour_refused_comes_with_one_that_passes(office: Client) -> None:
    shown = sent(office, **{**GOOD, "main": "#3fa9f5"})
    assert re.search(r"un contraste de 2,\d pour 1, il en faut 4,5", shown)
    proposed = re.search(r"qui se lit : (#[0-9a-f]{6})", shown)[1]
    assert main_contrast(proposed) >= ENOUGH
    assert "C’est enregistré." in sent(office, **{**GOOD, "main": proposed})


def test_the_texts_are_said_as_plain_text_and_go_back(office: Client) -> None:
    assert "1 texte changé." in sent(office, TEXTS, home_welcome="Bonjour <b>à tous</b> 🌳")
    assert "Bonjour <b>à tous</b> 🌳" in page(Client(), "/")
    assert "<b>à tous" not in Client().get("/").content.decode()
    assert "À l’origine : « Les démarches" in page(office, TEXTS)
    sent(office, TEXTS, first_connection="Un.\r\n\r\nDeux.")
    assert "<p>Deux.</p>" in page(Client(), "/connexion/")
    assert "Les démarches pour les activités" in page(Client(), "/")
    assert "1000" in sent(office, TEXTS, contact_lead="a" * 1001)
    assert "Rien n’a changé." in sent(office, TEXTS, first_connection="Un.\r\n\r\nDeux.")


def test_a_stale_page_leaves_the_text_that_a_colleague_wrote(office: Client) -> None:
    form = office.get(TEXTS).context["form"]
    stale = {bound.name: bound.value() for bound in form}
    sent(office, TEXTS, **{**stale, "home_welcome": "Bonjour."})
    sent(office, TEXTS, **{**stale, "first_connection": "Un."})
    assert "Bonjour." in page(Client(), "/")
    assert "a modifié ceci" in sent(office, TEXTS, **{**stale, "home_welcome": "Bonsoir."})
    assert "Bonjour." in page(Client(), "/")


def test_another_office_chooses_nothing() -> None:
    world = Scenario()
    assert world.the_authority
    other = actor_for(world.staff("mairie", Role.OFFICE, authority=world.authority("Mairie")))
    director = actor_for(world.staff("direction", Role.DIRECTOR))
    for actor in (other, director):
        with pytest.raises(LookRefused, match="not_allowed"):
            look_set(actor=actor, **GOOD, now=None)  # type: ignore[arg-type]
        with pytest.raises(LookRefused, match="not_allowed"):
            texts_set(actor=actor, texts={}, now=None)  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.django_db(transaction=True)
def test_in_a_browser(open_page: Any, axe: Any, width: int) -> None:
    Scenario().staff("guichet", Role.OFFICE)
    page = open_page(width=width)
    page.goto("/connexion/")
    page.get_by_label("Identifiant ou adresse de courriel").fill("guichet")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    page.wait_for_url("**/agents/")
    page.goto(LOOK)
    page.get_by_label("Couleur principale").fill("#7b1fa2")
    page.get_by_role("button", name="ENREGISTRER").click()
    page.get_by_text("C’est enregistré.").wait_for()
    go = page.get_by_role("button", name="ENREGISTRER")
    expect(go).to_have_css("background-color", "rgb(123, 31, 162)")  # once the new sheet is there
    for address in (LOOK, TEXTS, "/agents/reglages/"):
        page.goto(address)
        assert axe(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
