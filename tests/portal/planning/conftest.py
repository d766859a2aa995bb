from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page

from marelle.accounts.models import User
from marelle.core.clock import PARIS
from marelle.core.sessions import SessionStore
from marelle.flows.actor.actors import actor_for
from marelle.places.lives import life_of
from marelle.portal.access.sessions import life_begin
from tests.portal.planning.cast import NOW, Cast
from tests.scenario import Scenario

Opener = Callable[..., Page]


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    """The Durands and their Wednesdays; the clock stands on Monday 7 September 2026, at ten."""
    with time_machine.travel(NOW, tick=False):
        yield Cast(Scenario())


@pytest.fixture
def camille(cast: Cast, client: Client) -> Client:
    client.force_login(cast.durand.user)
    return client


@pytest.fixture
def day() -> date:
    """A Wednesday that can be booked: the browser's clock is the real one."""
    today = datetime.now(PARIS).date()
    return today + timedelta(days=(2 - today.weekday()) % 7 + 14)


@pytest.fixture
def home(transactional_db: None, day: date) -> Cast:
    world = Scenario()
    cast = Cast(world)
    cast.__dict__["wednesdays"] = world.activity(
        "Mercredis", first_day=day - timedelta(days=60), last_day=day + timedelta(days=60)
    )
    world.rule(cast.wednesdays)
    world.enrolment(cast.zoe, cast.wednesdays, cast.durand)
    full = world.slot(cast.wednesdays, "Repas", "12:00", "13:30", capacity=1)
    cast.__dict__["morning"] = world.slot(cast.wednesdays, "Matin", capacity=8)
    for week in range(3):
        world.opening(cast.morning, day + timedelta(weeks=week))
    world.booking(cast.stranger(), world.opening(full, day))
    return cast


def log_in(page: Page, user: User, url: str, **extra: int) -> None:
    session = SessionStore()
    session.update(extra)
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    life_begin(session, life_of(actor_for(user)), now=timezone.now())
    session.save()
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": str(session.session_key), "url": url}]
    )


@pytest.fixture
def planning(home: Cast, open_page: Opener, live_server: object, day: date) -> Callable[..., Page]:
    def opening(**options: object) -> Page:
        page = open_page(**options)
        log_in(page, home.durand.user, str(live_server))
        page.goto(home.url(day=day))
        return page

    return opening
