"""« Vœux », by plain forms: for whom, then a rank for each week; what is refused stays typed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from marelle.campaigns.models import Campaign, Wish
from tests.campaigns.world import FIRST, IN_WINDOW, OPENS, OVER, SECOND, Summer
from tests.scenario import PASSWORD, Home

pytestmark = pytest.mark.django_db


def client_of(home: Home) -> Client:
    client = Client()
    client.force_login(home.user)
    return client


def plain(content: bytes) -> str:
    return re.sub(r"[\s\u00a0\u202f]+", " ", re.sub(r"<[^>]+>", " ", content.decode()))


def summer(**fields) -> Summer:
    world = Summer(**fields)
    world.announced()
    return world


def test_the_dashboard_leads_to_it_and_an_only_child_is_ranked_at_once(time_machine):
    world = summer()
    home = world.family("Roy")
    url = f"/voeux/{world.campaign.pk}/"
    time_machine.move_to(IN_WINDOW)
    client = client_of(home)
    dashboard = client.get("/tableau-de-bord/").content
    assert f'href="{url}"' in dashboard.decode()
    assert "Été 2027 : donnez vos vœux" in plain(dashboard)
    assert "Été 2027" in plain(client.get("/voeux/").content)
    page = plain(client.get(url).content)
    assert "Semaine du 5 au 9 juillet 2027 · Journée" in page
    zoe = world.children_of(home)[0].pk
    name = f"r-{zoe}-{{}}.{world.day.pk}"
    sent = {name.format(SECOND.isoformat()): "1", name.format(FIRST.isoformat()): "2"}
    answer = client.post(url, sent, follow=True)
    assert "Vos vœux sont enregistrés" in plain(answer.content)
    assert [(line.day, line.rank) for line in Wish.objects.get().lines.all()] == [(SECOND, 1), (FIRST, 2)]
    again = client.get(url).content.decode()
    assert re.search(rf'name="{re.escape(name.format(SECOND.isoformat()))}".*?value="1" selected', again)
    assert "Vos vœux sont enregistrés" in plain(client.get("/tableau-de-bord/").content)
    client.post(f"{url}retirer/")
    assert not Wish.objects.exists()


def test_several_children_are_asked_for_together_or_each_alone(time_machine):
    world = summer()
    home = world.family("Roy", "Zoé", "Max")
    zoe, max_ = (child.pk for child in world.children_of(home))
    time_machine.move_to(IN_WINDOW)
    url, client = f"/voeux/{world.campaign.pk}/", client_of(home)
    assert "Pour quels enfants ?" in plain(client.get(url).content)
    together = client.get(url, {"enfants": [zoe, max_], "ensemble": "1"}).content.decode()
    assert f'name="r-e-{FIRST.isoformat()}.{world.day.pk}"' in together
    client.post(url, {"enfants": [zoe, max_], "ensemble": "1", f"r-e-{FIRST}.{world.day.pk}": "1"})
    wish = Wish.objects.get()
    assert (wish.together, {line.child_id for line in wish.lines.all()}) == (True, {zoe, max_})
    assert "Zoé et Max, ensemble" in plain(client.get(url).content)
    alone = {"enfants": [zoe, max_], "ensemble": "0", "first": max_}
    ranks = {f"r-{zoe}-{FIRST}.{world.day.pk}": "1", f"r-{max_}-{SECOND}.{world.day.pk}": "1"}
    client.post(url, alone | ranks)
    lines = [(line.child_id, line.day, line.order) for line in Wish.objects.get().lines.all()]
    assert lines == [(max_, SECOND, 0), (zoe, FIRST, 1)]
    assert Wish.objects.get().together is False


def test_what_is_refused_stays_typed_and_says_why(time_machine):
    world = summer(most_plans=2)
    home = world.family("Roy")
    zoe = world.children_of(home)[0].pk
    time_machine.move_to(IN_WINDOW)
    url, client = f"/voeux/{world.campaign.pk}/", client_of(home)
    week = f"r-{zoe}-{FIRST}.{world.day.pk}"
    assert "Donnez un rang à un vœu au moins" in plain(client.post(url, {}).content)
    gone = client.post(url, {week: "2", f"r-{zoe}-2027-08-02.{world.day.pk}": "1"}).content
    assert "n’est plus possible" in plain(gone)
    assert re.search(rf'name="{re.escape(week)}".*?value="2" selected', gone.decode())
    for nonsense in ("9", "-1", "un"):
        page = client.post(url, {week: nonsense})
        assert (page.status_code, "Choisissez dans la liste" in plain(page.content)) == (200, True)
    time_machine.move_to(OVER)
    late = client_of(home).post(url, {week: "1"})
    assert "Les vœux se donnent" in plain(late.content)
    assert not Wish.objects.exists()


def test_slots_stand_in_the_order_of_the_week_and_one_of_those_required_is_enough(time_machine):
    world = Summer()
    later, earlier = (
        world.slot(world.centre, name, "08:00", "12:00", weekdays=(weekday,), capacity=9)
        for name, weekday in (("Jeudi", 3), ("Mardi", 1))
    )
    for slot, name, starts, ends in (
        (world.day, "Mercredi", "13:00", "17:00"),
        (later, "Ateliers", "09:00", "12:00"),
    ):
        slot.name, slot.starts, slot.ends = name, starts, ends
        slot.save()
    world.day.weekdays = [2]
    world.day.save()
    bus = world.slot(world.centre, "Bus", "07:00", "08:00", weekdays=(3,), capacity=9)
    bus.requires.add(later, earlier)
    world.openings(world.centre, FIRST, FIRST + timedelta(days=6))
    world.announced()
    home = world.family("Roy")
    zoe = world.children_of(home)[0].pk
    time_machine.move_to(IN_WINDOW)
    url, client = f"/voeux/{world.campaign.pk}/", client_of(home)
    name = f"r-{zoe}-{FIRST}.{{}}"
    answer = client.post(url, {name.format(bus.pk): "1"})
    assert "« Bus » se prend avec « Ateliers » ou « Mardi », au même rang." in plain(answer.content)
    week = answer.content.decode().partition("Semaine du 12")[0]
    assert re.findall(r"· (Mardi|Mercredi|Bus|Ateliers)", week) == ["Mardi", "Mercredi", "Bus", "Ateliers"]
    client.post(url, {name.format(pk): "1" for pk in (bus.pk, later.pk, earlier.pk, world.day.pk)})
    week = "Semaine du 5 au 9 juillet 2027"
    told = ", ".join(f"{week} · {one}" for one in ("Mardi", "Mercredi", "Bus")) + f" et {week} · Ateliers"
    assert told in plain(client.get(url).content)


def test_before_its_window_it_is_announced_and_to_others_it_does_not_exist(time_machine):
    world = summer()
    world.criterion("residents", label="Habiter Arelle")
    world.criterion("siblings", points=3, label="Un frère ou une sœur inscrit")
    home, other = world.family("Roy"), world.home("Blanc")
    url = f"/voeux/{world.campaign.pk}/"
    time_machine.move_to(OPENS.replace(day=1))
    page = plain(client_of(home).get(url).content)
    assert "Priorité 1 : Habiter Arelle" in page
    assert "Un frère ou une sœur inscrit : 3 points" in page
    assert world.campaign.promise in page
    assert "ENREGISTRER" not in page
    assert client_of(other).get(url).status_code == 404
    assert client_of(other).post(f"{url}retirer/").status_code == 404
    Campaign.objects.update(state="draft")
    assert client_of(home).get(url).status_code == 404


def test_ranks_sent_after_the_session_are_there_and_not_given(client, time_machine):
    world = summer()
    home = world.family("Roy")
    time_machine.move_to(IN_WINDOW, tick=False)
    url = f"/voeux/{world.campaign.pk}/"
    name = f"r-{world.children_of(home)[0].pk}-{FIRST.isoformat()}.{world.day.pk}"
    login = {"identifier": home.user.identifier, "password": PASSWORD, "next": url}
    client.post("/connexion/", login)
    Session.objects.update(expire_date=IN_WINDOW - timedelta(minutes=1))
    client.post(url, {name: "2"})
    page = client.post("/connexion/", login, follow=True).content.decode()
    assert "Voici ce que vous aviez coché" in page
    assert re.search(rf'name="{re.escape(name)}".*?value="2" selected', page, re.DOTALL)
    assert not Wish.objects.exists()
