"""« Prélèvement automatique »: read, put in place on another account, stopped.

Until it is accepted nothing is kept: the account goes from page to page sealed, never in an address.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.accounts.recognised import Recognised, is_recognised
from marelle.accounts.refusals import TooManyAttempts, WrongCredentials
from marelle.accounts.services import account_recognise
from marelle.billing.mandates.offers import (
    MandateRefused,
    Offer,
    mandate_offer,
    may_accept,
    offer_read,
    offer_sealed,
)
from marelle.billing.mandates.rules import Account
from marelle.billing.mandates.selectors import debiting, lives_of, own_mandates
from marelle.billing.mandates.services import mandate_accept, mandate_stop
from marelle.billing.models import Mandate
from marelle.billing.runs.addressing import homes_addressed
from marelle.core.sealed import CannotOpen, CannotSeal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.models import Authority
from marelle.portal.access.sessions import session_shown_again
from marelle.portal.debits import words
from marelle.portal.debits.forms import AcceptForm
from marelle.portal.refused import too_many_attempts
from marelle.shell.again import recognised_of, second_first, shown_lately
from marelle.ui.banks import AccountForm

either = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def debits(request: MarelleRequest) -> HttpResponse:
    if request.actor.family_id is None:
        raise Http404
    cards = words.cards(debiting(), own_mandates(request.actor))
    context = {"cards": cards, "may_accept": may_accept(request.actor)}
    return render(request, "portal/debits/debits.html", context)


@sensitive_post_parameters("iban", "bic")
@sensitive_variables()
@either
@second_first
def account(request: MarelleRequest, authority_id: int) -> HttpResponse:
    authority = _authority(request, authority_id)
    form = AccountForm(request.POST or None, initial=_known(request))
    if form.is_valid():
        try:
            offer = mandate_offer(
                actor=request.actor,
                authority_id=authority.pk,
                account=Account(**form.account),
                now=request.now,
            )
            return _shown(request, authority, offer, None)
        except MandateRefused as refusal:
            form.add_error(None, words.refusal_text(refusal))
        except CannotSeal:
            form.add_error(None, str(words.SEALS_NOTHING))
    return render(request, "portal/debits/account.html", {"form": form, "authority": authority})


@sensitive_post_parameters("offer", "present")
@sensitive_variables()
@require_POST
@second_first
def accept(request: MarelleRequest, authority_id: int) -> HttpResponse:
    """What was shown comes back from the page that showed it."""
    authority = _authority(request, authority_id)
    try:
        offer = offer_read(request.POST.get("offer", ""), request.actor, authority.pk, request.now)
        form = AcceptForm(request.POST, recognised=_is_recognised(request))
        if not (form.is_valid() and _recognised(request, form)):
            return _shown(request, authority, offer, form)
        mandate_accept(actor=request.actor, offer=offer, recognised=_shown_again(request), now=request.now)
    except TooManyAttempts as refusal:
        return too_many_attempts(request, refusal)
    except MandateRefused as refusal:
        messages.warning(request, words.refusal_text(refusal))
        return redirect("debits:debits")
    except (CannotSeal, CannotOpen):
        messages.warning(request, str(words.SEALS_NOTHING))
        return redirect("debits:debits")
    messages.success(request, _("Votre mandat est enregistré. Un courriel vous le confirme."))
    return redirect("debits:debits")


def _recognised(request: MarelleRequest, form: AcceptForm) -> bool:
    """Whether it is who is logged in, as its password has just said, or said some minutes ago."""
    if "present" not in form.fields:
        return True
    try:
        shown = account_recognise(actor=request.actor, password=form.cleaned_data["present"], now=request.now)
    except WrongCredentials:
        form.add_error("present", _("Ce n’est pas votre mot de passe actuel."))
        return False
    session_shown_again(request, shown)
    return True


def _is_recognised(request: MarelleRequest) -> bool:
    return _shown_again(request) is not None


def _shown_again(request: MarelleRequest) -> Recognised | None:
    """Of an account with a second factor, what it showed lately; the others give their password again."""
    if request.user.is_authenticated and request.user.has_second:
        return shown_lately(request)
    shown = recognised_of(request)
    return shown if is_recognised(shown, user_id=request.actor.user_id, now=request.now) else None


def _shown(
    request: MarelleRequest, authority: Authority, offer: Offer, form: AcceptForm | None
) -> HttpResponse:
    if form is None:
        sealed = {"offer": offer_sealed(offer, request.actor, request.now)}
        form = AcceptForm(initial=sealed, recognised=_is_recognised(request))
    context = {
        "form": form,
        "authority": authority,
        "pairs": words.offered_pairs(offer),
        "text": offer.text,
        "replaces": bool(offer.standing),
    }
    return render(request, "portal/debits/text.html", context)


@require_safe
def mandate(request: MarelleRequest, mandate_id: int) -> HttpResponse:
    one = _mandate(request, mandate_id)
    pairs = words.mandate_pairs(one, lives_of([one])[one.pk])
    context = {"mandate": one, "line": words.line(one), "pairs": pairs}
    return render(request, "portal/debits/mandate.html", context)


@either
def stop(request: MarelleRequest, mandate_id: int) -> HttpResponse:
    one = _mandate(request, mandate_id)
    if not may_accept(request.actor):
        raise Http404
    if request.method == "POST":
        try:
            mandate_stop(actor=request.actor, mandate_id=one.pk, now=request.now)
        except MandateRefused as refusal:
            messages.warning(request, words.refusal_text(refusal))
        else:
            messages.success(request, _("Le prélèvement est arrêté. Un courriel vous le confirme."))
        return redirect("debits:debits")
    return render(request, "portal/debits/stop.html", {"mandate": one, "line": words.line(one)})


def _mandate(request: MarelleRequest, mandate_id: int) -> Mandate:
    one = own_mandates(request.actor).filter(pk=mandate_id).first()
    if one is None:
        raise Http404
    return one


def _authority(request: MarelleRequest, authority_id: int) -> Authority:
    """One that has bills debited, for who may accept a mandate."""
    found = debiting().filter(pk=authority_id).first()
    if found is None or not may_accept(request.actor):
        raise Http404
    return found


def _known(request: MarelleRequest) -> dict[str, str]:
    """What the home's file says of who would hold the account."""
    lived = homes_addressed([request.actor.home_id], request.today).get(request.actor.home_id)
    if lived is None:
        raise Http404
    return {
        "holder": request.actor.label[:70],
        "street": lived.street,
        "postal_code": lived.postal_code,
        "city": lived.city,
    }
