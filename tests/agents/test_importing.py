"""An agent imports families: a file, its columns, what it would do, its progress; and in a browser."""

from __future__ import annotations

import html
from datetime import datetime
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.families.imports.services import imports_advance
from marelle.families.models import Family, FamilyImport
from tests.agents.test_browser import fits
from tests.browser import by_the_menu
from tests.families.imports.files import GOOD, HEADINGS, changed, csv_of, xlsx_of
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
SEND = "/agents/familles/importer/"


class Office(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.known = self.home("Petit", "Anne")
        self.child(self.known, "Lou", last_name="Petit")
        self.client = Client()
        self.client.force_login(self.staff("guichet", Role.OFFICE))

    def page(self, answer: Any) -> str:
        return html.unescape(answer.content.decode())

    def read(self, address: str) -> str:
        return self.page(self.client.get(address, follow=True))

    def sends(self, upload: SimpleUploadedFile) -> str:
        return self.page(self.client.post(SEND, {"file": upload}, follow=True))

    def columns(self, **changes: str) -> str:
        row = FamilyImport.objects.latest("pk")
        chosen = {code: str(place) for code, place in row.columns.items()} | changes
        return self.page(self.client.post(f"{SEND}{row.pk}/colonnes/", chosen, follow=True))

    def starts(self, **ticked: str) -> str:
        row = FamilyImport.objects.latest("pk")
        return self.page(self.client.post(f"{SEND}{row.pk}/", ticked, follow=True))


@pytest.fixture
def world(time_machine: Any) -> Office:
    time_machine.move_to(NOW, tick=False)
    return Office()


LOU = changed(c0="B", c1="Anne", c2="Petit", c3="", c6="Lou", c7="Petit")
BAD = changed(c0="C", c1="Max", c2="Roy", c3="max@", c4="", c6="Léo", c7="Roy")


def test_from_the_search_to_the_families(world):
    assert SEND in world.read("/agents/familles/")
    columns = world.sends(csv_of(GOOD, LOU, BAD))
    assert "Quelle colonne est laquelle" in columns
    assert '<option value="6" selected>Prénom enfant' in columns
    checked = world.columns()
    assert "1 foyer à créer" in checked
    assert "Rachid Haddad rachid@famille.example" in checked
    assert "1 foyer est déjà là" in checked
    assert f"dossier {world.known.family.number}" in checked
    assert "Ligne 4 : Mail responsable 1" in checked
    running = world.starts()
    assert "0 foyers sur 2" in running
    row = FamilyImport.objects.get()
    assert world.client.get(f"{SEND}{row.pk}/").headers["Refresh"] == "3"
    imports_advance(now=NOW)
    done = world.client.get(f"{SEND}{row.pk}/")
    assert "Refresh" not in done.headers
    assert "1 foyer créé, 1 déjà là, 1 ligne à corriger." in world.page(done)
    report = world.client.get(f"{SEND}{row.pk}/rapport/")
    assert report.headers["Content-Disposition"].endswith('.csv"')
    assert "max@" in report.content.decode()
    assert Family.objects.count() == 2


def test_columns_that_are_not_read_are_told_before_anything_enters(world):
    world.sends(csv_of((*GOOD, "Judo"), headings=(*HEADINGS, "Loisir")))
    told = world.columns()
    assert "Rien ne sera lu sous «\u00a0Loisir\u00a0»" in told
    world.sends(csv_of(GOOD))
    assert "Rien ne sera lu" not in world.columns()


def test_lines_to_correct_are_counted_once_each_before_as_after(world):
    world.sends(csv_of(GOOD, changed(c0="C", c1="", c2="", c6="Léo")))
    assert world.columns().count("Ligne 3 :") == 2
    assert "1 ligne est à corriger." in world.columns()
    world.starts()
    imports_advance(now=NOW)
    row = FamilyImport.objects.latest("pk")
    assert "1 foyer créé, 1 ligne à corriger." in world.read(f"{SEND}{row.pk}/")


def test_all_or_none_is_told(world):
    world.sends(csv_of(GOOD, BAD))
    page = world.starts(all_or_none="1")
    assert "Rien n’est importé" in page
    assert "tout ou rien" in page
    assert "rien n’est importé" in world.read(SEND)
    FamilyImport.objects.update(problems=[])  # a month later
    assert "tout ou rien" in world.read(f"{SEND}{FamilyImport.objects.get().pk}/")


def loses_its_lines() -> FamilyImport:
    row = FamilyImport.objects.latest("pk")
    storages["private"].delete(row.key)
    return row


def test_an_import_whose_lines_are_lost_says_what_was_written_and_what_to_do(world):
    world.sends(csv_of(GOOD, BAD))
    world.starts()
    row = loses_its_lines()
    FamilyImport.objects.update(
        homes=2, done_homes=1, counts={"created": 1, "wrong": 1}
    )  # the worker stopped
    imports_advance(now=NOW)
    page = world.read(f"{SEND}{row.pk}/")
    assert "n’a pas pu être lu jusqu’au bout" in page
    assert "1 foyer créé, 1 ligne à corriger." in page
    assert "tout ou rien" not in page
    listed = world.read(SEND)
    assert "1 foyer créé" in listed
    assert "rien n’est importé" not in listed


def test_the_report_of_a_file_that_is_lost_is_told(world):
    world.sends(csv_of(GOOD, BAD))
    row = loses_its_lines()
    assert "envoyez-le à nouveau" in world.read(f"{SEND}{row.pk}/rapport/")


def test_the_same_file_is_told(world):
    for _time in range(2):
        world.sends(csv_of(GOOD))
        page = world.columns()
        world.starts()
        imports_advance(now=NOW)
    assert "Ce même fichier a déjà été importé" in page
    assert "Aucun foyer à créer" in page


def test_columns_that_are_missing_or_used_twice_are_said_and_what_was_chosen_stays(world):
    world.sends(csv_of(GOOD))
    page = world.columns(last1="")
    assert "Dites quelle colonne du fichier c’est." in page
    page = world.columns(last1="1")
    assert "sert deux fois" in page
    assert page.count('<option value="1" selected>') == 2
    assert "Sélectionnez un choix valide" in world.columns(last1="99")


def test_the_line_of_the_headings_is_shown_and_may_be_another_one(world):
    page = world.sends(csv_of(("Page 2", *[""] * 12), HEADINGS, GOOD, headings=HEADINGS))
    assert "Les titres sont lus à la ligne 1" in page
    assert '<option value="2">Ligne 3 : Référence · Prénom parent 1' in page
    row = FamilyImport.objects.get()
    address = f"{SEND}{row.pk}/colonnes/"
    page = world.page(world.client.post(address, {"heading": "2"}, follow=True))
    assert "Les titres sont lus à la ligne 3" in page
    assert "familles.csv, 1 ligne." in page
    for at in ("99", "-1", "x", ""):
        assert world.client.post(address, {"heading": at}).status_code == 404
    assert "il n’y a rien à importer" in world.page(world.client.post(address, {"heading": "3"}, follow=True))
    assert FamilyImport.objects.get().heading == 2


PUPIL = (*HEADINGS, "École", "Classe", "Repas")


def test_words_are_asked_about_once_then_understood(world):
    tilleuls = world.school("École des Tilleuls")
    other = changed(c0="B", c1="Amina", c3="amina@famille.example", c4="", c6="Sami", c5="grand-mère")
    page = world.sends(
        csv_of((*GOOD, "Tilleuls", "CP", "Halal"), (*other, "TILLEULS", "CP", ""), headings=PUPIL)
    )
    page = world.columns()
    assert "Que veulent dire ces mots" in page
    assert page.count("« Tilleuls », 2 lignes") == 1
    assert "« Halal », 1 ligne" in page
    assert "« grand-mère », 1 ligne" in page
    row = FamilyImport.objects.get()
    address = f"{SEND}{row.pk}/mots/"
    # Nothing said, nothing lost: the lines wait, with the way back.
    waiting = world.page(world.client.post(address, {}, follow=True))
    assert "3 mots ne sont pas compris, dans 2 lignes" in waiting
    assert "sont à corriger." not in waiting
    assert waiting.count("n’est pas une école du portail") == 1
    assert "Lignes 2 et 3 : École : « Tilleuls »" in waiting
    assert f'href="{address}"' in waiting
    said = {"school-tilleuls": str(tilleuls.pk), "diet-halal": "no_pork", "link-grandmere": "uncle"}
    refused = world.page(world.client.post(address, said, follow=True))
    assert "Sélectionnez un choix valide" in refused
    assert f'<option value="{tilleuls.pk}" selected>' in refused
    good = world.page(world.client.post(address, {**said, "link-grandmere": "guardian"}, follow=True))
    assert "2 foyers à créer" in good
    assert "Lignes à corriger" not in good
    assert "Revoir les mots" in good
    assert '<option value="guardian" selected>' in world.read(address)
    assert world.client.get(f"{SEND}999999/mots/").status_code == 404
    world.starts()
    assert "sur 2" in world.read(address)  # it has started: what it does is shown


def test_words_that_are_all_understood_ask_nothing(world):
    world.school("École des Tilleuls")
    world.sends(csv_of((*GOOD, "École des Tilleuls", "CP", ""), headings=PUPIL))
    page = world.columns()
    assert "1 foyer à créer" in page
    assert "Revoir les mots" not in page


def test_a_column_of_free_text_taken_for_schools_asks_fifty_words_at_most(world):
    lines = [
        (
            *changed(c0=f"R{n}", c1=f"P{chr(97 + n % 26)}{chr(97 + n // 26)}", c3="", c4="", c6="Max"),
            f"Ville {n}",
            "CP",
            "",
        )
        for n in range(60)
    ]
    world.sends(csv_of(*lines, headings=PUPIL))
    page = world.columns()
    assert page.count('<select name="school-') == 50
    assert "Il reste 10 autres mots" in page


def test_the_same_sentence_is_said_once_with_its_lines(world):
    wrong = [
        changed(c0=f"C{n}", c1=f"Max{chr(97 + n)}", c3="", c4="", c6=f"Léo{chr(97 + n)}", c12="x")
        for n in range(9)
    ]
    world.sends(csv_of(*wrong))
    page = world.columns()
    assert page.count("Écrivez un montant") == 1
    assert "9 lignes (2, 3, 4, 5, 6…) : Quotient familial" in page


def test_a_file_that_is_no_list_is_said_on_the_page(world):
    for content, said in ((b"", "vide"), (b"\0\1", "ne se lit pas"), (b"PK\x03\x04", "classeur")):
        assert said in world.sends(SimpleUploadedFile("x.csv", content))
    assert "Choisissez un fichier" in world.page(world.client.post(SEND))


def test_a_quote_that_is_not_closed_and_a_giant_cell_are_said_by_their_line(world):
    cut = csv_of(GOOD, changed(c9='"8 rue du Pré'), LOU, BAD)
    assert 'À la ligne 3, un guillemet (") s’ouvre et ne se ferme pas' in world.sends(cut)
    giant = csv_of(GOOD, LOU, changed(c9="x" * 1_000_000))
    assert "À la ligne 4, une case a plus de 2\u202f000 lettres" in world.sends(giant)
    assert not FamilyImport.objects.exists()


def test_one_line_is_one_line(world):
    assert "familles.csv, 1 ligne." in world.sends(csv_of(GOOD))
    world.columns()
    assert "0 foyer sur 1" in world.starts()
    assert "familles.csv, 2 lignes." in world.sends(csv_of(GOOD, LOU))


def test_headings_alone_of_any_kind_break_nothing(world):
    odd = SimpleUploadedFile("<b>.csv", b"<script>;;=1+1\na;b;=2+2\n")
    page = world.sends(odd)
    assert "<script>;" not in page
    assert "Colonne 2" in page


def test_a_file_may_be_forgotten_but_not_once_started(world):
    world.sends(csv_of(GOOD))
    row = FamilyImport.objects.get()
    assert "est oublié" in world.page(world.client.post(f"{SEND}{row.pk}/oublier/", follow=True))
    assert world.client.get(f"{SEND}{row.pk}/").status_code == 404


def export(lines: int) -> bytes:
    """As an Excel of the field writes it: titles above and over the headings, a school by its short name."""
    rows = [
        "Mairie d’Arelle – service enfance;;;;;;;;;;;",
        "Export du 12/09/2026, page 1;;;;;;;;;;;",
        "Responsable légal 1;;;;Enfant;;;;;Foyer;;",
        "Civilité;Nom;Prénom;Tél. portable;Nom;Prénom;Né(e) le;École;Classe;Adresse;CP;Ville",
        *(
            f"Mme;ROY;Léa{_letters(n)};06 39 98 {n // 100:02} {n % 100:02};ROY;Max{_letters(n)};14/05/2018;"
            f"EE Tilleuls;CP;{n}, rue des Lilas;1999;Arelle"
            for n in range(lines)
        ),
    ]
    return "\r\n".join(rows).encode("cp1252")


def _letters(number: int) -> str:
    return "".join("abcdefghij"[int(digit)] for digit in str(number))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "javascript"), [(390, True), (820, True), (1280, False)])
def test_a_messy_export_of_557_lines_in_a_browser(
    open_page: Any, axe: Any, tmp_path: Any, width: int, javascript: bool
) -> None:
    world = Office()
    world.school("École élémentaire des Tilleuls")
    file = tmp_path / "export.csv"
    file.write_bytes(export(557))
    page = open_page(width=width, javascript=javascript)

    def check() -> None:
        if javascript:
            assert axe(page) == [], page.url
            assert fits(page), page.url

    page.goto("/connexion/")
    page.get_by_label("Identifiant ou adresse de courriel").fill("guichet")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    page.goto(SEND)
    page.get_by_label("Fichier").set_input_files(str(file))
    page.get_by_role("button", name="Lire le fichier").click()
    page.get_by_text("export.csv, 557 lignes.").wait_for()
    page.get_by_text("Les titres sont lus à la ligne 4").click()
    check()
    page.get_by_label("La ligne des titres").select_option(index=2)
    page.get_by_role("button", name="Lire les titres de cette ligne").click()
    page.get_by_text("Les titres sont lus à la ligne 3").click()
    page.get_by_label("La ligne des titres").select_option(index=3)
    page.get_by_role("button", name="Lire les titres de cette ligne").click()
    page.get_by_text("Les titres sont lus à la ligne 4").wait_for()
    page.get_by_role("button", name="Voir ce que cela donne").click()
    check()
    page.get_by_role("button", name="Voir ce que cela donne").click()
    page.get_by_text("1 mot n’est pas compris, dans 557 lignes").wait_for()
    check()
    page.get_by_role("link", name="Expliquer les mots").click()
    school = page.get_by_label("« EE Tilleuls », 557 lignes")
    check()
    school.select_option(label="École élémentaire des Tilleuls, Arelle")
    page.get_by_role("button", name="Voir ce que cela donne").click()
    page.get_by_text("557 foyers à créer").wait_for()
    check()
    assert page.get_by_text("à corriger").count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "javascript"), [(390, True), (1280, False)])
def test_in_a_browser(open_page: Any, axe: Any, tmp_path: Any, width: int, javascript: bool) -> None:
    Office()
    file = tmp_path / "familles.xlsx"
    file.write_bytes(xlsx_of(GOOD, LOU, BAD, headings=HEADINGS))
    page = open_page(width=width, javascript=javascript)

    def check() -> None:
        if javascript:
            assert axe(page) == [], page.url
            assert fits(page), page.url

    page.goto("/connexion/")
    page.get_by_label("Identifiant ou adresse de courriel").fill("guichet")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    by_the_menu(page, "Familles")
    page.get_by_role("link", name="Importer des familles").click()
    check()
    page.get_by_label("Fichier").set_input_files(str(file))
    page.get_by_role("button", name="Lire le fichier").click()
    check()
    page.get_by_role("button", name="Voir ce que cela donne").click()
    page.get_by_text("1 foyer à créer").wait_for()
    check()
    page.get_by_role("button", name="Importer", exact=True).click()
    page.get_by_text("0 foyers sur 2").wait_for()
    check()
    imports_advance(now=NOW)
    page.get_by_text("Import terminé").wait_for()  # the page asks again by itself
    check()
