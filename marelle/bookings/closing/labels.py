"""What an end of enrolment cancels, in French words, for both sides."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from marelle.bookings.closing.ending import LaterBooking
from marelle.bookings.states import BookingState
from marelle.core.clock import local
from marelle.core.french import day_long_year, hours_text


def later_lines(bookings: Iterable[LaterBooking]) -> list[str]:
    """ "mercredi 9 décembre 2026 : Matin, Repas": a line a day, in the order of the days."""
    by_day: dict[str, list[str]] = {}
    for booking in bookings:
        by_day.setdefault(day_long_year(booking.day), []).append(_slot(booking))
    return [_("%(day)s : %(slots)s") % {"day": day, "slots": ", ".join(s)} for day, s in by_day.items()]


def _slot(booking: LaterBooking) -> str:
    told = booking.slot_name
    if booking.by_hour:
        told = hours_text(local(booking.starts_at).time(), local(booking.ends_at).time())
    if booking.state is BookingState.WAITING:
        return _("%(slot)s (liste d’attente)") % {"slot": told}
    return told
