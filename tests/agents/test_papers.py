"""An agent checks papers: who sees which, accepts until when, refuses why, and who is told."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from marelle.cases.models import Case
from marelle.core.actor import Role
from marelle.flows.actors import actor_for
from marelle.flows.papers import send, undirected
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.papers.models import Paper, PaperPage
from marelle.papers.services import pages_add
from marelle.places.models import Post
from tests.papers.files import pdf, picture
from tests.papers.world import NOW, Desk
from tests.portal.test_enrolments import text

pytestmark = pytest.mark.django_db


class Checking(Desk):
    def __init__(self) -> None:
        super().__init__()
        self.enrolment(self.zoe, self.wednesdays, self.durand)
        self.insurance = self.paper_type(needed_by=[self.wednesdays])
        self.office = self.staff("guichet", Role.OFFICE)
        self.director = self.staff("direction", Role.DIRECTOR)
        self.elsewhere = self.staff("ailleurs", Role.DIRECTOR, structure=self.structure("Ailleurs"))

    def sent(self, kind=None, person=None, home=None) -> Paper:
        home = home or self.durand
        kind = kind or self.insurance
        person_id = None if kind.about == "family" else (person or self.zoe).pk
        return send(
            actor=home.actor, type_id=kind.pk, person_id=person_id, uploads=[picture("recto.jpg")], now=NOW
        )


@pytest.fixture
def world(time_machine) -> Checking:
    time_machine.move_to(NOW)
    return Checking()


def logged(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def seen(paper: Paper) -> str:
    return " ".join(str(pk) for pk in paper.pages.values_list("pk", flat=True))


@pytest.mark.parametrize("who", ["office", "director"])
def test_an_agent_finds_it_looks_and_accepts(world, who):
    paper = world.sent()
    agent = logged(getattr(world, who))
    assert "Attestation d’assurance · Zoé Durand" in text(agent.get("/agents/"))
    assert "Document à vérifier" in text(agent.get("/agents/"))
    page = text(agent.get(f"/agents/documents/{paper.pk}/"))
    assert "recto.jpg" in page
    file = agent.get(f"/agents/documents/{paper.pk}/pages/{paper.pages.get().pk}/")
    assert file.status_code == 200
    file.getvalue()
    answer = agent.post(f"/agents/documents/{paper.pk}/accepter/", {"seen": seen(paper)}, follow=True)
    assert "Document accepté. La famille est prévenue." in text(answer)
    paper.refresh_from_db()
    assert (paper.state, paper.expires_on) == ("accepted", None)
    mail = Message.objects.get(kind="papers/accepted")
    assert "Attestation d’assurance" in mail.text
    assert "Accueil de loisirs d’Arelle" in mail.text
    assert f"/documents/{world.zoe.pk}/{world.insurance.pk}/" in mail.text
    assert Entry.objects.filter(verb="paper.accepted", family_id=world.durand.family.pk).exists()


def test_refused_with_a_reason_that_the_family_reads_and_may_send_again(world):
    paper = world.sent()
    agent = logged(world.office)
    address = f"/agents/documents/{paper.pk}/refuser/"
    assert "Donnez une raison" in text(agent.post(address, {"seen": seen(paper), "reason": " "}))
    agent.post(address, {"seen": seen(paper), "reason": "La photo est coupée."})
    paper.refresh_from_db()
    assert (paper.state, paper.reason) == ("refused", "La photo est coupée.")
    assert "La photo est coupée." in Message.objects.get(kind="papers/refused").text
    parent = logged(world.durand.user)
    assert "La photo est coupée." in text(parent.get(f"/documents/{world.zoe.pk}/{world.insurance.pk}/"))
    again = world.sent()
    agent.post(f"/agents/documents/{again.pk}/accepter/", {"seen": seen(again)})
    assert list(PaperPage.objects.values_list("paper_id", flat=True)) == [again.pk]


def test_the_day_until_which_it_counts_is_proposed_and_may_be_changed(world):
    kind = world.paper_type("Certificat", needed_by=[world.wednesdays], validity="school_year")
    paper = world.sent(kind)
    agent = logged(world.office)
    assert 'value="2027-08-31"' in text(agent.get(f"/agents/documents/{paper.pk}/"))
    address = f"/agents/documents/{paper.pk}/accepter/"
    for typed, said in (("2026-11-24", "aujourd’hui ou plus tard"), ("hier", "Donnez une date")):
        answer = agent.post(address, {"seen": seen(paper), "expires_on": typed}, follow=True)
        assert said in text(answer)
    agent.post(address, {"seen": seen(paper), "expires_on": "2027-01-31"})
    paper.refresh_from_db()
    assert paper.expires_on == date(2027, 1, 31)


def test_a_date_written_on_the_paper_is_asked_for(world):
    kind = world.paper_type("Carte", needed_by=[world.wednesdays], validity="dated")
    paper = world.sent(kind)
    address = f"/agents/documents/{paper.pk}/accepter/"
    answer = logged(world.office).post(address, {"seen": seen(paper), "expires_on": ""})
    assert "Donnez la date écrite sur le document." in text(answer)


def test_nothing_is_decided_unseen(world):
    paper = world.sent()
    shown = seen(paper)
    pages_add(actor=world.durand.actor, paper_id=paper.pk, uploads=[pdf()], now=NOW)
    agent = logged(world.office)
    for action, more in (("accepter", {}), ("refuser", {"reason": "Non."})):
        answer = agent.post(f"/agents/documents/{paper.pk}/{action}/", {"seen": shown, **more}, follow=True)
        assert "La famille vient de changer les pages" in text(answer)
    paper.refresh_from_db()
    assert paper.state == "received"
    assert Case.objects.get().state == "open"


def test_of_two_agents_one_decides_and_the_other_is_told(world):
    paper = world.sent()
    pages = seen(paper)
    logged(world.director).post(f"/agents/documents/{paper.pk}/accepter/", {"seen": pages})
    answer = logged(world.office).post(
        f"/agents/documents/{paper.pk}/refuser/", {"seen": pages, "reason": "Trop tard."}, follow=True
    )
    assert "Direction a déjà décidé pour ce document" in text(answer)
    paper.refresh_from_db()
    assert paper.state == "accepted"


def test_a_new_paper_accepted_takes_the_place_of_the_old_one(world):
    agent = logged(world.office)
    old = world.sent()
    agent.post(f"/agents/documents/{old.pk}/accepter/", {"seen": seen(old)})
    new = world.sent()
    old.refresh_from_db()
    assert old.state == "accepted"
    agent.post(f"/agents/documents/{new.pk}/accepter/", {"seen": seen(new)})
    old.refresh_from_db()
    assert old.state == "replaced"
    assert not old.pages.exists()


def test_health_is_for_the_director_alone_and_each_reading_is_written_down(world):
    kind = world.paper_type("Page de vaccinations", needed_by=[world.wednesdays], is_health=True)
    paper = world.sent(kind)
    page = f"/agents/documents/{paper.pk}/pages/{paper.pages.get().pk}/"
    admin = world.staff("admin", Role.ADMINISTRATOR)
    for user in (world.office, admin):
        agent = logged(user)
        shown = text(agent.get(f"/agents/documents/{paper.pk}/"))
        assert "seule la direction de la structure concernée" in shown
        assert "recto.jpg" not in shown
        assert agent.get(page).status_code == 404
        answer = agent.post(f"/agents/documents/{paper.pk}/accepter/", {"seen": seen(paper)})
        assert answer.status_code == 404
    director = logged(world.director)
    director.get(page).getvalue()
    assert Entry.objects.get(verb="paper.read").actor_user_id == world.director.pk
    director.post(
        f"/agents/documents/{paper.pk}/refuser/", {"seen": seen(paper), "reason": "Le vaccin manque."}
    )
    mail = Message.objects.get(kind="papers/refused")
    for hidden in ("vaccin", "Zoé"):
        assert hidden not in mail.subject + mail.text


def test_an_agent_in_the_name_of_the_family_does_not_read_health(world):
    kind = world.paper_type("Page de vaccinations", needed_by=[world.wednesdays], is_health=True)
    paper = world.sent(kind)
    agent = logged(world.office)
    agent.post(f"/agents/familles/{world.durand.family.pk}/agir/")
    shown = text(agent.get(f"/documents/{world.zoe.pk}/{kind.pk}/"))
    assert "recto.jpg" not in shown
    assert agent.get(f"/documents/pages/{paper.pages.get().pk}/").status_code == 404


def test_a_director_sees_the_papers_of_the_children_enrolled_there_and_no_others(world):
    holidays = world.activity("Vacances ailleurs", structure=world.elsewhere.posts.get().structure)
    world.need(holidays, world.insurance)
    paper = world.sent()
    other = logged(world.elsewhere)
    assert other.get(f"/agents/documents/{paper.pk}/").status_code == 404
    world.enrolment(world.zoe, holidays, world.durand)
    assert other.get(f"/agents/documents/{paper.pk}/").status_code == 200


def test_nobody_checks_its_own_file(world):
    kind = world.paper_type("Domicile", "family", asked_of_all=True)
    paper = world.sent(kind)
    world.durand.user.posts.create(role=Role.OFFICE.value, authority=world.the_authority)
    agent = logged(world.durand.user)
    assert "votre propre famille" in text(agent.get(f"/agents/documents/{paper.pk}/"))
    assert agent.get(f"/agents/documents/{paper.pk}/pages/{paper.pages.get().pk}/").status_code == 404
    answer = agent.post(f"/agents/documents/{paper.pk}/accepter/", {"seen": seen(paper)}, follow=True)
    assert "un autre agent doit le traiter" in text(answer)
    paper.refresh_from_db()
    assert paper.state == "received"


def test_the_page_asks_the_same_number_of_queries_with_many_pages(world, count_queries):
    paper = world.sent()
    agent = logged(world.director)
    agent.get(f"/agents/documents/{paper.pk}/")
    with count_queries(12) as few:
        agent.get(f"/agents/documents/{paper.pk}/")
    pages_add(actor=world.durand.actor, paper_id=paper.pk, uploads=[picture(), picture()], now=NOW)
    with count_queries() as many:
        agent.get(f"/agents/documents/{paper.pk}/")
    assert len(many) == len(few)


def test_the_office_is_told_where_papers_of_health_wait_for_nobody(world, count_queries):
    told = "documents de santé attendent à Accueil de loisirs d’Arelle, où personne ne peut les vérifier"
    health = world.paper_type("Vaccinations", needed_by=[world.wednesdays], is_health=True)
    world.sent(health)
    office = logged(world.office)
    assert told not in text(office.get("/agents/"))
    Post.objects.filter(user=world.director).delete()
    for address in ("/agents/", "/agents/documents/"):
        assert told in text(office.get(address))
        assert told in text(logged(world.staff(f"chef{len(address)}", Role.ADMINISTRATOR)).get(address))
        assert told not in text(logged(world.elsewhere).get(address))
    office_actor, director_actor = actor_for(world.office), actor_for(world.elsewhere)
    with count_queries(1):
        assert undirected(office_actor) == ("Accueil de loisirs d’Arelle",)
    with count_queries(0):
        assert undirected(director_actor) == ()
