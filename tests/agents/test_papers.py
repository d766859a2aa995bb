"""An agent checks papers: who sees which, accepts until when, refuses why, and who is told."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from marelle.cases.models import Case
from marelle.cases.rules import UNDO_FOR
from marelle.cases.services import DecidedElsewhere
from marelle.core.actor import Role
from marelle.files.fields import checked
from marelle.files.models import StoredFile
from marelle.flows.actor.actors import actor_for
from marelle.flows.desk.undoing import paper_decision_undo
from marelle.flows.papers.asked import accept, send, to_check, undirected
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.papers.models import Paper, PaperPage
from marelle.papers.rules import Given, PaperState, status
from marelle.papers.services import pages_add, replaced_files_drop
from marelle.places.models import Post
from tests.papers.files import pdf, picture
from tests.papers.world import NOW, Desk
from tests.portal.test_enrolments import text
from tests.road.walker import Walker
from tests.scenario import PASSWORD

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
            actor=home.actor,
            type_id=kind.pk,
            person_id=person_id,
            uploads=[checked(picture("recto.jpg"))],
            now=NOW,
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


def test_a_paper_without_a_limit_may_be_given_one_and_is_then_asked_again(world):
    paper = world.sent()
    agent, page = logged(world.office), f"/agents/documents/{paper.pk}/"
    assert "Si une date est écrite dessus" in text(agent.get(page))
    for wrong in ("2026-11-24", "2126-11-25", "demain"):
        refused = text(agent.post(f"{page}accepter/", {"seen": seen(paper), "expires_on": wrong}))
        assert ("aujourd’hui ou plus tard, d’ici vingt ans" in refused) is (wrong != "demain")
        assert f'value="{wrong}"' in refused
        paper.refresh_from_db()
        assert paper.state == "received"
    agent.post(f"{page}accepter/", {"seen": seen(paper), "expires_on": "2026-12-10"})
    paper.refresh_from_db()
    assert (paper.state, paper.expires_on) == ("accepted", date(2026, 12, 10))
    given = Given(paper.pk, PaperState(paper.state), paper.sent_at, paper.expires_on)
    assert status([given], date(2026, 12, 10)).standing == "expires_soon"
    assert status([given], date(2026, 12, 11)).standing == "expired"


@pytest.mark.parametrize("who", ["office", "director"])
def test_an_agent_finds_it_looks_and_accepts(world, who):
    paper = world.sent()
    agent = logged(getattr(world, who))
    assert "Document · Attestation d’assurance" in text(agent.get("/agents/"))
    page = text(agent.get(f"/agents/documents/{paper.pk}/"))
    assert "recto.jpg" in page
    file = agent.get(f"/agents/documents/{paper.pk}/pages/{paper.pages.get().pk}/")
    assert file.status_code == 200
    file.getvalue()
    answer = agent.post(f"/agents/documents/{paper.pk}/accepter/", {"seen": seen(paper)}, follow=True)
    assert "Document accepté. La famille sera prévenue" in text(answer)
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
    replaced_files_drop(now=NOW + 3 * UNDO_FOR)
    assert list(PaperPage.objects.values_list("paper_id", flat=True)) == [again.pk]


def test_one_that_never_waited_is_not_decided_again(world):
    """As most of the demo's: accepted from the start, without a case."""
    paper = world.sent()
    agent = logged(world.office)
    agent.post(f"/agents/documents/{paper.pk}/accepter/", {"seen": seen(paper)})
    Case.objects.all().delete()
    for done in ("accepter", "refuser"):
        data = {"seen": seen(paper), "reason": "Illisible."}
        answer = agent.post(f"/agents/documents/{paper.pk}/{done}/", data, follow=True)
        assert "Ce document n’attend plus" in text(answer)
        paper.refresh_from_db()
        assert paper.state == "accepted"


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
    pages_add(actor=world.durand.actor, paper_id=paper.pk, uploads=[checked(pdf())], now=NOW)
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
    decided = Paper.objects.get(pk=new.pk).decided_at
    files = StoredFile.objects.count()
    assert replaced_files_drop(now=decided + UNDO_FOR) == 0
    assert old.pages.exists()
    assert replaced_files_drop(now=decided + 2 * UNDO_FOR) == 1
    assert not old.pages.exists()
    assert StoredFile.objects.count() == files - 1
    assert replaced_files_drop(now=decided + 2 * UNDO_FOR) == 0


def rows() -> list[dict[str, object]]:
    models = (Paper, PaperPage, StoredFile, Case)
    return [row for model in models for row in model.objects.order_by("pk").values()]


@pytest.mark.parametrize("former", ["accepter", "refuser", None])
def test_undone_what_the_new_paper_had_replaced_counts_again(world, former):
    actor = actor_for(world.office)
    if former:
        old = world.sent()
        answer = {"seen": seen(old), "reason": "Illisible."}
        logged(world.office).post(f"/agents/documents/{old.pk}/{former}/", answer)
    new = world.sent()
    before = rows()
    found = to_check(actor, new.pk, day=NOW.date())
    pages = new.pages.values_list("pk", flat=True)
    accept(actor=actor, found=found, seen=pages, expires_on=None, now=NOW)
    paper_decision_undo(actor=actor, subject_id=new.pk, decided_at=NOW, now=NOW)
    assert rows() == before
    replaced_files_drop(now=NOW + 3 * UNDO_FOR)
    assert rows() == before


def test_an_older_acceptance_is_not_undone_with_the_last(world):
    actor = actor_for(world.office)
    papers = []
    for minutes in range(3):
        papers.append(world.sent())
        at = NOW + timedelta(minutes=minutes)
        found = to_check(actor, papers[-1].pk, day=NOW.date())
        pages = papers[-1].pages.values_list("pk", flat=True)
        accept(actor=actor, found=found, seen=pages, expires_on=None, now=at)
    paper_decision_undo(actor=actor, subject_id=papers[2].pk, decided_at=at, now=at)
    states = [Paper.objects.get(pk=paper.pk).state for paper in papers]
    assert states == ["replaced", "accepted", "received"]


def test_sent_again_before_its_check_what_is_accepted_may_be_undone(world):
    world.sent()
    paper = world.sent()
    actor = actor_for(world.office)
    found = to_check(actor, paper.pk, day=NOW.date())
    pages = paper.pages.values_list("pk", flat=True)
    accept(actor=actor, found=found, seen=pages, expires_on=None, now=NOW)
    assert Paper.objects.filter(state="replaced").count() == 1
    paper_decision_undo(actor=actor, subject_id=paper.pk, decided_at=NOW, now=NOW)
    paper.refresh_from_db()
    assert paper.state == "received"


def passed(client: Client, paper: Paper, to: object, words: str = "À vous."):
    case = Case.objects.get(kind="paper", subject_id=paper.pk)
    client.post(f"/agents/notes/{case.pk}/", {"text": words, "pass": str(to)})
    case.refresh_from_db()
    return case.structure_id


def test_a_paper_passed_to_the_office_is_decided_there_until_it_is_given_back(world):
    paper = world.sent()
    director, office = logged(world.director), logged(world.office)
    address = f"/agents/documents/{paper.pk}/"
    assert "Passer au guichet" in text(director.get(address))
    assert passed(director, paper, "office") is None
    assert "Décidé par le guichet unique" in text(director.get(address))
    director.post(f"{address}accepter/", {"seen": seen(paper)})
    paper.refresh_from_db()
    assert paper.state == "received"
    assert f"Rendre à {world.the_structure.name}" in text(office.get(address))
    assert passed(office, paper, world.the_structure.pk) == world.the_structure.pk
    director.post(f"{address}accepter/", {"seen": seen(paper)})
    paper.refresh_from_db()
    assert paper.state == "accepted"


def test_a_paper_goes_to_another_structure_that_asks_for_it_and_no_further(world):
    other = world.structure("Périscolaire")
    evening = world.activity("Soir", structure=other)
    world.enrolment(world.zoe, evening, world.durand)
    world.need(evening, world.insurance)
    paper = world.sent()
    held = Case.objects.get(kind="paper").structure_id
    beside = other.pk if held == world.the_structure.pk else world.the_structure.pk
    office = logged(world.office)
    assert passed(office, paper, world.structure("Sans lien").pk) == held
    assert passed(office, paper, beside) == beside


def undone(client: Client, paper: Paper) -> int:
    case = Case.objects.get(kind="paper", subject_id=paper.pk)
    return client.post(f"/agents/annuler/{case.pk}/", {"decided": case.decided_at.isoformat()}).status_code


def test_the_director_of_the_second_structure_undoes_what_it_decided(world):
    second = world.elsewhere.posts.get().structure
    evening = world.activity("Soir", structure=second)
    world.enrolment(world.zoe, evening, world.durand)
    world.need(evening, world.insurance)
    paper = world.sent()
    assert Case.objects.get(kind="paper").structure_id == world.the_structure.pk
    other, address = logged(world.elsewhere), f"/agents/documents/{paper.pk}/"
    page = text(other.post(f"{address}accepter/", {"seen": seen(paper)}, follow=True))
    assert "Annuler la décision" in page
    stranger = world.staff("lointaine", Role.DIRECTOR, structure=world.structure("Loin"))
    assert undone(logged(stranger), paper) == 404
    paper.refresh_from_db()
    assert paper.state == "accepted"
    assert undone(other, paper) == 302
    paper.refresh_from_db()
    assert (paper.state, Case.objects.get(kind="paper").state) == ("received", "open")


def test_what_the_office_decided_once_it_was_passed_is_its_own_to_undo(world):
    paper = world.sent()
    director, office = logged(world.director), logged(world.office)
    passed(director, paper, "office")
    address = f"/agents/documents/{paper.pk}/"
    office.post(f"{address}accepter/", {"seen": seen(paper)})
    assert "Annuler la décision" not in text(director.get(address))
    assert undone(director, paper) == 404
    now = Paper.objects.get().decided_at
    with pytest.raises(DecidedElsewhere):
        paper_decision_undo(actor=actor_for(world.director), subject_id=paper.pk, decided_at=now, now=now)
    assert "Annuler la décision" in text(office.get(address))
    assert undone(office, paper) == 302


def test_a_paper_of_health_is_not_the_office_s_to_receive(world):
    kind = world.paper_type("Page de vaccinations", needed_by=[world.wednesdays], is_health=True)
    paper = world.sent(kind)
    director = logged(world.director)
    assert "Passer au guichet" not in text(director.get(f"/agents/documents/{paper.pk}/"))
    assert passed(director, paper, "office") == world.the_structure.pk


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
    with count_queries(19) as few:
        agent.get(f"/agents/documents/{paper.pk}/")
    pages_add(
        actor=world.durand.actor, paper_id=paper.pk, uploads=[checked(picture()), checked(picture())], now=NOW
    )
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


def test_only_the_page_in_its_frame_may_be_framed_by_ours_alone(world):
    paper = world.sent()
    director = logged(world.director)
    path = f"/agents/documents/{paper.pk}/pages/{paper.pages.get().pk}/"
    framed, alone = director.get(f"{path}?cadre"), director.get(path)
    assert "frame-ancestors 'self'" in framed["Content-Security-Policy"]
    assert framed["X-Frame-Options"] == "SAMEORIGIN"
    assert "default-src 'none'" in framed["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in alone["Content-Security-Policy"]
    assert alone["X-Frame-Options"] == "DENY"
    for answer in (framed, alone):
        answer.getvalue()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_stand_beside_the_decision_in_a_browser(open_page, axe, width):
    world = Checking()
    paper = send(
        actor=world.durand.actor,
        type_id=world.insurance.pk,
        person_id=world.zoe.pk,
        uploads=[checked(picture("recto.jpg")), checked(pdf("verso.pdf"))],
        now=timezone.now(),
    )
    walker = Walker(open_page(width=width), axe)
    walker.page.goto(f"/connexion/?next=/agents/documents/{paper.pk}/")
    walker.page.get_by_label("Identifiant ou adresse de courriel").fill("direction")
    walker.page.get_by_label("Mot de passe").fill(PASSWORD)
    walker.press("Je me connecte")
    walker.look("Attestation d’assurance", "recto.jpg", "verso.pdf")
    decision = walker.main.get_by_role("button", name="Accepter").bounding_box()
    shown = walker.main.get_by_role("img", name="Page envoyée : recto.jpg")
    place = shown.bounding_box()
    if width == 1280:
        assert place["x"] > decision["x"] + decision["width"]
        assert place["y"] < 900
    else:
        assert place["y"] > decision["y"]
    walker.main.get_by_role("button", name="Tourner recto.jpg").click()
    assert shown.evaluate("image => getComputedStyle(image).rotate") == "90deg"
    walker.main.get_by_role("button", name="Agrandir recto.jpg").click()
    assert shown.bounding_box()["width"] > place["width"]
    frame = walker.main.locator("iframe")
    assert frame.get_attribute("title") == "Page envoyée\u00a0: verso.pdf"
    walker.look()
    walker.main.get_by_role("button", name="Accepter").click()
    walker.look("Document accepté")
