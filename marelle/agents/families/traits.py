"""« Situations particulières pour les prix » of a home: noted, ended; nothing of them is edited."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.agents.families.trait_forms import EndForm, TraitForm
from marelle.agents.families.trait_words import shown
from marelle.agents.guards import staff_only
from marelle.families.models import Family
from marelle.flows.actor.actors import MAY_ACT
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.office.family_page import noted_family
from marelle.flows.office.traits import trait_choices, traits_of_home
from marelle.pricing.homes import home_trait_end, home_trait_note
from marelle.pricing.refusals import TariffRefused

either = require_http_methods(["GET", "HEAD", "POST"])


@either
@staff_only(*MAY_ACT)
def situations(request: MarelleRequest, family_id: int) -> HttpResponse:
    family = noted_home(request, family_id)
    form = _form(request, family)
    if request.method == "POST" and form.is_valid():
        try:
            home_trait_note(
                actor=request.actor,
                authority_id=form.cleaned_data["authority"],
                family_id=family.pk,
                trait=form.trait(_("Décision pour votre foyer")),
                now=request.now,
            )
        except TariffRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("C’est enregistré."))
            return redirect("agents_families:situations", family.pk)
    rows = traits_of_home(request.actor, family.pk)
    context = {"family": family, "form": form, "rows": [shown(row, request.today) for row in rows]}
    return render(request, "agents/families/situations.html", context)


@either
@staff_only(*MAY_ACT)
def end(request: MarelleRequest, family_id: int, trait_id: int) -> HttpResponse:
    family = noted_home(request, family_id)
    row = traits_of_home(request.actor, family.pk).filter(pk=trait_id).first()
    if row is None:
        raise Http404
    posted = request.POST if request.method == "POST" else None
    form = EndForm(posted, initial={"until": request.today})
    if request.method == "POST" and form.is_valid():
        try:
            home_trait_end(
                actor=request.actor, trait_id=row.pk, until=form.cleaned_data["until"], now=request.now
            )
        except TariffRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("C’est enregistré."))
            return redirect("agents_families:situations", family.pk)
    context = {"family": family, "form": form, "row": shown(row, request.today)}
    return render(request, "agents/families/situation.html", context)


def noted_home(request: MarelleRequest, family_id: int) -> Family:
    """The home, if the actor may open its page; not its own."""
    family = noted_family(request.actor, family_id, day=request.today)
    if family is None:
        raise Http404
    return family


def _form(request: MarelleRequest, family: Family) -> TraitForm:
    return TraitForm(
        request.POST if request.method == "POST" else None,
        choices=trait_choices(request.actor, family.pk, request.today),
        day=request.today,
    )
