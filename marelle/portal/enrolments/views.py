"""« Mes inscriptions »: étape 1, ask for an enrolment and follow it; étape 2 leads to the planning."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.core.clock import local
from marelle.core.refusals import Refusal
from marelle.enrolments import selectors, services
from marelle.enrolments.labels import reason_text, refusal_text
from marelle.enrolments.models import Enrolment
from marelle.enrolments.refusals import NotYours
from marelle.enrolments.rules import Reason, earliest_start
from marelle.families.selectors import children
from marelle.flows.middleware import MarelleRequest
from marelle.portal.enrolments import words
from marelle.portal.enrolments.forms import RequestForm

ALREADY = (Reason.ALREADY_ASKED, Reason.ALREADY_ENROLLED)


@require_safe
def people(request: MarelleRequest) -> HttpResponse:
    if request.actor.family_id is None:
        raise Http404
    day = local(request.now).date()
    counts = selectors.counts_by_person(request.actor, day=day)
    kids = children(request.actor, day=day)
    cards = [words.person_card(child, counts.get(child.id, words.NONE), day) for child in kids]
    return render(request, "portal/enrolments/people.html", {"people": cards})


@require_safe
def person(request: MarelleRequest, person_id: int) -> HttpResponse:
    day = local(request.now).date()
    kids = children(request.actor, day=day)
    child = next((kid for kid in kids if kid.id == person_id), None)
    if child is None:
        raise Http404
    rows = selectors.enrolments_of(request.actor, person_id, day=day)
    state = request.GET.get("etat", "")
    cards = [
        words.enrolment_card(row, may_book=child.may_book, now=request.now)
        for row in rows
        if state not in Enrolment.State.values or row.state == state
    ]
    offers = _offers(request, person_id)
    context = {
        "kids": words.kids(kids, person_id),
        "child": child,
        "filter": words.state_filter(rows, state),
        "cards": cards,
        "filtered": bool(rows) and not cards,
        "books": any(card.books for card in cards),
        "possible": [card for card in offers if not card.why],
        "impossible": [card for card in offers if card.why],
    }
    return render(request, "portal/enrolments/person.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: MarelleRequest, person_id: int, activity_id: int) -> HttpResponse:
    day = local(request.now).date()
    person = selectors.askable_person(request.actor, person_id, day=day)
    offer = None if person is None else selectors.offer(request.actor, person, activity_id, now=request.now)
    if person is None or offer is None:
        raise Http404
    if offer.denial is not None and offer.denial.reason in ALREADY:
        messages.info(request, reason_text(offer.denial.reason, offer.denial.data))
        return redirect("enrolments:person", person_id)
    form = RequestForm(
        request.POST or None,
        slots=offer.activity.slots.all(),
        first=earliest_start(offer.facts, day),
        last=offer.activity.last_day,
    )
    if form.is_valid() and _is_sent(request, form, person_id, activity_id):
        return redirect("enrolments:person", person_id)
    context = {
        "child": person,
        "form": form,
        "offer": words.offer_card(offer),
        "pairs": words.offer_pairs(offer),
    }
    return render(request, "portal/enrolments/ask.html", context)


@require_POST
def withdraw(request: MarelleRequest, person_id: int, enrolment_id: int) -> HttpResponse:
    try:
        services.enrolment_withdraw(actor=request.actor, enrolment_id=enrolment_id, now=request.now)
    except NotYours as refusal:
        raise Http404 from refusal
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, _("Votre demande est retirée."))
    return redirect("enrolments:person", person_id)


def _offers(request: MarelleRequest, person_id: int) -> list[words.OfferCard]:
    person = selectors.askable_person(request.actor, person_id, day=local(request.now).date())
    if person is None:
        return []
    return [
        words.offer_card(offer)
        for offer in selectors.offers(request.actor, person, now=request.now)
        if offer.denial is None or offer.denial.reason not in ALREADY
    ]


def _is_sent(request: MarelleRequest, form: RequestForm, person_id: int, activity_id: int) -> bool:
    try:
        services.enrolment_request(
            actor=request.actor,
            person_id=person_id,
            activity_id=activity_id,
            terms=form.terms(),
            now=request.now,
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    messages.success(
        request,
        _("Votre demande est maintenant envoyée. Le service concerné va maintenant valider votre demande."),
    )
    return True
