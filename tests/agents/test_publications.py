"""A structure publishes, replaces, withdraws; the families concerned read, accept and return."""

from __future__ import annotations

from copy import deepcopy
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from marelle.core.actor import Role
from marelle.files.models import StoredFile
from marelle.papers.models import Acceptance, Publication
from tests.agents.test_papers import logged
from tests.papers.files import page_of_the_web, pdf, picture
from tests.papers.world import NOW, Desk
from tests.portal.test_enrolments import text
from tests.standing import built_once

pytestmark = pytest.mark.django_db

LIST = "/agents/documentation/"
READ = "/documentation/"


built = built_once(Desk, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Desk:
    time_machine.move_to(NOW)
    return deepcopy(built)


@pytest.fixture
def director(world):
    return logged(world.staff("direction", Role.DIRECTOR))


def typed(world, **changes):
    return {
        "audience": str(world.the_structure.pk),
        "theme": "rules",
        "title": "Règlement de l’accueil",
        "version": "septembre 2026",
        "file": pdf("reglement.pdf"),
        "published_on": "2026-11-25",
        "until": "",
        "returns": "",
        **changes,
    }


def published(director, world, **changes) -> Publication:
    director.post(f"{LIST}nouvelle/", typed(world, **changes))
    return Publication.objects.latest("pk")


def test_published_read_and_downloaded(world, director):
    row = published(director, world)
    assert "Règlement de l’accueil septembre 2026" in text(director.get(LIST))
    parent = logged(world.durand.user)
    page = text(parent.get(READ))
    for said in ("Accueil de loisirs d’Arelle", "Règlements", "Règlement de l’accueil (septembre 2026)"):
        assert said in page
    answer = parent.get(f"{READ}{row.pk}/fichier/?telecharger")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer.getvalue().startswith(b"%PDF")


def test_a_form_sent_twice_publishes_one_and_keeps_one_file(world, director):
    content = pdf().read()
    row, again, other, menus = (
        published(director, world, file=SimpleUploadedFile("reglement.pdf", sent), title=title)
        for sent, title in (
            (content, "Règlement"),
            (content, "Règlement"),
            (picture().read(), "Règlement"),
            (content, "Menus"),
        )
    )
    assert again == row
    assert Publication.objects.count() == StoredFile.objects.count() == len({row, other, menus}) == 3


def test_for_the_families_of_an_activity_alone(world, director):
    row = published(director, world, audience=f"{world.the_structure.pk}-{world.wednesdays.pk}")
    parent = logged(world.durand.user)
    assert "Règlement" not in text(parent.get(READ)).split("<main")[1]
    assert parent.get(f"{READ}{row.pk}/fichier/").status_code == 404
    world.enrolment(world.zoe, world.wednesdays, world.durand)
    assert "Règlement" in text(parent.get(READ))


@pytest.mark.parametrize("dates", [("2026-11-26", ""), ("2026-11-01", "2026-11-24")])
def test_outside_its_dates_it_is_not_there(world, director, dates):
    row = published(director, world, published_on=dates[0], until=dates[1])
    parent = logged(world.durand.user)
    assert "Aucun document pour le moment" in text(parent.get(READ))
    assert parent.get(f"{READ}{row.pk}/fichier/").status_code == 404


def test_accepted_in_a_dated_version_and_asked_again_for_the_next(world, director):
    row = published(director, world, must_accept="on")
    parent = logged(world.durand.user)
    for page in (READ, "/famille/", "/tableau-de-bord/"):
        assert "à accepter" not in text(parent.get(page)), "nobody of the home is enrolled there"
    world.enrolment(world.zoe, world.wednesdays, world.durand)
    assert "Un règlement est à lire et à accepter" in text(parent.get("/tableau-de-bord/"))
    assert "Un document est à lire et à accepter" in text(parent.get(READ))
    answer = parent.post(f"{READ}{row.pk}/accepter/", follow=True)
    assert "C’est noté" in text(answer)
    assert "lu et accepté par Camille Durand le mercredi 25 novembre 2026 à 21 h 14" in text(answer)
    parent.post(f"{READ}{row.pk}/accepter/")
    assert Acceptance.objects.count() == 1
    card = text(director.get(f"{LIST}{row.pk}/"))
    assert "1 foyer a accepté" in card
    assert "Qui a lu et accepté" in card
    assert "par Camille Durand, le mercredi 25 novembre 2026 à 21 h 14" in card.replace("\u00a0", " ")
    director.post(f"{LIST}{row.pk}/", typed(world, version="janvier 2027", must_accept="on"))
    new = Publication.objects.latest("pk")
    assert new.previous == row
    page = text(parent.get(READ))
    assert "Un document est à lire et à accepter" in page
    assert "Ce que vous avez accepté auparavant" in page
    parent.get(f"{READ}{row.pk}/fichier/").getvalue()
    again = director.post(f"{LIST}{row.pk}/retirer/", follow=True)
    assert "Une version plus récente existe" in text(again)


def test_corrected_it_keeps_its_file_and_who_accepted_and_a_stale_page_is_told(world, director):
    row = published(director, world, must_accept="on")
    logged(world.durand.user).post(f"{READ}{row.pk}/accepter/")
    page = f"{LIST}{row.pk}/corriger/"
    sent = {**director.get(page).context["form"].initial, "returns": "", "until": "2027-08-31"}
    answer = director.post(page, {**sent, "title": "Règlement intérieur"}, follow=True)
    assert "Le fichier reste le même" in text(answer)
    again = Publication.objects.get()
    assert (again.title, again.until, again.file) == ("Règlement intérieur", date(2027, 8, 31), row.file)
    assert Acceptance.objects.get().publication == again
    assert "a modifié ceci" in text(director.post(page, {**sent, "title": "Autre"}))
    wrong = {**sent, "until": "2026-01-01", "seen": director.get(page).context["form"].initial["seen"]}
    assert "La fin vient avant le début" in text(director.post(page, wrong))
    elsewhere = world.paper_type("D’ailleurs", authority=world.authority("Mairie"))
    other = {**wrong, "until": "", "returns": elsewhere.pk}
    assert director.post(page, other).context["form"].errors["returns"]
    director.post(f"{LIST}{row.pk}/retirer/")
    assert director.post(page, sent).status_code == 302
    assert Publication.objects.get().title == "Règlement intérieur"


def test_what_asks_for_no_acceptance_or_what_an_agent_would_accept(world, director):
    row = published(director, world)
    answer = logged(world.durand.user).post(f"{READ}{row.pk}/accepter/", follow=True)
    assert "Seule la famille peut accepter" in text(answer)
    asked = published(director, world, title="À accepter", must_accept="on")
    office = logged(world.staff("guichet", Role.OFFICE))
    office.post(f"/agents/familles/{world.durand.family.pk}/agir/")
    assert f"{READ}{asked.pk}/accepter/" not in text(office.get(READ))
    office.post(f"{READ}{asked.pk}/accepter/")
    assert not Acceptance.objects.exists()


def test_what_is_to_return_leads_to_the_document_to_send(world, director):
    kind = world.paper_type("Fiche de renseignements")
    published(director, world, returns=str(kind.pk))
    page = text(logged(world.durand.user).get(READ))
    assert "Retourner pour Zoé" in page
    assert f"/documents/{world.zoe.pk}/{kind.pk}/" in page


def test_withdrawn_it_is_gone(world, director):
    row = published(director, world)
    director.post(f"{LIST}{row.pk}/retirer/")
    parent = logged(world.durand.user)
    assert "Aucun document" in text(parent.get(READ))
    assert parent.get(f"{READ}{row.pk}/fichier/").status_code == 404


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": ""}, "obligatoire"),
        ({"file": ""}, "Choisissez un fichier"),
        ({"file": "html"}, "« page.pdf »"),
        ({"until": "2026-11-01"}, "La fin vient avant le début"),
        ({"published_on": "1850-99-01"}, "Donnez une date"),
        ({"audience": "999999"}, "choix valide"),
        ({"returns": "999999"}, "choix valide"),
    ],
)
def test_bad_input_says_what_is_wrong_and_publishes_nothing(world, director, changes, said):
    if changes.get("file") == "html":
        changes = {"file": page_of_the_web("page.pdf")}
        said = "Ce fichier n"
    answer = director.post(f"{LIST}nouvelle/", typed(world, **changes))
    assert answer.status_code == 200
    assert said in text(answer)
    assert not Publication.objects.exists()
    assert not StoredFile.objects.exists()


def test_a_director_of_another_structure_neither_sees_nor_replaces(world, director):
    row = published(director, world)
    other = logged(world.staff("ailleurs", Role.DIRECTOR, structure=world.structure("Ailleurs")))
    assert "Règlement" not in text(other.get(LIST)).split("<main")[1]
    for method, path in (("get", ""), ("post", ""), ("get", "fichier/"), ("post", "retirer/")):
        assert getattr(other, method)(f"{LIST}{row.pk}/{path}").status_code == 404
    assert other.post(f"{LIST}nouvelle/", typed(world)).status_code == 200
    assert Publication.objects.count() == 1


def test_the_same_number_of_queries_at_one_and_at_many(world, director, count_queries):
    parent = logged(world.durand.user)
    kind = world.paper_type("Fiche")
    world.enrolment(world.zoe, world.wednesdays, world.durand)
    published(director, world, returns=str(kind.pk), must_accept="on")
    parent.get(READ)
    with count_queries(10) as few:
        parent.get(READ)
    for number in range(3):
        published(director, world, title=f"Règlement {number}", returns=str(kind.pk))
    with count_queries() as many:
        parent.get(READ)
    assert len(many) == len(few)


def test_activities_of_two_years_are_told_apart_and_those_that_are_over_are_not_offered(world, director):
    old = world.activity("Mercredis", first_day=date(2025, 9, 1), last_day=date(2026, 7, 3))
    world.activity("Mercredis", first_day=date(2027, 9, 1), last_day=date(2028, 7, 5))
    page = text(director.get(f"{LIST}nouvelle/"))
    assert "familles de « Mercredis, du 1er septembre 2027 au 5 juillet 2028 »" in page
    chosen = f"{world.the_structure.pk}-{old.pk}"
    assert f'value="{chosen}"' not in page
    row = published(director, world)
    Publication.objects.update(activity=old)
    assert f'value="{chosen}" selected' in text(director.get(f"{LIST}{row.pk}/"))
