"""One page says all of a home, to who may read it; notes of agents."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from marelle.accounts.models import User
from marelle.billing.models import Invoice
from marelle.cases.services import open_case
from marelle.core.actor import SYSTEM, Role
from marelle.core.clock import PARIS
from marelle.core.french import euros_text
from marelle.core.subject import Subject
from marelle.families.incomes.rules import IncomeKind
from marelle.families.models import FamilyNote
from marelle.flows.actor.actors import ACTING_FOR
from marelle.journal.models import Entry
from marelle.journal.services import record
from marelle.places.models import Post
from tests.scenario import Scenario
from tests.standing import built_once

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)

pytestmark = pytest.mark.django_db


class Village(Scenario):
    """Zoé lives with Camille Durand and with Sacha Martin; she is enrolled here, Lou elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.durand, self.martin = self.home("Durand", "Camille"), self.home("Martin", "Sacha")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.lou = self.child(self.durand, "Lou", born=date(2016, 3, 4))
        self.shared(self.zoe, self.durand, self.martin)
        self.quotient(self.durand, "734.00")
        self.here = self.activity("Mercredis")
        self.elsewhere = self.activity("Judo", structure=self.structure("Dojo"))
        slot = self.slot(self.here, capacity=10)
        self.enrolment(self.zoe, self.here, self.durand)
        self.enrolment(self.lou, self.elsewhere, self.durand)
        opening = self.opening(slot, date(2026, 12, 2))
        self.booking(self.zoe, opening, derogation="dossier social")
        self.url = f"/agents/familles/{self.durand.family.pk}/"
        self.office = self.staff("guichet", Role.OFFICE)

    def client(self, user) -> Client:
        client = Client()
        client.force_login(user)
        return client

    def page(self, user) -> str:
        answer = self.client(user).get(self.url)
        assert answer.status_code == 200
        return answer.content.decode()


built = built_once(Village, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Village:
    time_machine.move_to(NOW)
    return deepcopy(built)


def test_the_office_reads_the_whole_home(world):
    family = world.durand.family
    record(
        actor=SYSTEM,
        verb="family.created",
        subject=Subject("family", family.pk, "Durand"),
        family_id=family.pk,
        now=NOW,
    )
    enrolment = world.zoe.enrolments.get()
    open_case(
        actor=SYSTEM,
        kind="enrolment",
        subject=Subject("enrolment", enrolment.pk, "Zoé Durand"),
        family_id=family.pk,
        structure_id=world.the_structure.pk,
        now=NOW,
    )
    page = world.page(world.office)
    for text in (
        "Camille Durand, mère",
        "Sacha, père (autre foyer)",
        f'Aussi dans le foyer <a href="/agents/familles/{world.martin.family.pk}/">Martin',
        "Zoé · Mercredis",
        "Lou · Judo",
        "Mercredi 2 décembre · Zoé",
        "dérogation : dossier social",
        "Quotient familial : 734,00",
        "Dossier famille ouvert : Durand",
        f'href="/agents/inscriptions/{enrolment.pk}/"',
    ):
        assert text in page, text
    assert "Sacha Martin" not in page


def test_a_director_reads_what_concerns_its_structures_and_that_there_is_an_income(world):
    page = world.page(world.staff("direction", Role.DIRECTOR))
    assert "Zoé · Mercredis" in page
    assert "Quotient familial\u00a0: noté, depuis le 1er janvier 2026" in page
    for text in ("Judo", "734,00", "justifié", "Factures", "Historique", "Agir au nom", "Inviter", "/ecole/"):
        assert text not in page, text


def test_a_director_who_was_given_it_reads_the_income_of_the_homes_of_that_structure_alone(world):
    director = world.staff("direction", Role.DIRECTOR)
    elsewhere = world.structure("Périscolaire")
    other = Post.objects.create(
        user=director, role=Role.DIRECTOR.value, structure=elsewhere, reads_incomes=True
    )
    assert "734,00" not in world.page(director)
    Post.objects.filter(user=director).exclude(pk=other.pk).update(reads_incomes=True)
    assert "Quotient familial\u00a0: 734,00\u00a0€, depuis le 1er janvier 2026" in world.page(director)
    Post.objects.filter(user=director).update(suspended_at=NOW)
    assert world.client(User.objects.get(pk=director.pk)).get(world.url).status_code == 403


def test_what_one_authority_alone_was_told_is_read_there_alone(world):
    other = world.authority("Syndicat")
    world.income(world.durand, IncomeKind.RESOURCES, "3210.00", authority=other)
    assert "210,00" not in world.page(world.office)
    elsewhere = world.staff("ailleurs", Role.OFFICE, authority=other)
    assert f"Ressources mensuelles\u00a0: {euros_text(Decimal(3210))}" in world.page(elsewhere)


def test_a_director_of_elsewhere_reads_nothing_and_an_animator_neither(world):
    other = world.structure("Périscolaire")
    director = world.client(world.staff("autre", Role.DIRECTOR, structure=other))
    assert director.get(world.url).status_code == 404
    assert director.post(f"{world.url}notes/", {"text": "a"}).status_code == 404
    assert world.client(world.staff("anim", Role.ANIMATOR)).get(world.url).status_code == 403


def test_of_its_own_home_an_agent_reads_names_alone(world):
    FamilyNote.objects.create(
        family=world.durand.family, authority=world.the_authority, text="à relancer", at=NOW, by="Guichet"
    )
    for home in (world.durand, world.martin):
        Post.objects.create(user=home.user, role="office", authority=world.the_authority)
    page = world.page(world.durand.user)
    assert "votre propre famille" in page
    closed = world.client(world.martin.user).get(world.url)
    assert closed.status_code == 403
    assert "l’autre foyer de votre enfant" in closed.content.decode()
    for text in ("à relancer", "734,00", "Judo", "Inviter"):
        assert text not in page + closed.content.decode(), text
    own = world.client(world.durand.user).post(f"{world.url}notes/", {"text": "a"})
    other = world.client(world.martin.user).post(f"{world.url}notes/", {"text": "a"})
    assert (own.status_code, other.status_code) == (404, 403)
    assert FamilyNote.objects.count() == 1


@pytest.mark.parametrize("many", [1, 8])
def test_the_page_asks_as_much_whatever_it_shows(world, count_queries, many):
    for number in range(many):
        child = world.child(world.durand, f"Enfant {number}", born=date(2015, 1, 1 + number))
        activity = world.activity(f"Activité {number}")
        world.enrolment(child, activity, world.durand)
        slot = world.slot(activity, capacity=9)
        world.booking(child, world.opening(slot, date(2026, 12, 9)))
        FamilyNote.objects.create(
            family=world.durand.family, authority=world.the_authority, text=f"note {number}", at=NOW, by="G"
        )
    client = world.client(world.office)
    client.get(world.url)
    with count_queries(25) as seen:
        client.get(world.url)
    assert len(seen) == 25


def test_a_button_opens_the_planning_in_the_name_of_the_family(world):
    client = world.client(world.office)
    answer = client.post(f"{world.url}agir/", {"vers": "reservations"})
    assert answer.headers["Location"] == "/reservations/"
    assert client.session[ACTING_FOR] == world.durand.family.pk
    answer = client.post(f"{world.url}agir/", {"vers": "//evil.example"})
    assert answer.headers["Location"] == "/tableau-de-bord/"


def test_notes_are_added_once_pinned_and_taken_off_by_who_wrote_them(world):
    client = world.client(world.office)
    for _twice in range(2):
        client.post(f"{world.url}notes/", {"text": "  Rappeler lundi <b>  ", "pinned": "on"})
    note = FamilyNote.objects.get()
    assert (note.text, note.pinned, note.by) == ("Rappeler lundi <b>", True, "Guichet")
    assert "Rappeler lundi &lt;b&gt;" in world.page(world.office)
    director = world.client(world.staff("direction", Role.DIRECTOR))
    director.post(f"{world.url}notes/{note.pk}/epingler/", {"pinned": "0"})
    note.refresh_from_db()
    assert not note.pinned
    page = director.post(f"{world.url}notes/{note.pk}/retirer/", follow=True).content.decode()
    assert "par qui l’a écrite" in page
    client.post(f"{world.url}notes/{note.pk}/retirer/")
    assert not FamilyNote.objects.exists()
    page = client.post(f"{world.url}notes/{note.pk}/retirer/", follow=True).content.decode()
    assert "déjà retirée" in page
    assert [entry.verb for entry in Entry.objects.order_by("pk") if entry.verb.startswith("note.")] == [
        "note.added",
        "note.unpinned",
        "note.removed",
    ]
    assert not Entry.objects.filter(family_id=world.durand.family.pk).exists()


@pytest.mark.parametrize(
    ("text", "said"), [("  ", "Écrivez la note."), ("x" * 1001, "Une note tient en 1000 signes.")]
)
def test_a_note_that_cannot_be_written_stays_typed(world, text, said):
    page = world.client(world.office).post(f"{world.url}notes/", {"text": text}).content.decode()
    assert said in page
    assert text.strip() in page
    assert not FamilyNote.objects.exists()


def test_a_note_of_another_home_is_out_of_reach(world):
    note = FamilyNote.objects.create(
        family=world.martin.family, authority=world.the_authority, text="a", at=NOW, by="G"
    )
    world.client(world.office).post(f"{world.url}notes/{note.pk}/epingler/", {"pinned": "1"})
    note.refresh_from_db()
    assert not note.pinned


def test_a_bill_past_its_day_is_told_late(world):
    for number, due_on in (("F-1", NOW.date()), ("F-2", NOW.date() - timedelta(days=1))):
        Invoice.objects.create(
            authority=world.the_authority,
            family=world.durand.family,
            number=number,
            month=date(2026, 9, 1),
            issued_on=date(2026, 9, 10),
            due_on=due_on,
            total=Decimal("30.45"),
        )
    page = world.page(world.office)
    first, second = page.index("F-1 ·"), page.index("F-2 ·")
    assert "à payer" in page[first : first + 200]
    assert "en retard" in page[second : second + 200]
