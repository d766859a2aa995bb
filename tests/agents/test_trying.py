"""« Essayer »: rules tried as a home would meet them, an invented one or one that is enrolled."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime

import pytest
from django.test import Client

from marelle.activities.bounds import Unit
from marelle.activities.catalogue import definition_changed
from marelle.activities.models import Activity, BookingCondition
from marelle.activities.rules import Limit, LimitKind
from marelle.agents.activities.trying_words import RULES
from marelle.bookings.models import Booking
from marelle.bookings.rules import OBSTACLES
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.journal.models import Entry
from marelle.papers.models import PaperType
from tests.bounds import bound_given
from tests.offer import LONG_AGO
from tests.reading import text
from tests.scenario import Scenario
from tests.standing import built_once
from tests.waves import waves, waves_given

pytestmark = pytest.mark.django_db

DAY = date(2026, 9, 16)
NOW = datetime(2026, 9, 1, 10, tzinfo=PARIS)


class Desk(Scenario):
    """A Wednesday of one place, until the day before at noon."""

    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.wednesdays = self.activity("Mercredis")
        self.rule(self.wednesdays)
        self.morning = self.slot(self.wednesdays, "Matin", capacity=1)
        self.enrolled = self.enrolment(self.zoe, self.wednesdays, self.durand)
        self.opening_ = self.opening(self.morning, DAY)
        self.director = Client()
        self.director.force_login(self.staff("direction", Role.DIRECTOR))
        self.url = f"/agents/activites/{self.wednesdays.pk}/essayer/"

    def ask(self, **typed: str) -> str:
        asked = {"jour": DAY.isoformat(), "le": "2026-09-14", "a": "10:00"} | typed
        return text(self.director.get(self.url, asked))


built = built_once(Desk, now=NOW)


@pytest.fixture
def desk(built, db, time_machine) -> Desk:
    time_machine.move_to(NOW)
    return deepcopy(built)


def test_an_invented_home_sees_the_last_minute_then_that_it_has_passed(desk):
    page = desk.ask()
    assert "un foyer inventé" in page
    assert "Délai de réservation" in page
    assert "mardi 15 septembre" in page
    assert "délai dépassé" not in page
    assert "délai dépassé" in desk.ask(le="2026-09-15", a="12:01")


def test_waves_tell_each_invented_home_its_own_hour(desk):
    first, second = (datetime(2026, 9, day, 7, tzinfo=PARIS) for day in (14, 15))
    waves_given(desk.wednesdays, *waves(first, second))
    assert "Bientôt" in desk.ask()
    assert "mardi 15 septembre à 7" in desk.ask()
    page = desk.ask(commune=str(desk.the_commune.pk))
    assert "Bientôt" not in page
    assert "lundi 14 septembre à 7" in page


def test_a_child_of_the_activity_is_found_by_its_name_and_seen_with_its_bookings(desk):
    desk.booking(desk.zoe, desk.opening_)
    page = desk.ask(enfant="zoé")
    assert "Durand Zoé" in page
    assert "Réservé" in page
    assert "Réservé" not in desk.ask()
    assert "Complet" in desk.ask()


def test_a_bound_that_is_reached_is_named_with_its_span(desk):
    bound_given(desk.wednesdays, 1, unit=Unit.SLOTS)
    midday = desk.slot(desk.wednesdays, "Repas")
    desk.booking(desk.zoe, desk.opening(midday, DAY))
    page = desk.ask(enfant="Zoé")
    assert "1 créneau par semaine au plus, la semaine du 14 septembre 2026" in page
    assert "Plafond" not in desk.ask().split("Essayer</a>")[-1].split('id="essai"')[-1]


def test_a_slot_that_goes_with_another_says_which_and_whether_it_can_be_had(desk):
    """Of another activity: who is not enrolled there cannot take it."""
    shuttles = desk.activity("Navettes")
    desk.rule(shuttles)
    shuttle = desk.slot(shuttles, "Navette", "07:00", "08:00")
    desk.morning.requires.add(shuttle)
    desk.opening(shuttle, DAY)
    definition_changed(Activity.objects.all())
    for page in (desk.ask(), desk.ask(enfant="Zoé")):
        assert "Créneau qui va avec" in page
        assert page.count("demande «\u00a0Navette\u00a0»") == 2, "the cell, and the step"
    desk.enrolment(desk.zoe, shuttles, desk.durand)
    page = desk.ask(enfant="Zoé")
    assert "demande «" not in page
    assert page.count("avec «\u00a0Navette\u00a0»") == 2
    assert "Navette, " not in page, "the shuttle itself is not tried here"
    assert "Matin, " in page


def test_what_is_asked_by_the_day_is_asked_of_the_invented_child_too(desk):
    assert "Enfant né le" not in desk.ask()
    swims = PaperType.objects.create(title="Aisance aquatique", authority=desk.the_authority)
    BookingCondition.objects.create(
        activity=desk.wednesdays, since=LONG_AGO, min_age_months=72, levels=["CP"], paper_type=swims.pk
    )
    definition_changed(Activity.objects.filter(pk=desk.wednesdays.pk))
    page = desk.ask(naissance="2022-01-05")
    assert page.count(">non<") == 3
    page = desk.ask(naissance="2019-01-05", classe="CP", papiers="on")
    assert ">non<" not in page


def test_where_else_the_child_is_expected_is_not_named(desk):
    swimming = desk.activity("Natation", structure=desk.structure("Piscine de Montrose"))
    desk.rule(swimming, cancel=Limit(LimitKind.NEVER))
    desk.enrolment(desk.zoe, swimming, desk.durand)
    desk.booking(desk.zoe, desk.opening(desk.slot(swimming, "Bassin"), DAY))
    page = desk.ask(enfant="Zoé")
    assert "déjà réservé ailleurs" in page
    assert "Montrose" not in page


def test_several_of_one_name_are_chosen_from_and_none_is_said_beside_the_field(desk):
    martin = desk.home("Martin", "Sacha")
    other = desk.child(martin, "Zoé", born=date(2018, 3, 4))
    chosen = desk.enrolment(other, desk.wednesdays, martin)
    page = desk.ask(enfant="Zoé")
    assert "Martin Zoé" in page
    assert f"inscription={chosen.pk}" in page
    assert "Martin Zoé" in desk.ask(enfant="Zoé", inscription=str(chosen.pk))
    page = desk.ask(enfant="Tom")
    assert "Aucun enfant de ce nom" in page
    assert 'value="Tom"' in page


def test_a_child_of_another_activity_is_not_tried_here(desk):
    judo = desk.activity("Judo")
    elsewhere = desk.enrolment(desk.zoe, judo, desk.durand)
    assert "Aucun enfant de ce nom" in desk.ask(enfant="Zoé", inscription=str(elsewhere.pk))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"jour": "hier"}, "jour"),
        ({"a": "25:00"}, "Donnez une heure, comme 18:30."),
        ({"commune": "999999"}, "Choisissez dans la liste."),
    ],
)
def test_what_cannot_be_read_is_said_and_kept(desk, typed, said):
    page = desk.ask(**typed)
    assert said in page
    assert 'aria-invalid="true"' in page
    assert next(iter(typed.values())) in page or "commune" in typed


def test_trying_writes_nothing(desk):
    before = (Booking.objects.count(), Entry.objects.count())
    desk.ask(enfant="Zoé")
    desk.ask()
    assert (Booking.objects.count(), Entry.objects.count()) == before


def test_each_obstacle_has_its_name():
    assert OBSTACLES.keys() <= RULES.keys()
