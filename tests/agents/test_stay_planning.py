"""« Réserver pour l’enfant »: a director books and cancels within one enrolment, and sees nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client

from marelle.activities.kinds import BookingMode, Decider
from marelle.activities.models import Activity, Opening
from marelle.bookings.models import Booking
from marelle.bookings.rules import Why
from marelle.bookings.saving.ledger import Change
from marelle.bookings.states import BookingState
from marelle.cases.services import DecidedElsewhere, OwnFile
from marelle.core.actor import Role
from marelle.core.refusals import NotYours
from marelle.enrolments.models import Enrolment
from marelle.families.models import Member, Person
from marelle.flows.actor.actors import actor_for
from marelle.flows.enrolling.stay_planning import stay_bookings_save
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.places.models import Post
from tests.portal.planning.cast import MONDAY, NOW, WEDNESDAY
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

TODAY = NOW.date()


class World(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé")
        self.wednesdays = self.activity("Mercredis")
        self.rule(self.wednesdays)
        self.stay = self.enrolment(self.zoe, self.wednesdays, self.durand)
        self.morning = self.slot(self.wednesdays, "Matin", capacity=1)
        self.wednesday = self.opening(self.morning, WEDNESDAY)
        self.here = f"/agents/inscriptions/{self.stay.pk}/reservations/"
        self.page = f"{self.here}?date={MONDAY}&vue=semaine"
        self.direction = self.staff("direction", Role.DIRECTOR)
        self.director = logged(self.direction)

    def past(self) -> Opening:
        """This afternoon: its limit was yesterday at noon, and it has not begun."""
        slot = self.slot(self.wednesdays, "Soirée", "18:00", "20:00", weekdays=(0,), capacity=5)
        return self.opening(slot, TODAY)

    def elsewhere(self) -> tuple[Activity, Opening]:
        """Another structure, where the child is enrolled too, at the same hours."""
        judo = self.activity("Judo", structure=self.structure("Le dojo"))
        self.rule(judo)
        self.enrolment(self.zoe, judo, self.durand)
        return judo, self.opening(self.slot(judo, "Cours", capacity=9), WEDNESDAY)

    def key(self, opening: Opening | None = None, child: Person | None = None) -> str:
        return f"{(child or self.zoe).pk}.{(opening or self.wednesday).pk}"


@pytest.fixture
def world() -> Iterator[World]:
    with time_machine.travel(NOW, tick=False):
        yield World()


def logged(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


# Who


def test_its_structure_its_office_and_nobody_else(world: World) -> None:
    elsewhere, town = world.structure("Ailleurs"), world.authority("Mairie")
    answers = {
        "office": (logged(world.staff("guichet", Role.OFFICE)), 200),
        "administrator": (logged(world.staff("admin", Role.ADMINISTRATOR)), 200),
        "other director": (logged(world.staff("ailleurs", Role.DIRECTOR, structure=elsewhere)), 404),
        "other office": (
            logged(world.staff("mairie", Role.OFFICE, authority=town)),
            404,
        ),
        "animator": (logged(world.staff("animation", Role.ANIMATOR)), 403),
        "parent": (logged(world.durand.user), 403),
    }
    posted = {"seen": "", "c": world.key()}
    for who, (client, expected) in answers.items():
        assert client.get(world.page).status_code == expected, who
        if expected != 200:
            assert client.post(world.page, posted).status_code == expected, who
            assert client.post(world.page, {}).status_code == expected, who
    assert not Booking.objects.exists()


@pytest.mark.parametrize("state", [Enrolment.State.REQUESTED, Enrolment.State.REFUSED])
def test_only_an_accepted_enrolment_has_a_planning(world: World, state: str) -> None:
    Enrolment.objects.update(state=state)
    assert world.director.get(world.page).status_code == 404
    assert world.director.post(world.page, {"c": world.key()}).status_code == 404


def test_a_child_who_lives_there_no_more_has_none(world: World) -> None:
    Member.objects.filter(person=world.zoe).update(until=date(2026, 9, 6))
    assert world.director.get(world.page).status_code == 404
    assert (
        "reservations/" not in world.director.get(f"/agents/inscriptions/{world.stay.pk}/").content.decode()
    )


def test_nobody_books_for_its_own_child(world: World) -> None:
    Post.objects.create(user=world.durand.user, role=Role.DIRECTOR, structure=world.the_structure)
    own = logged(world.durand.user)
    page = own.get(world.page)
    assert "C’est le dossier de votre propre famille" in text(page)
    assert b"ENREGISTRER" not in page.content
    sent = own.post(world.page, {"seen": "", "c": world.key()}, follow=True)
    assert "C’est le dossier de votre propre famille" in text(sent)
    with pytest.raises(OwnFile):
        save(world, actor_for(world.durand.user), world.wednesday)
    assert not Booking.objects.exists()


def test_where_the_office_alone_decides_a_director_reads(world: World) -> None:
    Activity.objects.filter(pk=world.wednesdays.pk).update(decided_by=Decider.OFFICE)
    page = world.director.get(world.page)
    assert "le guichet unique décide seul" in text(page)
    assert f'value="{world.key()}"' not in page.content.decode()
    with pytest.raises(DecidedElsewhere):
        save(world, actor_for(world.direction), world.wednesday)
    logged(world.staff("guichet", Role.OFFICE)).post(world.page, {"seen": "", "c": world.key()})
    assert Booking.objects.get().created_by == "Guichet"


def test_a_home_that_has_left_books_no_more(world: World) -> None:
    world.durand.family.left_on = TODAY
    world.durand.family.save()
    page = world.director.get(world.page)
    assert "Ce foyer est parti" in text(page)
    assert b"ENREGISTRER" not in page.content
    world.director.post(world.page, {"seen": "", "c": world.key()})
    assert not Booking.objects.exists()


# What it shows


def test_it_shows_one_activity_and_nothing_else_of_the_home(world: World) -> None:
    _judo, course = world.elsewhere()
    world.booking(world.zoe, course)
    leo = world.child(world.durand, "Léo")
    world.enrolment(leo, world.wednesdays, world.durand)
    page = world.director.get(world.page)
    shown = text(page)
    assert "Zoé Durand · Mercredis" in shown
    for hidden in ("Judo", "Le dojo", "Léo", "734,"):
        assert hidden not in shown
    assert 'href="/reservations' not in page.content.decode()
    assert 'href="/documents' not in page.content.decode()
    refused = world.director.post(world.page, {"seen": "", "c": world.key()}, follow=True)
    assert "L’enfant est déjà attendu ailleurs à ces heures." in text(refused)
    assert "dojo" not in text(refused)


def test_a_date_that_does_not_exist_is_said(world: World) -> None:
    answer = world.director.get(f"{world.here}?date=32/13/2026&vue=siecle&enfant=9&activite=x")
    assert answer.status_code == 200
    assert "Cette date n’existe pas" in text(answer)


def test_the_places_where_a_director_sees_the_child_lead_there(world: World) -> None:
    world.booking(world.zoe, world.wednesday)
    dated = f"{world.here}?date={WEDNESDAY}"
    assert world.here in world.director.get(f"/agents/inscriptions/{world.stay.pk}/").content.decode()
    assert dated in world.director.get(f"/agents/places/jour/?jour={WEDNESDAY}").content.decode()
    assert dated in world.director.get(f"/agents/familles/{world.durand.family.pk}/").content.decode()
    animator = logged(world.staff("animation", Role.ANIMATOR))
    today = world.opening(world.morning, TODAY)
    world.booking(world.zoe, today)
    shown = animator.get("/agents/places/jour/").content.decode()
    assert "Zoé" in shown
    assert world.here not in shown


# What it saves


def test_what_is_saved_is_in_the_familys_name_and_says_who(world: World) -> None:
    answer = world.director.post(world.page, {"seen": "", "c": world.key()}, follow=True)
    assert answer.redirect_chain == [(world.page, 302)]
    assert "Réservé." in text(answer)
    booked = Booking.objects.get()
    assert (booked.state, booked.family, booked.enrolment, booked.created_by, booked.derogation) == (
        BookingState.BOOKED,
        world.durand.family,
        world.stay,
        "Direction",
        "",
    )
    entry = Entry.objects.get(verb="booking.saved")
    assert (entry.actor_label, entry.on_behalf, entry.family_id) == (
        "Direction",
        True,
        world.durand.family.pk,
    )
    assert "Direction" in text(logged(world.durand.user).get("/historique/"))
    world.director.post(world.page, {"seen": world.key()})
    booked.refresh_from_db()
    assert (booked.state, booked.ended_by) == (BookingState.CANCELLED, "Direction")
    assert not Message.objects.exists(), "as when the office acts for a family: its history says it"


def test_a_stale_page_cancels_nothing(world: World) -> None:
    """Shown as free, booked meanwhile by the family: what was not seen is left alone."""
    other = world.opening(world.morning, date(2026, 9, 23))
    world.booking(world.zoe, world.wednesday)
    world.director.post(world.page, {"seen": "", "c": world.key(other)})
    assert Booking.objects.live().count() == 2


def test_what_is_not_of_the_enrolment_does_not_exist(world: World) -> None:
    _judo, course = world.elsewhere()
    held = world.booking(world.zoe, course)
    martin = world.home("Martin", "Julie")
    ines = world.child(martin, "Inès")
    world.enrolment(ines, world.wednesdays, martin)
    leo = world.child(world.durand, "Léo")
    world.enrolment(leo, world.wednesdays, world.durand)
    forged = [
        world.key(child=ines),
        world.key(child=leo),
        world.key(course, ines),
        f"{world.zoe.pk}.{10**17}",
    ]
    answer = world.director.post(
        world.page, {"seen": world.key(course), "c": forged, "derogation": "Fratrie"}, follow=True
    )
    assert "5 cases inconnues" in text(answer)
    assert "n’est pas de cette inscription" in text(answer)
    assert list(Booking.objects.live()) == [held]
    broken = world.director.post(world.page, {"seen": "x", "c": "1.2.3", "date": "hier"}, follow=True)
    assert "2 cases n’ont pas pu être lues" in text(broken)


def test_past_a_deadline_a_reason_is_needed_and_kept(world: World) -> None:
    late = world.past()
    here = f"{world.here}?date={TODAY}&vue=semaine"
    assert f'value="{world.key(late)}"' in world.director.get(here).content.decode()
    refused = world.director.post(here, {"seen": "", "c": world.key(late)}, follow=True)
    assert "Pour passer outre, indiquez un motif de dérogation." in text(refused)
    assert not Booking.objects.exists()
    world.director.post(here, {"seen": "", "c": world.key(late), "derogation": "Appel de ce matin"})
    assert Booking.objects.get().derogation == "Appel de ce matin"
    assert "par dérogation" in text(world.director.get(here))
    assert "par dérogation" in text(
        logged(world.durand.user).get(
            f"/reservations/?enfant={world.zoe.pk}&date={TODAY}&vue=semaine&activite=toutes"
        )
    )
    assert "Appel de ce matin" in text(world.director.get(f"/agents/places/jour/?jour={TODAY}"))
    world.director.post(here, {"seen": world.key(late)})
    assert Booking.objects.get().state == BookingState.BOOKED
    world.director.post(here, {"seen": world.key(late), "derogation": "Enfant malade"})
    assert Booking.objects.get().state == BookingState.CANCELLED


def test_past_a_capacity_too_and_nobody_loses_a_place(world: World) -> None:
    martin = world.home("Martin", "Julie")
    ines = world.child(martin, "Inès")
    world.enrolment(ines, world.wednesdays, martin)
    world.booking(ines, world.wednesday)
    full = {"seen": "", "c": world.key()}
    assert "Complet" in text(world.director.post(world.page, full, follow=True))
    asked = world.director.post(world.page, {**full, "derogation": "Fratrie"}, follow=True).content.decode()
    assert Booking.objects.live().count() == 1
    assert 'name="depasse"' in asked
    assert 'value="Fratrie"' in asked
    assert re.search(rf'value="{world.key()}"[^>]* checked>', asked)
    world.director.post(world.page, {**full, "derogation": "Fratrie", "depasse": "1"})
    assert Booking.objects.live().count() == 2
    quota = world.wednesday.quotas.get()
    assert (quota.taken, quota.capacity, quota.overdraft) == (2, 1, 1)


def test_where_the_structure_books_its_director_books_without_a_reason(world: World) -> None:
    Activity.objects.filter(pk=world.wednesdays.pk).update(booking_mode=BookingMode.STRUCTURE)
    family = f"/reservations/?enfant={world.zoe.pk}&date={MONDAY}&vue=semaine&activite=toutes"
    parent = logged(world.durand.user)
    assert "la structure réserve" in text(parent.get(family))
    page = text(world.director.get(world.page))
    assert "la structure réserve" not in page
    assert "libre jusqu’au 16 sept. 8 h" in page
    world.director.post(world.page, {"seen": "", "c": world.key(), "derogation": "par habitude"})
    assert Booking.objects.get().derogation == ""
    assert "par la structure" in text(parent.get(family))
    assert "annulable jusqu’au 16 sept. 8 h" in text(world.director.get(world.page))
    world.director.post(world.page, {"seen": world.key()})
    assert Booking.objects.get().state == BookingState.CANCELLED


def test_where_an_agent_validates_what_its_director_books_is_booked(world: World) -> None:
    Activity.objects.filter(pk=world.wednesdays.pk).update(booking_mode=BookingMode.VALIDATED)
    world.director.post(world.page, {"seen": "", "c": world.key()})
    assert Booking.objects.get().state == BookingState.BOOKED


def save(world: World, actor: Any, *openings: Opening) -> list[Why | None]:
    changes = [Change(world.zoe.pk, opening.pk, seen=False, wanted=True) for opening in openings]
    found = stay_bookings_save(actor=actor, enrolment_id=world.stay.pk, changes=changes, now=NOW)
    return [outcome.why for outcome in found]


def test_the_service_holds_by_itself(world: World) -> None:
    stranger = world.staff("ailleurs", Role.DIRECTOR, structure=world.structure("Ailleurs"))
    animator = world.staff("animation", Role.ANIMATOR)
    for actor in (actor_for(stranger), actor_for(animator), world.durand.actor):
        with pytest.raises(NotYours):
            save(world, actor, world.wednesday)
    _judo, course = world.elsewhere()
    assert save(world, actor_for(world.direction), course, world.wednesday) == [None, Why.UNKNOWN]
    assert Booking.objects.get().opening == world.wednesday


def test_without_its_reason_a_derogation_stays_asked(world: World) -> None:
    key = f"{world.zoe.pk}.{world.past().pk}"
    page = f"{world.here}?date={TODAY}&vue=semaine"
    body = world.director.post(page, {"seen": "", "c": key}, follow=True).content.decode()
    assert "Donnez un motif" in body
    assert re.search(rf'value="{key}"[^>]* checked>', body)
    assert 'data-guard="dirty"' in body
    world.director.post(page, {"seen": "", "c": key, "derogation": "oubli"})
    assert Booking.objects.get().derogation == "oubli"


def test_its_queries_do_not_grow_with_other_homes(world: World, count_queries: Callable[..., Any]) -> None:
    _judo, course = world.elsewhere()
    world.booking(world.zoe, world.opening(world.morning, date(2026, 9, 23)))
    month = f"{world.here}?date={MONDAY}&vue=mois"
    world.director.get(month)
    with count_queries(11) as shown:
        world.director.get(month)
    with count_queries(20) as saved:
        world.director.post(month, {"seen": "", "c": world.key()})
    world.director.get(month)
    Booking.objects.filter(day=WEDNESDAY).delete()
    world.wednesday.quotas.update(taken=0, capacity=50)
    for home in (*(world.home(f"Voisin {number}", "Alex") for number in range(4)), world.durand):
        child = world.child(home, "Sacha")
        world.enrolment(child, world.wednesdays, home)
        world.booking(child, world.wednesday)
    world.booking(world.zoe, world.opening(course.slot, date(2026, 9, 30)))
    with count_queries(len(shown)):
        world.director.get(month)
    with count_queries(len(saved)):
        world.director.post(month, {"seen": "", "c": world.key()})
    assert Booking.objects.live().filter(child=world.zoe, day=WEDNESDAY).exists()
