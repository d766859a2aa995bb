"""The page of who waits, in a browser: nothing to do, nothing to run, and in by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from marelle.room import rules
from marelle.room.gate import Gate
from marelle.room.ledger import Ledger
from marelle.room.rules import Load
from marelle.shell.waiting import WaitingPage
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

PLACES = 2


class Clock:
    ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def room(live_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """The live server behind a gate that is open and full. By its clock places are given back."""
    monkeypatch.setattr(rules, "places_next", lambda *_places, **_told: float(PLACES))
    monkeypatch.setattr(Ledger, "load", lambda _ledger: Load(0, 16, 0.0))
    clock = Clock()
    ledger = Ledger(tmp_path / "ledger", threads=8)
    ledger.open_between(clock() - 60, clock() + 3600)
    for _visitor in range(PLACES + 1):
        ledger.arrive(mark=0, now=clock())
    server = live_server.thread.httpd
    before = server.get_app()
    gate = Gate(
        before, path=tmp_path / "ledger", page=WaitingPage(), named=lambda _now: [clock()], clock=clock
    )
    server.set_app(gate)
    yield clock
    server.set_app(before)


@pytest.mark.parametrize("width", [390, 1280])
def test_who_waits_reads_its_place_and_comes_in_without_a_script(
    room: Clock, open_page: Any, axe: Any, width: int
) -> None:
    Scenario().the_authority  # noqa: B018 - whose name is above the page
    page = open_page(width=width, javascript=width != 390, forgive=("503",))
    page.goto("/connexion/")
    told = page.locator("dl.facts")
    expect(page.get_by_role("heading", name="Salle d’attente")).to_be_visible()
    expect(told).to_contain_text("1 personne")
    ticket = page.context.cookies()
    page.get_by_role("link", name="Recharger maintenant").click()
    expect(told).to_contain_text("1 personne")
    assert page.context.cookies() == ticket
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if width != 390:
        assert axe(page) == []
    # Both who were inside have gone, and so has who was before.
    room.ahead = rules.ABSENT + 1
    expect(page.get_by_role("heading", name="Je me connecte")).to_be_visible()
