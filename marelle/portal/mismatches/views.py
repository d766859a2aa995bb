"""What the door and the bookings do not say alike, and the home's answer in one touch."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marelle.attendance.mismatch_labels import refusal_text
from marelle.attendance.mismatch_pages import mismatches_of_home
from marelle.attendance.mismatches import mismatch_answer
from marelle.attendance.refusals import NotYours
from marelle.core.refusals import Refusal
from marelle.flows.middleware import MarelleRequest
from marelle.portal.mismatches import words


@require_safe
def mismatches(request: MarelleRequest) -> HttpResponse:
    if request.actor.family_id is None:
        raise Http404
    found = mismatches_of_home(request.actor, now=request.now)
    return render(request, "portal/mismatches/mismatches.html", {"items": words.items(found)})


@require_POST
def answer(request: MarelleRequest, mismatch_id: int) -> HttpResponse:
    try:
        mismatch_answer(
            actor=request.actor,
            mismatch_id=mismatch_id,
            answer=request.POST.get("answer", ""),
            now=request.now,
        )
        messages.success(request, _("C’est envoyé : la structure vous lit et vous répond."))
    except NotYours as refusal:
        raise Http404 from refusal
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    return redirect("mismatches:mismatches")
