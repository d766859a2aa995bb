"""Any authority that a file can say: written, exported and brought in elsewhere, it is the same."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marelle.definitions import rules, values
from marelle.definitions.dumping import emitted
from tests.definitions.example import NOW, changes, exported, written
from tests.definitions.test_reading import HOURS, TEXT, _limits

pytestmark = pytest.mark.django_db

DAYS = st.sampled_from(values.WEEKDAYS)
HOUR = HOURS.filter(lambda hour: hour < time(23)).map(values.HOUR.write)
LIMIT = _limits().map(rules.LIMIT.write)
MAYBE = st.booleans().map(lambda one: "oui" if one else "non")


def named(number: int, text: str) -> str:
    """Not empty, and not that of another."""
    return f"{text.replace(chr(0x85), '').replace(chr(0x2028), '')[:30]} {number}"


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, Any]:
    names = st.lists(TEXT, min_size=3, max_size=3)
    groups = draw(st.integers(0, 2))
    slots = draw(st.integers(1, 3))
    gauges = draw(st.integers(1, 2))
    activities = {}
    for number in range(draw(st.integers(1, 2))):
        hours = [sorted(draw(st.sets(HOUR, min_size=2, max_size=2))) for _ in range(slots)]
        links = draw(st.sets(st.integers(1, slots - 1), max_size=2)) if slots > 1 else set()
        activities[f"activite-{number}"] = {
            "structure": "lieu",
            "nom": named(number, draw(TEXT)),
            "nature": draw(st.sampled_from(["mercredis", "périscolaire", "vacances"])),
            "calendrier": "ecole",
            "du": "01/09/2026",
            "au": draw(st.sampled_from(["30/11/2026", "04/12/2026"])),
            "description": draw(TEXT),
            "âge minimum": values.FIRST_AGE.write(draw(st.integers(0, 60))),
            "âge maximum": values.LAST_AGE.write(draw(st.integers(60, 200))),
            "inscription": "demandée",
            "réservation": "par la famille",
            "heures d’arrivée et de départ": draw(MAYBE),
            "documents demandés": ["papier"] if draw(st.booleans()) else [],
            "groupes": {
                f"groupe-{one}": {"nom": named(one, ""), "âge minimum": f"{one + 1} mois"}
                for one in range(groups)
            },
            "créneaux": {
                f"creneau-{one}": {
                    "nom": named(one, draw(TEXT)),
                    "de": hours[one][0],
                    "à": hours[one][1],
                    "jours": sorted(draw(st.sets(DAYS, min_size=1))),
                    "repas compris": draw(MAYBE),
                    "exclut": ["creneau-0"] if one in links else [],
                    "jauges": draw(st.sampled_from([["jauge-0"], [], [f"jauge-{gauges - 1}"]])),
                }
                for one in range(slots)
            },
            "délais": {
                f"delai-{one}": {
                    "depuis": f"0{one + 1}/09/2026", "réserver": draw(LIMIT), "annuler": draw(LIMIT),
                }
                for one in range(draw(st.integers(0, 2)))
            },
            "questions": {
                f"question-{one}": {"question": named(one, draw(TEXT)), "obligatoire": draw(MAYBE)}
                for one in range(draw(st.integers(0, 2)))
            },
        }  # fmt: skip
    first, second, third = draw(names)
    structure = {
        "collectivité": "mairie",
        "nom": named(0, draw(TEXT)),
        "nature": "périscolaire",
        "commune": "bourg",
        "contacts": {
            f"contact-{one}": {"pour": named(one, draw(TEXT))} for one in range(draw(st.integers(0, 2)))
        },
        "jauges": {
            f"jauge-{one}": {"nom": named(one, ""), "places": str(draw(st.integers(0, 99)))}
            for one in range(gauges)
        },
    }
    authority = {"nom": named(0, first), "nom court": named(0, second[:20]), "adresse": draw(TEXT)}
    paper = {"collectivité": "mairie", "nom": named(0, draw(TEXT)), "pourquoi": "?", "de qui": "l’enfant"}
    zone = draw(st.sampled_from("ABC"))
    return {
        "collectivités": {"mairie": authority},
        "communes": {"bourg": {"nom": named(0, third), "code postal": "01000", "collectivités": ["mairie"]}},
        "calendriers": {"ecole": {"nom": "École", "zone": zone, "jours d’école": ["lundi"]}},
        "structures": {"lieu": structure},
        "documents": {"papier": paper},
        "activités": activities,
    }


def comes_back(world: dict[str, Any]) -> None:
    text = "\n".join(line for word, section in world.items() for line in emitted(word, section, 0))
    with transaction.atomic():
        written(text)
        export = exported()
        assert changes(text) == {}
        assert changes(export) == {}
        transaction.set_rollback(True)
    with transaction.atomic():
        written(export)
        assert exported() == export
        transaction.set_rollback(True)


SETTINGS: dict[str, Any] = {
    "suppress_health_check": list(HealthCheck),
    "deadline": None,
    "derandomize": False,
}


@pytest.fixture(autouse=True)
def then(time_machine) -> None:
    time_machine.move_to(NOW)


@pytest.mark.once
@given(worlds())
@settings(max_examples=4, **SETTINGS)
def test_any_world_comes_back(world: dict[str, Any]) -> None:
    comes_back(world)


@pytest.mark.prove
@given(worlds())
@settings(max_examples=100, **SETTINGS)
def test_a_hundred_worlds_come_back(world: dict[str, Any]) -> None:
    comes_back(world)
