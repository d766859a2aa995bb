"""« Listes »: who comes, who fetches, whom to call; the page, the files, and who reads them."""

from __future__ import annotations

import csv
import io
import re
from copy import deepcopy
from datetime import date

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from marelle.activities.models import Opening
from marelle.bookings.models import Booking
from marelle.core.actor import Role
from marelle.core.listing import Column, Listing, cell
from marelle.families.models import Guardianship
from marelle.files.listings import listing_pdf
from marelle.journal.models import Entry
from tests.agents.listed import DAY, NOW, Village
from tests.billing.pdf_text import text_of
from tests.care import contact, permission, sheet
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NEXT = date(2026, 12, 3)
PAGE, FILE = "/agents/presences/listes/", "/agents/presences/listes/fichier/"
KINDS = ("liste-du-jour", "feuille-de-sortie", "contacts-d-urgence")


built = built_once(Village, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Village:
    time_machine.move_to(NOW)
    return deepcopy(built)


@pytest.fixture
def director(world) -> Client:
    return world.as_role(Role.DIRECTOR)


def text(response) -> str:
    assert response.status_code == 200
    return re.sub(r"[\s\u00a0\u202f]+", " ", response.content.decode())


def names(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><p class="strong">(?:<a [^>]+>)?([^<]+)', page)


def rows(page: str) -> dict[str, str]:
    """By name of a child, what the page says of it."""
    parts = re.findall(r'<tr><th scope="row">(.*?)</tr>', page)
    return {names(f'<th scope="row">{part}')[0]: re.sub(r"<[^>]+>", " ", part) for part in parts}


def booked_slowly(day: date) -> list[str]:
    """Names of the children with a booking that day, walked row by row."""
    found = {}
    for booking in Booking.objects.all():
        if booking.state == "booked" and booking.opening.day == day:
            found[booking.child_id] = booking.child
    people = sorted(found.values(), key=lambda one: (one.last_name, one.first_name))
    return [f"{one.last_name} {one.first_name}" for one in people]


def test_the_list_of_tomorrow_is_that_of_the_bookings(world, director):
    page = text(director.get(PAGE))
    assert "Mercredi 2 décembre 2026" in page
    assert names(page) == booked_slowly(DAY) == ["Durand Noé", "Durand Ugo", "Durand Zoé"]
    assert "3 enfants attendus, 1 absence déclarée" in page
    assert "1 enfant attend une réponse à sa demande" in page
    told = rows(page)
    for said in (
        "6 ans · 6–12 ans",
        "Matin, 8 h – 12 h",
        "Allergie grave : arachide &lt;crue&gt;",
        "PAI",
        "sans porc",
        "apporte son repas (PAI)",
        "dès 17 h",
        "Traitement : Ventoline",
        "Dort mal",
    ):
        assert said in told["Durand Zoé"], said
    assert "Absence déclarée" in told["Durand Noé"]
    assert "Allergie" not in told["Durand Ugo"]


def test_a_group_narrows_it_and_the_files_keep_it(world, director):
    page = text(director.get(f"{PAGE}?activite={world.wednesdays.pk}&groupe={world.big.pk}"))
    assert names(page) == ["Durand Zoé"]
    assert "Mercredis · 6–12 ans" in page
    assert f"{FILE}?structure={world.the_structure.pk}&amp;activite={world.wednesdays.pk}&amp;groupe=" in page


def test_the_sign_out_sheet_says_who_fetches_and_who_never(world, director):
    told = rows(text(director.get(f"{PAGE}?liste=feuille-de-sortie")))["Durand Zoé"]
    assert "Line Roche (voisine), 06 39 98 10 02" in told
    assert "Rachid Haddad, 06 39 98 10 01" in told
    assert "INTERDIT : Max Perrin" in told
    assert "Max Perrin (voisine)" not in told
    assert f"{world.durand.adult} (mère)" in told
    assert "dès 17 h" in told


def test_who_has_a_number_at_work_alone_is_called_there(world, director):
    """On each page that says whom to call: a sheet of the door, the emergency's, the care's, the home's."""
    adult = world.durand.adult
    adult.phone, adult.work_phone = "", "+33139981002"
    adult.save()
    told = "01 39 98 10 02 (travail)"
    lists = (f"{PAGE}?liste={kind}" for kind in ("feuille-de-sortie", "contacts-d-urgence"))
    pages = (*lists, f"/agents/sante/{world.zoe.pk}/", f"/agents/familles/{world.durand.family.pk}/")
    assert [page for page in pages if told not in text(director.get(page))] == []


def test_emergency_contacts_come_in_order_with_the_doctor(world, director):
    Guardianship.objects.filter(child=world.zoe).update(may_fetch=False)
    foster = world.adult(world.home("Morin"), "Agathe")
    world.guardian(foster, world.zoe, link="foster", has_authority=False)
    told = rows(text(director.get(f"{PAGE}?liste=contacts-d-urgence")))["Durand Zoé"]
    said_in_order = ("1. Agathe Morin", "2. Camille Durand", "3. Line Roche (voisine)", "4. Max Perrin")
    order = [told.index(said) for said in said_in_order]
    assert "4. Max Perrin (voisine) : 06 39 98 10 02 · INTERDIT de venir chercher" in told
    assert told.count("INTERDIT") == 1
    assert order == sorted(order)
    assert "Dr Sow" in told
    assert "03 53 01 29 99" in told
    assert "Allergie grave : arachide" in told


@pytest.mark.parametrize("kind", KINDS)
def test_the_files_say_what_the_page_says(world, director, kind):
    asked_for = f"?liste={kind}&format="
    pdf = director.get(f"{FILE}{asked_for}pdf")
    assert pdf["Content-Type"] == "application/pdf"
    assert f"{kind}-2026-12-02.pdf" in pdf["Content-Disposition"]
    printed = text_of(pdf.content)
    table = list(
        csv.reader(
            io.StringIO(director.get(f"{FILE}{asked_for}csv").content.decode("utf-8-sig")), delimiter=";"
        )
    )
    book = CalamineWorkbook.from_filelike(io.BytesIO(director.get(f"{FILE}{asked_for}xlsx").content))
    assert book.get_sheet_by_index(0).to_python(skip_empty_area=False) == table
    assert [row[0].split("\n")[0] for row in table[1:]] == booked_slowly(DAY)
    for value in (value for row in table for value in row):
        for line in value.removeprefix("'").split("\n"):
            assert re.sub(r"[\s\u00a0\u202f]+", " ", line) in re.sub(r"- ", "-", printed), line
    assert "Document à détruire après usage" in printed
    assert "Imprimé le mardi 1er décembre 2026 à 17 h 30" in printed
    assert world.the_structure.name in printed
    assert "page 1 / 1" in printed


def test_a_long_list_prints_on_numbered_pages_and_no_text_is_markup():
    rows_ = tuple((cell(f"Enfant {n}", ODD), cell("😀")) for n in range(150))
    made = listing_pdf(
        Listing(ODD, "nom", (ODD,), (Column(ODD), Column("B")), rows_, (ODD,), ODD, ODD, wide=True), now=NOW
    )
    printed = text_of(made)
    assert "Enfant 149" in printed
    assert printed.count(ODD) >= 150
    assert "page 2 / " in printed


ODD = '= #strong[x] *a* _b_ $c$ @d <e> `f` \\ // /* ~ -- "g'
"""What is markup, a formula or a comment somewhere."""


def test_names_are_sorted_as_in_french_and_no_cell_is_a_formula(world, director):
    for child, last_name in ((world.ugo, "=1+1"), (world.noe, "Élan"), (world.zoe, "faure")):
        child.last_name = last_name
        child.save()
    assert names(text(director.get(PAGE))) == ["=1+1 Ugo", "Élan Noé", "faure Zoé"]
    content = director.get(f"{FILE}?format=csv").content.decode("utf-8-sig")
    assert "'=1+1 Ugo" in content


def test_each_reading_is_written_down_once(world, director):
    for asked_for in (PAGE, f"{FILE}?format=csv"):
        before = Entry.objects.filter(verb="health.listed").count()
        assert director.get(asked_for).status_code == 200
        assert Entry.objects.filter(verb="health.listed").count() == before + 1


def test_a_past_day_and_an_empty_one_say_why(world, director):
    world.openings(world.wednesdays, NEXT)
    past = text(director.get(f"{PAGE}?jour=2026-11-30"))
    assert "Ce jour est passé" in past
    assert director.get(f"{FILE}?jour=2026-11-30").status_code == 302
    Opening.objects.filter(day=DAY).update(state="closed", reason="Neige")
    Booking.objects.update(state="cancelled", end_cause="structure", ended_at=NOW)
    closed = text(director.get(PAGE))
    assert "Personne n’est attendu" in closed
    assert "Fermé : Neige" in closed
    assert "Prochain jour ouvert : jeudi 3 décembre." in closed
    assert director.get(FILE).status_code == 302


def test_who_reads_them(world):
    animator = world.as_role(Role.ANIMATOR)
    assert names(text(animator.get(PAGE))) == ["Durand Noé", "Durand Ugo", "Durand Zoé"]
    world.openings(world.wednesdays, date(2026, 12, 4))
    assert "celle-ci viendra la veille" in text(animator.get(f"{PAGE}?jour={NEXT}"))
    assert "Voir ce jour" not in text(animator.get(f"{PAGE}?activite={world.activity('Judo').pk}"))
    elsewhere = world.as_role(Role.DIRECTOR, structure=world.structure("Ailleurs"))
    assert elsewhere.get(f"{PAGE}?structure={world.the_structure.pk}").status_code == 404
    assert elsewhere.get(f"{FILE}?structure={world.the_structure.pk}").status_code == 404
    for role in (Role.OFFICE, Role.ADMINISTRATOR):
        client = world.as_role(role)
        assert client.get(PAGE).status_code == client.get(FILE).status_code == 403


def test_an_agent_reads_of_its_own_child_no_other_home_and_nobody_who_fetches(world):
    apart = world.home("Petit", "Hugo")
    world.shared(world.zoe, world.durand, apart)
    contact(apart, world.zoe, "Paule Petit")
    agent = world.staff("parent", Role.ANIMATOR)
    world.durand.adult.account = None
    world.durand.adult.save()
    person = world.adult(world.durand, "Sacha")
    person.account = agent
    person.save()
    client = Client()
    client.force_login(agent)
    day, leaving, calls = (rows(text(client.get(f"{PAGE}?liste={kind}")))["Durand Zoé"] for kind in KINDS)
    assert "Traitement : Ventoline" in day
    assert "Votre enfant : un collègue tient ces informations." in leaving
    for said in ("Line Roche", "Paule Petit", "INTERDIT"):
        assert said not in leaving
    assert "1. Camille Durand" in calls
    assert "Line Roche" in calls
    assert "l’autre foyer, s’il y en a un, est sur la liste d’un collègue" in calls
    for said in ("Hugo Petit", "Paule Petit", "INTERDIT"):
        assert said not in calls


@pytest.mark.parametrize("bad", ["liste=autre", "format=exe", "jour=hier", "groupe=x", "structure=x"])
def test_what_cannot_be_read_is_as_good_as_not_said(director, bad):
    assert names(text(director.get(f"{PAGE}?{bad}")))
    assert director.get(f"{FILE}?{bad}")["Content-Type"] == "application/pdf"


def test_as_many_queries_for_one_child_as_for_many(world, director, count_queries):
    def counted() -> list[int]:
        found = []
        for kind in KINDS:
            director.get(f"{PAGE}?liste={kind}")
            with count_queries(30) as seen:
                director.get(f"{PAGE}?liste={kind}")
            found.append(len(seen))
        return found

    before = counted()
    for number in range(6):
        child = world.comes(f"Enfant {number}", world.big)
        sheet(child, allergies="kiwi", pai=True)
        contact(world.durand, child)
        permission(world.durand, child, DAY)
    assert counted() == before
