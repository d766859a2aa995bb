"""« Filtrer les inscriptions »: by state, by school year, by activity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from marelle.enrolments.labels import school_year_text, shown_state
from marelle.enrolments.models import Enrolment
from marelle.places.rules import school_year_of
from marelle.ui.components import Choice, Filter


@dataclass(frozen=True, slots=True)
class Filtered:
    """The enrolments kept, and the selects to draw: none where there is nothing to choose."""

    rows: tuple[Enrolment, ...]
    filters: tuple[Filter, ...]


def filtered(rows: Sequence[Enrolment], asked: Mapping[str, str], day: date) -> Filtered:
    """`asked` is the address's query; a value that no enrolment has is as if it was not there."""
    states = {row.pk: shown_state(row, day).value for row in rows}
    years = {row.pk: str(school_year_of(row.starts_on)) for row in rows}
    # Last year's and this year's have one name, and are two rows: one choice finds both.
    keys: dict[str, str] = {}
    for row in rows:
        keys.setdefault(row.activity.name, str(row.activity_id))
    activities = {row.pk: keys[row.activity.name] for row in rows}
    labels = {state.value: str(state.label) for state in Enrolment.State}
    labels_of_years = {year: school_year_text(int(year)) for year in sorted(years.values(), reverse=True)}
    labels_of_activities = {key: name for name, key in keys.items()}
    kept, filters = tuple(rows), []
    for name, label, every, values, names in (
        ("etat", _("État"), _("Tous"), states, labels),
        ("annee", _("Année"), _("Toutes"), years, labels_of_years),
        ("activite", _("Activité"), _("Toutes"), activities, labels_of_activities),
    ):
        chosen = asked.get(name, "")
        present = set(values.values())
        if chosen in present:
            kept = tuple(row for row in kept if values[row.pk] == chosen)
        if len(present) > 1:
            filters.append(
                Filter(name, label, (Choice("", every), *_choices(names.items(), present, chosen)))
            )
    return Filtered(kept, tuple(filters))


def _choices(names: Iterable[tuple[str, str]], present: set[str], chosen: str) -> Iterable[Choice]:
    return [Choice(value, label, selected=value == chosen) for value, label in names if value in present]
