"""What the components show: frozen data that views build and templates draw."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from marelle.ui.shell import Text


class Tone(StrEnum):
    """The four tones of notes and tags, and the absence of one. Each has its colour and its symbol."""

    INFO = "info"
    OK = "ok"
    WARN = "warn"
    ERROR = "error"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a toolbar or of a list. `name` replaces the label for those who hear it."""

    label: Text
    url: str
    current: bool = False
    name: Text = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is a link as a whole: `text` under its label, `badge` for what waits there, in its `tone`.
    Without a badge, the tone is that of its icon."""

    label: Text
    url: str
    icon: str
    text: Text = ""
    badge: Text = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Kid:
    """One tab of the row of children. `initial` is drawn in the disc: a letter, or how many for « Tous »."""

    label: str
    url: str
    initial: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: Text
    selected: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A GET form with one select. `keep` are the pairs of the address that must survive it."""

    name: str
    label: Text
    choices: tuple[Choice, ...]
    keep: tuple[tuple[str, str], ...] = ()
    action: str = ""


@dataclass(frozen=True, slots=True)
class Toolbar:
    """Above the planning: the span shown, how to move, which view, which activity."""

    title: Text
    previous: Link
    next: Link
    today: Link
    views: tuple[Link, ...] = ()
    filter: Filter | None = None

    @property
    def view(self) -> Link | None:
        return next((view for view in self.views if view.current), None)


class OutcomeKind(StrEnum):
    OK = "ok"
    WAITING = "waiting"
    REFUSED = "refused"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class OutcomeLine:
    """What became of one cell after saving: `title` names it, `detail` says what happened.

    What can still be done is a link (`action_url`), or a button that posts `action_name` = `action_value`.
    """

    kind: OutcomeKind
    title: Text
    detail: Text = ""
    action_url: str = ""
    action_label: Text = ""
    action_name: str = ""
    action_value: str = ""
