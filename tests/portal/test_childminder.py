"""« Mes matinées » of a childminder: the mornings of her relais, her own comings, and no other address."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from html import unescape

import pytest
from django.test import Client

from marelle.accounts.models import User
from marelle.activities.models import Opening, Quota
from marelle.core.actor import Role
from marelle.families.models import Person
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.relay.childminders import DOOR
from marelle.relay.models import Childminder, ChildminderAccess, Visit
from marelle.relay.visits import Brought, visit_cancel, visit_enter
from tests.relay.test_childminders import Minded
from tests.relay.test_visits import NOW, THURSDAY
from tests.scenario import PASSWORD
from tests.standing import built_once

pytestmark = pytest.mark.django_db

built = built_once(Minded, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Minded:
    time_machine.move_to(NOW, tick=False)
    return deepcopy(built)


@pytest.fixture
def odile(world, client) -> Client:
    assert client.post("/connexion/", {"identifier": "odile", "password": PASSWORD})["Location"] == HERE
    return client


HERE = "/matinees/"


def seen_in(html: str) -> str:
    (seen,) = re.findall(r'name="seen" value="([^"]*)"', html)
    return unescape(seen)


def text(response) -> str:
    plain = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"[\s\u00a0\u202f]+", " ", plain)


def test_she_comes_changes_and_gives_back(world, odile):
    page, form = odile.get(HERE), f"{HERE}{world.morning.pk}/"
    assert "Jeudi 3 décembre · 9 h 30 – 11 h 30 Relais petite enfance · Matinée" in text(page)
    assert "4 places libres" in text(page)
    assert form in page.content.decode()
    answer = odile.post(form, {"children": " Lou\r\n\r\nJean-Noé  ", "seen": ""}, follow=True)
    assert "C’est noté : le relais vous attend." in text(answer)
    assert "Vous venez avec Jean-Noé et Lou" in text(answer)
    assert "2 places libres" in text(answer)
    changed = odile.get(form).content.decode()
    assert "Jean-Noé\nLou</textarea>" in changed
    seen = seen_in(changed)
    odile.post(form, {"children": "Lou", "seen": seen})
    visit = Visit.objects.get()
    assert (visit.seats, visit.booked_by, world.taken()) == (1, "Odile", 1)
    answer = odile.post(f"{HERE}annuler/{visit.pk}/", follow=True)
    assert "les places sont rendues" in text(answer)
    assert world.taken() == 0
    history = text(odile.get("/historique/"))
    for told in ("Matinée du relais réservée", "Matinée du relais modifiée", "Matinée du relais annulée"):
        assert told in history


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Donnez le prénom d’au moins un enfant."),
        (" \r\n ", "Donnez le prénom d’au moins un enfant."),
        ("Lou 03/05/2025", "n’est pas un prénom : Lou 03/05/2025"),
        ("Lou, Sacha", "n’est pas un prénom : Lou, Sacha"),
        ("<b>Lou</b>", "n’est pas un prénom"),
        ("L" * 81, "n’est pas un prénom"),
        ("Lou\n" * 7, "6 places au plus"),
        ("Lou\n" * 5, "plus assez de places"),
        ("Lou\x00", "nul"),
    ],
)
def test_what_is_no_first_name_is_told_and_writes_nothing(world, odile, typed, told):
    page = odile.post(f"{HERE}{world.morning.pk}/", {"children": typed})
    assert page.status_code == 200
    assert told.lower() in text(page).lower()
    assert (Visit.objects.count(), world.taken()) == (0, 0)


def test_a_name_pasted_with_its_accents_apart_is_one(world, odile):
    odile.post(f"{HERE}{world.morning.pk}/", {"children": "Zoe\u0301"})
    assert [one.first_name for one in Visit.objects.get().children.all()] == ["Zoé"]


def test_a_page_that_has_aged_keeps_what_was_typed_and_then_saves(world, odile):
    form = f"{HERE}{world.morning.pk}/"
    world.brings("Nino")
    page = odile.post(form, {"children": "Lou", "seen": ""})
    assert "Cette venue vient de changer ailleurs." in text(page)
    assert "Qui vient, pour l’instant : Nino" in text(page)
    assert "Lou</textarea>" in page.content.decode()
    seen = seen_in(page.content.decode())
    odile.post(form, {"children": "Lou", "seen": seen})
    assert [one.first_name for one in Visit.objects.get().children.all()] == ["Lou"]


def test_of_others_she_reads_how_many_places_are_left_alone(world, odile):
    nina = Childminder.objects.create(authority=world.the_authority, name="Nina Roy")
    theirs = visit_enter(
        actor=world.director, opening_id=world.morning.pk, childminder_id=nina.pk,
        brought=[Brought("Théodore")], now=NOW,
    )  # fmt: skip
    home = world.comes(world.home("Durand"), "Philomène")
    for path in (HERE, f"{HERE}{world.morning.pk}/"):
        page = text(odile.get(path))
        assert "2 places libres" in page
        for hidden in ("Théodore", "Nina", "Philomène", "Camille", "Durand"):
            assert hidden not in page
    for visit in (theirs, home):
        assert odile.post(f"{HERE}annuler/{visit.pk}/").status_code == 404
    assert world.taken() == 2


def test_a_child_with_a_file_and_one_without_are_answered_alike(world, odile):
    """She learns of nobody that it is known here."""
    world.child(world.home("Durand"), "Philomène", born=THURSDAY.replace(year=2025))
    pages = []
    for name in ("Philomène", "Personne"):
        odile.post(f"{HERE}{world.morning.pk}/", {"children": name})
        pages.append(text(odile.get(HERE)).replace(name, "…"))
        visit_cancel(actor=world.actor, visit_id=Visit.objects.latest("pk").pk, now=NOW)
        assert Visit.objects.latest("pk").children.get().child is None
    assert pages[0] == pages[1]


def test_a_full_closed_or_past_morning_says_why(world, odile):
    Quota.objects.update(taken=4)
    assert "Complet Il n’y a plus assez de places" in text(odile.get(HERE))
    Opening.objects.update(state=Opening.State.CLOSED)
    assert "Cette matinée est annulée." in text(odile.get(HERE))
    Opening.objects.update(day=NOW.date().replace(day=1, month=10))
    assert "Aucune matinée prévue" in text(odile.get(HERE))
    assert odile.get(f"{HERE}{world.morning.pk}/").status_code == 404


def test_the_mornings_of_another_relais_are_not_there(world, odile):
    world.another_relay()
    path = f"{HERE}{world.elsewhere.pk}/"
    assert (odile.get(path).status_code, odile.post(path, {"children": "Lou"}).status_code) == (404, 404)
    assert "Vendredi 4" not in text(odile.get(HERE))


def test_nobody_else_has_these_pages_and_she_has_no_other(world, odile):
    for path in ("/tableau-de-bord/", "/agents/", "/reservations/matinees/", "/payeur/", "/famille/"):
        for answer in (odile.get(path), odile.post(path), odile.put(path)):
            assert answer.status_code == 404, path
    other = Client()
    for user in (world.home("Durand").user, world.staff("guichet", Role.OFFICE)):
        other.force_login(user)
        for path in (HERE, f"{HERE}{world.morning.pk}/", f"{HERE}arreter/"):
            assert (other.get(path).status_code, other.post(path).status_code) in {(404, 404), (404, 405)}


def test_no_page_says_espace_famille(world, odile):
    for path in (
        HERE,
        f"{HERE}{world.morning.pk}/",
        "/compte/",
        "/compte/donnees/",
        "/historique/",
        "/rien/",
        "/mentions-legales/",
    ):
        html = odile.get(path).content.decode()
        assert "espace famille" not in html.lower(), path
        assert "Espace assistante maternelle" in html, path


def test_she_stops_by_herself_and_is_out_at_once(world, odile):
    assert f"{HERE}arreter/" in odile.get("/compte/donnees/").content.decode()
    assert "ARRÊTER MON ACCÈS" in text(odile.get(f"{HERE}arreter/"))
    assert ChildminderAccess.objects.live().exists(), "to look changes nothing"
    answer = odile.post(f"{HERE}arreter/", follow=True)
    assert "Votre accès est arrêté." in text(answer)
    assert odile.get(HERE).status_code == 302
    access = ChildminderAccess.objects.get()
    assert (access.ended_by, access.account.is_active) == ("Odile", False)
    assert Message.objects.get(kind=DOOR.told).to == access.account.email
    assert User.objects.get(pk=access.account_id).display_name == "Odile", "until she asks to be erased"


def test_her_data_is_a_copy_of_her_own(world, odile):
    world.brings("Lou")
    world.comes(world.home("Durand"), "Philomène")
    assert world.the_authority.email in text(odile.get("/compte/donnees/"))
    answer = odile.post("/compte/donnees/telecharger/")
    data = json.loads(answer.getvalue())
    assert data["votre compte"]["identifiant"] == "odile"
    assert data["ce que le relais a noté"][0]["nom"] == "Odile Fontaine"
    assert [one["enfants"] for one in data["venues aux matinées"]] == [["Lou"]]
    assert len(data["accès aux matinées"]) == 1
    assert "Philomène" not in json.dumps(data, ensure_ascii=False)
    assert Entry.objects.filter(verb="account.exported", actor_user_id=world.access.account_id).exists()
    assert Person.objects.filter(first_name="Philomène").exists()


@pytest.mark.parametrize("more", [0, 3])
def test_the_list_asks_the_same_whatever_it_holds(world, odile, django_assert_num_queries, more):
    for number in range(more):
        world.comes(world.home(f"Famille{number}"), "Noé")
    world.brings("Lou")
    odile.get(HERE)
    with django_assert_num_queries(QUERIES):
        odile.get(HERE)


QUERIES = 8
