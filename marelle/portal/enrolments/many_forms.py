"""« Faire plusieurs demandes »: a child by activity tick box, and the days wished under each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.enrolments.models import Enrolment
from marelle.enrolments.offers import Offer, renewed
from marelle.enrolments.questions import Answer
from marelle.enrolments.rules import earliest_start
from marelle.enrolments.services import Terms
from marelle.families.selectors import Child
from marelle.flows.enrolling.asking import Wanted
from marelle.portal.enrolments.asking_words import OfferCard, offer_card
from marelle.portal.enrolments.forms import wish_days
from marelle.portal.enrolments.question_fields import AskedQuestion, Questions
from marelle.ui.wishes import wish_rows

BOX = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")
BOXES_AT_MOST = 100
"""Boxes of one form that are looked at: the page shows some thirty."""


@dataclass(frozen=True, slots=True)
class ManyChoice:
    """One child by activity. `key` is what its box posts."""

    child: Child
    offer: Offer

    @property
    def key(self) -> str:
        return f"{self.child.id}-{self.offer.activity.pk}"

    @property
    def name(self) -> str:
        return _("%(child)s, %(activity)s") % {
            "child": self.child.first_name,
            "activity": self.offer.activity.name,
        }


@dataclass(frozen=True, slots=True)
class ManyLine:
    key: str
    card: OfferCard
    ticked: bool
    days: SafeString
    has_wishes: bool
    questions: tuple[AskedQuestion, ...]
    opens_questions: bool


@dataclass(frozen=True, slots=True)
class ManySection:
    """What may be asked for one child."""

    child_id: int
    name: str
    lines: tuple[ManyLine, ...]


@dataclass(frozen=True, slots=True)
class Again:
    """Last year's: what the button « Reprendre l’an dernier » ticks, its names, and answers by key."""

    ticked: Mapping[str, list[str]]
    answers: Mapping[str, tuple[Answer, ...]]
    names: tuple[str, ...]


def pairs_of(posted: Iterable[str]) -> list[tuple[int, int]]:
    """Child and activity of each box ticked, as far as it is one."""
    found = (BOX.fullmatch(key) for key in islice(posted, BOXES_AT_MOST))
    return [(int(match[1]), int(match[2])) for match in found if match is not None]


def choices_of(children: Sequence[Child], offers: Mapping[int, Sequence[Offer]]) -> dict[str, ManyChoice]:
    """Every child by activity offered, those that may not be asked for too: the service says why."""
    found = [ManyChoice(child, offer) for child in children for offer in offers[child.id]]
    return {choice.key: choice for choice in found}


def ticked_again(choices: Mapping[str, ManyChoice], past: Sequence[Enrolment], day: date) -> Again:
    """What went on last year and may be asked for again."""
    boxes: list[str] = []
    wishes: list[str] = []
    answers: dict[str, tuple[Answer, ...]] = {}
    names: list[str] = []
    possible = [choice for choice in choices.values() if choice.offer.denial is None]
    for child_id in dict.fromkeys(choice.child.id for choice in possible):
        mine = {choice.offer.activity.pk: choice for choice in possible if choice.child.id == child_id}
        rows = [row for row in past if row.person_id == child_id]
        for renewal in renewed(rows, [choice.offer.activity for choice in mine.values()], day):
            choice = mine[renewal.activity_id]
            boxes.append(choice.key)
            answers[choice.key] = renewal.answers
            names.append(choice.name)
            wishes += [
                f"{choice.key}-{weekday}-{slot}"
                for weekday, slots in renewal.wishes.items()
                for slot in sorted(slots)
            ]
    return Again({"wanted": boxes, "wishes": wishes}, answers, tuple(names))


class ManyForm(forms.Form):
    starts_on = forms.DateField(
        label=gettext_lazy("À partir du"),
        help_text=gettext_lazy("Une activité qui commence plus tard est demandée dès son premier jour."),
        error_messages={
            "required": gettext_lazy("Donnez le premier jour."),
            "invalid": gettext_lazy("Donnez une date, par exemple 02/12/2026."),
        },
    )
    wanted = forms.MultipleChoiceField(
        label=gettext_lazy("Activités demandées"),
        error_messages={
            "required": gettext_lazy("Cochez au moins une activité."),
            "invalid_choice": gettext_lazy(
                "Une des activités cochées n’est plus proposée : choisissez dans la liste."
            ),
        },
    )
    wishes = forms.MultipleChoiceField(
        label=gettext_lazy("Jours et créneaux souhaités"),
        required=False,
        error_messages={
            "invalid_choice": gettext_lazy(
                "Un des créneaux cochés n’est pas proposé ce jour-là : choisissez dans la liste."
            )
        },
    )

    use_required_attribute = False
    """A question is to be answered when its activity is ticked, which a browser does not know."""

    def __init__(
        self,
        *args: Any,
        choices: Mapping[str, ManyChoice],
        today: date,
        again: Again | None = None,
        **kwargs: Any,
    ) -> None:
        """`again` fills the form with last year's."""
        super().__init__(*args, **kwargs)
        self.initial.setdefault("starts_on", today)
        self.choices = choices
        self.today = today
        self.fields["starts_on"].widget = forms.DateInput(
            format="%Y-%m-%d", attrs={"type": "date", "min": today.isoformat()}
        )
        self.fields["wanted"].choices = [(key, choice.name) for key, choice in choices.items()]  # type: ignore[attr-defined]
        self.fields["wishes"].choices = [  # type: ignore[attr-defined]
            (f"{key}-{weekday}-{slot.pk}", slot.name)
            for key, choice in choices.items()
            for slot in choice.offer.activity.slots.all()
            for weekday in slot.weekdays
        ]
        self.questions = {
            key: Questions(self, choice.offer.activity.questions.all(), f"question-{key}")
            for key, choice in choices.items()
        }
        if again is not None:
            self.initial.update(again.ticked)
            for key, answers in again.answers.items():
                self.initial.update(self.questions[key].initial(answers))

    def clean_starts_on(self) -> date:
        day: date = self.cleaned_data["starts_on"]
        if day < self.today:
            raise ValidationError(_("Cette date est passée : choisissez aujourd’hui ou plus tard."))
        return day

    def clean(self) -> dict[str, Any]:
        """Days wished for an activity that is not ticked are a slip: nobody guesses which of the two."""
        ticked = set(self.cleaned_data.get("wanted", ()))
        for key in ticked:
            self.questions[key].check()
        slips = {_key_of(wish) for wish in self.cleaned_data.get("wishes", ())} - ticked
        if slips and "wanted" in self.cleaned_data:
            names = " ; ".join(choice.name for key, choice in self.choices.items() if key in slips)
            self.add_error(
                "wanted",
                _("Des jours sont choisis sans que l’activité soit cochée : %(names)s.") % {"names": names},
            )
        return self.cleaned_data

    def requests(self) -> list[Wanted]:
        return [self._wanted(self.choices[key]) for key in dict.fromkeys(self.cleaned_data["wanted"])]

    def name_of(self, wanted: Wanted) -> str:
        return self.choices[f"{wanted.person_id}-{wanted.activity_id}"].name

    def sections(self, kids: Iterable[Child]) -> list[ManySection]:
        """By child, what may be asked for; what was asked already or cannot be stays on the child's page.

        Each of `kids` has its section: one that was left out without a word would be looked for.
        """
        ticked = set(self["wanted"].value() or ())
        wished = set(self["wishes"].value() or ())
        names = {child.id: child.first_name for child in kids}
        sections: dict[int, list[ManyLine]] = {pk: [] for pk in names}
        for choice in self.choices.values():
            if choice.offer.denial is None:
                line = _line(choice, ticked, wished, self.questions[choice.key])
                sections[choice.child.id].append(line)
        return [ManySection(pk, names[pk], tuple(lines)) for pk, lines in sections.items()]

    def _wanted(self, choice: ManyChoice) -> Wanted:
        wishes: dict[int, set[int]] = {}
        for wish in self.cleaned_data["wishes"]:
            if _key_of(wish) == choice.key:
                weekday, slot = wish.split("-")[2:]
                wishes.setdefault(int(weekday), set()).add(int(slot))
        starts_on = max(self.cleaned_data["starts_on"], earliest_start(choice.offer.facts, self.today))
        return Wanted(
            choice.child.id,
            choice.offer.activity.pk,
            Terms(
                starts_on=starts_on,
                ends_on=choice.offer.activity.last_day,
                wishes={weekday: frozenset(slots) for weekday, slots in wishes.items()},
                answers=self.questions[choice.key].answers(),
            ),
        )


def _line(choice: ManyChoice, ticked: Iterable[str], wished: Iterable[str], questions: Questions) -> ManyLine:
    prefix = f"{choice.key}-"
    mine = {wish.removeprefix(prefix) for wish in wished if wish.startswith(prefix)}
    return ManyLine(
        key=choice.key,
        card=offer_card(choice.offer),
        ticked=choice.key in ticked,
        days=wish_rows(wish_days(choice.offer.activity.slots.all(), mine, prefix)),
        has_wishes=bool(mine),
        questions=tuple(questions.shown()),
        opens_questions=choice.key in ticked or questions.are_wrong,
    )


def _key_of(wish: str) -> str:
    return "-".join(wish.split("-")[:2])
