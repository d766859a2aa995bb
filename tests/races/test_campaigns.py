"""Answers that go out while somebody books the last place, and by several workers: none given twice."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

from marelle.bookings.models import Booking
from marelle.bookings.saving.ledger import Change, Outcome, Result
from marelle.bookings.saving.services import bookings_save
from marelle.campaigns.models import Wish
from marelle.campaigns.publishing import answers_go_out, campaign_publish
from marelle.campaigns.running import campaign_simulate, campaign_verify
from marelle.campaigns.wishing import wish_set
from marelle.core.refusals import No
from marelle.mail.models import Message
from tests.campaigns.world import ANSWERS, FIRST, IN_WINDOW, OVER, Asked, Summer
from tests.races.together import together_or_errors
from tests.races.truth import counters_hold
from tests.scenario import Home

pytestmark = pytest.mark.django_db(transaction=True)


def published(places: int, homes: int) -> tuple[Summer, list[Home]]:
    """All are asked for, nothing has gone out."""
    world = Summer(places=places, days=1)
    world.announced()
    asked = [world.family(f"Famille{n}") for n in range(homes)]
    for home in asked:
        world.wishes(home, FIRST)
    world.drawn()
    give = {"actor": world.director, "campaign_id": world.campaign.pk}
    campaign_simulate(**give, now=OVER)
    campaign_verify(**give, now=OVER)
    campaign_publish(**give, now=ANSWERS)
    return world, asked


def test_the_last_place_goes_to_who_books_it_or_to_whom_it_was_given_and_never_to_both() -> None:
    world, _asked = published(places=1, homes=1)
    rivals = [world.family(f"Rival{n}") for n in range(3)]
    opening = world.opening_on(FIRST)

    def books(home: Home) -> tuple[Outcome, ...]:
        child = world.children_of(home)[0]
        change = Change(child.pk, opening.pk, seen=False, wanted=True)
        return bookings_save(actor=home.actor, changes=[change], now=ANSWERS)

    calls = [partial(answers_go_out, now=ANSWERS), *(partial(books, home) for home in rivals)]
    answers = together_or_errors(calls)
    assert [one for one in answers if isinstance(one, Exception)] == []
    assert Booking.objects.holding().filter(opening=opening).count() == 1
    booked = [one for one in answers[1:] if one[0].result is Result.BOOKED]  # type: ignore[index]
    offered = Booking.objects.filter(opening=opening, state="offered").count()
    assert len(booked) + offered == 1
    while answers_go_out(now=ANSWERS):
        pass
    assert Booking.objects.filter(opening=opening, state="waiting").count() == 1 - offered
    counters_hold()


def test_four_workers_answer_each_home_once() -> None:
    _world, asked = published(places=3, homes=6)
    answers = together_or_errors([partial(answers_go_out, now=ANSWERS)] * 4)
    assert [one for one in answers if isinstance(one, Exception)] == []
    while answers_go_out(now=ANSWERS):
        pass
    states = Counter(Booking.objects.values_list("state", flat=True))
    assert states == {"offered": 3, "waiting": 3}
    mails = Message.objects.filter(kind="campaigns/answer_there").values_list("family_id", flat=True)
    assert Counter(mails) == Counter(home.family.pk for home in asked)
    counters_hold()


def test_a_home_that_sends_its_wishes_twice_at_once_has_one_right() -> None:
    world = Summer()
    world.announced()
    home = world.family("Roy")
    child = world.children_of(home)[0].pk
    asked = Asked((child,), together=False, ranked={child: {world.unit(): 1}}, most=1)
    send = partial(wish_set, actor=home.actor, campaign_id=world.campaign.pk, asked=asked, now=IN_WINDOW)
    answers = together_or_errors([send] * 3)
    assert [one for one in answers if isinstance(one, Exception) and not isinstance(one, No)] == []
    assert Wish.objects.get().lines.count() == 1
