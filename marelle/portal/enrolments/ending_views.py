"""Asking for the end of an enrolment: what it would cancel is listed first, then the home asks."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from marelle.bookings.closing.ending import later_bookings
from marelle.bookings.closing.labels import later_lines
from marelle.cases.services import AlreadyOpen
from marelle.core.french import day_long_year
from marelle.core.refusals import No, Refusal
from marelle.enrolments.labels import refusal_text
from marelle.enrolments.selectors import enrolment_to_end
from marelle.enrolments.services import end_ask, end_withdraw
from marelle.flows.actor.middleware import MarelleRequest
from marelle.portal.enrolments.ending_forms import EndForm


@require_http_methods(["GET", "HEAD", "POST"])
def end(request: MarelleRequest, person_id: int, accepted_id: int) -> HttpResponse:
    """The day is chosen by GET, and the page lists what is booked later; the request itself is a POST.

    A POST with `voir` only looks: after a day that was refused, the words typed stay, and in no address.
    """
    day = request.today
    enrolment = enrolment_to_end(request.actor, person_id, accepted_id, day=day)
    if enrolment is None:
        raise Http404
    posted = request.method == "POST"
    form = EndForm(request.POST if posted else request.GET or None, enrolment=enrolment, today=day)
    if posted and "voir" not in request.POST and form.is_valid() and _is_asked(request, form, accepted_id):
        return redirect("enrolments:detail", person_id, accepted_id)
    last_day = form.last_day()
    context = {
        "enrolment": enrolment,
        "child": enrolment.person,
        "form": form,
        "last_day": last_day,
        "again": posted and last_day is None,
        "last_day_text": day_long_year(last_day) if last_day else "",
        "later": later_lines(later_bookings(accepted_id, last_day)) if last_day else [],
    }
    return render(request, "portal/enrolments/end.html", context)


@require_POST
def withdraw_end(request: MarelleRequest, person_id: int, accepted_id: int, end_id: int) -> HttpResponse:
    try:
        end_withdraw(actor=request.actor, end_id=end_id, now=request.now)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, _("Votre demande est retirée : l’inscription continue."))
    return redirect("enrolments:detail", person_id, accepted_id)


def _is_asked(request: MarelleRequest, form: EndForm, accepted_id: int) -> bool:
    """The same form sent twice asks once, and says so."""
    try:
        end_ask(
            actor=request.actor,
            enrolment_id=accepted_id,
            last_day=form.cleaned_data["dernier_jour"],
            comment=form.cleaned_data["comment"],
            now=request.now,
        )
    except AlreadyOpen as refusal:
        messages.info(request, refusal_text(refusal))
        return True
    except No as refusal:
        form.add_error(None, refusal_text(refusal))
        return False
    messages.success(request, _("Votre demande est envoyée. Le service va vous répondre par courriel."))
    return True
