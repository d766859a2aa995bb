"""Asking API Particulier: its published examples, each of its errors, and one that lies, drags or is down."""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from marelle.core.environment import Environment, ParticulierApi, WrongSetting
from marelle.families.caf import asking
from marelle.families.caf.answers import NoAnswer
from marelle.families.caf.asking import ask_by_identity, ask_by_token
from marelle.families.caf.rules import Identity, Outcome, Said, What, WrongIdentity, identity_check
from marelle.families.incomes.rules import IncomeKind
from tests.particulier import (
    HTML,
    QUOTIENT,
    SIRET,
    TOKEN,
    Fake,
    Reply,
    as_json,
    good,
    particulier,
    quotient,
    resources,
    wrong,
)

NOW = datetime(2025, 1, 15, 9, 0, tzinfo=UTC)
LEFEBVRE = Identity("LEFEBVRE", ("ALEXIS",), date(1982, 12, 27), "F", "08480")
FAKIR = Identity("FAKIR", ("EYMEN", "MOHAMED"), date(1992, 11, 14), "M", "99350")


@pytest.fixture(scope="module")
def server():
    with particulier() as fake:
        yield fake


@pytest.fixture
def fake(server: Fake) -> Fake:
    server.says = None
    server.asked.clear()
    return server


def ask(fake: Fake, what: What = What.QUOTIENT, identity: Identity = LEFEBVRE) -> Said:
    return ask_by_identity(fake.api, what, identity, now=NOW)


def trouble(fake: Fake, reply: Reply, what: What = What.QUOTIENT) -> NoAnswer:
    fake.says = lambda: reply
    with pytest.raises(NoAnswer) as caught:
        ask(fake, what)
    return caught.value


def test_a_quotient_by_identity(fake: Fake) -> None:
    """The fake answers by its examples alone: every parameter is as it is published."""
    assert ask(fake) == Said({IncomeKind.QUOTIENT: Decimal(2550)}, fund="CNAF", month=date(2024, 12, 1))
    assert ask(fake, identity=FAKIR).amounts == {IncomeKind.QUOTIENT: Decimal(4270)}
    assert {bearer for _path, _query, bearer in fake.asked} == {TOKEN}


def test_a_quotient_by_france_connect(fake: Fake) -> None:
    """Its token opens it in the place of ours, and tells of whom: nothing else does."""
    said = ask_by_token(fake.api, What.QUOTIENT, "a", now=NOW)
    assert said.amounts == {IncomeKind.QUOTIENT: Decimal(2550)}
    assert [(path, bearer) for path, _query, bearer in fake.asked] == [
        ("/v3/dss/quotient_familial/france_connect", "a")
    ]
    with pytest.raises(NoAnswer) as caught:
        ask_by_token(fake.api, What.QUOTIENT, "autre", now=NOW)
    assert caught.value.outcome is Outcome.EXPIRED


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        (401, "50002", Outcome.EXPIRED),
        (401, "42502", Outcome.EXPIRED),
        (401, "50001", Outcome.RIGHTS),
        (401, "50003", Outcome.RIGHTS),
        (401, "00101", Outcome.RIGHTS),
        (403, "50002", Outcome.RIGHTS),
        (502, "50502", Outcome.DOWN),
    ],
)
def test_each_trouble_of_a_token(fake: Fake, status: int, code: str, outcome: Outcome) -> None:
    fake.says = lambda: wrong(status, code)
    with pytest.raises(NoAnswer) as caught:
        ask_by_token(fake.api, What.QUOTIENT, "jeton-de-franceconnect", now=NOW)
    assert caught.value.outcome is outcome
    assert caught.value.detail == f"status {status}, code {code}, by FranceConnect"
    assert "jeton" not in str(caught.value)
    assert trouble(fake, wrong(401, "50002")).outcome is Outcome.RIGHTS, "by our own, nothing has expired"


def test_resources_of_a_year_are_told_by_month(fake: Fake) -> None:
    amounts = {
        IncomeKind.RESOURCES: Decimal("3410.25"),
        IncomeKind.DEPENDANTS: Decimal(1),
        IncomeKind.AEEH: Decimal(1),
    }
    assert ask(fake, What.RESOURCES) == Said(amounts, year=2023)


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (wrong(404, "37003"), Outcome.NOT_FOUND),
        (wrong(404, "37999"), Outcome.NOT_FOUND),
        (wrong(404, "37002"), Outcome.SLOW),
        (wrong(502, "37002"), Outcome.SLOW),
        (wrong(502, "37999"), Outcome.DOWN),
        (wrong(504, "01504"), Outcome.SLOW),
        (wrong(422, "00366"), Outcome.REFUSED),
        (wrong(400, "00400"), Outcome.REFUSED),
        (wrong(401, "00101"), Outcome.RIGHTS),
        (wrong(403, "00100"), Outcome.RIGHTS),
        (wrong(500, "00500"), Outcome.DOWN),
        (wrong(503, "01503"), Outcome.DOWN),
        ((503, {"Content-Type": "text/html"}, b"<html>"), Outcome.DOWN),
        ((404, {"Content-Type": "text/html"}, b"<html>"), Outcome.LIES),
        (as_json({"errors": [{"code": ["37003"]}]}, 404), Outcome.LIES),
        (as_json({"errors": "37003"}, 404), Outcome.LIES),
        ((302, {"Location": "/v3/dss/quotient_familial/ailleurs"}, b""), Outcome.LIES),
        ((204, {}, b""), Outcome.LIES),
        (HTML, Outcome.LIES),
        ((200, {"Content-Type": "application/json"}, b"[" * 9000), Outcome.LIES),
        ((200, {"Content-Type": "application/json"}, b'{"data": '), Outcome.LIES),
        ((200, {"Content-Type": "application/json"}, b" " * 300_000), Outcome.LIES),
        (as_json([]), Outcome.LIES),
        (as_json({"data": []}), Outcome.LIES),
        (good(), Outcome.NOTHING),
        (good(quotient_familial=None), Outcome.NOTHING),
        (quotient(None, 2024, 12), Outcome.NOTHING),
        (good(quotient_familial=[]), Outcome.LIES),
        (quotient("734", 2024, 12), Outcome.LIES),
        (quotient(True, 2024, 12), Outcome.LIES),
        (quotient(-1, 2024, 12), Outcome.LIES),
        (quotient(100_000, 2024, 12), Outcome.LIES),
        (quotient(734.5, 2024, 12), Outcome.LIES),
        (quotient(734, 2024, 13), Outcome.LIES),
        (quotient(734, 2024, 0), Outcome.LIES),
        (quotient(734, 2025, 2), Outcome.LIES),
        (quotient(734, 2019, 12), Outcome.LIES),
        (quotient(734, "2024", 12), Outcome.LIES),
        (quotient(734, 2024, 12, "<b>"), Outcome.LIES),
        (quotient(734, 2024, 12, None), Outcome.LIES),
    ],
)
def test_each_trouble_of_a_quotient(fake: Fake, reply: Reply, outcome: Outcome) -> None:
    assert trouble(fake, reply).outcome is outcome
    assert len(fake.asked) == 1, "no redirect is followed, and nothing is asked twice"


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (good(), Outcome.NOTHING),
        (good(parametres_calcul_participation_familiale={}), Outcome.NOTHING),
        (resources(None, 2023), Outcome.NOTHING),
        (resources("40923", 2023), Outcome.LIES),
        (resources(-1, 2023), Outcome.LIES),
        (resources(1_200_000, 2023), Outcome.LIES),
        (resources(40923, "2023"), Outcome.LIES),
        (resources(40923, 2026), Outcome.LIES),
        (resources(40923, 2023, children=21, aeeh=0), Outcome.LIES),
        (resources(40923, 2023, children=1, aeeh=2), Outcome.LIES),
        (resources(40923, 2023, children=None), Outcome.LIES),
        (good(parametres_calcul_participation_familiale="x"), Outcome.LIES),
        (good(parametres_calcul_participation_familiale={"base_ressources_annuelles": 5}), Outcome.LIES),
    ],
)
def test_each_trouble_of_resources(fake: Fake, reply: Reply, outcome: Outcome) -> None:
    assert trouble(fake, reply, What.RESOURCES).outcome is outcome


@pytest.mark.parametrize(
    ("header", "pause"),
    [
        ("120", timedelta(minutes=2)),
        ("0", timedelta(minutes=1)),
        ("43200", timedelta(hours=12)),
        ("9" * 40, timedelta(hours=24)),
        ("Wed, 15 Jan 2025 09:30:00 GMT", timedelta(minutes=30)),
        ("Wed, 15 Jan 2020 09:30:00 GMT", timedelta(minutes=1)),
        ("Wed, 15 Jan 2025 09:30:00 -0000", timedelta(hours=1)),
        ("demain", timedelta(hours=1)),
        ("", timedelta(hours=1)),
    ],
)
def test_too_many_says_for_how_long(fake: Fake, header: str, pause: timedelta) -> None:
    found = trouble(fake, wrong(429, "00429", **({"Retry-After": header} if header else {})))
    assert (found.outcome, found.pause) == (Outcome.TOO_MANY, pause)


@pytest.mark.parametrize("how", ["silent", "a sign at a time"])
def test_one_that_is_slow_is_cut(fake: Fake, monkeypatch, how: str) -> None:
    monkeypatch.setattr(asking, "SECONDS", 0.2)
    over = threading.Event()

    def said() -> Reply:
        if how == "silent":
            over.wait(5)
            return HTML
        return 200, {"Content-Type": "application/json", "X-Drip": "1"}, b"{" + b" " * 200

    fake.says = said
    began = time.monotonic()
    with pytest.raises(NoAnswer) as caught:
        ask(fake)
    over.set()
    assert caught.value.outcome is Outcome.SLOW
    assert time.monotonic() - began < 2


def test_one_that_is_down() -> None:
    with particulier() as gone:
        pass
    with pytest.raises(NoAnswer) as caught:
        ask(gone)
    assert caught.value.outcome is Outcome.DOWN


def test_few_wait_for_it_at_once(fake: Fake, monkeypatch) -> None:
    monkeypatch.setattr(asking, "_seats", threading.BoundedSemaphore(1))
    with asking._seats, pytest.raises(NoAnswer) as caught:
        ask(fake)
    assert caught.value.outcome is Outcome.BUSY
    ask(fake)


def test_what_is_said_of_a_trouble_names_nobody(fake: Fake, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    said = [str(trouble(fake, reply)) for reply in (wrong(404, "37003"), quotient("x", 2024, 12), HTML)]
    told = f"{said} {caplog.text} {LEFEBVRE!r} {Said({IncomeKind.QUOTIENT: Decimal(2550)})!r} {fake.api!r}"
    assert not [word for word in ("LEFEBVRE", "1982", "2550", TOKEN) if word in told]


@pytest.mark.parametrize(
    ("field", "identity"),
    [
        ("birth_name", Identity(" ", ("ALEXIS",), date(1982, 12, 27), "F", "08480")),
        ("birth_name", Identity("A" * 81, ("ALEXIS",), date(1982, 12, 27), "F", "08480")),
        ("birth_name", Identity("LE\nFEBVRE", ("ALEXIS",), date(1982, 12, 27), "F", "08480")),
        ("first_names", Identity("LEFEBVRE", (), date(1982, 12, 27), "F", "08480")),
        ("first_names", Identity("LEFEBVRE", ("A",) * 7, date(1982, 12, 27), "F", "08480")),
        ("first_names", Identity("LEFEBVRE", ("1",), date(1982, 12, 27), "F", "08480")),
        ("birth_date", Identity("LEFEBVRE", ("A",), date(2025, 1, 15), "F", "08480")),
        ("birth_date", Identity("LEFEBVRE", ("A",), date(1899, 12, 31), "F", "08480")),
        ("sex", Identity("LEFEBVRE", ("A",), date(1982, 12, 27), "X", "08480")),
        ("place", Identity("LEFEBVRE", ("A",), date(1982, 12, 27), "F", "0848")),
        ("place", Identity("LEFEBVRE", ("A",), date(1982, 12, 27), "F", "00480")),
        ("place", Identity("LEFEBVRE", ("A",), date(1982, 12, 27), "F", "99100")),
        ("place", Identity("LEFEBVRE", ("A",), date(1982, 12, 27), "F", "96000")),
    ],
)
def test_what_is_no_identity_is_not_asked_about(field: str, identity: Identity) -> None:
    with pytest.raises(WrongIdentity) as caught:
        identity_check(identity, day=date(2025, 1, 15))
    assert caught.value.code == field


@pytest.mark.parametrize("place", ["08480", "2A004", "97105", "98735", "99350", "75113"])
def test_places_of_birth(place: str) -> None:
    identity_check(Identity("D'Été", ("Zoé",), date(1982, 12, 27), "F", place), day=date(2025, 1, 15))


GIVEN = {"API_PARTICULIER_TOKEN": TOKEN, "API_PARTICULIER_SIRET": "130 025 265 00013"}


def api(**given: str) -> ParticulierApi | None:
    changed = {f"API_PARTICULIER_{name}": value for name, value in given.items()}
    return Environment({**GIVEN, **changed}).particulier()


def test_it_is_off_until_it_is_given() -> None:
    assert Environment({}).particulier() is None
    assert Environment({"API_PARTICULIER_URL": "https://a.fr"}).particulier() is None
    assert api() == ParticulierApi("https://particulier.api.gouv.fr", TOKEN, SIRET)
    assert api(FRANCECONNECT="0") == api()
    switched = Environment(
        {**GIVEN, "API_PARTICULIER_FRANCECONNECT": "1", "FRANCECONNECT_ISSUER": "https://a.fr"}
    )
    found = switched.particulier()
    assert found is not None
    assert (found.by_franceconnect, found.resources_too) == (True, False)
    both = Environment({**switched.values, "API_PARTICULIER_FRANCECONNECT_EAJE": "1"}).particulier()
    assert both is not None
    assert both.resources_too
    assert api(URL="http://127.0.0.1:8001").url == "http://127.0.0.1:8001"  # type: ignore[union-attr]


def test_by_franceconnect_needs_its_own_token_too() -> None:
    with pytest.raises(WrongSetting) as caught:
        Environment(
            {"API_PARTICULIER_FRANCECONNECT": "1", "FRANCECONNECT_ISSUER": "https://a.fr"}
        ).particulier()
    assert "API_PARTICULIER_TOKEN is missing" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOKEN", ""),
        ("TOKEN", "deux mots"),
        ("TOKEN", "é"),
        ("SIRET", ""),
        ("SIRET", "13002526500014"),
        ("FRANCECONNECT", "oui"),
        ("FRANCECONNECT", "1"),
        ("FRANCECONNECT_EAJE", "1"),
        ("URL", "http://particulier.api.gouv.fr"),
        ("URL", "https://particulier.api.gouv.fr/v3"),
        ("URL", "https://qui:quoi@particulier.api.gouv.fr"),
        ("URL", "https://particulier.api.gouv.fr:nul"),
    ],
)
def test_what_is_half_given_or_wrong_stops_the_start(name: str, value: str) -> None:
    with pytest.raises(WrongSetting) as caught:
        api(**{name: value})
    assert caught.value.name == f"API_PARTICULIER_{name}"
    assert TOKEN not in str(caught.value)


def test_the_fake_knows_nobody_else(fake: Fake) -> None:
    """The control of all examples: a parameter more or less would be somebody else."""
    other = Identity("LEFEBVRE", ("ALEXIS", "MARIE"), date(1982, 12, 27), "F", "08480")
    with pytest.raises(NoAnswer) as caught:
        ask(fake, identity=other)
    assert caught.value.outcome is Outcome.NOT_FOUND
    assert ("quotient_familial", fake.api.siret) == (QUOTIENT, SIRET)
