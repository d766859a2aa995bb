"""A parent takes a permission back, or closes the account, while the child saves: either order is whole."""

from __future__ import annotations

import pytest

from marelle.bookings.models import Booking
from marelle.bookings.rules import Why
from marelle.bookings.saving.ledger import Change, Outcome, Result
from marelle.core.refusals import NotYours
from marelle.enrolments.services.teens import teen_access_end, teen_allow
from marelle.families.models import Family
from marelle.flows.actor.actors import actor_for
from marelle.flows.home.teens import teen_bookings_save
from tests.races.crowd import NOW, WEDNESDAY, crowd
from tests.races.stopped import held, wait_until_stopped
from tests.races.together import together_or_errors
from tests.races.truth import counters_hold
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.postgres
@pytest.mark.parametrize("ends", ["permission", "account"])
def test_what_ends_while_a_save_waits_for_the_home_is_seen_by_it(ends: str) -> None:
    """The parent waits first, so that it comes first once the home is let go."""
    world = Scenario()
    activity = world.activity()
    world.slot(activity, capacity=2)
    world.rule(activity)
    (opening,) = world.openings(activity, WEDNESDAY)
    (parent,) = crowd(world, 1, [activity])
    child, home = parent.child, Family.objects.get(members__person=parent.child)
    child.birth_date = child.birth_date.replace(year=2013)
    child.save()
    access = world.teen(parent.home, child, activity)
    given = {"actor": parent.actor, "child_id": child.pk, "access_id": access.pk, "now": NOW}

    def closes() -> None:
        if ends == "account":
            teen_access_end(**given)
        else:
            teen_allow(activity_ids=[], seen=[activity.pk], **given)

    actor = actor_for(access.account)

    def books() -> tuple[Outcome, ...]:
        wait_until_stopped(1)
        change = Change(child.pk, opening.pk, seen=False, wanted=True)
        return teen_bookings_save(actor=actor, changes=[change], now=NOW)

    with held(Family.objects.filter(pk=home.pk)) as let_go:

        def once_both_are_stopped() -> None:
            wait_until_stopped(2)
            let_go()

        closed, saved = together_or_errors([closes, books], once_started=once_both_are_stopped)
    assert closed is None
    if ends == "account":
        assert isinstance(saved, NotYours)
    else:
        assert [(one.result, one.why) for one in saved] == [(Result.REFUSED, Why.PARENTS)]
    assert not Booking.objects.exists()
    counters_hold()
