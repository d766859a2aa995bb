"""The mails of the portal, read by staff with invented data."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from marelle.core.actor import Role
from marelle.mail.samples import samples
from marelle.mail.services import queue
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
    assert "<strong>" in page(client, "bookings/deadline_near/apercu/")
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
    page.get_by_label("Identifiant ou adresse mail").fill("agent")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    page.wait_for_url("**/agents/")
    for path in ("", "papers/refused/", "papers/refused/apercu/"):
        page.goto(f"/agents/courriels/{path}")
        assert axe(page) == [], path
