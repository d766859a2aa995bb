from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from marelle.core.actor import Actor
from marelle.core.subject import Subject
from marelle.journal.models import Entry
from marelle.journal.origin import client_address, device_label
from marelle.journal.selectors import history
from marelle.journal.services import Act, Origin, record, record_many

NOW = datetime(2026, 9, 8, 18, 0, tzinfo=UTC)
PARENT = Actor(user_id=1, label="Camille", family_id=10)
OTHER_PARENT = Actor(user_id=2, label="Sacha", family_id=10)
STRANGER = Actor(user_id=3, label="Alix", family_id=20)
AGENT = Actor(user_id=4, label="Guichet", family_id=10, on_behalf_of=True)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def seen_by(actor: Actor) -> set[str]:
    return {entry.verb for entry in history(actor=actor).object_list}


@pytest.mark.django_db
def test_an_entry_keeps_who_what_and_from_where() -> None:
    record(
        actor=AGENT,
        verb="booking.saved",
        subject=Subject("booking", 7, "Zoé"),
        family_id=10,
        data={"fields": ["day"]},
        origin=Origin("192.0.2.1", "Firefox · Windows"),
        now=NOW,
    )
    entry = Entry.objects.get()
    assert (entry.actor_user_id, entry.actor_label, entry.on_behalf) == (4, "Guichet", True)
    assert (entry.subject_kind, entry.subject_id, entry.subject_label) == ("booking", 7, "Zoé")
    assert (entry.address, entry.device, entry.at) == ("192.0.2.1", "Firefox · Windows", NOW)


@pytest.mark.django_db
def test_many_entries_are_one_query(count_queries: Callable[..., Any]) -> None:
    acts = [Act("booking.saved", Subject("booking", number), 10) for number in range(30)]
    with count_queries(1):
        assert record_many(actor=PARENT, acts=acts, now=NOW) == 30


@pytest.mark.django_db
def test_a_family_reads_its_acts_and_never_the_connections_of_the_other_parent() -> None:
    record(actor=OTHER_PARENT, verb="family.act", subject=Subject("family", 10), family_id=10, now=NOW)
    record(actor=OTHER_PARENT, verb="connection.opened", subject=Subject("account", 2), now=NOW)
    record(actor=PARENT, verb="own.connection", subject=Subject("account", 1), now=NOW)
    assert seen_by(PARENT) == {"family.act", "own.connection"}
    assert seen_by(AGENT) == {"family.act"}
    assert seen_by(STRANGER) == set()


@pytest.mark.django_db
def test_a_failed_connection_is_read_by_the_account_it_was_tried_on() -> None:
    nobody = Actor(user_id=None, label="camille")
    record(actor=nobody, verb="connection.failed", subject=Subject("account", 1, "camille"), now=NOW)
    assert seen_by(PARENT) == {"connection.failed"}
    assert seen_by(STRANGER) == set()


@pytest.mark.django_db
@pytest.mark.parametrize("entries", [1, 60])
def test_the_history_costs_two_queries(count_queries: Callable[..., Any], entries: int) -> None:
    acts = [Act("booking.saved", Subject("booking", number), 10) for number in range(entries)]
    record_many(actor=PARENT, acts=acts, now=NOW)
    with count_queries(2):
        assert list(history(actor=PARENT).object_list)


@pytest.mark.django_db
def test_the_newest_comes_first_and_a_wrong_page_gives_the_nearest() -> None:
    for hours in range(35):
        subject = Subject("booking", hours)
        record(actor=PARENT, verb="x", subject=subject, family_id=10, now=NOW + timedelta(hours=hours))
    assert history(actor=PARENT).object_list[0].subject_id == 34
    assert history(actor=PARENT, page="99").number == 2
    assert history(actor=PARENT, page="n’importe quoi").number == 1


def test_a_device_is_a_browser_and_a_system() -> None:
    assert device_label(FIREFOX) == "Firefox · Windows"
    assert device_label("") == ""


@pytest.mark.parametrize(
    ("forwarded", "proxies", "expected"),
    [
        ("", 0, "198.51.100.1"),
        ("203.0.113.9", 0, "198.51.100.1"),
        ("203.0.113.9", 1, "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9", 1, "203.0.113.9"),
        ("not an address", 1, None),
        ("203.0.113.9, 10.0.0.7", 2, "203.0.113.9"),
        ("", 1, None),
        ("203.0.113.9", 2, None),
    ],
)
def test_only_our_proxies_are_believed(forwarded: str, proxies: int, expected: str | None) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert client_address(headers, "198.51.100.1", proxies=proxies) == expected


@pytest.mark.parametrize(
    ("forwarded", "remote", "proxies", "expected"),
    [
        ("", "127.0.0.1", 0, None),
        ("", "::1", 0, None),
        ("", "::ffff:127.0.0.1", 0, None),
        ("8.8.8.8", "172.18.0.3", 0, None),
        ("8.8.8.8", "127.0.0.1", 1, "8.8.8.8"),
        ("127.0.0.1", "172.18.0.3", 1, None),
        ("192.168.1.20", "127.0.0.1", 1, "192.168.1.20"),
        ("", "192.168.1.20", 0, "192.168.1.20"),
        ("6.6.6.6", "8.8.8.8", 0, "8.8.8.8"),
        ("", "::ffff:8.8.8.8", 0, "8.8.8.8"),
    ],
    ids=str,
)
def test_in_https_the_address_of_a_proxy_is_nobodys(
    forwarded: str, remote: str, proxies: int, expected: str | None
) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert client_address(headers, remote, proxies=proxies, https=True) == expected
