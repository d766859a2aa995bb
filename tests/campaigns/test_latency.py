"""A draw among early arrivals: whose line is slow has the turn of whoever else came in the first minutes."""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import correlation

from marelle.campaigns.drawing import seed_new, ticket_new
from marelle.campaigns.models import Campaign, Wish
from marelle.campaigns.rights import Held
from marelle.campaigns.running import draw_of, right_drawn
from marelle.core.clock import PARIS

OPENS = datetime(2027, 5, 3, 8, 30, tzinfo=PARIS)
EARLY_UNTIL = OPENS + timedelta(minutes=15)
HOMES = 2_000
NO_CHANCE = 7.0
"""Standard deviations: by chance it is seen once in a hundred thousand million times."""


def turns(came: list[datetime]) -> list[int]:
    """The turn of each, by when it came."""
    campaign = Campaign(mode="early", early_until=EARLY_UNTIL, seed=seed_new(), public_number="4 8 15 16 23")
    wishes = [Wish(ticket=ticket_new(), came_at=at) for at in came]
    draw = draw_of(campaign, [wish.ticket for wish in wishes])
    order = sorted(wishes, key=lambda wish: right_drawn(campaign, wish, Held(0, 0, ()), draw).order)
    place = {wish.ticket: turn for turn, wish in enumerate(order)}
    return [place[wish.ticket] for wish in wishes]


def test_the_turn_does_not_hang_on_how_fast_one_came() -> None:
    seconds = [number * 900 / HOMES for number in range(HOMES)]
    found = turns([OPENS + timedelta(seconds=late) for late in seconds])
    assert sorted(found) == list(range(HOMES))
    # Of independent ranks (Spearman) the coefficient's deviation is 1 / sqrt(n - 1).
    assert abs(correlation(range(HOMES), found)) < NO_CHANCE / (HOMES - 1) ** 0.5
    tenth = HOMES // 10
    fastest = sum(turn < tenth for turn in found[:tenth])
    # How many of the fastest tenth are in the first tenth: as drawn without return, 20 expected.
    assert abs(fastest - tenth / 10) < NO_CHANCE * (tenth * 0.1 * 0.9 * (HOMES - tenth) / (HOMES - 1)) ** 0.5


def test_who_comes_later_comes_after_by_the_instant() -> None:
    late = [EARLY_UNTIL + timedelta(seconds=number) for number in (0, 30, 5)]
    found = turns([EARLY_UNTIL - timedelta(microseconds=1), OPENS, *late])
    assert sorted(found[:2]) == [0, 1]
    assert found[2:] == [2, 4, 3]
