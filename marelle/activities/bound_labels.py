"""How much may be booked, in French words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext, ngettext

from marelle.activities.bounds import Bound, BoundKind, Days, Each, Then, Unit, Whose
from marelle.core.french import day_plain, join_and, month_text, range_sentence

SPANS: Final = {
    Each.WEEK: lambda: gettext("par semaine"),
    Each.MONTH: lambda: gettext("par mois"),
    Each.PERIOD: lambda: gettext("par période"),
}


KINDS: Final = {
    BoundKind.MOST: lambda: gettext("%(amount)s %(span)s au plus"),
    BoundKind.LEAST: lambda: gettext("%(amount)s %(span)s au moins"),
    BoundKind.RUN: lambda: gettext("des jours qui se suivent, %(span)s"),
}


def amount_label(n: int, unit: Unit) -> str:
    """ "3 jours"."""
    if unit is Unit.DAYS:
        return ngettext("%(n)d jour", "%(n)d jours", n) % {"n": n}
    return ngettext("%(n)d créneau", "%(n)d créneaux", n) % {"n": n}


def bound_label(bound: Bound, slots: Mapping[int, str]) -> str:
    """ "3 jours par semaine au plus", with the home where it is that of the whole home, and its slots, named
    by `slots`, where it counts some alone."""
    told = KINDS[bound.kind]() % {
        "amount": amount_label(bound.n, bound.unit),
        "span": SPANS[bound.each](),
    }
    if bound.whose is Whose.HOME:
        told += " " + gettext("pour le foyer")
    names = [f"« {slots[pk]} »" for pk in slots if pk in bound.slots]
    return told + (" " + gettext("(%(slots)s)") % {"slots": join_and(names)} if names else "")


def bound_lines(bound: Bound, slots: Mapping[int, str]) -> list[str]:
    """The same in sentences, with what becomes of less than the least."""
    found = [f"{bound_label(bound, slots)}."]
    if bound.kind is BoundKind.LEAST:
        found.append(
            gettext("Moins que cela quand le délai se termine est annulé, et vous recevez un courriel.")
            if bound.then is Then.CANCELLED
            else gettext("Moins que cela quand le délai se termine est signalé à la structure.")
        )
    return found


def span_label(bound: Bound, days: Days) -> str:
    """ "la semaine du 14 septembre 2026", "septembre 2026", "la période du 19 octobre au 2 novembre 2026"."""
    first, last = days
    if bound.each is Each.MONTH:
        return month_text(first)
    if bound.each is Each.WEEK:
        return gettext("la semaine du %(day)s") % {"day": day_plain(first)}
    return gettext("la période %(days)s") % {"days": range_sentence(first, last)}
