"""What a campaign gives: home by home, moved with a reason, and the file of the run."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from marelle.agents.campaigns import result_words as words
from marelle.agents.campaigns.forms import MoveForm
from marelle.agents.guards import staff_only
from marelle.campaigns.labels import refusal_text, slot_names
from marelle.campaigns.models import Campaign, Wish
from marelle.campaigns.moves import answer_move
from marelle.campaigns.publishing import wish_release
from marelle.campaigns.reading import campaigns_of, names_of
from marelle.campaigns.receipts import Receipt, receipt_of
from marelle.campaigns.refusals import MoveRefused
from marelle.cases.services import OwnFile
from marelle.core.refusals import Refusal
from marelle.families.models import Person
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.scope import DECIDERS

PER_PAGE = 50


@require_safe
@staff_only(*DECIDERS)
def homes(request: MarelleRequest, campaign_id: int) -> HttpResponse:
    """In the order of their turns; those that are set aside first."""
    found = _found(request, campaign_id)
    mine = Wish.objects.filter(campaign=found).exclude(turn=None).exclude(family_id__in=list(request.apart))
    rows = mine.select_related("family").prefetch_related("lines").order_by("turn", "pk")
    if request.GET.get("voir") == "cote":
        rows = rows.exclude(faults=[])
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"campaign": found, "page_obj": page, "lines": words.home_lines(found, page.object_list)}
    return render(request, "agents/campaigns/homes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def home(request: MarelleRequest, simulated_id: int, wish_id: int) -> HttpResponse:
    found = _found(request, simulated_id)
    wish = _wish(found, wish_id)
    receipt = receipt_of(found, wish)
    if receipt is None:
        raise Http404
    weekly = found.unit == Campaign.Unit.WEEK
    names = slot_names(names_of(found))
    movable = found.state == Campaign.State.SIMULATED
    forms = _forms(request, receipt, names, weekly=weekly) if movable else []
    if request.method == "POST":
        if request.POST.get("action") == "release":
            return _release(request, found, wish)
        answer = _moved(request, found, wish, forms)
        if answer is not None:
            return answer
    children = {one.pk: one.first_name for one in Person.objects.filter(wish_lines__wish=wish)}
    context = {
        "campaign": found,
        "wish": wish,
        "pairs": words.right_pairs(receipt),
        "choices": words.choices(receipt, names, children, weekly=weekly),
        "moves": words.moves(receipt),
        "forms": forms,
        "faults": wish.faults,
    }
    return render(request, "agents/campaigns/home.html", context)


@require_safe
@staff_only(*DECIDERS)
def file(request: MarelleRequest, simulated_id: int) -> HttpResponse:
    """The file of the last run, which has no name in it: any computer judges it again."""
    found = _found(request, simulated_id)
    if not found.file:
        raise Http404
    answer = HttpResponse(found.file, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="attribution-{found.pk}.json"'
    return answer


def _found(request: MarelleRequest, campaign_id: int) -> Campaign:
    found = campaigns_of(request.actor).filter(pk=campaign_id).first()
    if found is None:
        raise Http404
    return found


def _wish(campaign: Campaign, wish_id: int) -> Wish:
    mine = Wish.objects.filter(campaign=campaign, pk=wish_id).select_related("family")
    wish = mine.prefetch_related("lines", "moves").first()
    if wish is None:
        raise Http404
    return wish


def _forms(
    request: MarelleRequest, receipt: Receipt, names: dict[int, str], *, weekly: bool
) -> list[MoveForm]:
    """One for each choice; the one that was sent is bound."""
    sent = request.POST.get("choice") if request.method == "POST" else None
    return [
        MoveForm(
            request.POST if sent == str(number) else None,
            number=number,
            plans=words.plan_choices(one, names, weekly=weekly),
            given=[str(plan.rank) for plan in one.plans if plan.outcome == "given"],
        )
        for number, one in enumerate(receipt.choices)
    ]


def _moved(
    request: MarelleRequest, campaign: Campaign, wish: Wish, forms: list[MoveForm]
) -> HttpResponse | None:
    form = next((one for one in forms if one.is_bound), None)
    if form is None:
        messages.warning(request, _("La campagne n’en est plus là\u00a0: relisez la page."))
        return redirect("agents_campaigns:home", campaign.pk, wish.pk)
    if not form.is_valid():
        return None
    try:
        answer_move(
            actor=request.actor,
            campaign_id=campaign.pk,
            wish_id=wish.pk,
            choice=form.number,
            ranks=[int(rank) for rank in form.cleaned_data["ranks"]],
            reason=form.cleaned_data["reason"],
            now=request.now,
        )
    except OwnFile as refusal:
        form.add_error(None, refusal_text(refusal))
        return None
    except MoveRefused as refusal:
        form.add_error("ranks" if refusal.code != "reason" else "reason", refusal_text(refusal))
        return None
    messages.success(request, _("La réponse est changée. Le foyer lira la raison."))
    return redirect("agents_campaigns:home", campaign.pk, wish.pk)


def _release(request: MarelleRequest, campaign: Campaign, wish: Wish) -> HttpResponse:
    try:
        wish_release(actor=request.actor, campaign_id=campaign.pk, wish_id=wish.pk, now=request.now)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, _("La réponse partira avec les autres."))
    return redirect("agents_campaigns:home", campaign.pk, wish.pk)
