"""The counter: what each agent sees of a request, and deciding it."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime

import pytest
from django.test import Client

from marelle.cases.models import Case
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.enrolments.models import Enrolment
from marelle.enrolments.services import Terms, enrolment_accept, enrolment_request
from marelle.flows.actor.actors import actor_for
from marelle.places.models import Post
from tests.reading import text
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4), school=self.the_school)
        self.quotient(self.durand, "734.00")
        self.wednesdays = self.activity("Mercredis")
        self.small = self.group(self.wednesdays, "3–5 ans", (3, 5))
        self.big = self.group(self.wednesdays, "6–12 ans", (6, 12))
        self.morning = self.slot(self.wednesdays, "Matin", weekdays=[2], capacity=2)
        self.days = self.openings(self.wednesdays, date(2026, 12, 2), date(2026, 12, 9), group=self.big)
        self.enrolment_asked = self.ask(self.durand, self.zoe)
        self.page = f"/agents/inscriptions/{self.enrolment_asked.pk}/"

    def ask(self, home, child, now: datetime = NOW) -> Enrolment:
        wishes = {2: frozenset({self.morning.pk})}
        return enrolment_request(
            actor=home.actor,
            person_id=child.pk,
            activity_id=self.wednesdays.pk,
            terms=Terms(date(2026, 12, 2), date(2027, 8, 31), wishes),
            now=now,
        )


built = built_once(Village, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Village:
    time_machine.move_to(NOW)
    return deepcopy(built)


@pytest.fixture
def as_role(world):
    def log_in(role: Role, **scope) -> Client:
        client = Client()
        client.force_login(world.staff(f"{role.value}1", role, **scope))
        return client

    return log_in


def test_the_oldest_comes_first(world, as_role):
    leo = world.child(world.durand, "Léo", born=date(2020, 3, 4))
    world.ask(world.durand, leo, datetime(2026, 11, 22, 9, tzinfo=PARIS))
    page = text(as_role(Role.OFFICE).get("/agents/"))
    assert page.index("Léo") < page.index("Zoé")
    assert "2 demandes, la plus ancienne a 3\u00a0jours." in page


def test_a_request_shows_what_is_needed_to_decide(world, as_role):
    adam, eve = (world.child(world.durand, name, born=date(2018, 1, 1)) for name in ("Adam", "Ève"))
    for child in (adam, eve):
        world.enrolment(child, world.wednesdays, world.durand, group=world.big)
        world.booking(child, world.days[0])
    tom = world.child(world.durand, "Tom", born=date(2018, 1, 1))
    world.ask(world.durand, tom, datetime(2026, 11, 24, 9, tzinfo=PARIS))
    world.enrolment_asked.answers = [
        {"question": 7, "text": "Sait-il nager ?", "kind": "yes_no", "value": "no"}
    ]
    world.enrolment_asked.save()
    page = text(as_role(Role.OFFICE).get(world.page))
    assert "Sait-il nager ?" in page.split("non</")[0]
    assert "Zoé Durand, 7 ans → Mercredis" in page
    assert "mercredi : Matin" in page
    assert '<td class="error">2 / 2<small>complet</small></td>' in page
    assert '<td class="ok">0 / 2</td>' in page
    assert "1 des 2 jours souhaités est complet." in page
    assert "Adam : Mercredis ;" in page
    # What is only asked for is no enrolment, and its places may yet be refused.
    assert "Tom : Mercredis (demande en attente)" in page
    assert world.the_school.name in page
    assert "734,00 €" in page
    assert f'<option value="{world.big.pk}" selected>' in page


def test_only_the_office_and_the_administrator_see_the_quotient(world, as_role):
    assert "734,00 €" in text(as_role(Role.ADMINISTRATOR).get(world.page))
    client = as_role(Role.DIRECTOR)
    director = text(client.get(world.page))
    assert "734,00" not in director
    assert "QF\u00a0noté" in director
    Post.objects.filter(role=Role.DIRECTOR.value).update(reads_incomes=True)
    assert "734,00\u00a0€" in text(client.get(world.page))


def test_accepting(world, as_role):
    office = as_role(Role.OFFICE)
    answer = office.post(f"{world.page}accepter/", {"group": world.big.pk}, follow=True)
    assert "Inscription acceptée" in text(answer)
    assert "Tout est traité" in text(answer)
    world.enrolment_asked.refresh_from_db()
    assert world.enrolment_asked.state == Enrolment.State.ACCEPTED


@pytest.mark.parametrize("group", ["", "999999", "x"])
def test_accepting_without_a_group_of_the_activity(world, as_role, group):
    page = as_role(Role.OFFICE).post(f"{world.page}accepter/", {"group": group})
    assert "Choisissez un groupe" in text(page)
    assert Case.objects.open().count() == 1


def test_refusing_needs_a_reason_and_keeps_what_was_typed(world, as_role):
    office = as_role(Role.OFFICE)
    assert "Donnez une raison" in text(office.post(f"{world.page}refuser/", {"reason": " "}))
    too_long = office.post(f"{world.page}refuser/", {"reason": "a" * 501})
    assert "a" * 501 in text(too_long)
    answer = office.post(f"{world.page}refuser/", {"reason": "Plus de place."}, follow=True)
    assert "Demande refusée" in text(answer)
    world.enrolment_asked.refresh_from_db()
    assert world.enrolment_asked.reason == "Plus de place."


def test_the_second_agent_is_told_who_was_faster(world, as_role):
    office = as_role(Role.OFFICE)
    admin = actor_for(world.staff("chef", Role.ADMINISTRATOR))
    enrolment_accept(actor=admin, enrolment_id=world.enrolment_asked.pk, group_id=world.big.pk, now=NOW)
    answer = text(office.post(f"{world.page}refuser/", {"reason": "Non."}, follow=True))
    assert f"{admin.label} a déjà accepté cette demande" in answer


def test_an_agent_is_told_that_its_own_file_is_for_another(world):
    Post.objects.create(user=world.durand.user, role="office", authority=world.the_authority)
    client = Client()
    client.force_login(world.durand.user)
    assert "un autre agent doit le traiter" in text(client.get(world.page))
    answer = text(client.post(f"{world.page}accepter/", {"group": world.big.pk}, follow=True))
    assert "un autre agent doit le traiter" in answer
    assert Case.objects.open().count() == 1


def test_animators_see_no_request(world, as_role):
    animator = as_role(Role.ANIMATOR)
    page = text(animator.get("/agents/"))
    assert "Zoé" not in page
    assert "<h1>À traiter" not in page
    assert animator.get(world.page).status_code == 404


def test_other_structures_and_authorities_do_not_see_it(world, as_role):
    outsiders = (
        as_role(Role.DIRECTOR, structure=world.structure("Ailleurs")),
        as_role(Role.OFFICE, authority=world.authority("Mairie")),
    )
    for outsider in outsiders:
        assert "Zoé" not in text(outsider.get("/agents/"))
        assert outsider.get(world.page).status_code == 404
        assert outsider.post(f"{world.page}refuser/", {"reason": "Non."}).status_code == 404
    assert Case.objects.open().count() == 1


def test_the_same_number_of_queries_at_one_row_and_at_many(world, as_role, count_queries):
    office = as_role(Role.OFFICE)
    office.get(world.page)
    with count_queries(28) as few:
        office.get(world.page)
    for number in range(6):
        child = world.child(world.durand, f"Enfant {number}", born=date(2018, 1, 1))
        world.ask(world.durand, child)
        world.enrolment(child, world.activity(f"Autre {number}"), world.durand)
    world.openings(world.wednesdays, date(2026, 12, 16), date(2027, 1, 20), group=world.big)
    with count_queries() as many:
        office.get(world.page)
    assert len(many) == len(few)
