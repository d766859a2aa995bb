"""The file of the demo says what it says whatever the day it is built for, and is what the demo shows."""

from __future__ import annotations

import re
from datetime import date

import pytest
import yaml

from marelle.definitions.services import definitions_compared
from marelle.definitions.tree import definitions_read
from marelle.demo.definitions import plan_of, text_of, write_definitions
from marelle.demo.year import SchoolYear
from tests.definitions.example import NOW


@pytest.mark.parametrize("today", [date(2026, 9, 1), date(2028, 2, 29), date(2027, 8, 20)])
def test_its_days_follow_the_school_year(today: date) -> None:
    year = SchoolYear(today)
    text = text_of(year)
    assert "<" not in text
    plan = plan_of(definitions_read(text), year)
    holidays = plan.activity("vacances-arelle")
    assert [(rule.since, rule.until) for rule in holidays.rules] == [
        (span.first_day, span.last_day) for span in year.holidays
    ]
    assert {key for one in plan.structures for key in one.closures if key.announced_late} != set()


def test_the_ages_of_a_contact_are_those_of_what_its_structure_offers() -> None:
    told = yaml.safe_load(text_of(SchoolYear(date(2026, 9, 1))))
    for key, structure in told["structures"].items():
        offered = [one for one in told["activités"].values() if one["structure"] == key != "relais"]
        for contact in structure["contacts"].values():
            ages = re.fullmatch(r"(?P<first>\d+)(?P<unit> mois)? – (?P<last>\d+) ans", contact["âges"])
            if offered and ages:
                first = f"{ages['first']}{ages['unit'] or ' ans'}"
                assert {one["âge minimum"] for one in offered} == {first}, key
                assert {one["âge maximum"] for one in offered} == {f"{ages['last']} ans"}, key


@pytest.mark.once
@pytest.mark.django_db
def test_what_is_written_is_what_the_file_says() -> None:
    year = SchoolYear(NOW.date())
    plan, places = write_definitions(year)
    found, _held = definitions_compared(text_of(year), now=NOW)
    assert (found.changes, found.left) == ((), ())
    assert set(places.activities) == {one.key for one in plan.activities}
    whole_day = places.slots["mercredis-arelle", "journee"].pk
    small = places.groups["mercredis-arelle", "petits"].pk
    assert {one.name for one in places.draws[whole_day, small]} == {
        "Matin, 3–5 ans", "Après-midi, 3–5 ans", "Salle à manger du foyer d’Arelle",
    }  # fmt: skip
