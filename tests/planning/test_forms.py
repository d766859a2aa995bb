from __future__ import annotations

from datetime import time
from urllib.parse import urlencode

from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from marelle.bookings.saving.ledger import Change
from marelle.planning.forms import queue_value, read_posted


def posted(*pairs: tuple[str, str], agent: bool = False):
    return read_posted(QueryDict(urlencode(pairs)), on_behalf_of=agent)


def test_only_differences_with_what_was_seen_are_changes():
    read = posted(("seen", "1.10 1.11"), ("c", "1.10"), ("c", "1.12"))
    assert read.changes == (
        Change(child_id=1, opening_id=11, seen=True, wanted=False),
        Change(child_id=1, opening_id=12, seen=False, wanted=True),
    )
    assert read.unreadable == 0


def test_ticking_what_was_shown_as_full_asks_for_the_waiting_list():
    (change,) = posted(("full", "1.10 1.11"), ("c", "1.10")).changes
    assert change.accepts_waiting


def test_an_agent_with_a_reason_passes_a_full_cell_instead_of_waiting():
    pairs = (("full", "1.10"), ("c", "1.10"), ("derogation", "  place\x00 accordée "))
    read = posted(*pairs, agent=True)
    assert read.derogation == "place accordée"
    assert not read.changes[0].accepts_waiting


def test_the_reason_of_a_family_is_not_read():
    read = posted(("full", "1.10"), ("c", "1.10"), ("derogation", "je veux"))
    assert read.derogation == ""
    assert read.changes[0].accepts_waiting


def test_hours_are_read_with_what_was_seen():
    read = posted(
        ("seen", "1.10 1.11"),
        ("h-1.10-a", "08:00"),
        ("h-1.10-d", "12:30"),
        ("h-1.11-a", ""),
        ("h-1.11-d", ""),
        ("h-1.12-a", ""),
        ("h-1.12-d", ""),
    )
    assert read.changes == (
        Change(child_id=1, opening_id=10, seen=True, wanted=True, starts=time(8), ends=time(12, 30)),
        Change(child_id=1, opening_id=11, seen=True, wanted=False),
    )


def test_half_a_choice_of_hours_is_kept_for_the_service_to_refuse():
    (change,) = posted(("h-1.10-a", "08:00"), ("h-1.10-d", "")).changes
    assert change.wanted
    assert change.starts == change.ends == time(8)


def test_which_half_was_chosen_is_known():
    read = posted(("h-1.10-a", "08:00"), ("h-1.10-d", ""), ("h-1.11-a", ""), ("h-1.11-d", "17:00"))
    assert read.halves == {(1, 10): ("08:00", ""), (1, 11): ("", "17:00")}
    assert posted(("h-1.10-a", "08:00"), ("h-1.10-d", "12:00")).halves == {}


def test_what_makes_no_sense_is_counted_and_the_rest_kept():
    read = posted(
        ("seen", "1.10 x"),
        ("c", "1.12"),
        ("c", "abc"),
        ("c", "1.10"),
        ("c", f"1.{'9' * 40}"),
        ("h-zz-a", "08:00"),
        ("h-1.13-a", "25:00"),
        ("h-1.13-d", "12:00"),
    )
    assert [change.opening_id for change in read.changes] == [12]
    assert read.unreadable == 5


def test_a_key_posted_twice_is_one_change():
    assert len(posted(("c", "1.12"), ("c", "1.12")).changes) == 1


def test_the_button_of_the_waiting_list_posts_the_change_again():
    for change in (
        Change(child_id=1, opening_id=10, seen=False, wanted=True),
        Change(child_id=1, opening_id=10, seen=True, wanted=True, starts=time(8), ends=time(9, 30)),
    ):
        (read,) = posted(("attente", queue_value(change))).changes
        assert (read.child_id, read.opening_id, read.starts, read.ends) == (1, 10, change.starts, change.ends)
        assert read.accepts_waiting
        assert read.wanted
    assert posted(("attente", "1.10 8h"), ("attente", "1.10 08:00")).unreadable == 2
    several = posted(("attente", "1.10,1.11 08:00 09:30"))
    assert [change.opening_id for change in several.changes] == [10, 11]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["seen", "c", "full", "attente", "derogation", "h-1.1-a", "h-1.1-d", "h-x-a", "h-"]
            ),
            st.text(st.characters(codec="utf-8")),
        )
    )
)
def test_reading_a_submission_never_fails(pairs):
    read = posted(*pairs, agent=True)
    assert len(read.derogation) <= 300
