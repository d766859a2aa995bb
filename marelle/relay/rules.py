"""What may be asked of the relais, and who may come to a morning. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from marelle.activities.audiences import Public
from marelle.activities.facts import ActivityFacts
from marelle.activities.rules import NEVER_OPENS, Moment, OpeningFacts, Window, is_before, moment
from marelle.places.rules import Lived

OLDEST_YEARS: Final = 6
"""The guichet unique is for children from 0 to 6 years, counted on the first day wished."""

EXPECTED_AT_MOST: Final = timedelta(days=300)
WISHED_AT_MOST: Final = timedelta(days=3 * 366)
SEATS_AT_MOST: Final = 6

Hours = tuple[time, time]


class Care(TextChoices):
    COLLECTIVE = "collective", _("une crèche (multi-accueil)")
    CHILDMINDER = "childminder", _("une assistante maternelle")
    ANY = "any", _("l’un ou l’autre")


class CareState(TextChoices):
    RECEIVED = "received", _("reçue")
    IN_CONTACT = "in_contact", _("en cours")
    FOUND = "found", _("solution trouvée")
    CLOSED = "closed", _("close sans solution")
    WITHDRAWN = "withdrawn", _("retirée")


OPEN: Final = (CareState.RECEIVED, CareState.IN_CONTACT)
"""States of a demand that the relais still follows."""


class Means(TextChoices):
    PHONE = "phone", _("téléphone")
    MAIL = "mail", _("courriel")
    VISIT = "visit", _("rendez-vous")


class Wrong(StrEnum):
    """What keeps a demand from being sent; the value names the field at fault."""

    BORN_OR_EXPECTED = "born_or_expected"
    BORN_LATER = "born_later"
    NOT_BORN_BY_THEN = "not_born_by_then"
    EXPECTED_PAST = "expected_past"
    EXPECTED_TOO_FAR = "expected_too_far"
    TOO_OLD = "too_old"
    START_PAST = "start_past"
    START_TOO_FAR = "start_too_far"
    NO_DAY = "no_day"
    HOURS = "hours"


def demand_wrongs(
    *,
    birth: date | None,
    expected: date | None,
    starts_on: date | None,
    weekly: Mapping[int, Hours],
    today: date,
) -> tuple[Wrong, ...]:
    """What is wrong with a demand: of the child, of the start, of the week, the first of each. `starts_on` is
    None where it could not be read."""
    of_child = _wrong_child(birth, expected, starts_on, today)
    known = expected if of_child is None else None
    of_start = _wrong_start(known, starts_on, today) if starts_on is not None else None
    return tuple(wrong for wrong in (of_child, of_start, wrong_week(weekly)) if wrong is not None)


def _wrong_child(
    birth: date | None, expected: date | None, starts_on: date | None, today: date
) -> Wrong | None:
    if (birth is None) is (expected is None):
        return Wrong.BORN_OR_EXPECTED
    if birth is not None and birth > today:
        return Wrong.BORN_LATER
    if expected is not None and expected < today - timedelta(days=31):
        return Wrong.EXPECTED_PAST
    if expected is not None and expected > today + EXPECTED_AT_MOST:
        return Wrong.EXPECTED_TOO_FAR
    return None if is_little(birth, starts_on or today) else Wrong.TOO_OLD


def _wrong_start(expected: date | None, starts_on: date, today: date) -> Wrong | None:
    if starts_on < today:
        return Wrong.START_PAST
    if starts_on > today + WISHED_AT_MOST:
        return Wrong.START_TOO_FAR
    return Wrong.NOT_BORN_BY_THEN if expected is not None and starts_on < expected else None


def wrong_week(weekly: Mapping[int, Hours]) -> Wrong | None:
    """What is wrong with the days and hours wished; None when nothing is."""
    if not weekly:
        return Wrong.NO_DAY
    return Wrong.HOURS if any(begins >= ends for begins, ends in weekly.values()) else None


def is_little(birth: date | None, day: date) -> bool:
    """Whether the relais still serves the child on `day`; one who is expected has no `birth` yet."""
    return birth is None or _birthday(birth, OLDEST_YEARS) > day


def _birthday(birth: date, years: int) -> date:
    """The birthday of that age; one of 29 February falls on 1 March in a common year."""
    try:
        return birth.replace(year=birth.year + years)
    except ValueError:
        return date(birth.year + years, 3, 1)


class Why(StrEnum):
    """Why a morning cannot be booked, changed or given back."""

    NO_RULE = "no_rule"
    NOT_YET = "not_yet"
    TOO_LATE = "too_late"
    CLOSED = "closed"
    FULL = "full"
    SEATS = "seats"
    NO_ADULT = "no_adult"
    NO_CHILD = "no_child"


@dataclass(frozen=True, slots=True)
class Morning:
    """A group morning as the rules see it; `left` are free places, `window` None when no rule holds, or
    none for that home; `opens_at` when it opens to it, None for always."""

    opening: OpeningFacts
    is_open: bool
    window: Window | None
    left: int
    opens_at: datetime | None = None


def morning_for(
    facts: ActivityFacts,
    slot_id: int,
    opening: OpeningFacts,
    *,
    lived: Sequence[Lived] | None,
    is_open: bool,
    left: int,
) -> Morning:
    """A morning as a home sees it that has `lived` there; None for a childminder, to whom it is always open.

    No child is enrolled: of the audiences, those of where one lives alone can be told.
    """
    window = facts.window_of(slot_id, opening)
    opens = None
    if window is not None and lived is not None:
        opens = facts.opens_at(window, Public(lived=tuple(lived)))
        if opens is NEVER_OPENS:
            window = opens = None
    return Morning(opening, is_open, window, left, opens)


def may_come(morning: Morning, *, seats: int, held: int, agent: bool, now: datetime) -> Why | None:
    """Why `seats` cannot be taken by one who holds `held` there already; None when they may.

    An agent enters people up to the start, whatever the limit to book; nobody passes the places.
    """
    if not 1 <= seats <= SEATS_AT_MOST:
        return Why.SEATS
    if not morning.is_open:
        return Why.CLOSED
    if not is_before(now, morning.opening.starts_at):
        return Why.TOO_LATE
    if not agent:
        if morning.window is None:
            return Why.NO_RULE
        where = moment(morning.window, morning.opening, now, morning.opens_at)
        if where is Moment.NOT_YET:
            return Why.NOT_YET
        if where in (Moment.QUEUE, Moment.CLOSED) and seats > held:  # nobody waits for a morning
            return Why.TOO_LATE
    if seats - held > morning.left:
        return Why.FULL
    return None


def may_leave(morning: Morning, *, agent: bool, now: datetime) -> Why | None:
    """Why a visit cannot be given back; None when it may: up to the limit, or the start for agents."""
    limit: datetime | None = morning.opening.starts_at
    if not agent and morning.window is not None:
        limit = morning.window.cancel_until
    return None if is_before(now, limit) else Why.TOO_LATE
