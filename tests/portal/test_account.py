"""« Modifier les informations de connexion »: mails, calendar, devices."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from marelle.accounts.models import Device, RememberedBrowser, SecretLink, User
from marelle.accounts.notices import Notice
from marelle.accounts.rules import REMEMBERED_COOKIE
from marelle.accounts.services import browser_remember
from marelle.accounts.services.devices import NEW_TOLD_AT_MOST
from marelle.accounts.tokens import hash_of
from marelle.core.actor import Role
from marelle.families.models import Person
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.portal.account.forms import NoticesForm
from tests.accounts.people import HOME, NOW, OTHER_PASSWORD
from tests.scenario import PASSWORD, Home, Scenario

pytestmark = pytest.mark.django_db

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1"


@pytest.fixture
def durand() -> Home:
    return Scenario().home("Durand", "Camille")


def connected(user: User, agent: str = PHONE) -> Client:
    client = Client(headers={"user-agent": agent})
    answer = client.post("/connexion/", {"identifier": user.identifier, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def body(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_each_part_of_the_account_is_one_click_away(durand, count_queries) -> None:
    client = connected(durand.user)
    with count_queries(12):
        page = body(client, "/compte/")
    for path in ("identifiant", "mot-de-passe", "adresse-mail", "courriels", "calendrier", "appareils"):
        assert f'href="/compte/{path}/"' in page


def test_an_agent_without_a_home_is_not_offered_the_mails_of_families() -> None:
    client = Client()
    client.force_login(Scenario().staff("guichet", Role.OFFICE))
    page = body(client, "/compte/")
    assert 'href="/compte/mot-de-passe/"' in page
    assert "/compte/courriels/" not in page
    assert "famille." not in page.split("</h1>")[1].split("<ul")[0]


def test_a_stolen_phone_is_closed_from_home(durand) -> None:
    phone, desk = connected(durand.user), connected(durand.user, "Firefox")
    page = body(desk, "/compte/appareils/")
    assert "iOS" in page
    assert page.count("Cet appareil") == 1
    stolen = Device.objects.earliest("pk")
    desk.post(f"/compte/appareils/{stolen.pk}/fermer/")
    assert phone.get("/compte/")["Location"].startswith("/connexion/")
    assert not re.search(r"\biOS\b", body(desk, "/compte/appareils/"))


def test_the_device_in_use_is_closed_by_logging_out_only(durand) -> None:
    client = connected(durand.user)
    client.post(f"/compte/appareils/{Device.objects.get().pk}/fermer/")
    assert "déconnectez-vous" in body(client, "/compte/appareils/")
    client.post("/deconnexion/")
    assert not Device.objects.exists()


def test_all_the_others_at_once(durand) -> None:
    this, *others = (connected(durand.user) for _number in range(3))
    this.post("/compte/appareils/fermer/")
    assert "2 autres appareils sont déconnectés." in body(this, "/compte/appareils/")
    assert {other.get("/compte/").status_code for other in others} == {302}


def remembered(user: User, client: Client, token: str) -> None:
    """A browser that asks the account for its password alone."""
    client.cookies[REMEMBERED_COOKIE] = browser_remember(
        user=user, token=token, origin=HOME, now=timezone.now()
    )


def test_the_others_are_asked_for_the_second_factor_again_too(durand) -> None:
    this, other = connected(durand.user), connected(durand.user)
    remembered(durand.user, this, "")
    remembered(durand.user, other, "")
    this.post("/compte/appareils/fermer/")
    mine = RememberedBrowser.objects.get()
    assert mine.token_hash == hash_of(this.cookies[REMEMBERED_COOKIE].value)
    assert "Déconnecter tous les autres" not in body(this, "/compte/appareils/")
    remembered(durand.user, Client(), "")
    assert "Déconnecter tous les autres" in body(this, "/compte/appareils/")


def test_everywhere_is_here_too(durand) -> None:
    this, other = connected(durand.user), connected(durand.user)
    remembered(durand.user, this, "")
    neighbour = connected(User.objects.create_user("sacha", PASSWORD, display_name="Sacha"))
    left = this.post("/compte/appareils/partout/")
    assert left["Location"] == "/connexion/"
    assert "déconnecté de tous les appareils" in body(this, "/connexion/")
    assert {client.get("/compte/").status_code for client in (this, other)} == {302}
    assert not RememberedBrowser.objects.exists()
    assert neighbour.get("/compte/").status_code == 200
    assert Entry.objects.get(verb="account.devices_closed").data == {"count": 2}


@pytest.fixture
def written(durand) -> Home:
    """With a mail address."""
    User.objects.update(email="camille@example.org")
    return durand


def test_a_new_device_is_told_and_the_first_of_all_is_not(written) -> None:
    known = connected(written.user)
    assert not new_devices_told()
    known.post("/deconnexion/")
    known.post("/connexion/", {"identifier": written.user.identifier, "password": PASSWORD})
    assert not new_devices_told(), "it has come in there before"
    connected(written.user)
    (told,) = new_devices_told()
    assert "iOS" in told.text
    assert "127.0.0.1" not in told.text
    assert "/mot-de-passe/" in told.text
    assert "« Appareils connectés »" in told.text.replace("\xa0", " ")
    assert told.to == "camille@example.org"
    entry = Entry.objects.get(verb="account.device_new")
    assert (entry.subject_id, entry.address) == (written.user.pk, "127.0.0.1")


def test_a_browser_that_keeps_no_cookie_floods_nobody(written, time_machine) -> None:
    time_machine.move_to(NOW)
    for _number in range(NEW_TOLD_AT_MOST + 3):
        connected(written.user)
    told = new_devices_told()
    assert len(told) == NEW_TOLD_AT_MOST
    assert ["cinquième" in one.text for one in told] == [False] * (NEW_TOLD_AT_MOST - 1) + [True]
    assert Entry.objects.filter(verb="account.device_new").count() == NEW_TOLD_AT_MOST + 2
    time_machine.shift(timedelta(days=1))
    connected(written.user)
    assert len(new_devices_told()) == NEW_TOLD_AT_MOST + 1


def new_devices_told() -> list[Message]:
    return list(Message.objects.filter(kind="accounts/new_device").order_by("pk"))


def test_a_suspended_account_leaves_no_session_to_come_back_to(durand) -> None:
    client, chief = connected(durand.user), Client()
    chief.force_login(User.objects.create_superuser("chef", PASSWORD, display_name="Chef"))
    page = f"/administration/accounts/user/{durand.user.pk}/change/"
    assert chief.post(page, {}).status_code == 302
    assert not Device.objects.exists()
    assert chief.post(page, {"is_active": "on"}).status_code == 302
    durand.user.refresh_from_db()
    assert durand.user.is_active
    assert client.get("/compte/").status_code == 302


def test_a_new_password_closes_the_other_devices_and_keeps_this_one(durand) -> None:
    this, other = connected(durand.user), connected(durand.user)
    this.post(
        "/compte/mot-de-passe/",
        {"present": PASSWORD, "password": OTHER_PASSWORD, "repeated": OTHER_PASSWORD},
    )
    assert other.get("/compte/").status_code == 302
    assert body(this, "/compte/appareils/").count("Cet appareil") == 1
    assert Device.objects.count() == 1


def test_mails_are_chosen(durand) -> None:
    client = connected(durand.user)
    assert "4 sortes d’avis choisies." in body(client, "/compte/")
    offered = set(NoticesForm(notices={}).fields["wanted"].choices)  # type: ignore[attr-defined]
    assert {value for value, _label in offered} == set(Notice), "one left out is turned off without a word"
    client.post("/compte/courriels/", {"wanted": ["deadline"]})
    assert "1 sorte d’avis choisie." in body(client, "/compte/")
    client.post("/compte/courriels/", {})
    assert "Aucun avis" in body(client, "/compte/")


def test_a_mail_that_is_none_is_refused_and_nothing_changes(durand) -> None:
    client = connected(durand.user)
    answer = client.post("/compte/courriels/", {"wanted": ["deadline", "<b>"]})
    assert answer.status_code == 200
    assert "4 sortes" in body(client, "/compte/")


def test_the_calendar_changes_its_address(durand) -> None:
    client = connected(durand.user)
    addresses = []
    for _time in range(2):
        (found,) = re.findall(
            r'value="http://[^/]+(/calendrier/[^"]+\.ics)"', body(client, "/compte/calendrier/")
        )
        assert Client().get(found).status_code == 200
        addresses.append(found)
        client.post("/compte/calendrier/")
    assert addresses[0] != addresses[1]
    assert Client().get(addresses[0]).status_code == 404


def test_who_has_no_child_here_has_no_calendar() -> None:
    client = Client()
    client.force_login(Scenario().staff("direction", Role.DIRECTOR))
    assert "/compte/calendrier/" not in body(client, "/compte/")
    assert client.get("/compte/calendrier/").status_code == 404


def test_a_confirmed_address_is_where_the_mails_of_the_home_go(durand) -> None:
    client = connected(durand.user)
    former = durand.user.email
    client.post("/compte/adresse-mail/", {"email": "neuve@example.org", "present": PASSWORD})
    assert Person.objects.get(pk=durand.adult.pk).email != "neuve@example.org"
    (link,) = re.findall(r"(/compte/adresse-mail/\S+/)", Message.objects.get(to="neuve@example.org").text)
    client.post(link)
    assert Person.objects.get(pk=durand.adult.pk).email == "neuve@example.org"
    assert not former or Message.objects.filter(to=former, kind="accounts/email_changed").exists()
    assert SecretLink.objects.get().used_at is not None


def test_a_removed_address_leaves_the_file_too(durand) -> None:
    User.objects.update(email="camille@example.org")
    Person.objects.filter(pk=durand.adult.pk).update(email="Camille@example.org")
    connected(durand.user).post("/compte/adresse-mail/", {"email": "", "present": PASSWORD})
    assert Person.objects.get(pk=durand.adult.pk).email == ""


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.django_db(transaction=True)
def test_in_a_browser(open_page, axe, width) -> None:
    Scenario().home("Durand", "Camille", identifier="camille")
    page = open_page(width=width)
    page.goto("/connexion/?next=/compte/")
    page.get_by_label("Identifiant ou adresse de courriel").fill("camille")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    page.get_by_text("Voir mes droits").wait_for()
    for path in ("appareils", "calendrier", "donnees", "effacement"):
        page.goto(f"/compte/{path}/")
        assert axe(page) == [], path
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Demander l’effacement").click()
    page.get_by_role("button", name="Retirer ma demande").wait_for()
    assert axe(page) == []
    page.goto("/compte/donnees/")
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger mes données").click()
    assert download.value.suggested_filename.startswith("mes-donnees-")
