"""The outbox that anybody reads in the demo."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from marelle.demo.accounts import LISTED, PASSWORD, PIN
from marelle.mail.models import Message

NOW = datetime(2026, 11, 30, 20, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def a_mail(subject: str = "Votre demande est reçue") -> Message:
    return Message.objects.create(
        kind="test",
        to="camille@example.org",
        subject=subject,
        text="Bonjour <Camille>\n\nhttp://localhost:8000/inscriptions/",
        message_id=f"<{subject}@example.org>",
        created_at=NOW,
        not_before=NOW,
        next_attempt_at=NOW,
    )


def test_an_empty_outbox_says_what_fills_it(client: Client) -> None:
    response = client.get("/demo/courriels/")
    assert response.status_code == 200
    assert "Aucun courriel pour l’instant" in response.content.decode()


def test_mails_are_listed_and_open(client: Client) -> None:
    mail = a_mail()
    listed = client.get("/demo/courriels/").content.decode()
    assert f"/demo/courriels/{mail.pk}/" in listed
    assert "camille@example.org" in listed
    opened = client.get(f"/demo/courriels/{mail.pk}/").content.decode()
    assert "Bonjour &lt;Camille&gt;" in opened
    assert 'href="http://localhost:8000/inscriptions/"' in opened


def test_a_page_out_of_range_is_the_last_one(client: Client) -> None:
    a_mail()
    assert client.get("/demo/courriels/?page=nimporte").status_code == 200
    assert client.get("/demo/courriels/?page=99").status_code == 200


def test_an_unknown_mail_is_not_found(client: Client) -> None:
    assert client.get("/demo/courriels/999999/").status_code == 404


def test_the_list_costs_the_same_for_many(client: Client, count_queries) -> None:
    a_mail()
    with count_queries() as one:
        client.get("/demo/courriels/")
    for number in range(20):
        a_mail(f"Numéro {number}")
    with count_queries() as many:
        client.get("/demo/courriels/")
    assert len(many) == len(one)


def test_the_login_page_lists_the_accounts(client: Client) -> None:
    page = client.get("/connexion/").content.decode()
    assert PASSWORD in page
    for account in LISTED:
        assert f"<b>{account.identifier}</b>" in page
    assert 'href="/demo/courriels/"' in page
    assert f"<b>{PIN}</b>" in page
