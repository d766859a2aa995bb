"""What a home answers to the questions of an activity: which answers a request may carry. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from marelle.activities.kinds import QuestionKind
from marelle.enrolments.rules import Denial, Reason

ANSWER_LENGTH = 500

YES, NO = "yes", "no"
"""What the answer to a question of kind YES_NO is."""


@dataclass(frozen=True, slots=True)
class QuestionFacts:
    id: int
    text: str
    kind: QuestionKind
    choices: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with the question as it was asked. `value` is the text, YES or NO, or one of the choices."""

    question: int
    text: str
    kind: str
    value: str


def wrong_answers(questions: Iterable[QuestionFacts], answers: Iterable[Answer]) -> dict[int, Denial]:
    """Why, by id of a question, its answer cannot be taken; empty when all can.

    An answer to other words than those of the question is none: the home has not read them.
    """
    given = {answer.question: answer for answer in answers if answer.value.strip()}
    found = {question.id: _wrong(question, given.get(question.id)) for question in questions}
    return {pk: Denial(reason, {}) for pk, reason in found.items() if reason is not None}


def _wrong(question: QuestionFacts, answer: Answer | None) -> Reason | None:
    if answer is None:
        return Reason.ANSWER_MISSING if question.required else None
    if (answer.text, answer.kind) != (question.text, question.kind):
        return Reason.QUESTION_CHANGED
    possible = {QuestionKind.YES_NO: (YES, NO), QuestionKind.CHOICE: question.choices}.get(question.kind)
    if possible is not None and answer.value not in possible:
        return Reason.ANSWER_UNKNOWN
    return Reason.ANSWER_TOO_LONG if len(answer.value) > ANSWER_LENGTH else None


def answers_kept(questions: Sequence[QuestionFacts], answers: Iterable[Answer]) -> list[dict[str, Any]]:
    """What an enrolment holds of them, in the order of the questions; what answers none is left out."""
    given = {answer.question: answer for answer in answers if answer.value.strip()}
    return [asdict(given[question.id]) for question in questions if question.id in given]


def answers_held(rows: Iterable[Mapping[str, Any]]) -> tuple[Answer, ...]:
    """The same, read back."""
    return tuple(Answer(row["question"], row["text"], row["kind"], row["value"]) for row in rows)


def same_answers(given: Iterable[Answer], questions: Iterable[QuestionFacts]) -> tuple[Answer, ...]:
    """Last year's answers, to the questions that this year asks in the same words and may take them."""
    by_words = {(answer.text, answer.kind): answer.value for answer in given}
    found = [
        Answer(question.id, question.text, question.kind, by_words[question.text, question.kind])
        for question in questions
        if (question.text, question.kind) in by_words
    ]
    wrong = wrong_answers(questions, found)
    return tuple(answer for answer in found if answer.question not in wrong)
