"""Two machines, a web process and a worker each, in folders of their own, on one database and one store."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from marelle.activities.models import Slot
from marelle.activities.services import part_change
from marelle.core.actor import Role
from marelle.families.models import Person
from marelle.flows.actor.actors import actor_for
from marelle.flows.models import JobRound
from marelle.mail.models import Message
from marelle.papers.models import PaperPage
from tests.papers.files import pdf
from tests.papers.world import Desk
from tests.pooler import Pooler, address, hung_up
from tests.races.truth import counters_hold, held_on, queue_of
from tests.scenario import Home
from tests.test_serving import LONGEST, served
from tests.test_settings import ROOT

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


class Machine:
    """One of the web processes, as a browser that holds a session meets it."""

    def __init__(self, port: int, said: Path) -> None:
        self.port, self.said = port, said

    def get(self, path: str, session: str) -> tuple[int, str]:
        for _step in range(3):
            status, leads, page = self._asked("GET", path, session)
            if status != 302 or leads.startswith("/connexion/"):
                break
            path = leads
        return status, page

    def post(
        self, path: str, session: str, fields: Mapping[str, Any], file: Any = None, *, shown: str = ""
    ) -> int:
        """By a form that is `shown` at this address, or there."""
        page = self.get(shown or path, session)[1]
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert found, page
        token = found[1]
        more = {"csrfmiddlewaretoken": token, **fields}
        body, kind = _parts(more, file) if file else (urlencode(more, doseq=True).encode(), FORM)
        return self._asked("POST", path, session, body, **{"Content-Type": kind})[0]

    def _asked(
        self,
        method: str,
        path: str,
        session: str,
        body: bytes = b"",
        **headers: str,
    ) -> tuple[int, str, str]:
        """The status, where it leads, and the page."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONGEST)
        cookies = f"marelle={session}; csrftoken={CSRF}"
        try:
            line.request(method, path, body, {"Host": "localhost", "Cookie": cookies, **headers})
            answer = line.getresponse()
            return answer.status, answer.headers.get("Location", ""), answer.read().decode(errors="replace")
        finally:
            line.close()


CSRF = "a" * 32
FORM = "application/x-www-form-urlencoded"


def _parts(fields: Mapping[str, Any], file: Any) -> tuple[bytes, str]:
    edge = uuid.uuid4().hex
    told = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{edge}\r\nContent-Disposition: form-data; name="pages"; filename="{file.name}"\r\n\r\n'
    body = b"".join([*told, head.encode(), file.read(), f"\r\n--{edge}--\r\n".encode()])
    return body, f"multipart/form-data; boundary={edge}"


def session_of(home: Home) -> str:
    client = Client()
    client.force_login(home.user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@contextmanager
def worker(folder: Path, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "worker").open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "marelle", "worker"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "DATA_DIR": str(folder), **environment},
            stdout=out,
            stderr=out,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait(LONGEST)


@pytest.fixture
def machines(pooler: Pooler, files_folder: Path, tmp_path: Path) -> Iterator[list[Machine]]:
    """The first goes through PgBouncer, the second has a pool of its own."""
    shared = {
        "MARELLE_DEMO": "1",
        "SECRET_KEY": settings.SECRET_KEY,
        "PUBLIC_URL": "http://localhost",
        "FILES_DIR": str(files_folder),
        "LOG_LEVEL": "WARNING",
    }
    ways = (
        {"DATABASE_URL": pooler.address(), "DATABASE_POOLER": "1"},
        {"DATABASE_URL": address(), "DATABASE_POOL": "4", "DATABASE_STATEMENT_TIMEOUT": "30"},
    )
    with ExitStack() as stack:
        found = []
        for number, way in enumerate(ways):
            folder = tmp_path / f"machine{number}"
            folder.mkdir()
            told = {**shared, **way}
            found.append(Machine(*stack.enter_context(served(folder, 0, **told))))
            stack.enter_context(worker(folder, {**told, "DEBUG": "1"}))
        yield found
    hung_up()


def test_what_one_machine_writes_the_other_shows(machines: list[Machine]) -> None:
    one, other = machines
    world = Desk()
    slot = world.slot(world.wednesdays, capacity=1, weekdays=range(7))
    world.rule(world.wednesdays)
    day = (timezone.now() + timedelta(days=10)).date()
    (opening,) = world.openings(world.wednesdays, day, day)
    insurance = world.paper_type(needed_by=[world.wednesdays])
    martin = world.home("Martin")
    lou = world.child(martin, "Lou")
    for child, home in ((world.zoe, world.durand), (lou, martin)):
        world.enrolment(child, world.wednesdays, home)
    durand, waiting = session_of(world.durand), session_of(martin)
    _until(machines[0], lambda: JobRound.objects.filter(failure="").count() > 20)

    def planning(machine: Machine, child: Person, session: str) -> str:
        status, page = machine.get(f"/reservations/?enfant={child.pk}&date={day}", session)
        assert status == 200, machine.said.read_text()
        return page

    # A name that each keeps.
    assert not any("Garderie" in planning(machine, world.zoe, durand) for machine in machines)
    admin = actor_for(world.staff("admin", Role.ADMINISTRATOR))
    part_change(actor=admin, model=Slot, pk=slot.pk, changes={"name": "Garderie"}, now=timezone.now())
    assert all("Garderie" in planning(machine, world.zoe, durand) for machine in machines)

    # A place: taken on one, waited for on the other, given back; either worker hands it on, once.
    def saves(machine: Machine, child: Person, session: str, **fields: str) -> int:
        return machine.post(f"/reservations/?enfant={child.pk}&date={day}", session, fields)

    zoes, lous = f"{world.zoe.pk}.{opening.pk}", f"{lou.pk}.{opening.pk}"
    assert saves(one, world.zoe, durand, c=zoes) == 302, one.said.read_text()
    assert saves(other, lou, waiting, attente=lous) == 302, other.said.read_text()
    assert (held_on(opening), queue_of(opening)) == ({world.zoe.pk}, [lou.pk])
    assert saves(other, world.zoe, durand, seen=zoes) == 302
    _until(other, lambda: held_on(opening) == {lou.pk})
    counters_hold()
    assert Message.objects.filter(kind="bookings/place_given").count() == 1

    # A file: sent to one, read from the other.
    assert one.post(f"/documents/{world.zoe.pk}/{insurance.pk}/", durand, {}, pdf()) == 302
    page = PaperPage.objects.get()
    status, shown = other.get(f"/documents/pages/{page.pk}/", durand)
    assert (status, shown[:4]) == (200, "%PDF"), other.said.read_text()

    # A session: ended on one, over on the other.
    assert one.post("/deconnexion/", durand, {}, shown="/tableau-de-bord/") == 302
    assert other.get("/tableau-de-bord/", durand)[0] == 302


def _until(machine: Machine, is_so: Callable[[], bool]) -> None:
    until = monotonic() + LONGEST
    while not is_so():
        assert monotonic() < until, machine.said.read_text()
        sleep(0.1)
