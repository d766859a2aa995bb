"""« Mes matinées » of a childminder: those of the relais that know her, with the children whom she names."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.core.actor import Guest
from marelle.core.refusals import ChangedMeanwhile, Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.portal.access.sessions import session_end
from marelle.portal.childminder.forms import BringForm
from marelle.portal.mornings.words import card
from marelle.relay.childminders import childminder_leave
from marelle.relay.labels import refusal_text
from marelle.relay.selectors import morning_lines, mornings_ahead, relays_told
from marelle.relay.visits import visit_bring, visit_cancel, visit_mark
from marelle.shell.again import recognised_first

PER_PAGE = 12
CHANGED = lazy(
    "Cette venue vient de changer ailleurs. Ce que vous avez écrit est gardé ci-dessous\u00a0: enregistrez "
    "encore pour le mettre à la place."
)

Rest = ParamSpec("Rest")
View = Callable[Concatenate[MarelleRequest, Rest], HttpResponseBase]


def childminders_only(view: View[Rest]) -> View[Rest]:
    """To everybody else the page is not there."""

    @wraps(view)
    def asked(request: MarelleRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponseBase:
        if request.actor.guest is not Guest.CHILDMINDER:
            raise Http404
        return view(request, *args, **kwargs)

    return asked


@require_safe
@childminders_only
def mornings(request: MarelleRequest) -> HttpResponse:
    page = Paginator(mornings_ahead(request.actor, now=request.now), PER_PAGE).get_page(
        request.GET.get("page")
    )
    lines = morning_lines(request.actor, page.object_list)
    context = {
        "page_obj": page,
        "mornings": [card(line, agent=False, now=request.now) for line in lines],
        "relays": relays_told(request.actor),
    }
    return render(request, "portal/childminder/mornings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@childminders_only
def register(request: MarelleRequest, opening_id: int) -> HttpResponse:
    lines = morning_lines(request.actor, mornings_ahead(request.actor, now=request.now).filter(pk=opening_id))
    if not lines:
        raise Http404
    (line,) = lines
    coming = [one.first_name for one in line.visit.children.all()] if line.visit is not None else []
    form = BringForm(
        request.POST if request.method == "POST" else None,
        initial={"children": "\n".join(coming), "seen": visit_mark(line.visit)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            visit_bring(
                actor=request.actor,
                opening_id=opening_id,
                first_names=form.cleaned_data["children"],
                seen=form.cleaned_data["seen"],
                now=request.now,
            )
        except ChangedMeanwhile:
            form.add_error(None, CHANGED)
            form.show_again(visit_mark(line.visit))
        except Refusal as refusal:
            form.add_error(None, refusal_text(refusal))
        else:
            messages.success(request, _("C’est noté\u00a0: le relais vous attend."))
            return redirect("childminder:mornings")
    context = {"form": form, "morning": card(line, agent=False, now=request.now)}
    return render(request, "portal/childminder/register.html", context)


@require_POST
@childminders_only
def cancel(request: MarelleRequest, brought_id: int) -> HttpResponse:
    try:
        visit_cancel(actor=request.actor, visit_id=brought_id, now=request.now)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, _("Votre venue est annulée\u00a0: les places sont rendues."))
    return redirect("childminder:mornings")


@require_http_methods(["GET", "HEAD", "POST"])
@childminders_only
@recognised_first
def leave(request: MarelleRequest) -> HttpResponse:
    if request.method == "POST":
        childminder_leave(actor=request.actor, now=request.now)
        session_end(request)
        messages.success(request, _("Votre accès est arrêté. Un courriel vous le confirme."))
        return redirect("access:connection")
    context = {"relays": relays_told(request.actor)}
    return render(request, "portal/childminder/leave.html", context)
