from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time

import pytest
from django.contrib.sessions.backends.signed_cookies import SessionStore

from marelle.bookings.rules import Why
from marelle.bookings.saving.ledger import Change, Hours, Outcome, Result
from marelle.core.clock import PARIS
from marelle.planning.outcomes import KEPT_AT_MOST, outcome_lines, recall, refusal, remember
from marelle.ui.components import OutcomeKind
from tests.planning.test_cells import OPENING

TICKED = Change(child_id=5, opening_id=7, seen=False, wanted=True)
LIMIT = datetime(2026, 9, 8, 23, 59, tzinfo=PARIS)


def outcome(result, **fields):
    return Outcome(**{"change": TICKED, "result": result, "opening": OPENING, "child_name": "Zoé", **fields})


def test_a_line_names_the_day_the_slot_and_the_child():
    (line,) = outcome_lines([outcome(Result.BOOKED)])
    assert (line.kind, line.title, line.detail) == (
        OutcomeKind.OK,
        "Mercredi 9 septembre · Matin · Zoé",
        "Réservé.",
    )


def test_a_refusal_says_until_when_it_was_possible():
    (line,) = outcome_lines([outcome(Result.REFUSED, why=Why.TOO_LATE, limit=LIMIT)])
    assert line.kind is OutcomeKind.REFUSED
    assert line.detail == (
        "Trop tard : les réservations étaient possibles jusqu’au mardi 8 septembre à 23 h 59."
    )


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (Result.BOOKED, "Réservé. De 8\u00a0h à 12\u00a0h."),
        (Result.UNCHANGED, "C’était déjà réservé. De 8\u00a0h à 12\u00a0h."),
    ],
)
def test_hours_are_those_that_are_held(result, said):
    asked = replace(TICKED, starts=time(3), ends=time(23, 59))
    held = Hours(OPENING.starts_at, OPENING.ends_at)
    (line,) = outcome_lines([outcome(result, change=asked, hours=held)])
    assert line.detail == said
    (line,) = outcome_lines([outcome(result, change=asked)])
    assert "3\u00a0h" not in str(line.detail)


@pytest.mark.parametrize("result", Result)
def test_every_result_is_told(result):
    change = replace(TICKED, seen=True, wanted=False)
    (line,) = outcome_lines([outcome(result, change=change)])
    assert line.detail


@pytest.mark.parametrize("why", Why)
@pytest.mark.parametrize("limit", [None, LIMIT])
@pytest.mark.parametrize("other", ["", "Journée"])
def test_every_reason_is_a_sentence(why, limit, other):
    assert refusal(outcome(Result.REFUSED, why=why, limit=limit, other=other)).endswith(".")


def test_what_failed_comes_first_and_what_did_not_move_says_nothing():
    lines = outcome_lines(
        [
            outcome(Result.BOOKED),
            outcome(Result.UNCHANGED, change=replace(TICKED, seen=True)),
            outcome(Result.REFUSED, why=Why.FULL, may_wait=True),
        ]
    )
    assert [line.kind for line in lines] == [OutcomeKind.REFUSED, OutcomeKind.OK]


def test_an_agent_hears_that_a_reason_is_needed():
    (line,) = outcome_lines([outcome(Result.REFUSED, why=Why.TOO_LATE, limit=LIMIT, needs_derogation=True)])
    assert "indiquez un motif de dérogation" in line.detail


@pytest.mark.parametrize("why", Why)
@pytest.mark.parametrize("limit", [None, LIMIT])
def test_an_agent_who_books_is_not_spoken_to_as_a_parent(why, limit):
    said = outcome(Result.REFUSED, why=why, limit=limit, other="" if why is not Why.ELSEWHERE else "Le dojo")
    (line,) = outcome_lines([said], by_staff=True)
    assert line.detail.endswith(".")
    for word in ("otre enfant", "contactez", "dojo", "Mes documents"):
        assert word not in line.detail, line.detail


def test_cells_that_do_not_exist_are_told_in_one_line():
    unknown = [outcome(Result.REFUSED, why=Why.UNKNOWN, opening=None)] * 3
    (line,) = outcome_lines(unknown)
    assert line.title == "3 cases inconnues"


def test_lines_are_shown_once_with_the_button_of_the_waiting_list():
    session = SessionStore()
    remember(session, "here", outcome_lines([outcome(Result.REFUSED, why=Why.FULL, may_wait=True)]))
    assert recall(session, "elsewhere") == []
    (line,) = recall(session, "here")
    assert (line.action_name, line.action_value) == ("attente", "5.7")
    assert recall(session, "here") == []


def test_beyond_what_a_session_keeps_lines_are_counted():
    session = SessionStore()
    remember(session, "here", outcome_lines([outcome(Result.BOOKED)] * (KEPT_AT_MOST + 7)))
    lines = recall(session, "here")
    assert len(lines) == KEPT_AT_MOST + 1
    assert lines[-1].title == "… et 7 autres cases"
