"""What the planning grid shows: frozen data that views build and `ui.planning` draws."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from marelle.ui.shell import Text


class CellKind(StrEnum):
    """What a cell shows. The glossary gives the French word of each; `_LOOKS` its class and words."""

    FREE = "free"
    BOOKED = "booked"
    TO_ADD = "to_add"
    TO_CANCEL = "to_cancel"
    REQUESTED = "requested"
    WAITING = "waiting"
    OFFERED = "offered"
    FULL = "full"
    LOCKED = "locked"
    NOT_YET = "not_yet"
    CLOSED = "closed"
    CANCELLED_BY_STRUCTURE = "cancelled_by_structure"
    NOT_OFFERED = "not_offered"
    OTHER_HOME = "other_home"
    PRESENT = "present"
    ABSENT = "absent"
    ABSENT_JUSTIFIED = "absent_justified"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class GridColumn:
    """A slot: its name and, as subtitle, its usual hours."""

    key: str
    title: Text
    subtitle: Text = ""


@dataclass(frozen=True, slots=True)
class GridColumnGroup:
    """An activity and its slots."""

    title: Text
    subtitle: Text
    columns: tuple[GridColumn, ...]


@dataclass(frozen=True, slots=True)
class HoursCell:
    """A booking by the hour: two selects. `choices` are (value, label); "" as start and end is not booked.

    Share one `choices` tuple between cells: its markup is then made once.
    """

    start: str
    end: str
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class GridCell:
    """One slot on one day.

    `word` replaces the kind's own word ("Présente", "3ᵉ"); `detail` is the small line under it ("jusqu’à
    demain 12 h"). An editable cell has a `key` without space, posted as `c=<key>` when ticked, or as
    `h-<key>-a` and `h-<key>-d` when by the hour. `checked` is what is wanted: for TO_ADD and TO_CANCEL it
    differs from what is saved, and `saved` is then the cell as it is saved. A LOCKED cell that is `checked`
    is a booking past its limit. `closes_at` is until when the change can be saved, `bundle` ties cells that
    are booked all or none, `label` replaces the whole accessible name, and the link leads to what else can
    be done (an absence). `back` is what taking it back changes of what the home pays. A disabled cell opens
    by itself at `opens_at`, and is `opened` from then on.
    """

    kind: CellKind
    word: Text = ""
    detail: Text = ""
    key: str = ""
    editable: bool = False
    checked: bool = False
    disabled: bool = False
    hours: HoursCell | None = None
    label: Text = ""
    closes_at: datetime | None = None
    bundle: str = ""
    back: Text = ""
    saved: GridCell | None = None
    opens_at: datetime | None = None
    opened: GridCell | None = None
    link_url: str = ""
    link_label: Text = ""


@dataclass(frozen=True, slots=True)
class GridRow:
    """A day: `short` and `number` on wide screens ("lun.", "30"), `long` on phones and for listeners.

    `is_past`: a phone folds it away, beside days that are not. `link_url` leads to the absence of that day.
    """

    day: date
    short: Text
    number: str
    long: Text
    is_today: bool
    cells: tuple[GridCell | None, ...]
    is_past: bool = False
    link_url: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """One table. `who` is the child's name, part of each control's name. A cell per column in each row."""

    caption: Text
    groups: tuple[GridColumnGroup, ...]
    rows: tuple[GridRow, ...]
    who: str = ""
