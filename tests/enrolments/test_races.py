"""Two agents at once on one request: one decides, the other is told."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from threading import Barrier

import pytest
from django.db import connection

from marelle.cases.services import AlreadyDecided
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.core.refusals import No
from marelle.enrolments.models import Enrolment
from marelle.enrolments.refusals import Denied
from marelle.enrolments.services import Terms, enrolment_accept, enrolment_refuse, enrolment_request
from marelle.flows.actor.actors import actor_for
from marelle.mail.models import Message
from tests.offer import LAST_DAY
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)


def at_once(*works: Callable[[], object]) -> list[object]:
    """Results, or refusals, of works started together."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return work()
        except No as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_accepting_and_refusing_at_once():
    world = Scenario()
    durand = world.home("Durand")
    zoe = world.child(durand, "Zoé", born=date(2019, 3, 4))
    wednesdays = world.activity("Mercredis")
    terms = Terms(date(2026, 12, 2), LAST_DAY, {})

    def ask() -> Enrolment:
        return enrolment_request(
            actor=durand.actor, person_id=zoe.pk, activity_id=wednesdays.pk, terms=terms, now=NOW
        )

    asked = at_once(ask, ask, ask)
    assert sum(isinstance(one, Denied) for one in asked) == 2, asked
    enrolment = Enrolment.objects.get()
    office = actor_for(world.staff("guichet", Role.OFFICE))
    director = actor_for(world.staff("direction", Role.DIRECTOR))
    ends = at_once(
        lambda: enrolment_accept(actor=office, enrolment_id=enrolment.pk, group_id=None, now=NOW),
        lambda: enrolment_refuse(actor=director, enrolment_id=enrolment.pk, reason="Complet.", now=NOW),
    )
    assert sum(isinstance(end, AlreadyDecided) for end in ends) == 1, ends
    assert sum(isinstance(end, Enrolment) for end in ends) == 1, ends
    assert Message.objects.exclude(kind="enrolments/requested").count() == 1
