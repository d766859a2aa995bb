"""« Inscrire un enfant »: the structure enrols, the parent sees it at once."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime

import pytest
from django.test import Client

from marelle.billing.models import Invoice
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.enrolments.models import Enrolment
from marelle.mail.models import Message
from marelle.papers.models import PaperNeed, PaperType
from marelle.places.models import Post
from tests.offer import LAST_DAY
from tests.reading import text
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
BORN = date(2025, 9, 24)
PAGE = "/agents/inscriptions/nouvelle/"


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.noe = self.child(self.durand, "Noé", born=BORN)
        self.nursery = self.activity(
            "Multi-accueil", kind="childcare", years=(0, 3), enrolment_mode="by_structure"
        )
        self.small = self.group(self.nursery, "Petits", (0, 1))
        self.big = self.group(self.nursery, "Grands", (2, 3))
        self.director = self.as_role(Role.DIRECTOR)

    def as_role(self, role: Role, **scope) -> Client:
        client = Client()
        client.force_login(self.staff(f"agent{next(self._numbers)}", role, **scope))
        return client

    def address(self, name: str = "Noé", born: object = BORN, activity: object = "") -> str:
        return f"{PAGE}?activite={activity or self.nursery.pk}&nom={name}&naissance={born}"

    def enrol(self, client: Client | None = None, *, address: str = "", **changed: object) -> str:
        posted = {
            "child": f"{self.durand.family.pk}-{self.noe.pk}",
            "starts_on": "2026-12-01",
            "ends_on": "2027-07-31",
            "group": self.small.pk,
            **changed,
        }
        answer = (client or self.director).post(address or self.address(), posted, follow=True)
        return answer.content.decode()


built = built_once(Village, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Village:
    time_machine.move_to(NOW, tick=False)
    return deepcopy(built)


def test_a_child_is_found_by_name_and_birth_date_and_no_more_is_told(world):
    world.dominique = world.adult(world.durand, "Dominique")
    page = text(world.director.get(world.address("DURAND noe")))
    assert f"Noé Durand, naissance le 24 septembre 2025, dossier {world.durand.family.number}" in page
    assert "checked" in page
    assert f'<option value="{world.small.pk}" selected>' in page
    for private in ("Camille", "Dominique", "rue des Durand", world.durand.adult.email):
        assert private not in page


@pytest.mark.parametrize(("name", "born"), [("Noé", "2025-09-25"), ("Zoé", BORN), ("Noé martin", BORN)])
def test_who_does_not_know_both_finds_nobody(world, name, born):
    page = text(world.director.get(world.address(name, born)))
    assert "Aucun enfant de ce nom né ce jour-là" in page
    assert world.durand.family.number not in page


@pytest.mark.parametrize(
    ("first_name", "typed"), [("Jo", "jo"), ("Léo-Paul", "Léo pa durand"), ("D’Ys", "ys")]
)
@pytest.mark.parametrize("whole", [True, False])
def test_a_letter_or_two_are_no_name_unless_they_are_a_whole_word_of_it(world, first_name, typed, whole):
    """A birth date alone finds nobody."""
    world.noe.first_name = first_name if whole else "Bajou"
    world.noe.save()
    found = whole and "pa" not in typed
    assert (world.durand.family.number in text(world.director.get(world.address(typed)))) is found


@pytest.mark.parametrize("typed", ["a", "d", "no", "u r", "-", "’", "é"])
def test_part_of_a_name_that_most_names_have_finds_nobody(world, typed):
    assert world.durand.family.number not in text(world.director.get(world.address(typed)))


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("?nom=&naissance=2025-09-24", "Donnez le nom ou le prénom"),
        ("?nom=Noé&naissance=", "Donnez la date de naissance"),
        ("?nom=Noé&naissance=hier", "Donnez une date, par exemple"),
        ("?nom=Noé&naissance=2025-09-24", "Choisissez une activité"),
        ("?nom=Noé&naissance=2025-09-24&activite=x", "Choisissez une activité"),
        ("?nom=N%00é&naissance=2025-09-24", "caractère nul"),
    ],
)
def test_a_bad_search_says_what_is_missing(world, query, told):
    assert told in text(world.director.get(PAGE + query))


def test_out_of_the_ages_a_reason_is_asked_kept_and_read_by_all(world):
    world.noe.birth_date = date(2021, 1, 5)
    world.noe.save()
    address = world.address(born="2021-01-05")
    page = world.enrol(address=address, derogation="  ", ends_on="2027-06-30")
    assert "Trop grand" in page
    assert "Donnez le motif de la dérogation" in page
    assert 'value="2027-06-30"' in page
    assert not Enrolment.objects.exists()
    assert "Inscription faite" in world.enrol(address=address, derogation="Fratrie accueillie")
    made = Enrolment.objects.get()
    assert made.derogation == "Fratrie accueillie"
    parent = Client()
    parent.force_login(world.durand.user)
    for client, where in (
        (parent, f"/inscriptions/{world.noe.pk}/inscription/{made.pk}/"),
        (parent, "/historique/"),
        (world.director, f"/agents/familles/{world.durand.family.pk}/"),
    ):
        assert "Fratrie accueillie" in text(client.get(where)), where


def test_the_page_of_an_enrolment_that_nobody_asked_for_asks_no_decision(world):
    world.enrol()
    page = text(world.director.get(f"/agents/inscriptions/{Enrolment.objects.get().pk}/"))
    assert "Cette inscription est acceptée. Décidée le mercredi 25 novembre 2026" in page
    assert "Accepter" not in page
    assert "Refuser" not in page
    assert "Réserver pour l’enfant" in page


def test_within_the_ages_no_reason_is_kept(world):
    world.enrol(derogation="Fratrie accueillie")
    assert Enrolment.objects.get().derogation == ""


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.OFFICE, Role.ADMINISTRATOR])
def test_enrolling_and_the_parent_sees_it_at_once(world, role):
    page = world.enrol(world.as_role(role))
    assert "Inscription faite : Noé Durand, Multi-accueil" in page
    made = Enrolment.objects.get()
    assert (made.state, made.family, made.starts_on, made.ends_on) == (
        Enrolment.State.ACCEPTED,
        world.durand.family,
        date(2026, 12, 1),
        date(2027, 7, 31),
    )
    assert made.groups.get().group == world.small
    parent = Client()
    parent.force_login(world.durand.user)
    assert "Multi-accueil" in text(parent.get(f"/inscriptions/{world.noe.pk}/"))
    assert Message.objects.get().to == world.durand.adult.email


def test_a_second_click_is_harmless(world):
    world.enrol()
    assert "déjà inscrit à cette activité par ce foyer" in world.enrol()
    assert Enrolment.objects.count() == Message.objects.count() == 1


def test_a_request_that_waits_is_to_be_answered(world):
    world.enrolment(world.noe, world.nursery, world.durand, state=Enrolment.State.REQUESTED)
    assert "répondez à sa demande" in world.enrol()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"ends_on": "2026-11-30"}, "La fin vient avant le début"),
        ({"starts_on": "2026-08-31"}, "choisissez des dates entre ces deux jours"),
        ({"starts_on": "demain"}, "Donnez une date, par exemple"),
        ({"starts_on": ""}, "Donnez le premier jour"),
        ({"ends_on": ""}, "Donnez le dernier jour"),
        ({"group": ""}, "Choisissez un groupe"),
        ({"group": "999999"}, "Choisissez un groupe"),
        ({"child": ""}, "Choisissez l’enfant"),
        ({"child": "1-999999"}, "Choisissez l’enfant dans la liste"),
    ],
)
def test_a_wrong_entry_is_said_and_the_rest_is_kept(world, changed, told):
    page = world.enrol(**{"ends_on": "2027-06-30", **changed})
    assert told in page
    assert changed.get("ends_on", "2027-06-30") in page
    assert "Noé Durand" in page
    assert not Enrolment.objects.exists()


def test_a_child_of_two_homes_is_enrolled_by_the_one_chosen(world):
    petit = world.home("Petit", "Sacha")
    world.shared(world.noe, world.durand, petit)
    page = text(world.director.get(world.address()))
    assert petit.family.number in page
    assert world.durand.family.number in page
    world.enrol(child=f"{petit.family.pk}-{world.noe.pk}")
    assert Enrolment.objects.get().family == petit.family


def test_a_child_that_the_search_does_not_find_cannot_be_posted(world):
    martin = world.home("Martin")
    lea = world.child(martin, "Léa", born=BORN)
    assert "dans la liste" in world.enrol(child=f"{martin.family.pk}-{lea.pk}")
    assert "cherchez d’abord l’enfant" in world.enrol(address=PAGE)
    assert not Enrolment.objects.exists()


def test_a_family_that_asked_by_telephone_is_enrolled_where_families_ask(world):
    asked = world.activity("Ateliers", years=(0, 11))
    world.activity("Matinées", enrolment_mode="none")
    page = text(world.director.get(PAGE))
    assert "Ateliers ·" in page
    assert "Matinées ·" not in page
    done = world.enrol(address=world.address(activity=asked.pk), ends_on="2027-06-30")
    assert "Inscription faite : Noé Durand, Ateliers" in done
    assert Enrolment.objects.get().state == Enrolment.State.ACCEPTED


def test_where_the_office_alone_answers_it_alone_enrols(world):
    alone = world.activity("Séjour", years=(0, 11), decided_by="office")
    address = world.address(activity=alone.pk)
    assert "Séjour ·" not in text(world.director.get(PAGE))
    assert "Choisissez une activité" in world.enrol(address=address)
    assert not Enrolment.objects.exists()
    office = world.as_role(Role.OFFICE)
    assert "Inscription faite" in world.enrol(office, address=address, ends_on="2027-06-30")


def closed_to_strangers(world, activity):
    activity.schools.add(world.the_school)


def closed_to_who_owes(world, activity):
    activity.unpaid = "requests"
    activity.save()
    Invoice.objects.create(
        authority=world.the_authority,
        family=world.durand.family,
        number="F-1",
        month=date(2026, 9, 1),
        issued_on=date(2026, 10, 1),
        due_on=date(2026, 10, 31),
        total="12.50",
    )


def closed_without_a_paper(world, activity):
    kind = PaperType.objects.create(
        authority=world.the_authority, title="Assurance", why="Pour jouer.", about="child"
    )
    PaperNeed.objects.create(activity=activity, paper_type=kind, effect="blocks_request")


@pytest.mark.parametrize(
    ("closed", "told"),
    [
        (closed_to_strangers, "réservée à certaines écoles"),
        (closed_to_who_owes, "Une facture de ce foyer est en retard"),
        (closed_without_a_paper, "Il nous faut d’abord : Assurance"),
    ],
)
def test_what_keeps_a_family_from_asking_is_passed_with_a_reason_alone(world, closed, told):
    asked = world.activity("Ateliers", years=(0, 11))
    closed(world, asked)
    address = world.address(activity=asked.pk)
    page = world.enrol(address=address, ends_on="2027-06-30")
    assert told in page.replace("\u00a0", " ")
    assert "Donnez le motif de la dérogation" in page
    assert not Enrolment.objects.exists()
    assert "Inscription faite" in world.enrol(address=address, ends_on="2027-06-30", derogation="Urgence")
    assert Enrolment.objects.get().derogation == "Urgence"


def test_a_service_without_groups_asks_for_none(world):
    relay = world.activity("Halte", kind="childcare", years=(0, 3), enrolment_mode="by_structure")
    address = world.address(activity=relay.pk)
    assert "Groupe" not in text(world.director.get(address))
    assert "Inscription faite" in world.enrol(address=address)


def test_a_director_elsewhere_and_another_office_have_nothing_to_enrol_in(world):
    outsiders = (
        world.as_role(Role.DIRECTOR, structure=world.structure("Ailleurs")),
        world.as_role(Role.OFFICE, authority=world.authority("Mairie")),
    )
    for outsider in outsiders:
        assert "Aucune activité à inscrire" in text(outsider.get(world.address()))
        assert "Noé" not in text(outsider.get(world.address()))
        world.enrol(outsider)
    assert not Enrolment.objects.exists()


def test_animators_and_parents_do_not_enrol(world):
    parent = Client()
    parent.force_login(world.durand.user)
    for client in (world.as_role(Role.ANIMATOR), parent):
        assert client.get(world.address()).status_code == 403
        world.enrol(client)
    assert not Enrolment.objects.exists()


def test_an_agent_does_not_enrol_its_own_child(world):
    Post.objects.create(user=world.durand.user, role="director", structure=world.the_structure)
    agent = Client()
    agent.force_login(world.durand.user)
    assert "un autre agent doit le traiter" in world.enrol(agent)
    assert not Enrolment.objects.exists()


def test_the_same_number_of_queries_at_one_row_and_at_many(world, count_queries):
    world.director.get(world.address())
    with count_queries() as few:
        world.director.get(world.address())
    for number in range(4):
        home = world.home(f"Durand{number}")
        world.child(home, "Noé", born=BORN)
        extra = world.activity(f"Autre {number}", kind="childcare", enrolment_mode="by_structure")
        world.group(extra, "Tous", (0, 3))
    with count_queries() as many:
        world.director.get(world.address())
    assert len(many) == len(few)
    assert LAST_DAY.isoformat() in text(world.director.get(world.address()))


def test_who_may_act_for_a_family_is_led_there_for_what_families_ask_themselves(world):
    led = "Agir au nom d’une famille"
    office = world.as_role(Role.OFFICE)
    for address in (PAGE, world.address()):
        page = text(office.get(address))
        assert led in page
        assert 'href="/agents/familles/"' in page.split("<main")[1]
    assert 'href="/agents/familles/nouvelle/"' in text(office.get(world.address("Personne")))
    assert led not in text(world.director.get(PAGE))
    assert "/agents/familles/nouvelle/" not in text(world.director.get(world.address("Personne")))
