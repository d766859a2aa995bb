"""What a walk over every address leaves in the log: no name, no address, no telephone, no secret of a link,
in either of its forms, pages that break among them."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from itertools import cycle
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from marelle.core.logs import Json, OneLine
from marelle.families.models import Family, Person
from marelle.files.apart import alone
from tests.apart import OF_THE_CHILD, PRIVATE, Apart
from tests.roles.sent import POSTED, QUERY, filled
from tests.roles.table import ADDRESSES
from tests.roles.world import NOW
from tests.scenario import Plain

pytestmark = [pytest.mark.django_db, pytest.mark.once]

TYPED = "nom=Hautbois-Cachée&mail=quelquun%40famille.example&jeton=un-jeton-secret"
LOST = [
    IntegrityError(
        'duplicate key value violates unique constraint "accounts_user_email_key"\n'
        f"DETAIL:  Key (email)=({PRIVATE['mail']}) already exists."
    ),
    ValueError(f"invalid literal for int() with base 10: {PRIVATE['street']!r}"),
    KeyError(f"L'école de {PRIVATE['contact']}"),
    RuntimeError(f"{PRIVATE['mail']} and {PRIVATE['phone']} are no {PRIVATE['employer'].encode()!r}"),
]
"""As libraries say what they met."""


class Breaks:
    """Every so many requests, the first statement that is not the session's fails."""

    def __init__(self) -> None:
        self.errors, self.is_next = cycle(LOST), False

    def __call__(self, execute: Any, sql: str, *rest: Any) -> Any:
        if self.is_next and "django_session" not in sql and "SAVEPOINT" not in sql:
            self.is_next = False
            raise next(self.errors)
        return execute(sql, *rest)


@contextmanager
def logged() -> Iterator[dict[str, StringIO]]:
    """The log meanwhile, in each form, and nowhere else."""
    forms = {"line": OneLine("{asctime} {levelname} {name}: {message}", style="{"), "json": Json()}
    streams = {name: StringIO() for name in forms}
    root, before = logging.getLogger(), logging.getLogger().handlers[:]
    root.handlers = [logging.StreamHandler(stream) for stream in streams.values()]
    for handler, form in zip(root.handlers, forms.values(), strict=True):
        handler.setFormatter(form)
    try:
        yield streams
    finally:
        root.handlers = before


def walk(world: Apart, addresses: Sequence[str], every: int) -> None:
    """One request of `every` so many breaks."""
    breaks, asked = Breaks(), 0
    for role in ("anonymous", "parent", "administrator"):
        client = Plain()
        if user := world.users[role]:
            client.force_login(user)
        for address in addresses:
            query = QUERY.get(address, "")
            path = filled(f"{address}{query}{'&' if query else '?'}{TYPED}", world.values(address))
            for send, data in ((client.get, {}), (client.post, POSTED.get(address, {}))):
                asked += 1
                breaks.is_next = role != "anonymous" and asked % every == 0
                with transaction.atomic(), connection.execute_wrapper(breaks):
                    answer = send(path, data) if send == client.get else client.post(path, data)
                    answer.getvalue()
                    transaction.set_rollback(True)


def names() -> set[str]:
    """Of all people there, as words."""
    found = {
        *Family.objects.values_list("name", flat=True),
        *Person.objects.values_list("last_name", flat=True),
        *Person.objects.values_list("first_name", flat=True),
    }
    return {name for name in found if len(name) > 2}


@pytest.mark.parametrize(
    ("step", "every"), [(5, 3), pytest.param(1, 12, marks=pytest.mark.prove)], ids=["some", "all"]
)
def test_nothing_of_anybody_is_left_in_the_log(step: int, every: int) -> None:
    """What writes the log is the same for every page: some of them tell it each time."""
    with time_machine.travel(NOW, tick=False), alone(), logged() as left:
        walk(Apart(), ADDRESSES[::step], every)
        told = names()
    for log in (stream.getvalue() for stream in left.values()):
        assert log.count("Internal Server Error") > 100
        assert log.count("IntegrityError: duplicate key value") > 20
        assert log.count("Not Found") > 1
        found = {marker for marker in (*PRIVATE.values(), *OF_THE_CHILD.values()) if marker in log}
        found |= {name for name in told if re.search(rf"\b{re.escape(name)}\b", log)}
        found |= set(re.findall(r"\S+@\S+\.\S+", log))
        found |= set(re.findall(r"Hautbois|quelquun|un-jeton-secret|/[\w:~-]{40,}", log))
        found |= set(re.findall(r"https?://(?!127\.0\.0\.1|localhost)\S+", log))
        assert found == set()
    lines = [json.loads(line) for line in left["json"].getvalue().splitlines()]
    assert all(re.fullmatch(r"[0-9a-f]{10}", line["request"]) for line in lines)
    broken = [line["request"] for line in lines if "trace" in line]
    assert len(set(broken)) == len(broken), "each request has its own"
    assert f"[{broken[0]}]" in left["line"].getvalue()
