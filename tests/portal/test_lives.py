"""A session ends by the server's clock, unused or in all, whatever its browser keeps."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from marelle.accounts.models import Device, User
from marelle.core.actor import Actor, Power, Role
from marelle.core.sessions import LIFE, SessionStore
from marelle.places.lives import BOUNDS, FAMILY, Life, lives, lives_set
from marelle.places.posts.services import post_give
from tests.accounts.people import NOW, PASSWORD, someone

pytestmark = pytest.mark.django_db

ADMIN = Actor(None, "A", powers=frozenset({Power(Role.ADMINISTRATOR)}))
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
OF_FAMILIES = BOUNDS[FAMILY].default
OF_ADMINISTRATORS = BOUNDS[Role.ADMINISTRATOR].default


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)
    return time_machine


@pytest.fixture
def camille() -> User:
    return someone()


def logs_in(client: Client) -> None:
    client.post("/connexion/", {"identifier": "camille", "password": PASSWORD})


def is_in(client: Client) -> bool:
    return client.get("/compte/").status_code == 200


def kept_by_the_browser(client: Client) -> timedelta:
    return timedelta(seconds=int(client.cookies["marelle"]["max-age"]))


def administers(user: User) -> None:
    post_give(actor=ADMIN, user_id=user.pk, power=Power(Role.ADMINISTRATOR), now=NOW)


def test_it_goes_on_while_it_is_used_and_ends_without(camille, client, clock) -> None:
    logs_in(client)
    for _page in range(3):
        clock.shift(OF_FAMILIES.idle - MINUTE)
        assert is_in(client)
    clock.shift(OF_FAMILIES.idle)
    assert not is_in(client)


def test_it_ends_in_all_however_much_it_is_used(camille, client, clock) -> None:
    logs_in(client)
    assert kept_by_the_browser(client) == OF_FAMILIES.whole
    step = OF_FAMILIES.idle / 2
    for _page in range(int(OF_FAMILIES.whole / step) - 1):
        clock.shift(step)
        assert is_in(client)
    clock.shift(step)
    assert not is_in(client)
    assert not Session.objects.filter(expire_date__gt=NOW + OF_FAMILIES.whole).exists()


def test_who_administers_is_out_sooner(camille, client, clock) -> None:
    administers(camille)
    logs_in(client)
    clock.shift(OF_ADMINISTRATORS.idle - MINUTE)
    assert is_in(client)
    clock.shift(OF_ADMINISTRATORS.idle)
    assert not is_in(client)


def test_a_post_given_meanwhile_counts_at_once(camille, client, clock) -> None:
    logs_in(client)
    clock.shift(OF_ADMINISTRATORS.idle)
    administers(camille)
    assert not is_in(client)
    assert not Device.objects.exists()
    logs_in(client)
    assert is_in(client)


def test_a_shorter_life_counts_at_once_and_a_longer_one_from_the_next_page(camille, client, clock) -> None:
    logs_in(client)
    clock.shift(30 * MINUTE)
    lives_set(actor=ADMIN, chosen={FAMILY: Life(20, 24)}, now=NOW)
    assert not is_in(client)
    logs_in(client)
    clock.shift(10 * MINUTE)
    lives_set(actor=ADMIN, chosen={FAMILY: Life(1440, 48)}, now=NOW)
    assert is_in(client)
    clock.shift(23 * HOUR)
    assert is_in(client)
    clock.shift(23 * HOUR)
    assert is_in(client)
    clock.shift(2 * HOUR)
    assert not is_in(client)


class Meanwhile:
    """Another request keeps something in the session, once this one has read it."""

    def __init__(self, kept: str) -> None:
        self.kept = kept

    def __call__(self, execute, sql, params, many, context):
        done = execute(sql, params, many, context)
        if self.kept and sql.startswith("SELECT") and "django_session" in sql:
            kept, self.kept = self.kept, ""
            row = Session.objects.get()
            written = SessionStore().encode({**row.get_decoded(), "draft": kept})
            Session.objects.update(session_data=written)
        return done


def test_a_page_moves_the_end_and_rewrites_nothing(camille, client, clock) -> None:
    logs_in(client)
    before = Session.objects.get().expire_date
    clock.shift(2 * HOUR)
    meanwhile = Meanwhile("kept")
    with connection.execute_wrapper(meanwhile):
        assert is_in(client)
    assert not meanwhile.kept
    row = Session.objects.get()
    assert row.expire_date == before + 2 * HOUR
    assert row.get_decoded()["draft"] == "kept"
    clock.shift(MINUTE)
    assert is_in(client)
    assert Session.objects.get().expire_date == row.expire_date, "a page read is not always a row written"


def test_a_form_sent_too_late_says_so_and_its_page_is_found_again(camille, client, clock) -> None:
    logs_in(client)
    lives_set(actor=ADMIN, chosen={FAMILY: Life(20, 24)}, now=NOW)
    clock.shift(HOUR)
    sent = client.post(
        "/compte/courriels/", {"wanted": ["news"]}, headers={"referer": "http://testserver/compte/courriels/"}
    )
    assert sent["Location"] == "/connexion/?next=/compte/courriels/"
    assert "rien n’a été enregistré" in client.get(sent["Location"]).content.decode()
    camille.refresh_from_db()
    assert camille.notices == {}


def test_public_pages_know_nobody_after_it(camille, client, clock) -> None:
    logs_in(client)
    assert "Camille" in client.get("/accessibilite/").content.decode()
    lives_set(actor=ADMIN, chosen={FAMILY: Life(20, 24)}, now=NOW)
    clock.shift(HOUR)
    assert "Camille" not in client.get("/accessibilite/").content.decode()


def test_a_session_that_says_nothing_of_its_life_is_nobodys(camille, client) -> None:
    logs_in(client)
    session = client.session
    del session[LIFE]
    session.save()
    assert not is_in(client)


def test_an_administrator_chooses_on_a_page_within_bounds(camille, client, clock) -> None:
    administers(camille)
    logs_in(client)
    address = "/agents/reglages/double-authentification/durees/"
    page = client.get(address)
    data = {name: field.initial for name, field in page.context["form"].fields.items()}
    data["seen"] = page.context["form"].initial["seen"]
    wrong = client.post(address, {**data, "office_idle_minutes": "5"}).content.decode()
    assert "10 au moins" in wrong
    assert 'value="5"' in wrong, "nothing typed is lost"
    assert client.post(address, {**data, "office_idle_minutes": "45"}).status_code == 302
    stale = client.post(address, {**data, "office_idle_minutes": "50"}).content.decode()
    assert "Guichet, minutes sans rien ouvrir\u00a0: 45" in stale
    seen = re.search(r'name="seen" value="([^"]+)"', stale)
    assert seen
    again = {**data, "office_idle_minutes": "50", "family_whole_hours": "24", "seen": unescape(seen[1])}
    assert client.post(address, again).status_code == 302
    assert lives()[Role.OFFICE.value].idle_minutes == 50


def test_what_was_written_in_it_is_shown_to_be_copied(camille, client, clock) -> None:
    logs_in(client)
    lives_set(actor=ADMIN, chosen={FAMILY: Life(20, 24)}, now=NOW)
    clock.shift(HOUR)
    form = {
        "text": "Zoé partira <b>à pied</b>",
        "password": "un secret qui ne se montre pas",
        "wanted": "news",
    }
    sent = client.post("/compte/courriels/", form, headers={"referer": "http://testserver/compte/courriels/"})
    page = sent.content.decode()
    assert sent.status_code == 403
    assert "Zoé partira &lt;b&gt;à pied&lt;/b&gt;" in page
    assert "un secret" not in page
    ways = re.findall(r'href="(/connexion/[^"]*)"', page)
    assert ways == ["/connexion/?next=/compte/courriels/"], "each leads back to the page"


def test_who_never_came_in_by_that_browser_is_led_to_the_login_alone(client) -> None:
    sent = client.post("/compte/courriels/", {"text": "Quelques mots"})
    assert sent["Location"].startswith("/connexion/?next=")
