"""Whoever knows a name does not keep its owner out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import signing

from marelle.accounts.known import ACCOUNTS_AT_MOST, SALT, known_as, mark_with
from marelle.accounts.models import User
from marelle.accounts.refusals import TooManyAttempts, WrongCredentials
from marelle.accounts.services import connection_open, identifier_change, password_ask, password_choose
from marelle.core.actor import Actor
from marelle.journal.origin import Origin
from marelle.mail.models import Message
from tests.accounts.people import HOME, NOW, OTHER_PASSWORD, PASSWORD, someone
from tests.accounts.test_passwords import ask

pytestmark = pytest.mark.django_db

STRANGER = Origin("198.51.100.7", "")
MINUTE = timedelta(minutes=1)


def closed_to_strangers(name: str = "camille") -> None:
    for _number in range(11):
        with pytest.raises((WrongCredentials, TooManyAttempts)):
            connection_open(name=name, password="wrong", origin=STRANGER, now=NOW)
    with pytest.raises(TooManyAttempts):
        connection_open(name=name, password=PASSWORD, origin=HOME, now=NOW)


@pytest.mark.parametrize("name", ["camille", "camille@example.org"])
def test_a_browser_that_the_account_knows_gets_in_while_strangers_try(name: str) -> None:
    camille = someone()
    mark = mark_with("", camille)
    closed_to_strangers()
    assert connection_open(name=name, password=PASSWORD, mark=mark, origin=HOME, now=NOW) == camille


def test_it_gets_in_from_a_network_where_others_have_tried_many_names() -> None:
    camille = someone()
    for number in range(50):
        with pytest.raises(WrongCredentials):
            connection_open(name=f"name{number}", password="wrong", origin=HOME, now=NOW)
    with pytest.raises(TooManyAttempts):
        connection_open(name="camille", password=PASSWORD, origin=HOME, now=NOW)
    mark = mark_with("", camille)
    assert connection_open(name="camille", password=PASSWORD, mark=mark, origin=HOME, now=NOW) == camille


def test_its_own_tries_are_counted_and_close_nobody_else() -> None:
    camille, sacha = someone(), someone("sacha")
    lost, mine = mark_with(mark_with("", sacha), camille), mark_with("", camille)
    for _number in range(10):
        with pytest.raises(WrongCredentials):
            connection_open(name="camille", password="wrong", mark=lost, origin=HOME, now=NOW)
    with pytest.raises(TooManyAttempts):
        connection_open(name="camille", password=PASSWORD, mark=lost, origin=HOME, now=NOW)
    assert connection_open(name="sacha", password=PASSWORD, mark=lost, origin=HOME, now=NOW) == sacha
    assert connection_open(name="camille", password=PASSWORD, mark=mine, origin=HOME, now=NOW) == camille


def test_a_mark_is_of_its_accounts_and_of_the_password_that_they_had() -> None:
    camille, sacha = someone(), someone("sacha")
    mark = mark_with("", camille)
    assert known_as(mark, [camille.pk])
    assert known_as(mark, [sacha.pk]) == ""
    camille.set_password(OTHER_PASSWORD)
    camille.save()
    assert known_as(mark, [camille.pk]) == ""
    assert known_as(mark_with(mark, camille), [camille.pk])


@pytest.mark.parametrize(
    "mark",
    ["", "x", "é", pytest.param(signing.dumps(["bits", {"1": "x"}], salt="another"), id="of another salt")],
)
def test_what_we_did_not_sign_is_nothing(mark: str) -> None:
    assert known_as(mark, [someone().pk]) == ""


def test_a_tablet_that_a_home_shares_keeps_the_latest_of_its_accounts() -> None:
    accounts = [someone(f"name{number}") for number in range(ACCOUNTS_AT_MOST + 1)]
    mark = ""
    for account in [*accounts, accounts[1]]:
        mark = mark_with(mark, account)
    assert [bool(known_as(mark, [account.pk])) for account in accounts] == [False] + [True] * ACCOUNTS_AT_MOST
    assert len(signing.loads(mark, salt=SALT)[1]) == ACCOUNTS_AT_MOST


def test_no_name_that_somebody_types_is_counted_as_a_browser_or_as_who_is_logged_in() -> None:
    camille = someone()
    mark = mark_with("", camille)
    for name in (known_as(mark, [camille.pk]), f"OWN {camille.pk}"):
        for _number in range(11):
            with pytest.raises((WrongCredentials, TooManyAttempts)):
                connection_open(name=name, password="wrong", origin=STRANGER, now=NOW)
    assert connection_open(name="camille", password=PASSWORD, mark=mark, origin=HOME, now=NOW) == camille
    _renamed(camille)


def test_who_is_logged_in_gives_its_password_again_while_strangers_try() -> None:
    camille = someone()
    closed_to_strangers()
    _renamed(camille)


def test_a_new_password_by_mail_lets_in_while_strangers_go_on() -> None:
    camille = someone()
    closed_to_strangers()
    (token,) = ask("camille")
    user = password_choose(token=token, password=OTHER_PASSWORD, now=NOW)
    closed_to_strangers()
    opened = connection_open(
        name="camille", password=OTHER_PASSWORD, mark=mark_with("", user), origin=HOME, now=NOW
    )
    assert opened == camille


def test_who_asks_in_a_names_place_leaves_its_owner_a_link_that_holds() -> None:
    """A stranger asks and asks, by one name then by the other: a mail less than a quarter of an hour old
    is always there, which holds for two hours."""
    someone()
    for minute in range(0, 60, 5):
        name = ("camille", "camille@example.org")[minute // 15 % 2]
        for _number in range(6):
            password_ask(name=name, origin=STRANGER, now=NOW + minute * MINUTE)
        password_ask(name="camille", origin=HOME, now=NOW + minute * MINUTE)
        latest = Message.objects.latest("pk")
        assert latest.created_at > NOW + (minute - 15) * MINUTE


def test_asking_too_often_is_answered_alike_whoever_exists() -> None:
    someone()
    for name in ("camille", "personne"):
        for _number in range(20):
            password_ask(name=name, origin=HOME, now=NOW)
    assert Message.objects.count() == 10
    for _number in range(10):
        password_ask(name="camille", origin=HOME, now=NOW)
    with pytest.raises(TooManyAttempts):
        password_ask(name="camille", origin=HOME, now=NOW)


def _renamed(camille: User) -> None:
    actor = Actor(camille.pk, "Camille")
    done = identifier_change(actor=actor, identifier="c.durand", password=PASSWORD, now=NOW)
    assert done.identifier == "c.durand"
