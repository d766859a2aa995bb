"""« Collectivité et mentions légales »: how an authority is reached, and what the legal pages say of it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from marelle.agents.activities.forms.edit import refuse_changed
from marelle.agents.billed import billed_lines, day_begun
from marelle.agents.guards import staff_only
from marelle.agents.settings.authorities.forms import AuthorityForm
from marelle.core.actor import Role
from marelle.core.refusals import ChangedMeanwhile
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.selectors import authorities_in_office
from marelle.places.services import authority_describe


@require_safe
@staff_only(Role.ADMINISTRATOR, Role.OFFICE)
def authorities(request: MarelleRequest) -> HttpResponse:
    found = authorities_in_office(request.actor)
    if len(found) == 1:
        return redirect("agents_authorities:authority", found[0].pk)
    return render(request, "agents/authorities/authorities.html", {"authorities": found})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(Role.ADMINISTRATOR, Role.OFFICE)
def authority(request: MarelleRequest, authority_id: int) -> HttpResponse:
    found = next((each for each in authorities_in_office(request.actor) if each.pk == authority_id), None)
    if found is None:
        raise Http404
    month = day_begun(request.today.replace(day=1))
    form = AuthorityForm(request.POST or None, authority=found, day=request.today, since=month)
    if request.method == "POST" and form.is_valid():
        try:
            changed = authority_describe(
                actor=request.actor,
                authority_id=authority_id,
                sheet=form.sheet(),
                seen=form.shown(),
                since=form.cleaned_data["incomes_since"],
                now=request.now,
            )
        except ChangedMeanwhile as refusal:
            refuse_changed(form, refusal)
        else:
            messages.success(request, _("C’est enregistré.") if changed else _("Rien n’a changé."))
            if "incomes_count" in changed:
                for line in billed_lines(authority_id, form.cleaned_data["incomes_since"]):
                    messages.warning(request, line)
            return redirect("agents_authorities:authority", authority_id)
    context = {"form": form, "name": found.name, "sections": form.sections()}
    return render(request, "agents/authorities/authority.html", context)
