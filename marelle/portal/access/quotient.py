"""Back from FranceConnect to have the CAF or the MSA asked: nobody comes in by that, and it ends on « Mon
quotient », whatever came of it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from marelle.accounts.oidc.exchange import CameBack
from marelle.accounts.oidc.providers import Provider
from marelle.core.refusals import NotYours, Refusal
from marelle.families.caf.labels import outcome_text, refusal_text
from marelle.families.caf.rules import GOOD, WrongIdentity
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.incomes.caf import is_offered
from marelle.flows.incomes.recognised import agreement_recognise
from marelle.portal.access.providers import CAME_BY, came_by_keep


@sensitive_variables()
def quotient_asked(request: MarelleRequest, provider: Provider, came: CameBack) -> HttpResponse:
    """Ask at once: the token is worth a minute, and is gone with this request."""
    if CAME_BY not in request.session:
        # It is logged in there now: on a computer that several share, a logout here is one there too.
        came_by_keep(request, provider.key, came.told.token)
    try:
        outcome = agreement_recognise(
            actor=request.actor,
            told=came.told,
            token=came.access_token,
            scopes=came.scopes,
            now=request.now,
        )
    except NotYours:
        return quotient_unasked(
            request, _("Votre accord n’attend pas, ou plus, {name}.").format(name=provider.name)
        )
    except WrongIdentity:
        words = _("{name} ne dit pas toute votre naissance : envoyez votre attestation.")
        return quotient_unasked(request, words.format(name=provider.name))
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
        return _there()
    say = messages.success if outcome in GOOD else messages.warning
    say(request, outcome_text(outcome))
    return _there()


def quotient_unasked(request: MarelleRequest, why: str) -> HttpResponse:
    """`why` is a sentence."""
    messages.warning(request, f"{why} {_('Rien n’a été demandé à la CAF ni à la MSA.')}")
    return _there()


def _there() -> HttpResponse:
    return redirect("family:quotient" if is_offered() else "family:home")
