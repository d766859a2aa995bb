"""« Motifs de refus »: those that agents choose from, by kind of case, in the authority's words."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marelle.agents.guards import staff_only
from marelle.agents.settings.reasons.forms import ReasonsForm
from marelle.core.actor import Role
from marelle.core.refusals import ChangedMeanwhile
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.desk.reasons import reasons_of, reasons_save
from marelle.places.selectors import authorities_in_office


@require_safe
@staff_only(Role.ADMINISTRATOR, Role.OFFICE)
def reasons(request: MarelleRequest) -> HttpResponse:
    return _page(request)


@require_POST
@staff_only(Role.ADMINISTRATOR, Role.OFFICE)
def save(request: MarelleRequest, authority_id: int) -> HttpResponse:
    if authority_id not in {one.pk for one in authorities_in_office(request.actor)}:
        raise Http404
    form = ReasonsForm(request.POST, held=reasons_of(authority_id), prefix=str(authority_id))
    if not form.is_valid():
        return _page(request, authority_id, form)
    try:
        changed = reasons_save(
            actor=request.actor,
            authority_id=authority_id,
            reasons=form.reasons(),
            seen=form.seen_reasons(),
            now=request.now,
        )
    except ChangedMeanwhile:
        form.add_error(None, _("Un collègue vient de modifier ces motifs : rechargez la page pour les voir."))
        return _page(request, authority_id, form)
    messages.success(request, _("C’est enregistré.") if changed else _("Rien n’a changé."))
    return redirect("agents_reasons:reasons")


def _page(
    request: MarelleRequest, authority_id: int | None = None, form: ReasonsForm | None = None
) -> HttpResponse:
    """`form` is the one that came back with errors, of `authority_id`."""
    cards = [
        (one, form if form and one.pk == authority_id else _form(one.pk))
        for one in authorities_in_office(request.actor)
    ]
    return render(request, "agents/reasons/reasons.html", {"cards": cards})


def _form(authority_id: int) -> ReasonsForm:
    return ReasonsForm(held=reasons_of(authority_id), prefix=str(authority_id))
