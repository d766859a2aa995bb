"""The file to import, and which of its columns is which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marelle.core.french import number_text
from marelle.core.tabular import Column
from marelle.families.imports.drafts import COLUMNS
from marelle.families.imports.kept import MOST_BYTES
from marelle.families.imports.services import MOST_LINES
from marelle.families.imports.words import Kind

MEGABYTES = MOST_BYTES // (1024 * 1024)


@dataclass(frozen=True, slots=True)
class Question:
    """A word to be explained: its kind, under which title and hint, what it may be, what was said of it."""

    kind: Kind
    word: str
    title: str
    label: str
    help: str
    hint: str
    choices: Sequence[tuple[str, str]]
    said: str


class FileForm(forms.Form):
    file = forms.FileField(
        label=_("Fichier"),
        help_text=_("Un CSV ou un classeur XLSX, de %(megabytes)d Mo et %(lines)s lignes au plus.")
        % {"megabytes": MEGABYTES, "lines": number_text(MOST_LINES)},
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx,.ods,text/csv"}),
        allow_empty_file=True,
        max_length=None,
        error_messages={"required": _("Choisissez un fichier.")},
    )


class HeadingForm(forms.Form):
    """Which of the first lines gives the titles of the columns."""

    def __init__(self, lines: Sequence[tuple[str, str]], at: str) -> None:
        super().__init__()
        self.fields["heading"] = forms.ChoiceField(label=_("La ligne des titres"), choices=lines, initial=at)


class WordsForm(forms.Form):
    """« C’est … »: one list for each word, of what it may be; none chosen: its lines wait."""

    def __init__(self, data: Mapping[str, Any] | None, questions: Sequence[Question]) -> None:
        super().__init__(data)
        self.questions = {f"{one.kind}-{one.word}": one for one in questions}
        for name, one in self.questions.items():
            self.fields[name] = forms.ChoiceField(
                label=one.label,
                required=False,
                choices=[("", _("C’est…")), *one.choices],
                initial=one.said,
                help_text=one.help,
            )

    def groups(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """The fields by what their words may be, under its title and hint."""
        found: dict[tuple[str, str], list[forms.BoundField]] = {}
        for name, one in self.questions.items():
            found.setdefault((one.title, one.hint), []).append(self[name])
        return [(title, hint, fields) for (title, hint), fields in found.items()]

    def said(self) -> dict[tuple[Kind, str], str]:
        return {(one.kind, one.word): self.cleaned_data[name] for name, one in self.questions.items()}


class ColumnsForm(forms.Form):
    """One list of the file's headings for each column that we know; none chosen: the file has it not."""

    known: Sequence[Column] = COLUMNS

    def __init__(
        self, data: Mapping[str, Any] | None, *, headings: Sequence[str], columns: Mapping[str, int]
    ) -> None:
        super().__init__(data)
        named = [
            (str(place), heading or gettext("Colonne %(n)d") % {"n": place + 1})
            for place, heading in enumerate(headings)
        ]
        for column in self.known:
            self.fields[column.code] = forms.ChoiceField(
                label=column.title,
                required=column.required,
                choices=[("", _("Choisir…") if column.required else _("Pas dans le fichier")), *named],
                initial=str(columns.get(column.code, "")),
                error_messages={"required": _("Dites quelle colonne du fichier c’est.")},
            )

    def chosen(self) -> dict[str, int]:
        places = {column.code: self.cleaned_data[column.code] for column in self.known}
        return {code: int(place) for code, place in places.items() if place}
