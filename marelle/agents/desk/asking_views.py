"""« Demander un document »: from a case that waits, its family is asked for a paper; the case stays open."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.agents.cases import KINDS, case_url
from marelle.agents.desk.asking_forms import AskForm
from marelle.agents.desk.queue import query_text, wanted
from marelle.agents.guards import staff_only
from marelle.core.refusals import Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.desk.case_file import PapersToAsk, papers_to_ask
from marelle.papers.labels import refusal_text
from marelle.papers.refusals import AlreadyGiven
from marelle.papers.services import paper_request
from marelle.places.scope import DECIDERS


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def ask(request: MarelleRequest, case_id: int) -> HttpResponse:
    found = papers_to_ask(request.actor, case_id, day=request.today)
    if found is None:
        raise Http404
    form = AskForm(request.POST if request.method == "POST" else None, papers=_choices(found))
    if form.is_valid() and (answer := _asked(request, form, found)) is not None:
        return answer
    context = {
        "form": form,
        "label": found.case.label,
        "back": (_back(request, found), KINDS[found.case.kind].label),
    }
    return render(request, "agents/desk/ask.html", context)


def _back(request: MarelleRequest, found: PapersToAsk) -> str:
    """To the case, in the agent's filter."""
    return case_url(found.case) + query_text(wanted(request.GET))


def _choices(found: PapersToAsk) -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (
            str(person) if person else _("Le foyer"),
            [(f"{kind.pk}-{person.pk if person else ''}", kind.title) for kind in kinds],
        )
        for person, kinds in found.by_owner
    ]


def _asked(request: MarelleRequest, form: AskForm, found: PapersToAsk) -> HttpResponse | None:
    """None when the form is to be shown again."""
    type_id, person_id = form.type_and_person
    try:
        asked = paper_request(
            actor=request.actor,
            case_id=found.case.pk,
            type_id=type_id,
            person_id=person_id,
            message=form.cleaned_data["message"],
            now=request.now,
        )
    except AlreadyGiven as refusal:
        form.add_error("paper", refusal_text(refusal))
        return None
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        told = {"paper": asked.paper_type.title}
        messages.success(
            request, _("« %(paper)s » est demandé à la famille. La demande reste à traiter.") % told
        )
    return redirect(_back(request, found))
