"""What follows the question mark of an address, changed by hand: the page answers as if it were not there."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest
import time_machine
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.test import Client, RequestFactory

import marelle
from marelle.files.apart import alone
from tests.apart import Apart
from tests.forms import forms_of
from tests.roles.sent import QUERY, filled
from tests.roles.table import ADDRESSES
from tests.roles.world import NOW
from tests.scenario import Plain

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
    found = {"parent": Plain(), "administrator": Plain()}
    for role, client in found.items():
        user = world.users[role]
        assert user is not None
        client.force_login(user)
    return found


WHOLE = "*"
"""Read when a page looks at all the words, or whether there are any."""


class Words(QueryDict):
    """What follows the question mark, and notes what is read of it."""

    read: ClassVar[set[str]] = set()

    def __getitem__(self, word: str) -> Any:
        self.read.add(word)
        return super().__getitem__(word)

    def __contains__(self, word: object) -> bool:
        self.read.add(str(word))
        return super().__contains__(word)

    def getlist(self, word: str, default: Any = None) -> list[Any]:
        self.read.add(word)
        return super().getlist(word, default)

    def lists(self) -> Any:
        self.read.add(WHOLE)
        return super().lists()

    def __iter__(self) -> Iterator[str]:
        self.read.add(WHOLE)
        return super().__iter__()

    def __len__(self) -> int:
        self.read.add(WHOLE)
        return super().__len__()


@contextmanager
def words_read() -> Iterator[set[str]]:
    """The words of addresses that are read within."""
    Words.read.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WSGIRequest, "GET", property(lambda request: Words(request.META["QUERY_STRING"])))
        yield Words.read


known: set[str] = set()
"""The forms that were sent by this process: that of the search is on each page of the agents."""


def test_the_words_of_addresses_are_found() -> None:
    assert {"page", "q", "annee", "qui"} <= set(NAMES)
    for look, found in (
        (lambda words: words["a"], {"a"}),
        (lambda words: words.get("b"), {"b"}),
        (lambda words: words.getlist("c"), {"c"}),
        (lambda words: "d" in words, {"d"}),
        (bool, {WHOLE}),
        (QueryDict.dict, {WHOLE}),
        (QueryDict.urlencode, {WHOLE}),
    ):
        with words_read() as read:
            look(RequestFactory().get("/?a=1&e=2").GET)
        assert read & found, found


@pytest.mark.parametrize(("role", "address"), PAGES)
def test_no_word_of_an_address_breaks_a_page(
    world: Apart, clients: dict[str, Client], role: str, address: str
) -> None:
    client = clients[role]
    path = filled(address + QUERY.get(address, ""), world.values(address))
    with words_read() as read:
        answer, html = opened(client, path)
    if answer.status_code != 200 or "html" not in answer["Content-Type"]:
        return
    asked: list[tuple[str, dict[str, Any]]] = []
    if read:
        words = {*NAMES, *read} - {WHOLE}
        asked += [(path, dict.fromkeys(words, value)) for value in VALUES]
    if "page" in read:
        asked += [(path, {"page": "-1"}), (path, {"page": "9" * 40})]
    for form in forms_of(path, html):
        if form.method == "get" and form.shape not in known:
            known.add(form.shape)
            right = form.data()
            wrong = [{**right, name: value} for name in right for value in VALUES]
            wrong += [dict.fromkeys(right, value) for value in VALUES]
            asked += [(form.action, words) for words in wrong]
    for place, words in asked:
        answer, html = opened(client, place.partition("?")[0], words)
        assert answer.status_code in {200, 302, 404}, words
        assert "<script>alert" not in html, words


def opened(client: Client, path: str, words: dict[str, Any] | None = None) -> tuple[HttpResponse, str]:
    """The answer and what it holds; what it wrote is undone."""
    with transaction.atomic():
        answer = client.get(path, words)
        html = answer.getvalue().decode(errors="replace")
        transaction.set_rollback(True)
    return answer, html
