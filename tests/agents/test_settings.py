"""« Réglages » and what the office writes itself in a family's file."""

from __future__ import annotations

from datetime import date, datetime
from html import unescape

import pytest
from django.test import Client

from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.families.fields import FIELDS, Policy
from marelle.families.models import CustodyPeriod, FieldPolicy, Quotient, Residence, Schooling
from marelle.families.policies import PolicyNotPossible, policies_set
from marelle.families.refusals import NotAllowed
from marelle.flows.actors import actor_for
from marelle.journal.models import Entry
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=PARIS)


@pytest.fixture
def world(time_machine) -> Scenario:
    time_machine.move_to(NOW)
    return Scenario()


def office(world: Scenario) -> Client:
    client = Client()
    client.force_login(world.staff("guichet", Role.OFFICE))
    return client


def posted() -> dict[str, str]:
    return {field.code.replace(".", "-"): field.default.value for field in FIELDS}


def test_the_office_sets_what_homes_may_change_and_it_is_written_down(world: Scenario):
    client = office(world)
    answer = client.post("/agents/reglages/champs/", {**posted(), "adult-phone": "moderated"}, follow=True)
    assert "1 règle changée." in answer.content.decode()
    assert FieldPolicy.objects.get().policy == "moderated"
    assert Entry.objects.get(verb="policy.set").data == {"fields": {"adult.phone": "moderated"}}
    client.post("/agents/reglages/champs/", {**posted(), "adult-phone": "moderated"})
    assert Entry.objects.filter(verb="policy.set").count() == 1


@pytest.mark.parametrize(
    ("name", "policy"),
    [("home-quotient", "free"), ("child-first_name", "hidden"), ("adult-phone", "<b>"), ("adult-phone", "")],
)
def test_a_rule_that_a_field_does_not_allow_is_refused(world: Scenario, name: str, policy: str):
    answer = office(world).post("/agents/reglages/champs/", {**posted(), name: policy})
    assert answer.status_code == 200
    assert "à corriger" in unescape(answer.content.decode())
    assert not FieldPolicy.objects.exists()


def test_the_service_refuses_what_the_form_would(world: Scenario):
    actor = actor_for(world.staff("guichet", Role.OFFICE))
    for chosen in ({"home.quotient": "free"}, {"nothing": "free"}):
        with pytest.raises(PolicyNotPossible):
            policies_set(actor=actor, chosen=chosen, now=NOW)
    director = actor_for(world.staff("direction", Role.DIRECTOR))
    with pytest.raises(NotAllowed):
        policies_set(actor=director, chosen={"adult.phone": Policy.MODERATED.value}, now=NOW)


def test_what_only_the_office_writes(world: Scenario):
    durand = world.home("Durand")
    zoe = world.child(durand, "Zoé", born=date(2019, 3, 4))
    client, home = office(world), f"/agents/familles/{durand.family.pk}/"
    address = {"street": "9 rue Basse", "postal_code": "21999", "city": "Arelle", "since": "2026-12-01"}
    for path, data in (
        ("adresse/", {**address, "source": "bail"}),
        ("quotient/", {"amount": "734,50", "since": "2026-11-01", "source": "CAF"}),
        (f"garde/{zoe.pk}/", {"pattern": "even first_half", "since": "2026-11-02"}),
        (f"ecole/{zoe.pk}/", {"school": str(world.the_school.pk), "level": "CE1", "teacher": ""}),
    ):
        answer = client.post(home + path, data, follow=True)
        assert "C’est enregistré." in unescape(answer.content.decode()), path
    assert Residence.objects.order_by("-since")[0].commune == world.the_commune
    assert str(Quotient.objects.get().amount) == "734.50"
    assert CustodyPeriod.objects.get().weeks == "even"
    assert Schooling.objects.get().level == "CE1"


@pytest.mark.parametrize(
    ("path", "data", "told"),
    [
        ("adresse/", {"street": "", "postal_code": "x", "city": "Arelle"}, "à corriger"),
        ("quotient/", {"amount": "-3", "since": "2026-11-01", "source": "CAF"}, "Écrivez un montant"),
        ("quotient/", {"amount": "3", "since": "1850-01-01", "source": "CAF"}, "trop lointaine"),
        ("depart/", {"left_on": "hier"}, "Donnez une date qui existe"),
    ],
)
def test_bad_input_of_an_agent_is_told(world: Scenario, path: str, data: dict[str, str], told: str):
    durand = world.home("Durand")
    answer = office(world).post(f"/agents/familles/{durand.family.pk}/{path}", data)
    assert told in unescape(answer.content.decode())
    assert not Quotient.objects.exists()


def test_a_home_with_a_running_enrolment_does_not_leave(world: Scenario):
    durand = world.home("Durand")
    zoe = world.child(durand, "Zoé")
    world.enrolment(zoe, world.activity("Mercredis"), durand)
    answer = office(world).post(f"/agents/familles/{durand.family.pk}/depart/", {"left_on": "2026-11-25"})
    assert "Des inscriptions courent encore" in unescape(answer.content.decode())
    durand.family.refresh_from_db()
    assert durand.family.left_on is None


def test_a_child_of_another_home_is_not_found(world: Scenario):
    durand, martin = world.home("Durand"), world.home("Martin")
    lou = world.child(martin, "Lou")
    client = office(world)
    for path in (f"garde/{lou.pk}/", f"ecole/{lou.pk}/"):
        assert client.get(f"/agents/familles/{durand.family.pk}/{path}").status_code == 404


def test_nobody_writes_in_its_own_file(world: Scenario):
    from marelle.places.models import Post

    durand = world.home("Durand")
    Post.objects.create(user=durand.user, role=Role.OFFICE.value, authority=world.the_authority)
    client = Client()
    client.force_login(durand.user)
    data = {"amount": "1", "since": "2026-11-01", "source": "moi"}
    answer = client.post(f"/agents/familles/{durand.family.pk}/quotient/", data)
    assert "votre propre famille" in unescape(answer.content.decode())
    assert not Quotient.objects.exists()
