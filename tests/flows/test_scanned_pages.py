"""What each side reads of a file that waits for clamd, and of one that was destroyed."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from marelle.cases.models import Case
from marelle.core.actor import Role
from marelle.core.environment import Scanner
from marelle.core.tabular import FileUnreadable
from marelle.families.imports.labels import refusal_text
from marelle.families.imports.services import import_prepare
from marelle.families.models import FamilyImport
from marelle.files.models import StoredFile
from marelle.files.rules import FileRefused, Scan
from marelle.files.scanning import away
from marelle.files.services import file_check
from marelle.flows.actor.actors import actor_for
from marelle.flows.home.export import export_write
from marelle.flows.upkeep.scanning import files_scanned
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.papers.models import PaperPage
from marelle.places.look import _fitted
from tests.families.imports.files import GOOD, csv_of
from tests.files import samples
from tests.files.test_scanning import infected_inside
from tests.papers.files import pdf
from tests.papers.world import NOW, Desk
from tests.portal.test_enrolments import text
from tests.standing import built_once

NOBODY = Scanner(path="/nowhere/clamd")
LATER = NOW + timedelta(minutes=1)


class Asking(Desk):
    def __init__(self) -> None:
        super().__init__()
        self.enrolment(self.zoe, self.wednesdays, self.durand)
        self.insurance = self.paper_type(needed_by=[self.wednesdays])
        self.form = f"/documents/{self.zoe.pk}/{self.insurance.pk}/"


built = built_once(Asking, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Asking:
    time_machine.move_to(NOW)
    return deepcopy(built)


@pytest.fixture
def parent(world, client) -> Client:
    client.force_login(world.durand.user)
    return client


@pytest.fixture
def agent(world) -> Client:
    found = Client()
    found.force_login(world.staff("guichet", Role.OFFICE))
    return found


class Sent:
    """A paper sent by a parent, of one page, while clamd was away."""

    def __init__(self, world: Asking, parent: Client, settings: Any, content: bytes) -> None:
        settings.CLAMD = NOBODY
        upload = SimpleUploadedFile("attestation.pdf", content)
        self.answer = text(parent.post(world.form, {"pages": [upload]}, follow=True))
        away.forget()
        self.page = PaperPage.objects.get()
        self.paper = self.page.paper
        self.family_url = f"/documents/pages/{self.page.pk}/"
        self.agent_url = reverse("agents_papers:page", args=[self.paper.pk, self.page.pk])


@pytest.mark.django_db
@pytest.mark.usefixtures("files_folder")
class TestThePages:
    def test_say_that_it_is_held_then_open_it(self, world, parent, agent, settings, clamd) -> None:
        sent = Sent(world, parent, settings, samples.pdf())
        assert "Votre document est envoyé." in sent.answer
        assert "fichier en cours de vérification" in sent.answer
        shown = text(agent.get(f"/agents/documents/{sent.paper.pk}/"))
        assert "fichier en cours de vérification" in shown
        assert "<iframe" not in shown
        assert "Ouvrir seule" not in shown
        for client, url in ((parent, sent.family_url), (agent, sent.agent_url)):
            for more in ("", "?telecharger", "?cadre"):
                answer = client.get(url + more)
                assert answer.status_code == 409
                assert "Fichier en cours de vérification" in text(answer)
        settings.CLAMD = clamd
        assert files_scanned(now=LATER) == 1
        for client, url in ((parent, sent.family_url), (agent, sent.agent_url)):
            answer = client.get(url)
            assert answer.status_code == 200
            assert b"".join(answer).startswith(b"%PDF")
        assert "en cours de vérification" not in text(parent.get(world.form)).replace("à vérifier", "")
        assert "<iframe" in text(agent.get(f"/agents/documents/{sent.paper.pk}/"))

    def test_say_that_it_is_destroyed_and_ask_for_another(
        self, world, parent, agent, settings, clamd, django_capture_on_commit_callbacks
    ) -> None:
        sent = Sent(world, parent, settings, infected_inside())
        settings.CLAMD = clamd
        with django_capture_on_commit_callbacks(execute=True):
            assert files_scanned(now=LATER) == 1
        form = text(parent.get(world.form))
        assert "un virus y a été trouvé. Envoyez-en un autre" in form
        assert "Un fichier envoyé a été détruit" in form
        home = text(parent.get("/documents/"))
        assert "1 document à envoyer." in home
        assert "fichier détruit, à renvoyer" in home
        assert "Attestation d’assurance\u00a0: à renvoyer" in text(parent.get("/tableau-de-bord/"))
        file = text(agent.get(f"/agents/familles/{world.durand.family.pk}/"))
        assert "fichier détruit, à renvoyer" in file
        shown = text(agent.get(f"/agents/documents/{sent.paper.pk}/"))
        assert "détruit : un virus y a été trouvé" in shown
        assert "<iframe" not in shown
        answer = parent.get(sent.family_url)
        assert answer.status_code == 410
        assert "envoyez-en un autre" in text(answer)
        answer = agent.get(sent.agent_url)
        assert answer.status_code == 410
        assert "Demandez-en un autre à qui l’a envoyé" in text(answer)
        mail = Message.objects.get(kind="families/file_destroyed")
        assert mail.family_id == world.durand.family.pk
        assert "25 novembre 2026" in mail.text
        assert "attestation" not in mail.text
        assert "Fichier détruit" in text(parent.get("/historique/"))
        parent.post(f"/documents/pages/{sent.page.pk}/retirer/")
        assert "Votre document est envoyé." in text(parent.post(world.form, {"pages": [pdf()]}, follow=True))
        assert "détruit" not in text(parent.get("/documents/"))

    @pytest.mark.usefixtures("clamd")
    def test_refuse_a_virus_at_once_in_words(self, world, parent) -> None:
        upload = SimpleUploadedFile("attestation.pdf", infected_inside())
        said = text(parent.post(world.form, {"pages": [upload]}))
        assert "Un virus a été trouvé dans ce fichier : rien n’en a été gardé." in said
        assert not StoredFile.objects.exists()
        assert not Entry.objects.filter(verb="paper.sent").exists()

    def test_an_export_holds_no_file_that_is_held(self, world, parent, settings) -> None:
        Sent(world, parent, settings, samples.pdf())
        to = BytesIO()
        export_write(actor=world.durand.actor, to=to, now=NOW)
        with ZipFile(to) as archive:
            assert archive.namelist() == ["donnees.json", "lisez-moi.txt"]
            assert "à faire" in archive.read("donnees.json").decode()

    def test_a_spreadsheet_is_refused_and_nothing_is_written(self, world, settings, clamd) -> None:
        actor = actor_for(world.staff("guichet", Role.OFFICE))
        settings.CLAMD = NOBODY
        with pytest.raises(FileUnreadable) as refused:
            import_prepare(actor=actor, upload=csv_of(GOOD), now=NOW)
        said = refusal_text(refused.value)
        assert said.startswith(
            "Les virus ne peuvent pas être recherchés pour le moment : rien n’est importé."
        )
        assert not FamilyImport.objects.exists()
        assert not storages["private"].exists("imports")
        away.forget()
        settings.CLAMD = clamd
        assert import_prepare(actor=actor, upload=csv_of(GOOD), now=NOW).pk

    def test_a_logo_does_not_wait(self, settings) -> None:
        settings.CLAMD = NOBODY
        logo = file_check(upload=SimpleUploadedFile("logo.png", samples.picture(kind="PNG")))
        with pytest.raises(FileRefused) as refused:
            _fitted(logo)
        assert refused.value.code == "unscanned"

    def test_the_administrator_is_told_after_a_while(self, world, parent, settings, time_machine) -> None:
        Sent(world, parent, settings, samples.pdf())
        admin = Client()
        admin.force_login(world.staff("admin", Role.ADMINISTRATOR))
        told = "1 fichier envoyé attend depuis plus de dix minutes"
        assert told not in text(admin.get("/agents/reglages/portail/"))
        time_machine.move_to(NOW + timedelta(minutes=11))
        assert told in text(admin.get("/agents/reglages/portail/"))
        assert told in text(admin.get("/agents/"))

    @pytest.mark.parametrize(
        ("state", "said"),
        [(Scan.WAITING, "encore en cours de vérification"), (Scan.INFECTED, "a été détruit")],
    )
    def test_what_nobody_could_open_is_not_accepted_and_may_be_refused(
        self, world, parent, agent, settings, state, said
    ) -> None:
        sent = Sent(world, parent, settings, samples.pdf())
        StoredFile.objects.update(scan=state.value, scan_at=NOW)
        page, seen = f"/agents/documents/{sent.paper.pk}/", str(sent.page.pk)
        shown = text(agent.get(page))
        assert said in shown
        assert f"{page}accepter/" not in shown
        assert said in text(agent.post(f"{page}accepter/", {"seen": seen}, follow=True))
        sent.paper.refresh_from_db()
        assert sent.paper.state == "received"
        assert Case.objects.get().state == "open"
        agent.post(f"{page}refuser/", {"seen": seen, "reason": "Envoyez une photo."})
        sent.paper.refresh_from_db()
        assert sent.paper.state == "refused"
