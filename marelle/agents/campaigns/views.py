"""« Attribution »: the campaigns of an agent, prepared and followed."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.agents.activities import rows
from marelle.agents.campaigns import result_words, words
from marelle.agents.campaigns.forms import CampaignForm, CriterionForm, NumberGivenForm
from marelle.agents.guards import staff_only
from marelle.campaigns.figures import served, served_before
from marelle.campaigns.labels import refusal_text
from marelle.campaigns.models import Campaign, Criterion, Wish
from marelle.campaigns.publishing import campaign_publish
from marelle.campaigns.reading import campaigns_of
from marelle.campaigns.refusals import CampaignRefused
from marelle.campaigns.running import campaign_run, campaign_verify
from marelle.campaigns.services import (
    campaign_add,
    campaign_announce,
    campaign_change,
    campaign_end,
    campaign_remove,
    criterion_add,
    criterion_remove,
    number_given,
)
from marelle.core.clock import universal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.scope import DECIDERS

State = Campaign.State

Act = Callable[[MarelleRequest, Campaign], str]
"""Does what a button says, and gives the sentence that tells it."""


@require_safe
@staff_only(*DECIDERS)
def campaigns(request: MarelleRequest) -> HttpResponse:
    lines = words.lines(campaigns_of(request.actor))
    return render(request, "agents/campaigns/campaigns.html", {"lines": lines})


@require_safe
@staff_only(*DECIDERS)
def choose(request: MarelleRequest) -> HttpResponse:
    """The four ways to open a period, each with the way to set it."""
    return render(request, "agents/campaigns/choose.html")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def new(request: MarelleRequest) -> HttpResponse:
    asked = request.GET.get("facon")
    row = Campaign(mode=asked if asked in Campaign.Mode.values else Campaign.Mode.WISHES)
    form = CampaignForm(request.POST if request.method == "POST" else None, instance=row, actor=request.actor)
    saved = rows.written(
        form, lambda: campaign_add(actor=request.actor, values=form.changes(), now=request.now)
    )
    if saved is not None:
        messages.success(request, _("C’est préparé. Ajoutez vos critères, puis annoncez."))
        return redirect("agents_campaigns:campaign", saved.pk)
    title = _("Nouvelle campagne")
    back = (reverse("agents_campaigns:choose"), _("Comment ouvrir une période"))
    return rows.page(request, form, title=title, name=title, lead="", back=back)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def campaign(request: MarelleRequest, campaign_id: int) -> HttpResponse:
    found = _found(request, campaign_id)
    number = NumberGivenForm(request.POST if request.POST.get("action") == "number" else None)
    if request.method == "POST":
        answer = _act(request, found, number)
        if answer is not None:
            return answer
    homes = Wish.objects.filter(campaign=found).count()
    context = {
        "campaign": found,
        "state": words.state_text(found),
        "tone": words.TONES[State(found.state)],
        "next": words.next_text(found, request.now),
        "pairs": words.pairs(found, homes),
        "criteria": words.criteria_lines(found.criteria.select_related("paper_type")),
        "number": number,
        "is_draft": found.state == State.DRAFT,
        "asks_number": found.state == State.ANNOUNCED and found.is_over(request.now) and homes > 0,
        "may_end": _may_end(found, homes, request),
        **_result(found),
    }
    return render(request, "agents/campaigns/campaign.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def change(request: MarelleRequest, campaign_id: int) -> HttpResponse:
    found = _found(request, campaign_id)
    if found.state != State.DRAFT:
        raise Http404
    form = CampaignForm(
        request.POST if request.method == "POST" else None, instance=found, actor=request.actor
    )
    try:
        changed = rows.written(
            form,
            lambda: campaign_change(
                actor=request.actor,
                campaign_id=campaign_id,
                changes=form.changes(),
                seen=form.shown(),
                now=request.now,
            ),
        )
    except CampaignRefused as refusal:
        messages.warning(request, refusal_text(refusal))
        return redirect("agents_campaigns:campaign", campaign_id)
    if changed is not None:
        messages.success(request, rows.saved_text(changed))
        return redirect("agents_campaigns:campaign", campaign_id)
    return rows.page(
        request,
        form,
        title=found.name,
        name=_("Modifier · %s") % found.name,
        lead="",
        back=_back(found),
        remove=reverse("agents_campaigns:remove", args=[found.pk]),
    )


@require_POST
@staff_only(*DECIDERS)
def remove(request: MarelleRequest, campaign_id: int) -> HttpResponse:
    try:
        campaign_remove(actor=request.actor, campaign_id=campaign_id, now=request.now)
    except CampaignRefused as refusal:
        messages.warning(request, refusal_text(refusal))
        return redirect("agents_campaigns:campaign", campaign_id)
    messages.success(request, _("C’est supprimé."))
    return redirect("agents_campaigns:campaigns")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def criteria(request: MarelleRequest, campaign_id: int) -> HttpResponse:
    found = _found(request, campaign_id)
    if found.state != State.DRAFT:
        raise Http404
    row = Criterion(campaign=found, use=Criterion.Use.TIER)
    form = CriterionForm(
        request.POST if request.method == "POST" else None, instance=row, actor=request.actor
    )
    try:
        saved = rows.written(
            form,
            lambda: criterion_add(
                actor=request.actor, campaign_id=campaign_id, values=form.changes(), now=request.now
            ),
        )
    except CampaignRefused as refusal:
        messages.warning(request, refusal_text(refusal))
        return redirect("agents_campaigns:campaign", campaign_id)
    if saved is not None:
        messages.success(request, _("C’est ajouté."))
        return redirect("agents_campaigns:campaign", campaign_id)
    title = _("Ajouter un critère")
    return rows.page(
        request, form, title=title, name=f"{title} · {found.name}", lead=found.name, back=_back(found)
    )


@require_POST
@staff_only(*DECIDERS)
def criterion_drop(request: MarelleRequest, campaign_id: int, criterion_id: int) -> HttpResponse:
    try:
        criterion_remove(
            actor=request.actor, campaign_id=campaign_id, criterion_id=criterion_id, now=request.now
        )
    except CampaignRefused as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, _("Le critère est retiré."))
    return redirect("agents_campaigns:campaign", campaign_id)


def _found(request: MarelleRequest, campaign_id: int) -> Campaign:
    found = campaigns_of(request.actor).filter(pk=campaign_id).first()
    if found is None:
        raise Http404
    return found


def _back(campaign: Campaign) -> tuple[str, str]:
    return reverse("agents_campaigns:campaign", args=[campaign.pk]), campaign.name


def _may_end(campaign: Campaign, homes: int, request: MarelleRequest) -> bool:
    if campaign.state == State.PUBLISHED:
        return universal(request.now) >= universal(campaign.answer_until)
    return campaign.state == State.ANNOUNCED and campaign.is_over(request.now) and not homes


def _result(campaign: Campaign) -> dict[str, object]:
    """What the last run gives, once there is one, and how far its answers are."""
    context: dict[str, object] = {
        "figures": None,
        "before": None,
        "aside": "",
        "sending": "",
        "asked": words.asked_text(campaign),
        "run_refused": words.run_refused_text(campaign),
        "may_simulate": campaign.state in (State.CLOSED, State.SIMULATED) and not campaign.run_asked_at,
        "is_verified": campaign.state == State.SIMULATED
        and campaign.verified == campaign.fingerprint
        and not campaign.run_asked_at,
    }
    if not campaign.fingerprint:
        return context
    before = served_before(campaign)
    mine = Wish.objects.filter(campaign=campaign)
    aside = mine.exclude(faults=[]).count()
    context |= {"figures": result_words.figure_rows(served(campaign), before), "before": before}
    context["aside"] = result_words.aside_text(aside) if aside else ""
    if campaign.state == State.PUBLISHED:
        sent = mine.exclude(given_at=None).count()
        context["sending"] = words.sending_text(sent, mine.count())
    return context


def _act(request: MarelleRequest, campaign: Campaign, number: NumberGivenForm) -> HttpResponse | None:
    """Back to the page once it is done or refused; None where a field is at fault."""
    action = request.POST.get("action", "")
    if action == "number" and not number.is_valid():
        return None
    act = ACTS.get(action)
    if act is None:
        raise Http404
    try:
        told = act(request, campaign)
    except CampaignRefused as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, told)
    return redirect("agents_campaigns:campaign", campaign.pk)


def _announce(request: MarelleRequest, campaign: Campaign) -> str:
    campaign_announce(actor=request.actor, campaign_id=campaign.pk, now=request.now)
    return _("C’est annoncé : les familles concernées le lisent sur leur tableau de bord.")


def _number(request: MarelleRequest, campaign: Campaign) -> str:
    number_given(
        actor=request.actor,
        campaign_id=campaign.pk,
        number=request.POST.get("number", ""),
        now=request.now,
    )
    return _("Le tirage est fait.")


def _end(request: MarelleRequest, campaign: Campaign) -> str:
    campaign_end(actor=request.actor, campaign_id=campaign.pk, now=request.now)
    return _("C’est terminé.")


def _simulate(request: MarelleRequest, campaign: Campaign) -> str:
    if campaign_run(actor=request.actor, campaign_id=campaign.pk, now=request.now):
        return _("La simulation est faite. Rien n’est parti.")
    return _("La simulation est demandée.")


def _verify(request: MarelleRequest, campaign: Campaign) -> str:
    told = campaign_verify(actor=request.actor, campaign_id=campaign.pk, now=request.now)
    return words.verified_text(told)


def _publish(request: MarelleRequest, campaign: Campaign) -> str:
    campaign_publish(actor=request.actor, campaign_id=campaign.pk, now=request.now)
    return _("C’est publié : les réponses partent, foyer par foyer.")


ACTS: dict[str, Act] = {
    "announce": _announce,
    "number": _number,
    "simulate": _simulate,
    "verify": _verify,
    "publish": _publish,
    "end": _end,
}
