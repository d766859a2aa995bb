"""Who works in a structure, and who of them comes on a day."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.activities.models import StaffMember
from marelle.activities.services.staff import StaffCell
from marelle.agents.activities.forms.edit import EditForm, show_anew
from marelle.agents.activities.forms.fields import DayField
from marelle.places.rules import school_year_days, school_year_of
from marelle.ui.forms import NumberField

MOST_ADULTS = 99

Planned = tuple[int | None, frozenset[int]]
"""How many adults, and who of the register they are."""

NOBODY: Planned = (None, frozenset())


class StaffMemberForm(EditForm):
    first_day = DayField(label=gettext_lazy("Premier jour"))
    last_day = DayField(
        label=gettext_lazy("Dernier jour"),
        help_text=gettext_lazy("Au-delà, la personne n’est plus proposée, et n’est plus prévue."),
    )

    class Meta:
        model = StaffMember
        fields = ("first_name", "last_name", "qualification", "first_day", "last_day")

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("first_day") and given.get("last_day") and given["last_day"] < given["first_day"]:
            self.add_error("last_day", _("Le dernier jour vient avant le premier."))
        return given


class CarryForm(forms.Form):
    """Who stays for another school year: this one, for who left in August, or the next."""

    year = forms.TypedChoiceField(
        label=gettext_lazy("Jusqu’à la fin de l’année scolaire"),
        coerce=int,
        error_messages={"invalid_choice": gettext_lazy("Choisissez dans la liste.")},
    )
    members = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Qui reste"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": gettext_lazy("Choisissez au moins une personne."),
            "invalid_choice": gettext_lazy("Choisissez dans la liste."),
        },
    )

    def __init__(self, data: Any, *, people: Sequence[tuple[StaffMember, str]], today: date) -> None:
        """Ticked: who stayed until the end of a school year, or will; not who left within one."""
        current = school_year_of(today)
        ends = {school_year_days(year)[1]: year for year in (current - 1, current)}
        stayed = {row.pk: ends[row.last_day] for row, _label in people if row.last_day in ends}
        wanted = min(stayed.values(), default=current) + 1
        super().__init__(data, initial={"year": wanted, "members": list(stayed)})
        self.fields["year"].choices = [  # type: ignore[attr-defined]
            (year, f"{year}-{year + 1}") for year in (current, current + 1)
        ]
        self.fields["members"].choices = [(row.pk, label) for row, label in people]  # type: ignore[attr-defined]


class StaffDayForm(forms.Form):
    """One list to tick and one number for each `columns`: a slot, or None for the whole day, and its name."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any,
        *,
        columns: Sequence[tuple[int | None, str]],
        people: Sequence[tuple[int, str]],
        held: Mapping[int | None, Planned],
    ) -> None:
        self.columns = columns
        super().__init__(data, initial={"seen": _text(held)})
        for slot_id, label in columns:
            number, members = held.get(slot_id, NOBODY)
            if people:
                self.fields[members_name(slot_id)] = forms.TypedMultipleChoiceField(
                    label=_("%(slot)s\u00a0: qui vient") % {"slot": label},
                    choices=people,
                    coerce=int,
                    required=False,
                    initial=sorted(members),
                    widget=forms.CheckboxSelectMultiple,
                    error_messages={"invalid_choice": gettext_lazy("Choisissez dans la liste.")},
                )
            self.fields[others_name(slot_id)] = NumberField(
                label=_("%(slot)s\u00a0: autres adultes, sans nom") % {"slot": label},
                min_value=0,
                max_value=MOST_ADULTS,
                required=False,
                initial=_others(number, members),
            )

    def cells(self, day: date) -> list[StaffCell]:
        seen = self._seen(self.cleaned_data["seen"])
        found = []
        for slot_id, _label in self.columns:
            members = frozenset(self.cleaned_data.get(members_name(slot_id), ()))
            others = self.cleaned_data[others_name(slot_id)]
            number = None if others is None and not members else len(members) + (others or 0)
            was_number, was_members = seen.get(slot_id, NOBODY)
            found.append(StaffCell(day, slot_id, was_number, number, members, was_members))
        return found

    def show_again(self, held: Mapping[int | None, Planned]) -> None:
        """Sent back with what is there now; what was typed stays."""
        show_anew(self, "seen", _text(held))

    def _seen(self, sent: str) -> dict[int | None, Planned]:
        """What the page showed, as the browser sends it back; nonsense is nothing shown."""
        try:
            return {
                int(slot) or None: (None if number is None else int(number), frozenset(map(int, members)))
                for slot, number, members in json.loads(sent)
            }
        except (TypeError, ValueError, OverflowError, RecursionError):
            return {}


def _others(number: int | None, members: frozenset[int]) -> int | None:
    if number is None or (members and number == len(members)):
        return None
    return number - len(members)


def members_name(slot_id: int | None) -> str:
    return f"m-{slot_id or 0}"


def others_name(slot_id: int | None) -> str:
    return f"n-{slot_id or 0}"


def _text(held: Mapping[int | None, Planned]) -> str:
    return json.dumps([[slot or 0, number, sorted(members)] for slot, (number, members) in held.items()])
