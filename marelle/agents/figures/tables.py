"""The rows of the figures: the same for the page, the chart and the exports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.agents.cases import KINDS
from marelle.agents.figures.asked import By, Chosen
from marelle.core.french import month_text, number_text
from marelle.flows.figures.counting import Attended, Key
from marelle.flows.figures.rules import Band, Tally, hours, percent
from marelle.flows.figures.uses import Asked as Requests
from marelle.flows.figures.uses import Filled, Of, Uses

Value = int | Decimal | None
Cells = list[str | Value]
Rows = list[Cells]

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


class Sheet(StrEnum):
    """The tables that are given as files; as the address names them."""

    ATTENDED = ""
    PLACES = "places"
    REQUESTS = "demandes"
    USES = "usage"
    PARTICIPATIONS = "participations"

    @classmethod
    def of(cls, text: str) -> Sheet:
        """What is none of them is the first."""
        return cls(text) if text in set(cls) else cls.ATTENDED


SHEETS = {
    Sheet.ATTENDED: gettext_lazy("Heures et journées"),
    Sheet.PLACES: gettext_lazy("Occupation des places"),
    Sheet.REQUESTS: gettext_lazy("Demandes des familles"),
    Sheet.USES: gettext_lazy("Usage du portail"),
    Sheet.PARTICIPATIONS: gettext_lazy("Participations des familles"),
}

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
    rank = ordering(found, chosen)
    tallies: dict[tuple[object, ...], Tally] = {}
    for key, tally in found.cells.items():
        tallies.setdefault(rank(key), Tally()).add(tally)
    return [
        Line(str(place[-1]), tally) for place, tally in sorted(tallies.items(), key=_rank) if tally != Tally()
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


def exported(rows: list[Line], chosen: Chosen) -> Rows:
    """Headings, the rows and their total, as the page has them."""
    columns = (*DECLARED, *SEEN)
    headings: Cells = [str(BY_NAMES[chosen.asked.by])]
    headings += [f"{one.heading} ({one.unit})" if one.unit else str(one.heading) for one in columns]
    told = [*rows, total(rows)] if rows else []
    return [headings, *([row.label, *(one.value(row.tally) for one in columns)] for row in told)]


PLACES = (
    gettext_lazy("Jours ouverts"),
    gettext_lazy("Places prises"),
    gettext_lazy("Places offertes"),
    gettext_lazy("Occupation"),
)
REQUESTS = (gettext_lazy("Reçues"), gettext_lazy("Décidées"), gettext_lazy("La moitié en"))
OF = {By.MONTH: Of.MONTH, By.STRUCTURE: Of.STRUCTURE}
"""What places are added up by; by gauge for what a gauge does not know: an activity, an age, a commune."""

HEADS = {
    Of.GAUGE: gettext_lazy("Jauge"),
    Of.MONTH: BY_NAMES[By.MONTH],
    Of.STRUCTURE: BY_NAMES[By.STRUCTURE],
}


def places_of(chosen: Chosen) -> Of:
    return OF.get(chosen.asked.by, Of.GAUGE)


def place_label(one: Filled, chosen: Chosen) -> str:
    names = {structure.pk: structure.name for structure in chosen.structures}
    if one.month is not None:
        label = month_text(one.month)
    elif one.structure_id is not None and not one.name:
        label = names[one.structure_id]
    else:
        label = one.name if chosen.structure else f"{one.name} · {names[one.structure_id or 0]}"
    return _("%(name)s (demi-heures)") % {"name": label} if one.by_half_hour else label


def places_exported(rows: Sequence[Filled], chosen: Chosen) -> Rows:
    days, taken, offered, rate = PLACES
    headings: Cells = [str(HEADS[places_of(chosen)]), str(days), str(taken), str(offered), f"{rate} (%)"]
    told: Rows = [[place_label(one, chosen), one.days, one.taken, one.offered, one.rate] for one in rows]
    return [headings, *told]


def requests_exported(rows: Sequence[Requests]) -> Rows:
    """The wait in days, to the tenth."""
    received, decided, half = REQUESTS
    headings: Cells = [_("Nature"), str(received), str(decided), _("%(half)s (jours)") % {"half": half}]
    waits = [None if one.median is None else Decimal(one.median).quantize(Decimal("0.1")) for one in rows]
    told = zip(rows, waits, strict=True)
    return [headings, *([request_label(one), one.received, one.decided, wait] for one, wait in told)]


def request_label(one: Requests) -> str:
    return str(KINDS[one.kind].short)


def uses_lines(uses: Uses) -> list[tuple[str, int, int | None]]:
    """What is counted, how many, and of how many."""
    return [
        (_("Foyers inscrits"), uses.homes, None),
        (_("Foyers avec un accès au portail"), uses.connected, uses.homes),
        (_("Accès ouverts sur la période"), uses.opened, None),
        (_("Réservations faites par les parents"), uses.by_parents, uses.bookings),
        (_("Réservations faites par les agents"), uses.bookings - uses.by_parents, uses.bookings),
    ]


def uses_exported(uses: Uses) -> Rows:
    headings: Cells = [_("Usage"), _("Nombre"), _("Part (%)")]
    told: Rows = [
        [name, n, None if whole is None else percent(n, whole)] for name, n, whole in uses_lines(uses)
    ]
    return [headings, *told]


def _rank(pair: tuple[tuple[object, ...], Tally]) -> tuple[object, ...]:
    return pair[0]


def ordering(found: Attended, chosen: Chosen) -> Callable[[Key], tuple[object, ...]]:
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
