"""« Documents manquants », as the director sees them, and the reminder."""

from __future__ import annotations

import html
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from marelle.agents.papers.missing.words import home_line
from marelle.core.actor import Role
from marelle.core.clock import local
from marelle.flows.papers.missing import Lacking, papers_reminded
from marelle.papers.models import PaperReminded, PaperReminder
from marelle.papers.rules import Standing, Status
from tests.papers.world import NOW, Desk
from tests.road.walker import Walker

pytestmark = pytest.mark.django_db

PAGE = "/agents/documents/manquants/"


class Village(Desk):
    def __init__(self, **when) -> None:
        super().__init__()
        if when:
            self.wednesdays = self.activity("Mercredis d’ici", **when)
        self.enrolment(self.zoe, self.wednesdays, self.durand)
        self.martin = self.another("Martin")
        self.insurance = self.paper_type("Assurance", needed_by=[self.wednesdays], effect="blocks_bookings")
        self.account = self.staff("direction", Role.DIRECTOR)
        self.director = Client()
        self.director.force_login(self.account)
        self.sent = {"ou": str(self.the_structure.pk)}

    def another(self, name: str):
        home = self.home(name)
        self.enrolment(self.child(home, "Lou"), self.wednesdays, home)
        return home

    def remind(self, **more):
        return self.director.post(f"{PAGE}relancer/", {**self.sent, **more}, follow=True)


@pytest.fixture
def world(time_machine) -> Village:
    time_machine.move_to(NOW)
    return Village()


def text(response) -> str:
    return " ".join(html.unescape(response.content.decode()).split())


def test_the_list_says_who_lacks_what_and_what_is_at_stake(world):
    page = text(world.director.get(PAGE))
    for said in (
        "Durand",
        "Martin",
        "Assurance · Zoé",
        "manquant",
        "les jours à partir du 1er décembre 2026 ne peuvent pas être réservés",
        "Relancer toutes : 2 familles…",
    ):
        assert said in page
    world.paper(world.insurance, world.durand, world.zoe, "refused")
    assert "refusé" in text(world.director.get(PAGE))
    assert "Rien ne manque" in text(
        world.director.get(PAGE, {"ou": f"{world.the_structure.pk}-{world.activity('Vacances').pk}"})
    )
    assert "Durand" in text(world.director.get(PAGE, {"ou": "zut"}))


def test_what_is_at_stake_is_a_sentence_of_its_own(world):
    kind = world.paper_type("Certificat", stake="Sans lui, pas de sortie.")
    lacking = Lacking(kind, None, Status(Standing.MISSING), NOW)
    (line,) = home_line(SimpleNamespace(pk=1, reminded_at=None), [lacking], {}).papers
    assert line.about == "demandé par courriel le 25 novembre 2026. Sans lui, pas de sortie."


def test_counted_then_sent_then_followed(world):
    page = text(world.remind(tous="1"))
    assert "Relancer 2 familles" in page
    assert not PaperReminder.objects.exists()
    page = text(world.remind(tous="1", homes="2"))
    assert "0 sur 2" in page
    assert "data-follow" in page
    papers_reminded(now=NOW)
    page = text(world.director.get(f"{PAGE}relances/{PaperReminder.objects.get().pk}/"))
    assert "2 sur 2" in page
    assert "data-follow" not in page
    assert "1 document demandé" in page
    assert "relancée le 25 novembre 2026" in text(world.director.get(PAGE))
    page = text(world.remind(tous="1"))
    assert "Toutes ont été relancées" in page
    assert "Relancer quand même 2 familles" in page
    world.remind(tous="1", homes="2", insist="1")
    assert PaperReminded.objects.count() == 4


def test_the_ticked_alone(world):
    assert "Cochez au moins une famille." in text(world.remind())
    ticked = {"familles": [str(world.durand.family.pk)]}
    assert "Relancer 1 famille" in text(world.remind(**ticked))
    world.remind(**ticked, homes="1")
    assert PaperReminded.objects.get().family == world.durand.family


@pytest.mark.parametrize(
    ("bad", "status"),
    [
        ({"familles": ["abc"]}, 404),
        ({"familles": ["9" * 30]}, 404),
        ({"familles": ["999999"], "homes": "1"}, 200),
        ({"tous": "1", "homes": "x"}, 404),
        ({"tous": "1", "homes": "2", "ou": "999999"}, 404),
        ({"tous": "1", "homes": "2", "ou": ""}, 404),
    ],
)
def test_a_forged_form_reminds_nobody(world, bad, status):
    assert world.remind(**bad).status_code == status
    assert not PaperReminder.objects.exists()


def test_a_stale_count_and_a_form_sent_twice(world):
    assert "Entre-temps" in text(world.remind(tous="1", homes="5"))
    world.remind(tous="1", homes="2")
    assert "Toutes ont été relancées" in text(world.remind(tous="1", homes="2"))
    assert PaperReminder.objects.count() == 1


def test_the_same_number_of_queries_at_two_homes_and_at_many(world, count_queries):
    with count_queries() as few:
        world.director.get(PAGE)
    for number in range(8):
        world.another(f"Famille{number}")
    with count_queries(len(few)):
        world.director.get(PAGE)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (390, False)])
def test_in_a_browser(open_page, axe, width, javascript):
    today = local(timezone.now()).date()
    Village(first_day=today - timedelta(days=30), last_day=today + timedelta(days=200))
    walker = Walker(open_page(width=width, javascript=javascript), axe, javascript=javascript)
    walker.come_in("direction", "À traiter")
    walker.open(PAGE, "Documents manquants", "Assurance · Zoé")
    walker.page.get_by_label("Durand").check()
    walker.press("Relancer les familles cochées…")
    walker.look("1 famille")
    walker.press("Relancer 1 famille")
    walker.look("0 sur 1", "à relancer")
    papers_reminded(now=timezone.now())
    if not javascript:
        walker.page.get_by_role("link", name="Actualiser").click()
    walker.page.get_by_text("1 sur 1").wait_for()
    walker.look("1 document demandé")
