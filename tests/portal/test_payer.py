"""« Mes factures » of who pays and is no home: its own bills, its account, and no other address."""

from __future__ import annotations

import json
import re
from copy import deepcopy

import pytest
from django.test import Client
from django.urls import resolve

from marelle.accounts.models import Authenticator, User
from marelle.accounts.services import account_invite
from marelle.billing.guests import DOOR
from marelle.billing.models import Contest, Invoice, PayerAccess
from marelle.core.actor import Guest
from marelle.core.sealed import seal
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.mail.samples import samples
from marelle.mail.services import queue
from marelle.portal.access.guests import OF_EVERY_GUEST, OWN
from tests.billing.pdf_text import text_of
from tests.billing.test_guests import NOW, Paid
from tests.scenario import PASSWORD
from tests.standing import built_once
from tests.test_routes import ROUTES, sample

pytestmark = pytest.mark.django_db


built = built_once(Paid, now=NOW)
LEGAL = ("/accessibilite/", "/donnees-personnelles/", "/mentions-legales/")


@pytest.fixture
def world(built, db, time_machine) -> Paid:
    time_machine.move_to(NOW, tick=False)
    return deepcopy(built)


@pytest.fixture
def access(world) -> PayerAccess:
    return world.guest("departement", world.payer)


@pytest.fixture
def payer(world, access, client) -> Client:
    client.post("/connexion/", {"identifier": "departement", "password": PASSWORD})
    return client


def text(response) -> str:
    plain = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"[\s\u00a0\u202f]+", " ", plain)


def test_who_comes_in_is_on_its_bills(world, access, client):
    answer = client.post("/connexion/", {"identifier": "departement", "password": PASSWORD})
    assert answer["Location"] == "/payeur/"
    page = text(client.get("/payeur/"))
    assert "Les factures du Département, à consulter" in page
    assert f"{world.bill.number} · " in page
    assert "à payer : 40,00 € en tout" in page
    assert client.get("/", follow=True).status_code == 200
    assert client.get("/connexion/")["Location"] == "/payeur/"


def test_a_bill_is_what_its_paper_says_and_nothing_more_of_the_home(world, payer):
    Invoice.objects.filter(pk=world.bill.pk).update(reason="Le foyer a contesté")
    page = text(payer.get(f"/payeur/{world.bill.pk}/"))
    home = world.durand.family
    for said in (
        world.bill.number,
        "Zoé Durand",
        "Restauration",
        f"Dossier famille {home.number}",
        "40,00 €",
    ):
        assert said in page
    lived = home.residences.get()
    for hidden in ("Famille Durand", lived.street, "Camille", "Le foyer a contesté", "Pourquoi ce prix"):
        assert hidden not in page
    paper = payer.get(f"/payeur/{world.bill.pk}/pdf/")
    assert paper["Content-Type"] == "application/pdf"
    written = text_of(paper.getvalue())
    for hidden in (lived.street, "Camille", "Le foyer a contesté"):
        assert hidden not in written


def test_the_bills_of_others_are_not_there(world, payer):
    theirs = world.invoice(payer=world.payer_of(world.the_authority, "CCAS"))
    own = world.invoice()
    for bill in (theirs, own):
        assert payer.get(f"/payeur/{bill.pk}/").status_code == 404
        assert payer.get(f"/payeur/{bill.pk}/pdf/").status_code == 404
        assert bill.number not in text(payer.get("/payeur/?etat=toutes&nature=toutes"))


def test_nobody_else_has_these_pages(world, access, client):
    for user in (world.durand.user, world.guichet):
        client.force_login(user)
        for path in ("/payeur/", f"/payeur/{world.bill.pk}/", f"/payeur/{world.bill.pk}/pdf/"):
            assert client.get(path).status_code == 404


def test_bills_are_found_by_their_state_and_told_by_payer_where_there_are_several(world, access, payer):
    other = world.payer_of(world.the_authority, "CCAS")
    PayerAccess.objects.create(payer=other, account=access.account, given_at=NOW, given_by="Line")
    paid = world.invoice(payer=other, paid="40.00")
    page = text(payer.get("/payeur/"))
    assert (world.bill.number in page, paid.number in page) == (True, False)
    page = text(payer.get("/payeur/?etat=payees"))
    assert f"{paid.number} · CCAS · " in page
    assert "CCAS et Département" in page


def test_nothing_yet_says_what_will_come(world, access, payer):
    Invoice.objects.filter(pk=world.bill.pk).update(payer=None)
    assert "un courriel vous préviendra" in text(payer.get("/payeur/"))


def test_no_page_says_espace_famille(world, access, payer):
    paths = [
        "/payeur/", f"/payeur/{world.bill.pk}/", "/compte/", "/compte/mot-de-passe/", "/compte/identifiant/",
        "/compte/adresse-mail/", "/compte/appareils/", "/compte/donnees/", "/historique/",
        "/compte/double-authentification/", "/compte/double-authentification/application/",
        "/factures/", "/nulle-part/",
    ]  # fmt: skip
    for path in (*paths, *LEGAL):
        html = payer.get(path).content.decode()
        assert "espace famille" not in html.lower(), path
        assert "Espace payeur" in html, path
        assert path in LEGAL or "de vos enfants" not in html, path


def test_a_link_speaks_to_who_is_invited(world, client):
    given = world.invites()
    page = client.get(given.sent.path).content.decode()
    assert "Espace payeur" in page
    assert "Espace famille" not in page
    parent = account_invite(actor=world.office, label="Lou", email="lou@famille.example", now=NOW)
    assert "Espace famille" in client.get(parent.path).content.decode()


def test_so_do_a_link_for_a_new_password_and_the_second_page_of_a_connection(world, access, client):
    client.post("/mot-de-passe/", {"name": access.account.email})
    (link,) = re.findall(r"/mot-de-passe/\S+/", Message.objects.get(kind="accounts/new_password").text)
    assert "Espace payeur" in client.get(link).content.decode()
    Authenticator.objects.create(user=access.account, secret=seal("A" * 32), last_step=0, added_at=NOW)
    client.post("/connexion/", {"identifier": "departement", "password": PASSWORD})
    page = client.get("/connexion/code/").content.decode()
    assert "Espace payeur" in page
    assert "Espace famille" not in page


@pytest.mark.parametrize(
    "path",
    [
        "/tableau-de-bord/",
        "/compte/courriels/",
        "/compte/identites/",
        "/compte/calendrier/",
        "/agents/",
        "/famille/",
    ],
)
def test_what_is_not_named_is_not_there_by_any_method(payer, path):
    """Those too that every other account opens: `tests/test_roles.py` asks for all."""
    for answer in (payer.get(path), payer.post(path), payer.put(path)):
        assert answer.status_code == 404


def test_the_gate_names_routes_that_are_there():
    known = {resolve(sample(address)).view_name for address, _route in ROUTES}
    for names in (OF_EVERY_GUEST, *OWN.values()):
        assert names <= known
    assert set(OWN) == set(Guest)


def test_what_is_opened_is_written_down(world, access, payer):
    payer.get("/payeur/")
    assert not Entry.objects.filter(verb="payer_access.read").exists()
    payer.get(f"/payeur/{world.bill.pk}/")
    payer.get(f"/payeur/{world.bill.pk}/pdf/").getvalue()
    told = Entry.objects.filter(verb="payer_access.read")
    assert {(one.subject_label, one.actor_user_id, one.family_id) for one in told} == {
        (world.bill.number, access.account_id, None)
    }
    assert told.count() == 2
    assert f"Facture lue par son payeur : {world.bill.number}" in text(payer.get("/historique/"))
    home = Client()
    home.force_login(world.durand.user)
    assert "lue par son payeur" not in text(home.get("/historique/"))
    office = Client()
    office.force_login(User.objects.get(pk=world.office.user_id))
    acts = "/agents/reglages/journal/?kind=factures"
    assert text(office.get(acts)).count(f"Facture lue par son payeur : {world.bill.number}") == 2


def test_its_data_is_a_copy_of_its_own(world, access, payer):
    payer.get(f"/payeur/{world.bill.pk}/")
    Message.objects.all().delete()
    world.opened()  # to another
    queue(kind=DOOR.told, to=access.account.email, context=samples()[DOOR.told].context, now=NOW)
    assert world.the_authority.email in text(payer.get("/compte/donnees/"))
    answer = payer.post("/compte/donnees/telecharger/")
    assert "attachment" in answer["Content-Disposition"]
    data = json.loads(answer.getvalue())
    assert data["votre compte"]["identifiant"] == "departement"
    assert [one["payeur"] for one in data["accès aux factures"]] == ["Département"]
    assert [one["objet"] for one in data["courriels reçus"]] == ["Votre accès à des factures est arrêté"]
    assert any(world.bill.number in one["quoi"] for one in data["historique"])
    assert "Durand" not in json.dumps(data)
    assert Entry.objects.filter(verb="account.exported", actor_user_id=access.account_id).exists()


def test_who_has_no_access_left_reads_nothing(world, access, payer):
    access.ended_at, access.ended_by = NOW, "Line"
    access.save()
    assert world.bill.number not in text(payer.get("/payeur/"))
    assert payer.get(f"/payeur/{world.bill.pk}/").status_code == 404


def test_its_account_is_changed_as_any_other(world, access, payer):
    answer = payer.post(
        "/compte/mot-de-passe/",
        {"present": PASSWORD, "password": "Un-autre-mot-long-2026", "repeated": "Un-autre-mot-long-2026"},
    )
    assert answer.status_code == 302
    user = User.objects.get(pk=access.account_id)
    assert user.check_password("Un-autre-mot-long-2026")
    assert payer.get("/payeur/").status_code == 200
    assert payer.post("/deconnexion/").status_code == 302
    assert payer.get("/payeur/").status_code == 302


def test_what_the_home_contests_is_not_told_to_who_pays(world, payer):
    line = world.bill.lines.get()
    Contest.objects.create(line=line, days=[], words="Absente", asked_at=NOW, asked_by="Camille")
    page = text(payer.get(f"/payeur/{world.bill.pk}/"))
    assert "Absente" not in page
    assert "ontestée" not in page


@pytest.mark.parametrize("more", [0, 12])
def test_the_list_asks_the_same_whatever_it_holds(world, access, payer, django_assert_num_queries, more):
    for _one in range(more):
        world.invoice(payer=world.payer, total="8.00")
    payer.get("/payeur/")
    with django_assert_num_queries(QUERIES):
        payer.get("/payeur/")


QUERIES = 6
