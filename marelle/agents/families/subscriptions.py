"""« Abonnements, cartes et cotisations » of a home: taken, ended; nothing of them is edited."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.agents.families.subscription_forms import EndForm, SubscriptionForm
from marelle.agents.families.subscription_words import shown
from marelle.agents.families.traits import noted_home
from marelle.agents.guards import staff_only
from marelle.flows.actor.actors import MAY_ACT
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.office.subscriptions import subscription_choices, subscriptions_of_home
from marelle.pricing.refusals import TariffRefused
from marelle.pricing.subscriptions import subscription_end, subscription_take

either = require_http_methods(["GET", "HEAD", "POST"])


@either
@staff_only(*MAY_ACT)
def subscriptions(request: MarelleRequest, family_id: int) -> HttpResponse:
    family = noted_home(request, family_id)
    choices = subscription_choices(request.actor, family.pk)
    posted = request.POST if request.method == "POST" else None
    form = SubscriptionForm(posted, choices=choices, day=request.today)
    if request.method == "POST" and form.is_valid():
        try:
            subscription_take(actor=request.actor, family_id=family.pk, taken=form.taken(), now=request.now)
        except TariffRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("C’est enregistré."))
            return redirect("agents_families:subscriptions", family.pk)
    rows = subscriptions_of_home(request.actor, family.pk)
    context = {
        "family": family,
        "form": form,
        "sold": bool(choices.products),
        "rows": [shown(row, request.today) for row in rows],
    }
    return render(request, "agents/families/subscriptions.html", context)


@either
@staff_only(*MAY_ACT)
def end(request: MarelleRequest, family_id: int, subscription_id: int) -> HttpResponse:
    family = noted_home(request, family_id)
    row = subscriptions_of_home(request.actor, family.pk).filter(pk=subscription_id).first()
    if row is None:
        raise Http404
    posted = request.POST if request.method == "POST" else None
    form = EndForm(posted, initial={"until": request.today})
    if request.method == "POST" and form.is_valid():
        try:
            subscription_end(
                actor=request.actor, subscription_id=row.pk, until=form.cleaned_data["until"], now=request.now
            )
        except TariffRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("C’est enregistré."))
            return redirect("agents_families:subscriptions", family.pk)
    context = {"family": family, "form": form, "row": shown(row, request.today)}
    return render(request, "agents/families/subscription.html", context)
