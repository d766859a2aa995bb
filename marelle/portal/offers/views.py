"""« Une place vous est proposée »: what, until when, yes or no."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.bookings.absence_rules import cancelled_until
from marelle.bookings.labels import offer_text, refusal_text
from marelle.bookings.offers.pages import Offer, child_of_offer, offer_to_home
from marelle.bookings.offers.services import offer_accept, offer_decline
from marelle.core.french import join_and, until_long
from marelle.core.refusals import Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.prices.offers import offer_change
from marelle.planning.price_words import change_sentence, why_lines
from marelle.portal.absences.words import place_text, planning_url


@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: MarelleRequest, booking_id: int) -> HttpResponse:
    found = offer_to_home(request.actor, booking_id, now=request.now)
    if request.method == "POST":
        return _answer(request, booking_id, found)
    if found is None:
        return _over(request, booking_id)
    until = found.first.place.offered_until
    change = offer_change(request.actor, found)
    context = {
        "names": join_and([child.first_name for child in found.children]),
        "several": len(found.rows) > 1,
        "places": _places(found),
        "until": until_long(until) if until else "",
        "price": change_sentence(change),
        "why": why_lines(change, shows_health=not request.actor.on_behalf_of),
        "cancelling": offer_text(cancelled_until([row.opening for row in found.rows], request.now)),
        "may_answer": all(child.may_book for child in found.children),
        "planning_url": planning_url(found.first.child.id, found.first.opening.day),
    }
    return render(request, "portal/offers/offer.html", context)


def _places(found: Offer) -> list[str]:
    """Each place, with whose it is where it is offered to several."""
    apart = len(found.children) > 1
    return [
        (f"{row.child.first_name} · " if apart else "") + place_text(row.opening, row.place)
        for row in found.rows
    ]


def _over(request: MarelleRequest, booking_id: int) -> HttpResponse:
    """The mail is read late, or twice: whose offer it was is told, and led to what is booked."""
    child_id = child_of_offer(request.actor, booking_id, now=request.now)
    if child_id is None:
        raise Http404
    messages.info(request, _("Vous avez déjà répondu à cette proposition, ou son délai est passé."))
    return redirect(f"{reverse('planning')}?enfant={child_id}")


def _answer(request: MarelleRequest, booking_id: int, found: Offer | None) -> HttpResponse:
    accepts = request.POST.get("answer") == "accept"
    answer = offer_accept if accepts else offer_decline
    try:
        answer(actor=request.actor, booking_id=booking_id, now=request.now)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(
            request,
            _("C’est réservé.") if accepts else _("C’est noté : la place ira à une autre famille."),
        )
    first = found.first if found else None
    return redirect(planning_url(first.child.id, first.opening.day) if first else "planning")
