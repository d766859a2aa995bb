"""Plannings made by hand, for the tests of the renderer and of its pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from marelle.ui.components import Choice, Filter, Link, Toolbar
from marelle.ui.grid import CellKind, Grid, GridCell, GridColumn, GridColumnGroup, GridRow, HoursCell

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
LIMIT = datetime(2026, 12, 1, 17, tzinfo=UTC)
NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)

GROUPS = (
    GridColumnGroup(
        "Restauration scolaire", "École d’Arelle · CE1", (GridColumn("r", "Repas", "12 h – 13 h 30"),)
    ),
    GridColumnGroup(
        "Mercredis de Brisecombe",
        "6–12 ans",
        (
            GridColumn("m", "Matin", "8 h – 12 h"),
            GridColumn("mr", "Repas", "12 h – 13 h 30"),
            GridColumn("ma", "Après-midi", "13 h 30 – 18 h"),
        ),
    ),
    GridColumnGroup(
        "Périscolaire",
        "École d’Arelle",
        (GridColumn("pm", "Matin", "7 h 15 – 8 h 30"), GridColumn("ps", "Soir", "16 h 30 – 18 h 30")),
    ),
)
NO = GridCell(CellKind.NOT_OFFERED)
LOCKED = GridCell(CellKind.LOCKED, detail="délai dépassé")
KEPT = GridCell(CellKind.LOCKED, detail="délai dépassé", checked=True)


def free(key: str, detail: str = "jusqu’à mer. 18 h") -> GridCell:
    return GridCell(CellKind.FREE, detail=detail, key=key, editable=True, closes_at=LIMIT)


def booked(key: str, detail: str = "annulable jusqu’à demain 12 h") -> GridCell:
    return GridCell(CellKind.BOOKED, detail=detail, key=key, editable=True, checked=True, closes_at=LIMIT)


def row(day: date, *cells: GridCell | None, today: bool = False) -> GridRow:
    name = DAYS[day.weekday()]
    return GridRow(day, f"{name[:3]}.", str(day.day), f"{name.capitalize()} {day.day} décembre", today, cells)


def week() -> Grid:
    """The week of the mock-up."""
    monday = date(2026, 11, 30)
    days = [monday + timedelta(days=shift) for shift in range(5)]
    present = GridCell(CellKind.PRESENT, word="Présente")
    to_add = [
        GridCell(
            CellKind.TO_ADD,
            detail="jusqu’à demain 12 h",
            key=key,
            editable=True,
            checked=True,
            closes_at=LIMIT,
            saved=free(key, "jusqu’à demain 12 h"),
        )
        for key in ("31", "32")
    ]
    to_cancel = GridCell(
        CellKind.TO_CANCEL,
        detail="à annuler",
        key="26",
        editable=True,
        closes_at=LIMIT,
        saved=booked("26"),
    )
    full = GridCell(CellKind.FULL, detail="s’inscrire en attente", key="33", editable=True)
    waiting = GridCell(
        CellKind.WAITING, word="3ᵉ", detail="liste d’attente", key="56", editable=True, checked=True
    )
    rows = (
        row(days[0], present, NO, NO, NO, LOCKED, KEPT, today=True),
        row(days[1], KEPT, NO, NO, NO, free("25", "jusqu’à ce soir 18 h"), to_cancel),
        row(days[2], NO, *to_add, full, NO, NO),
        row(days[3], booked("41"), NO, NO, NO, free("45"), booked("46", "annulable jusqu’à mer. 18 h")),
        row(days[4], booked("51", "annulable jusqu’à mer. 12 h"), NO, None, NO, free("55"), waiting),
    )
    return Grid("Réservations de Zoé, du 30 novembre au 4 décembre 2026", GROUPS, rows, who="Zoé")


def every_state() -> Grid:
    """One cell of each kind, in three days."""
    cells = tuple(GridCell(kind, detail="pour voir") for kind in CellKind)
    monday = date(2026, 12, 7)
    rows = tuple(row(monday + timedelta(days=n), *cells[n * 6 : n * 6 + 6]) for n in range(3))
    return Grid("Tous les états", GROUPS, rows, who="Léo")


def month() -> Grid:
    """23 days × 9 slots, each one editable: the heaviest month of one child."""
    groups = (
        *GROUPS,
        GridColumnGroup("Espace jeunes", "", tuple(GridColumn(f"j{n}", "Soir", "18 h") for n in "123")),
    )
    days = [date(2026, 12, 1) + timedelta(days=n) for n in range(31)]
    rows = tuple(
        row(day, *(free(f"{day.day}{n}") if n % 3 else booked(f"{day.day}{n}") for n in range(9)))
        for day in days
        if day.weekday() < 5
    )
    return Grid("Réservations de Zoé en décembre 2026", groups, rows, who="Zoé")


CHOICES = tuple(
    (f"{half // 2:02}:{half % 2 * 30:02}", f"{half // 2} h {half % 2 * 30:02}") for half in range(15, 38)
)


def by_the_hour() -> Grid:
    groups = (
        GridColumnGroup("Multi-accueil", "2 mois – 4 ans", (GridColumn("h", "Accueil", "7 h 30 – 18 h 30"),)),
    )
    rows = (
        row(
            date(2026, 12, 3),
            GridCell(
                CellKind.BOOKED,
                detail="annulable jusqu’à demain 12 h",
                key="h3",
                editable=True,
                hours=HoursCell("08:00", "17:00", CHOICES),
                closes_at=LIMIT,
            ),
        ),
        row(
            date(2026, 12, 4),
            GridCell(
                CellKind.FREE,
                detail="jusqu’à jeu. 12 h",
                key="h4",
                editable=True,
                hours=HoursCell("", "", CHOICES),
                closes_at=LIMIT,
            ),
        ),
    )
    return Grid("Réservations de Noé", groups, rows, who="Noé")


BAR = Toolbar(
    "30 novembre – 4 décembre 2026",
    Link("Semaine précédente", "?semaine=avant"),
    Link("Semaine suivante", "?semaine=apres"),
    Link("Aujourd’hui", "?"),
    (Link("Jour", "?vue=jour"), Link("Semaine", "?vue=semaine", current=True), Link("Mois", "?vue=mois")),
    Filter("activite", "Activité", (Choice("", "toutes"), Choice("1", "Restauration scolaire"))),
)


def calm() -> Grid:
    """Two days without unsaved input: two free cells tied in a bundle, a booking, a full one."""
    tied = [replace(free(key), bundle="b1") for key in ("1", "2")]
    full = GridCell(CellKind.FULL, detail="s’inscrire en attente", key="4", editable=True)
    rows = (
        row(date(2026, 12, 1), booked("3"), *tied, full, free("5"), LOCKED),
        row(date(2026, 12, 2), *(NO for _ in range(6))),
    )
    return Grid("Réservations de Zoé", GROUPS, rows, who="Zoé")
