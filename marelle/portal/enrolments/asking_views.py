"""Étape 1: ask for one enrolment, or for several children and activities in one go."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.core.refusals import No
from marelle.enrolments import selectors
from marelle.enrolments.labels import reason_text, refusal_text
from marelle.enrolments.models import Enrolment
from marelle.enrolments.rules import Reason, earliest_start
from marelle.enrolments.scope import may_derogate
from marelle.families.selectors import children
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.enrolling.asking import (
    Asked,
    Wanted,
    enrolment_ask,
    enrolments_ask,
    offer_to,
    offers_to_all,
)
from marelle.flows.enrolling.grids import activity_prices
from marelle.flows.simulating.selectors import is_simulable
from marelle.portal.enrolments import asking_words
from marelle.portal.enrolments.forms import RequestForm
from marelle.portal.enrolments.many_forms import ManyForm, choices_of, pairs_of, ticked_again
from marelle.portal.enrolments.views import ALREADY, child_or_404, lines_wanted
from marelle.shell.unsent import shows_unsent, unsent_of


@require_http_methods(["GET", "HEAD", "POST"])
@shows_unsent
def ask(request: MarelleRequest, person_id: int, activity_id: int) -> HttpResponse:
    day = request.today
    child = child_or_404(children(request.actor, day=day), person_id)
    rows = selectors.enrolments_of(request.actor, [person_id], day=day)
    offer = offer_to(request.actor, child, rows, activity_id=activity_id, now=request.now)
    if offer is None or not child.may_book:
        raise Http404
    if offer.denial is not None and offer.denial.reason in ALREADY:
        messages.info(request, reason_text(offer.denial.reason, offer.denial.data))
        return redirect("enrolments:person", person_id)
    form = RequestForm(
        request.POST or unsent_of(request),
        slots=offer.activity.slots.all(),
        questions=offer.activity.questions.all(),
        first=earliest_start(offer.facts, day),
        last=offer.activity.last_day,
        derogates=may_derogate(request.actor, offer.activity),
        is_denied=offer.denial is not None,
    )
    if request.method == "POST" and form.is_valid():
        sent = _sent(request, form, person_id, activity_id)
        if sent is not None:
            return _acknowledged([sent])
    context = {
        "child": child,
        "activity": offer.activity,
        "simulates": is_simulable(offer.activity, day),
        "prices": activity_prices(
            request.actor, offer.activity, person_id, day=max(day, offer.activity.first_day)
        ),
        "form": form,
        "offer": asking_words.offer_card(
            offer, child_id=person_id, lines=lines_wanted(request, person_id, [offer])
        ),
        "passes": offer.passes(request.actor, request.now),
        "pairs": asking_words.offer_pairs(offer),
        "papers": asking_words.paper_lines(offer.missing),
    }
    return render(request, "portal/enrolments/ask.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@shows_unsent
def ask_many(request: MarelleRequest) -> HttpResponse:
    day = request.today
    kids = [child for child in children(request.actor, day=day) if child.may_book]
    if not kids:
        raise Http404
    rows = selectors.enrolments_of(request.actor, [child.id for child in kids], day=day)
    sent_before = request.POST or unsent_of(request)
    also = pairs_of(sent_before.getlist("wanted") if sent_before else ())
    choices = choices_of(kids, offers_to_all(request.actor, kids, rows, also=also, now=request.now))
    again = ticked_again(choices, rows, day)
    form = ManyForm(
        sent_before,
        choices=choices,
        today=day,
        again=again if "reprendre" in request.GET else None,
    )
    if request.method == "POST" and form.is_valid():
        asked = enrolments_ask(actor=request.actor, wanted=form.requests(), now=request.now)
        _tell_refused(request, form, asked)
        sent = [one.enrolment for one in asked if one.enrolment is not None]
        if sent:
            return _acknowledged(sent)
    context = {"form": form, "children": form.sections(kids), "again": again.names}
    return render(request, "portal/enrolments/ask_many.html", context)


def _sent(request: MarelleRequest, form: RequestForm, person_id: int, activity_id: int) -> Enrolment | None:
    wanted = Wanted(person_id, activity_id, form.terms())
    try:
        return enrolment_ask(actor=request.actor, wanted=wanted, now=request.now)
    except No as refusal:
        form.refuse(refusal)
        return None


def _tell_refused(request: MarelleRequest, form: ManyForm, asked: Sequence[Asked]) -> None:
    """Each request that was not sent, with its reason; one sent before is no error."""
    for one in asked:
        if one.refusal is not None:
            told = {"what": form.name_of(one.wanted), "why": refusal_text(one.refusal)}
            tell = messages.info if one.refusal.code in ALREADY else messages.warning
            said = _("%(what)s : %(why)s") % told
            if one.refusal.code == Reason.PAPERS_MISSING:
                page = reverse("enrolments:ask", args=[one.wanted.person_id, one.wanted.activity_id])
                said = format_html('{} <a href="{}">{}</a>', said, page, _("Envoyer ce qui manque"))
            tell(request, said)


def _acknowledged(sent: Sequence[Enrolment]) -> HttpResponse:
    query = urlencode([("d", row.pk) for row in sent])
    return redirect(f"{reverse('enrolments:received')}?{query}")
