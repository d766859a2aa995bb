"""What the journal tells of enrolments, in French."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

OF_ENROLMENTS: Final[Mapping[str, str | Promise]] = {
    "enrolment.suspended": _("Réservations suspendues\u00a0: {label}"),
    "enrolment.resumed": _("Suspension des réservations levée\u00a0: {label}"),
    "enrolment.requested": _("Demande d’inscription envoyée : {label}"),
    "enrolment.accepted": _("Inscription validée : {label}"),
    "enrolment.refused": _("Demande d’inscription refusée : {label}"),
    "enrolment.decision_undone": _("Décision reprise, la demande d’inscription attend : {label}"),
    "enrolment.withdrawn": _("Demande d’inscription retirée : {label}"),
    "enrolment.moved_in": _("Inscription reprise d’un autre logiciel : {label}"),
    "enrolment.created_by_structure": _("Inscription faite par la structure : {label}"),
    "enrolment.end_asked": _("Fin d’inscription demandée : {label}"),
    "enrolment.end_withdrawn": _("Demande de fin d’inscription retirée : {label}"),
    "enrolment.end_decision_undone": _("Décision reprise, la demande de fin attend : {label}"),
    "enrolment.end_accepted": _("Fin d’inscription acceptée : {label}"),
    "enrolment.end_refused": _("Demande de fin d’inscription refusée : {label}"),
    "enrolment.group_changed": _("Changement de groupe : {label}"),
    "enrolment.call_undone": _("Appel à passer de nouveau : {label}"),
    "enrolment.called": _("Le service vous a appelé : {label}"),
    "enrolment.called_in_vain": _("Le service a essayé de vous appeler : {label}"),
}
