"""« Absences » of an activity: typed on the screen, tried, kept, and what each contradiction says."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from marelle.activities.absences import AbsenceRule as Rule
from marelle.activities.absences import Delay, Origin, Unit, Within
from marelle.activities.models import AbsenceRule
from marelle.activities.rules import Counting, Limit, LimitKind
from marelle.activities.services import absence_rule_set
from marelle.activities.services.booking_rules import RuleRefused
from marelle.bookings.models import Absence, Attendance
from marelle.core.actor import SYSTEM, Role
from tests.agents.village import NOW, Village, seen, text
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NINE = Limit(LimitKind.DAYS_BEFORE, n=0, time=time(7), strict=True)
DAY = "2026-12-02"


class World(Village):
    def __init__(self) -> None:
        super().__init__()
        self.rules = f"{self.page}absences/"

    def typed(self, **more: Any) -> dict[str, Any]:
        """Before 7:00 of the day; proofs before the start, then within three days; two days of carence."""
        return {
            "told-kind": "days_before",
            "told-days_n": "0",
            "told-days_counting": "calendar",
            "told-days_time": "07:00",
            "told-strict": "before",
            "delay-0-n": "0",
            "delay-0-unit": "hours",
            "delay-0-origin": "start",
            "delay-1-n": "3",
            "delay-1-unit": "opened",
            "delay-1-origin": "first",
            "waiting_days": "2",
            "waiting_opened": "1",
            "unannounced": "3",
            "within": "period",
            "suspends": "on",
            "since": "2026-12-01",
            "jour": DAY,
            "voir": str(self.morning.pk),
            "seen": seen(self.director.get(self.rules)),
            "read": "",
            **more,
        }

    def post(self, act: str = "enregistrer", **more: Any) -> str:
        return text(self.director.post(self.rules, self.typed(**more) | {act: "1"}, follow=True))


built = built_once(World, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> World:
    time_machine.move_to(NOW)
    return deepcopy(built)


def test_a_rule_is_tried_then_kept_then_shown_as_it_is(world: World) -> None:
    tried = world.post("essayer")
    typed = tried.split("Règle saisie")[1]
    assert "avant le mercredi 2 décembre à 7 h 00" in typed
    assert "jusqu’au mercredi 2 décembre à 8 h 00, il compte : justifiée à temps" in typed
    assert "jusqu’au mercredi 23 décembre à 23 h 59, il compte : justifiée dans le 2ᵉ délai" in typed
    assert "Ce jour en est un." in typed
    assert not AbsenceRule.objects.exists()
    kept = world.post()
    assert "les absences d’avant gardent leur règle" in kept
    assert "Une absence est dite à temps avant 7 h 00 le jour même." in kept
    assert "Délai de carence : 2 jours d’ouverture" in kept
    assert (
        "Dès 3 absences sans prévenir dans une même période, un agent en décide : il peut suspendre." in kept
    )
    assert AbsenceRule.objects.get().as_rule() == Rule(
        date(2026, 12, 1),
        None,
        told=NINE,
        proofs=(Delay(0, Unit.HOURS), Delay(3, Unit.OPENED, Origin.FIRST)),
        waiting_days=2,
        waiting_opened=True,
        unannounced=3,
        within=Within.PERIOD,
        suspends=True,
    )
    again = text(world.director.get(world.rules))
    assert 'name="delay-1-n" value="3"' in again
    assert "Une absence est dite à temps avant 7 h 00 le jour même." in text(world.director.get(world.page))


def test_the_least_that_one_may_say(world: World) -> None:
    """A slot alone, one weekday, until the start, no proof."""
    page = f"{world.rules}?creneau={world.morning.pk}"
    typed = world.typed(**{"told-kind": "always", "delay-0-n": "", "delay-1-n": "", "waiting_days": "0"})
    for name in ("unannounced", "suspends", "waiting_opened"):
        del typed[name]
    world.director.post(page, typed | {"weekdays": ["2"], "enregistrer": "1"})
    row = AbsenceRule.objects.get()
    assert row.slot == world.morning
    assert row.as_rule() == Rule(date(2026, 12, 1), None, within=Within.PERIOD, weekdays=frozenset({2}))
    both = {"weekdays": ["2", "3"], "seen": seen(world.director.get(page)), "enregistrer": "1"}
    hidden = world.director.post(page, typed | both)
    assert "« Pour les mercredis à partir du 1er décembre 2026 » passe avant." in text(hidden)
    assert AbsenceRule.objects.count() == 1
    ended = world.director.post(
        f"{world.rules}fin/?creneau={world.morning.pk}&jours=2", {"a-partir-du": "2026-12-16"}, follow=True
    )
    assert "C’est fini à cette date" in text(ended)
    assert AbsenceRule.objects.get().until == date(2026, 12, 15)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"delay-0-n": "-1"}, "Donnez un nombre plus grand : 0 au moins."),
        ({"delay-0-n": "deux"}, "Donnez un nombre entier, par exemple 24."),
        ({"delay-1-n": "367"}, "Donnez un nombre plus petit : un an au plus."),
        ({"delay-0-n": "99999"}, "Donnez un nombre plus petit : 8784 au plus."),
        ({"delay-0-n": "4", "delay-0-unit": "opened"}, "Chaque délai doit finir après celui d’avant"),
        ({"told-days_time": "09:00"}, "« Matin » commence déjà à 8 h 00 : donnez une heure d’avant."),
        ({"told-days_time": ""}, "Remplissez la phrase choisie."),
        ({"told-kind": "never"}, "Choisissez une des phrases."),
        ({"waiting_days": "32"}, "Donnez un nombre plus petit : 31 au plus."),
        ({"waiting_days": ""}, "Ce champ est obligatoire."),
        ({"unannounced": "0"}, "Donnez un nombre plus grand : 1 au moins."),
        ({"since": "2026-11-24"}, "Donnez aujourd’hui ou un jour à venir"),
        ({"until": "2026-11-30"}, "La fin vient avant le début."),
        ({"since": "hier"}, "Donnez une date, par exemple 02/12/2026."),
    ],
)
def test_what_is_wrong_is_said_and_the_rule_of_before_holds(
    world: World, wrong: dict[str, str], told: str
) -> None:
    page = world.post(**wrong)
    assert told in page
    assert not AbsenceRule.objects.exists()
    assert 'value="3"' in page, "what was typed stays"


def test_the_first_day_on_which_delays_cross_is_named(world: World) -> None:
    """On Wednesdays alone: an opened day is a week later, five calendar days are not."""
    page = world.post(
        **{"delay-0-n": "1", "delay-0-unit": "opened", "delay-1-n": "5", "delay-1-unit": "calendar"}
    )
    assert "ce n’est pas le cas pour le mercredi 2 décembre 2026." in page


def test_nothing_suspends_a_canteen(world: World) -> None:
    world.wednesdays.kind = "canteen"
    world.wednesdays.save()
    assert "La cantine d’une école est un droit" in world.post()
    assert not AbsenceRule.objects.exists()
    assert "C’est enregistré" in text(
        world.director.post(
            world.rules,
            {name: value for name, value in world.typed().items() if name != "suspends"}
            | {"enregistrer": "1"},
            follow=True,
        )
    )


def test_a_stale_page_says_what_changed(world: World) -> None:
    typed = world.typed()
    world.post()
    stale = text(world.director.post(world.rules, typed | {"waiting_days": "1", "enregistrer": "1"}))
    assert "Délai de carence : 2 jours d’ouverture" in stale
    assert AbsenceRule.objects.get().waiting_days == 2


def test_a_rule_of_the_same_day_takes_its_place_and_earlier_days_keep_theirs(world: World) -> None:
    world.post()
    world.post(waiting_days="1")
    world.post(since="2026-12-09", waiting_days="0")
    rows = AbsenceRule.objects.order_by("since")
    assert list(rows.values_list("since", "waiting_days")) == [(date(2026, 12, 1), 1), (date(2026, 12, 9), 0)]
    assert [row.delays.count() for row in rows] == [2, 2]
    gone = world.director.post(f"{world.rules}fin/", {"a-partir-du": "2026-12-09"}, follow=True)
    assert "C’est fini" in text(gone)
    assert AbsenceRule.objects.get().until == date(2026, 12, 8)
    past = world.director.post(f"{world.rules}fin/", {"a-partir-du": "2026-11-01"}, follow=True)
    assert "le passé garde ses délais" in text(past)


@pytest.mark.parametrize(
    "rule",
    [
        Rule(date(2026, 12, 1), None, waiting_days=32),
        Rule(date(2026, 12, 1), None, unannounced=0),
        Rule(date(2026, 12, 1), None, unannounced=100),
        Rule(date(2026, 12, 1), None, proofs=(Delay(367, Unit.CALENDAR),)),
    ],
)
def test_the_service_refuses_what_no_screen_gives(world: World, rule: Rule) -> None:
    with pytest.raises(RuleRefused) as refused:
        absence_rule_set(actor=SYSTEM, activity_id=world.wednesdays.pk, slot_id=None, rule=rule, now=NOW)
    assert refused.value.code == "impossible"


def test_a_limit_of_a_kind_that_has_no_columns_is_refused(world: World) -> None:
    fixed = Limit(LimitKind.WEEK_BEFORE, n=1, weekday=1, time=time(9), counting=Counting.CALENDAR)
    rule = Rule(date(2026, 12, 1), None, told=fixed)
    with pytest.raises(ValidationError):
        absence_rule_set(actor=SYSTEM, activity_id=world.wednesdays.pk, slot_id=None, rule=rule, now=NOW)


def test_the_absences_of_a_month_say_what_each_is_and_leave_as_files(
    world: World, count_queries: Any
) -> None:
    world.post(since="2026-11-25", waiting_days="1")
    durand = world.home("Durand", "Camille")
    zoe = world.child(durand, "Zoé")
    world.enrolment(zoe, world.wednesdays, durand)
    missed = [
        world.booking(zoe, one)
        for one in world.openings(world.wednesdays, date(2026, 11, 25), date(2026, 12, 9))
    ]
    Absence.objects.create(booking=missed[0], declared_at=NOW - timedelta(hours=20), declared_by="Camille")
    Attendance.objects.create(
        opening=missed[1].opening,
        child=zoe,
        day=missed[1].day,
        present=False,
        noted_at=NOW,
        noted_by="Samir",
    )
    here = f"{world.page}absences/liste/"
    page = text(world.director.get(here))
    row = page.split("<tbody")[1]
    for told in (
        "mercredi 25 novembre 2026",
        "Zoé Durand",
        "Matin",
        "dite à temps",
        "non justifiée",
        "jour de carence",
    ):
        assert told in row, told
    assert row.count("Zoé Durand") == 1
    december = text(world.director.get(f"{here}?mois=2026-12")).split("<tbody")[1]
    assert "sans prévenir" in december
    assert "jour de carence" not in december, "the same absence goes on"
    assert "Aucune absence connue ce mois-là." in text(world.director.get(f"{here}?mois=2027-03"))
    table = world.director.get(f"{here}fichier/?mois=2026-12&format=csv")
    assert table["Content-Type"].startswith("text/csv")
    assert "sans prévenir" in table.content.decode()
    with count_queries() as one:
        world.director.get(here)
    for name in ("Léo", "Ana"):
        child = world.child(durand, name)
        world.enrolment(child, world.wednesdays, durand)
        booking = world.booking(child, missed[0].opening)
        Absence.objects.create(booking=booking, declared_at=NOW, declared_by="Camille")
    with count_queries(len(one)):
        world.director.get(here)
    elsewhere = world.staff("loin", Role.DIRECTOR, structure=world.structure("Loin"))
    stranger = Client()
    stranger.force_login(elsewhere)
    assert stranger.get(here).status_code == 404
