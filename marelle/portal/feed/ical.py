"""Bookings as iCalendar (RFC 5545).

No health, no amount, nothing of another home: a calendar is copied to phones and to other companies' servers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vDuration

from marelle.bookings.agenda import ENDED, AgendaLine
from marelle.bookings.states import BookingState
from marelle.core.clock import local, universal

ZONE: Final = "Europe/Paris"
READ_AGAIN: Final = vDuration(timedelta(hours=4), params={"VALUE": "DURATION"})
FORM: Final = "2"
"""Counts the ways of writing: another one makes every calendar be read again."""


def etag(lines: Sequence[AgendaLine]) -> str:
    """Names one state of a calendar, before it is written."""
    return f'"{sha256(repr((FORM, settings.PUBLIC_URL, lines)).encode()).hexdigest()[:32]}"'


def calendar(lines: Iterable[AgendaLine]) -> bytes:
    """The whole calendar, as a program reads it."""
    found = Calendar()
    found.add("prodid", "-//Marelle//Espace famille//FR")
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    found.add("x-wr-calname", _("Réservations des enfants"))
    found.add("x-wr-timezone", ZONE)
    found["refresh-interval"] = READ_AGAIN
    found.add_component(_zone())
    host = urlsplit(settings.PUBLIC_URL).hostname
    for line in lines:
        found.add_component(_event(line, f"reservation-{line.booking_id}@{host}"))
    return bytes(found.to_ical())


def _event(line: AgendaLine, uid: str) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", universal(line.changed_at))
    event.add("created", universal(line.created_at))
    event.add("last-modified", universal(line.changed_at))
    event.add("sequence", _sequence(line))
    event.add("dtstart", local(line.starts_at))
    event.add("dtend", local(line.ends_at))
    event.add("summary", _summary(line))
    event.add("description", f"{line.activity_name}\n{line.structure_name}")
    event.add("location", ", ".join(part for part in (line.structure_name, line.address) if part))
    event.add("status", _status(line))
    event.add("transp", "TRANSPARENT" if line.is_absent or line.state in ENDED else "OPAQUE")
    return event


def _sequence(line: AgendaLine) -> int:
    """Seconds from its making to its last change: it only grows, and nothing needs to count."""
    return int((universal(line.changed_at) - universal(line.created_at)).total_seconds())


def _status(line: AgendaLine) -> str:
    if line.state in ENDED:
        return "CANCELLED"
    return "CONFIRMED" if line.state is BookingState.BOOKED else "TENTATIVE"


def _summary(line: AgendaLine) -> str:
    """ "Zoé · Matin", and what is not as usual."""
    parts = (line.child_first_name, line.slot_name, line.title, _told(line))
    return " · ".join(part for part in parts if part)


def _told(line: AgendaLine) -> str:
    if line.state is BookingState.REFUSED:
        return _("refusé")
    if line.state is BookingState.CANCELLED:
        return _("annulé")
    if line.is_absent:
        return _("absence déclarée")
    return {
        BookingState.REQUESTED: _("à valider par la structure"),
        BookingState.OFFERED: _("place proposée, à accepter"),
    }.get(line.state, "")


def _zone() -> Timezone:
    """The rule of Paris since 1996, written out: some programs ignore a zone that they are not given."""
    zone = Timezone()
    zone.add("tzid", ZONE)
    summer, winter = TimezoneDaylight(), TimezoneStandard()
    hour = timedelta(hours=1)
    for part, name, month, starts, before, after in (
        (summer, "CEST", 3, datetime(1996, 3, 31, 2), hour, 2 * hour),  # noqa: DTZ001 - a wall clock
        (winter, "CET", 10, datetime(1996, 10, 27, 3), 2 * hour, hour),  # noqa: DTZ001
    ):
        part.add("tzname", name)
        part.add("dtstart", starts)
        part.add("tzoffsetfrom", before)
        part.add("tzoffsetto", after)
        part.add("rrule", {"freq": "yearly", "bymonth": month, "byday": "-1SU"})
        zone.add_component(part)
    return zone
