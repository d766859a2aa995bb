"""Which answers a request may carry, what is kept of them, and which come back a year later."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.activities.kinds import QuestionKind
from marelle.enrolments.questions import (
    ANSWER_LENGTH,
    Answer,
    QuestionFacts,
    answers_held,
    answers_kept,
    same_answers,
    wrong_answers,
)
from marelle.enrolments.rules import Reason

SWIMS = QuestionFacts(1, "Sait nager ?", QuestionKind.YES_NO, required=True)
BUS = QuestionFacts(2, "Quel arrêt ?", QuestionKind.CHOICE, ("Gare", "Mairie"))
FRIEND = QuestionFacts(3, "Avec qui vient-il ?", QuestionKind.TEXT)
ALL = (SWIMS, BUS, FRIEND)


def answer(question: QuestionFacts, value: str, **changes) -> Answer:
    return Answer(
        **{"question": question.id, "text": question.text, "kind": question.kind, "value": value} | changes
    )


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ([answer(SWIMS, "yes")], {}),
        ([answer(SWIMS, "no"), answer(BUS, "Gare"), answer(FRIEND, "Inès")], {}),
        ([], {1: Reason.ANSWER_MISSING}),
        ([answer(SWIMS, "  ")], {1: Reason.ANSWER_MISSING}),
        ([answer(SWIMS, "maybe")], {1: Reason.ANSWER_UNKNOWN}),
        ([answer(SWIMS, "yes"), answer(BUS, "Lune")], {2: Reason.ANSWER_UNKNOWN}),
        ([answer(SWIMS, "yes"), answer(FRIEND, "x" * (ANSWER_LENGTH + 1))], {3: Reason.ANSWER_TOO_LONG}),
        ([answer(SWIMS, "yes", text="Ne sait pas nager ?")], {1: Reason.QUESTION_CHANGED}),
        ([answer(SWIMS, "yes", kind="text")], {1: Reason.QUESTION_CHANGED}),
        ([answer(SWIMS, "yes"), Answer(99, "D’une autre activité", "text", "x")], {}),
    ],
)
def test_what_may_be_answered(answers, wrong):
    assert {pk: denial.reason for pk, denial in wrong_answers(ALL, answers).items()} == wrong


def test_what_is_kept_is_in_the_order_of_the_questions_and_answers_them_alone():
    given_ = [answer(FRIEND, "Inès"), answer(BUS, ""), answer(SWIMS, "yes"), Answer(99, "?", "text", "x")]
    kept = answers_kept(ALL, given_)
    assert answers_held(kept) == (answer(SWIMS, "yes"), answer(FRIEND, "Inès"))


@given(st.lists(st.builds(Answer, st.integers(1, 4), st.text(), st.sampled_from(QuestionKind), st.text())))
def test_what_is_proposed_again_can_always_be_taken(given_):
    questions = [QuestionFacts(q.id + 10, q.text, q.kind, q.choices) for q in ALL]
    proposed = same_answers([*given_, answer(BUS, "Gare")], questions)
    assert not wrong_answers(questions, proposed)
    assert {a.question for a in proposed} <= {11, 12, 13}


def test_last_years_answers_go_to_the_same_words_whatever_their_key():
    again = QuestionFacts(22, BUS.text, QuestionKind.CHOICE, ("Mairie", "École"))
    given_ = [answer(BUS, "Mairie"), answer(FRIEND, "Inès")]
    assert same_answers(given_, [again]) == (answer(again, "Mairie"),)
    assert same_answers([answer(BUS, "Gare")], [again]) == ()
