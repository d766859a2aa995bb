"""Which reminder of a late bill is due, or why none is. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Way(TextChoices):
    """How a step leaves. A mail to who has no address is a letter."""

    MAIL = "mail", _("par courriel")
    LETTER = "letter", _("par lettre")
    BOTH = "both", _("par courriel et par lettre")


class Hold(TextChoices):
    """Why a late bill is neither reminded nor held against who owes it."""

    CONTESTED = "contested", _("une ligne est contestée et attend une réponse")
    REFUSED = "refused", _("le Trésor l’a rejetée ou annulée, et elle n’est pas repartie")
    DEBITED = "debited", _("un prélèvement est annoncé, et n’est pas revenu rejeté")
    DEFERRED = "deferred", _("un délai est accordé")
    BROUGHT = "brought", _("elle vient d’un autre logiciel, et personne n’a dit de la relancer")


class Why(StrEnum):
    """Why no reminder of a bill is due."""

    NOTHING = "nothing"
    """Nothing of it is left to pay; of a credit note nothing ever is."""
    NOT_LATE = "not_late"
    HELD = "held"
    NO_STEP = "no_step"
    """The authority has none."""
    SOON = "soon"
    """On a later day."""
    DONE = "done"
    """Its last step was sent: the Trésor recovers."""


@dataclass(frozen=True, slots=True)
class Step:
    """See `models.ReminderStep`."""

    id: int
    days: int
    title: str
    text: str
    way: Way


@dataclass(frozen=True, slots=True)
class Sent:
    """A reminder of a bill: `days` of its step as it is now, as it was of one that is removed."""

    days: int
    on: date


@dataclass(frozen=True, slots=True)
class Next:
    """`step` with no `why` is due; with `Why.SOON`, it is on the day `on`."""

    step: Step | None = None
    why: Why | None = None
    on: date | None = None

    @property
    def due(self) -> Step | None:
        return self.step if self.why is None else None


def next_step(
    *,
    due_on: date,
    left: Decimal,
    hold: Hold | None,
    sent: Iterable[Sent],
    steps: Iterable[Step],
    day: date,
) -> Next:
    """The step of a bill that is due on `day`. `left`: to pay of it, in euros.

    Steps follow one another, none is left out. Between two of a bill passes at least the time between their
    days, counted from when the first really left.
    """
    if left <= 0:
        return Next(why=Why.NOTHING)
    if day <= due_on:
        return Next(why=Why.NOT_LATE)
    if hold is not None:
        return Next(why=Why.HELD)
    ordered = sorted(steps, key=lambda step: step.days)
    if not ordered:
        return Next(why=Why.NO_STEP)
    last = max(sent, key=lambda one: (one.days, one.on), default=None)
    step = next((one for one in ordered if last is None or one.days > last.days), None)
    if step is None:
        return Next(why=Why.DONE)
    on = due_on + timedelta(days=step.days)
    if last is not None:
        on = max(on, last.on + timedelta(days=step.days - last.days))
    return Next(step) if on <= day else Next(step, Why.SOON, on)


def gravest(steps: Sequence[Step]) -> Step:
    """The one whose words a reminder of several bills has. Raises ValueError for none."""
    return max(steps, key=lambda step: step.days)


def sent_by(way: Way, *, has_address: bool, is_home: bool) -> tuple[bool, bool]:
    """Whether a mail is written, and a letter. Who pays and is no home reads no page here: it always has the
    letter, and a mail besides where there is an address."""
    if not is_home:
        return has_address, True
    mailed = has_address and way != Way.LETTER
    return mailed, not mailed or way == Way.BOTH


FRESH = timedelta(days=7)
"""A payment takes some days to come back, and one state of payments a week is usual."""


def is_old(known_on: date, day: date) -> bool:
    """Whether what is known of payments is too old to remind anybody of a bill."""
    return day - known_on > FRESH
