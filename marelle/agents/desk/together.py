"""« Accepter les demandes cochées »: each is decided apart, by its own service, and told apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from marelle.agents.cases import KINDS, case_url
from marelle.agents.desk import queue as words
from marelle.agents.desk.actions import ACTIONS
from marelle.agents.desk.blocked import OWN_FILE
from marelle.agents.desk.undoing import NO_UNDO, Undoable, undoable
from marelle.agents.guards import staff_only
from marelle.cases.models import Case, CaseState
from marelle.cases.services import AlreadyDecided, OwnFile
from marelle.core.converters import id_read
from marelle.core.refusals import No
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.desk.cases import PER_PAGE, cases_in_reach, decided_in_reach
from marelle.places.scope import DECIDERS

TICKED: Final = "c"


@dataclass(frozen=True, slots=True)
class Ended:
    """One case of those ticked: `accepted`, or `why` not."""

    label: str
    detail: str
    url: str
    accepted: bool
    why: str
    undo: Undoable | None


@require_POST
@staff_only(*DECIDERS)
def accept(request: MarelleRequest) -> HttpResponse:
    wanted = words.wanted(request.GET)
    ids = [pk for pk in map(id_read, request.POST.getlist(TICKED)) if pk]
    reach = cases_in_reach(request.actor) | decided_in_reach(request.actor)
    cases = list(reach.filter(pk__in=ids[:PER_PAGE]).order_by("opened_at", "id"))
    if not cases:
        messages.info(request, _("Cochez d’abord les demandes à accepter."))
        return HttpResponseRedirect(reverse("requests:queue") + words.query_text(wanted))
    ended = [_accepted(request, case) for case in cases]
    count = sum(one.accepted for one in ended)
    told = ngettext("%(n)d demande acceptée sur %(of)d.", "%(n)d demandes acceptées sur %(of)d.", count)
    context = {
        "ended": ended,
        "lead": told % {"n": count, "of": len(ended)} if count else _("Aucune demande acceptée."),
        "query": words.query_text(wanted),
    }
    return render(request, "agents/desk/together.html", context)


def _accepted(request: MarelleRequest, case: Case) -> Ended:
    """What the other home of a child of the agent's asks is a colleague's to decide, and names nobody."""
    if case.family_id in request.apart:
        kind = str(KINDS[case.kind].short)
        return Ended(str(words.APART), kind, "", accepted=False, why=str(OWN_FILE), undo=None)
    why = _why_not(request, case)
    case.refresh_from_db()
    label, detail = words.who_and_what(case)
    undo = undoable(request, case) if not why else None
    return Ended(label, detail, case_url(case), not why, why, undo)


def _why_not(request: MarelleRequest, case: Case) -> str:
    """Accepts the case; what stood in the way, in French, or nothing."""
    action = ACTIONS.get(case.kind, NO_UNDO)
    if case.state != CaseState.OPEN:
        return _("Déjà décidée par %(who)s.") % {"who": case.decided_by}
    if action.accept is None:
        return _("Cette demande se lit avant d’être décidée : ouvrez-la.")
    try:
        action.accept(actor=request.actor, subject_id=case.subject_id, now=request.now)
    except AlreadyDecided as refusal:
        return _("Déjà décidée par %(who)s.") % {"who": refusal.data["decided_by"]}
    except OwnFile:
        return str(OWN_FILE)
    except No as refusal:
        return action.why(refusal)
    return ""
