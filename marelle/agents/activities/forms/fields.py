"""Fields that Django has not: an age in years or in months, a day and an instant that can be meant."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.core.clock import local
from marelle.core.converters import id_read
from marelle.core.french import WEEKDAYS, weekday_name

YEARS, MONTHS = "years", "months"
OLDEST = 120
"""In years."""

FIRST_YEAR, LAST_YEAR = 2000, 2100
"""What a day of an activity may be: further is a slip of the keyboard."""


class AgeWidget(forms.MultiWidget):
    use_fieldset = True
    template_name = "agents/activities/age.html"

    def __init__(self, *, is_last: bool) -> None:
        self.is_last = is_last
        number = forms.NumberInput({"min": 0, "max": OLDEST * 12, "aria-label": gettext_lazy("Âge")})
        unit = forms.Select(
            {"aria-label": gettext_lazy("En années ou en mois")},
            choices=((YEARS, gettext_lazy("ans")), (MONTHS, gettext_lazy("mois"))),
        )
        super().__init__([number, unit])

    def decompress(self, value: int | None) -> list[Any]:
        """In years where these are whole: 143 is "11 ans" for a last age, not for a first one."""
        if value is None:
            return [None, YEARS]
        years, rest = divmod(value, 12)
        whole = rest == (11 if self.is_last else 0)
        return [years, YEARS] if whole else [value, MONTHS]


class AgeField(forms.MultiValueField):
    """Months. A last age in years holds until the day before the next birthday: 11 ans is 143 months."""

    widget: AgeWidget

    def __init__(self, *, is_last: bool = False, **kwargs: Any) -> None:
        self.is_last = is_last
        number = forms.IntegerField(
            min_value=0,
            max_value=OLDEST * 12,
            error_messages={
                "invalid": gettext_lazy("Donnez un nombre."),
                "min_value": gettext_lazy("Donnez un nombre positif."),
                "max_value": gettext_lazy("Donnez un âge possible."),
            },
        )
        unit = forms.ChoiceField(choices=((YEARS, ""), (MONTHS, "")))
        super().__init__(
            fields=(number, unit), require_all_fields=False, widget=AgeWidget(is_last=is_last), **kwargs
        )
        number.required, unit.required = False, False

    def compress(self, data_list: list[Any]) -> int | None:
        number, unit = data_list or (None, YEARS)
        if number is None:
            if self.required:
                raise ValidationError(_("Donnez un âge."))
            return None
        months: int = number if unit == MONTHS else number * 12 + (11 if self.is_last else 0)
        if months > OLDEST * 12:
            raise ValidationError(_("Donnez un âge possible."))
        return months


class DayField(forms.DateField):
    """A day of this century, from the browser's own calendar."""

    def __init__(self, **kwargs: Any) -> None:
        wrong = gettext_lazy("Donnez une date, par exemple 02/12/2026.")
        super().__init__(
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            error_messages={"invalid": wrong, "required": wrong},
            **kwargs,
        )

    def to_python(self, value: Any) -> date | None:
        day = super().to_python(value)
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class InstantField(forms.DateTimeField):
    """An instant on the clocks of Paris, to the minute.

    `kept` is the one held so far: left as it was shown, it stays to the second, and in the hour that the end
    of October shows twice.
    """

    SHOWN = "%Y-%m-%dT%H:%M"
    kept: datetime | None = None

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(format=self.SHOWN, attrs={"type": "datetime-local"})
        wrong = gettext_lazy("Donnez un jour et une heure, par exemple 02/12/2026 08:00.")
        super().__init__(widget=widget, error_messages={"invalid": wrong, "required": wrong}, **kwargs)

    def to_python(self, value: Any) -> datetime | None:
        if self.kept is not None and value == local(self.kept).strftime(self.SHOWN):
            return self.kept
        told = value.strip() if isinstance(value, str) else value
        if told and not str(told)[:4].isdecimal():
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        if told and not FIRST_YEAR <= int(str(told)[:4]) <= LAST_YEAR:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        found: datetime | None = super().to_python(told)
        return None if found is None else found.replace(second=0, microsecond=0)


class HourField(forms.TimeField):
    """A time of the day, to the minute."""

    def __init__(self, **kwargs: Any) -> None:
        wrong = gettext_lazy("Donnez une heure, par exemple 08:30.")
        super().__init__(
            widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
            error_messages={"invalid": wrong, "required": wrong},
            **kwargs,
        )


class WeekdaysField(forms.TypedMultipleChoiceField):
    """Days of the week, from Monday = 0."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            coerce=int,
            choices=[(number, gettext_lazy(name)) for number, name in enumerate(WEEKDAYS)],
            widget=forms.CheckboxSelectMultiple({"class": "week"}),
            **kwargs,
        )


class RowsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Rows ticked in a list; a key that no row can have is one that is not in the list."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, queryset: Any, **kwargs: Any) -> None:
        wrong = gettext_lazy("Choisissez dans la liste.")
        messages = {"invalid_choice": wrong, "invalid_pk_value": wrong}
        super().__init__(queryset, **{"error_messages": messages, **kwargs})

    def _check_values(self, value: Iterable[Any]) -> Any:
        if any(id_read(str(key)) is None for key in value):
            # The database itself would break on it: Django checks one key, not a list of them.
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return super()._check_values(value)  # type: ignore[misc]


class LinesField(forms.CharField):
    """A list of short texts, one a line, each once."""

    AT_MOST, LENGTH = 30, 100

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 5}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        typed = super().clean(value).splitlines()
        lines = list(dict.fromkeys(line for line in (" ".join(text.split()) for text in typed) if line))
        if len(lines) > self.AT_MOST:
            raise ValidationError(_("Donnez au plus %(n)d lignes.") % {"n": self.AT_MOST})
        if any(len(line) > self.LENGTH for line in lines):
            raise ValidationError(_("Une ligne a plus de %(n)d lettres.") % {"n": self.LENGTH})
        return lines


def weekday_choices() -> list[tuple[int, str]]:
    return [(number, weekday_name(number)) for number in range(7)]


class DayForm(forms.Form):
    """Which day to look at."""

    jour = DayField(label=gettext_lazy("Choisissez un jour"))
