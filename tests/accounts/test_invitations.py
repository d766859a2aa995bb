from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from marelle.accounts.models import Attempt, Invitation, User
from marelle.accounts.refusals import AlreadyActive, DeadLink, IdentifierTaken, TooManyAttempts
from marelle.accounts.selectors import last_invitation
from marelle.accounts.services import (
    account_activate,
    account_invite,
    invitation_resend,
    password_ask,
    password_choose,
)
from marelle.journal.models import Entry
from marelle.mail.models import Message, MessageState
from tests.accounts.people import AGENT, HOME, NOW, PASSWORD, someone


def invited(email: str = "camille@example.org") -> tuple[User, str]:
    sent = account_invite(actor=AGENT, label="Camille Durand", email=email, family_id=10, now=NOW)
    return User.objects.get(pk=sent.user_id), sent.token


@pytest.mark.django_db
def test_an_invitation_is_a_mail_whose_secret_is_nowhere_else() -> None:
    user, token = invited()
    message = Message.objects.get()
    assert message.to == "camille@example.org"
    assert f"/activation/{token}/" in message.text
    assert message.secret
    assert token not in str(Invitation.objects.values().get())
    assert not user.is_active
    assert not user.has_usable_password()
    assert Entry.objects.get().verb == "account.invited"


@pytest.mark.django_db
def test_without_mail_it_is_a_letter() -> None:
    invited(email="")
    assert Message.objects.get().state == MessageState.TO_PRINT


@pytest.mark.django_db
def test_the_link_serves_once() -> None:
    user, token = invited()
    active = account_activate(token=token, identifier="Camille.D", password=PASSWORD, now=NOW)
    assert (active.pk, active.identifier, active.is_active) == (user.pk, "camille.d", True)
    assert active.check_password(PASSWORD)
    with pytest.raises(DeadLink, match="dead_link") as refused:
        account_activate(token=token, identifier="other", password=PASSWORD, now=NOW)
    assert refused.value.why == "used"


@pytest.mark.django_db
def test_the_link_dies_after_fourteen_days() -> None:
    _user, token = invited()
    with pytest.raises(DeadLink) as refused:
        account_activate(token=token, identifier="camille", password=PASSWORD, now=NOW + timedelta(days=14))
    assert refused.value.why == "expired"
    account_activate(
        token=token, identifier="camille", password=PASSWORD, now=NOW + timedelta(days=14, seconds=-1)
    )


@pytest.mark.django_db
def test_an_invitation_tries_no_more_than_a_few_identifiers() -> None:
    _user, token = invited()
    for number in range(11):
        someone(f"name{number}")
    for number in range(10):
        with pytest.raises(IdentifierTaken):
            account_activate(token=token, identifier=f"name{number}", password=PASSWORD, origin=HOME, now=NOW)
    with pytest.raises(TooManyAttempts):
        account_activate(token=token, identifier="free", password=PASSWORD, origin=HOME, now=NOW)
    later = NOW + timedelta(minutes=15)
    account_activate(token=token, identifier="free", password=PASSWORD, origin=HOME, now=later)
    assert not Attempt.objects.filter(at=later).exists()


@pytest.mark.django_db
def test_sending_again_kills_the_former_link() -> None:
    user, token = invited()
    again = invitation_resend(actor=AGENT, user_id=user.pk, email="c2@example.org", now=NOW)
    with pytest.raises(DeadLink) as refused:
        account_activate(token=token, identifier="camille", password=PASSWORD, now=NOW)
    assert refused.value.why == "replaced"
    active = account_activate(token=again.token, identifier="camille", password=PASSWORD, now=NOW)
    assert active.email == "c2@example.org"
    with pytest.raises(AlreadyActive):
        invitation_resend(actor=AGENT, user_id=user.pk, now=NOW)
    latest = last_invitation(user.pk)
    assert latest is not None
    assert latest.used_at == NOW


@pytest.mark.django_db
def test_a_taken_identifier_leaves_the_invitation_alive() -> None:
    someone("camille")
    _user, token = invited()
    with pytest.raises(IdentifierTaken):
        account_activate(token=token, identifier="CAMILLE", password=PASSWORD, now=NOW)
    assert account_activate(token=token, identifier="camille2", password=PASSWORD, now=NOW).is_active


@pytest.mark.django_db
def test_an_unknown_link() -> None:
    with pytest.raises(DeadLink) as refused:
        account_activate(token="x", identifier="camille", password=PASSWORD, now=NOW)
    assert refused.value.why == "unknown"


def race(use: Callable[[int], object]) -> list[str]:
    """What six callers at the same instant get."""
    start = threading.Barrier(6)
    outcomes: list[str] = []

    def post(number: int) -> None:
        try:
            start.wait()
            use(number)
            outcomes.append("in")
        except DeadLink as refusal:
            outcomes.append(refusal.why)
        finally:
            connection.close()

    posts = [threading.Thread(target=post, args=[number]) for number in range(6)]
    for thread in posts:
        thread.start()
    for thread in posts:
        thread.join()
    return sorted(outcomes)


@pytest.mark.django_db(transaction=True)
def test_of_posts_at_once_one_wins() -> None:
    _user, token = invited()
    outcomes = race(
        lambda number: account_activate(
            token=token, identifier=f"camille{number}", password=PASSWORD, now=NOW
        )
    )
    assert outcomes == ["in"] + ["used"] * 5
    assert Entry.objects.filter(verb="account.activated").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_new_passwords_at_once_one_wins() -> None:
    someone()
    password_ask(name="camille", origin=HOME, now=NOW)
    found = re.search(r"/mot-de-passe/([\w-]+)/", Message.objects.get().text)
    assert found
    token = found[1]
    outcomes = race(lambda number: password_choose(token=token, password=f"{PASSWORD} {number}", now=NOW))
    assert outcomes == ["in"] + ["used"] * 5
    assert Entry.objects.filter(verb="password.changed").count() == 1
