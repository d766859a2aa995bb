"""One address for an account and its person."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from marelle.flows.actor.addresses import address_change, address_confirm
from marelle.journal.origin import Origin
from marelle.mail.models import Message
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 20, 14, tzinfo=UTC)


def test_a_confirmed_address_is_where_mails_about_the_home_go():
    durand = Scenario().home("Durand")
    new = "neuve@famille.example"
    address_change(actor=durand.actor, email=new, password=PASSWORD, origin=Origin(), now=NOW)
    durand.adult.refresh_from_db()
    assert durand.adult.email != new
    message = Message.objects.get(to="neuve@famille.example")
    token = message.text.split("/compte/adresse-mail/")[1].split("/")[0]
    address_confirm(token=token, origin=Origin(), now=NOW)
    durand.adult.refresh_from_db()
    assert durand.adult.email == "neuve@famille.example"
    address_change(actor=durand.actor, email="", password=PASSWORD, origin=Origin(), now=NOW)
    durand.adult.refresh_from_db()
    assert durand.adult.email == ""
