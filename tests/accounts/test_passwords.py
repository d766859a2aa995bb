from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from marelle.accounts.models import Attempt, SecretLink
from marelle.accounts.refusals import DeadLink, IdentifierTaken, TooManyAttempts, WrongCredentials
from marelle.accounts.services import (
    email_change,
    email_confirm,
    identifier_change,
    password_ask,
    password_change,
    password_choose,
)
from marelle.accounts.services.credentials import LINKS_A_DAY
from marelle.core.actor import Actor
from marelle.journal.models import Entry
from marelle.mail.models import Message
from tests.accounts.people import HOME, NOW, OTHER_PASSWORD, PASSWORD, someone
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db


def ask(name: str) -> list[str]:
    """The secrets of the mail that it caused."""
    password_ask(name=name, origin=HOME, now=NOW)
    message = Message.objects.order_by("pk").last()
    return re.findall(r"/mot-de-passe/([\w-]{40,})/", message.text) if message else []


@pytest.mark.parametrize("name", ["camille", "camille@example.org"])
def test_a_link_goes_to_the_address_of_the_account(name: str) -> None:
    camille = someone()
    (token,) = ask(name)
    assert Message.objects.get().to == "camille@example.org"
    assert password_choose(token=token, password=OTHER_PASSWORD, now=NOW) == camille
    camille.refresh_from_db()
    assert camille.check_password(OTHER_PASSWORD)


def test_a_shared_address_gets_one_mail_with_a_link_for_each() -> None:
    someone("camille", email="maison@example.org")
    someone("sacha", email="maison@example.org", display_name="Sacha Durand")
    tokens = ask("maison@example.org")
    assert len(tokens) == 2
    text = Message.objects.get().text
    assert "identifiant : camille" in text
    assert "identifiant : sacha" in text
    assert password_choose(token=tokens[1], password=OTHER_PASSWORD, now=NOW).identifier == "sacha"


@pytest.mark.parametrize(
    "name", ["camille", "personne", "nobody@example.org", "asleep", "without", "maison@example.org"]
)
def test_the_same_statements_whoever_exists(name: str, count_queries: Callable[..., Any]) -> None:
    someone()
    someone("asleep", is_active=False)
    someone("without", email="")
    someone("a.one", email="maison@example.org")
    someone("a.two", email="maison@example.org")
    assert Scenario().the_authority.pk  # whose name is then kept for a minute, whoever asks
    with count_queries() as seen:
        password_ask(name=name, origin=HOME, now=NOW)
    shapes = [statement.split()[0] for statement in seen]
    assert shapes == ["SELECT", "INSERT", "SELECT", "SELECT", "INSERT", "INSERT", "INSERT"]
    assert Entry.objects.get().verb == "password.asked"
    assert Message.objects.exists() == (name in {"camille", "maison@example.org"})


def test_asking_again_and_again_is_limited() -> None:
    someone()
    for _number in range(11):
        password_ask(name="camille", origin=HOME, now=NOW)
    assert Message.objects.count() == 10
    password_ask(name="camille", origin=HOME, now=NOW + timedelta(minutes=15))
    assert Message.objects.count() == 11


def test_a_link_serves_once_and_not_for_long() -> None:
    someone()
    (first,), (second,) = ask("camille"), ask("camille")
    with pytest.raises(DeadLink) as refused:
        password_choose(token=first, password=OTHER_PASSWORD, now=NOW + timedelta(hours=2))
    assert refused.value.why == "expired"
    password_choose(token=first, password=OTHER_PASSWORD, now=NOW)
    for token in (first, second):
        with pytest.raises(DeadLink) as refused:
            password_choose(token=token, password=PASSWORD, now=NOW)
        assert refused.value.why == "used"


def test_changing_the_password_asks_for_the_old_one_and_counts_failures() -> None:
    camille = someone()
    actor = Actor(camille.pk, "Camille")
    for _number in range(10):
        with pytest.raises(WrongCredentials):
            password_change(actor=actor, old="wrong", new=OTHER_PASSWORD, now=NOW)
    with pytest.raises(TooManyAttempts):
        password_change(actor=actor, old=PASSWORD, new=OTHER_PASSWORD, now=NOW)
    later = NOW + timedelta(minutes=15)
    password_change(actor=actor, old=PASSWORD, new=OTHER_PASSWORD, now=later)
    camille.refresh_from_db()
    assert camille.check_password(OTHER_PASSWORD)
    assert Message.objects.get().kind == "accounts/password_changed"


def test_changing_the_identifier() -> None:
    camille = someone()
    someone("sacha")
    actor = Actor(camille.pk, "Camille")
    with pytest.raises(IdentifierTaken):
        identifier_change(actor=actor, identifier="Sacha", password=PASSWORD, now=NOW)
    assert (
        identifier_change(actor=actor, identifier="C.Durand", password=PASSWORD, now=NOW).identifier
        == "c.durand"
    )


def test_who_tries_identifiers_one_after_the_other_is_stopped() -> None:
    camille = someone()
    for number in range(11):
        someone(f"name{number}")
    actor = Actor(camille.pk, "Camille")
    for number in range(10):
        with pytest.raises(IdentifierTaken):
            identifier_change(actor=actor, identifier=f"name{number}", password=PASSWORD, now=NOW)
    with pytest.raises(TooManyAttempts):
        identifier_change(actor=actor, identifier="free", password=PASSWORD, now=NOW)
    later = NOW + timedelta(minutes=15)
    assert (
        identifier_change(actor=actor, identifier="free", password=PASSWORD, now=later).identifier == "free"
    )
    assert not Attempt.objects.filter(at=later).exists()


def test_a_new_address_is_confirmed_there_and_told_to_the_old_one() -> None:
    camille = someone()
    assert email_change(actor=Actor(camille.pk, "C"), email="new@example.org", password=PASSWORD, now=NOW)
    message = Message.objects.get()
    found = re.search(r"/compte/adresse-mail/([\w-]+)/", message.text)
    assert message.to == "new@example.org"
    assert found
    camille.refresh_from_db()
    assert camille.email == "camille@example.org"
    email_confirm(token=found[1], now=NOW)
    camille.refresh_from_db()
    assert camille.email == "new@example.org"
    assert Message.objects.filter(kind="accounts/email_changed").get().to == "camille@example.org"
    with pytest.raises(DeadLink):
        email_confirm(token=found[1], now=NOW)


def test_a_few_addresses_a_day_are_written_to() -> None:
    camille = someone()
    actor = Actor(camille.pk, "C")
    for number in range(LINKS_A_DAY):
        at = NOW + timedelta(minutes=number)
        assert email_change(actor=actor, email=f"a{number}@example.net", password=PASSWORD, now=at)
    with pytest.raises(TooManyAttempts) as caught:
        email_change(actor=actor, email="b@example.net", password=PASSWORD, now=NOW + timedelta(hours=23))
    assert caught.value.retry_at == NOW + timedelta(days=1)
    assert Message.objects.filter(kind="accounts/confirm_email").count() == LINKS_A_DAY
    assert email_change(actor=actor, email="b@example.net", password=PASSWORD, now=caught.value.retry_at)
    assert not email_change(actor=actor, email="", password=PASSWORD, now=caught.value.retry_at)


def test_removing_the_address_needs_no_link_and_kills_those_sent_there() -> None:
    camille = someone()
    (token,) = ask("camille")
    assert not email_change(actor=Actor(camille.pk, "C"), email="", password=PASSWORD, now=NOW)
    camille.refresh_from_db()
    assert camille.email == ""
    with pytest.raises(DeadLink):
        password_choose(token=token, password=OTHER_PASSWORD, now=NOW)
    assert not SecretLink.objects.filter(used_at__isnull=True).exists()
