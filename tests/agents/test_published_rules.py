"""Limits and waves that règlements publish, typed on the screen from nothing, give the stated instant."""

from __future__ import annotations

from datetime import date
from html import unescape
from typing import Any

import pytest

from marelle.activities.catalogue import activity_facts
from marelle.activities.effects import opening_on
from marelle.activities.facts import ActivityFacts
from marelle.activities.models import BookingRule
from marelle.core.french import from_long, until_long
from marelle.places.calendars import library_spans
from marelle.places.models import CalendarSpan
from tests.agents.village import Village, seen, text

pytestmark = pytest.mark.django_db

WEEK, DAYS, HOURS, MONTH, FIXED = "week_before", "days_before", "hours_before", "month_before", "fixed"
LEFT = {"strict": "until", "off_day": "kept"}
"""What a page sends of the blanks that nobody touched."""


def week(weekday: int, n: int, time: str) -> dict[str, str]:
    return {"kind": WEEK, "week_weekday": str(weekday), "week_n": str(n), "week_time": time}


def days(n: int, time: str, counting: str = "calendar", anchor: str = "day") -> dict[str, str]:
    return {
        "kind": DAYS,
        "days_n": str(n),
        "days_time": time,
        "days_counting": counting,
        "days_anchor": anchor,
    }


PUBLISHED = [
    ("D1", week(1, 1, "23:59"), date(2026, 9, 17), "jusqu’au mardi 8 septembre à 23 h 59"),
    ("D2", days(1, "18:00"), date(2026, 9, 14), "jusqu’au dimanche 13 septembre à 18 h 00"),
    ("D3", week(4, 1, "12:00"), date(2026, 9, 15), "jusqu’au vendredi 11 septembre à 12 h 00"),
    ("D4", days(2, "12:00", "weekdays"), date(2026, 9, 14), "jusqu’au jeudi 10 septembre à 12 h 00"),
    ("D5", week(3, 1, "12:00"), date(2026, 9, 16), "jusqu’au jeudi 10 septembre à 12 h 00"),
    ("D6", days(1, "11:00", "school"), date(2026, 11, 2), "jusqu’au vendredi 16 octobre à 11 h 00"),
    ("D7", {"kind": HOURS, "hours_n": "72"}, date(2026, 9, 17), "jusqu’au lundi 14 septembre à 12 h 00"),
    (
        "D8",
        {"kind": FIXED, "at": "2026-10-02T18:00"},
        date(2026, 10, 19),
        "jusqu’au vendredi 2 octobre à 18 h 00",
    ),
    (
        "D9",
        {"kind": MONTH, "month_n": "20", "month_time": "23:59"},
        date(2026, 10, 15),
        "jusqu’au dimanche 20 septembre à 23 h 59",
    ),
    (
        "before an hour",
        days(1, "10:00") | {"strict": "before"},
        date(2026, 9, 15),
        "avant le lundi 14 septembre à 10 h 00",
    ),
    ("clear days", days(2, "23:59", "clear"), date(2026, 9, 17), "jusqu’au lundi 14 septembre à 23 h 59"),
    # The 11th of November, a Wednesday, is a public holiday; school holidays count.
    ("working days", days(1, "12:00", "working"), date(2026, 11, 12), "jusqu’au mardi 10 novembre à 12 h 00"),
    (
        "working days",
        days(1, "12:00", "working"),
        date(2026, 11, 2),
        "jusqu’au vendredi 30 octobre à 12 h 00",
    ),
    (
        "moved off a Sunday",
        days(1, "18:00") | {"off_day": "before"},
        date(2026, 9, 14),
        "jusqu’au vendredi 11 septembre à 18 h 00",
    ),
    (
        "15 clear days before the holidays, for all their days",
        days(15, "23:59", "clear", "period"),
        date(2026, 10, 30),
        "jusqu’au jeudi 1er octobre à 23 h 59",
    ),
    (
        "before the week",
        days(3, "12:00", anchor="week"),
        date(2026, 9, 18),
        "jusqu’au vendredi 11 septembre à 12 h 00",
    ),
    (
        "before the month",
        days(10, "12:00", anchor="month"),
        date(2026, 9, 18),
        "jusqu’au samedi 22 août à 12 h 00",
    ),
]


class Canteen(Village):
    """An activity without any rule yet, on a calendar that knows the school year."""

    def __init__(self) -> None:
        super().__init__()
        BookingRule.objects.all().delete()
        self.meal = self.slot(self.wednesdays, "Repas", "12:00", "14:00")
        CalendarSpan.objects.bulk_create(
            CalendarSpan(
                calendar=self.the_calendar,
                kind=span.kind,
                name=span.name,
                first_day=span.first_day,
                last_day=span.last_day,
            )
            for span in library_spans("A", 2026)
        )
        self.rules = f"{self.page}delais/"

    def typed(self, book: dict[str, str], day: date, **more: Any) -> dict[str, Any]:
        limits = {
            f"{side}-{name}": value for side in ("book", "cancel") for name, value in (LEFT | book).items()
        }
        shown = self.director.get(self.rules)
        around = {
            "after": "refuse",
            "since": "2026-09-01",
            "jour": day.isoformat(),
            "voir": str(self.meal.pk),
        }
        return {**limits, **around, "seen": seen(shown), "waves_shown": "0", **more}

    def facts(self) -> ActivityFacts:
        self.wednesdays.refresh_from_db()
        return activity_facts({self.wednesdays.pk: self.wednesdays.revision})[self.wednesdays.pk]

    def closes(self, day: date) -> str:
        window = self.facts().window_of(self.meal.pk, opening_on(self.meal, day))
        assert window is not None
        assert window.closes_at == window.cancel_until
        return until_long(window.closes_at).replace("\u00a0", " ") if window.closes_at else ""


@pytest.fixture
def canteen(time_machine: Any) -> Canteen:
    time_machine.move_to("2026-08-01T08:00:00+02:00", tick=False)
    return Canteen()


@pytest.mark.parametrize(("book", "day", "told"), [pytest.param(*row, id=name) for name, *row in PUBLISHED])
def test_a_published_limit_is_tried_then_kept(
    canteen: Canteen, book: dict[str, str], day: date, told: str
) -> None:
    typed = canteen.typed(book, day)
    tried = text(canteen.director.post(canteen.rules, {**typed, "essayer": "1"}))
    instant = told.rpartition(" à ")[0]
    assert f"{instant} {2026} à" in tried.split("Délai saisi")[1]
    assert not BookingRule.objects.exists()
    canteen.director.post(canteen.rules, {**typed, "enregistrer": "1"})
    assert canteen.closes(day) == told


def test_weekdays_that_are_taken_together(canteen: Canteen) -> None:
    """Monday and Tuesday until the Friday at 9, Thursday and Friday until the Tuesday at 9."""
    for book, weekdays in ((week(4, 1, "09:00"), ["0", "1"]), (week(1, 0, "09:00"), ["3", "4"])):
        typed = canteen.typed(book, date(2026, 9, 14), weekdays=weekdays, enregistrer="1")
        canteen.director.post(canteen.rules, typed)
    assert [canteen.closes(date(2026, 9, day)) for day in (14, 15, 17, 18)] == [
        "jusqu’au vendredi 11 septembre à 9 h 00",
        "jusqu’au vendredi 11 septembre à 9 h 00",
        "jusqu’au mardi 15 septembre à 9 h 00",
        "jusqu’au mardi 15 septembre à 9 h 00",
    ]


def test_the_day_before_but_friday_for_monday(canteen: Canteen) -> None:
    canteen.director.post(canteen.rules, canteen.typed(days(1, "18:00"), date(2026, 9, 14), enregistrer="1"))
    friday = canteen.typed(week(4, 1, "16:00"), date(2026, 9, 14), weekdays=["0"], enregistrer="1")
    canteen.director.post(canteen.rules, friday)
    assert canteen.closes(date(2026, 9, 14)) == "jusqu’au vendredi 11 septembre à 16 h 00"
    assert canteen.closes(date(2026, 9, 15)) == "jusqu’au lundi 14 septembre à 18 h 00"


def test_d8_a_window_for_residents_then_for_others(canteen: Canteen) -> None:
    waves = {"waves_shown": "2"}
    for number, (audience, at) in enumerate((("residents", "2026-08-21T07:00"), ("all", "2026-08-28T07:00"))):
        wave = {"audience": audience, "kind": FIXED, "at": at, "off_day": "kept", "judged": "day"}
        waves |= {f"wave-{number}-{name}": value for name, value in wave.items()}
    canteen.director.post(
        canteen.rules, canteen.typed(PUBLISHED[7][1], date(2026, 10, 19), **waves, enregistrer="1")
    )
    window = canteen.facts().window_of(canteen.meal.pk, opening_on(canteen.meal, date(2026, 10, 19)))
    assert window is not None
    assert [from_long(one.at).replace("\u00a0", " ") for one in window.opens if one.at] == [
        "à partir du vendredi 21 août à 7 h 00",
        "à partir du vendredi 28 août à 7 h 00",
    ]


def test_nonsense_in_each_blank_is_said_beside_it_and_the_rule_of_before_stays(canteen: Canteen) -> None:
    day = date(2026, 9, 17)
    canteen.director.post(canteen.rules, canteen.typed(days(1, "18:00"), day, enregistrer="1"))
    held = canteen.closes(day)
    for nonsense in (
        {"book-strict": "x"},
        {"book-off_day": ""},
        {"book-kind": DAYS, "book-days_anchor": "year"},
        {"book-kind": DAYS, "book-days_counting": "²"},
        {"weekdays": ["7"]},
        {"waves_shown": "1", "wave-0-audience": "x", "wave-0-kind": "always", "wave-0-off_day": "kept"},
        {"waves_shown": "1", "wave-0-audience": "all", "wave-0-kind": "x", "wave-0-off_day": "kept"},
        {"waves_shown": "1", "wave-0-audience": "all", "wave-0-kind": FIXED, "wave-0-at": "demain"},
        {
            "waves_shown": "1",
            "wave-0-audience": "schools",
            "wave-0-kind": "always",
            "wave-0-schools": ["9" * 30],
        },
        {"waves_shown": "1", "wave-0-audience": "all", "wave-0-kind": "always", "wave-0-judged": "x"},
    ):
        page = canteen.director.post(
            canteen.rules, {**canteen.typed(days(2, "09:00"), day), **nonsense, "enregistrer": "1"}
        )
        assert page.status_code == 200, nonsense
        assert 'class="fault"' in unescape(page.content.decode()), nonsense
        assert canteen.closes(day) == held
