"""The list of a school: of which year and school it is, who its pupils are, and what is confirmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marelle.agents.activities.year.copy_words import year_text
from marelle.agents.families.importing.forms import MEGABYTES, ColumnsForm, FileForm
from marelle.agents.families.record_forms import date_field
from marelle.core.converters import id_read
from marelle.core.french import number_text
from marelle.families.imports.pupil_lines import COLUMNS
from marelle.flows.year.pupils.services import MOST_LINES


class ListForm(FileForm):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        told = {"megabytes": MEGABYTES, "lines": number_text(MOST_LINES)}
        text = gettext("Un CSV ou un classeur XLSX, de %(megabytes)d Mo et %(lines)s lignes au plus.")
        self.fields["file"].help_text = text % told


class ListColumnsForm(ColumnsForm):
    """Its year and its school, then which column is which."""

    known = COLUMNS

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        headings: Sequence[str],
        columns: Mapping[str, int],
        year: int,
        years: Sequence[int],
        school_id: int | None,
        schools: Sequence[tuple[int, str]],
    ) -> None:
        super().__init__(data, headings=headings, columns=columns)
        self.fields["year"] = forms.TypedChoiceField(
            label=_("Année scolaire de la liste"),
            choices=[(str(one), year_text(one)) for one in years],
            coerce=int,
            initial=str(year),
        )
        self.fields["of_school"] = forms.TypedChoiceField(
            label=_("École de la liste"),
            choices=[("", _("Chaque ligne nomme la sienne")), *((str(pk), name) for pk, name in schools)],
            coerce=int,
            empty_value=None,
            required=False,
            initial=str(school_id or ""),
        )
        self.order_fields(["year", "of_school", *(column.code for column in COLUMNS)])


class AnswersForm(forms.Form):
    """One list for each pupil who may be several children; nothing chosen: nothing is noted of it."""

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        questions: Sequence[tuple[int, str, Sequence[tuple[str, str]], str]],
    ) -> None:
        super().__init__(data)
        self.lines = [line for line, _label, _choices, _said in questions]
        for line, label, choices, said in questions:
            self.fields[f"who-{line}"] = forms.TypedChoiceField(
                label=label,
                choices=[("", _("Je ne sais pas encore")), *choices],
                coerce=int,
                empty_value=None,
                required=False,
                initial=said,
            )

    def said(self) -> dict[int, int | None]:
        return {line: self.cleaned_data[f"who-{line}"] for line in self.lines}


class ConfirmForm(forms.Form):
    """The last day of who has left; the ticks stand in the page, one for each child."""

    left_on = date_field(_("Dernier jour dans cette école"), required=False)

    def __init__(self, data: QueryDict | None, *, left_on: date) -> None:
        super().__init__(data, initial={"left_on": left_on})

    def ticked(self, name: str) -> frozenset[int]:
        texts = self.data.getlist(name) if isinstance(self.data, QueryDict) else []
        return frozenset(pk for pk in map(id_read, texts) if pk)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.ticked("left") and not cleaned.get("left_on") and "left_on" not in self.errors:
            self.add_error("left_on", _("Donnez une date."))
        return cleaned
