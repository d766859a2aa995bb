"""« Places » as agents see it: the calendar of a month, who comes on a day."""

from __future__ import annotations

import re
from datetime import date, datetime

import pytest
from django.test import Client

from marelle.accounts.models import User
from marelle.activities.models import Opening, Quota
from marelle.agents.places.words import count_text
from marelle.bookings.models import Absence
from marelle.bookings.states import BookingState
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.enrolments.models import Enrolment
from marelle.families.models import HealthSheet
from marelle.journal.models import Entry
from marelle.places.models import Post
from tests.browser import by_the_menu
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 1, 10, 0, tzinfo=PARIS)
DAY = date(2026, 12, 2)


def test_nobody_to_come_is_said_in_words() -> None:
    assert count_text([]) == "personne n’est attendu"


class Village(Scenario):
    """Wednesdays of December for small and big ones: the small ones' morning is full, and one waits."""

    def __init__(self, day: date = DAY) -> None:
        super().__init__()
        self.day = day
        self.wednesdays = self.activity("Mercredis")
        self.small = self.group(self.wednesdays, "3–5 ans", (3, 5))
        self.big = self.group(self.wednesdays, "6–12 ans", (6, 12))
        morning = self.slot(self.wednesdays, "Matin", weekdays=range(7))
        meal = self.slot(self.wednesdays, "Repas", "12:00", "13:30", weekdays=range(7))
        self.draws(morning, self.gauge("Matin, 3–5 ans", 1), self.small)
        self.draws(morning, self.gauge("Matin, 6–12 ans", 10), self.big)
        dining = self.gauge("Salle à manger", 3)
        for group in (self.small, self.big):
            self.draws(meal, dining, group)
        self.rule(self.wednesdays)
        openings = [
            one
            for group in (self.small, self.big)
            for one in self.openings(self.wednesdays, day, group=group)
        ]
        self.mornings = {o.group_id: o for o in openings if o.slot_id == morning.pk}
        self.meals = {o.group_id: o for o in openings if o.slot_id == meal.pk}
        self.durand = self.home("Durand")
        self.noe = self.enrolled("Noé", self.small)
        self.zoe = self.enrolled("Zoé", self.small)
        self.held = self.booking(self.noe, self.mornings[self.small.pk])
        self.booking(self.noe, self.meals[self.small.pk])
        self.waits = self.booking(self.zoe, self.mornings[self.small.pk], state=BookingState.WAITING)

    def enrolled(self, name, group):
        child = self.child(self.durand, name, born=date(2022, 3, 4))
        self.enrolment(child, self.wednesdays, self.durand, group=group)
        return child

    def as_role(self, role: Role, **where) -> Client:
        client = Client()
        client.force_login(self.staff(f"{role}{len(where)}", role, **where))
        return client


@pytest.fixture
def world(time_machine) -> Village:
    time_machine.move_to(NOW)
    return Village()


@pytest.fixture
def director(world) -> Client:
    return world.as_role(Role.DIRECTOR)


def text(response) -> str:
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode().replace("\u00a0", " "))


def test_the_month_says_how_full_each_day_is_and_leads_to_the_day(world, director):
    page = text(director.get("/agents/places/"))
    assert "Décembre 2026" in page
    assert '<span>Matin, 3–5 ans</span> <b>1 / 1</b><i class="v">, complet</i><em>1 attend</em>' in page
    assert '<span>Matin, 6–12 ans</span> <b>0 / 10</b><i class="v">, des places</i></li>' in page
    assert "<span>Salle à manger</span> <b>1 / 3</b>" in page
    assert f"/agents/places/jour/?structure={world.the_structure.pk}&amp;jour=2026-12-02" in page
    assert "Rien n’est ouvert" in text(director.get("/agents/places/?jour=2027-07-01"))


def test_an_activity_and_a_group_narrow_it(world, director):
    narrow = (
        f"/agents/places/?activite={world.wednesdays.pk}&groupe={world.big.pk}&vue=semaine&jour=2026-12-02"
    )
    page = text(director.get(narrow))
    assert "Du 30 novembre au 6 décembre 2026" in page
    assert "Matin, 6–12 ans" in page
    assert "Matin, 3–5 ans" not in page


def test_past_the_capacity_and_nearly_full_are_said(world, director):
    Quota.objects.filter(gauge__name="Matin, 6–12 ans").update(taken=9)
    Quota.objects.filter(gauge__name="Salle à manger").update(taken=4, overdraft=1)
    page = text(director.get("/agents/places/"))
    assert '<b>9 / 10</b><i class="v">, presque complet</i>' in page
    assert '<b>4 / 3</b><i class="v">, au-delà de la capacité</i>' in page


def test_a_day_closed_says_why(world, director):
    Opening.objects.update(state=Opening.State.CLOSED, reason="Neige")
    assert "Fermé : Neige" in text(director.get("/agents/places/"))


def test_who_comes_with_what_must_be_known(world, director):
    world.held.derogation = "fratrie"
    world.held.save()
    Enrolment.objects.filter(pk=world.held.enrolment_id).update(derogation="avance d’une classe")
    Absence.objects.create(booking=world.held, declared_at=NOW, declared_by="Camille Durand")
    HealthSheet.objects.create(
        child=world.noe, allergies="arachide", is_severe=True, updated_at=NOW, updated_by="Camille"
    )
    page = text(director.get(f"/agents/places/jour/?jour={world.day}"))
    for told in (
        "Durand Noé",
        "4 ans · 3–5 ans",
        "Matin, 8 h – 12 h",
        "Repas, 12 h – 13 h 30",
        "Allergie grave",
        "dérogation : fratrie",
        "inscription par dérogation : avance d’une classe",
        "absence déclarée",
        "1 enfant attendu",
    ):
        assert told in page
    assert "arachide" not in page
    assert page.index("Liste d’attente de ce jour") < page.index("Durand Zoé")
    assert Entry.objects.filter(verb="health.listed").count() == 1


def test_a_nursery_shows_its_half_hours_and_the_rates_of_its_day_and_week(world, director):
    nursery = world.activity("Multi-accueil", kind="childcare", years=(0, 6))
    world.slot(nursery, "Accueil", "08:00", "10:00", weekdays=[2, 3], capacity=2, by_hour=True)
    opening, _thursday = world.openings(nursery, DAY, date(2026, 12, 3))
    enrolment = world.enrolment(world.zoe, nursery, world.durand)
    world.booking(world.zoe, opening, enrolment=enrolment, hours=("08:30", "10:00"))
    page = text(director.get(f"/agents/places/jour/?jour={DAY}"))
    assert "Ce jour : 38 % (1 h 30 réservées sur 4 h)" in page
    assert "La semaine : 19 % (1 h 30 réservées sur 8 h)" in page
    assert '<th scope="row">8 h 30</th><td class="free"><b>1 / 2</b>' in page
    assert "Au-delà de ce que" not in page
    Quota.objects.filter(openings=opening, part=17).update(taken=3, overdraft=1)
    assert "Au-delà de ce que" in text(director.get(f"/agents/places/jour/?jour={DAY}"))


def test_the_office_reads_no_health_there(world):
    HealthSheet.objects.create(child=world.noe, allergies="arachide", updated_at=NOW, updated_by="Camille")
    page = text(world.as_role(Role.OFFICE).get(f"/agents/places/jour/?jour={world.day}"))
    assert "Durand Noé" in page
    assert "Allergie" not in page
    assert not Entry.objects.filter(verb="health.listed").exists()


def test_an_animator_sees_today_alone_and_no_waiting_list(world, time_machine):
    animator = world.as_role(Role.ANIMATOR)
    assert animator.get(f"/agents/places/jour/?jour={world.day}").status_code == 404
    assert animator.get("/agents/places/").status_code == 403
    time_machine.move_to(NOW.replace(day=2))
    animator.force_login(User.objects.get(posts__role=Role.ANIMATOR))
    page = text(animator.get(f"/agents/places/jour/?jour={world.day}"))
    assert "Durand Noé" in page
    assert "Zoé" not in page
    assert "attend</" not in page
    assert "1 attend" not in page


def test_who_has_two_posts_is_led_to_where_children_are_expected(world, time_machine):
    time_machine.move_to(NOW.replace(day=2))
    animator = world.as_role(Role.ANIMATOR)
    closed_today = world.structure("A, fermé ce jour")
    user = User.objects.get(posts__role=Role.ANIMATOR)
    Post.objects.create(user=user, role=Role.ANIMATOR, structure=closed_today)
    for page in ("/agents/places/jour/", "/agents/presences/"):
        assert "Noé" in text(animator.get(page))
        assert "Noé" not in text(animator.get(f"{page}?structure={closed_today.pk}"))


def test_an_animator_reads_that_there_is_a_derogation_and_not_why(world, time_machine):
    """The reason is free words: a hardship, an illness."""
    time_machine.move_to(NOW.replace(day=2))
    world.held.derogation = "hospitalisation de la mère"
    world.held.save()
    Enrolment.objects.filter(pk=world.held.enrolment_id).update(derogation="placement en urgence")
    read = {
        role: text(world.as_role(role).get(f"/agents/places/jour/?jour={world.day}"))
        for role in (Role.ANIMATOR, Role.DIRECTOR)
    }
    assert ">inscription par dérogation<" in read[Role.ANIMATOR]
    assert ">dérogation<" in read[Role.ANIMATOR]
    for reason in ("hospitalisation", "placement"):
        assert reason in read[Role.DIRECTOR]
        assert reason not in read[Role.ANIMATOR]


def test_another_structure_is_not_there(world):
    other = world.structure("Ailleurs", authority=world.authority("Autre"))
    elsewhere = world.as_role(Role.DIRECTOR, structure=other)
    for page in ("", "jour/"):
        mine = f"/agents/places/{page}?structure={world.the_structure.pk}&jour={world.day}"
        assert elsewhere.get(mine).status_code == 404
        assert elsewhere.get(f"/agents/places/{page}?activite={world.wednesdays.pk}").status_code == 404


@pytest.mark.parametrize(
    "bad", ["jour=hier", "jour=9999-12-31", "structure=x", "groupe=99999999999999999999999", "vue=an"]
)
def test_what_cannot_be_read_is_as_good_as_not_said(director, bad):
    assert director.get(f"/agents/places/?{bad}").status_code == 200
    assert director.get(f"/agents/places/jour/?{bad}").status_code == 200


def test_the_queue_says_who_and_why_and_a_reason_missing_keeps_what_was_chosen(world, director):
    page = f"/agents/places/attente/{world.waits.opening_id}/"
    act = f"{page}{world.waits.pk}/"
    shown = text(director.get(page))
    assert "Mercredi 2 décembre · Matin · 3–5 ans" in shown
    assert "1. Zoé Durand" in shown
    first = {"act": "order", "priority": "2", "seen": "0"}
    refused = text(director.post(act, {**first, "reason": ""}))
    assert "Donnez une raison : les autres agents la liront." in refused
    assert '<option value="2" selected>' in refused
    done = text(director.post(act, {**first, "reason": "Fratrie"}, follow=True))
    assert "L’ordre est changé pour Zoé." in done
    assert "en tout premier, par Director0 : Fratrie" in done
    stale = text(director.post(act, {"act": "order", "priority": "-1", "seen": "0", "reason": "Déjà venu"}))
    assert "Un collègue vient de changer l’ordre de cet enfant" in stale
    assert "en tout premier, par Director0 : Fratrie" in stale
    for kept in ("Déjà venu", '<option value="-1" selected>', 'name="seen" value="2"'):
        assert kept in stale
    full = text(director.post(act, {"act": "place", "priority": "0", "reason": ""}))
    assert "donnez la raison de la dérogation" in full
    assert 'name="past"' in full
    asked = text(director.post(act, {"act": "place", "priority": "0", "reason": "Urgence"}))
    assert "cette place dépasserait la capacité" in asked
    assert 'name="past"' in asked
    assert 'value="Urgence"' in asked
    given = {"act": "place", "priority": "0", "reason": "Urgence", "past": "on"}
    placed = text(director.post(act, given, follow=True))
    assert "Place donnée à Zoé. La famille est prévenue." in placed
    late = text(director.post(act, {"act": "remove", "priority": "0", "reason": "Trop"}, follow=True))
    assert "Cet enfant n’est plus sur la liste d’attente" in late


def test_each_row_of_the_queue_has_fields_of_its_own(world, director):
    child = world.enrolled("Ana", world.big)
    other = world.booking(child, world.waits.opening, state=BookingState.WAITING, priority=2)
    last = world.booking(world.enrolled("Ugo", world.big), world.waits.opening, state=BookingState.WAITING)
    page = f"/agents/places/attente/{world.waits.opening_id}/"
    shown = director.get(page).content.decode()
    ids = re.findall(r' id="(id_\d+_\w+)"', shown)
    rows = (other, world.waits, last)
    fields = ("seen", "reason_helptext", "reason", "priority")
    assert ids == [f"id_{row.pk}_{name}" for row in rows for name in fields]
    assert re.findall(r'<option value="(-?\d)" selected', shown) == ["2", "0", "0"]
    typed = director.post(f"{page}{last.pk}/", {"act": "order", "priority": "1", "reason": ""})
    assert re.findall(r'<option value="(-?\d)" selected', typed.content.decode()) == ["2", "0", "1"]


def test_the_list_says_why_a_free_place_is_still_there_and_names_no_day_that_began(
    world, director, time_machine
):
    page = "/agents/places/attente/"
    by_itself, offered, theirs = "Part d’elle-même dès que", "à vous de la proposer", "le guichet la propose"
    full = text(director.get(page))
    assert "complet" in full
    assert not any(why in full for why in (by_itself, offered, theirs))
    world.held.delete()
    world.mornings[world.small.pk].quotas.update(taken=0)
    assert by_itself in text(director.get(page))
    time_machine.move_to(NOW.replace(hour=13))
    director.force_login(User.objects.get(posts__role=Role.DIRECTOR))
    assert offered in text(director.get(page))
    world.wednesdays.decided_by = "office"
    world.wednesdays.save()
    assert theirs in text(director.get(page))
    time_machine.move_to(world.waits.opening.starts_at)
    director.force_login(User.objects.get(posts__role=Role.DIRECTOR))
    assert "Personne n’attend" in text(director.get(page))


@pytest.mark.parametrize("typed", [{}, {"act": "vendre", "priority": "0"}, {"act": "order", "priority": "9"}])
def test_a_form_made_by_hand_moves_nobody(world, director, typed):
    act = f"/agents/places/attente/{world.waits.opening_id}/{world.waits.pk}/"
    assert director.post(act, typed).status_code == 200
    world.waits.refresh_from_db()
    assert (world.waits.state, world.waits.priority) == (BookingState.WAITING, 0)


def test_as_many_queries_for_one_child_as_for_many(world, director, count_queries):
    def counted():
        pages = ("/agents/places/", f"/agents/places/jour/?jour={world.day}")
        for page in pages:
            director.get(page)
        with count_queries(14) as calendar:
            director.get(pages[0])
        with count_queries(20) as day:
            director.get(pages[1])
        return len(calendar), len(day)

    before = counted()
    for number in range(8):
        child = world.enrolled(f"Enfant {number}", world.big)
        world.booking(child, world.mornings[world.big.pk])
        world.booking(child, world.meals[world.big.pk], state=BookingState.WAITING)
    world.openings(world.wednesdays, date(2026, 12, 9), date(2026, 12, 16))
    assert counted() == before


@pytest.mark.parametrize("width", [390, 1280])
def test_the_pages_in_a_browser(world, open_page, axe, width, time_machine):
    time_machine.move_to(NOW, tick=True)
    world.staff("direction", Role.DIRECTOR)
    page = open_page(width=width)
    page.goto("/connexion/")
    page.fill("[name=identifier]", "direction")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/agents/")
    by_the_menu(page, "Places")
    page.get_by_role("heading", name="Occupation").wait_for()
    assert axe(page) == []
    page.get_by_role("link", name="mercredi 2 décembre").click()
    page.get_by_role("heading", name="Qui vient").wait_for()
    page.get_by_role("rowheader", name="Durand Noé").wait_for()
    assert axe(page) == []
    page.goto(f"/agents/places/attente/{world.waits.opening_id}/")
    page.locator("summary").click()
    assert axe(page) == []
    page.get_by_label("Raison").fill("Urgence sociale")
    page.get_by_role("button", name="Donner la place").click()
    page.get_by_text("cette place dépasserait la capacité").first.wait_for()
    assert axe(page) == []
    page.get_by_label("Donner la place au-delà de la capacité").check()
    page.get_by_role("button", name="Donner la place").click()
    page.get_by_text("Place donnée à Zoé").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
