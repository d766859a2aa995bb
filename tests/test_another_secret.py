"""With another secret, and the one before it still given, what was signed goes on; without that, nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from marelle.accounts.known import known_as, mark_with
from marelle.accounts.models import User
from marelle.accounts.notices import Notice
from marelle.accounts.stopping import stop_read, stop_token
from marelle.core.clock import instant_at
from marelle.flows.actor.feed import feed_actor, feed_token
from marelle.portal.access.stand_ins import client_of
from marelle.robots.challenges import new_challenge, read_answer, read_solution
from marelle.robots.refusals import NotProven, TooManySendings
from marelle.robots.rules import Allowance
from marelle.robots.services import sending_count
from tests.robots.solving import answered, solved
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db
NOW = instant_at(date(2026, 11, 2), datetime.min.time())
NEW = "another-secret-of-a-test" * 3

Counts = Callable[[], bool]
"""Whether what was signed before still counts."""


def signed_in(user: User) -> Counts:
    client = client_of(user)
    return lambda: client.get("/tableau-de-bord/").status_code == 200


def calendar(user: User) -> Counts:
    token = feed_token(user)
    return lambda: feed_actor(token) is not None


def link_of_a_mail(user: User) -> Counts:
    token = stop_token(user.pk, Notice.NEWS)
    return lambda: stop_read(token) is not None


def browser(user: User) -> Counts:
    mark = mark_with("", user)
    return lambda: known_as(mark, [user.pk]) != ""


def sum_in_words(_user: User) -> Counts:
    claim = answered(new_challenge(NOW))
    return lambda: proven(lambda: read_answer(claim.token, claim.answer, NOW))


def work_of_a_browser(_user: User) -> Counts:
    now = timezone.now()
    claim = solved(new_challenge(now))
    return lambda: proven(lambda: read_solution(claim.solution, now))


def limit(_user: User) -> Counts:
    def sent() -> bool:
        try:
            once = Allowance(1, timedelta(hours=1))
            sending_count(form="a-form", senders={"mail:roy@example.org": once}, now=NOW)
        except TooManySendings:
            return True
        return False

    assert not sent()
    return sent


def proven(read: Callable[[], object]) -> bool:
    try:
        read()
    except NotProven:
        return False
    return True


@pytest.mark.parametrize(
    "signed",
    [signed_in, calendar, link_of_a_mail, browser, sum_in_words, work_of_a_browser, limit],
    ids=lambda one: one.__name__,
)
def test_what_was_signed_counts_as_long_as_its_secret_is_given(signed: Callable[[User], Counts]) -> None:
    counts = signed(Scenario().home("Roy").user)
    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[]):
        assert not counts()
    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
        assert counts()


def test_who_is_in_is_signed_with_the_new_one_from_then_on() -> None:
    client = client_of(Scenario().home("Roy").user)
    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
        assert client.get("/tableau-de-bord/").status_code == 200
    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[]):
        assert client.get("/tableau-de-bord/").status_code == 200
