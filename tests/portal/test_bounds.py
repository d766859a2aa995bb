"""A page costs what its home has, not what the portal holds: structures of others stay a page away."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.test import Client

from marelle.core.clock import PARIS
from marelle.relay.models import CareRequest
from marelle.relay.rules import Care
from marelle.relay.services import Demand, care_ask
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
OTHERS = 40
THURSDAYS = date(2026, 11, 26)


class Portal(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.ours = self.structure("Zzz, la leur")
        self.past = self.activity(
            "Mercredis passés", structure=self.ours, first_day=date(2025, 9, 1), last_day=date(2026, 8, 31)
        )
        self.enrolment(self.zoe, self.past, self.durand, state="ended")
        self.slot(self.activity("Zzz, chez nous", structure=self.ours), "Matin")

    def others(self, count: int) -> None:
        """Structures of others, each with an activity, one for older children, and a relais with mornings."""
        for number in range(count):
            structure = self.structure(f"Structure {number:02}")
            self.slot(self.activity(f"Activité {number:02}", structure=structure), "Matin")
            older = {"min_age_months": 150, "max_age_months": 200}
            self.slot(self.activity(f"Des grands {number:02}", structure=structure, **older), "Matin")
            relay = self.structure(f"Relais {number:02}", kind="relay")
            mornings = self.activity(
                f"Matinées {number:02}",
                kind="relay",
                structure=relay,
                enrolment_mode="none",
                booking_mode="accompanied",
            )
            self.slot(mornings, "Matinée", "09:30", "11:30", weekdays=[3], capacity=2)
            self.rule(mornings)
            self.openings(mornings, THURSDAYS, THURSDAYS + timedelta(days=6))

    def pages(self) -> list[str]:
        return [
            f"/inscriptions/{self.zoe.pk}/",
            "/inscriptions/plusieurs/",
            "/reservations/matinees/",
            "/guichet-unique/",
            "/contact/",
        ]


@pytest.fixture
def world(time_machine) -> Portal:
    time_machine.move_to(NOW, tick=False)
    return Portal()


@pytest.fixture
def parent(world, client) -> Client:
    client.force_login(world.durand.user)
    return client


def test_structures_of_others_change_neither_queries_nor_size(world, parent, count_queries):
    world.others(OTHERS)
    some = measured(world, parent, count_queries)
    world.others(OTHERS)
    many = measured(world, parent, count_queries)
    for page, (queries, size) in some.items():
        assert many[page][0] == queries, page
        assert many[page][1] < size * 1.35, f"{page}: names of structures to choose from, and no more"


def measured(world: Portal, parent: Client, count_queries) -> dict[str, tuple[int, int]]:
    found = {}
    for page in world.pages():
        parent.get(page)
        with count_queries() as seen:
            size = len(parent.get(page).content)
        found[page] = (len(seen), size)
    return found


def test_what_the_home_knows_comes_first_and_all_is_reached(world, parent):
    world.others(OTHERS)
    page = f"/inscriptions/{world.zoe.pk}/"
    first = parent.get(page).content.decode()
    assert first.index("Zzz, chez nous") < first.index("Activité 00")
    assert "Activité 39" not in first
    assert "Des grands" not in first
    assert "Voir aussi les 40 autres activités" in first
    assert "Activité 39" in parent.get(page, {"page": "3"}).content.decode()
    last = parent.get(page, {"toutes": "1", "page": "5"}).content.decode()
    assert "Des grands 39" in last
    assert "Trop jeune" in last
    one = world.structure("Rare")
    world.slot(world.activity("Rareté", structure=one), "Matin")
    chosen = parent.get(page, {"structure": str(one.pk)}).content.decode()
    assert "Rareté" in chosen
    assert "Activité 00" not in chosen
    for odd in ("x", str(10**30), "-1", "²"):
        assert parent.get(page, {"structure": odd, "page": odd}).status_code == 200


def test_an_activity_of_another_page_may_still_be_asked_for_among_several(world, parent):
    world.others(OTHERS)
    far = world.activity("Tout au bout", structure=world.structure("Bout"))
    key = f"{world.zoe.pk}-{far.pk}"
    page = "/inscriptions/plusieurs/"
    assert key not in parent.get(page).content.decode()
    sent = parent.post(page, {"starts_on": "2026-12-02", "wanted": [key]}, follow=True)
    assert "Tout au bout" in sent.content.decode()


def test_the_relay_of_the_commune_is_asked(world):
    first = world.structure("Relais d’ici", kind="relay")
    other = world.authority("Communauté de là-bas")
    there = world.commune("Là-bas", other)
    served = world.structure("Relais de là-bas", kind="relay", authority=other)
    for commune, relay in ((None, first), (there, served)):
        demand = Demand(
            asker_name="Camille",
            email="camille@familles.example",
            phone="",
            commune_id=commune.pk if commune else None,
            child_first_name="",
            birth_date=None,
            expected_on=date(2027, 3, 4),
            care=Care.ANY,
            starts_on=date(2027, 6, 1),
            weekly={0: (NOW.time().replace(hour=8), NOW.time().replace(hour=17))},
        )
        assert care_ask(actor=world.durand.actor, demand=demand, now=NOW).structure_id == relay.pk
    assert CareRequest.objects.count() == 2
