"""« Réglages » and what the office writes itself in a family's file."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from datetime import date, datetime
from html import unescape

import pytest
from django.test import Client

from marelle.cases.models import Reason
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.families.fields import FIELDS, Policy
from marelle.families.file.policies import PolicyNotPossible, policies_set
from marelle.families.models import ConsentType, CustodyPeriod, FieldPolicy, Income, Residence, Schooling
from marelle.families.refusals import NotAllowed
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.mail.models import Message, MessageState
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=PARIS)


built = built_once(Scenario, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Scenario:
    time_machine.move_to(NOW)
    return deepcopy(built)


def office(world: Scenario) -> Client:
    client = Client()
    client.force_login(world.staff("guichet", Role.OFFICE))
    return client


def posted() -> dict[str, str]:
    """The form as it is before anybody chose."""
    shown = {field.code: field.default.value for field in FIELDS}
    return {"seen": json.dumps(shown), **{code.replace(".", "-"): value for code, value in shown.items()}}


def test_the_office_sets_what_homes_may_change_and_it_is_written_down(world: Scenario):
    client = office(world)
    answer = client.post("/agents/reglages/champs/", {**posted(), "adult-phone": "moderated"}, follow=True)
    assert "1 règle changée." in answer.content.decode()
    assert FieldPolicy.objects.get().policy == "moderated"
    assert Entry.objects.get(verb="policy.set").data == {"fields": {"adult.phone": "moderated"}}
    client.post("/agents/reglages/champs/", {**posted(), "adult-phone": "moderated"})
    assert Entry.objects.filter(verb="policy.set").count() == 1


def test_a_stale_page_leaves_what_a_colleague_chose_and_is_told_of_the_same_field(world: Scenario):
    client = office(world)
    client.post("/agents/reglages/champs/", {**posted(), "adult-phone": "moderated"})
    client.post("/agents/reglages/champs/", {**posted(), "adult-employer": "moderated"})
    assert set(FieldPolicy.objects.values_list("code", "policy")) == {
        ("adult.phone", "moderated"),
        ("adult.employer", "moderated"),
    }
    told = client.post("/agents/reglages/champs/", {**posted(), "adult-phone": "read_only"})
    assert "a modifié ceci" in told.content.decode()
    assert FieldPolicy.objects.get(code="adult.phone").policy == "moderated"
    again = {**posted(), "adult-phone": "read_only", "seen": told.context["form"]["seen"].value()}
    client.post("/agents/reglages/champs/", again)
    assert FieldPolicy.objects.get(code="adult.phone").policy == "read_only"


CARDS = re.compile(r'class="card tile" href="([^"]+)"')


def shown(client: Client) -> tuple[list[str], str]:
    """The addresses of the cards, and the page as it reads."""
    page = unescape(client.get("/agents/reglages/").content.decode())
    return CARDS.findall(page), page


def test_the_cards_say_how_things_stand(world: Scenario, count_queries):
    client = office(world)
    world.staff("partie", Role.DIRECTOR).posts.update(suspended_at=NOW)
    with count_queries() as few:
        _cards, page = shown(client)
    assert "2 agents" in page
    assert "dont" not in page
    for number in range(3):
        invited = world.staff(f"animation{number}", Role.ANIMATOR)
        invited.is_active = False
        invited.save()
        world.structure(f"Accueil {number}")
        ConsentType.objects.create(authority=world.the_authority, code=f"c{number}", label=f"Sortie {number}")
        Reason.objects.create(
            authority_id=world.the_authority.pk, kind="enrolment", position=number, text=f"Complet {number}"
        )
    with count_queries(len(few)):
        _cards, page = shown(client)
    for told in ("5 agents, dont 3 invités", "4 structures", "3 demandées", "3 motifs prêts", "sans logo"):
        assert told in page, told


def test_mails_that_failed_are_told_to_who_reads_those_of_every_authority(world: Scenario):
    Message.objects.create(
        kind="closing",
        to="camille@famille.example",
        state=MessageState.FAILED,
        created_at=NOW,
        not_before=NOW,
        next_attempt_at=NOW,
    )
    admin = Client()
    admin.force_login(world.staff("admin", Role.ADMINISTRATOR))
    assert "1 envoi en échec" in shown(admin)[1]
    cards, page = shown(office(world))
    assert "/agents/courriels/" in cards
    assert "en échec" not in page


def test_what_another_authority_asks_is_not_counted(world: Scenario):
    client = office(world)
    ConsentType.objects.create(authority=world.authority("Mairie"), code="c", label="Sortie")
    assert "0 demandée" in shown(client)[1]


def test_a_card_that_would_be_refused_is_not_shown(world: Scenario):
    client = office(world)
    assert "/agents/reglages/apparence/" in shown(client)[0]
    other = Client()
    other.force_login(world.staff("mairie", Role.OFFICE, authority=world.authority("Mairie")))
    director = Client()
    director.force_login(world.staff("direction", Role.DIRECTOR))
    for one, kept_from in (
        (other, ("apparence/", "textes/", "champs/", "conservation/")),
        (director, ("journal/", "motifs/", "collectivite/")),
    ):
        cards = shown(one)[0]
        assert not {f"/agents/reglages/{name}" for name in kept_from} & set(cards)
        assert {one.get(card).status_code for card in cards} <= {200, 302}


@pytest.mark.parametrize(
    ("name", "policy"),
    [
        ("home-quotient", "free"),
        ("adult-last_name", "free"),
        ("adult-birth_date", "free"),
        ("child-first_name", "hidden"),
        ("adult-phone", "<b>"),
        ("adult-phone", ""),
    ],
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
        (
            "revenus/noter/",
            {
                "kind": "quotient",
                "status": "proved",
                "amount": "734,50",
                "since": "2026-11-01",
                "source": "C",
            },
        ),
        (f"garde/{zoe.pk}/", {"pattern": "even first_half", "since": "2026-11-02"}),
        (f"ecole/{zoe.pk}/", {"school": str(world.the_school.pk), "level": "CE1", "teacher": ""}),
    ):
        shown = client.get(home + path).context["form"]["seen"].value()
        answer = client.post(home + path, {**data, "seen": shown}, follow=True)
        assert "C’est enregistré." in unescape(answer.content.decode()), path
    assert Residence.objects.order_by("-since")[0].commune == world.the_commune
    assert str(Income.objects.get().told.amount) == "734.50"
    assert CustodyPeriod.objects.get().weeks == "even"
    assert Schooling.objects.get().level == "CE1"


@pytest.mark.parametrize(
    ("path", "data", "told"),
    [
        ("adresse/", {"street": "", "postal_code": "x", "city": "Arelle"}, "à corriger"),
        ("depart/", {"left_on": "hier"}, "Donnez une date qui existe"),
    ],
)
def test_bad_input_of_an_agent_is_told(world: Scenario, path: str, data: dict[str, str], told: str):
    durand = world.home("Durand")
    answer = office(world).post(f"/agents/familles/{durand.family.pk}/{path}", data)
    assert told in unescape(answer.content.decode())
    assert not Income.objects.exists()


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
    data = {"street": "1 rue Haute", "postal_code": "21999", "city": "Arelle", "since": "2026-11-01"}
    path = f"/agents/familles/{durand.family.pk}/adresse/"
    sent = {**data, "source": "moi", "seen": client.get(path).context["form"]["seen"].value()}
    answer = client.post(path, sent)
    assert "votre propre famille" in unescape(answer.content.decode())
    assert not Residence.objects.filter(street="1 rue Haute").exists()
