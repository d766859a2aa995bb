"""Who waits, and the places that an agent offers."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marelle.activities.models import Opening
from marelle.agents.bookings import words
from marelle.agents.bookings.forms import OfferForm
from marelle.agents.guards import staff_only
from marelle.bookings.labels import refusal_text
from marelle.bookings.offer_pages import queues
from marelle.bookings.offers import offerable, place_offer
from marelle.bookings.refusals import NotYours
from marelle.core.actor import Role
from marelle.core.french import instant_long
from marelle.core.refusals import Refusal
from marelle.flows.middleware import MarelleRequest

DECIDERS = (Role.ADMINISTRATOR, Role.OFFICE, Role.DIRECTOR)


@require_safe
@staff_only(*DECIDERS)
def waiting(request: MarelleRequest) -> HttpResponse:
    lines = words.queue_lines(queues(request.actor, now=request.now))
    return render(request, "agents/bookings/waiting.html", {"lines": lines, "form": OfferForm()})


@require_POST
@staff_only(*DECIDERS)
def offer(request: MarelleRequest, waited_id: int) -> HttpResponse:
    opening: Opening | None = offerable(request.actor).filter(pk=waited_id).first()
    if opening is None:
        raise Http404
    form = OfferForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("Choisissez dans la liste combien de temps la famille a pour répondre."))
        return redirect("agents_bookings:waiting")
    until = min(request.now + timedelta(hours=form.cleaned_data["hours"]), opening.starts_at)
    until = until.replace(second=0, microsecond=0)
    try:
        waiter = place_offer(actor=request.actor, opening_id=waited_id, until=until, now=request.now)
    except NotYours as refusal:
        raise Http404 from refusal
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        told = {"name": waiter.child_name, "until": instant_long(until)}
        messages.success(
            request, _("Place proposée à %(name)s jusqu’au %(until)s. La famille est prévenue.") % told
        )
    return redirect("agents_bookings:waiting")
