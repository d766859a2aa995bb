"""/.well-known/security.txt: whom to tell of a weakness (RFC 9116)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from marelle.portal.legal.reporting import security_txt

ADDRESS = "/.well-known/security.txt"
NOW = datetime(2026, 11, 30, 23, 40, tzinfo=UTC)


@pytest.mark.django_db
def test_a_portal_without_a_contact_has_no_such_page(client):
    assert client.get(ADDRESS).status_code == 404


@pytest.mark.django_db
def test_who_is_told_of_a_weakness_is_read_without_an_account(client, settings):
    settings.SECURITY_CONTACT = ("mailto:securite@example.fr", "https://example.fr/signaler")
    settings.SECURITY_POLICY = "https://example.fr/politique"
    settings.PUBLIC_URL, settings.HTTPS = "https://famille.example.fr", True
    with time_machine.travel(NOW, tick=False):
        answer = client.get(ADDRESS)
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode() == (
        "Contact: mailto:securite@example.fr\n"
        "Contact: https://example.fr/signaler\n"
        "Expires: 2027-05-29T00:00:00Z\n"
        "Preferred-Languages: fr, en\n"
        "Canonical: https://famille.example.fr/.well-known/security.txt\n"
        "Policy: https://example.fr/politique\n"
    )


def test_it_holds_for_less_than_a_year_and_names_only_what_there_is():
    said = security_txt(contacts=["tel:+33353012000"], policy="", canonical="", now=NOW)
    fields = dict(line.split(": ", 1) for line in said.splitlines())
    assert set(fields) == {"Contact", "Expires", "Preferred-Languages"}
    assert NOW < datetime.fromisoformat(fields["Expires"]) < NOW + timedelta(days=365)
