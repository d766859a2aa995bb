"""« Agents et postes »: invited, changed and suspended on screen."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.test import Client

from marelle.accounts.models import User
from marelle.core.actor import Role
from marelle.places.models import Post
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db

HERE = "/agents/reglages/agents/"


class Screen:
    def __init__(self, role: Role) -> None:
        self.world = Scenario()
        self.client = Client()
        self.user = self.world.staff("moi", role)
        self.client.force_login(self.user)

    def get(self, path: str = "") -> str:
        return unescape(self.client.get(f"{HERE}{path}", follow=True).content.decode())

    def post(self, path: str, **data: Any) -> str:
        return unescape(self.client.post(f"{HERE}{path}", data, follow=True).content.decode())

    @property
    def invited(self) -> dict[str, Any]:
        return {
            "name": " Inès  Caron ",
            "email": "ines@arelle.example",
            "animated": [str(self.world.the_structure.pk)],
        }


def test_an_agent_is_invited_found_changed_and_suspended() -> None:
    screen = Screen(Role.OFFICE)
    structure = screen.world.the_structure
    assert "L’invitation est partie" in screen.post("inviter/", **screen.invited)
    user = User.objects.get(display_name="Inès Caron")
    assert "Inès Caron" in screen.get("?q=caron")
    assert "Personne" in screen.get("?q=zzz")
    assert "invité" in screen.get(f"{user.pk}/")
    seen = f"animator-{structure.pk}"
    assert "2 postes changés" in screen.post(f"{user.pk}/", seen=seen, directed=[str(structure.pk)])
    assert "rouvrez-la" in screen.post(f"{user.pk}/", seen=seen, animated=[str(structure.pk)])
    assert Post.objects.get(user=user).role == Role.DIRECTOR
    seen, chosen = f"director-{structure.pk}", [str(structure.pk)]
    assert "1 poste changé" in screen.post(f"{user.pk}/", seen=seen, directed=chosen, incomes=chosen)
    assert f"Direction\u00a0: {structure}, lit les revenus" in screen.get("?q=caron")
    alone = screen.post(f"{user.pk}/", seen=f"{seen}-revenus", incomes=chosen)
    assert "Cochez aussi la direction de cette structure" in alone
    assert "1 poste changé" in screen.post(f"{user.pk}/", seen=f"{seen}-revenus", directed=chosen)
    assert "déconnectée partout" in screen.post(f"{user.pk}/suspendre/")
    assert "suspendu" in screen.get(f"{user.pk}/")
    assert "lui sont rendus" in screen.post(f"{user.pk}/rendre/")
    assert "nouvelle invitation est partie" in screen.post(f"{user.pk}/inviter/")
    assert "1 poste changé" in screen.post(f"{user.pk}/", seen=f"director-{structure.pk}")
    assert screen.client.get(f"{HERE}{user.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"name": ""}, "obligatoire"),
        ({"email": "ines"}, "adresse"),
        ({"animated": []}, "Cochez au moins un poste"),
        ({"animated": ["999"]}, "999"),
        ({"animated": ["<b>"]}, "à corriger"),
        ({"offices": ["1"], "administrator": "on", "animated": []}, "Cochez au moins un poste"),
    ],
)
def test_what_is_wrong_is_said_and_nobody_is_invited(wrong: dict[str, Any], told: str) -> None:
    screen = Screen(Role.DIRECTOR)
    page = screen.post("inviter/", **{**screen.invited, **wrong})
    assert told in page
    assert User.objects.count() == 1


@pytest.mark.parametrize(("role", "named"), [(Role.OFFICE, True), (Role.DIRECTOR, False)])
def test_an_address_already_known_is_told_by_name_to_the_office_alone(role: Role, named: bool) -> None:
    screen = Screen(role)
    parent = screen.world.home("Caron", "Nora").user
    User.objects.filter(pk=parent.pk).update(email="ines@arelle.example", display_name="Nora Caron")
    page = screen.post("inviter/", **screen.invited)
    assert ("compte de Nora Caron" in page) == named
    assert ("demandez au guichet" in page) != named
    screen.post("inviter/", **screen.invited, is_same="on")
    assert Post.objects.filter(user=parent).exists() == named


def test_who_was_suspended_since_the_page_was_opened_is_not_invited_again() -> None:
    screen = Screen(Role.OFFICE)
    screen.post("inviter/", **screen.invited)
    user = User.objects.get(display_name="Inès Caron")
    screen.post(f"{user.pk}/suspendre/")
    assert screen.client.post(f"{HERE}{user.pk}/inviter/").status_code == 404
    assert user.invitations.count() == 1


def test_ones_own_posts_are_shown_and_kept() -> None:
    screen = Screen(Role.OFFICE)
    assert "Personne ne change ses propres postes" in screen.get(f"{screen.user.pk}/")
    for path in ("", "suspendre/", "rendre/", "inviter/"):
        assert "vos propres postes" in screen.post(f"{screen.user.pk}/{path}")
    assert Post.objects.get(user=screen.user).suspended_at is None


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.django_db(transaction=True)
def test_in_a_browser(open_page: Any, axe: Any, width: int) -> None:
    world = Scenario()
    world.staff("guichet", Role.OFFICE)
    world.staff("ines", Role.ANIMATOR)
    page = open_page(width=width)
    page.goto("/connexion/")
    page.get_by_label("Identifiant ou adresse de courriel").fill("guichet")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    page.wait_for_url("**/agents/")
    page.goto(f"{HERE}inviter/")
    assert axe(page) == []
    page.get_by_label("Prénom et nom").fill("Paul Vidal")
    page.get_by_label("Adresse de courriel").fill("paul@arelle.example")
    page.get_by_role("group", name="Direction de").get_by_label(world.the_structure.name).check()
    page.get_by_role("button", name="INVITER").click()
    page.get_by_text("L’invitation est partie").wait_for()
    assert axe(page) == []
    page.goto(HERE)
    assert axe(page) == []
    page.get_by_role("link", name="Ines").click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Suspendre").click()
    page.get_by_text("déconnectée partout").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
