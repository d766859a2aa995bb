"""From a case an agent asks its family for a paper: who may, what the family reads, and when it has come."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime, timedelta

import pytest
from django.test import Client

from marelle.accounts.models import User
from marelle.cases.models import Case
from marelle.core.actor import Role
from marelle.enrolments.models import Enrolment
from marelle.files.fields import checked
from marelle.flows.actor.actors import actor_for
from marelle.flows.dashboard.selectors import dashboard
from marelle.flows.papers.asked import asked_of_home, by_agents_of, send, to_check
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.papers.models import Paper, PaperAsked
from marelle.papers.selectors import PaperCounts
from marelle.papers.services import paper_request
from marelle.places.models import Post
from tests.agents.test_case_file import Asked
from tests.papers.files import picture
from tests.papers.world import NOW, TODAY
from tests.reading import text
from tests.standing import built_once

pytestmark = pytest.mark.django_db


class Asking(Asked):
    def __init__(self) -> None:
        super().__init__()
        self.proof = self.paper_type("Attestation d’employeur", "adult", mandatory=False)
        self.health = self.paper_type("Certificat médical", "child", is_health=True)
        self.case = Case.objects.get(kind="enrolment")
        self.address = f"/agents/demandes/{self.case.pk}/piece/"
        self.camille = self.durand.adult
        self.chosen = f"{self.proof.pk}-{self.camille.pk}"

    def asks(self, agent: User) -> None:
        paper_request(
            actor=actor_for(agent),
            case_id=self.case.pk,
            type_id=self.health.pk,
            person_id=self.zoe.pk,
            message="",
            now=NOW,
        )

    def family(self) -> Client:
        client = Client()
        client.force_login(self.durand.user)
        return client


built = built_once(Asking, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Asking:
    time_machine.move_to(NOW)
    return deepcopy(built)


def test_the_family_is_told_and_the_case_says_when_it_has_come(world):
    director = world.agent(Role.DIRECTOR)
    assert world.address in text(director.get(world.page))
    posted = {"paper": world.chosen, "message": "Celle de l’an dernier <ne> suffit pas."}
    page = text(director.post(world.address, posted, follow=True))
    assert "« Attestation d’employeur » est demandé à la famille." in page
    assert "En attente d’un document : « Attestation d’employeur, Camille »" in page
    assert Case.objects.get(pk=world.case.pk).state == "open"
    assert "en attente d’un document" in text(director.get("/agents/"))
    office = world.agent(Role.OFFICE)
    home = f"/agents/familles/{world.durand.family.pk}/"
    for agent in (director, office):
        assert "Camille · demandé par Director1" in text(agent.get(home))
    mail = Message.objects.get(kind="papers/requested")
    assert "Celle de l’an dernier <ne> suffit pas." in mail.text
    assert f"/documents/{world.camille.pk}/{world.proof.pk}/" in mail.text
    assert Entry.objects.get(verb="paper.requested").family_id == world.durand.family.pk
    assert "1 document à envoyer" in text(world.family().get("/documents/"))
    theirs = text(world.family().get(f"/documents/{world.camille.pk}/{world.proof.pk}/"))
    assert "Celle de l’an dernier &lt;ne&gt; suffit pas." in theirs
    sent = send(
        actor=world.durand.actor,
        type_id=world.proof.pk,
        person_id=world.camille.pk,
        uploads=[checked(picture("attestation.jpg"))],
        now=NOW + timedelta(hours=1),
    )
    page = text(director.get(world.page))
    assert "est arrivé : à vérifier" in page
    lines = text(director.get("/agents/"))
    assert "document arrivé" in lines
    assert "en attente d’un document" not in lines
    assert f"/agents/documents/{sent.pk}/" in page
    assert "Tout est en ordre" in text(world.family().get("/documents/"))


def test_who_asked_checks_what_comes(world):
    """Nothing but the case makes the paper this structure's."""
    director = world.agent(Role.DIRECTOR)
    director.post(world.address, {"paper": world.chosen})
    sent = send(
        actor=world.durand.actor,
        type_id=world.proof.pk,
        person_id=world.camille.pk,
        uploads=[checked(picture("attestation.jpg"))],
        now=NOW,
    )
    assert Case.objects.get(kind="paper").structure_id == world.the_structure.pk
    assert director.get(f"/agents/documents/{sent.pk}/").status_code == 200
    outsider = world.staff("ailleurs", Role.DIRECTOR, structure=world.structure("Ailleurs"))
    assert to_check(actor_for(outsider), sent.pk, day=TODAY) is None


def test_a_paper_of_health_is_asked_by_the_direction_and_its_mail_says_nothing(world):
    wanted = {"paper": f"{world.health.pk}-{world.zoe.pk}", "message": "Pour son asthme."}
    office, director = world.agent(Role.OFFICE), world.agent(Role.DIRECTOR)
    assert "Certificat médical" not in text(office.get(world.address))
    assert "Choisissez le document dans la liste" in text(office.post(world.address, wanted))
    director.post(world.address, wanted)
    mail = Message.objects.get(kind="papers/requested")
    assert "Certificat" not in mail.text + mail.subject
    assert "asthme" not in mail.text


def test_what_is_there_is_not_asked_for_and_what_was_typed_stays(world):
    world.paper(world.proof, world.durand, world.camille)
    posted = {"paper": world.chosen, "message": "S’il vous plaît"}
    page = text(world.agent(Role.OFFICE).post(world.address, posted))
    assert "Ce document est déjà là" in page
    assert "S’il vous plaît" in page
    assert not PaperAsked.objects.exists()


@pytest.mark.parametrize("chosen", ["", "x", "0-0", "999999-", "-"])
def test_nothing_of_the_list(world, chosen):
    page = text(world.agent(Role.OFFICE).post(world.address, {"paper": chosen}))
    assert "Choisissez le document" in page


def test_asking_again_replaces_and_tells_again(world):
    office = world.agent(Role.OFFICE)
    for message in ("Une première fois", "Une seconde fois"):
        office.post(world.address, {"paper": world.chosen, "message": message})
    assert PaperAsked.objects.get().message == "Une seconde fois"
    assert Message.objects.filter(kind="papers/requested").count() == 2


def test_only_who_decides_asks(world):
    posted = {"paper": world.chosen}
    Case.objects.filter(pk=world.case.pk).update(structure_id=None)
    assert world.agent(Role.DIRECTOR).post(world.address, posted).status_code == 404
    Post.objects.create(user=world.durand.user, role="office", authority=world.the_authority)
    answer = text(world.family().post(world.address, posted, follow=True))
    assert "un autre agent doit le traiter" in answer
    Case.objects.filter(pk=world.case.pk).update(state="refused", decided_at=NOW, decided_by="Ana")
    assert "Ana a déjà décidé" in text(world.agent(Role.OFFICE).post(world.address, posted, follow=True))
    assert not PaperAsked.objects.exists()


@pytest.mark.parametrize("state", ["refused", "withdrawn"])
def test_once_the_case_is_over_who_asked_reads_nothing_more(world, state):
    director = world.staff("direction", Role.DIRECTOR)
    world.asks(director)
    before = sent_of(world, NOW + timedelta(hours=1))
    assert asked_of(world) == [world.health.pk]
    over = NOW + timedelta(hours=2)
    Case.objects.filter(pk=world.case.pk).update(state=state, decided_at=over, decided_by="Ana")
    found = to_check(actor_for(director), before.pk, day=TODAY)
    # Sent while it was asked for: somebody has to check it.
    assert found is not None
    assert found.reads
    assert asked_of(world) == []
    assert not by_agents_of(world.durand.family.pk, None, TODAY)
    after = sent_of(world, NOW + timedelta(hours=3))
    assert to_check(actor_for(director), after.pk, day=TODAY) is None
    assert Case.objects.get(kind="paper", state="open").structure_id is None


def test_once_the_case_is_accepted_who_asked_still_checks(world):
    director = world.staff("direction", Role.DIRECTOR)
    world.agent(Role.DIRECTOR).post(world.address, {"paper": f"{world.health.pk}-{world.zoe.pk}"})
    Case.objects.filter(pk=world.case.pk).update(state="accepted", decided_at=NOW, decided_by="Ana")
    assert asked_of(world) == [world.health.pk]
    sent = sent_of(world, NOW + timedelta(hours=1))
    assert to_check(actor_for(director), sent.pk, day=TODAY) is not None


def test_what_was_asked_from_a_case_that_is_gone_is_asked_no_more(world):
    world.agent(Role.DIRECTOR).post(world.address, {"paper": world.chosen})
    assert asked_of(world) == [world.proof.pk]
    PaperAsked.objects.update(case=None)
    assert asked_of(world) == []


def test_the_dashboard_tells_what_an_agent_asked_where_no_child_is_enrolled_yet(world):
    world.proof.mandatory = True
    world.proof.save()
    world.agent(Role.DIRECTOR).post(world.address, {"paper": world.chosen})
    before = dashboard(world.durand.actor, now=NOW).waiting.papers
    Enrolment.objects.all().delete()
    assert dashboard(world.durand.actor, now=NOW).waiting.papers == before != PaperCounts()


def sent_of(world: Asking, now: datetime) -> Paper:
    return send(
        actor=world.durand.actor,
        type_id=world.health.pk,
        person_id=world.zoe.pk,
        uploads=[checked(picture("certificat.jpg"))],
        now=now,
    )


def asked_of(world: Asking) -> list[int]:
    return [one.kind.pk for one in asked_of_home(world.durand.actor, day=TODAY)]


def test_once_the_enrolment_is_over_the_structure_that_asked_reads_nothing_more(world):
    director = world.staff("direction", Role.DIRECTOR)
    world.asks(director)
    Case.objects.filter(pk=world.case.pk).update(state="accepted", decided_at=NOW, decided_by="Ana")
    mine = Enrolment.objects.filter(pk=world.case.subject_id)
    mine.update(state="accepted", starts_on=TODAY - timedelta(days=30), ends_on=TODAY)
    assert asked_of(world) == [world.health.pk]
    mine.update(ends_on=TODAY - timedelta(days=1))
    assert asked_of(world) == []
    assert not by_agents_of(world.durand.family.pk, None, TODAY)
    after = sent_of(world, NOW + timedelta(hours=3))
    assert to_check(actor_for(director), after.pk, day=TODAY) is None
