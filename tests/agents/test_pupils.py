"""An office takes in the list of a school: a file, its columns, who its pupils are, what it notes."""

from __future__ import annotations

import html
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from marelle.core.actor import Role
from marelle.core.clock import local
from marelle.families.models import Family, PupilList, Schooling
from marelle.families.rules import listed_year
from marelle.places.models import School
from tests.agents.test_browser import fits
from tests.flows.test_pupils import EVA, HEADINGS, LOU, NOW, ZOE, Village
from tests.scenario import PASSWORD

pytestmark = pytest.mark.django_db

LISTS = "/agents/familles/eleves/"
NEAR = "DURAND;ZOÉ;15/05/2018;CE1;"


@pytest.fixture
def world(time_machine: Any) -> Village:
    time_machine.move_to(NOW, tick=False)
    world = Village()
    world.client = Client()
    world.client.force_login(world.user)
    return world


def read(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def sends(world: Village, *lines: str) -> str:
    upload = SimpleUploadedFile("onde.csv", "\r\n".join((HEADINGS, *lines)).encode("cp1252"))
    return read(world.client.post(LISTS, {"file": upload}, follow=True))


def columns(world: Village, **changes: str) -> str:
    row = PupilList.objects.latest("pk")
    chosen = {code: str(place) for code, place in row.columns.items()}
    told = {"year": "2027", "of_school": str(world.the_school.pk), **chosen, **changes}
    return read(world.client.post(f"{LISTS}{row.pk}/colonnes/", told, follow=True))


def confirms(world: Village, **ticked: Any) -> str:
    row = PupilList.objects.latest("pk")
    page = read(world.client.get(f"{LISTS}{row.pk}/"))
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    told = {"seen": seen, "left_on": "2027-08-31", **ticked}
    return read(world.client.post(f"{LISTS}{row.pk}/", told, follow=True))


def test_from_the_families_to_the_classes(world):
    assert LISTS in read(world.client.get("/agents/familles/"))
    assert LISTS in read(world.client.get("/agents/activites/annee/classes/"))
    page = sends(world, ZOE, LOU, EVA)
    assert '<option value="2027" selected>2027-2028' in page
    page = columns(world)
    assert "École des Tilleuls, 2027-2028" in page
    assert "CE1\xa0: 1 enfant" in page
    assert "CP → CE1, Mme POMMIER" in page
    assert f"/agents/familles/{world.durand.family.pk}/" in page
    assert "1 élève est inconnu du portail" in page
    assert f'id="left-{world.tom.pk}" name="left" value="{world.tom.pk}" checked' in page
    assert not Schooling.objects.filter(school_year=2027).exists()
    done = confirms(world, left=[world.tom.pk])
    assert "La liste est prise en compte" in done
    assert "EVA LEROY" in done
    assert Schooling.objects.get(child=world.tom).until == date(2027, 8, 31)
    assert Family.objects.count() == 3
    assert "2 classes notées" in read(world.client.get(LISTS))


def test_a_list_of_a_part_of_the_school_ticks_nobody(world):
    for n in range(3):
        world.child(world.durand, f"Ami{n}", born=date(2016, 2, 3), school=world.the_school)
    sends(world, ZOE)
    page = columns(world)
    assert "Cette liste est peut-être incomplète" in page
    assert f'value="{world.tom.pk}" checked' not in page


def test_who_a_pupil_is_is_asked_then_noted(world):
    sends(world, NEAR, LOU)
    page = columns(world)
    row = PupilList.objects.get()
    assert "ZOÉ DURAND, né(e) le 15 mai 2018, CE1 (ligne 2)" in page
    assert f"Zoé Durand, né(e) le 14 mai 2018 (dossier Durand, n° {world.durand.family.number})" in page
    answers = f"{LISTS}{row.pk}/reponses/"
    page = read(world.client.post(answers, {"who-2": str(world.zoe.pk)}, follow=True))
    assert f'<option value="{world.zoe.pk}" selected' in page
    confirms(world)
    assert Schooling.objects.get(child=world.zoe, school_year=2027).level == "CE1"


def test_what_moved_meanwhile_is_told_and_the_ticks_stay(world):
    sends(world, ZOE, LOU)
    columns(world)
    page = confirms(world, seen="x", left=[world.tom.pk])
    assert "vient de changer" in page
    assert f'value="{world.tom.pk}" checked' in page
    page = confirms(world, left=[world.tom.pk], left_on="")
    assert "Donnez une date." in page
    page = confirms(world, left=[world.tom.pk], left_on="2031-01-01")
    assert "Le dernier jour à l’école est de cette année scolaire" in page
    assert not Schooling.objects.filter(school_year=2027).exists()


def test_a_school_is_asked_where_no_line_names_one(world):
    sends(world, ZOE)
    assert "Dites de quelle école est cette liste" in columns(world, of_school="")


def test_a_word_is_explained_among_the_schools_of_the_office(world):
    page = sends(world, "DURAND;ZOE;14/05/2018;Les grands;")
    page = columns(world)
    assert "Que veulent dire ces mots" in page
    row = PupilList.objects.get()
    page = read(world.client.post(f"{LISTS}{row.pk}/mots/", {"level-lesgrands": "CE1"}, follow=True))
    assert "CP → CE1" in page


def test_the_same_list_again_says_so(world):
    sends(world, ZOE, LOU)
    columns(world)
    confirms(world)
    sends(world, ZOE, LOU)
    assert "Cette même liste a déjà été prise en compte" in columns(world)
    assert "laissées comme elles sont" in confirms(world)


def test_a_list_is_forgotten(world):
    sends(world, EVA)
    row = PupilList.objects.get()
    assert "est oubliée" in read(world.client.post(f"{LISTS}{row.pk}/oublier/", follow=True))
    assert not PupilList.objects.exists()


def test_a_list_that_was_lost_is_sent_again(world):
    sends(world, ZOE)
    row = PupilList.objects.get()
    PupilList.objects.update(key="imports/none")
    for place in ("", "colonnes/", "mots/", "inconnus/"):
        assert "il y a trop longtemps" in read(world.client.get(f"{LISTS}{row.pk}/{place}", follow=True))


def test_each_office_reads_who_is_unknown_at_its_own_schools(world):
    """The list of both villages; the office of one of them answers for the first school alone."""
    School.objects.filter(name="Chênes").update(commune=world.commune("Loin", world.the_authority))
    lines = (f"{ZOE};", f"{LOU};", f"{EVA};", "ROUX;IDA;03/01/2016;CM2;;Chênes")
    upload = SimpleUploadedFile("onde.csv", "\r\n".join((f"{HEADINGS};École", *lines)).encode())
    world.client.post(LISTS, {"file": upload})
    columns(world)
    done = confirms(world)
    assert "EVA LEROY" in done
    assert "IDA ROUX" in done
    village = world.authority("Village")
    world.the_commune.authorities.add(village)
    other = Client()
    other.force_login(world.staff("village", Role.OFFICE, authority=village))
    address = f"{LISTS}{PupilList.objects.get().pk}/"
    page, rows = read(other.get(address)), read(other.get(f"{address}inconnus/"))
    assert "EVA LEROY" in page
    assert "LEROY" in rows
    assert "IDA" not in rows
    assert "IDA" not in page
    other.post(f"{address}oublier/")
    assert "EVA" not in read(world.client.get(address))
    assert "IDA ROUX" in read(world.client.get(address))


def test_lines_of_several_schools_are_for_the_office_that_sent_them(world):
    """Until they are written they are read as they came: names and birth dates of all."""
    sends(world, ZOE)
    columns(world)
    lines = (f"{ZOE};", "ROUX;IDA;03/01/2016;CM2;;Chênes")
    upload = SimpleUploadedFile("deux.csv", "\r\n".join((f"{HEADINGS};École", *lines)).encode())
    world.client.post(LISTS, {"file": upload})
    columns(world)
    alone, several = PupilList.objects.order_by("pk")
    village = world.authority("Village")
    world.the_commune.authorities.add(village)
    other, colleague = Client(), Client()
    other.force_login(world.staff("village", Role.OFFICE, authority=village))
    colleague.force_login(world.staff("accueil", Role.OFFICE))
    assert "onde.csv" in read(other.get(LISTS))
    assert "deux.csv" not in read(other.get(LISTS))
    assert other.get(f"{LISTS}{alone.pk}/colonnes/").status_code == 200
    assert other.get(f"{LISTS}{several.pk}/colonnes/").status_code == 404
    assert other.post(f"{LISTS}{several.pk}/oublier/").status_code == 404
    assert "IDA" in read(colleague.get(f"{LISTS}{several.pk}/colonnes/"))


def test_a_list_that_notes_nothing_says_so(world):
    sends(world, EVA)
    columns(world)
    confirms(world)
    assert "rien à noter" in read(world.client.get(LISTS))
    assert "0 classe" not in read(world.client.get(LISTS))
    sends(world, EVA)
    columns(world)
    confirms(world, left=[world.tom.pk])
    assert "1 départ noté" in read(world.client.get(LISTS))


def test_an_office_without_a_school_sends_none(world):
    client = Client()
    client.force_login(world.staff("ailleurs", Role.OFFICE, authority=world.authority("Ailleurs")))
    assert "Aucune école" in read(client.get(LISTS))
    upload = SimpleUploadedFile("onde.csv", f"{HEADINGS}\r\n{ZOE}".encode())
    assert client.post(LISTS, {"file": upload}).status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "javascript"), [(320, True), (1280, False)])
def test_in_a_browser(open_page: Any, axe: Any, tmp_path: Any, width: int, javascript: bool) -> None:
    world = Village()
    Schooling.objects.update(school_year=listed_year(local(timezone.now()).date()) - 1)
    file = tmp_path / "onde.csv"
    file.write_bytes(f"{HEADINGS}\r\n{NEAR}\r\n{LOU}\r\n{EVA}".encode("cp1252"))
    page = open_page(width=width, javascript=javascript)

    def check() -> None:
        if javascript:
            assert axe(page) == [], page.url
            assert fits(page), page.url

    page.goto("/connexion/")
    page.get_by_label("Identifiant ou adresse de courriel").fill("guichet")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    page.goto(LISTS)
    check()
    page.get_by_label("Fichier").set_input_files(file)
    page.get_by_role("button", name="Lire la liste").click()
    page.get_by_label("École de la liste").select_option(str(world.the_school.pk))
    check()
    page.get_by_role("button", name="Voir ce que cela donne").click()
    check()
    page.get_by_label("qui est-ce").select_option(str(world.zoe.pk))
    page.get_by_role("button", name="Retenir ces réponses").click()
    for closed in page.locator("main details").all():
        closed.locator("summary").click()
    check()
    page.get_by_role("button", name="Prendre en compte cette liste").click()
    page.get_by_text("La liste est prise en compte").wait_for()
    check()
    assert Schooling.objects.filter(child=world.zoe, level="CE1").exists()
    assert Schooling.objects.filter(child=world.tom).exclude(until=None).exists()
