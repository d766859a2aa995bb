"""« Créer une famille »: one screen, a warning before writing somebody twice, invitations in the same go."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime

import pytest
from django.test import Client

from marelle.core.actor import Actor, Role
from marelle.core.clock import PARIS
from marelle.families.models import Family, Guardianship, Member, Person, Residence
from marelle.mail.models import Message
from marelle.places.models import Post
from marelle.relay.services import care_ask
from tests.relay.test_services import ASKED
from tests.scenario import Scenario
from tests.standing import built_once

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
URL = "/agents/familles/nouvelle/"
TYPED = {
    "adulte1-first_name": " Élodie ",
    "adulte1-last_name": "Lefebvre",
    "adulte1-phone": "06 39 98 10 01",
    "adulte1-email": "elodie@famille.example",
    "adulte1-link": "mother",
    "adulte2-first_name": "Jean-Marc",
    "adulte2-last_name": "Petit",
    "adulte2-link": "father",
    "enfant1-first_name": "Basile",
    "enfant1-birth_date": "2019-03-04",
    "enfant3-first_name": "Bébé",
    "enfant3-expected_on": "2027-03-01",
    "foyer-street": "3 rue du Four",
    "foyer-postal_code": "21999",
    "foyer-city": "Arelle",
    "foyer-source": "bail",
    "foyer-invite": "on",
}
NO_PHONE, NO_MAIL = {"adulte1-phone": ""}, {"adulte1-email": ""}
OTHER_BIRTH = {"enfant1-birth_date": "2018-01-01"}

pytestmark = pytest.mark.django_db


class Counter(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.client = Client()
        self.client.force_login(self.staff("guichet", Role.OFFICE))
        self.the_commune  # noqa: B018  the address is in it

    def post(self, **changes: str):
        return self.client.post(URL, {**TYPED, **changes})


built = built_once(Counter, now=NOW)


@pytest.fixture
def counter(built, db, time_machine) -> Counter:
    time_machine.move_to(NOW)
    return deepcopy(built)


def test_everything_is_written_in_one_go(counter):
    answer = counter.post()
    family = Family.objects.get()
    assert answer.headers["Location"] == f"/agents/familles/{family.pk}/"
    assert family.name == "Lefebvre"
    people = Person.objects.filter(memberships__family=family).order_by("pk")
    assert [str(person) for person in people] == [
        "Élodie Lefebvre",
        "Jean-Marc Petit",
        "Basile Lefebvre",
        "Bébé Lefebvre",
    ]
    assert people[0].phone == "+33639981001"
    assert people[3].expected_on == date(2027, 3, 1)
    assert sorted(Guardianship.objects.values_list("link", flat=True)) == [
        "father",
        "father",
        "mother",
        "mother",
    ]
    residence = Residence.objects.get()
    assert (residence.street, residence.commune, residence.source) == (
        "3 rue du Four",
        counter.the_commune,
        "bail",
    )
    assert all(person.account_id for person in people[:2])
    assert Message.objects.filter(kind="accounts/invitation", family_id=family.pk).count() == 2
    page = counter.client.get(answer.headers["Location"]).content.decode()
    assert "2 invitations sont parties" in page
    assert counter.client.get("/agents/familles/", {"q": "lefevbre"}).context["found"][0].id == family.pk


def test_a_demand_of_childcare_joins_the_file_that_it_led_to(counter):
    counter.structure("Relais petite enfance", kind="relay")
    asked = care_ask(actor=Actor(user_id=None, label=""), demand=ASKED, now=NOW)
    counter.client.post(f"{URL}?demande={asked.pk}", TYPED)
    asked.refresh_from_db()
    assert asked.family == Family.objects.get()


def test_twins_of_names_alike_are_each_told_once(counter):
    lila, lola = {"enfant1-first_name": "Lila"}, {"enfant3-first_name": "Lola", "enfant3-expected_on": ""}
    twins = {**lila, **lola, "enfant3-birth_date": "2019-03-04"}
    counter.post(**twins)
    page = counter.post(**twins).content.decode()
    told = page[page.index("Une famille semblable existe") : page.index("Rien n’est encore créé")]
    assert (told.count(": Lila "), told.count(": Lola ")) == (1, 1)
    assert page.count("Oui : Lila Lefebvre") == page.count("Oui : Lola Lefebvre") == 2


def test_sent_twice_it_asks_before_writing_twice(counter):
    counter.post()
    page = counter.post().content.decode()
    assert "Une famille semblable existe" in page
    assert "Basile Lefebvre" in page
    assert Family.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"enfant1-first_name": "Bazile", "adulte1-first_name": "Zoé", **NO_PHONE, **NO_MAIL},
        {**OTHER_BIRTH, "adulte1-first_name": "Élodi", **NO_PHONE, **NO_MAIL},
        {**OTHER_BIRTH, "adulte1-first_name": "Zoé", **NO_PHONE},
        {**OTHER_BIRTH, "adulte1-first_name": "Zoé", **NO_MAIL},
        {**OTHER_BIRTH, "adulte1-first_name": "Zoé", **NO_PHONE, "adulte1-email": "Elodie@famille.example"},
    ],
    ids=["child", "name", "mail", "phone", "mail in capitals"],
)
def test_a_family_alike_is_told_and_created_all_the_same_if_wanted(counter, changes):
    counter.post(**{"adulte2-first_name": "", "adulte2-last_name": "", "adulte2-link": ""})
    alone = {**changes, "adulte2-first_name": "Kim", "adulte2-last_name": "Roy"}
    answer = counter.post(**alone)
    page = answer.content.decode()
    assert "Une famille semblable existe" in page
    assert "Créer quand même" in page
    assert Family.objects.count() == 1
    seen = answer.context["likely"].seen
    assert counter.post(**alone, vu="999").status_code == 200
    assert counter.post(**alone, vu=seen).status_code == 302
    assert Family.objects.count() == 2


def test_nobody_alike_is_told_of(counter):
    counter.post()
    changes = {"enfant1-birth_date": "2018-01-01", "adulte1-email": "", "adulte1-phone": ""}
    names = {"adulte1-first_name": "Zoé", "adulte2-first_name": "Kim", "adulte2-last_name": "Roy"}
    assert counter.post(**changes, **names).status_code == 302


def test_a_child_of_parents_apart_joins_the_second_home(counter):
    durand = counter.home("Durand", "Camille")
    zoe = counter.child(durand, "Zoé", born=date(2019, 3, 4))
    changes = {"enfant1-first_name": "Zoe", "enfant3-first_name": "", "enfant3-expected_on": ""}
    answer = counter.post(**changes)
    assert f'value="{zoe.pk}"' in answer.content.decode()
    counter.post(**changes, **{"vu": answer.context["likely"].seen, "enfant1-same_as": str(zoe.pk)})
    homes = Member.objects.filter(person=zoe, until=None)
    assert homes.count() == 2
    assert Person.objects.filter(first_name__in=("Zoe", "Zoé")).count() == 1
    assert Guardianship.objects.filter(child=zoe).count() == 3


def test_a_child_that_nobody_named_is_not_taken(counter):
    durand = counter.home("Durand", "Camille")
    lou = counter.child(durand, "Lou", born=date(2015, 1, 1))
    page = counter.post(**{"enfant1-same_as": str(lou.pk)}).content.decode()
    assert "n’est plus proposée" in page
    assert Family.objects.count() == 1


def test_an_agent_does_not_take_its_own_child_to_another_home(counter):
    durand = counter.home("Durand", "Camille")
    zoe = counter.child(durand, "Zoé", born=date(2019, 3, 4))
    Post.objects.create(user=durand.user, role="office", authority=counter.the_authority)
    counter.client.force_login(durand.user)
    changes = {"enfant1-first_name": "Zoé", "enfant1-same_as": str(zoe.pk)}
    seen = counter.post(**changes).context["likely"].seen
    assert "votre propre enfant" in counter.post(**changes, vu=seen).content.decode()
    assert Family.objects.count() == 1


def test_a_home_alike_that_is_closed_to_the_agent_is_named_without_a_link(counter):
    durand, petit = counter.home("Durand", "Camille"), counter.home("Petit", "Alex")
    zoe = counter.child(durand, "Zoé", born=date(2019, 3, 4))
    counter.shared(zoe, durand, petit)
    Post.objects.create(user=durand.user, role="office", authority=counter.the_authority)
    counter.client.force_login(durand.user)
    page = counter.post(**{"enfant1-first_name": "Zoé"}).content.decode()
    assert f"<li>{petit.family}" in page
    assert f'href="/agents/familles/{durand.family.pk}/"' in page
    assert f'href="/agents/familles/{petit.family.pk}/"' not in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"adulte1-first_name": ""}, "Cette information est nécessaire"),
        ({"adulte1-phone": "12"}, "Ce numéro n’est pas complet"),
        ({"adulte1-email": "elodie"}, "Cette adresse n’est pas complète"),
        ({"adulte2-link": ""}, "Dites ce que cette personne est pour les enfants"),
        ({"enfant1-birth_date": ""}, "Donnez la date de naissance"),
        ({"enfant1-birth_date": "2030-01-01"}, "Cette date est dans l’avenir"),
        ({"enfant1-birth_date": "31/02/2019"}, "Donnez une date qui existe"),
        ({"enfant3-expected_on": "2029-01-01"}, "date prévue de la naissance"),
        ({"foyer-postal_code": ""}, "code postal, par exemple"),
        ({"foyer-source": ""}, "Sur quoi repose"),
        ({"enfant1-first_name": "x" * 81}, "80"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(counter, changes, said):
    answer = counter.post(**changes)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert said in page
    assert "Lefebvre" in page
    assert not Family.objects.exists()
    assert not Person.objects.exists()
