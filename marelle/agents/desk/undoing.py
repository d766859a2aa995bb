"""« Annuler »: the decision that may still be undone, and why one may not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from marelle.agents.desk.actions import ACTIONS, Action
from marelle.agents.desk.addresses import case_again
from marelle.agents.desk.blocked import OWN_FILE
from marelle.agents.guards import staff_only
from marelle.cases.models import Case, CaseState
from marelle.cases.rules import undo_until
from marelle.core.french import day_long, time_exact
from marelle.core.refusals import Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.scope import DECIDERS, decides

NO_UNDO: Final = Action()

WHY: Final[Mapping[str, Promise]] = {
    "too_late": gettext_lazy("La minute est passée : la famille est prévenue. Écrivez-lui, ou appelez-la."),
    "mail_gone": gettext_lazy("Le courriel est déjà parti : la famille est prévenue."),
    "decided_again": gettext_lazy("Cette décision n’est plus la dernière : un collègue est passé depuis."),
    "withdrawn": gettext_lazy("La famille a retiré sa demande."),
    "gone": gettext_lazy("Cette demande n’existe plus."),
    "booked": gettext_lazy("La famille a déjà réservé, ou modifié ses réservations."),
    "called": gettext_lazy("La famille a déjà été appelée."),
    "asked_again": gettext_lazy("La famille a envoyé une nouvelle demande depuis : traitez celle-ci."),
    "places_gone": gettext_lazy("Des places rendues ne sont plus libres : %(places)s."),
    "newcomer": gettext_lazy("La famille s’en est déjà servie : retirez la personne sur le dossier."),
    "answered": gettext_lazy("La famille a déjà répondu à la place proposée."),
    "changed": gettext_lazy("Le dossier a changé depuis."),
    "end_asked": gettext_lazy("La famille a demandé depuis à arrêter cette inscription."),
}


@dataclass(frozen=True, slots=True)
class Undoable:
    """A decision that may still be undone `until` then; `decided_at` names it when the form comes back."""

    case_id: int
    label: str
    decided_at: str
    until: str


def undoable(request: MarelleRequest, case: Case | None) -> Undoable | None:
    """What « Annuler » offers for a case; None once its minute is over, or for who may not undo it, nor open
    its home."""
    if case is None or case.decided_at is None or case.state == CaseState.WITHDRAWN:
        return None
    action = ACTIONS.get(case.kind, NO_UNDO)
    if action.undo is None or request.now >= undo_until(case.decided_at) or not _may(request, case):
        return None
    if case.family_id in request.apart:
        return None
    until = time_exact(undo_until(case.decided_at))
    return Undoable(case.pk, case.label, case.decided_at.isoformat(), until)


def _may(request: MarelleRequest, case: Case) -> bool:
    may = ACTIONS.get(case.kind, NO_UNDO).may
    if may is None:
        return decides(request.actor, case)
    return may(request.actor, case, day=request.today)


@require_POST
@staff_only(*DECIDERS)
def undo(request: MarelleRequest, decided_id: int) -> HttpResponse:
    case = Case.objects.filter(pk=decided_id).first()
    if case is None or not _may(request, case):
        raise Http404
    action = ACTIONS.get(case.kind, NO_UNDO)
    shown = case.decided_at is not None and request.POST.get("decided") == case.decided_at.isoformat()
    if action.undo is None or case.decided_at is None or not shown:
        messages.warning(request, str(action.stays) or str(WHY["decided_again"]))
        return case_again(request, case.kind, case.subject_id)
    try:
        undone = action.undo(
            actor=request.actor, subject_id=case.subject_id, decided_at=case.decided_at, now=request.now
        )
    except Refusal as refusal:
        messages.warning(request, _("Rien n’est annulé. %(why)s") % {"why": why_text(refusal)})
    else:
        messages.success(request, undone_text(case.kind, len(undone) if isinstance(undone, list) else 1))
    return case_again(request, case.kind, case.subject_id)


def undone_text(kind: str, count: int) -> str:
    """What waits again: `count` decisions taken together are undone together."""
    if kind == "place":
        return _("C’est annulé : la place est de nouveau à proposer, et aucun courriel n’est parti.")
    if kind == "call":
        return _("C’est annulé : l’appel est de nouveau à passer.")
    if count > 1:
        told = _("C’est annulé : les %(n)d demandes décidées ensemble attendent de nouveau, sans courriel.")
        return told % {"n": count}
    return _("C’est annulé : la demande attend de nouveau, et la famille n’a rien reçu.")


def why_text(refusal: Refusal) -> str:
    if refusal.code == "own_file":
        return str(OWN_FILE)
    if refusal.code == "decided_elsewhere":
        return _("Un autre service décide maintenant de cette demande.")
    why = str(WHY.get(refusal.data.get("why", ""), WHY["changed"]))
    places = [f"{day_long(day)}, {slot}" for day, slot in refusal.data.get("places", ())]
    return why % {"places": " ; ".join(places)} if places else why
