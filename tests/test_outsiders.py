"""Who has no business with a row or a file gets nothing of it, by whatever address, and writes nothing.

The addresses are those of the resolver: a new route with an id or a token is tried without being named here.
"""

from __future__ import annotations

import json
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from html import unescape
from io import BytesIO
from typing import Any, Protocol, TypeVar
from zipfile import ZipFile

import pytest
import time_machine
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client

from marelle.files.apart import alone
from marelle.flows.actor.feed import feed_token
from marelle.shell.menus import GUEST_HOMES
from tests.apart import OF_THE_CHILD, PRIVATE, Apart
from tests.roles.answers import GUESTS
from tests.roles.sent import POSTED, QUERY, filled
from tests.roles.table import ADDRESSES
from tests.roles.world import NOW
from tests.scenario import Plain
from tests.test_routes import ROUTES, sample

pytestmark = [pytest.mark.django_db, pytest.mark.once]

FAMILIES = ("other_parent", "other_home")
STAFF = ("other_animator", "other_director")
OUTSIDERS = (*FAMILIES, *STAFF, *GUESTS, "anonymous")

AN_ARGUMENT = re.compile(r"<\w+:(\w+)>")
WITH_ID = [address for address in ADDRESSES if AN_ARGUMENT.search(address)]
WITH_TOKEN = [address for address in WITH_ID if "<str:token>" in address]
FOR_ALL = ("/demo/", "/theme/", "/connexion/avec/")
"""The demo's box of mails, which a portal of a real authority has not, the look of the portal, and identity
providers, of which this one has none."""

ROWS = [address for address in WITH_ID if address not in WITH_TOKEN and not address.startswith(FOR_ALL)]

NOT_OFFERED = (
    "/agents/familles/<id:family_id>/revenus/caf/<id:agreement_id>/",
    "/famille/quotient/<id:agreement_id>/redemander/",
)
"""Answered where the environment names API Particulier alone: tests/flows/incomes/test_caf.py."""

# What the other home may open of the child that it shares, and why.
THE_CHILD = {
    "/famille/<id:person_id>/": "the child is in both homes",
    "/famille/<id:person_id>/autorisations/": "each home answers, and reads what the other answered",
    "/famille/<id:person_id>/compte/": "each home opens an account of its own to the child",
    "/famille/<id:person_id>/permission/": "each home gives its own permissions",
    "/famille/<id:person_id>/retirer/": "a home asks for its own membership to end",
    "/famille/<id:person_id>/sante/": "the health sheet is the child's, one for both homes",
    "/famille/<id:person_id>/sante/pai/": "as the health sheet",
    "/famille/<id:person_id>/sante/pai/envoyer/": "as the health sheet",
    "/famille/<id:person_id>/sante/pai/retirer/": "as the health sheet",
    "/famille/<id:person_id>/sante/vaccins/": "as the health sheet",
    "/famille/<id:person_id>/sante/vaccins/<id:vaccination_id>/retirer/": "as the health sheet",
    "/famille/<id:person_id>/venir-chercher/": "each home names its own people",
    "/famille/<id:person_id>/venir-chercher/ajouter/": "each home names its own people",
    "/factures/presence/<id:child_id>/<id:authority_id>/": "each home has its own days of the child",
    "/documents/<id:person_id>/": "each home sends its own papers of the child",
    "/documents/<id:person_id>/<id:type_id>/": "each home sends its own papers of the child",
    "/inscriptions/<id:person_id>/": "the child's enrolments",
    "/inscriptions/<id:person_id>/demander/<id:activity_id>/": "a parent asks for its child",
}
FOR_EVERYBODY = {
    "/tarifs/simuler/<id:activity_id>/": "prices are published",
    "/tirages/<id:drawn_id>/": "a draw is published, by tickets",
    "/tirages/<id:drawn_id>/tirage.json": "a draw is published, by tickets",
}
CLOSED_ALREADY = FOR_EVERYBODY | {
    "/compte/appareils/<id:device_id>/fermer/": "answers as for a device that is closed already"
}
FOR_ALL_FAMILIES = CLOSED_ALREADY | {
    "/documents/foyer/<id:type_id>/": "each home sends its own paper",
    "/factures/prelevement/<id:authority_id>/": "each home accepts a mandate of its own",
    "/factures/prelevement/<id:authority_id>/accepter/": "each home accepts what it was shown itself",
    "/reservations/matinees/<id:opening_id>/": "the relais's mornings are open to all families",
}
OF_THE_AUTHORITY = CLOSED_ALREADY | {
    "/agents/reglages/documents/<id:type_id>/": "papers are the authority's; only its office changes one",
    "/agents/reglages/documents/<id:type_id>/activites/": "a director asks for it in its own activities",
}
OPEN_TO = {
    "other_home": FOR_ALL_FAMILIES | THE_CHILD,
    "other_parent": FOR_ALL_FAMILIES,
    "other_animator": CLOSED_ALREADY,
    "other_director": OF_THE_AUTHORITY,
    "payer": CLOSED_ALREADY
    | {
        "/payeur/<id:payer_bill_id>/": "its own bill",
        "/payeur/<id:payer_bill_id>/pdf/": "its own bill",
    },
    "teen": CLOSED_ALREADY,
    "childminder": CLOSED_ALREADY
    | {
        "/matinees/<id:opening_id>/": "a morning of its relais",
        "/matinees/annuler/<id:brought_id>/": "its own coming",
    },
    "anonymous": FOR_EVERYBODY,
}

MINE_OR_NOBODYS = ("activity_id", "type_id")
"""Arguments that belong to no home: a catalogue."""

SESSION_TABLES = ("django_session", "accounts_device")


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker) -> Iterator[Apart]:
    logging.disable(logging.WARNING)  # each refusal is a line, and there are a thousand
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic(), alone():
        yield Apart()
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def clients(world: Apart) -> dict[str, Client]:
    return {role: _client(world, role) for role in world.users}


def _client(world: Apart, role: str) -> Client:
    client = Plain()
    user = world.users[role]
    if user is not None:
        client.force_login(user)
    client.get("/compte/")
    return client


class Visit:
    """One request, undone afterwards: its answer, what it held, and what it wrote."""

    def __init__(self, client: Client, method: str, path: str, data: dict[str, object] | None = None) -> None:
        self.asked: list[tuple[str, Any]] = []
        with transaction.atomic(), connection.execute_wrapper(self._asks):
            send = client.get if method == "GET" else client.post
            self.answer: HttpResponse = send(path, data or {})
            content = self.answer.getvalue()
            transaction.set_rollback(True)
        shown = unescape(content.decode(errors="replace")).replace("\xa0", " ").replace("\u202f", " ")
        self.text = shown + self.answer.headers.get("Content-Disposition", "")

    def _asks(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.asked.append((sql, params))
        return execute(sql, params, many, context)

    @property
    def written(self) -> list[str]:
        return [
            f"{sql} {params}"
            for sql, params in self.asked
            if sql.startswith(("INSERT", "UPDATE", "DELETE"))
            and not any(table in sql for table in SESSION_TABLES)
        ]

    def asks_of(self, tables: Iterable[str]) -> bool:
        """Whether one of the tables was asked: else the answer does not hang on what they hold."""
        return any(f'"{table}"' in sql for sql, _params in self.asked for table in tables)

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def leads_to(self) -> list[str]:
        return links_of(self.status, self.answer.get("Location", ""), self.text)

    @property
    def asks_who_is_there(self) -> bool:
        return self.status == 302 and self.answer["Location"].startswith("/connexion/?next=")


def told(text: str, markers: dict[str, str]) -> list[str]:
    """Names of the private things that the text holds."""
    return [name for name, marker in markers.items() if marker in text]


def markers_for(role: str) -> dict[str, str]:
    return PRIVATE if role == "other_home" else PRIVATE | OF_THE_CHILD


def refused(role: str, address: str, visit: Visit) -> bool:
    if role == "anonymous":
        return visit.asks_who_is_there
    staff_side = address.startswith("/agents/")
    return visit.status in {404, 405} or (staff_side and visit.status == 403)


@pytest.mark.parametrize("address", ROWS)
def test_a_row_of_others_does_not_exist(world: Apart, clients: dict[str, Client], address: str) -> None:
    path = filled(address + QUERY.get(address, ""), world.values(address))
    for role in OUTSIDERS:
        for method in ("GET", "POST"):
            # Who has come in before is shown its own words, which are what is looked for.
            client = Plain() if role == "anonymous" else clients[role]
            visit = Visit(client, method, path, POSTED.get(address, {}) if method == "POST" else {})
            assert told(visit.text, markers_for(role)) == [], (role, method)
            if address not in OPEN_TO[role]:
                assert refused(role, address, visit), (role, method, visit.status)
                assert visit.written == [], (role, method)


MIXED = [
    (address, argument)
    for address in ROWS
    if len(arguments := AN_ARGUMENT.findall(address)) > 1
    for argument in arguments
    if argument in {"person_id", "thread_id", "enrolment_id", "accepted_id"}
]


@pytest.mark.parametrize(("address", "argument"), MIXED)
@pytest.mark.parametrize("role", FAMILIES)
def test_a_row_of_others_is_not_reached_through_one_of_mine(
    world: Apart, clients: dict[str, Client], role: str, address: str, argument: str
) -> None:
    """/inscriptions/my child/inscription/its enrolment/."""
    if set(AN_ARGUMENT.findall(address)) <= {argument, *MINE_OR_NOBODYS}:
        return
    values = world.values(address) | {argument: world.own[role][argument]}
    path = filled(address, values)
    for method in ("GET", "POST"):
        visit = Visit(clients[role], method, path, POSTED.get(address, {}) if method == "POST" else {})
        assert visit.status in {403, 404, 405}, (method, visit.status)
        assert visit.written == []


@pytest.mark.parametrize("address", [one for one in ROWS if one not in NOT_OFFERED])
def test_each_row_exists_for_somebody(world: Apart, clients: dict[str, Client], address: str) -> None:
    """Or all the refusals above prove nothing."""
    path = filled(address + QUERY.get(address, ""), world.values(address))
    insiders = ("parent", "office", "director", "animator", "administrator", *GUESTS)
    for role in insiders:
        for method in ("GET", "POST"):
            visit = Visit(clients[role], method, path, POSTED.get(address, {}) if method == "POST" else {})
            if visit.status in {200, 302}:
                return
    pytest.fail(f"nobody opens {path}")


@pytest.mark.parametrize("address", WITH_TOKEN)
def test_a_secret_opens_what_it_is_for_and_nothing_else(
    world: Apart, clients: dict[str, Client], address: str
) -> None:
    assert address in world.secrets, f"a new route with a token: give it a secret in {Apart.__module__}"
    good = world.secrets[address]
    assert Visit(clients["anonymous"], "GET", address.replace("<str:token>", good)).status == 200
    others = [secret for route, secret in world.secrets.items() if route != address]
    another_first = ("7" if good[0] != "7" else "8") + good[1:]
    altered = [good[:-1], good.swapcase(), another_first, world.spoilt[address]]
    assert good not in altered
    for secret in (*others, *altered):
        for method in ("GET", "POST"):
            visit = Visit(clients["anonymous"], method, address.replace("<str:token>", secret))
            assert visit.status in {404, 405, 410}, (secret, method)
            # That it was tried is counted, and nothing else.
            assert [one for one in visit.written if "accounts_attempt" not in one] == []


def test_the_calendar_of_the_other_home_holds_nothing_of_the_first(
    world: Apart, clients: dict[str, Client]
) -> None:
    path = f"/calendrier/{feed_token(world.other_home.user)}.ics"
    assert told(Visit(clients["anonymous"], "GET", path).text, markers_for("other_home")) == []


IN_DATA = {
    "phone": "639987701",
    "work phone": "639987702",
    "income": "987.65",
    "income proposed": "876.54",
    "contact's phone": "639981002",
    "invoice": "431.07",
}
"""Markers as data writes them."""


@pytest.mark.parametrize("role", FAMILIES)
def test_the_copy_of_my_data_holds_nothing_of_the_home(
    world: Apart, clients: dict[str, Client], role: str
) -> None:
    markers = PRIVATE | OF_THE_CHILD | IN_DATA
    assert set(_in_the_copy(clients["parent"], markers)) >= {
        "street",
        "phone",
        "income",
        "contact",
        "message",
    }
    assert _in_the_copy(clients[role], markers_for(role) | IN_DATA) == []


def _in_the_copy(client: Client, markers: dict[str, str]) -> list[str]:
    with transaction.atomic():
        answer = client.post("/compte/donnees/telecharger/")
        archive = ZipFile(BytesIO(answer.getvalue()))
        transaction.set_rollback(True)
    held = "\n".join([*archive.namelist(), *map(_as_text, map(archive.read, archive.namelist()))])
    return told(held, markers)


def _as_text(content: bytes) -> str:
    text = content.decode(errors="replace")
    return json.dumps(json.loads(text), ensure_ascii=False) if text.startswith("{") else text


LOGIN_PAGES = ("/connexion/?next=", "/administration/login/?next=")
ADMINISTRATION = [address for address, _route in ROUTES if address.startswith("/administration/")]


@pytest.mark.parametrize("role", ["other_home", "other_director", "anonymous"])
def test_the_administration_lets_none_of_them_in(world: Apart, clients: dict[str, Client], role: str) -> None:
    for address in ADMINISTRATION:
        if "<" in address:
            visit = Visit(clients[role], "GET", sample(address))
            assert visit.status == 302, address
            assert visit.answer["Location"].startswith(LOGIN_PAGES), address


# Pages reached by following links.


ELSEWHERE = ("/static/", "/demo/", "/administration/")
ALIKE = 2
"""Addresses tried of those that differ by their numbers alone: a planning has no end of weeks."""


def pages_of(client: Client, *starts: str, alike: int = ALIKE) -> Iterator[tuple[str, Visit]]:
    """The pages that a visitor reaches by links from `starts`; `alike` of those that look the same."""
    return reached(lambda path: Visit(client, "GET", path), *starts, alike=alike)


class Page(Protocol):
    @property
    def leads_to(self) -> list[str]: ...


Read = TypeVar("Read", bound=Page)


def links_of(status: int, location: str, text: str) -> list[str]:
    return [location] if status in {301, 302} else re.findall(r'href="([^"#]+)', text)


def reached(read: Callable[[str], Read], *starts: str, alike: int = ALIKE) -> Iterator[tuple[str, Read]]:
    """The pages that links lead to from `starts`, each read by its path."""
    waiting, seen = list(starts), set(starts)
    shapes: Counter[str] = Counter()
    while waiting:
        path = waiting.pop(0)
        shape = re.sub(r"[0-9]+", "0", path)
        shapes[shape] += 1
        if shapes[shape] > alike:
            continue
        page = read(path)
        yield path, page
        for link in page.leads_to:
            if link.startswith("/") and not link.startswith(ELSEWHERE) and link not in seen:
                seen.add(link)
                waiting.append(link)


def starts_of(role: str) -> list[str]:
    of_guests = {guest.value: url for guest, url in GUEST_HOMES.items()}
    side = of_guests.get(role) or ("/tableau-de-bord/" if role in FAMILIES else "/agents/")
    return [side, *(address for address in ADDRESSES if "<" not in address)]


WALKERS = ("other_home", "other_director")
"""Who walks by links each time; who else was asked for every address above already."""


@pytest.mark.parametrize(
    "role",
    [role if role in WALKERS else pytest.param(role, marks=pytest.mark.prove) for role in OUTSIDERS],
)
def test_no_page_that_links_lead_to_tells_anything_of_the_home(
    world: Apart, clients: dict[str, Client], role: str
) -> None:
    found = {
        path: leaked
        for path, visit in pages_of(clients[role], *starts_of(role))
        if (leaked := told(visit.text, markers_for(role)))
    }
    assert found == {}


def test_every_marker_is_read_by_somebody(world: Apart, clients: dict[str, Client]) -> None:
    """Or its absence above proves nothing."""
    unseen = PRIVATE | OF_THE_CHILD
    for role in ("parent", "office", "director"):
        for _path, visit in pages_of(clients[role], *starts_of(role)):
            unseen = {name: marker for name, marker in unseen.items() if marker not in visit.text}
            if not unseen:
                return
    pytest.fail(f"nobody reads {sorted(unseen)}")
