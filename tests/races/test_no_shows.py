"""Absences without notice decided by two agents, asked by two workers, and against a home that books."""

from __future__ import annotations

import pytest

from marelle.attendance.models import NoShow
from marelle.attendance.no_shows import no_show_suspend, no_show_warn, no_shows_ask
from marelle.bookings.models import Booking
from marelle.bookings.saving.ledger import Change
from marelle.bookings.saving.services import bookings_save
from marelle.cases.models import Case
from marelle.cases.services import AlreadyDecided
from marelle.core.actor import Role
from marelle.enrolments.models import Enrolment
from marelle.flows.actor.actors import actor_for
from marelle.mail.models import Message
from tests.attendance.test_no_shows import NOW, TO_COME, World
from tests.races.together import together, together_or_errors
from tests.races.truth import counters_hold

pytestmark = pytest.mark.django_db(transaction=True)


def suspending(world: World, row: NoShow, name: str, *, cancels: bool = True):
    agent = actor_for(world.made.staff(name, Role.DIRECTOR))
    return lambda: no_show_suspend(
        actor=agent,
        no_show_id=row.pk,
        first=TO_COME[0],
        last=TO_COME[2],
        reason="Trois fois.",
        cancels=cancels,
        now=NOW,
    )


def test_several_workers_ask_once() -> None:
    world = World()
    assert sorted(together([lambda: no_shows_ask(now=NOW)] * 4)) == [0, 0, 0, 1]
    assert (NoShow.objects.count(), Case.objects.filter(kind="no_show").count()) == (1, 1)
    assert world.enrolment.pk == NoShow.objects.get().enrolment_id


def test_of_two_agents_one_decides_and_the_other_is_told() -> None:
    world = World()
    row = world.asked()
    agent = actor_for(world.made.staff("avertit", Role.DIRECTOR))
    answers = together_or_errors(
        [
            suspending(world, row, "suspend"),
            lambda: no_show_warn(actor=agent, no_show_id=row.pk, now=NOW),
            suspending(world, row, "aussi"),
        ]
    )
    assert sum(isinstance(one, AlreadyDecided) for one in answers) == 2
    row.refresh_from_db()
    suspended = Enrolment.objects.get().suspended_from is not None
    assert row.decision == ("suspended" if suspended else "warned")
    assert Message.objects.filter(kind__startswith="attendance/").count() == 1


def test_a_home_that_books_meanwhile_is_seen_or_refused() -> None:
    """Nothing is left booked on a day that was suspended with what it held."""
    world = World()
    row = world.asked()
    opening = world.made.opening(world.morning, TO_COME[1])
    change = Change(world.zoe.pk, opening.pk, seen=False, wanted=True)
    together_or_errors(
        [
            lambda: bookings_save(actor=world.durand.actor, changes=[change], now=NOW),
            suspending(world, row, "suspend"),
        ]
    )
    counters_hold()
    assert Enrolment.objects.get().suspended_from == TO_COME[0]
    assert not Booking.objects.filter(day__in=TO_COME, state="booked").exists()
