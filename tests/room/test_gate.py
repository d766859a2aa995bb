"""What stands before the framework: whom it lets through, whom it asks to wait, and by which page."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from itertools import count
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from marelle.room import gate as stands
from marelle.room import rules
from marelle.room.gate import BESIDE, Gate
from marelle.room.ledger import Ledger
from marelle.room.rules import Load
from marelle.room.tickets import ENTRANCE_COOKIE, TICKET_COOKIE, entrance_written, keys

NOW = 1_800_000_000.0
PLACES = 8
SESSION = "marelle"


@dataclass
class Site:
    """A framework that answers all, behind a gate whose opening is now."""

    path: Path
    now: float = NOW
    named: tuple[float, ...] = (NOW,)
    sets: list[tuple[str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    numbers: Callable[[], int] | None = None

    def __post_init__(self) -> None:
        self.gate = Gate(
            self._framework,
            path=self.path,
            page=lambda ahead, minutes, writes: f"{ahead} {minutes} {writes}".encode(),
            named=lambda _now: self.named,
            numbers=self.numbers,
            clock=lambda: self.now,
        )

    def _framework(self, environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        self.asked.append(environ["PATH_INFO"])
        start_response("200 OK", [("Content-Type", "text/plain"), *self.sets])
        return [b"in"]


class Browser:
    def __init__(self, site: Site, **cookies: str) -> None:
        self.site, self.cookies = site, cookies
        self.headers: dict[str, str] = {}

    def asks(
        self, path: str = "/reservations/", method: str = "GET", body: bytes = b"", **more: str
    ) -> bytes:
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
            "wsgi.url_scheme": "http",
            "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            **more,
        }

        def start(status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
            self.status, self.headers = status, dict(headers)
            for name, value in headers:
                if name == "Set-Cookie":
                    key, _sign, rest = value.partition("=")
                    self.cookies[key] = rest.partition(";")[0]

        return b"".join(self.site.gate(environ, start))

    def is_in(self, *asked: Any, **more: Any) -> bool:
        return self.asks(*asked, **more) == b"in"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Open, and full."""
    monkeypatch.setattr(stands.threading, "Thread", AtOnce)
    monkeypatch.setattr(rules, "places_next", lambda *_places, **_told: float(PLACES))
    monkeypatch.setattr(Ledger, "load", lambda _ledger: Load(0, 16, 0.0))
    one = Site(tmp_path / "room" / "ledger")
    for _place in range(PLACES):
        assert Browser(one).is_in()
    return one


class AtOnce:
    def __init__(self, target: Callable[..., None], args: tuple[Any, ...], **_told: Any) -> None:
        self.start = lambda: target(*args)


def test_nobody_waits_where_nothing_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(stands.threading, "Thread", AtOnce)
    site = Site(tmp_path / "ledger", named=())
    for _visitor in range(40):
        browser = Browser(site)
        assert browser.is_in()
        assert not browser.cookies


def test_who_waits_has_a_whole_answer_that_asks_again_by_itself(site):
    browser = Browser(site)
    assert browser.asks() == b"0 1 False"
    assert browser.status.startswith("503")
    assert browser.headers["Cache-Control"] == "no-store"
    assert 1 <= int(browser.headers["Refresh"]) <= rules.LONGEST * 2
    assert browser.headers["Retry-After"] == browser.headers["Refresh"]
    assert "default-src 'self'" in browser.headers["Content-Security-Policy"]
    assert "HttpOnly; SameSite=Lax" in browser.headers["Set-Cookie"]
    ticket = browser.cookies[TICKET_COOKIE]
    others = [Browser(site) for _visitor in range(3)]
    assert [other.asks() for other in others] == [b"1 None False", b"2 None False", b"3 None False"]
    assert browser.asks() == b"0 1 False"
    assert browser.cookies[TICKET_COOKIE] == ticket
    assert browser.asks(method="HEAD") == b""
    site.now += rules.COUNTED + 2
    for waits in (browser, *others):
        assert waits.is_in()


@pytest.mark.parametrize("path", BESIDE)
def test_files_machines_agents_and_tablets_pass(site, path):
    assert Browser(site).is_in(f"{path}x")


@pytest.mark.parametrize(
    "path", ["/", "/connexion/", "/agentsx/", "//agents/", "/x/agents/", "/reservations/agents/"]
)
def test_what_is_not_theirs_waits(site, path):
    assert not Browser(site).is_in(path)


def test_an_agent_passes_by_its_own_pages_and_by_what_they_gave(site):
    written = entrance_written(3, keys(), now=NOW)
    assert Browser(site, **{ENTRANCE_COOKIE: written}).is_in("/connexion/")
    forged = written.replace("3.", "4.", 1)
    assert not Browser(site, **{ENTRANCE_COOKIE: forged}).is_in("/connexion/")


def test_a_ticket_that_was_forged_or_is_of_another_ledger_is_a_new_one_at_the_end(site, tmp_path):
    first = Browser(site)
    first.asks()
    elsewhere = Browser(Site(tmp_path / "another"))
    elsewhere.asks()
    for text in (
        first.cookies[TICKET_COOKIE].replace(".9.", ".1."),
        elsewhere.cookies[TICKET_COOKIE],
        "é" * 300,
    ):
        liar = Browser(site, **{TICKET_COOKIE: text})
        assert not liar.is_in()
        assert liar.cookies[TICKET_COOKIE] not in {text, first.cookies[TICKET_COOKIE]}


def test_a_ticket_that_is_handed_around_lets_one_session_in(site):
    site.now += rules.COUNTED + 2
    owner = Browser(site)
    site.sets = [("Set-Cookie", f"{SESSION}=one; Path=/")]
    assert owner.is_in("/connexion/", method="POST", body=b"x=1")
    site.sets = []
    assert owner.is_in()
    full(site)
    friend = Browser(site, **{TICKET_COOKIE: owner.cookies[TICKET_COOKIE], SESSION: "two"})
    assert not friend.is_in()
    # Who comes in by it all the same puts its owner out.
    thief = Browser(site, **{TICKET_COOKIE: owner.cookies[TICKET_COOKIE]})
    site.sets = [("Set-Cookie", f"{SESSION}=three; Path=/")]
    assert thief.is_in("/connexion/", method="POST")
    site.sets = []
    assert not owner.is_in()


def full(site: Site) -> None:
    while Browser(site).is_in():
        pass


def test_who_is_in_on_one_machine_is_in_on_the_other(tmp_path, monkeypatch):
    monkeypatch.setattr(stands.threading, "Thread", AtOnce)
    monkeypatch.setattr(rules, "places_next", lambda *_places, **_told: float(PLACES))
    monkeypatch.setattr(Ledger, "load", lambda _ledger: Load(0, 16, 0.0))
    numbers = count(1)
    here, there = (
        Site(tmp_path / name / "ledger", numbers=lambda: next(numbers)) for name in ("here", "there")
    )
    visitor = Browser(here)
    assert visitor.is_in()
    full(here)
    full(there)
    waits = Browser(here)
    assert waits.asks() == b"1 None False"
    for site in (there, here) * 9:
        here.now = there.now = here.now + 4
        visitor.site = waits.site = site
        assert visitor.is_in()
        if waits.is_in():
            break
        full(site)
    # It came in before those who came after it, on either.
    assert waits.cookies[TICKET_COOKIE].split(".")[3].isdigit()


def test_who_signs_out_leaves_its_place(site):
    site.now += rules.COUNTED + 2
    leaving = Browser(site, **{SESSION: "mine"})
    assert leaving.is_in()
    full(site)
    waiting = Browser(site)
    waiting.asks()
    site.sets = [("Set-Cookie", f'{SESSION}=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/')]
    assert leaving.is_in("/deconnexion/", method="POST")
    site.sets = []
    site.now += 1
    for _second in range(3):
        site.now += 1
        if found := waiting.is_in():
            break
    assert found


def test_what_was_typed_by_who_was_in_is_taken_and_the_rank_stays(site):
    writes = Browser(site, **{SESSION: "mine"})
    assert writes.is_in("/contact/ecrire/", method="POST", body=b"texte=long")
    assert not writes.is_in()
    # A password is typed again once one is in.
    stranger = Browser(site)
    assert stranger.asks("//pirate.example/x", method="POST", body=b"x") == b"1 None True"
    assert stranger.headers["Refresh"].endswith("; url=/pirate.example/x")
    assert not writes.is_in("/connexion/", method="POST", body=b"identifier=x")


def test_a_ledger_that_fails_opens_the_doors_and_says_so_once(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(stands.threading, "Thread", AtOnce)
    (tmp_path / "file").write_text("")
    site = Site(tmp_path / "file" / "ledger")
    with caplog.at_level(logging.ERROR):
        assert all(Browser(site).is_in() for _visitor in range(30))
    assert len([one for one in caplog.records if "lets everybody in" in one.message]) == 1


def test_a_ledger_taken_away_meanwhile_opens_the_doors(site, caplog):
    assert not Browser(site).is_in()
    site.path.unlink()
    site.now += 3
    with caplog.at_level(logging.ERROR):
        assert all(Browser(site).is_in() for _visitor in range(30))
    assert "lets everybody in" in caplog.text


def test_a_page_that_cannot_be_made_opens_the_doors(site, caplog):
    def broken(*_asked: object) -> bytes:
        raise ValueError

    site.gate.page = broken
    with caplog.at_level(logging.ERROR):
        assert Browser(site).is_in()
    assert "ValueError" in caplog.text


def test_openings_that_cannot_be_read_leave_it_as_it_was(site, caplog):
    def away(_now: float) -> list[float]:
        raise OSError

    site.gate.named = away
    site.now += 25
    Browser(site).asks()
    assert "could not be read" in caplog.text
    full(site)
    assert not Browser(site).is_in()
    site.gate.named = lambda _now: []
    site.now += rules.ABSENT + 25
    assert all(Browser(site).is_in() for _visitor in range(PLACES * 2))


def test_load_that_lasts_opens_the_room_by_itself(tmp_path, monkeypatch):
    monkeypatch.setattr(stands.threading, "Thread", AtOnce)
    site = Site(tmp_path / "ledger", named=())
    site.gate.load_at = 20
    monkeypatch.setattr(Ledger, "load", lambda _ledger: Load(site_load[0], 16, 0.0))
    site_load = [30]
    for _second in range(4):
        assert Browser(site).is_in()
        site.now += 1
    assert not Browser(site).is_in()
    # For a while, also once there is less: then as before.
    site_load[0] = 1
    site.now += rules.ABSENT + 20
    browser = Browser(site)
    assert browser.is_in()
    assert browser.cookies
    site.now += stands.LOAD_FOR
    again = Browser(site)
    assert again.is_in()
    assert not again.cookies


def test_a_process_that_ends_in_an_error_counts_no_request_any_more(site):
    def breaks(*_asked: object) -> list[bytes]:
        raise ZeroDivisionError

    site.gate.application = breaks
    ledger = site.gate._have()
    for _request in range(3):
        with pytest.raises(ZeroDivisionError):
            Browser(site).asks("/static/x")
    assert all(one.in_flight == 0 for one in ledger.processes())


def test_a_ticket_costs_a_tenth_of_the_smallest_page(site):
    """0.25 ms of processor: of the best of some rounds, since other programs work beside."""
    waiting = [Browser(site) for _visitor in range(200)]
    for one in waiting:
        one.asks()
    costs = []
    for _round in range(5):
        site.now += 0.3
        began = process_time()
        for one in waiting:
            one.asks()
        costs.append((process_time() - began) / len(waiting))
    assert min(costs) < 0.000_25
