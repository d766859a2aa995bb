"""The kinds of cases that the desk shows: what each is called, and the page where it is decided."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marelle.cases.models import Case, CaseQuerySet
from marelle.cases.selectors import open_cases
from marelle.core.actor import Actor, Role
from marelle.places.scope import may_decide


@dataclass(frozen=True, slots=True)
class CaseKind:
    """`route` is the name of the page of one case; its only argument is the id of the case's subject."""

    label: Promise
    route: str


KINDS = {
    "message": CaseKind(_("Message"), "agents_messages:thread"),
    "care": CaseKind(_("Demande de mode de garde"), "agents_guichet:demand"),
    "enrolment": CaseKind(_("Demande d’inscription"), "requests:request"),
    "booking": CaseKind(_("Réservations à valider"), "agents_bookings:request"),
    "absence": CaseKind(_("Justificatif d’absence"), "agents_bookings:proof"),
    "change": CaseKind(_("Modification du dossier"), "agents_changes:change"),
    "paper": CaseKind(_("Document à vérifier"), "agents_papers:paper"),
    "end": CaseKind(_("Fin d’inscription"), "agents_ends:end"),
    "erasure": CaseKind(_("Effacement d’un foyer"), "agents_erasures:erasure"),
    "call": CaseKind(_("Appel à passer après un refus"), "agents_calls:call"),
}


def cases_in_reach(actor: Actor) -> CaseQuerySet:
    """Open cases that the actor may decide, of every kind, the oldest first."""
    if not may_decide(actor):
        return Case.objects.none()
    return open_cases(
        structures=actor.structures(Role.DIRECTOR),
        authorities=actor.authorities(Role.OFFICE),
        everywhere=actor.is_administrator,
    ).filter(kind__in=KINDS)


def case_url(case: Case) -> str:
    return reverse(KINDS[case.kind].route, args=[case.subject_id])
