"""The rows of the figures: the same for the page, the chart and the exports."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.agents.figures.asked import By, Chosen
from marelle.core.french import month_text, number_text
from marelle.flows.figures import Attended, Key
from marelle.flows.figures_rules import Band, Tally, hours

Value = int | Decimal | None

BANDS = {
    Band.UNDER_6: gettext_lazy("Moins de 6 ans"),
    Band.FROM_6: gettext_lazy("6–13 ans"),
    Band.FROM_14: gettext_lazy("14–17 ans"),
    Band.ADULT: gettext_lazy("18 ans et plus"),
    Band.UNKNOWN: gettext_lazy("Âge inconnu"),
}
BY_NAMES = {
    By.ACTIVITY: gettext_lazy("Activité"),
    By.AGE: gettext_lazy("Âge le jour même"),
    By.COMMUNE: gettext_lazy("Commune"),
    By.MONTH: gettext_lazy("Mois"),
    By.STRUCTURE: gettext_lazy("Structure"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """`unit` follows the number on the page, and stands in the heading of an export."""

    heading: Promise
    value: Callable[[Tally], Value]
    unit: str = ""


DECLARED = (
    Column(gettext_lazy("Heures réalisées"), lambda one: hours(one.present_seconds)),
    Column(gettext_lazy("Heures réservées"), lambda one: hours(one.booked_seconds)),
    Column(gettext_lazy("Journées-enfants réalisées"), lambda one: one.present_days),
    Column(gettext_lazy("Journées-enfants réservées"), lambda one: one.booked_days),
)
SEEN = (
    Column(gettext_lazy("Réservations"), lambda one: one.booked),
    Column(gettext_lazy("Venus"), lambda one: one.present),
    Column(gettext_lazy("dont sans réservation"), lambda one: one.unbooked),
    Column(gettext_lazy("Absents"), lambda one: one.absent),
    Column(gettext_lazy("Non notés"), lambda one: one.unseen),
    Column(gettext_lazy("Réservés qui sont venus"), lambda one: one.came, "%"),
    Column(gettext_lazy("Absences déclarées"), lambda one: one.told),
    Column(gettext_lazy("Annulations tardives"), lambda one: one.late),
)


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    tally: Tally


def lines(found: Attended, chosen: Chosen) -> list[Line]:
    """One a line of `chosen.asked.by`, those with something alone, in the order of what they are."""
    ordering = _order(found, chosen)
    tallies: dict[tuple[object, ...], Tally] = {}
    for key, tally in found.cells.items():
        tallies.setdefault(ordering(key), Tally()).add(tally)
    return [
        Line(str(rank[-1]), tally) for rank, tally in sorted(tallies.items(), key=_rank) if tally != Tally()
    ]


def total(rows: Iterable[Line]) -> Line:
    found = Tally()
    for row in rows:
        found.add(row.tally)
    return Line(_("Total"), found)


def shown(value: Value, unit: str = "") -> str:
    if value is None:
        return "—"
    if isinstance(value, Decimal):
        whole, _point, tenth = f"{value:.1f}".partition(".")
        return f"{number_text(int(whole))},{tenth}"
    return f"{number_text(value)}\u00a0{unit}" if unit else number_text(value)


def exported(rows: list[Line], chosen: Chosen) -> list[list[str | Value]]:
    """Headings, the rows and their total, as the page has them."""
    columns = (*DECLARED, *SEEN)
    headings: list[str | Value] = [str(BY_NAMES[chosen.asked.by])]
    headings += [f"{one.heading} ({one.unit})" if one.unit else str(one.heading) for one in columns]
    told = [*rows, total(rows)] if rows else []
    return [headings, *([row.label, *(one.value(row.tally) for one in columns)] for row in told)]


def _rank(pair: tuple[tuple[object, ...], Tally]) -> tuple[object, ...]:
    return pair[0]


def _order(found: Attended, chosen: Chosen) -> Callable[[Key], tuple[object, ...]]:
    """What a key is sorted by; its label comes last."""
    places = {one.pk: (n, one.name) for n, one in enumerate(chosen.structures)}
    bands = list(Band)

    def activity(key: Key) -> tuple[object, ...]:
        name, structure_id = found.activities[key.activity_id]
        place, structure = places[structure_id]
        return (place, name, key.activity_id, name if chosen.structure else f"{name} · {structure}")

    def commune(key: Key) -> tuple[object, ...]:
        if key.commune_id is None:
            return (1, "", 0, _("Commune inconnue"))
        name = found.communes[key.commune_id]
        return (0, name, key.commune_id, name)

    return {
        By.ACTIVITY: activity,
        By.AGE: lambda key: (bands.index(key.band), str(BANDS[key.band])),
        By.COMMUNE: commune,
        By.MONTH: lambda key: (key.month, month_text(key.month)),
        By.STRUCTURE: lambda key: places[found.activities[key.activity_id][1]],
    }[chosen.asked.by]
