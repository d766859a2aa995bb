"""What the door and the bookings do not say alike; the home's answer in one touch, for a child and a day."""

from __future__ import annotations

from collections.abc import Collection

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marelle.attendance.mismatch_labels import refusal_text
from marelle.attendance.mismatch_pages import mismatches_of_home
from marelle.attendance.mismatches import mismatches_answer
from marelle.attendance.refusals import CannotAnswer
from marelle.core.converters import id_read
from marelle.core.refusals import Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.portal.mismatches import words

MOST_TICKED = 50


@require_safe
def mismatches(request: MarelleRequest) -> HttpResponse:
    if request.actor.family_id is None:
        raise Http404
    found = mismatches_of_home(request.actor, now=request.now)
    cards = words.cards(found, unticked=id_read(request.GET.get(words.UNTICKED, "")))
    return render(request, "portal/mismatches/mismatches.html", {"cards": cards})


@require_POST
def answer(request: MarelleRequest, mismatch_id: int) -> HttpResponse:
    """`mismatch_id` is one of the card that is answered, all of it unless only some are ticked."""
    ticked = {id_read(text) for text in request.POST.getlist("m")[:MOST_TICKED]} - {None}
    chosen = [one for one in ticked if one] or ([] if "some" in request.POST else [mismatch_id])
    if not chosen:
        return redirect(words.unticked_url(mismatch_id))
    if request.POST.get("answer") == words.ABSENT:
        return _absent(request, chosen)
    try:
        mismatches_answer(
            actor=request.actor,
            mismatch_ids=chosen,
            answer=request.POST.get("answer", ""),
            now=request.now,
        )
        messages.success(request, _("C’est envoyé\u00a0: la structure vous lit et vous répond."))
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    return redirect("mismatches:mismatches")


def _absent(request: MarelleRequest, chosen: Collection[int]) -> HttpResponseRedirect:
    """An absence is told where all are: its reason and its proof are kept there."""
    found = {one.row.pk: one for one in mismatches_of_home(request.actor, now=request.now)}
    if not found.keys() >= set(chosen):
        raise Http404
    rows = [one.row for pk, one in found.items() if pk in chosen and one.may_answer and one.row.booking_id]
    if not rows:
        messages.warning(request, refusal_text(CannotAnswer()))
        return redirect("mismatches:mismatches")
    return redirect(words.absence_url(rows))
