"""What follows the question mark of an address, changed by hand: the page answers as if it were not there."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from django.db import transaction
from django.test import Client

import marelle
from marelle.files.apart import alone
from tests.apart import Apart
from tests.forms import forms_of
from tests.roles.sent import QUERY, filled
from tests.roles.table import ADDRESSES
from tests.roles.world import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.once]

VALUES = ("'\0<script>alert(1)</script>", "-1", "9" * 40, "0001-01-01", "9999-12-31")
READ = re.compile(r"""GET(?:\.get|\.getlist)?[(\[]\s*"(\w+)"|"(\w+)" in request\.GET""")
SOURCES = sorted(Path(marelle.__file__).parent.glob("*/**/*.py"))
NAMES = sorted({one or other for path in SOURCES for one, other in READ.findall(path.read_text())})
"""The words that views read by themselves; those of forms are found on their pages."""

PAGES = [
    ("administrator" if address.startswith("/agents/") else "parent", address)
    for address in ADDRESSES
    if not address.startswith("/demo/") and "<str:token>" not in address
]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker) -> Iterator[Apart]:
    logging.disable(logging.WARNING)
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic(), alone():
        yield Apart()
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def clients(world: Apart) -> dict[str, Client]:
    found = {"parent": Client(), "administrator": Client()}
    for role, client in found.items():
        user = world.users[role]
        assert user is not None
        client.force_login(user)
    return found


def test_the_words_of_addresses_are_found() -> None:
    assert {"page", "q", "annee", "qui"} <= set(NAMES)


@pytest.mark.parametrize(("role", "address"), PAGES)
def test_no_word_of_an_address_breaks_a_page(
    world: Apart, clients: dict[str, Client], role: str, address: str
) -> None:
    client = clients[role]
    path = filled(address + QUERY.get(address, ""), world.values(address))
    with transaction.atomic():
        answer = client.get(path)
        html = answer.getvalue().decode(errors="replace")
        transaction.set_rollback(True)
    if answer.status_code != 200 or "html" not in answer["Content-Type"]:
        return
    forms = [form.data() for form in forms_of(path, html) if form.method == "get"]
    asked = [dict.fromkeys(NAMES, value) for value in VALUES]
    for right in forms:
        asked += [{**right, name: value} for name in right for value in VALUES]
        asked += [dict.fromkeys(right, value) for value in VALUES]
    asked += [{"page": "-1"}, {"page": "9" * 40}]
    for words in asked:
        with transaction.atomic():
            answer = client.get(path.partition("?")[0], words)
            html = answer.getvalue().decode(errors="replace")
            transaction.set_rollback(True)
        assert answer.status_code in {200, 302, 404}, words
        assert "<script>alert" not in html, words
