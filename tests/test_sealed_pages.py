"""Where no key opens the incomes, pages say so in French and the rest of them stands."""

from __future__ import annotations

import json
from datetime import date, timedelta
from html import unescape
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from cryptography.fernet import Fernet
from django.test import Client
from django.utils import timezone

from marelle.core.actor import Role
from marelle.core.clock import local
from marelle.families.file.changes import file_save
from marelle.families.incomes.rules import IncomeStatus
from marelle.families.models import ChangeRequest, Income
from marelle.files.models import StoredFile
from marelle.flows.home.export import export_write
from marelle.papers.models import Paper
from tests.papers.files import picture
from tests.papers.world import NOW, Desk
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

GONE = "Indisponible pour le moment"


class Village(Scenario):
    """A home with an income, a proposal that waits and a request; then the key is another."""

    def __init__(self, settings: Any) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.quotient(self.durand, "734.00")
        self.asked = self.enrolment(self.zoe, self.activity("Mercredis"), self.durand, state="requested")
        self.propose("512,40")
        self.change = ChangeRequest.objects.get()
        self.keys, settings.SEALING_KEYS = settings.SEALING_KEYS, (Fernet.generate_key().decode(),)
        self.tokens = [(row.status.token, row.amount.token) for row in Income.objects.all()]

    def propose(self, amount: str) -> None:
        typed = {"home.quotient": {"amount": amount, "since": ""}}
        file_save(actor=self.durand.actor, person_id=None, typed=typed, seen={}, now=timezone.now())

    def client(self, user: Any) -> Client:
        client = Client()
        client.force_login(user)
        return client


@pytest.fixture
def world(settings: Any) -> Village:
    return Village(settings)


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_the_home_reads_the_rest_of_its_file_and_proposes_no_other(world: Village) -> None:
    client = world.client(world.durand.user)
    page = text(client.get("/famille/foyer/"))
    assert GONE in page
    assert 'name="home-quotient-amount"' not in page
    assert 'name="home-address-street"' in page
    for path in ("/famille/", "/famille/confirmer/", "/tableau-de-bord/"):
        assert "Durand" in text(client.get(path))


def test_agents_read_the_rest_and_decide_nothing_on_it(world: Village) -> None:
    office = world.client(world.staff("guichet", Role.OFFICE))
    home = text(office.get(f"/agents/familles/{world.durand.family.pk}/"))
    assert GONE in home
    assert "Zoé" in home
    assert GONE in text(office.get(f"/agents/inscriptions/{world.asked.pk}/"))
    desk = f"/agents/modifications/{world.change.pk}/"
    shown = office.get(desk)
    assert GONE in text(shown)
    current = shown.context["cards"][0].form["current"].value()
    sent = {f"{world.change.pk}-answer": "accept", f"{world.change.pk}-current": current}
    answer = office.post(desk, {**sent, f"{world.change.pk}-since": "2026-12-01"}, follow=True)
    assert "Ce revenu est indisponible pour le moment" in text(answer)
    assert [(row.status.token, row.amount.token) for row in Income.objects.all()] == world.tokens
    world.change.refresh_from_db()
    assert world.change.state == ChangeRequest.State.OPEN


def test_a_copy_of_all_that_is_held_says_it_and_gives_the_rest(world: Village) -> None:
    held = BytesIO()
    export_write(actor=world.durand.actor, to=held, now=timezone.now())
    data = json.loads(ZipFile(held).read("donnees.json"))
    (income,) = next(rows for title, rows in data.items() if "revenus" in title)
    assert {income["connu comme"], income["montant ou nombre"]} == {GONE}
    assert "Zoé" in json.dumps(data, ensure_ascii=False)


def test_without_any_key_an_income_is_refused_in_french(world: Village, settings: Any) -> None:
    settings.SEALING_KEYS = ()
    Income.objects.all().delete()
    ChangeRequest.objects.all().delete()
    parent = world.client(world.durand.user)
    sheet = parent.get("/famille/foyer/").context["form"]
    shown = {bound.html_name: bound.value() or "" for bound in sheet if not bound.html_name.endswith("proof")}
    page = text(
        parent.post("/famille/foyer/", {**shown, "seen": sheet.seen(), "home-quotient-amount": "512"})
    )
    assert "ne peuvent pas être enregistrés pour le moment" in page
    assert 'value="512"' in page
    assert not ChangeRequest.objects.exists()
    office = world.client(world.staff("guichet", Role.OFFICE))
    path = f"/agents/familles/{world.durand.family.pk}/revenus/noter/"
    day = local(timezone.now()).date() - timedelta(days=1)
    shown = {"kind": "quotient", "status": "proved", "seen": office.get(path).context["form"]["seen"].value()}
    sent = {**shown, "amount": "512", "since": day.isoformat(), "source": "CAF"}
    assert "ne peuvent pas être enregistrés pour le moment" in text(office.post(path, sent))
    assert not Income.objects.exists()


def test_once_the_key_is_back_all_is_there(world: Village, settings: Any) -> None:
    settings.SEALING_KEYS = world.keys
    assert Income.objects.get().told.status is IncomeStatus.PROVED
    assert "734,00" in text(world.client(world.durand.user).get("/famille/foyer/"))


def test_a_view_that_has_no_words_for_it_says_that_nothing_is_kept(settings: Any, time_machine: Any) -> None:
    time_machine.move_to(NOW)
    desk = Desk()
    desk.enrolment(desk.zoe, desk.wednesdays, desk.durand)
    insurance = desk.paper_type(needed_by=[desk.wednesdays])
    client = Client()
    client.force_login(desk.durand.user)
    settings.SEALING_KEYS = ()
    answer = client.post(f"/documents/{desk.zoe.pk}/{insurance.pk}/", {"pages": picture()})
    assert answer.status_code == 503
    assert "rien n’est enregistré" in unescape(answer.content.decode())
    assert not Paper.objects.exists()
    assert not StoredFile.objects.exists()
