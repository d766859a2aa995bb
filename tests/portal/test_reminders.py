"""« Mes factures » says that a bill was reminded, and until when a delay is granted."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from marelle.billing.models import Deferral
from marelle.billing.paid import Means
from marelle.billing.payments import NewPayment, payments_add
from tests.billing.reminders.late import NOW, TODAY, Late

pytestmark = pytest.mark.django_db

REMINDED = "Elle vous a été rappelée le 1er décembre 2026."
DEFERRED = "Délai accordé jusqu’au 11 décembre 2026."
LATE = "en retard"


@pytest.fixture
def world(time_machine) -> Late:
    time_machine.move_to(NOW)
    return Late()


def told(world: Late, url: str) -> str:
    client = Client()
    client.force_login(world.durand.user)
    plain = re.sub(r"<[^>]+>", " ", client.get(url).content.decode())
    return re.sub(r"[\s\u00a0\u202f]+", " ", plain)


def grant(world: Late, **fields: object) -> Deferral:
    said = {"family": world.durand.family, "authority": world.the_authority, **fields}
    return Deferral.objects.create(
        until=TODAY + timedelta(days=10), reason="Surendettement", granted_at=NOW, granted_by="Line", **said
    )


def test_a_bill_says_when_it_was_reminded_until_it_is_paid(world):
    bill, other = world.late(), world.late(days=2)
    world.sends()
    page = f"/factures/{bill.pk}/"
    for url in ("/factures/", page):
        assert told(world, url).count(REMINDED) == 1
        assert LATE in told(world, url)
    assert REMINDED not in told(world, f"/factures/{other.pk}/")
    payments_add([NewPayment(bill.pk, bill.total, TODAY, Means.STATE)], run=None, who="Line", now=NOW)
    for url in ("/factures/?etat=toutes", page):
        assert REMINDED not in told(world, url)


def test_a_delay_is_told_in_the_place_of_that_the_date_is_past(world):
    bill = world.late()
    grant(world)
    for url in ("/factures/", f"/factures/{bill.pk}/"):
        shown = told(world, url)
        assert DEFERRED in shown
        assert LATE not in shown
        assert "Surendettement" not in shown
    assert "en retard" not in told(world, "/tableau-de-bord/")


def test_a_delay_of_another_authority_home_or_of_who_pays_is_not_told(world):
    bill = world.late()
    grant(world, authority=world.authority("Ailleurs"))
    grant(world, family=world.home("Martin").family)
    grant(world, family=None, payer=world.payer())
    for url in ("/factures/", f"/factures/{bill.pk}/"):
        assert "Délai accordé" not in told(world, url)
        assert LATE in told(world, url)


def test_no_home_reads_what_somebody_else_was_reminded_of(world):
    world.late(payer=world.payer())
    world.sends()
    assert REMINDED not in told(world, "/factures/?etat=toutes")
