"""The copy of all that is held on a home: whole, and nothing of another home."""

from __future__ import annotations

import json
from datetime import date, datetime
from io import BytesIO
from zipfile import ZipFile

import pytest
from cryptography.fernet import Fernet
from django.core.files.storage import storages
from django.test import Client

from marelle.core.actor import SYSTEM, Role
from marelle.core.clock import PARIS
from marelle.core.subject import Subject
from marelle.families.incomes.rules import IncomeKind
from marelle.families.models import HealthSheet, Person, PickupContact
from marelle.files.services import file_make
from marelle.flows.actor.actors import actor_for
from marelle.flows.home.export import EXPORTED, export_write
from marelle.journal.models import Entry
from marelle.journal.services import record
from marelle.mail.services import queue
from marelle.papers.models import Paper, PaperPage, PaperType
from tests.scenario import Home, Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)


class Apart(Scenario):
    """Zoé lives with Camille and with Sacha, apart. Dominique lives with Camille, and is nothing to Zoé."""

    def __init__(self) -> None:
        super().__init__()
        self.durand, self.martin = self.home("Durand", "Camille"), self.home("Martin", "Sacha")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.shared(self.zoe, self.durand, self.martin)
        self.dominique = self.adult(self.durand, "Dominique", identifier="dominique")
        HealthSheet.objects.create(child=self.zoe, allergies="Arachide", updated_at=NOW, updated_by="Camille")
        for home, secret in ((self.durand, "Voisine-D"), (self.martin, "Voisine-M")):
            self.neighbour(home, secret)
            self.income(home, IncomeKind.QUOTIENT, "777.77", source=secret)
            Person.objects.filter(pk=home.adult.pk).update(phone=f"+3360000000{home.adult.pk}")
            self.paper(home, secret)
            subject = Subject("person", self.zoe.pk, f"Zoé {secret}")
            record(actor=home.actor, verb="booking.saved", subject=subject, family_id=home.family.pk, now=NOW)

    def neighbour(self, home: Home, name: str) -> None:
        PickupContact.objects.create(
            family=home.family,
            child=self.zoe,
            name=name,
            link="voisine",
            may_fetch=True,
            may_be_called=False,
            order=1,
        )

    def paper(self, home: Home, name: str) -> None:
        kind = PaperType.objects.create(
            authority=self.the_authority, title=name, why="Pour tous.", about="child"
        )
        paper = Paper.objects.create(
            paper_type=kind, family=home.family, person=self.zoe, sent_at=NOW, sent_by="Quelqu’un"
        )
        stored = file_make(
            actor=SYSTEM, content=b"%PDF-1.7", name=f"{name}.pdf", pages=1, family_id=home.family.pk, now=NOW
        )
        PaperPage.objects.create(paper=paper, file=stored)


@pytest.fixture
def world() -> Apart:
    return Apart()


def copy_of(user) -> tuple[str, list[str]]:
    """The JSON as text, once it was read as JSON, and the names of the files."""
    target = BytesIO()
    export_write(actor=actor_for(user), to=target, now=NOW)
    with ZipFile(target) as archive:
        assert archive.testzip() is None
        text = archive.read("donnees.json").decode()
        json.loads(text)
        return text, [name for name in archive.namelist() if name.startswith("fichiers/")]


def test_a_parent_gets_its_home_its_child_and_its_files(world) -> None:
    text, files = copy_of(world.durand.user)
    for told in ("Arachide", "Voisine-D", "777.77", "Zoé", "Camille", world.durand.family.number):
        assert told in text
    assert [name.partition("-")[2] for name in files] == ["Voisine-D.pdf"]


def test_nothing_of_the_other_home_is_in_it(world) -> None:
    text, files = copy_of(world.durand.user)
    for secret in ("Voisine-M", "Sacha", world.martin.family.number, f"+3360000000{world.martin.adult.pk}"):
        assert secret not in text
    assert not any("Voisine-M" in name for name in files)
    other, other_files = copy_of(world.martin.user)
    assert "Voisine-D" not in other
    assert "Arachide" in other
    assert len(other_files) == 1


def test_who_may_not_see_a_child_gets_nothing_of_it(world) -> None:
    text, files = copy_of(world.dominique.account)
    assert "Zoé" not in text
    assert "Arachide" not in text
    assert "777.77" in text
    assert files == []


def test_mails_are_those_that_came_to_the_reader_and_no_key_is_in_it(world) -> None:
    world.durand.user.email = "camille@example.org"
    world.durand.user.save()
    context = {"name": "Camille"}
    home = world.durand.family.pk
    queue(kind="accounts/email_changed", to="Camille@example.org", context=context, family_id=home, now=NOW)
    queue(kind="accounts/email_changed", to="dominique@example.org", context=context, family_id=home, now=NOW)
    url = "https://portail.example/lien-secret/"
    context = {"name": "Camille", "url": url, "days": 2}
    queue(
        kind="accounts/confirm_email",
        to="camille@example.org",
        context=context,
        family_id=home,
        secret=True,
        now=NOW,
    )
    text, _files = copy_of(world.durand.user)
    assert "Camille@example.org" in text
    assert "dominique@example.org" not in text
    assert url not in text


def test_a_file_that_the_storage_has_lost_does_not_keep_the_rest_away(world) -> None:
    stored = PaperPage.objects.get(paper__family=world.durand.family).file
    storages["private"].delete(stored.path)
    text, files = copy_of(world.durand.user)
    assert files == []
    assert "Voisine-D.pdf" in text


def test_a_file_that_no_key_opens_does_not_keep_the_rest_away_either(world, settings) -> None:
    settings.SEALING_KEYS = (Fernet.generate_key().decode(),)
    text, files = copy_of(world.durand.user)
    assert files == []
    assert "-Indisponible pour le moment.pdf" in text


def test_it_is_written_down_and_costs_no_query_a_row(world, count_queries) -> None:
    with count_queries() as few:
        copy_of(world.durand.user)
    assert Entry.objects.filter(verb=EXPORTED, family_id=world.durand.family.pk).count() == 1
    for number in range(5):
        world.paper(world.durand, f"Pièce {number}")
    with count_queries() as many:
        copy_of(world.durand.user)
    assert len(many) == len(few)


def test_the_page_gives_a_zip_and_an_agent_who_acts_for_the_home_gets_none(world) -> None:
    client = Client()
    client.force_login(world.durand.user)
    assert "Télécharger mes données" in client.get("/compte/donnees/").content.decode()
    answer = client.post("/compte/donnees/telecharger/")
    assert answer["Content-Disposition"].startswith("attachment")
    assert ZipFile(BytesIO(answer.getvalue())).testzip() is None
    agent = actor_for(world.staff("guichet", Role.OFFICE), acting_for=world.durand.family.pk)
    with pytest.raises(LookupError):
        export_write(actor=agent, to=BytesIO(), now=NOW)
