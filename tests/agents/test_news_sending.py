"""« Actualités »: whom one is sent to is counted, confirmed, followed, and told afterwards."""

from __future__ import annotations

import html
import re
from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from marelle.accounts.notices import Notice
from marelle.core.actor import Role
from marelle.core.clock import PARIS, local
from marelle.mail.models import Message, MessageState
from marelle.messaging.models import News, NewsRecipient, NewsSending
from marelle.messaging.telling import news_told
from tests.forms import form_with
from tests.road.walker import Walker
from tests.scenario import Home, Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 10, tzinfo=PARIS)
WEDNESDAY = date(2026, 12, 2)
NEW = "/agents/actualites/nouvelle/"


class Village(Scenario):
    """Two homes, both booked on a Wednesday; the second wants no mail about news."""

    def __init__(self, day: date = WEDNESDAY) -> None:
        super().__init__()
        self.wednesdays = self.activity("Mercredis")
        self.small, self.big = (self.group(self.wednesdays, name, (3, 12)) for name in ("Petits", "Grands"))
        self.opening_of_day = self.opening(
            self.slot(self.wednesdays, capacity=50, weekdays=range(7)), day, group=None
        )
        self.alba, self.bruni = self.family("Alba"), self.family("Bruni")
        self.bruni.user.notices = {Notice.NEWS: False}
        self.bruni.user.save()
        self.account = self.staff("direction", Role.DIRECTOR)
        self.director = Client()
        self.director.force_login(self.account)

    def family(self, name: str) -> Home:
        home = self.home(name)
        child = self.child(home, "Zoé")
        self.enrolment(child, self.wednesdays, home)
        self.booking(child, self.opening_of_day)
        return home

    def words(self, **changes: str) -> dict[str, str]:
        audience = f"{self.the_structure.pk}-{self.wednesdays.pk}"
        return {"audience": audience, "title": "Sortie", "text": "Un chapeau.", **changes}

    def seen(self, address: str) -> str:
        """What its form says that it shows, for a correction of what is still so."""
        form = form_with(self.director.get(address).content.decode(), "seen")
        return "".join(form.data()["seen"])

    def writes(self, **changes: str) -> tuple[str, str]:
        """The address of the page before sending, and what it says."""
        response = self.director.post(NEW, self.words(send="1", **changes), follow=True)
        return response.request["PATH_INFO"], text(response)


@pytest.fixture
def world(time_machine) -> Village:
    time_machine.move_to(NOW)
    return Village()


def text(response) -> str:
    return " ".join(html.unescape(response.content.decode()).split())


def test_counted_sent_followed_and_told(world):
    path, page = world.writes()
    for said in (
        "Accueil de loisirs d’Arelle · Mercredis",
        "2 familles",
        "1 adresse",
        "Envoyer à 2 familles",
    ):
        assert said in page
    assert "1 famille ne veut pas de ces courriels" in page
    assert "Urgent" not in page
    page = text(world.director.post(path, {"homes": "2", "by_mail": "1"}, follow=True))
    assert "L’envoi commence." in page
    assert "0 sur 2 familles" in page
    assert "data-follow" in page
    news_told(now=NOW)
    response = world.director.get(path.replace("envoyer", "envoi"))
    page = text(response)
    assert "data-follow" not in page
    for said in ("toutes sont prévenues", world.alba.adult.email, "va partir", "espace famille"):
        assert said in page
    Message.objects.update(state=MessageState.FAILED)
    page = text(world.director.get(path.replace("envoyer", "envoi") + "?echecs"))
    assert "1 en échec" in page
    assert "Alba" in page
    assert "Bruni (" not in page


def test_urgent_is_offered_for_a_booked_day_and_reaches_everybody(world):
    path, page = world.writes(day=str(WEDNESDAY))
    assert "familles qui ont réservé le mercredi 2 décembre 2026" in page
    assert "Urgent" in page
    world.director.post(path, {"homes": "2", "by_mail": "1", "urgent": "on"})
    news_told(now=NOW)
    assert Message.objects.filter(kind="messaging/news").count() == 2


def test_a_form_that_was_tampered_with_or_stale_sends_nothing(world):
    path, _page = world.writes()
    for sent in ({"homes": "3", "by_mail": "1"}, {"homes": "", "by_mail": "1"}, {"homes": "x"}):
        assert "Envoyer à 2 familles" in text(world.director.post(path, sent))
    assert "Un envoi urgent concerne un jour réservé" in text(
        world.director.post(path, {"homes": "2", "by_mail": "1", "urgent": "on"})
    )
    assert not NewsSending.objects.exists()


def test_the_tick_of_urgent_stays_when_the_count_changed(world):
    path, _page = world.writes(day=str(WEDNESDAY))
    page = text(world.director.post(path, {"homes": "3", "by_mail": "1", "urgent": "on"}))
    assert "Entre-temps" in page
    assert re.search(r'<input[^>]*name="urgent"[^>]*checked', page)
    page = text(world.director.post(path, {"homes": "3", "by_mail": "1"}))
    assert not re.search(r'<input[^>]*name="urgent"[^>]*checked', page)


def test_a_correction_keeps_whom_it_is_for_once_the_activity_is_over_or_the_group_alone(world):
    key = f"{world.the_structure.pk}-{world.wednesdays.pk}"
    for audience in (key, f"{key}-{world.small.pk}"):
        world.director.post(NEW, world.words(audience=audience))
    whole, group = News.objects.order_by("pk")
    world.big.delete()
    world.wednesdays.last_day = NOW.date() - timedelta(days=1)
    world.wednesdays.save()
    for news, name in ((whole, "Mercredis"), (group, "Mercredis · Petits")):
        address = f"/agents/actualites/{news.pk}/"
        page = text(world.director.get(address))
        chosen = re.search(r'<option value="([^"]*)" selected>([^<]*)', page)
        assert chosen is not None
        assert chosen[2] == f"Accueil de loisirs d’Arelle · {name}"
        typed = world.words(audience=chosen[1], title="Corrigé", seen=world.seen(address))
        world.director.post(address, typed)
        before = news.activity_id, news.group_id
        news.refresh_from_db()
        assert (news.title, news.activity_id, news.group_id) == ("Corrigé", *before)


def test_sent_by_two_agents_it_is_sent_once(world):
    path, _page = world.writes()
    for _agent in range(2):
        page = text(world.director.post(path, {"homes": "2", "by_mail": "1"}, follow=True))
        assert "0 sur 2 familles" in page
    assert NewsRecipient.objects.count() == 2


def test_for_a_group_it_is_published_once_counted(world):
    for child, group in ((world.alba, world.small), (world.bruni, world.big)):
        enrolment = child.family.enrolments.get()
        enrolment.groups.create(group=group, since=enrolment.starts_on)
    typed = world.words(audience=f"{world.the_structure.pk}-{world.wednesdays.pk}-{world.small.pk}")
    page = text(world.director.post(NEW, {**typed, "publish": "1"}, follow=True))
    assert "Envoyer à 1 famille" in page
    news = News.objects.get()
    assert news.published_at is None
    page = text(world.director.post(f"/agents/actualites/{news.pk}/envoyer/", {"homes": "1"}, follow=True))
    assert "Actualité publiée." in page
    assert not Message.objects.exists()
    parent = Client()
    parent.force_login(world.alba.user)
    assert "Un chapeau." in text(parent.get("/actualites/"))
    parent.force_login(world.bruni.user)
    assert "Un chapeau." not in text(parent.get("/actualites/"))


def test_nobody_to_tell(world):
    _path, page = world.writes(day="2026-12-03")
    assert "Aucune famille n’est concernée" in page
    assert "Envoyer à" not in page


def test_once_sent_the_audience_stays(world):
    path, _page = world.writes()
    world.director.post(path, {"homes": "2", "by_mail": "1"})
    address = path.replace("envoyer/", "")
    here = str(world.the_structure.pk)
    typed = world.words(audience=here, title="Autre titre", seen=world.seen(address))
    page = text(world.director.post(address, typed))
    assert "on ne change plus à qui" in page
    assert "Autre titre" in page


def test_the_same_number_of_queries_at_two_homes_and_at_many(world, count_queries):
    path, _page = world.writes()
    sent = path.replace("envoyer", "envoi")

    def counts() -> list[int]:
        NewsSending.objects.all().delete()
        with count_queries() as confirm:
            world.director.get(path)
        homes = NewsRecipient._meta.get_field("family").related_model.objects.count()
        world.director.post(path, {"homes": str(homes), "by_mail": "1"})
        news_told(now=NOW)
        with count_queries() as followed:
            world.director.get(sent)
        with count_queries() as listed:
            world.director.get("/agents/actualites/")
        return [len(confirm), len(followed), len(listed)]

    few = counts()
    for number in range(9):
        world.family(f"Famille{number}")
    assert counts() == few


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (390, False)])
def test_sent_in_a_browser(open_page, axe, width, javascript):
    day = local(timezone.now()).date() + timedelta(days=7)
    Village(day)
    walker = Walker(open_page(width=width, javascript=javascript), axe, javascript=javascript)
    walker.come_in("direction", "À traiter")
    walker.open(NEW, "Écrire une actualité")
    walker.page.get_by_label("Seulement les familles qui ont réservé le").fill(day.isoformat())
    walker.page.get_by_label("Titre").fill("Sortie au lac")
    walker.page.get_by_label("Texte").fill("Prévoyez un chapeau.")
    walker.press("Publier et envoyer par courriel…")
    walker.look("Qui la recevra", "1 adresse")
    walker.press("Envoyer à 2 familles")
    walker.look("0 sur 2 familles", "à prévenir")
    news_told(now=timezone.now())
    if not javascript:
        walker.page.get_by_role("link", name="Actualiser").click()
    walker.page.get_by_text("toutes sont prévenues").wait_for()
    walker.look("espace famille")
    walker.open("/agents/actualites/", "Sortie au lac", "publiée")
