"""« Place à proposer »: a free place that goes to nobody by itself; an agent offers it, or leaves it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.agents.desk.layout import answered, case_again, case_page
from marelle.agents.guards import staff_only
from marelle.agents.places import waiting_words as words
from marelle.agents.places.forms import OfferForm
from marelle.agents.ways import home_ways
from marelle.bookings.labels import refusal_text
from marelle.bookings.offers.cases import KIND, first_is_own, place_leave
from marelle.bookings.offers.services import offer_until, place_offer
from marelle.bookings.waiting.pages import QueueOf, queue_of
from marelle.core.refusals import Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.scope import DECIDERS


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def place(request: MarelleRequest, waited_id: int) -> HttpResponse:
    found = queue_of(request.actor, waited_id)
    if found is None:
        raise Http404
    form = OfferForm(request.POST if request.method == "POST" else None)
    try:
        if request.method == "POST" and "leave" in request.POST:
            place_leave(actor=request.actor, opening_id=waited_id, now=request.now)
            return answered(request, KIND, waited_id, _("C’est noté : la place reste libre."))
        if form.is_valid():
            return _offered(request, waited_id, found, form.cleaned_data["hours"])
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
        return case_again(request, KIND, waited_id)
    context = {
        "lead": words.queue_lead(found),
        "rows": words.waiting_rows(found, home_ways(request, {row.family_id for row in found.rows})),
        "waited_id": waited_id,
        "gives": found.may_move,
        "own_file": first_is_own(request.actor, waited_id, now=request.now),
    }
    return case_page(
        request,
        "agents/bookings/place.html",
        kind=KIND,
        subject_id=waited_id,
        title=words.queue_title(found),
        context={**context, "form": form},
    )


def _offered(request: MarelleRequest, opening_id: int, found: QueueOf, hours: int) -> HttpResponse:
    """Until the start at the latest; the case is closed with the offer."""
    until = offer_until(hours, starts_at=found.opening.starts_at, now=request.now)
    waiter = place_offer(actor=request.actor, opening_id=opening_id, until=until, now=request.now)
    return answered(request, KIND, opening_id, words.offered_text(waiter.child_name, until))
