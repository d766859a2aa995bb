"""What a home still has to book to have the least, in French."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.activities.bound_labels import amount_label, span_label
from marelle.bookings.bounds import Short
from marelle.core.french import until_long


def short_text(short: Short) -> str:
    """ "la semaine du 14 septembre 2026, 1 jour choisi, 2 au moins, jusqu’au mardi 8 septembre à 23 h 59"."""
    told = ngettext(
        "%(span)s, %(amount)s choisi, %(least)d au moins, %(until)s",
        "%(span)s, %(amount)s choisis, %(least)d au moins, %(until)s",
        short.count,
    )
    return told % {
        "span": span_label(short.bound, short.days),
        "amount": amount_label(short.count, short.bound.unit),
        "least": short.least,
        "until": until_long(short.until) if short.until else "",
    }


def whose_text(short: Short, name: str) -> str:
    """ "Zoé", or whoever the home is."""
    return _("Votre foyer") if short.child_id is None else name
