"""A claim holds once, for a while, only when it is ours; sendings are counted by each of their senders."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marelle.robots.challenges import Claim, new_challenge, read_answer, read_solution
from marelle.robots.models import Sending, UsedProof
from marelle.robots.refusals import NotProven, TooManySendings
from marelle.robots.rules import LIFE, QUESTION_TRIES, Allowance
from marelle.robots.services import human_check, robots_purge, sending_count
from tests.robots.solving import answered, solved

NOW = datetime(2026, 11, 25, 20, 14, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def at_now(db, time_machine):
    time_machine.move_to(NOW, tick=False)
    return time_machine


def why(claim: Claim, now: datetime = NOW) -> str:
    with pytest.raises(NotProven) as refused:
        human_check(claim=claim, network="192.0.2.1", now=now)
    return refused.value.code


@pytest.mark.parametrize("do", [solved, answered])
def test_a_claim_serves_once(at_now, do):
    claim = do(new_challenge(NOW))
    human_check(claim=claim, network="192.0.2.1", now=NOW)
    assert why(claim) == "used"


@pytest.mark.parametrize("do", [solved, answered])
def test_a_claim_that_waited_too_long(at_now, do):
    claim = do(new_challenge(NOW))
    at_now.move_to(NOW + LIFE + 2 * SECOND, tick=False)
    assert why(claim, NOW + LIFE + 2 * SECOND) == "expired"
    assert UsedProof.objects.count() == 0


def test_nothing_was_claimed(at_now):
    assert why(Claim()) == "missing"
    assert why(Claim(token="x", answer="  ")) == "missing"


def test_another_sum_another_token_another_key(at_now, settings):
    challenge = new_challenge(NOW)
    assert why(Claim(token=challenge.token, answer="99")) == "wrong"
    assert why(Claim(token=challenge.token + "x", answer=str(sum(challenge.terms)))) == "wrong"
    claims = (solved(challenge), answered(challenge))
    settings.SECRET_KEY = "another key"
    assert [why(claim) for claim in claims] == ["wrong", "wrong"]


def test_an_easier_challenge_is_not_ours(at_now):
    claim = solved(new_challenge(NOW))
    told = json.loads(base64.b64decode(claim.solution))
    told["challenge"]["parameters"]["keyPrefix"] = "00"
    assert why(Claim(solution=base64.b64encode(json.dumps(told).encode()).decode())) == "wrong"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None)
@given(JSON, JSON, st.text(max_size=40))
def test_garbage_is_only_wrong(challenge, solution, text):
    told = (
        challenge,
        {"challenge": challenge, "solution": solution},
        {"challenge": {"parameters": challenge, "signature": "x"}, "solution": solution},
    )
    for form in (text, *(base64.b64encode(json.dumps(one).encode()).decode() for one in told)):
        with pytest.raises(NotProven):
            read_solution(form, NOW)
        with pytest.raises(NotProven):
            read_answer(form, "3", NOW)


def test_sums_cannot_be_tried_one_after_the_other(at_now):
    challenge = new_challenge(NOW)
    for _ in range(QUESTION_TRIES.count):
        assert why(Claim(token=challenge.token, answer="99")) == "wrong"
    with pytest.raises(TooManySendings) as refused:
        human_check(claim=answered(challenge), network="192.0.2.1", now=NOW)
    assert refused.value.retry_at == NOW + QUESTION_TRIES.span
    human_check(claim=solved(challenge), network="192.0.2.1", now=NOW)
    human_check(claim=answered(new_challenge(NOW)), network="192.0.2.2", now=NOW)


def test_each_sender_has_its_own_limit_and_a_refused_sending_counts_for_none(db):
    two = Allowance(2, timedelta(hours=1))
    for minute in (0, 10):
        sending_count(form="f", senders={"mail:a@x": two}, now=NOW + timedelta(minutes=minute))
    with pytest.raises(TooManySendings) as refused:
        sending_count(form="f", senders={"mail:A@x ": two, "account:1": two}, now=NOW + timedelta(minutes=20))
    assert refused.value.retry_at == NOW + timedelta(hours=1)
    for minute in (20, 21):
        sending_count(form="f", senders={"account:1": two}, now=NOW + timedelta(minutes=minute))
    sending_count(form="g", senders={"mail:a@x": two}, now=NOW + timedelta(minutes=22))
    sending_count(form="f", senders={"mail:a@x": two}, now=NOW + timedelta(minutes=61))


def test_no_sender_is_named_in_the_table(db):
    sending_count(form="f", senders={"mail:a@x": Allowance(2, timedelta(hours=1))}, now=NOW)
    assert "a@x" not in str(Sending.objects.values().get())


def test_what_no_longer_counts_is_deleted(at_now, count_queries):
    human_check(claim=answered(new_challenge(NOW)), network=None, now=NOW)
    assert robots_purge(now=NOW + LIFE) == 0
    assert robots_purge(now=NOW + timedelta(days=1)) == 2
    with count_queries(2):
        assert robots_purge(now=NOW + timedelta(days=1)) == 0
