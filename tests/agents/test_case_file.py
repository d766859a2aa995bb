"""What a request shows of a home before the decision, and to whom: papers, bills, health, places."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from marelle.billing.models import Invoice
from marelle.bookings.states import BookingState
from marelle.core.actor import Role
from marelle.enrolments.models import Enrolment
from marelle.enrolments.services import Terms, enrolment_request
from marelle.families.models import Person
from marelle.flows.actor.actors import actor_for
from marelle.flows.care.team import signs
from marelle.journal.models import Entry
from marelle.places.models import Authority, Post
from tests.care import sheet
from tests.papers.world import NOW, TODAY, Desk
from tests.reading import text
from tests.scenario import Home
from tests.standing import built_once

pytestmark = pytest.mark.django_db


class Asked(Desk):
    def __init__(self) -> None:
        super().__init__()
        self.big = self.group(self.wednesdays, "6–12 ans", (6, 12))
        self.morning = self.slot(self.wednesdays, "Matin", weekdays=[2], capacity=2)
        self.days = self.openings(self.wednesdays, date(2026, 12, 2), date(2027, 1, 27), group=self.big)
        self.page = f"/agents/inscriptions/{self.ask(self.durand, self.zoe).pk}/"

    def ask(self, home: Home, child: Person) -> Enrolment:
        return enrolment_request(
            actor=home.actor,
            person_id=child.pk,
            activity_id=self.wednesdays.pk,
            terms=Terms(date(2026, 12, 2), date(2027, 8, 31), {2: frozenset({self.morning.pk})}),
            now=NOW,
        )

    def agent(self, role: Role) -> Client:
        client = Client()
        client.force_login(self.staff(f"{role.value}1", role))
        return client

    def bill(self, authority: Authority, total: str, due_on: date) -> None:
        Invoice.objects.create(
            authority=authority,
            family=self.durand.family,
            number=f"F-{total}",
            month=date(2026, 9, 1),
            issued_on=date(2026, 9, 10),
            due_on=due_on,
            total=Decimal(total),
        )


built = built_once(Asked, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Asked:
    time_machine.move_to(NOW)
    return deepcopy(built)


def test_each_paper_asked_for_says_where_it_stands_and_leads_to_it(world):
    kinds = {
        title: world.paper_type(title, about, needed_by=[world.wednesdays])
        for title, about in (
            ("Assurance", "child"),
            ("Vaccins", "child"),
            ("Revenus", "family"),
            ("Identité", "adult"),
            ("Photo", "child"),
        )
    }
    accepted = world.paper(kinds["Assurance"], world.durand, world.zoe, "accepted")
    waiting = world.paper(kinds["Vaccins"], world.durand, world.zoe)
    world.paper(kinds["Revenus"], world.durand, None, "accepted", expires_on=TODAY - timedelta(days=1))
    world.paper(kinds["Photo"], world.durand, world.zoe, "refused")
    page = text(world.agent(Role.OFFICE).get(world.page))
    assert f'href="/agents/documents/{accepted.pk}/"><span class="tag ok">Assurance</span>' in page
    assert (
        f'href="/agents/documents/{waiting.pk}/"><span class="tag warn">Vaccins\u00a0: à vérifier</span>'
        in page
    )
    assert '<span class="tag error">Revenus\u00a0: plus valable</span>' in page
    assert '<span class="tag warn">Identité, Camille\u00a0: manque</span>' in page
    assert '<span class="tag error">Photo\u00a0: envoi refusé</span>' in page


def test_bills_are_counted_for_all_and_told_to_the_office_alone(world):
    director, office = world.agent(Role.DIRECTOR), world.agent(Role.OFFICE)
    world.bill(world.the_authority, "50.00", TODAY)
    world.bill(world.authority("Mairie"), "90.00", date(2026, 10, 1))
    assert '<span class="tag ok">à jour</span>' in text(office.get(world.page))
    world.bill(world.the_authority, "82.50", date(2026, 10, 1))
    for agent in (director, office):
        page = text(agent.get(world.page))
        assert "1 facture en retard" in page
        assert ("82,50" in page) is (agent is office)


@pytest.mark.parametrize("role", [Role.OFFICE, Role.ADMINISTRATOR])
def test_of_health_the_office_knows_that_there_is_something(world, role):
    sheet(world.zoe, allergies="Arachide", is_severe=True, pai=True)
    page = text(world.agent(role).get(world.page))
    assert "information signalée" in page
    for word in ("Arachide", "PAI", "allergie"):
        assert word not in page
    assert not Entry.objects.filter(verb__startswith="health.").exists()


def test_the_structure_that_is_asked_reads_the_signs_and_it_is_written_down(world):
    sheet(world.zoe, allergies="Arachide", is_severe=True, pai=True)
    page = text(world.agent(Role.DIRECTOR).get(world.page))
    assert "PAI signalé" in page
    assert "allergie grave signalée" in page
    assert f'href="/agents/sante/{world.zoe.pk}/"' in page
    assert "Arachide" not in page
    assert Entry.objects.get(verb="health.signs_read").subject_label == str(world.zoe)


def test_nothing_of_health_to_another_structure_nor_of_ones_own_child(world):
    sheet(world.zoe, allergies="Arachide")
    elsewhere = actor_for(world.staff("ailleurs", Role.DIRECTOR, structure=world.structure("Ailleurs")))
    Post.objects.create(user=world.durand.user, role="director", structure=world.the_structure)
    for actor in (elsewhere, world.durand.actor, world.home("Martin").actor):
        assert not signs(actor, child=world.zoe, now=NOW).something
    assert not Entry.objects.filter(verb__startswith="health.").exists()


def test_places_wished_are_those_of_the_whole_period(world):
    for number in range(3):
        home = world.home(f"Foyer{number}")
        child = world.child(home, f"Enfant{number}", born=date(2018, 1, 1))
        world.enrolment(child, world.wednesdays, home, group=world.big)
        for day in (world.days[1], world.days[-1]):
            world.booking(child, day, state=BookingState.BOOKED if number < 2 else BookingState.WAITING)
    page = text(world.agent(Role.OFFICE).get(world.page))
    assert '<th scope="col">Mercredi</th>' in page
    assert page.count('<th scope="col">') == 7
    assert page.count("<small>complet</small>") == 1
    assert "2 des 9 jours souhaités sont complets. 1 enfant est en liste d’attente." in page


def test_the_same_queries_with_a_year_booked_and_many_waiting(world, count_queries):
    kind = world.paper_type("Assurance", needed_by=[world.wednesdays])
    world.paper_type("Identité", "adult", needed_by=[world.wednesdays])
    office = world.agent(Role.OFFICE)
    office.get(world.page)
    with count_queries(30) as few:
        office.get(world.page)
    other = world.activity("Cantine")
    world.slot(other, "Repas", weekdays=[0, 1, 3, 4], capacity=200)
    world.enrolment(world.zoe, other, world.durand)
    for day in world.openings(other, date(2026, 9, 1), date(2027, 8, 31))[:200]:
        world.booking(world.zoe, day)
    for number in range(59):
        home = world.home(f"Foyer{number}")
        world.ask(home, world.child(home, "Léo"))
    for number in range(3):
        world.paper_type(f"Pièce {number}", needed_by=[world.wednesdays])
    world.paper(kind, world.durand, world.zoe)
    with count_queries() as many:
        office.get(world.page)
    assert len(many) == len(few)
