"""Cells that open while the page is shown: by the server's clock, and without asking it anything."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import expect

from marelle.activities.models import Activity, Opening, Quota
from marelle.activities.rules import Limit, LimitKind, Wave
from marelle.bookings.models import Booking
from marelle.core.clock import PARIS
from marelle.planning.opening import SOON
from tests.scenario import Home, Scenario

MONDAY = date(2026, 12, 14)
OPENS = datetime(2026, 12, 1, 8, 30, tzinfo=PARIS)
LATER = OPENS + timedelta(minutes=10)


class Morning(Scenario):
    """Two structures whose bookings open one after the other, for the children of one home."""

    def __init__(self) -> None:
        super().__init__()
        self.durand: Home = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.first = self._offered("Mercredis", OPENS, [("Matin", "08:00", "12:00")])
        self.second = self._offered(
            "Club", LATER, [("Soir", "16:30", "18:00")], structure=self.structure("Club d’Arelle")
        )
        self.page = f"/reservations/?enfant={self.zoe.pk}&date={MONDAY}&vue=semaine&activite=toutes"

    def _offered(
        self, name: str, opens: datetime, slots: Iterable[tuple[str, str, str]], **fields: Any
    ) -> list[Opening]:
        activity: Activity = self.activity(name, **fields)
        for slot in slots:
            self.slot(activity, *slot, weekdays=range(5), capacity=2)
        self.rule(activity, waves=[Wave(Limit(LimitKind.FIXED, at=opens))])
        self.enrolment(self.zoe, activity, self.durand)
        return self.openings(activity, MONDAY, MONDAY + timedelta(days=4))

    def client(self) -> Client:
        client = Client()
        client.force_login(self.durand.user)
        return client


def key(world: Morning, opening: Opening) -> str:
    return f'value="{world.zoe.pk}.{opening.pk}"'


@pytest.mark.django_db
def test_a_page_read_before_holds_what_opens_within_the_hour_each_at_its_own_instant(
    time_machine: Any,
) -> None:
    time_machine.move_to(OPENS - timedelta(minutes=5), tick=False)
    world = Morning()
    Quota.objects.filter(openings=world.first[1]).update(capacity=0)
    client = world.client()
    page = client.get(world.page).content.decode()
    assert f'data-now="{(OPENS - timedelta(minutes=5)).timestamp():.3f}"' in page
    for openings, at in ((world.first, OPENS), (world.second, LATER)):
        cell = page.partition(key(world, openings[0]))[2].partition("</label>")[0]
        assert f"data-o={int(at.timestamp())}" in cell
        assert 'data-k="free"' in cell
        assert " disabled>" in cell
    # What is full already opens with the page, as before.
    assert key(world, world.first[1]) not in page
    assert "à partir de 8\u00a0h\u00a030" in page
    # The server alone decides: what a page says too soon is refused.
    client.post(world.page, {"c": f"{world.zoe.pk}.{world.first[0].pk}"})
    assert not Booking.objects.exists()
    time_machine.move_to(OPENS, tick=False)
    client.post(world.page, {"c": [f"{world.zoe.pk}.{one[0].pk}" for one in (world.first, world.second)]})
    assert [one.opening_id for one in Booking.objects.all()] == [world.first[0].pk]


@pytest.mark.django_db
def test_a_page_read_long_before_or_after_is_as_it_was(
    time_machine: Any, django_assert_max_num_queries: Any
) -> None:
    time_machine.move_to(OPENS - SOON - timedelta(minutes=1), tick=False)
    world = Morning()
    client = world.client()
    for now in (OPENS - SOON - timedelta(minutes=1), LATER + timedelta(minutes=1)):
        time_machine.move_to(now, tick=False)
        client.get(world.page)
        with django_assert_max_num_queries(13):
            page = client.get(world.page).content.decode()
        assert "data-o=" not in page
        assert "data-now" not in page
        assert 'id="opening"' not in page


@pytest.mark.django_db(transaction=True)
def test_they_open_by_themselves_and_no_request_is_sent(
    open_page: Any, live_server: Any, axe: Any, time_machine: Any
) -> None:
    time_machine.move_to(OPENS - timedelta(seconds=3))
    world = Morning()
    client = world.client()
    page = open_page(width=390)
    name = client.cookies["marelle"]
    page.context.add_cookies([{"name": "marelle", "value": name.value, "url": live_server.url}])
    page.goto(world.page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    box = page.locator(f"input[{key(world, world.first[0])}]")
    cell = page.locator("td.c").filter(has=box)
    expect(box).to_be_disabled()
    expect(cell).to_contain_text("Bientôt")
    assert axe(page) == []
    expect(box).to_be_enabled(timeout=20_000)
    expect(cell).to_contain_text("libre")
    expect(page.locator(f"input[{key(world, world.second[0])}]")).to_be_disabled()
    assert asked == []
    box.check(force=True)
    page.get_by_role("button", name="ENREGISTRER").click()
    expect(page.get_by_text("Réservé").first).to_be_visible()
    assert Booking.objects.get().opening_id == world.first[0].pk
