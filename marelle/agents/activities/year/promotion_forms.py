"""The form of a « passage de classe »: for each level where it goes, who goes up and who repeats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.agents.activities.year import promotion_words as words
from marelle.core.converters import id_read
from marelle.families.rules import LEVELS
from marelle.flows.year.promoting import Asked, LevelAhead, SchoolAhead

CHOOSE = gettext_lazy("Choisissez dans la liste.")
NOWHERE = "0"


class Row(NamedTuple):
    """A pupil with its ticks; `goes` is None for one who has nowhere to go. `url`: where its name leads."""

    id: int
    name: str
    teacher: str
    goes: bool | None
    repeats: bool
    url: str


@dataclass(frozen=True, slots=True)
class Section:
    """A level; `is_open`: its names show at once, since they leave, or since they were ticked."""

    level: str
    title: str
    count: str
    destination: forms.BoundField | None
    is_open: bool
    rows: tuple[Row, ...]


class PromotionForm(forms.Form):
    """Ticks are named by the level that was shown, so that a child whose level has changed is told."""

    def __init__(self, data: QueryDict | None, *, ahead: SchoolAhead, schools: dict[int, str]) -> None:
        super().__init__(data)
        self.ahead = ahead
        own = ahead.school.pk
        others = sorted((name, pk) for pk, name in schools.items() if pk != own)
        for level in ahead.levels:
            if level.goes_to is None:
                continue
            name = f"to-{level.level}"
            self.fields[name] = forms.TypedChoiceField(
                label=_("Ils vont à"),
                choices=[
                    (NOWHERE, _("nulle part : ils quittent l’école")),
                    (str(own), ahead.school.name),
                    *((str(pk), name) for name, pk in others),
                ],
                coerce=lambda text: int(text) or None,
                empty_value=None,
                # A level that has come since the page was shown is not asked about: nobody is ticked in it.
                required=data is None or name in data,
                initial=str(own) if level.stays else NOWHERE,
                error_messages={"invalid_choice": CHOOSE, "required": CHOOSE},
            )

    def asked(self) -> list[Asked]:
        """By level as it was shown; one of which nobody is left goes nowhere, and its children are told."""
        return [
            Asked(
                level,
                self.cleaned_data.get(f"to-{level}"),
                frozenset(self._ids(f"up-{level}")),
                frozenset(self._ids(f"again-{level}")),
            )
            for level in LEVELS
        ]

    def sections(self, ways: Mapping[int, str]) -> Iterator[Section]:
        for level in self.ahead.levels:
            name = f"to-{level.level}"
            yield Section(
                level.level,
                words.level_text(level),
                words.count_text(len(level.pupils)),
                self[name] if name in self.fields else None,
                self.is_bound or not level.stays,
                tuple(self._rows(level, ways)),
            )

    def _rows(self, level: LevelAhead, ways: Mapping[int, str]) -> Iterator[Row]:
        moving, repeating = self._ids(f"up-{level.level}"), self._ids(f"again-{level.level}")
        for pupil in level.pupils:
            goes = None if level.goes_to is None else not self.is_bound or pupil.id in moving
            url = words.pupil_url(pupil, ways)
            yield Row(pupil.id, pupil.name, pupil.teacher, goes, pupil.id in repeating, url)

    def _ids(self, name: str) -> set[int]:
        texts = self.data.getlist(name) if isinstance(self.data, QueryDict) else []
        return {pk for pk in map(id_read, texts) if pk}
