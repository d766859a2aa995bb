"""A disk without room left: what was sent is told not to be saved, it is not, and reading goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from marelle.accounts.models import Device
from marelle.bookings.models import Booking
from marelle.files.models import StoredFile
from marelle.journal.models import Entry
from marelle.papers.models import Paper
from marelle.portal.access.sessions import DEVICE
from tests.papers.files import picture
from tests.papers.world import NOW, Desk
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

NOTHING = "Rien de ce que vous venez d’envoyer n’a été enregistré"
NO_ROOM = "Notre serveur n’a plus de place pour écrire"


class FullDisk(FileSystemStorage):
    """Contents go to a device of the system that has no room."""

    def _save(self, name: str, content: Any) -> str:
        with Path("/dev/full").open("wb") as full:
            full.write(content.read())
        return name


def _fill(rows: int, length: int) -> None:
    while True:
        Entry.objects.bulk_create(
            Entry(at=timezone.now(), verb="filling", subject_label="x" * length) for _row in range(rows)
        )


@contextmanager
def database_full() -> Iterator[None]:
    """SQLite may not grow any more, and nothing is left of what it has."""
    with connection.cursor() as cursor:
        cursor.execute("pragma page_count")
        cursor.execute(f"pragma max_page_count = {cursor.fetchone()[0]}")
    try:
        # The last are shorter than any row that a save writes, which would fit where a long one did not.
        for rows, length in ((50, 200), (1, 200), (1, 0)):
            with pytest.raises(OperationalError, match="full"):
                _fill(rows, length)
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("pragma max_page_count = 4294967294")


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def test_a_save_on_a_full_database_says_that_nothing_is_saved(client: Client, time_machine: Any) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("its pages are counted; PostgreSQL answers the same by its own code")
    time_machine.move_to("2026-09-02T09:00:00+02:00")
    world = Scenario()
    home = world.home("Durand")
    child = world.child(home, "Zoé")
    activity = world.activity()
    world.slot(activity, capacity=5, weekdays=range(7))
    world.rule(activity)
    first = (timezone.now() + timedelta(days=7)).date()
    # More rows than what is left of a page: one would fit where the filler's did not.
    opening, *others = world.openings(activity, first, first + timedelta(days=60))
    world.enrolment(child, activity, home)
    client.force_login(home.user)
    address = f"/reservations/?enfant={child.pk}&date={opening.day}"
    asked = {"c": [f"{child.pk}.{one.pk}" for one in (opening, *others)]}
    shown = client.get(address, follow=True)
    with database_full():
        answer = client.post(address, asked)
        page = answer.content.decode()
        assert answer.status_code == 503
        assert NOTHING in page
        assert NO_ROOM in page
        assert not Booking.objects.exists()
        again = client.get(address, follow=True)
        assert (again.status_code, shown.status_code) == (200, 200), "reading goes on"
    Entry.objects.all().delete()
    assert client.post(address, asked).status_code == 302
    assert Booking.objects.holding().count() == len(asked["c"])


def test_a_page_is_shown_though_when_its_device_was_seen_cannot_be_noted(client: Client) -> None:
    home = Scenario().home("Durand")
    client.force_login(home.user)
    long_ago = timezone.now() - timedelta(days=1)
    key = client.session.session_key or ""
    device = Device.objects.create(user=home.user, session_key=key, first_seen=long_ago, last_seen=long_ago)
    session = client.session
    session[DEVICE] = device.pk
    session.save()
    tried = []

    def full(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("UPDATE") and "accounts_device" in sql:
            tried.append(sql)
            raise OperationalError("database or disk is full")
        return execute(sql, *rest)

    with connection.execute_wrapper(full):
        assert client.get("/tableau-de-bord/").status_code == 200
    assert tried


def test_a_paper_for_which_there_is_no_room_is_told_not_to_be_sent(
    client: Client, settings: Any, time_machine: Any
) -> None:
    time_machine.move_to(NOW)
    desk = Desk()
    desk.enrolment(desk.zoe, desk.wednesdays, desk.durand)
    insurance = desk.paper_type(needed_by=[desk.wednesdays])
    client.force_login(desk.durand.user)
    full = {"BACKEND": "tests.test_full_disk.FullDisk", "OPTIONS": {"location": "/nowhere"}}
    settings.STORAGES = {**settings.STORAGES, "private": full}
    answer = client.post(f"/documents/{desk.zoe.pk}/{insurance.pk}/", {"pages": picture()})
    page = answer.content.decode()
    assert answer.status_code == 503
    assert NOTHING in page
    assert NO_ROOM in page
    assert not Paper.objects.exists()
    assert not StoredFile.objects.exists()
