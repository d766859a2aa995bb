"""« Vœux »: the campaigns of which a home is told, and its wishes in each."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.bookings.labels import refusal_text as offer_refusal_text
from marelle.bookings.refusals import OfferImpossible
from marelle.campaigns.labels import refusal_text, slot_names
from marelle.campaigns.models import Campaign, Wish
from marelle.campaigns.publishing import answer_given
from marelle.campaigns.reading import campaigns_for, names_of, offers_for
from marelle.campaigns.receipts import receipt_of
from marelle.campaigns.refusals import WishRefused
from marelle.campaigns.units import ChildOffer
from marelle.campaigns.wishing import wish_set, wish_withdraw
from marelle.families.selectors import children
from marelle.flows.actor.middleware import MarelleRequest
from marelle.portal.wishes import words
from marelle.portal.wishes.forms import Whom, WhomForm, WishForm
from marelle.shell.unsent import shows_unsent, unsent_of


@require_safe
def campaigns(request: MarelleRequest) -> HttpResponse:
    if request.actor.family_id is None:
        raise Http404
    rows = words.campaign_rows(campaigns_for(request.actor), request.now)
    return render(request, "portal/wishes/campaigns.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@shows_unsent
def campaign(request: MarelleRequest, wished_id: int) -> HttpResponse:
    found = campaigns_for(request.actor).filter(pk=wished_id).first()
    if found is None:
        raise Http404
    wish = _wish(request, found)
    if request.method == "POST" or found.takes_wishes(request.now):
        return _wishes(request, found, wish)
    return render(request, "portal/wishes/campaign.html", _told(request, found, wish))


def _wishes(request: MarelleRequest, campaign: Campaign, wish: Wish | None) -> HttpResponse:
    """For whom first, by the address; then the ranks. What is sent too late is said, with what was typed."""
    posted = request.method == "POST"
    offers = offers_for(request.actor, campaign, now=request.now)
    unsent = unsent_of(request)
    sent: QueryDict = request.POST if posted else unsent or request.GET
    whom = Whom.of(sent, offers, wish)
    context = _told(request, campaign, wish) | {"kept_from": words.kept_from(offers)}
    able = [one for one in offers if one.units]
    if whom is None:
        context["whom"] = WhomForm(able) if able else None
        return render(request, "portal/wishes/campaign.html", context)
    names = _names(campaign)
    form = WishForm(
        request.POST if posted else unsent,
        campaign=campaign,
        whom=whom,
        offers=offers,
        names=names,
        wish=wish,
    )
    if posted and form.is_valid():
        try:
            wish_set(actor=request.actor, campaign_id=campaign.pk, asked=form.asked(), now=request.now)
        except WishRefused as refusal:
            form.add_error(None, refusal_text(refusal))
        else:
            messages.success(request, _("Vos vœux sont enregistrés. Vous pouvez les changer jusqu’à la fin."))
            return redirect("wishes:campaign", campaign.pk)
    context |= {"form": form, "chosen": whom, "several": len(able) > 1, "who": _who(whom, offers)}
    return render(request, "portal/wishes/campaign.html", context)


@require_POST
def withdraw(request: MarelleRequest, wished_id: int) -> HttpResponse:
    try:
        wish_withdraw(actor=request.actor, campaign_id=wished_id, now=request.now)
    except WishRefused as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, _("Vos vœux sont retirés."))
    return redirect("wishes:campaign", wished_id)


@require_POST
def answer(request: MarelleRequest, wished_id: int) -> HttpResponse:
    accepts = request.POST.get("answer") == "accept"
    try:
        answer_given(
            actor=request.actor,
            campaign_id=wished_id,
            key=request.POST.get("plan", ""),
            accepts=accepts,
            now=request.now,
        )
    except OfferImpossible as refusal:
        messages.warning(request, offer_refusal_text(refusal))
    else:
        done = _("C’est réservé.") if accepts else _("C’est noté\u00a0: ces places iront à d’autres.")
        messages.success(request, done)
    return redirect("wishes:campaign", wished_id)


def _wish(request: MarelleRequest, campaign: Campaign) -> Wish | None:
    mine = Wish.objects.filter(campaign=campaign, family_id=request.actor.home_id)
    return mine.prefetch_related("lines", "moves").first()


def _names(campaign: Campaign) -> dict[int, str]:
    return slot_names(names_of(campaign))


def _who(whom: Whom, offers: list[ChildOffer]) -> list[str]:
    names = {one.child_id: one.name for one in offers}
    return [names[pk] for pk in whom.children]


def _told(request: MarelleRequest, campaign: Campaign, wish: Wish | None) -> dict[str, object]:
    kids = children(request.actor, day=request.today)
    mine = {child.id: child.first_name for child in kids}
    weekly = campaign.unit == Campaign.Unit.WEEK
    answer = wish is not None and wish.given_at is not None
    receipt = receipt_of(campaign, wish, seen=mine) if wish is not None and answer else None
    bookable = {child.id for child in kids if child.may_book}
    names = _names(campaign)
    shown = words.receipt(receipt, names, mine, bookable, weekly=weekly) if receipt else None
    return {
        "receipt": shown,
        "campaign": campaign,
        "step": words.step_text(campaign, request.now),
        "pairs": words.rules_pairs(campaign),
        "criteria": words.criteria_lines(list(campaign.criteria.all())),
        "ticket": wish.ticket if wish else "",
        "asked": words.asked_groups(wish, names, mine, weekly=weekly) if wish else [],
        "is_open": campaign.takes_wishes(request.now),
        "form": None,
        "whom": None,
        "kept_from": [],
    }
