"""Bundles in French: what a week is called, what was made, why the days stay."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.activities.services import Week
from marelle.agents.activities.sections import Row
from marelle.core.french import instant_long_year, range_sentence, range_text
from marelle.core.refusals import Refusal
from marelle.flows.catalogue.bundles import Made

REFUSALS: Final[dict[str, str | Promise]] = {
    "too_few": gettext_lazy("Un lot a au moins deux jours : supprimez-le plutôt."),
    "no_such_day": gettext_lazy("Choisissez dans la liste."),
}


def week_name(week: Week) -> str:
    """ "Semaine du 15 au 19 février 2027 · 3–5 ans"."""
    named = _("Semaine %(span)s") % {"span": range_sentence(week.first, week.last)}
    return " · ".join(filter(None, (named, week.group)))[:120]


def bundle_row(bundle: Any) -> Row:
    """`bundle` comes with `first`, `last` and `days`."""
    told = ngettext("%(n)d ouverture", "%(n)d ouvertures", bundle.days) % {"n": bundle.days}
    span = range_text(bundle.first, bundle.last) if bundle.first else ""
    alone = ""
    if bundle.alone_at:
        alone = _("un par un dès le %(instant)s") % {"instant": instant_long_year(bundle.alone_at)}
    url = reverse("agents_activities:bundle", args=[bundle.pk])
    return Row(bundle.name, " · ".join(filter(None, (span, told, alone))), url)


def made_text(made: Made) -> str:
    n = len(made.bundles)
    return ngettext("%(n)d lot créé.", "%(n)d lots créés.", n) % {"n": n}


def left_texts(made: Made) -> Iterable[str]:
    """Each week where families have booked single days: it is left as it is."""
    told = _("%(week)s : des familles y ont déjà réservé des jours, elle reste comme elle est.")
    return [told % {"week": week_name(week)} for week in made.booked]


def booked_text(refusal: Refusal) -> str:
    n = sum(found for _one, _several, found in refusal.data["uses"])
    told = ngettext(
        "%(n)d réservation tient à ces jours : le lot garde les siens. Son nom peut changer.",
        "%(n)d réservations tiennent à ces jours : le lot garde les siens. Son nom peut changer.",
        n,
    )
    return told % {"n": n}


def refusal_text(refusal: Refusal) -> str:
    return str(REFUSALS[refusal.code])
