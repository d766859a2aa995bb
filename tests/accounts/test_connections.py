from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from marelle.accounts.models import Attempt
from marelle.accounts.refusals import TooManyAttempts, WrongCredentials
from marelle.accounts.services import connection_open
from marelle.accounts.services.attempts import attempts_purge
from marelle.journal.models import Entry
from marelle.journal.origin import Origin
from tests.accounts.people import HOME, NOW, PASSWORD, CountingHasher, someone

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def fails(
    name: str,
    *,
    password: str = "wrong",  # noqa: S107
    origin: Origin = HOME,
    now: Any = NOW,
) -> type[Exception]:
    with pytest.raises((WrongCredentials, TooManyAttempts)) as refused:
        connection_open(name=name, password=password, origin=origin, now=now)
    return refused.type


@pytest.mark.parametrize(
    "name", ["camille", "Camille", " camille ", "camille@example.org", "Camille@Example.org"]
)
def test_an_identifier_or_a_mail_address_opens(name: str) -> None:
    camille = someone()
    assert connection_open(name=name, password=PASSWORD, origin=HOME, now=NOW) == camille
    entry = Entry.objects.get()
    assert (entry.verb, entry.actor_user_id, entry.address) == ("connection.opened", camille.pk, "192.0.2.1")
    assert entry.data == {"by": ["password"]}
    assert not Attempt.objects.exists()


def test_a_shared_address_opens_nothing_but_the_identifiers_do() -> None:
    someone("camille", email="maison@example.org")
    sacha = someone("sacha", email="maison@example.org")
    assert fails("maison@example.org", password=PASSWORD) is WrongCredentials
    assert connection_open(name="sacha", password=PASSWORD, origin=HOME, now=NOW) == sacha


def test_an_account_that_sleeps_does_not_take_the_address_away() -> None:
    camille = someone("camille", email="maison@example.org")
    someone("sacha", email="maison@example.org", is_active=False)
    assert connection_open(name="maison@example.org", password=PASSWORD, origin=HOME, now=NOW) == camille


def test_an_inactive_account_stays_out() -> None:
    someone(is_active=False)
    assert fails("camille", password=PASSWORD) is WrongCredentials


@pytest.mark.parametrize(
    "name", ["camille", "personne", "asleep", "shared@example.org", "nobody@example.org", ""]
)
def test_each_failure_costs_one_hash_and_the_same_statements(
    name: str, settings: Any, count_queries: Callable[..., Any]
) -> None:
    settings.PASSWORD_HASHERS = ["tests.accounts.people.CountingHasher"]
    someone()
    someone("asleep", is_active=False)
    someone("a.one", email="shared@example.org")
    someone("a.two", email="shared@example.org")
    CountingHasher.hashes = 0
    with count_queries() as seen:
        assert fails(name) is WrongCredentials
    assert CountingHasher.hashes == 1
    # Resolve, count, look back, resolve again, write the journal.
    assert len(seen) == 5


def test_the_tenth_failure_closes_the_name_for_a_while_known_or_not() -> None:
    someone()
    for name in ("camille", "personne"):
        kinds = [fails(name, now=NOW + number * MINUTE) for number in range(11)]
        assert kinds == [WrongCredentials] * 10 + [TooManyAttempts]
        assert fails(name, password=PASSWORD, now=NOW + 14 * MINUTE) is TooManyAttempts
    again = connection_open(name="camille", password=PASSWORD, origin=HOME, now=NOW + 15 * MINUTE)
    assert again.identifier == "camille"
    assert Entry.objects.filter(verb="connection.limited", subject_label="camille").count() == 2


def test_refused_attempts_do_not_push_the_end_back() -> None:
    someone()
    for _number in range(30):
        fails("camille")
    with pytest.raises(TooManyAttempts) as refused:
        connection_open(name="camille", password=PASSWORD, origin=HOME, now=NOW + 10 * MINUTE)
    assert refused.value.retry_at == NOW + 15 * MINUTE


def test_the_second_name_of_an_account_gives_no_more_attempts_and_tells_nothing() -> None:
    someone()
    for _number in range(10):
        fails("camille")
    assert fails("camille@example.org", password=PASSWORD) is WrongCredentials


def test_an_address_that_tries_many_names_is_stopped_and_others_are_not() -> None:
    someone()
    kinds = [fails(f"name{number}") for number in range(51)]
    assert kinds == [WrongCredentials] * 50 + [TooManyAttempts]
    assert fails("camille", password=PASSWORD) is TooManyAttempts
    elsewhere = Origin("198.51.100.7", "")
    assert (
        connection_open(name="camille", password=PASSWORD, origin=elsewhere, now=NOW).identifier == "camille"
    )


def test_a_success_forgets_the_failures_of_the_account_only() -> None:
    someone()
    for name in ("camille", "personne"):
        for _number in range(9):
            fails(name)
    connection_open(name="camille", password=PASSWORD, origin=HOME, now=NOW)
    assert fails("camille") is WrongCredentials
    assert Attempt.objects.count() == 10


def test_the_journal_never_holds_a_password_in_whichever_field_it_was_typed() -> None:
    fails("un secret tapé trop haut", password="tr0p secret pour le journal")
    entry = Entry.objects.get()
    assert entry.verb == "connection.failed"
    assert "secret" not in str(vars(entry))


def test_failures_and_limits_are_written_on_the_account_that_was_tried() -> None:
    user = someone()
    for _number in range(11):
        fails("camille")
    entries = Entry.objects.filter(subject_kind="account", subject_id=user.pk, subject_label="camille")
    assert entries.filter(verb="connection.failed").count() == 10
    assert entries.filter(verb="connection.limited").count() == 1


def test_old_attempts_are_purged() -> None:
    fails("camille")
    assert attempts_purge(now=NOW + 14 * MINUTE) == 0
    assert attempts_purge(now=NOW + 15 * MINUTE) == 1
