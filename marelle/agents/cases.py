"""The kinds of cases that the desk shows: what each is called, and the page where it is decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from marelle.cases.models import Case


@dataclass(frozen=True, slots=True)
class CaseKind:
    """`route` is the name of the page of one case; its only argument is the id of the case's subject.

    `short` is the label in a list, where the line says the rest; the label of a case names who it is about
    first, or last. `arrived` follows `label` and agrees with it, before the day it came.
    """

    label: Promise
    short: Promise
    route: str
    arrived: Promise
    who_comes_last: bool = False


KINDS = {
    "enrolment": CaseKind(
        _("Demande d’inscription"), _("Inscription"), "requests:request", pgettext_lazy("demande", "reçue")
    ),
    "change": CaseKind(
        _("Modification du dossier"),
        _("Modification"),
        "agents_changes:change",
        pgettext_lazy("modification", "demandée"),
    ),
    "paper": CaseKind(
        _("Document à vérifier"),
        _("Document"),
        "agents_papers:paper",
        pgettext_lazy("document", "reçu"),
        who_comes_last=True,
    ),
    "booking": CaseKind(
        _("Réservations à valider"),
        _("Réservation"),
        "agents_bookings:request",
        pgettext_lazy("réservations", "reçues"),
    ),
    "place": CaseKind(
        _("Place à proposer"), _("Place"), "agents_bookings:place", pgettext_lazy("place", "signalée")
    ),
    "alone": CaseKind(
        _("Réservation sans le créneau qui va avec"),
        _("Réservation seule"),
        "agents_bookings:alone",
        pgettext_lazy("réservation", "signalée"),
    ),
    "absence": CaseKind(
        _("Justificatif d’absence"),
        _("Absence"),
        "agents_bookings:proof",
        pgettext_lazy("justificatif", "reçu"),
    ),
    "mismatch": CaseKind(
        _("Réponse à un écart de pointage"),
        _("Écart de pointage"),
        "agents_mismatches:mismatch",
        pgettext_lazy("réponse", "reçue"),
    ),
    "no_show": CaseKind(
        _("Absences sans prévenir"),
        _("Sans prévenir"),
        "agents_no_shows:no_show",
        pgettext_lazy("absences", "signalées"),
    ),
    "attendance": CaseKind(
        _("Pointages à régler"),
        _("Pointages"),
        "agents_ticks:day",
        pgettext_lazy("pointages", "signalés"),
    ),
    "message": CaseKind(
        _("Message"), _("Message"), "agents_messages:thread", pgettext_lazy("message", "reçu")
    ),
    "end": CaseKind(
        _("Fin d’inscription"), _("Fin d’inscription"), "agents_ends:end", pgettext_lazy("fin", "demandée")
    ),
    "gauge": CaseKind(
        _("Places à confirmer"), _("Jauge"), "agents_gauges:gauge", pgettext_lazy("places", "recomptées")
    ),
    "least": CaseKind(
        _("Minimum non atteint"),
        _("Minimum"),
        "agents_leasts:least",
        pgettext_lazy("minimum", "signalé"),
    ),
    "call": CaseKind(
        _("Appel à passer après un refus"),
        _("Appel à passer"),
        "agents_calls:call",
        pgettext_lazy("appel", "noté"),
    ),
    "care": CaseKind(
        _("Demande de mode de garde"),
        _("Mode de garde"),
        "agents_guichet:demand",
        pgettext_lazy("demande", "reçue"),
    ),
    "contest": CaseKind(
        _("Ligne de facture contestée"),
        _("Contestation"),
        "agents_contests:contest",
        pgettext_lazy("contestation", "reçue"),
    ),
    "arrival": CaseKind(
        _("Première visite"),
        _("Première visite"),
        "agents_arrivals:arrival",
        pgettext_lazy("visite", "reçue"),
    ),
    "erasure": CaseKind(
        _("Effacement d’un foyer"),
        _("Effacement"),
        "agents_erasures:erasure",
        pgettext_lazy("effacement", "demandé"),
    ),
}

ANY: Final = 123456789
"""Stands for the id in an address."""

REFUSED_KINDS = (
    "enrolment",
    "end",
    "booking",
    "absence",
    "mismatch",
    "paper",
    "change",
    "contest",
    "arrival",
    "erasure",
)
"""Kinds that are refused with a reason, which an authority may keep ready."""


def case_url(case: Case) -> str:
    return reverse(KINDS[case.kind].route, args=[case.subject_id])


def case_urls(cases: Iterable[Case]) -> list[str]:
    """Their addresses in order: written once for each kind, since only the ids differ between two of it."""
    written: dict[str, tuple[str, str]] = {}
    found = []
    for case in cases:
        if case.kind not in written:
            before, _id, after = reverse(KINDS[case.kind].route, args=[ANY]).rpartition(str(ANY))
            written[case.kind] = (before, after)
        found.append(str(case.subject_id).join(written[case.kind]))
    return found
