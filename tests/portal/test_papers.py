"""« Mes documents » as a parent meets it: what is asked, sent, replaced, taken back, and never shown."""

from __future__ import annotations

from copy import deepcopy

import pytest
from django.test import Client

from marelle.cases.models import Case, CaseState
from marelle.files.models import StoredFile
from marelle.journal.models import Entry
from marelle.papers.models import Paper, PaperPage
from tests.papers.files import page_of_the_web, pdf, picture
from tests.papers.world import NOW, Desk
from tests.portal.test_enrolments import text
from tests.standing import built_once

pytestmark = pytest.mark.django_db


class Asking(Desk):
    def __init__(self) -> None:
        super().__init__()
        self.enrolment(self.zoe, self.wednesdays, self.durand)
        self.insurance = self.paper_type(needed_by=[self.wednesdays])
        self.home_paper = self.paper_type("Justificatif de domicile", "family", asked_of_all=True)
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


def test_a_parent_finds_what_is_asked_and_sends_it(world, parent):
    page = text(parent.get("/documents/"))
    assert "2 documents à envoyer." in page
    assert f'<a class="whole" href="{world.form}"><b>Attestation d’assurance</b><small>Zoé Durand' in page
    assert "Votre foyer" in page
    folder = text(parent.get(f"/documents/{world.zoe.pk}/"))
    assert "Attestation d’assurance" in folder
    assert "manquant" in folder
    asked = text(parent.get(world.form))
    for said in ("Pour que l’enfant soit couvert", "participer aux sorties", "Mercredis", "10 Mo"):
        assert said in asked
    sent = parent.post(world.form, {"pages": [picture("recto.jpg"), pdf("verso.pdf")]}, follow=True)
    assert "Votre document est envoyé. Le service va le vérifier." in text(sent)
    assert "recto.jpg" in text(sent)
    assert "reçu, à vérifier par le service" in text(parent.get(f"/documents/{world.zoe.pk}/"))
    assert "1 document à envoyer." in text(parent.get("/documents/"))
    paper = Paper.objects.get()
    assert [page.file.name for page in paper.pages.all()] == ["recto.jpg", "verso.pdf"]
    assert Case.objects.get().structure_id == world.the_structure.pk
    assert Entry.objects.filter(verb="paper.sent", family_id=world.durand.family.pk).exists()


def test_a_paper_of_the_home(world, parent):
    form = f"/documents/foyer/{world.home_paper.pk}/"
    assert "Justificatif de domicile" in text(parent.get("/documents/foyer/"))
    parent.post(form, {"pages": [picture()]})
    assert Paper.objects.get().person is None
    assert "reçu" in text(parent.get(form))


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([], "Choisissez un fichier"),
        ([page_of_the_web("vacances.jpg")], "Ce fichier n"),
        ([picture(), page_of_the_web("deux.jpg")], "« deux.jpg » :"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_its_name_and_nothing_is_half_stored(world, parent, files, said):
    for file in files:
        file.seek(0)
    answer = parent.post(world.form, {"pages": files})
    assert answer.status_code == 200
    assert said in text(answer)
    assert not Paper.objects.exists()
    assert not StoredFile.objects.exists()
    assert not Case.objects.exists()


def test_pages_are_added_removed_and_replaced_while_it_waits(world, parent):
    parent.post(world.form, {"pages": [picture("un.jpg")]})
    assert "Ajouter ces pages" in text(parent.get(world.form))
    parent.post(world.form, {"pages": [picture("deux.jpg")], "mode": "add"})
    assert Paper.objects.get().pages.count() == 2
    first = PaperPage.objects.first()
    assert "La page est retirée." in text(parent.post(f"/documents/pages/{first.pk}/retirer/", follow=True))
    assert [page.file.name for page in Paper.objects.get().pages.all()] == ["deux.jpg"]
    parent.post(world.form, {"pages": [picture("trois.jpg")], "mode": "replace"})
    assert sorted(Paper.objects.values_list("state", flat=True)) == ["received", "replaced"]
    assert [file.name for file in StoredFile.objects.all()] == ["trois.jpg"]
    assert sorted(Case.objects.values_list("state", flat=True)) == [CaseState.OPEN, CaseState.WITHDRAWN]


def test_a_paper_has_so_many_pages_and_no_more(world, parent):
    for _ in range(2):
        parent.post(world.form, {"pages": [picture() for _ in range(10)], "mode": "add"})
    answer = parent.post(world.form, {"pages": [picture()], "mode": "add"})
    assert "20 fichiers au plus" in text(answer)
    assert PaperPage.objects.count() == 20


def test_the_last_page_removed_takes_the_paper_back(world, parent):
    parent.post(world.form, {"pages": [picture()]})
    parent.post(f"/documents/pages/{PaperPage.objects.get().pk}/retirer/")
    assert Paper.objects.get().state == "withdrawn"
    assert not StoredFile.objects.exists()
    assert "manquant" in text(parent.get(world.form))


def test_the_same_form_twice_leaves_one_paper_that_waits(world, parent):
    for _ in range(2):
        parent.post(world.form, {"pages": [picture()]})
    assert Paper.objects.filter(state="received").count() == 1
    assert Case.objects.filter(state=CaseState.OPEN).count() == 1
    assert StoredFile.objects.count() == 1


def test_taking_back_what_was_decided_meanwhile_says_so(world, parent):
    parent.post(world.form, {"pages": [picture()]})
    paper = Paper.objects.get()
    Paper.objects.update(state="accepted")
    answer = parent.post(f"/documents/envois/{paper.pk}/retirer/", follow=True)
    assert "Ce document n’attend plus" in text(answer)
    assert Paper.objects.get().state == "accepted"


def test_a_refusal_shows_its_reason_and_another_try_is_open(world, parent):
    world.paper(world.insurance, world.durand, world.zoe, "refused", reason="Trop floue <b>.")
    page = text(parent.get(world.form))
    assert "Ce document a été refusé" in page
    assert "Trop floue &lt;b&gt;." in page
    assert "Envoyer ce document" in page


def test_the_other_home_knows_that_it_was_given_and_never_sees_it(world, parent, client):
    petit = world.home("Petit", "Alex")
    world.shared(world.zoe, world.durand, petit)
    holidays = world.activity("Vacances")
    world.need(holidays, world.insurance)
    world.enrolment(world.zoe, holidays, petit)
    parent.post(world.form, {"pages": [picture("recto.jpg")]})
    page_id = PaperPage.objects.get().pk
    other = Client()
    other.force_login(petit.user)
    page = text(other.get(world.form))
    assert "reçu, à vérifier par le service, envoyé par l’autre foyer" in page
    for hidden in ("recto.jpg", "Camille", "Durand"):
        assert hidden not in page.split("<main")[1].replace("Zoé Durand", "")
    assert other.get(f"/documents/pages/{page_id}/").status_code == 404
    assert other.post(f"/documents/pages/{page_id}/retirer/").status_code == 404
    assert other.post(f"/documents/envois/{Paper.objects.get().pk}/retirer/").status_code == 404
    own = parent.get(f"/documents/pages/{page_id}/")
    assert own.status_code == 200
    own.getvalue()


def test_what_is_of_others_is_not_found(world, parent):
    martin = world.home("Martin")
    ines = world.child(martin, "Inès")
    for path in (
        f"/documents/{ines.pk}/",
        f"/documents/{ines.pk}/{world.insurance.pk}/",
        f"/documents/{world.zoe.pk}/{world.home_paper.pk}/",
        f"/documents/foyer/{world.insurance.pk}/",
        f"/documents/{world.durand.adult.pk}/{world.insurance.pk}/",
        f"/documents/{world.zoe.pk}/{10**9}/",
        f"/documents/{10**30}/",
    ):
        assert parent.get(path).status_code == 404, path
    assert (
        parent.post(f"/documents/{ines.pk}/{world.insurance.pk}/", {"pages": [picture()]}).status_code == 404
    )
    assert not Paper.objects.exists()


def test_a_paper_for_an_activity_not_yet_asked_for_may_be_sent_first(world, parent):
    kind = world.paper_type(
        "Brevet de natation", needed_by=[world.activity("Piscine")], effect="blocks_request"
    )
    form = f"/documents/{world.zoe.pk}/{kind.pk}/"
    for page in ("/documents/", f"/documents/{world.zoe.pk}/"):
        found = text(parent.get(page))
        assert "Avant une inscription" in found, page
        assert f'href="{form}"' in found, page
    assert "Avant une inscription" not in text(parent.get("/documents/foyer/"))
    parent.post(form, {"pages": [picture()]})
    assert Case.objects.get().structure_id == world.the_structure.pk
    assert "Brevet" in text(parent.get(f"/documents/{world.zoe.pk}/"))
    assert "Avant une inscription" not in text(parent.get("/documents/"))


def test_a_paper_of_what_a_child_cannot_be_asked_for_is_not_wanted(world, parent):
    for fields in ({"years": (15, 17)}, {"requests_close_at": NOW}, {"enrolment_mode": "by_structure"}):
        activity = world.activity("Piscine", **fields)
        world.paper_type(f"Brevet {fields}", needed_by=[activity], effect="blocks_request")
    world.paper_type("Rappel", needed_by=[world.activity("Piscine")], effect="warn")
    assert "Avant une inscription" not in text(parent.get("/documents/"))


def test_a_home_that_has_left_reads_and_sends_nothing(world, parent):
    world.durand.family.left_on = NOW.date()
    world.durand.family.save()
    answer = parent.post(world.form, {"pages": [picture()]})
    assert "Votre dossier est fermé" in text(answer)
    assert not Paper.objects.exists()


def test_a_file_is_shown_as_what_it_is_and_never_kept(world, parent):
    parent.post(world.form, {"pages": [picture("recto.jpg")]})
    answer = parent.get(f"/documents/pages/{PaperPage.objects.get().pk}/")
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    answer.getvalue()


@pytest.mark.parametrize("path", ["/documents/", "/documents/{zoe}/", "/documents/{zoe}/{kind}/"])
def test_the_same_number_of_queries_at_one_paper_and_at_many(world, parent, count_queries, path):
    path = path.format(zoe=world.zoe.pk, kind=world.insurance.pk)
    world.paper_type("Employeur", "adult", needed_by=[world.wednesdays])
    world.paper(world.insurance, world.durand, world.zoe, "refused")
    parent.get(path)
    with count_queries(8) as few:
        parent.get(path)
    for number in range(6):
        activity = world.activity(f"Autre {number}")
        child = world.child(world.durand, f"Enfant {number}")
        world.enrolment(child, activity, world.durand)
        kind = world.paper_type(f"Pièce {number}", needed_by=[activity, world.wednesdays])
        world.paper(kind, world.durand, child, "refused")
        world.paper(world.insurance, world.durand, world.zoe, "refused")
    with count_queries() as many:
        parent.get(path)
    assert len(many) == len(few)
