"""`init --rehearsal`: the authority's own definitions, invented families, and no word that leaves."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from marelle.billing.tresor.report import Batch
from marelle.billing.tresor.services import ExportRefused, tresor_export
from marelle.bookings.models import Booking
from marelle.core.actor import SYSTEM
from marelle.core.kept import kept_changed
from marelle.core.listing import Column, Listing, cell
from marelle.core.models import Rehearsal
from marelle.core.rehearsal import rehearsal_mark
from marelle.enrolments.models import Enrolment
from marelle.families.models import Family
from marelle.files.listings import listing_pdf
from marelle.flows.vitals.reading import vitals
from marelle.flows.vitals.rules import Kind
from marelle.mail.models import Message, MessageState
from marelle.mail.selectors import overdue
from marelle.mail.services import send_due
from tests.definitions.example import HAMLET, NOW
from tests.scenario import PASSWORD, Scenario

TOLD = "Répétition"
LATER = NOW + timedelta(days=3)


@pytest.fixture(autouse=True)
def then(time_machine) -> None:
    time_machine.move_to(NOW)


def init(at: Path, *more: str) -> str:
    (at / "village.yaml").write_text(HAMLET)
    out = StringIO()
    call_command("init", str(at / "village.yaml"), "--yes", *more, stdout=out, stderr=out)
    return out.getvalue()


def opened(told: str, name: str) -> Client:
    """Who comes in by the invitation that the command told."""
    line = next(one for one in told.splitlines() if name in one and "/activation/" in one)
    path = "/" + line[line.index("http") :].split("/", 3)[3]
    client = Client()
    page = client.get(path)
    posted = {"identifier": name.replace(" ", "").casefold(), "password": PASSWORD, "repeated": PASSWORD}
    assert TOLD in page.content.decode()
    assert client.post(path, posted).status_code == 302
    return client


@pytest.mark.django_db(transaction=True)
def test_all_of_a_portal_without_anybody(tmp_path: Path, settings: Any) -> None:
    settings.MAIL_IS_SENT, settings.MARELLE_DEMO = True, False
    told = init(tmp_path, "--rehearsal")
    assert "24 foyers inventés" in told
    assert Family.objects.count() == 24
    assert Enrolment.objects.filter(state=Enrolment.State.ACCEPTED).count() > 10
    assert Booking.objects.live().count() > 20

    agent, parent = opened(told, "Nina"), opened(told, "Un parent")
    for client, address in (
        (Client(), "/"), (Client(), "/connexion/"), (Client(), "/porte/"), (agent, "/agents/"),
        (agent, "/agents/familles/"), (parent, "/tableau-de-bord/"), (parent, "/reservations/"),
    ):  # fmt: skip
        assert TOLD in client.get(address, follow=True).content.decode(), address
    assert "restent ici" in agent.get("/agents/courriels/").content.decode()
    assert "C’est une répétition" in agent.get("/agents/reglages/portail/").content.decode()

    waiting = Message.objects.filter(state=MessageState.QUEUED).count()
    assert waiting > 20
    assert send_due(now=LATER).sent == 0
    assert mail.outbox == []
    assert Message.objects.filter(state=MessageState.QUEUED).count() == waiting
    assert not overdue(now=LATER).exists(), "nobody is told that they wait"
    assert "0 foyers inventés" in init(tmp_path, "--rehearsal"), "it goes on, and all is there"
    assert "Rien à changer" in init(tmp_path)
    Rehearsal.objects.all().delete()
    kept_changed()
    assert send_due(now=LATER).sent > 0, "it is the row that keeps them"


@pytest.mark.django_db
def test_where_somebody_is_none_begins(tmp_path: Path) -> None:
    Scenario().home("Durand", "Camille")
    with pytest.raises(CommandError, match="ni famille, ni compte"):
        init(tmp_path, "--rehearsal")
    assert not Rehearsal.objects.exists()


@pytest.mark.django_db
def test_no_bill_leaves_as_if_it_were_one(settings: Any) -> None:
    settings.MARELLE_DEMO = False
    kinds = {sign.kind for sign in vitals(now=NOW).signs}
    said = Scenario()
    plain = paper()
    assert paper() == plain
    rehearsal_mark(now=NOW)
    assert {sign.kind for sign in vitals(now=NOW).signs} - kinds == {Kind.REHEARSAL}
    assert paper() != plain, "it says so across the page"
    batch = Batch(said.the_authority.pk, 2026, NOW.date().replace(day=1))
    with pytest.raises(ExportRefused) as refusal:
        tresor_export(actor=SYSTEM, batch=batch, seen="", now=NOW)
    assert refusal.value.code == "rehearsal"


def paper() -> bytes:
    rows = ((cell("Zoé"),),)
    return listing_pdf(Listing("Liste", "liste", (), (Column("Nom"),), rows, (), "Mairie", "Mairie"), now=NOW)
