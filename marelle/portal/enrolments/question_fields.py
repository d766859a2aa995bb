"""The questions of an activity, as fields of its form; `enrolments.questions` judges the answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.activities.kinds import QuestionKind
from marelle.activities.models import Question
from marelle.enrolments.facts import question_facts
from marelle.enrolments.labels import reason_text
from marelle.enrolments.questions import ANSWER_LENGTH, NO, YES, Answer, wrong_answers

FEW = 6
"""Choices shown all at once; more are in a list to unfold."""


class TextAnswer(forms.CharField):
    """`required` is for the eye alone: the rule says what may be sent."""

    def validate(self, value: Any) -> None:
        pass


class PickedAnswer(forms.ChoiceField):
    """The same for an answer among some."""

    def validate(self, value: Any) -> None:
        pass


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question on the page. `asked` is the name of the field that sends back the words shown."""

    field: forms.BoundField
    asked: str
    text: str


class Questions:
    """The questions of one activity within a form, under names that begin with `prefix`."""

    def __init__(self, form: forms.Form, questions: Iterable[Question], prefix: str = "question") -> None:
        self.form = form
        self.rows = {f"{prefix}-{row.pk}": row for row in questions}
        self.facts = question_facts(self.rows.values())
        for name, row in self.rows.items():
            form.fields[name] = _field(row)

    def shown(self) -> list[AskedQuestion]:
        return [AskedQuestion(self.form[name], _asked(name), row.text) for name, row in self.rows.items()]

    def answers(self) -> tuple[Answer, ...]:
        """Those given, each with the words that the page showed."""
        return tuple(
            Answer(row.pk, self.form.data.get(_asked(name), ""), row.kind, value)
            for name, row in self.rows.items()
            if (value := self.form.cleaned_data.get(name, ""))
        )

    def check(self) -> None:
        """Say under each question what is wrong with its answer."""
        wrong = wrong_answers(self.facts, self.answers())
        for name, row in self.rows.items():
            if row.pk in wrong:
                self.form.add_error(name, reason_text(wrong[row.pk].reason, {}))

    @property
    def are_wrong(self) -> bool:
        return self.form.is_bound and any(name in self.form.errors for name in self.rows)

    def initial(self, answers: Iterable[Answer]) -> dict[str, str]:
        """What the form begins with when these are proposed."""
        names = {row.pk: name for name, row in self.rows.items()}
        return {names[answer.question]: answer.value for answer in answers}


def _asked(name: str) -> str:
    return f"{name}-asked"


def _field(row: Question) -> forms.Field:
    if row.kind == QuestionKind.TEXT:
        widget = forms.Textarea(attrs={"rows": 2, "maxlength": ANSWER_LENGTH})
        return TextAnswer(label=row.text, required=row.required, widget=widget)
    if row.kind == QuestionKind.YES_NO:
        choices: list[tuple[str, Any]] = [(YES, _("oui")), (NO, _("non"))]
    else:
        choices = [(choice, choice) for choice in row.choices]
    if not row.required:
        choices.insert(0, ("", _("sans réponse")))
    elif len(choices) > FEW:
        choices.insert(0, ("", _("choisissez")))
    shown = forms.RadioSelect if len(choices) <= FEW else forms.Select
    return PickedAnswer(label=row.text, required=row.required, choices=choices, widget=shown)
