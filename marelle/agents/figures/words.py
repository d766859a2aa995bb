"""The figures in words: tables, charts and facts of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.agents.figures import participation_tables
from marelle.agents.figures.asked import ALL, By, Chosen, years
from marelle.agents.figures.tables import (
    BY_NAMES,
    DECLARED,
    HEADS,
    PLACES,
    REQUESTS,
    SEEN,
    Column,
    Line,
    place_label,
    places_of,
    request_label,
    shown,
    total,
    uses_lines,
)
from marelle.core.french import MONTHS, euros_text, month_text, number_text
from marelle.flows.figures.counting import Attended
from marelle.flows.figures.participations import Participations
from marelle.flows.figures.rules import hours, months_of, percent
from marelle.flows.figures.uses import Asked as Requests
from marelle.flows.figures.uses import Filled, Uses
from marelle.ui.charts import Bar, bars
from marelle.ui.components import Choice

BARS_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Select:
    name: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    cells: tuple[Cell, ...]
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """`more` says of which lines the chart is, when it is not of all."""

    head: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    chart: SafeString
    more: str = ""


def span_text(chosen: Chosen) -> str:
    """ "novembre 2026", "septembre 2026 à juin 2027"."""
    first, last = chosen.asked.months[0], chosen.asked.months[-1]
    if first == last:
        return month_text(first)
    return _("%(first)s à %(last)s") % {"first": month_text(first), "last": month_text(last)}


def where_text(chosen: Chosen) -> str:
    names = [chosen.structure.name if chosen.structure else _("toutes vos structures")]
    return " · ".join([*names, *([chosen.activity.name] if chosen.activity else []), span_text(chosen)])


def selects(chosen: Chosen) -> list[Select]:
    """What the page is asked with: those with something to choose."""
    asked = chosen.asked
    structures = [Choice(str(one.pk), one.name, one == chosen.structure) for one in chosen.structures]
    if len(structures) > 1:
        structures.append(Choice(ALL, _("toutes ensemble"), chosen.structure is None))
    activities = [Choice(str(one.pk), one.name, one == chosen.activity) for one in chosen.activities]
    if activities:
        activities.insert(0, Choice("", _("toutes"), chosen.activity is None))
    months = months_of(asked.school_year)
    found = [
        Select("structure", _("Structure"), tuple(structures)),
        Select("activite", _("Activité"), tuple(activities)),
        Select(
            "annee",
            _("Année scolaire"),
            tuple(
                Choice(str(one), f"{one}–{one + 1}", one == asked.school_year) for one in years(chosen.today)
            ),
        ),
        Select(
            "de",
            _("De"),
            tuple(Choice(str(m.month), _(MONTHS[m.month - 1]), m == asked.months[0]) for m in months),
        ),
        Select(
            "a",
            _("À"),
            tuple(Choice(str(m.month), _(MONTHS[m.month - 1]), m == asked.months[-1]) for m in months),
        ),
        Select(
            "par",
            _("Répartir par"),
            tuple(
                Choice(by.value, name, by is asked.by)
                for by, name in BY_NAMES.items()
                if by is not By.STRUCTURE or len(chosen.structures) > 1
            ),
        ),
    ]
    return [one for one in found if one.choices]


def absence_selects(chosen: Chosen) -> list[Select]:
    """A structure and a month: the same questions, of one of each."""
    kept = [one for one in selects(chosen) if one.name in {"structure", "annee", "de"}]
    return [
        Select(
            one.name,
            _("Mois") if one.name == "de" else one.label,
            tuple(choice for choice in one.choices if choice.value != ALL),
        )
        for one in kept
    ]


def declared(rows: list[Line], chosen: Chosen) -> Table:
    """Hours and child-days; the chart is of the hours."""
    drawn = _most(rows, [row.tally.present_seconds for row in rows])
    parts = [
        Bar(
            row.label,
            (row.tally.present_seconds,),
            _("%(hours)s\u00a0h") % {"hours": shown(hours(row.tally.present_seconds))},
        )
        for row in drawn
    ]
    title = _("Heures réalisées, %(span)s") % {"span": span_text(chosen)}
    return _table(rows, DECLARED, chosen, bars(title, parts), len(drawn))


def seen(rows: list[Line], chosen: Chosen) -> Table:
    """What was booked against who came; the chart stacks the two with what lacks."""
    drawn = _most(rows, [row.tally.due + row.tally.unbooked for row in rows])
    parts = [
        Bar(
            row.label,
            (row.tally.expected, row.tally.unbooked, row.tally.absent, row.tally.unseen),
            _("%(came)s sur %(due)s")
            % {"came": number_text(row.tally.expected), "due": number_text(row.tally.due)},
        )
        for row in drawn
    ]
    title = _("Réservés et venus, %(span)s") % {"span": span_text(chosen)}
    return _table(rows, SEEN, chosen, bars(title, parts), len(drawn))


def filled(gauges: Sequence[Filled], chosen: Chosen) -> Table | None:
    """None where nothing counts places."""
    if not gauges:
        return None
    headings = tuple(str(one) for one in PLACES)
    rows, drawn = [], []
    for gauge in gauges:
        label = place_label(gauge, chosen)
        texts = (
            shown(gauge.days), shown(gauge.taken), shown(gauge.offered), shown(gauge.rate, "%"),
        )  # fmt: skip
        rows.append(Row(label, _cells(headings, texts)))
        drawn.append(Bar(label, (gauge.rate or 0,), texts[-1]))
    most = drawn[:BARS_AT_MOST]
    title = _("Occupation des places, %(span)s") % {"span": span_text(chosen)}
    return Table(
        head=str(HEADS[places_of(chosen)]),
        headings=headings,
        rows=tuple(rows),
        chart=bars(title, most, whole=100),
        more=_more(len(most), len(rows), ranked=False),
    )


def participated(
    rows: Sequence[participation_tables.Line], chosen: Chosen, *, discreet: bool
) -> Table | None:
    """The chart is of what is billed to families, and of what of it is paid."""
    if not rows:
        return None
    ranks = participation_tables.told_of(rows, discreet=discreet)
    headings = tuple(str(participation_tables.HEADINGS[rank]) for rank in ranks)
    cents = [(int(row.part.paid * 100), int((row.part.billed - row.part.paid) * 100)) for row in rows[:-1]]
    drawn = [
        Bar(row.label, (max(paid, 0), max(left, 0)), euros_text(row.part.billed))
        for row, (paid, left) in zip(rows[:-1], cents, strict=True)
    ][:BARS_AT_MOST]
    title = _("Facturé aux familles, %(span)s") % {"span": span_text(chosen)}
    return Table(
        head=str(BY_NAMES[chosen.asked.by]),
        headings=headings,
        rows=tuple(
            Row(row.label, _cells(headings, [texts[rank] for rank in ranks]), is_total=row is rows[-1])
            for row in rows
            for texts in (participation_tables.texts(row),)
        ),
        chart=bars(title, drawn),
        more=_more(len(drawn), len(rows) - 1, ranked=False),
    )


def participated_notes(came: Attended, parts: Participations, *, discreet: bool = False) -> list[str]:
    """How many hours a multi-accueil bills for one of who came, which the CAF's aid hangs on; what the table
    leaves out, as for who reads no incomes (`discreet`), or counts and may still change."""
    found = []
    if discreet:
        told_few = {"n": participation_tables.FEW}
        text = _("Ce qui est facturé à moins de %(n)d foyers n’y est pas, ni dans le total.")
        found.append(text % told_few)
    childcare = participation_tables.childcare(came, parts)
    if childcare:
        billed, present = childcare
        rate = percent(billed, present)
        told_hours = {"billed": shown(hours(billed)), "came": shown(hours(present))}
        text = _("Multi-accueil\u00a0: %(billed)s heures facturées pour %(came)s réalisées.") % told_hours
        if rate is not None:
            text += " " + _("Taux de facturation\u00a0: %(rate)d\u00a0%%.") % {"rate": rate}
        found.append(text)
    if parts.apart and not discreet:
        told = {"amount": euros_text(parts.apart)}
        found.append(
            _("%(amount)s facturés sans activité ou sans jour (abonnements, fichiers) n’y sont pas.") % told
        )
    if parts.open_calls:
        told_calls = ngettext(
            "%(n)d appel n’est pas clos\u00a0: ses heures peuvent changer.",
            "%(n)d appels ne sont pas clos\u00a0: leurs heures peuvent changer.",
            parts.open_calls,
        )
        found.append(told_calls % {"n": parts.open_calls})
    return found


def requested(found: Sequence[Requests], chosen: Chosen) -> Table | None:
    """By kind: received, decided, and how long half of these waited at most; None without any."""
    if not found:
        return None
    headings = tuple(str(one) for one in REQUESTS)
    rows = [
        Row(
            request_label(one),
            _cells(
                headings,
                (
                    number_text(one.received),
                    number_text(one.decided),
                    "—" if one.median is None else _days(one.median),
                ),
            ),
        )
        for one in found
    ]
    drawn = [Bar(request_label(one), (one.received,), number_text(one.received)) for one in found]
    title = _("Demandes reçues, %(span)s") % {"span": span_text(chosen)}
    return Table(_("Nature"), headings, tuple(rows), bars(title, drawn))


def uses_chart(uses: Uses, chosen: Chosen) -> SafeString:
    """The parts of the wholes alone."""
    drawn = [
        Bar(name, (rate,), f"{rate}\u00a0%")
        for name, n, whole in uses_lines(uses)
        if whole is not None and (rate := percent(n, whole)) is not None
    ]
    title = _("Usage du portail, %(span)s") % {"span": span_text(chosen)}
    return bars(title, drawn, whole=100) if drawn else SafeString()


def uses_facts(uses: Uses) -> list[tuple[str, str]]:
    return [
        (name, number_text(n) if whole is None else _part(n, whole)) for name, n, whole in uses_lines(uses)
    ]


def _cells(headings: Sequence[str], texts: Sequence[str]) -> tuple[Cell, ...]:
    return tuple(Cell(heading, text) for heading, text in zip(headings, texts, strict=True))


def _part(part: int, whole: int) -> str:
    rate = percent(part, whole)
    return number_text(part) if rate is None else f"{number_text(part)} ({rate}\u00a0%)"


def _days(days: float) -> str:
    if days < 1:
        return _("moins d’un jour")
    n = int(days + 0.5)
    return ngettext("%(n)d\u00a0jour", "%(n)d\u00a0jours", n) % {"n": n}


def _table(
    rows: list[Line], columns: Sequence[Column], chosen: Chosen, chart: SafeString, drawn: int
) -> Table:
    told = [*rows, total(rows)]
    return Table(
        head=str(BY_NAMES[chosen.asked.by]),
        headings=tuple(str(one.heading) for one in columns),
        rows=tuple(
            Row(
                row.label,
                tuple(Cell(str(one.heading), shown(one.value(row.tally), one.unit)) for one in columns),
                is_total=row is told[-1],
            )
            for row in told
        ),
        chart=chart,
        more=_more(drawn, len(rows), ranked=True),
    )


def _most(rows: list[Line], sizes: list[int]) -> list[Line]:
    """The greatest, in their own order: a chart of a hundred communes says nothing."""
    kept = sorted(range(len(rows)), key=lambda n: -sizes[n])[:BARS_AT_MOST]
    return [rows[n] for n in sorted(kept)]


def _more(drawn: int, rows: int, *, ranked: bool) -> str:
    if drawn == rows:
        return ""
    if ranked:
        return _("Le dessin montre les %(n)d lignes les plus grandes ; le tableau les a toutes.") % {
            "n": drawn
        }
    return _("Le dessin montre les %(n)d premières lignes ; le tableau les a toutes.") % {"n": drawn}
