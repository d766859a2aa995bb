"""What every answer tells the browser to refuse."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

LOOSE = ("unsafe-inline", "unsafe-eval", "unsafe-hashes", "data:", "blob:", "http:", "https:", "*", "nonce-")


@pytest.mark.parametrize(
    "address", ["/", "/connexion/", "/nulle-part/", "/administration/", "/demo/courriels/"]
)
def test_the_policy_is_strict(client, address):
    answer = client.get(address)
    policy = dict(part.strip().partition(" ")[::2] for part in answer["Content-Security-Policy"].split(";"))
    assert policy["default-src"] in {"'none'", "'self'"}
    assert {"frame-ancestors", "base-uri", "form-action"} <= set(policy)
    assert not [word for word in LOOSE for value in policy.values() if word in value]
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("address", ["/", "/connexion/", "/compte/"])
def test_nothing_is_echoed_to_trace(client, address):
    answer = client.trace(address, headers={"x-secret": "un-secret"})
    assert answer.status_code in {302, 405}
    assert b"un-secret" not in answer.content


def test_a_file_of_ours_is_framed_by_nobody_either(settings):
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    answer = Client().get("/static/ui/door.js")
    answer.close()
    assert answer.status_code == 200
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("address", ["/", "/connexion/", "/nulle-part/"])
def test_a_page_holds_nothing_inline_and_nothing_from_elsewhere(client, address):
    page = client.get(address).content.decode()
    assert "<style" not in page
    assert " style=" not in page
    assert " onclick" not in page
    assert "<script>" not in page
    assert 'src="http' not in page


@pytest.mark.parametrize("address", ["/contact/", "/compte/", "/nulle-part/", "/"])
def test_nothing_shown_to_who_is_logged_in_is_stored(client, address):
    client.force_login(Scenario().home("Durand", "Camille").user)
    assert {"private", "no-store"} <= set(client.get(address)["Cache-Control"].split(", "))


def test_the_public_home_may_be_stored(client):
    assert "no-store" not in client.get("/").headers.get("Cache-Control", "")
