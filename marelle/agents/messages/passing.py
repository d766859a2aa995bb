"""An exchange passed to another service: given from its page, and what the former service still reads."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.agents.guards import staff_only
from marelle.agents.messages import words
from marelle.agents.messages.forms import PassForm
from marelle.core.refusals import Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.messaging import selectors, services
from marelle.messaging.labels import passes_text, talk
from marelle.messaging.naming import service_address, service_name
from marelle.places.scope import DECIDERS


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def give(request: MarelleRequest, thread_id: int) -> HttpResponse:
    found = selectors.staff_thread(request.actor, thread_id, day=request.today)
    if found is None:
        raise Http404
    form = PassForm(
        request.POST or None, thread=found.thread, services=selectors.services_to_pass(found.thread)
    )
    if form.is_valid() and _given(request, form, thread_id):
        return redirect("agents_messages:threads")
    context = {"thread": found.thread, "pairs": words.pairs(found.thread), "form": form}
    return render(request, "agents/messages/pass.html", context)


def passed_page(request: MarelleRequest, thread_id: int) -> HttpResponse:
    """What the service that passed it on still reads, with the answer that it was writing. 404 for who never
    had it."""
    found = selectors.passed_thread(request.actor, thread_id, day=request.today)
    if found is None:
        raise Http404
    context = {
        "subject": found.thread.subject,
        "pairs": words.pairs(found.thread),
        "passes": passes_text(found),
        "lines": talk(found, for_staff=True, file_url=None),
        "service": service_name(found.thread),
        "unsent": request.POST.get("text", ""),
    }
    return render(request, "agents/messages/passed.html", context)


def _given(request: MarelleRequest, form: PassForm, thread_id: int) -> bool:
    try:
        thread = services.thread_pass(
            actor=request.actor,
            thread_id=thread_id,
            to=form.to_service(),
            seen=form.seen_service(),
            note=form.cleaned_data["note"],
            now=request.now,
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    if service_address(thread):
        told = _("L’échange est passé à « {service} », qui est prévenu par courriel.")
    else:
        told = _("L’échange est passé à « {service} », qui n’a pas d’adresse de courriel : prévenez-le.")
    messages.success(request, told.format(service=service_name(thread)))
    return True
