"""A tablet of the door: let in by a code, held with a PIN, taken out; what it may and may not open."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from marelle.agents.attendance.cookies import DUTY, TABLET, duty_token
from marelle.attendance.models import Tablet, Tick
from marelle.attendance.tablets import pin_set
from marelle.bookings.models import Attendance
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.flows.actor.actors import actor_for
from marelle.places.models import Post
from tests.agents.test_attendance import NOW, Door, of, row_of
from tests.care import ban, contact, sheet

pytestmark = pytest.mark.django_db

PIN = "4827"


@pytest.fixture
def world(time_machine) -> Door:
    time_machine.move_to(NOW, tick=False)
    world = Door()
    pin_set(actor=actor_for(world.user), pin=PIN, now=NOW)
    return world


def enrolled(world, name="Entrée") -> Client:
    """A tablet that typed the code which the director read."""
    structure = world.the_structure.pk
    shown = of(world.director).post(
        "/agents/presences/tablettes/ajouter/", {"structure": structure, "name": name}
    )
    code = re.search(r'class="door-code">([^<]+)<', shown.content.decode()).group(1)
    device = Client()
    answer = device.post("/porte/", {"code": code.lower()})
    assert answer.status_code == 302
    cookie = answer.cookies[TABLET]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/porte/")
    return device


def opened(world, name="Entrée") -> Client:
    device = enrolled(world, name)
    answer = device.post("/porte/", {"account": world.user.pk, "pin": PIN})
    assert answer["Location"] == "/porte/presences/"
    return device


def sent(device, *ticks):
    body = {"sent_at": NOW.isoformat(), "ticks": list(ticks)}
    return device.post("/porte/pointages/", json.dumps(body), content_type="application/json")


def a_tick(world, duty, **more):
    found = {"id": str(uuid4()), "kind": "present", "at": NOW.isoformat(), "duty": duty}
    return found | {"opening": world.morning.pk, "child": world.zoe.pk, **more}


def duty_on(page) -> str:
    return re.search(r'data-duty="([^"]+)"', page.content.decode()).group(1)


def test_its_pages_are_the_teams_whoever_is_logged_in_besides(world):
    device = opened(world)
    device.force_login(world.director)
    for address in ("/porte/presences/", "/porte/urgence/", "/porte/nulle-part/", "/porte/"):
        page = device.get(address).content.decode()
        assert "À la porte" in page, address
        assert "déconnecter" not in page, address
        assert "deconnexion" not in page, address
        assert "Menu" not in page, address


def test_a_code_lets_one_device_in_once_and_for_a_quarter_of_an_hour(world, time_machine):
    director = of(world.director)
    shown = director.post(
        "/agents/presences/tablettes/ajouter/", {"structure": world.the_structure.pk, "name": "Entrée"}
    )
    code = re.search(r'class="door-code">([^<]+)<', shown.content.decode()).group(1)
    assert "Ce code n’est pas le bon" in Client().post("/porte/", {"code": "ABCDEFGH"}).content.decode()
    time_machine.move_to(NOW + timedelta(minutes=16), tick=False)
    assert "Ce code n’est pas le bon" in Client().post("/porte/", {"code": code}).content.decode()
    tablet = Tablet.objects.get()
    director.force_login(world.director)  # a code is asked for by who has just shown who it is
    again = director.post(f"/agents/presences/tablettes/{tablet.pk}/code/").content.decode()
    code = re.search(r'class="door-code">([^<]+)<', again).group(1)
    assert Client().post("/porte/", {"code": code}).status_code == 302
    assert "Ce code n’est pas le bon" in Client().post("/porte/", {"code": code}).content.decode()
    twice = director.post(
        "/agents/presences/tablettes/ajouter/", {"structure": world.the_structure.pk, "name": "Entrée"}
    ).content.decode()
    assert "existe déjà" in twice
    assert 'value="Entrée"' in twice


def test_five_wrong_pins_close_it_for_a_while_and_the_director_may_erase_it(world, time_machine):
    device = enrolled(world)
    for _time in range(5):
        answer = device.post("/porte/", {"account": world.user.pk, "pin": "0000"})
    assert "Cinq codes faux" in answer.content.decode()
    answer = device.post("/porte/", {"account": world.user.pk, "pin": PIN})
    assert "Trop de codes faux" in answer.content.decode()
    assert device.get("/porte/presences/").status_code == 302
    time_machine.move_to(NOW + timedelta(minutes=16), tick=False)
    assert device.post("/porte/", {"account": world.user.pk, "pin": PIN}).status_code == 302
    of(world.director).post(f"/agents/presences/codes/{world.user.pk}/effacer/")
    answer = device.post("/porte/", {"account": world.user.pk, "pin": PIN})
    assert "pas encore de code" in answer.content.decode()


def test_each_chooses_its_own_pin(world):
    client = of(world.director)
    assert (
        "pas les mêmes"
        in client.post("/agents/presences/code/", {"pin": "5937", "again": "5938"}).content.decode()
    )
    assert (
        "de 4 à 6 chiffres"
        in client.post("/agents/presences/code/", {"pin": "1111", "again": "1111"}).content.decode()
    )
    assert client.post("/agents/presences/code/", {"pin": "5937", "again": "5937"}).status_code == 302
    device = enrolled(world)
    assert device.post("/porte/", {"account": world.director.pk, "pin": "5937"}).status_code == 302


def test_the_list_of_a_tablet_is_of_its_structure_and_of_the_day(world, time_machine):
    device = opened(world)
    page = device.get("/porte/presences/")
    assert "Animatrice" in page.content.decode()
    assert row_of(page.content.decode(), world.zoe)
    assert (page["X-Door-Day"], page["Cache-Control"]) == ("2026-12-02", "private, no-store")
    assert "Camille Durand" in device.get("/porte/urgence/").content.decode()
    assert device.get(f"/porte/enfant/?n={world.zoe.pk}").status_code == 200
    time_machine.move_to(datetime(2026, 12, 3, 7, tzinfo=PARIS), tick=False)
    assert device.get("/porte/presences/")["Location"] == "/porte/"


def test_the_emergency_sheet_holds_what_each_of_the_team_may_read(world, count_queries):
    """Léo's mother works there and its father lives apart: whoever holds the tablet reads her home alone."""
    sheet(world.leo, allergies="<kiwi>", is_severe=True, pai=True, doctor_name="Dr Sow")
    apart = world.home("Petit", "Hugo")
    world.shared(world.leo, world.durand, apart)
    for home, name in ((world.durand, "Line Roche"), (apart, "Max Perrin")):
        contact(home, world.leo, name)
        contact(home, world.zoe, name)
    ban(world.zoe, "Max Perrin")
    device = opened(world)

    def told(child) -> str:
        blocks = device.get("/porte/urgence/").content.decode().split('<div class="id">')
        return next(block for block in blocks if f"<b>{child.first_name} " in block)

    assert "mercredi 2 décembre 2026" in device.get("/porte/urgence/").content.decode()
    for said in (
        "Allergie grave\u00a0: &lt;kiwi&gt;",
        "PAI",
        "Dr Sow",
        "Camille Durand",
        "Hugo Petit",
        "Line Roche",
    ):
        assert said in told(world.leo)
    assert "INTERDIT" not in told(world.leo)
    assert told(world.zoe).index("Max Perrin") < told(world.zoe).index("INTERDIT")
    world.durand.adult.account = world.director
    world.durand.adult.save()
    for said, is_there in (
        ("Dr Sow", True),
        ("Camille Durand", True),
        ("Line Roche", True),
        ("Hugo Petit", False),
        ("Max Perrin", False),
    ):
        assert (said in told(world.leo)) is is_there, said
    with count_queries(40) as few:
        device.get("/porte/urgence/")
    for name in ("Mia", "Ugo", "Lou"):
        world.booking(world.enrolled(name), world.morning)
    with count_queries(40) as many:
        device.get("/porte/urgence/")
    assert len(few) == len(many)


def test_going_back_to_the_names_ends_a_duty_and_reading_them_for_later_does_not(world):
    device = opened(world)
    device.get("/porte/", headers={"Sec-Fetch-Mode": "cors"})
    assert device.get("/porte/presences/").status_code == 200
    device.get("/porte/")
    assert device.get("/porte/presences/").status_code == 302


def test_plain_forms_work_on_a_tablet_too(world):
    device = opened(world)
    device.post("/porte/pointer/", {"t": f"present {world.zoe.pk} {world.morning.pk}"})
    tick = Tick.objects.get()
    assert (tick.by, tick.tablet, tick.outcome) == ("Animatrice", Tablet.objects.get(), "applied")


def test_who_ticked_is_what_we_signed_and_nothing_that_is_sent(world):
    device = opened(world)
    duty = duty_on(device.get("/porte/presences/"))
    elsewhere = Tablet.objects.create(
        structure=world.the_structure, name="Autre", secret_digest="1" * 64, enrolled_at=NOW
    )
    forged = duty_token(elsewhere, world.user.pk, NOW.date())
    old = duty_token(Tablet.objects.get(name="Entrée"), world.user.pk, date(2026, 11, 2))
    ticks = [a_tick(world, duty), *(a_tick(world, token, by=world.user.pk) for token in (forged, old, "x"))]
    codes = [one["code"] for one in sent(device, *ticks).json()["outcomes"]]
    assert codes == ["applied", "suspended", "suspended", "suspended"]
    assert Tick.objects.get(pk=ticks[0]["id"]).by == "Animatrice"


def test_two_tablets_on_one_child_disagree_until_somebody_ticks_again(world):
    first, second = opened(world, "Entrée"), opened(world, "Cour")
    duties = [duty_on(one.get("/porte/presences/")) for one in (first, second)]
    sent(first, a_tick(world, duties[0]))
    answer = sent(second, a_tick(world, duties[1], kind="absent")).json()["outcomes"]
    assert answer[0]["code"] == "conflict"
    page = second.get("/porte/presences/").content.decode()
    assert "Deux appareils ne disent pas la même chose" in row_of(page, world.zoe)
    known = re.search(rf"{world.zoe.pk}:{world.morning.pk}\.([\w-]+)", page).group(1)
    sent(second, a_tick(world, duties[1], kind="absent", after=known))
    assert not Attendance.objects.get().in_conflict


def test_a_revoked_tablet_hands_in_what_it_kept_and_opens_nothing(world):
    device = opened(world)
    duty = duty_on(device.get("/porte/presences/"))
    tablet = Tablet.objects.get()
    of(world.director).post(f"/agents/presences/tablettes/{tablet.pk}/retirer/")
    assert device.get("/porte/presences/").status_code == 302
    page = device.get("/porte/")
    assert page["X-Door-Forget"] == "1"
    assert "a été retirée" in page.content.decode()
    answer = sent(device, a_tick(world, duty)).json()
    assert answer["revoked"]
    assert [one["code"] for one in answer["outcomes"]] == ["revoked"]
    assert Tick.objects.get().child == world.zoe
    assert not Attendance.objects.exists()


def test_who_no_longer_works_there_opens_nothing(world):
    device = opened(world)
    Post.objects.filter(user=world.user).update(suspended_at=NOW)
    assert device.get("/porte/presences/").status_code == 302
    assert "Animatrice" not in device.get("/porte/").content.decode()


def test_nothing_opens_without_a_tablet_even_for_who_is_logged_in(world):
    for client in (Client(), of(world.director)):
        assert client.get("/porte/presences/")["Location"] == "/porte/"
        assert sent(client).status_code == 403
    device = enrolled(world)
    device.cookies[DUTY] = "x"
    assert device.get("/porte/presences/").status_code == 302
    form = device.post("/porte/pointages/", {"ticks": "[]"})
    assert form.status_code == 403


def test_the_worker_and_the_manifest_are_of_the_door_alone(world):
    worker = Client().get("/porte/service-worker.js")
    assert worker["Content-Type"].startswith("text/javascript")
    assert "ui/door.js" in worker.content.decode()
    assert Client().get("/porte/manifest.webmanifest").json()["scope"] == "/porte/"


def test_a_director_sees_its_own_tablets_alone(world):
    enrolled(world, "Cour nord")
    other = world.staff("ailleurs", Role.DIRECTOR, structure=world.structure("Ailleurs"))
    tablet = Tablet.objects.get()
    assert "Cour nord" not in of(other).get("/agents/presences/tablettes/").content.decode()
    assert of(other).post(f"/agents/presences/tablettes/{tablet.pk}/retirer/").status_code == 404
    assert "Cour nord" in of(world.director).get("/agents/presences/tablettes/").content.decode()


@pytest.mark.django_db
def test_codes_typed_from_one_network_are_counted(settings) -> None:
    settings.ATTEMPTS_PER_ACCOUNT = 2
    here, there = Client(REMOTE_ADDR="192.0.2.7"), Client(REMOTE_ADDR="192.0.2.8")
    for _try in range(2):
        assert "Ce code n’est pas le bon" in here.post("/porte/", {"code": "ABCDEFGH"}).content.decode()
    assert "Trop d’essais d’ici" in here.post("/porte/", {"code": "ABCDEFGH"}).content.decode()
    assert "Ce code n’est pas le bon" in there.post("/porte/", {"code": "ABCDEFGH"}).content.decode()
