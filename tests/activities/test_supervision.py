"""Adults needed, by the texts named in the module; the examples are computed by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.activities.kinds import ActivityKind, Supervision
from marelle.activities.supervision import (
    LONG,
    Presence,
    Ratio,
    Staff,
    adults_needed,
    day_need,
    longest_run,
    ratio_of,
    rule_of,
)

SMALL = st.integers(0, 60)


@pytest.mark.parametrize(
    ("rule", "half_hours", "young", "old", "adults"),
    [
        (Supervision.HOLIDAYS, 20, 8, 12, 2),
        (Supervision.HOLIDAYS, 4, 9, 13, 4),
        (Supervision.TERM, LONG, 10, 14, 2),
        (Supervision.TERM, LONG + 1, 10, 14, 4),
        (Supervision.TERM_PEDT, LONG, 14, 18, 2),
        (Supervision.TERM_PEDT, LONG + 1, 14, 18, 4),
        (Supervision.SIX, 22, 12, 0, 2),
        (Supervision.SIX, 22, 12, 1, 3),
        (Supervision.SIX, 22, 1, 0, 2),
        (Supervision.WALKING, 22, 5, 8, 2),
        (Supervision.WALKING, 22, 6, 9, 4),
        (Supervision.HOLIDAYS, 20, 0, 0, 0),
    ],
)
def test_the_ratio_of_each_text(rule, half_hours, young, old, adults):
    ratio = ratio_of(rule, half_hours)
    assert ratio is not None
    assert ratio.adults(young, old) == adults


def test_an_activity_has_the_rule_of_its_kind_unless_it_names_one():
    assert rule_of(ActivityKind.CHILDCARE, "") is Supervision.SIX
    assert rule_of(ActivityKind.WEDNESDAY, "term_pedt") is Supervision.TERM_PEDT
    assert rule_of(ActivityKind.CANTEEN, "") is Supervision.NONE
    assert ratio_of(Supervision.NONE, 3) is None


def test_hours_in_a_row_are_joined_and_a_gap_cuts_them():
    assert longest_run([(16, 24), (24, 27), (27, 36)]) == 20
    assert longest_run([(33, 37), (14, 17)]) == 4
    assert longest_run([]) == 0


def test_a_day_lacks_at_its_worst_half_hour():
    needed = adults_needed(
        [Presence(1, 16, 24, 9, 0), Presence(1, 20, 24, 8, 0), Presence(2, 16, 40, 50, 50)], {1: Ratio(8, 12)}
    )
    assert (needed[16], needed[20]) == (2, 3)
    assert 30 not in needed, "an activity without a ratio asks for nobody"
    assert day_need(needed, None, ()).lacking is None
    lacking = day_need(needed, 2, ())
    assert (lacking.needed, lacking.lacking, lacking.at) == (3, 1, 20)
    by_slot = day_need(needed, 9, [Staff(16, 24, 1)])
    assert (by_slot.lacking, by_slot.at) == (2, 20), "the number of a slot stands before the day's"
    assert day_need(needed, None, [Staff(16, 24, 3)]).lacking == 0


@given(rule=st.sampled_from(Supervision), hours=st.integers(1, 48), young=SMALL, old=SMALL)
def test_one_child_more_never_asks_for_fewer_adults_and_nobody_is_too_many(rule, hours, young, old):
    ratio = ratio_of(rule, hours)
    if ratio is None:
        return
    adults = ratio.adults(young, old)
    assert adults <= ratio.adults(young + 1, old)
    assert adults <= ratio.adults(young, old + 1)
    assert adults * max(ratio.young, ratio.old) >= young + old


@given(needed=st.dictionaries(st.integers(0, 47), st.integers(0, 20)), planned=st.integers(0, 25))
def test_a_day_lacks_nobody_exactly_when_the_most_needed_are_planned(needed, planned):
    found = day_need(needed, planned, ())
    assert found.lacking == max(0, max(needed.values(), default=0) - planned)
    assert (found.at is None) == (found.lacking == 0)
