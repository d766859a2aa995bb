"""The agents' side of messages and news."""

from __future__ import annotations

import html
from datetime import datetime, timedelta

import pytest
from django.test import Client

from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.families.finding.index import families_index
from marelle.families.models import Family
from marelle.journal.origin import Origin
from marelle.messaging.models import News, Thread
from marelle.messaging.services import Recipient, thread_open
from marelle.messaging.writing import Letter
from marelle.places.models import Post
from tests.agents.village import seen
from tests.messaging.uploads import a_picture
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.thread = self.write()
        self.page = f"/agents/messages/{self.thread.pk}/"

    def write(self, subject: str = "Chaussures", *, structure=None, files=(), now=NOW) -> Thread:
        return thread_open(
            actor=self.durand.actor,
            recipient=Recipient((structure or self.the_structure).pk),
            subject=subject,
            letter=Letter("Où sont-elles ?", files),
            origin=Origin(),
            now=now,
        )


@pytest.fixture
def world(time_machine) -> Village:
    time_machine.move_to(NOW + timedelta(hours=1), tick=False)
    return Village()


@pytest.fixture
def as_role(world):
    def log_in(role: Role, **scope) -> Client:
        client = Client()
        client.force_login(world.staff(f"{role.value}1", role, **scope))
        return client

    return log_in


def text(response) -> str:
    return html.unescape(response.content.decode())


def test_a_message_waits_in_the_queue_and_is_answered(world, as_role):
    director = as_role(Role.DIRECTOR)
    queue = text(director.get("/agents/"))
    assert f'href="{world.page}"' in queue
    listed = text(director.get("/agents/messages/"))
    assert "à répondre" in listed
    assert "non lu" in listed
    assert "Où sont-elles ?" in text(director.get(world.page))
    assert "non lu" not in text(director.get("/agents/messages/"))
    answer = text(director.post(world.page, {"text": "Sous le banc."}, follow=True))
    assert "Réponse envoyée. La famille est prévenue." in answer
    assert "Sous le banc." in answer
    assert world.page not in text(director.get("/agents/"))
    assert "à répondre" not in text(director.get("/agents/messages/"))


def test_closing_and_reopening(world, as_role):
    office = as_role(Role.OFFICE)
    assert "Échange clos." in text(office.post(f"{world.page}clore/", follow=True))
    assert "Rouvrir l’échange" in text(office.get(world.page))
    assert "Échange rouvert." in text(office.post(f"{world.page}rouvrir/", follow=True))
    assert world.page in text(office.get("/agents/"))


def test_who_closes_what_a_colleague_has_closed_is_told_who_did(world, as_role):
    as_role(Role.OFFICE).post(f"{world.page}clore/")
    world.thread.refresh_from_db()
    page = text(as_role(Role.DIRECTOR).post(f"{world.page}clore/", follow=True))
    assert f"{world.thread.closed_by} vient de clore cet échange" in page
    assert "Échange clos." not in page


@pytest.mark.parametrize(("posted", "said"), [("", "Écrivez quelques mots"), ("a" * 5001, "5000")])
def test_a_bad_answer_is_not_sent(world, as_role, posted, said):
    page = text(as_role(Role.DIRECTOR).post(world.page, {"text": posted}))
    assert said in page
    assert world.thread.messages.count() == 1


def test_the_list_is_sorted_out_by_state_and_structure(world, as_role):
    elsewhere = world.structure("Ailleurs")
    world.write("Vélo", structure=elsewhere)
    done = world.write("Bonnet")
    office = as_role(Role.OFFICE)
    office.post(f"/agents/messages/{done.pk}/clore/")
    shown = {
        "": {"Chaussures", "Vélo", "Bonnet"},
        "?etat=a-repondre": {"Chaussures", "Vélo"},
        "?etat=ouverts": {"Chaussures", "Vélo"},
        "?etat=clos": {"Bonnet"},
        f"?structure={elsewhere.pk}": {"Vélo"},
        f"?etat=clos&structure={elsewhere.pk}": set(),
        "?etat=nimporte&structure=x": {"Chaussures", "Vélo", "Bonnet"},
    }
    for query, subjects in shown.items():
        page = text(office.get(f"/agents/messages/{query}"))
        assert {name for name in ("Chaussures", "Vélo", "Bonnet") if name in page} == subjects, query


@pytest.mark.parametrize("typed", ["reunion", "RÉUNION", "rentree réunion", "r%C3%A9union durand"])
def test_subjects_are_found_whatever_the_capitals_and_accents(world, as_role, typed):
    world.write("Réunion de Rentrée")
    page = text(as_role(Role.OFFICE).get(f"/agents/messages/?q={typed}"))
    assert "Réunion de Rentrée" in page
    assert "Chaussures" not in page


def test_another_structure_another_authority_and_animators(world, as_role):
    world.write("Photo", files=[a_picture()])
    file = Thread.objects.get(subject="Photo").messages.get().attachments.get()
    address = f"/agents/messages/{file.message.thread_id}/fichiers/{file.pk}/"
    for outsider in (
        as_role(Role.DIRECTOR, structure=world.structure("Ailleurs")),
        as_role(Role.OFFICE, authority=world.authority("Mairie")),
    ):
        assert "Chaussures" not in text(outsider.get("/agents/messages/"))
        assert outsider.get(world.page).status_code == 404
        assert outsider.post(world.page, {"text": "Moi"}).status_code == 404
        assert outsider.get(address).status_code == 404
    assert as_role(Role.ANIMATOR).get(world.page).status_code == 403
    shown = as_role(Role.ADMINISTRATOR).get(address)
    assert shown.status_code == 200
    shown.getvalue()


def test_an_agent_reads_its_own_family_but_another_answers(world):
    Post.objects.create(user=world.durand.user, role="office", authority=world.the_authority)
    client = Client()
    client.force_login(world.durand.user)
    page = text(client.get(world.page))
    assert "un autre agent doit y répondre" in page
    assert "Envoyer la réponse" not in page
    assert "un autre agent doit y répondre" in text(client.post(f"{world.page}clore/", follow=True))
    assert "un autre agent doit y répondre" in text(client.post(world.page, {"text": "Moi-même"}))
    assert world.thread.messages.count() == 1


def test_news_are_written_kept_published_and_withdrawn(world, as_role):
    director = as_role(Role.DIRECTOR)
    typed = {
        "audience": str(world.the_structure.pk),
        "title": "Fête",
        "text": "Samedi.",
        "until": "2026-12-02",
    }
    assert "Actualité gardée." in text(director.post("/agents/actualites/nouvelle/", typed, follow=True))
    news = News.objects.get()
    assert news.published_at is None
    assert "à publier" in text(director.get("/agents/actualites/"))
    page = f"/agents/actualites/{news.pk}/"
    assert 'value="2026-12-02"' in text(director.get(page))
    typed["seen"] = seen(director.get(page))
    assert "Actualité publiée." in text(director.post(page, {**typed, "publish": "1"}, follow=True))
    assert "✓" not in text(director.post(f"{page}retirer/", follow=True))
    assert "retirée" in text(director.get("/agents/actualites/"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"audience": "999999"}, "Choisissez dans la liste."),
        ({"title": ""}, "obligatoire"),
        ({"title": "a" * 121}, "120"),
        ({"until": "1850-01-01"}, "Cette date est passée"),
        ({"until": "demain"}, "Donnez une date"),
    ],
)
def test_bad_news(world, as_role, changes, said):
    typed = {"audience": str(world.the_structure.pk), "title": "Fête", "text": "Mon texte", **changes}
    page = text(as_role(Role.DIRECTOR).post("/agents/actualites/nouvelle/", typed))
    assert said in page
    assert "Mon texte" in page
    assert not News.objects.exists()


def test_news_only_for_ones_own_structure(world, as_role):
    elsewhere = world.structure("Ailleurs")
    director = as_role(Role.DIRECTOR)
    assert "Ailleurs" not in text(director.get("/agents/actualites/nouvelle/"))
    typed = {"audience": str(elsewhere.pk), "title": "Fête", "text": "Samedi."}
    assert "Choisissez dans la liste." in text(director.post("/agents/actualites/nouvelle/", typed))
    assert not News.objects.exists()


def test_the_same_number_of_queries_at_one_row_and_at_many(world, as_role, count_queries):
    office = as_role(Role.OFFICE)
    office.get(world.page)
    with count_queries(6):
        office.get("/agents/messages/")
    with count_queries(21):
        office.get(world.page)
    with count_queries(4):
        office.get("/agents/actualites/")
    for number in range(6):
        world.write(f"N° {number}", files=[a_picture()])
    with count_queries(6):
        office.get("/agents/messages/")


def test_a_thread_is_given_to_a_colleague_who_finds_it_among_its_own(world, as_role):
    office, director = as_role(Role.OFFICE), as_role(Role.DIRECTOR)
    account = Post.objects.get(role="director").user
    answer = office.post(f"{world.page}confier/", {"agent": str(account.pk)}, follow=True)
    assert "Confié à</dt>" in text(answer)
    world.thread.refresh_from_db()
    assert world.thread.assigned_to == account
    world.write("Bonnet")
    mine = text(director.get("/agents/messages/", {"etat": "a-moi"}))
    assert "Chaussures" in mine
    assert "Bonnet" not in mine
    assert "Chaussures" not in text(office.get("/agents/messages/", {"etat": "a-moi"}))
    office.post(f"{world.page}confier/", {"agent": "", "seen": account.pk})
    world.thread.refresh_from_db()
    assert world.thread.assigned_to is None


@pytest.mark.parametrize("who", ["elsewhere", "parent", "animator", "suspended", "nonsense"])
def test_only_who_answers_there_is_given_a_thread(world, as_role, who):
    office = as_role(Role.OFFICE)
    if who == "parent":
        given = str(world.durand.user.pk)
    elif who == "nonsense":
        given = "abc"
    else:
        role = Role.ANIMATOR if who == "animator" else Role.DIRECTOR
        structure = world.structure("Ailleurs") if who == "elsewhere" else None
        user = world.staff("quelquun", role, structure=structure)
        if who == "suspended":
            Post.objects.filter(user=user).update(suspended_at=NOW)
        given = str(user.pk)
    answer = office.post(f"{world.page}confier/", {"agent": given}, follow=True)
    assert "Choisissez un agent qui répond" in text(answer)
    world.thread.refresh_from_db()
    assert world.thread.assigned_to is None


def test_threads_are_found_by_their_subject_and_by_who_wrote(world, as_role):
    office = as_role(Role.OFFICE)
    world.write("Bonnet")
    Family.objects.update(name="Dürand")
    families_index([world.durand.family.pk], day=NOW.date())
    for words, found in (("chauss", True), ("durand chauss", True), ("bonnet", False), ("martin", False)):
        page = text(office.get("/agents/messages/", {"q": words}))
        assert (">Chaussures<" in page.replace("<b>", "").replace("</b>", "")) is found, words
