"""What families take part with, beside the hours and days of the same lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.agents.figures.asked import By, Chosen
from marelle.agents.figures.tables import BY_NAMES, Cells, Rows, ordering, shown
from marelle.core.french import euros_text
from marelle.flows.figures.counting import Attended
from marelle.flows.figures.participations import Participation, Participations
from marelle.flows.figures.rules import Tally, hours

HEADINGS: tuple[Promise, ...] = (
    gettext_lazy("Heures réalisées"),
    gettext_lazy("Journées-enfants réalisées"),
    gettext_lazy("Journées-enfants facturées"),
    gettext_lazy("Facturé aux familles"),
    gettext_lazy("Payé par les familles"),
    gettext_lazy("Facturé à d’autres payeurs"),
)


@dataclass(slots=True)
class Line:
    label: str
    tally: Tally = field(default_factory=Tally)
    part: Participation = field(default_factory=Participation)

    def add(self, other: Line) -> None:
        self.tally.add(other.tally)
        self.part.add(other.part)

    @property
    def values(self) -> tuple[Decimal | int, ...]:
        part = self.part
        return (
            hours(self.tally.present_seconds), self.tally.present_days, part.days, part.billed, part.paid,
            part.others,
        )  # fmt: skip


def shown_by(chosen: Chosen) -> Chosen:
    """By activity for what is asked by commune: a bill is of a home, not of a place."""
    if chosen.asked.by is not By.COMMUNE:
        return chosen
    return replace(chosen, asked=replace(chosen.asked, by=By.ACTIVITY))


def lines(found: Attended, parts: Participations, chosen: Chosen) -> list[Line]:
    """One a line of what is asked, with their total; none where nobody came and nothing is billed."""
    named = Attended(found.cells, {**parts.activities, **found.activities}, found.communes)
    rank = ordering(named, chosen)
    rows: dict[tuple[object, ...], Line] = {}
    for key, tally in found.cells.items():
        place = rank(key)
        rows.setdefault(place, Line(str(place[-1]))).tally.add(tally)
    for key, part in parts.cells.items():
        place = rank(key)
        rows.setdefault(place, Line(str(place[-1]))).part.add(part)
    nothing = Line("").values
    told = [row for _place, row in sorted(rows.items(), key=lambda one: one[0]) if row.values != nothing]
    total = Line(_("Total"))
    for row in told:
        total.add(row)
    return [*told, total] if told else []


def texts(row: Line) -> tuple[str, ...]:
    seconds, *days, billed, paid, others = row.values
    return (shown(seconds), *map(shown, days), *(euros_text(Decimal(one)) for one in (billed, paid, others)))


def exported(rows: Sequence[Line], chosen: Chosen) -> Rows:
    headings: Cells = [str(BY_NAMES[chosen.asked.by]), *map(str, HEADINGS)]
    told: Rows = [[row.label, *row.values] for row in rows]
    return [headings, *told]
