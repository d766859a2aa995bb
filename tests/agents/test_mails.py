"""The mails of the portal, read by staff with invented data."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from html import unescape

import pytest
from django.test import Client
from playwright.sync_api import expect

from marelle.core.actor import Role
from marelle.mail.samples import samples
from marelle.mail.selectors import words_of
from marelle.mail.services import queue
from marelle.mail.wording import NO_WORDS, Words
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def reader(role: Role) -> Client:
    client = Client()
    client.force_login(Scenario().staff("agent", role))
    return client


def page(client: Client, path: str = "") -> str:
    answer = client.get(f"/agents/courriels/{path}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_each_mail_is_listed_and_leads_to_its_text_and_its_look() -> None:
    listed = page(reader(Role.OFFICE))
    assert all(f'href="/agents/courriels/{kind}/"' in listed for kind in samples())


def test_a_mail_is_read_as_text_and_as_it_looks() -> None:
    client = reader(Role.OFFICE)
    assert "jusqu’au vendredi 4 décembre" in page(client, "bookings/deadline_near/")
    preview = page(client, "bookings/deadline_near/apercu/")
    assert 'class="button"' in preview
    assert set(re.findall(r'href="([^"]*)"', preview)) == {"#"}
    assert client.get("/agents/courriels/bookings/rien/").status_code == 404


@pytest.mark.parametrize(("role", "seen"), [(Role.OFFICE, False), (Role.ADMINISTRATOR, True)])
def test_the_state_of_the_outbox_is_for_the_administrator(role, seen) -> None:
    queue(
        kind="accounts/email_changed",
        to="camille@example.org",
        context=samples()["accounts/email_changed"].context,
        now=NOW,
    )
    listed = page(reader(role))
    assert ("boîte d’envoi" in listed) == seen
    assert "camille@example.org" not in listed


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.django_db(transaction=True)
def test_in_a_browser(open_page, axe, width) -> None:
    Scenario().staff("agent", Role.ADMINISTRATOR)
    page = open_page(width=width, forgive=("404",))  # a mail has no icon
    page.goto("/connexion/")
    page.get_by_label("Identifiant ou adresse de courriel").fill("agent")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    page.wait_for_url("**/agents/")
    for path in ("", "papers/refused/", "papers/refused/apercu/"):
        page.goto(f"/agents/courriels/{path}")
        assert axe(page) == [], path


WORDING, SIGNATURE = "/agents/courriels/mots/{}/enrolments/refused/", "/agents/courriels/signature/{}/"


class Office:
    """The office at its pages of words."""

    def __init__(self) -> None:
        world = Scenario()
        self.client = Client()
        self.client.force_login(world.staff("agent", Role.OFFICE))
        self.authority = world.the_authority
        self.other = world.authority("Mairie d’Arelle")

    def page(self, address: str = WORDING) -> str:
        answer = self.client.get(address.format(self.authority.pk))
        assert answer.status_code == 200
        return unescape(answer.content.decode())

    def sends(self, address: str = WORDING, **data: str) -> str:
        answer = self.client.post(address.format(self.authority.pk), data, follow=True)
        assert answer.status_code == 200
        return unescape(answer.content.decode())

    def held(self) -> Words:
        return words_of(self.authority.pk, "enrolments/refused")


@pytest.fixture
def office() -> Office:
    return Office()


def test_words_are_seen_before_they_are_kept_and_the_others_come_back(office: Office) -> None:
    page = office.page()
    assert "{enfant} : inscription non validée, {activité}" in page
    assert "le prénom de l’enfant" in page
    words = {"subject": "Pour {Enfant}", "before": "Merci <b>à vous</b>, {destinataire}.", "after": ""}
    raw = office.client.get(WORDING.format(office.authority.pk)).content.decode()
    seen = unescape(re.findall(r'name="seen" value="([^"]*)"', raw)[0])
    shown = office.sends(**words, seen=seen, act="apercu")
    assert "rien n’est encore enregistré" in shown
    assert "<b>Pour Zoé</b>" in shown
    assert "Merci &lt;b&gt;à vous&lt;/b&gt;, Camille Durand." in shown
    assert office.held() == NO_WORDS
    kept = office.sends(**words, seen=seen)
    assert "C’est enregistré." in kept
    assert office.held() == Words("Pour {enfant}", words["before"])
    assert "À l’origine : « {enfant} : inscription non validée" in kept
    assert "Avec vos mots" in page_of(office.client, "")
    assert "Merci" in page_of(office.client, "enrolments/refused/")
    back = office.sends(seen=json.dumps(asdict(office.held())), act="origine")
    assert "Avec vos mots" not in page_of(office.client, "")
    assert "À l’origine" not in back
    assert office.held() == NO_WORDS


def page_of(client: Client, path: str) -> str:
    return unescape(page(client, path))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (
            {"before": "{quotient}"},
            "Le champ {quotient} n’existe pas ici. Champs possibles : {destinataire}, ",
        ),
        ({"after": "{enfant"}, "Une accolade est seule"),
        ({"subject": "x" * 121}, "120 signes"),
        ({"before": "x" * 1501}, "1500 signes"),
        ({"after": "http://arelle.example"}, "commence par https://"),
        ({"subject": "Un\u2028Deux"}, "une seule ligne"),
        ({"before": "Un\x1bDeux"}, "signe invisible"),
    ],
)
@pytest.mark.parametrize("act", ["", "apercu"])
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(office, wrong, told, act) -> None:
    shown = office.sends(
        **{"subject": "Mon objet", "before": "Mon début", "after": "Ma fin", **wrong}, act=act
    )
    assert told in shown
    kept = {"subject": "Mon objet", "before": "Mon début", "after": "Ma fin"}
    assert all(text in shown for part, text in kept.items() if part not in wrong)
    assert office.held() == NO_WORDS


def test_a_colleague_who_was_first_is_told_and_what_was_typed_stays(office: Office) -> None:
    empty = json.dumps(asdict(NO_WORDS))
    office.sends(before="La première.", seen=empty)
    shown = office.sends(before="La seconde.", seen=empty)
    assert "Un collègue vient de modifier ce courriel" in shown
    assert "La seconde." in shown
    assert office.held().before == "La première."
    for nonsense in ("", "[]", "{", "null", '{"before": 3}', "[" * 5000):
        assert "Un collègue" in office.sends(before="La seconde.", seen=nonsense)


def test_the_signature_stands_under_each_mail_to_families(office: Office) -> None:
    empty = json.dumps(asdict(NO_WORDS))
    shown = office.sends(SIGNATURE, after="Le service enfance, {collectivité}", seen=empty, act="apercu")
    assert f"Le service enfance, {office.authority.name}" in shown
    office.sends(SIGNATURE, after="Le service enfance, {collectivité}", seen=empty)
    signed = f"Le service enfance, {office.authority.name}"
    assert signed in page_of(office.client, "papers/refused/")
    assert signed not in page_of(office.client, "accounts/new_password/")
    assert "{enfant}" not in office.page(SIGNATURE)


def test_another_authority_and_a_mail_of_the_portal_are_not_there(office: Office) -> None:
    for address in (
        WORDING.format(office.other.pk),
        SIGNATURE.format(office.other.pk),
        f"/agents/courriels/mots/{office.authority.pk}/accounts/new_password/",
        f"/agents/courriels/mots/{office.authority.pk}/rien/rien/",
    ):
        assert office.client.get(address).status_code == 404
        assert office.client.post(address, {"after": "x"}).status_code == 404
    assert "garde les mots du portail" in page_of(office.client, "accounts/new_password/")


def test_the_pages_let_in_the_style_of_mails_alone(office: Office) -> None:
    policy = office.client.get(WORDING.format(office.authority.pk))["Content-Security-Policy"]
    assert "style-src 'self' 'sha256-" in policy
    assert "unsafe" not in policy


@pytest.mark.django_db(transaction=True)
def test_wording_a_mail_in_a_browser(open_page, axe) -> None:
    world = Scenario()
    world.staff("agent", Role.OFFICE)
    page = open_page(width=1280)
    page.goto("/connexion/")
    page.get_by_label("Identifiant ou adresse de courriel").fill("agent")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    page.wait_for_url("**/agents/")
    page.goto("/agents/courriels/enrolments/refused/")
    page.get_by_role("link", name="Modifier les mots").click()
    page.get_by_label("Au début").fill("Bien reçu, {destinataire}.\n\nhttps://arelle.example/reglement")
    page.get_by_role("button", name="Voir l’aperçu").click()
    shown = page.frame_locator("iframe")
    expect(shown.get_by_text("Bien reçu, Camille Durand.")).to_be_visible()
    expect(shown.get_by_role("link", name="https://arelle.example/reglement")).to_be_visible()
    expect(page.get_by_text("rien n’est encore enregistré")).to_be_visible()
    page.get_by_role("button", name="ENREGISTRER").click()
    expect(page.get_by_text("C’est enregistré.")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 800})
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Remettre le texte du portail").click()
    expect(page.get_by_text("Bien reçu")).to_have_count(0)
