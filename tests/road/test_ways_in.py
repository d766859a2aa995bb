"""First connection and forgotten password, followed from the mail that brings the link."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from marelle.accounts.services import account_invite
from marelle.core.actor import Actor
from marelle.mail.models import Message
from tests.road.walker import SMALLEST, Axe, Walker
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

NEW = "un goûter sous le tilleul"


def path_in_last_mail(start: str) -> str:
    """Where the link of the last mail leads, without the site that the demo's settings name."""
    found = re.search(rf"https?://[^/\s]+({start}[^\s)\]]+)", Message.objects.latest("pk").text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_invited_activated_and_in(open_page, axe: Axe, javascript: bool) -> None:
    world = Scenario()
    durand = world.home("Durand", "Camille")
    hugo = world.adult(durand, "Hugo")
    sent = account_invite(
        actor=Actor(None, "Guichet"), label="Hugo Durand", email="hugo@example.org", now=timezone.now()
    )
    hugo.account_id = sent.user_id
    hugo.save()
    walker = Walker(
        open_page(width=SMALLEST, javascript=javascript, forgive=("410",)), axe, javascript=javascript
    )
    path = path_in_last_mail("/activation/")
    walker.open(path, "Bienvenue, Hugo Durand")
    page = walker.page
    page.get_by_label("Identifiant").fill("hugo@chez.nous")
    page.get_by_label("Mot de passe", exact=True).fill("123456789012")
    page.get_by_label("Le même mot de passe").fill("autre chose encore")
    walker.press("J’ouvre mon accès")
    walker.look("Bienvenue, Hugo Durand")
    assert page.get_by_label("Identifiant").input_value() == "hugo@chez.nous"
    page.get_by_label("Identifiant").fill("hugo.d")
    page.get_by_label("Mot de passe", exact=True).fill(NEW)
    page.get_by_label("Le même mot de passe").fill(NEW)
    walker.press("J’ouvre mon accès")
    walker.look("Bonjour Hugo")
    walker.leave()
    walker.open(path)
    assert "Bienvenue" not in walker.main.inner_text()
    walker.come_in("hugo.d", "Bonjour Hugo", NEW)


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_a_forgotten_password(open_page, axe: Axe, javascript: bool) -> None:
    world = Scenario()
    user = world.home("Durand", "Camille", identifier="durand").user
    user.email = "camille@example.org"
    user.save()
    walker = Walker(
        open_page(width=SMALLEST, javascript=javascript, forgive=("410",)), axe, javascript=javascript
    )
    walker.open("/connexion/")
    walker.follow("J’ai oublié mon mot de passe")
    walker.look("Mot de passe oublié")
    walker.page.get_by_role("textbox").fill("camille@example.org")
    walker.press("Recevoir le lien")
    walker.look("courriel")
    path = path_in_last_mail("/mot-de-passe/")
    walker.open(path, "Pour le compte « durand »")
    walker.page.get_by_label("Mot de passe", exact=True).fill(NEW)
    walker.page.get_by_label("Le même mot de passe").fill(NEW)
    walker.press("ENREGISTRER")
    walker.look()
    walker.open(path)
    walker.page.context.clear_cookies()
    walker.come_in("durand", "Bonjour Camille", NEW)
