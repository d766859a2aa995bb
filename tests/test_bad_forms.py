"""Every form of every role, sent with nonsense in each field in turn.

Never a broken page; what is refused is said in French, keeps what was typed and writes nothing. A
field of the agents' side is wrong in one of the ways, chosen by its name; in all of them by `make prove`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from html import unescape
from typing import Any
from zlib import crc32

import pytest
import time_machine
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from marelle.files.apart import alone
from marelle.flows.journal.staff import READINGS
from marelle.robots.challenges import new_challenge
from tests.apart import Apart
from tests.forms import TYPED, Input, PageForm, forms_of
from tests.implicit import for_good
from tests.robots.solving import answered
from tests.roles.answers import GUESTS, ROLES
from tests.roles.sent import QUERY, filled
from tests.roles.table import ADDRESSES, TABLE
from tests.roles.world import NOW
from tests.scenario import picture
from tests.test_routes import is_public

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ELSEWHERE = ("/agents/", "/administration/", "/demo/")
MORE = (
    "/famille/<id:adult_id>/",
    "/famille/ajouter/?qui=enfant",
    "/famille/ajouter/?qui=naissance",
    "/famille/ajouter/?qui=adulte",
    "/inscriptions/<id:person_id>/inscription/<id:accepted_id>/fin/?dernier_jour=2026-12-18",
    "/inscriptions/<id:person_id>/inscription/<id:accepted_id>/",
    "/reservations/absence/<id:coming_id>/",
    "/reservations/absence/?enfant=<id:person_id>&du=2026-11-26&au=2026-12-10",
)
"""Forms that the addresses of the routes alone do not show."""

BOTH = ("/contact/ecrire/", "/guichet-unique/")
"""For a family and for a stranger, who is asked more."""

FAMILY_SIDE = [address for address in ADDRESSES if not address.startswith(ELSEWHERE)]


def guests_alone() -> Iterator[tuple[str, str]]:
    """What a guest opens and no home does."""
    for address in FAMILY_SIDE:
        answers = dict(zip(ROLES, TABLE["GET", address].split(), strict=True))
        if answers["parent"] == "404":
            yield from ((guest, address) for guest in GUESTS if answers[guest] == "200")


PAGES = [
    *(("anonymous", address) for address in FAMILY_SIDE if is_public(address)),
    *(("parent", address) for address in FAMILY_SIDE if not is_public(address) or address in BOTH),
    *(("parent", address) for address in MORE),
    *guests_alone(),
]

AGENTS = ("animator", "director", "office", "administrator")
"""Who is asked for a page of the agents' side: the first of them who may open it."""

TEXTS = ("é" * 10_000, "<script>alert(1)</script><b>gras</b> 🦄👩‍👧‍👦", "a\0b")
DATES = ("1850-01-01", "9999-12-31", "hier", "2026-12-02\0")
CHOICES = ("9" * 40, "<i>", "\0")
KINDS = {"date": DATES, "time": ("25:00", "\0")}

# What a browser would have been told by a person, by the name of the field: enough to reach the services.
WORDS = {
    "adult-birth_date-value": "1985-05-06",
    "adult_name": "Tante Odette",
    "email": "neuve@famille.example",
    "first_name": "Lou",
    "name": "Line Vidal",
    "link": "voisine",
    "on": "2021-03-04",
    "starts_on": "2026-12-02",
    "subject": "Bonnet",
    "text": "Bonjour",
    "vaccine": "BCG",
    "birth_date": "2019-05-06",
    "asker_name": "Camille Durand",
}
KIND_WORDS = {
    "date": "2026-12-02",
    "time": "08:00",
    "tel": "06 39 98 10 09",
    "email": "neuve@famille.example",
    "password": "Une-phrase-a-retenir-2026",
}

BY_ADDRESS = {
    "/reservations/attente/": {"act": ["leave"]},
    "/famille/ajouter/?qui=adulte": {"birth_date": ["1985-05-06"]},
    "/guichet-unique/": {
        "birth_date": ["2025-05-06"],
        "expected_on": [],
        **{f"day{day}_to": ["17:30"] for day in range(6)},
    },
}

TICKED_WHOLE = ("wanted", "ticked")
"""Days are wished of any of the activities, and places waited for together: each has to be ticked."""

COUNTED = ("django_session", "accounts_device", "accounts_attempt", "robots_", "django_cache")
"""Tables that a refused form may write: who tries what, and how often."""

LEAVES = {"/deconnexion/", "/compte/appareils/partout/"}
TRIES_ARE_NOTED = ("/connexion/", "/connexion/cle/")

NOT_SHOWN = {
    "/voeux/<id:wished_id>/reponse/": "a campaign that is published, and places that are given",
    "/famille/<id:person_id>/compte/": "of a child without one; tried in tests/enrolments/test_teens.py",
    "/famille/<id:person_id>/compte/<id:teen_id>/inviter/": "no field; the child has come in",
    "/compte/appareils/<id:device_id>/fermer/": "no field; the home has one device alone",
    "/compte/appareils/partout/": "no field; tried in tests/portal/test_account.py",
    "/compte/double-authentification/application/retirer/": "no field; tried in tests/portal/test_second.py",
    "/compte/effacement/": "no field; asked for already",
    "/compte/identites/relier/": "shown once a provider has recognised somebody; tried in tests/portal",
    "/connexion/premiere-visite/": "the same",
    "/connexion/code/": "shown once a password was right; tried in tests/portal/test_second.py",
    "/deconnexion/": "no field; on every page",
    "/factures/prelevement/<id:authority_id>/accepter/": "on the page that a form answers; tried there",
    "/porte/pointages/": "no form: what the script sends, tried in tests/attendance",
    "/porte/pointer/": "shown to a tablet alone; tried in tests/agents/test_porte",
    "/reservations/absence/<id:booking_id>/justificatif/": "a file alone, and one waits",
    "/reservations/absence/annuler/": "no field; shown once something was told; tried in tests/portal",
    "/famille/quotient/": "no CAF to ask; tried in tests/flows/incomes/test_caf",
    "/famille/quotient/<id:agreement_id>/redemander/": "the same",
    "/reservations/pointage/<id:mismatch_id>/": "answered already",
    "/reservations/prix/": "no form: what the script asks, tried in tests/portal/planning/test_prices",
    "/reservations/repeter/": "nothing to repeat; tried in test_bad_input",
}
"""Routes that take a form which the pages of this world do not show, and why it does not matter."""

AN_ARGUMENT = re.compile(r"<\w+:\w+>")

REFUSED = {
    "/connexion/": "nobody is called Dupont",
    "/compte/confirmer/": "no code is the account's by chance",
    "/compte/double-authentification/application/": "no code is the application's by chance",
    "/compte/double-authentification/cles/ajouter/": "no passkey is made by chance",
    "/connexion/cle/": "no passkey is shown by chance",
    "/porte/": "no tablet waits for that code",
    "/tarifs/simuler/<id:activity_id>/": "answered in the page itself: nothing is kept to be shown after",
    "/factures/prelevement/<id:authority_id>/": "no account is plausible by chance; tried in tests/portal",
}
"""Plausible, and not accepted even so."""

SENT_AGAIN = {
    "/connexion/": "each failed try is noted",
    "/connexion/cle/": "each failed try is noted",
    "/compte/adresse-mail/": "the second link replaces the first, which may be lost",
    "/compte/calendrier/": "another address each time it is asked for",
    "/compte/double-authentification/codes/": "other codes each time they are asked for",
    "/compte/donnees/telecharger/": "each copy that leaves is noted",
    "/documents/<id:person_id>/<id:type_id>/": "what is sent replaces what waits",
    "/documents/foyer/<id:type_id>/": "what is sent replaces what waits",
    "/famille/<id:person_id>/sante/pai/envoyer/": "what is sent replaces what was there",
    "/famille/foyer/": "what is proposed, its proof with it, replaces what waits",
    "/mot-de-passe/": "the second link, where the first was lost",
}
"""Forms that write again when they come twice, and why that is what is wanted."""

READS = re.compile(rf"""INSERT INTO "journal_entry".*'({"|".join(map(re.escape, READINGS))})'""")
"""Agents who open a page of health or incomes are written down."""

MADE_ON_READING = re.compile(r'INSERT INTO "places_look"')
"""A row of defaults, the first time that somebody asks for it."""

SHOWN_ONCE = ("/agents/presences/tablettes/",)
"""Accepted whatever is typed: the answer is the page that shows a secret, once."""

ENGLISH = re.compile(
    r"\b(This field|Enter a|Select a|Ensure this|is required|not one of the|Null characters)\b"
)


Ways = Iterator[tuple[str, dict[str, list[str]]]]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker) -> Iterator[Apart]:
    logging.disable(logging.WARNING)
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic(), alone():
        yield Apart()
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def clients(world: Apart) -> dict[str, Client]:
    found = {role: Client() for role in ("parent", "anonymous", *GUESTS, *AGENTS)}
    found["parent"].force_login(world.durand.user)
    for role in (*GUESTS, *AGENTS):
        found[role].force_login(world.users[role])
    return found


def page(world: Apart, address: str) -> str:
    values = world.values(address)
    if address in world.secrets:
        values["token"] = world.secrets[address]
    return filled(address + QUERY.get(address, ""), values)


def forms_there(client: Client, path: str) -> list[PageForm]:
    answer = client.get(path)
    if answer.status_code != 200 or "html" not in answer["Content-Type"]:
        answer.getvalue()
        return []
    return [
        form
        for form in forms_of(path, answer.content.decode())
        if form.method == "post" and form.action not in LEAVES
    ]


def plausible(form: PageForm) -> dict[str, list[str]]:
    """The form as somebody fills it in: what was empty gets a word, the first choice is taken."""
    data = form.data()
    for one in form.inputs.values():
        if one.kind in TYPED or one.kind == "password":
            if data.get(one.name, [""]) == [""]:
                data[one.name] = [WORDS.get(one.name, KIND_WORDS.get(one.kind, "Dupont"))]
        elif one.kind in {"radio", "checkbox", "select"} and data.get(one.name, [""]) == [""]:
            offered = [value for value in one.offered if value]
            data[one.name] = offered if one.name in TICKED_WHOLE else offered[:1]
    for action, values in BY_ADDRESS.items():
        if form.action.startswith(action):
            data |= values
    if "robot_token" in form.inputs:
        claim = answered(new_challenge(NOW))
        data |= {"robot": [""], "robot_token": [claim.token], "robot_answer": [claim.answer]}
    return data


def hostile(one: Input) -> tuple[str, ...]:
    if one.kind == "file" or one.name == "robot":
        return ()
    if one.kind in KINDS:
        return KINDS[one.kind]
    return TEXTS if one.kind in TYPED or one.kind == "password" else CHOICES


def changed(form: PageForm, known: frozenset[str]) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """The form with one field wrong, for each field that is not `known` and each way; like ones once."""
    right = plausible(form)
    yield "empty", {}
    tried = set(known)
    for one in form.inputs.values():
        if (alike := without_numbers(one.name)) in tried:
            continue
        tried.add(alike)
        for value in hostile(one):
            yield f"{one.name}={value[:20]!r}", {**right, one.name: [value]}
        yield f"{one.name} left out", {name: values for name, values in right.items() if name != one.name}
        yield f"{one.name} twice", {**right, one.name: [*right.get(one.name, []), "zz", "999"]}


def field_of(name: str) -> str:
    """The one that is wrong."""
    return re.split("[= ]", name)[0]


def without_numbers(name: str) -> str:
    return re.sub(r"[0-9]+", "0", name)


def sampled(form: PageForm) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """One of the ways of each field, always the same."""
    ways: dict[str, list[tuple[str, dict[str, list[str]]]]] = {}
    for name, data in changed(form, frozenset()):
        ways.setdefault(field_of(name), []).append((name, data))
    for field, several in ways.items():
        yield several[crc32(field.encode()) % len(several)]


def with_files(form: PageForm, data: dict[str, list[str]]) -> dict[str, list[object]]:
    files = {one.name: [picture()] for one in form.inputs.values() if one.kind == "file"}
    return {**data, **files}


def send(client: Client, form: PageForm, data: dict[str, list[str]]) -> tuple[HttpResponse, list[str]]:
    """Send a form, and undo it."""
    with transaction.atomic():
        answered = posted(client, form, data)
        transaction.set_rollback(True)
    return answered


def posted(client: Client, form: PageForm, data: Mapping[str, list[Any]]) -> tuple[HttpResponse, list[str]]:
    """The answer to a form, and what was written."""
    cookies = client.cookies.copy()
    with CaptureQueriesContext(connection) as seen:
        answer = client.post(form.action, {"csrfmiddlewaretoken": "a" * 32, **data})
        answer.getvalue()
    client.cookies = cookies
    written = [
        query["sql"]
        for query in seen
        if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))
        and not any(table in query["sql"] for table in COUNTED)
    ]
    return answer, written


def gives_a_file(answer: HttpResponse) -> bool:
    return "attachment" in answer.headers.get("Content-Disposition", "")


def wrongs(form: PageForm, data: dict[str, list[str]], answer: HttpResponse, written: list[str]) -> list[str]:
    """What is wrong with the answer."""
    found = []
    if answer.status_code >= 500:
        return ["breaks"]
    if answer.status_code != 200 or gives_a_file(answer):
        return []
    html = answer.content.decode()
    text = unescape(html)
    if "<script>alert" in html or "<b>gras" in html:
        found.append("prints what was typed as it is")
    if english := ENGLISH.search(html):
        found.append(f"speaks English: {english.group()}")
    if "note error" not in html and 'class="messages"' not in html:
        found.append("says nothing")
    if written and form.action not in TRIES_ARE_NOTED:
        found.append(f"writes {written[0][:80]}")
    for name, values in data.items():
        one = form.inputs.get(name)
        if one is None or one.kind not in TYPED or name.startswith("robot") or len(values) != 1:
            continue
        if values[0].replace("\0", "").strip() not in text.replace("\0", ""):
            found.append(f"forgets {name}")
    return found


@pytest.mark.parametrize(("role", "address"), PAGES)
def test_nonsense_in_a_field_is_said_and_nothing_is_lost(
    world: Apart, clients: dict[str, Client], role: str, address: str
) -> None:
    path = page(world, address)
    known = frozenset[str]()
    if role == "anonymous" and address in BOTH:
        (asked_of_families,) = forms_there(clients["parent"], path)
        known = frozenset(map(without_numbers, asked_of_families.inputs))
    found: dict[str, list[str]] = {}
    for form in forms_there(clients[role], path):
        for name, data in changed(form, known):
            answer, written = send(clients[role], form, data)
            if wrong := wrongs(form, data, answer, written):
                found[f"{form.action} {name}"] = wrong
    assert found == {}


def staff_pages() -> Iterator[tuple[str, str]]:
    for address in ADDRESSES:
        answers = dict(zip(ROLES, TABLE["GET", address].split(), strict=True))
        role = next((one for one in AGENTS if answers[one] == "200"), None)
        if role is not None and address.startswith("/agents/"):
            yield role, address


def nonsense_is_said(
    world: Apart, client: Client, address: str, tried: set[str], ways: Callable[[PageForm], Ways]
) -> None:
    """Of the forms of a page of the agents' side that have not been `tried`."""
    found: dict[str, list[str]] = {}
    for form in forms_there(client, page(world, address)):
        if form.shape in tried:
            continue
        tried.add(form.shape)
        pressed = {one.name: one.values[:1] for one in form.inputs.values() if one.kind == "button"}
        unseen = {one.name for one in form.inputs.values() if one.kind in {"button", "hidden"}}
        for name, data in ways(form):
            answer, written = send(client, form, {**pressed, **data})
            written = [one for one in written if not READS.match(one) and not MADE_ON_READING.match(one)]
            if written and form.action.startswith(SHOWN_ONCE):
                continue
            typed = {} if field_of(name) in unseen else data  # nobody changes those by hand
            if wrong := wrongs(form, typed, answer, written):
                found[f"{form.action} {name}"] = wrong
    assert found == {}


@pytest.fixture(scope="module")
def tried() -> set[str]:
    """A form that is on many pages is sent from one."""
    return set()


@pytest.mark.parametrize(("role", "address"), list(staff_pages()))
def test_agents_read_what_is_wrong_and_lose_nothing(
    world: Apart, clients: dict[str, Client], tried: set[str], role: str, address: str
) -> None:
    nonsense_is_said(world, clients[role], address, tried, sampled)


@pytest.mark.prove
def test_agents_read_it_in_whatever_way_a_field_is_wrong(world: Apart, clients: dict[str, Client]) -> None:
    tried: set[str] = set()
    for role, address in staff_pages():
        nonsense_is_said(world, clients[role], address, tried, partial(changed, known=frozenset()))


@pytest.mark.parametrize(("role", "address"), PAGES)
def test_a_plausible_form_is_accepted_and_sent_again_does_nothing_more(
    world: Apart, clients: dict[str, Client], role: str, address: str
) -> None:
    """Or the refusals above prove nothing."""
    client = clients[role]
    for form in forms_there(client, page(world, address)):
        with transaction.atomic():
            first, _written = posted(client, form, with_files(form, plausible(form)))
            second, written = posted(client, form, with_files(form, plausible(form)))
            transaction.set_rollback(True)
        accepted = address not in REFUSED
        assert (first.status_code == 302 or gives_a_file(first)) is accepted, form.action
        assert second.status_code in {200, 302, 404, 410}, form.action
        if form.action not in map(partial(page, world), SENT_AGAIN):
            assert written == [], form.action


@pytest.mark.parametrize(("role", "address"), PAGES)
def test_enter_does_nothing_for_good(
    world: Apart, clients: dict[str, Client], role: str, address: str
) -> None:
    path = page(world, address)
    answer = clients[role].get(path)
    content = answer.getvalue().decode(errors="replace")
    if answer.headers["Content-Type"].startswith("text/html"):
        assert for_good(path, content) == []


def test_every_route_that_takes_a_form_shows_it(world: Apart, clients: dict[str, Client]) -> None:
    """Or a form would be tried nowhere above."""
    actions = {
        form.action.partition("?")[0]
        for role, address in PAGES
        for form in forms_there(clients[role], page(world, address))
    }
    routes = [re.compile(AN_ARGUMENT.sub("[^/]+", address) + "$") for address in FAMILY_SIDE]
    shown = {route.pattern for route in routes for action in actions if route.match(action)}
    taking = {
        AN_ARGUMENT.sub("[^/]+", address) + "$": address
        for address in FAMILY_SIDE
        if TABLE["POST", address].split()[1] != "405" and TABLE["POST", address].split()[0] != "405"
    }
    lost = sorted(address for pattern, address in taking.items() if pattern not in shown)
    assert set(lost) ^ set(NOT_SHOWN) == set()
