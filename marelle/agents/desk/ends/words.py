"""A request of end in French."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.agents.desk.facts import Fact, home_facts, pair_facts, told
from marelle.core.french import day_long_year, instant_long, of_name, range_sentence
from marelle.enrolments.models import EndRequest
from marelle.flows.office.home_file import HomeFile


def facts(
    end: EndRequest, home: HomeFile | None, *, came: tuple[date, bool] | None, cancelled: int
) -> list[Fact]:
    """`came` is the last day on which the child came, and whether it was seen there; `cancelled` counts the
    bookings that the end would cancel."""
    enrolment = end.enrolment
    received = {"at": instant_long(end.requested_at), "of_who": of_name(end.requested_by)}
    rows = [
        (_("Dernier jour demandé"), day_long_year(end.last_day)),
        (_("Inscription"), range_sentence(enrolment.starts_on, enrolment.ends_on)),
        (_("Structure"), enrolment.activity.structure.name),
        (_("Reçue"), _("%(at)s, %(of_who)s") % received),
        (_("Famille"), "" if home else str(enrolment.family)),
        (_("Précision"), end.comment),
        (_("Dernière venue"), _came(came)),
        (_("Réservations"), _cancelled(cancelled)),
    ]
    return told([*pair_facts(rows), *home_facts(home)])


def _came(came: tuple[date, bool] | None) -> str:
    if came is None:
        return _("aucune connue ici")
    day, seen = came
    text = day_long_year(day)
    return text if seen else _("%(day)s, d’après ses réservations") % {"day": text}


def _cancelled(count: int) -> str:
    if not count:
        return _("aucune après ce jour")
    text = ngettext("%(n)d serait annulée", "%(n)d seraient annulées", count)
    return text % {"n": count}
