"""« Les règles »: what a family reads is made from the rows, dated, of its own activities alone."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from django.test import Client

from marelle.activities.catalogue import definition_changed
from marelle.activities.kinds import BookingMode
from marelle.activities.models import Activity
from marelle.activities.rules import Limit, LimitKind
from marelle.core.clock import PARIS
from tests.bounds import bound_given
from tests.kept import kept_given
from tests.reading import text
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 1, 10, tzinfo=PARIS)
PAGE = "/reservations/regles/"


class World(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.wednesdays = self.activity("Mercredis")
        self.morning = self.slot(self.wednesdays, "Matin")
        self.enrolment(self.zoe, self.wednesdays, self.durand)
        self.client = Client()
        self.client.force_login(self.durand.user)

    def page(self) -> str:
        return text(self.client.get(PAGE))


@pytest.fixture
def world(time_machine) -> World:
    time_machine.move_to(NOW)
    return World()


def test_without_a_row_nothing_is_booked_on_line(world):
    assert "Rien ne se réserve en ligne." in world.page()


@pytest.mark.parametrize(
    ("hour", "strict", "said"),
    [
        (18, False, "Réserver jusqu’à la veille, 18\u00a0h\u00a000"),
        (10, True, "Réserver avant 10\u00a0h\u00a000 la veille"),
    ],
)
def test_a_limit_is_told_in_its_own_words(world, hour, strict, said):
    limit = Limit(LimitKind.DAYS_BEFORE, n=1, time=time(hour), strict=strict)
    world.rule(world.wednesdays, book=limit)
    assert said in world.page()


def test_what_will_change_is_told_with_its_day_and_what_is_over_is_not(world):
    world.rule(world.wednesdays, since=date(2025, 9, 1), until=date(2026, 8, 31), book=Limit(LimitKind.NEVER))
    world.rule(world.wednesdays, since=date(2026, 9, 1), until=date(2026, 11, 30))
    world.rule(world.wednesdays, since=date(2026, 12, 1), book=Limit(LimitKind.START))
    page = world.page()
    assert "jamais en ligne" not in page
    assert page.index("Jusqu’au 30 novembre 2026") < page.index("À partir du 1er décembre 2026")


def test_a_slot_with_its_own_rule_and_some_weekdays_are_named(world):
    world.rule(world.wednesdays)
    world.rule(world.wednesdays, slot=world.morning, weekdays=[0], book=Limit(LimitKind.HOURS_BEFORE, n=48))
    page = world.page()
    assert "Réserver et annuler\u00a0: « Matin »" in page
    assert "Les lundis" in page
    assert "jusqu’à 48 heures avant" in page


def test_what_never_holds_is_not_told_and_what_comes_first_is_said(world):
    until = Limit(LimitKind.DAYS_BEFORE, n=1, time=time(18))
    world.rule(world.wednesdays, book=until)
    world.rule(world.wednesdays, book=until, weekdays=[1, 2])
    before = "Ce qui a une fin passe avant ce qui est de certains jours"
    page = world.page()
    assert "Les mardis et mercredis" in page
    assert before not in page
    world.rule(world.wednesdays, book=until, weekdays=[2, 3])
    world.rule(world.wednesdays, book=until, since=date(2026, 10, 17), until=date(2026, 11, 1))
    definition_changed(Activity.objects.all())
    page = world.page()
    assert "Les mardis et mercredis" in page
    assert "Les jeudis" in page
    assert "mercredis et jeudis" not in page
    assert before in page


def test_how_much_is_told_with_its_dates(world):
    bound_given(world.wednesdays, 3)
    bound_given(world.wednesdays, 1, since=date(2026, 12, 1), until=date(2026, 12, 31))
    bound_given(world.wednesdays, 7, until=date(2026, 8, 31))
    page = world.page()
    assert "3 jours par semaine au plus." in page
    assert "Du 1er au 31 décembre 2026" in page
    assert "7 jours" not in page


def test_places_kept_are_told_for_whom_and_until_when_and_never_by_their_name(world):
    gauge = world.gauge("Bâtiment", 24)
    world.draws(world.morning, gauge)
    world.draws(world.slot(world.wednesdays, "Soir"), gauge, world.group(world.wednesdays, "3–5 ans", (3, 5)))
    row = kept_given(
        world.wednesdays, gauge, 2, audience="communes", name="Urgences", until=date(2026, 12, 31)
    )
    for name in ("Brisecombe", "Avressieux"):
        row.communes.add(world.commune(name))
    kept_given(
        world.wednesdays, gauge, name="Suivi social", release_at=datetime(2026, 10, 1, 12, tzinfo=PARIS)
    )
    definition_changed(Activity.objects.all())
    page = world.page()
    assert "Places gardées" in page
    assert "Jusqu’au 31 décembre 2026" in page
    of = "de « Matin » et « Soir (3–5 ans) »"
    commune = f"2 places {of} sont gardées pour les familles d’Avressieux et de Brisecombe"
    assert f"{commune}, jusqu’à la veille, 18\u00a0h\u00a000\u00a0; ensuite elles vont à la liste" in page
    named = f"1 place {of} est gardée pour des enfants désignés par la structure"
    assert (
        f"{named}, jusqu’au jeudi 1er octobre 2026 à 12\u00a0h\u00a000\u00a0; ensuite elle va à la liste"
        in page
    )
    for private in ("Urgences", "Suivi social", "Bâtiment"):
        assert private not in page


def test_of_a_gauge_in_common_each_activity_tells_its_own_slots(world):
    gauge = world.gauge("Bâtiment", 24)
    other = world.activity("Vacances")
    world.enrolment(world.zoe, other, world.durand)
    for activity, slot in ((world.wednesdays, world.morning), (other, world.slot(other, "Journée"))):
        world.draws(slot, gauge)
        kept_given(activity, gauge)
    page = world.page()
    for name in ("Matin", "Journée"):
        assert f"1 place de «\u00a0{name}\u00a0» est gardée" in page


def test_places_that_are_kept_no_more_are_not_told(world):
    gauge = world.gauge("Matin", 24)
    row = kept_given(world.wednesdays, gauge)
    assert "Places gardées" not in world.page(), "no slot of the activity draws on the gauge"
    world.draws(world.morning, gauge)
    assert "Places gardées" in world.page()
    for over in ({"until": date(2026, 8, 31)}, {"release_at": datetime(2026, 8, 31, 12, tzinfo=PARIS)}):
        row.delete()
        row = kept_given(world.wednesdays, gauge, **over)
        assert "Places gardées" not in world.page()


@pytest.mark.parametrize(
    ("audience", "said"),
    [
        ("residents", "pour les habitants,"),
        ("agreement", "pour les familles des communes conventionnées,"),
        ("returning", "pour les enfants venus l’an dernier,"),
        ("siblings", "pour les frères et sœurs d’enfants inscrits,"),
        ("staff", "pour les enfants du personnel,"),
        ("schools", "pour les enfants scolarisés à École du Bourg,"),
    ],
)
def test_each_audience_of_places_kept_is_told(world, audience, said):
    gauge = world.gauge("Matin", 24)
    world.draws(world.morning, gauge)
    row = kept_given(world.wednesdays, gauge, audience=audience)
    row.schools.add(world.school("École du Bourg"))
    definition_changed(Activity.objects.all())
    assert said in world.page()


@pytest.mark.parametrize(
    ("mode", "said"),
    [(BookingMode.FREE, "L’accès est libre"), (BookingMode.STRUCTURE, "C’est la structure qui réserve")],
)
def test_where_nothing_is_booked_by_families_it_says_so(world, mode, said):
    world.activity("Yoga", booking_mode=mode)
    other = world.activity("Libre", booking_mode=mode)
    world.enrolment(world.zoe, other, world.durand)
    page = world.page()
    assert said in page
    assert "Yoga" not in page


def test_the_activities_of_another_home_are_not_told(world):
    martin = world.home("Martin", "Sacha")
    other = world.client
    other.force_login(martin.user)
    assert "Aucune inscription en cours" in world.page()
    assert "Mercredis" not in world.page()


def test_the_page_asks_one_query_for_all_of_its_activities(world, count_queries):
    world.rule(world.wednesdays)
    world.page()
    with count_queries() as before:
        world.page()
    for name in ("Judo", "Danse"):
        other = world.activity(name)
        world.rule(other)
        world.enrolment(world.zoe, other, world.durand)
    world.page()
    with count_queries(len(before)):
        world.page()
