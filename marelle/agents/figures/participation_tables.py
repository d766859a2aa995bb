"""What families take part with, beside the hours and days of the same lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.agents.figures.asked import By, Chosen
from marelle.agents.figures.tables import BY_NAMES, Cells, Rows, ordering, shown
from marelle.core.french import euros_text
from marelle.flows.figures.counting import Attended, Key
from marelle.flows.figures.participations import Participation, Participations
from marelle.flows.figures.rules import Tally, hours

MINUTE: Final = 60
"""In seconds."""

HEADINGS: tuple[Promise, ...] = (
    gettext_lazy("Heures réalisées"),
    gettext_lazy("Heures facturées"),
    gettext_lazy("Journées-enfants réalisées"),
    gettext_lazy("Journées-enfants facturées"),
    gettext_lazy("Facturé aux familles"),
    gettext_lazy("Payé par les familles"),
    gettext_lazy("Facturé à d’autres payeurs"),
)

HOURS_BILLED: Final = 1
OTHERS: Final = 6


@dataclass(slots=True)
class Line:
    label: str
    tally: Tally = field(default_factory=Tally)
    part: Participation = field(default_factory=Participation)

    def add(self, other: Line) -> None:
        self.tally.add(other.tally)
        self.part.add(other.part)

    @property
    def values(self) -> tuple[Decimal | int | None, ...]:
        part = self.part
        return (
            hours(self.tally.present_seconds), None if part.minutes is None else hours(part.minutes * MINUTE),
            self.tally.present_days, part.days, part.billed, part.paid, part.others,
        )  # fmt: skip


FEW: Final = 5
"""Of fewer homes a total tells what one of them earns, to who reads no incomes."""


def shown_by(chosen: Chosen, *, discreet: bool) -> Chosen:
    """By activity for what is asked by commune: a bill is of a home, not of a place. For who reads no incomes
    (`discreet`) not by age either: one knows who is of which."""
    if chosen.asked.by is not By.COMMUNE and not (discreet and chosen.asked.by is By.AGE):
        return chosen
    return replace(chosen, asked=replace(chosen.asked, by=By.ACTIVITY))


def lines(found: Attended, parts: Participations, chosen: Chosen, *, discreet: bool = False) -> list[Line]:
    """One a line of what is asked, with their total; none where nobody came and nothing is billed.
    `discreet`: for who reads no incomes, without what is billed to few homes, in the total neither."""
    named = Attended(found.cells, {**parts.activities, **found.activities}, found.communes)
    rank = ordering(named, chosen)
    rows: dict[tuple[object, ...], Line] = {}
    for key, tally in found.cells.items():
        place = rank(key)
        rows.setdefault(place, Line(str(place[-1]))).tally.add(tally)
    for key, part in (_of_several(parts.cells) if discreet else parts.cells).items():
        place = rank(key)
        rows.setdefault(place, Line(str(place[-1]))).part.add(part)
    nothing = Line("").values
    told = [row for _place, row in sorted(rows.items(), key=lambda one: one[0]) if row.values != nothing]
    if discreet:
        told = [row for row in told if row.part.homes]
    total = Line(_("Total"))
    for row in told:
        total.add(row)
    return [*told, total] if told else []


def _of_several(cells: Mapping[Key, Participation]) -> Mapping[Key, Participation]:
    """Those of an activity and a month of which several homes are billed, whatever is asked: what two tables
    differ by is then of several homes too."""
    homes: dict[tuple[int, date], set[int]] = defaultdict(set)
    for key, part in cells.items():
        homes[key.activity_id, key.month] |= part.homes
    return {key: part for key, part in cells.items() if len(homes[key.activity_id, key.month]) >= FEW}


def texts(row: Line) -> tuple[str, ...]:
    part = row.part
    return (*map(shown, row.values[:-3]), *map(euros_text, (part.billed, part.paid, part.others)))


def childcare(found: Attended, parts: Participations) -> tuple[int, int] | None:
    """Seconds billed and seconds of who came, of the multi-accueils; None where nothing of them is billed by
    the hour."""
    minutes = [one.minutes for key, one in parts.cells.items() if key.activity_id in parts.childcare]
    billed = sum(one for one in minutes if one is not None) * MINUTE
    came = sum(one.present_seconds for key, one in found.cells.items() if key.activity_id in parts.childcare)
    return (billed, came) if billed else None


def told_of(rows: Sequence[Line], *, discreet: bool) -> list[int]:
    """Ranks of the columns that are told: none of hours where nothing is billed by the hour; what others pay,
    which is of few homes, not to who reads no incomes."""
    by_hour = any(row.part.minutes is not None for row in rows)
    left_out = {*(() if by_hour else (HOURS_BILLED,)), *((OTHERS,) if discreet else ())}
    return [rank for rank in range(len(HEADINGS)) if rank not in left_out]


def exported(rows: Sequence[Line], chosen: Chosen, *, discreet: bool = False) -> Rows:
    ranks = told_of(rows, discreet=discreet)
    headings: Cells = [str(BY_NAMES[chosen.asked.by]), *(str(HEADINGS[rank]) for rank in ranks)]
    told: Rows = [[row.label, *(row.values[rank] for rank in ranks)] for row in rows]
    return [headings, *told]
