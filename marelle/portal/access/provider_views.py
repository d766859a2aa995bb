"""Coming in by FranceConnect, ProConnect or the issuer of a town, and logging out there.

Whatever comes of it, the page says so, nothing is half done, and the other way in is there.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from marelle.accounts import services
from marelle.accounts.oidc.claims import CLOCKS, Told
from marelle.accounts.oidc.exchange import CameBack, come_back, end_address
from marelle.accounts.oidc.offered import provider_of
from marelle.accounts.oidc.providers import For, Provider
from marelle.accounts.oidc.refusals import NO_ANSWER, ProviderTrouble, Trouble
from marelle.accounts.recognised import Factor, Recognised
from marelle.accounts.refusals import (
    ClosedAccount,
    IdentityTaken,
    OtherIdentity,
    SecondWanted,
    TooManyAttempts,
    UnknownIdentity,
)
from marelle.accounts.services.attempts import attempt_begin_provider, attempt_end
from marelle.accounts.services.identities import identity_owner, opens_account_of
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.identities.arriving import InDoubt, WorksHere, family_arrive
from marelle.flows.identities.linking import NotAnAgent, agent_arrive, agent_check
from marelle.flows.incomes.recognised import may_be_recognised
from marelle.journal.origin import origin_of
from marelle.portal.access.homes import home_of
from marelle.portal.access.providers import (
    CAME_BY,
    LEAVES,
    TROUBLES,
    Gone,
    Purpose,
    back_address,
    came_by_keep,
    come_from,
    door,
    gone_to,
    provider_asked,
    told_forget,
    told_keep,
)
from marelle.portal.access.quotient import quotient_asked, quotient_unasked
from marelle.portal.access.sessions import remembered_of, second_wait, session_begin, session_shown_again
from marelle.portal.refused import too_many_attempts
from marelle.ui.views import page_wanted

SEVERAL_FACTORS: Final = "mfa"
"""In `amr` (RFC 8176): more than one factor was shown."""

logger = logging.getLogger(__name__)


@login_not_required
@never_cache
@require_http_methods(["GET"])
def leave(request: MarelleRequest, provider: str) -> HttpResponse:
    """Leads to the provider. A link and no form: what a browser sends by a form goes to no other host."""
    there = provider_asked(provider)
    purpose = _purpose(request)
    if purpose is Purpose.IN and request.user.is_authenticated:
        return redirect(home_of(request.user))
    if purpose is not Purpose.IN and not request.user.is_authenticated:
        return redirect(settings.LOGIN_URL)
    if purpose is Purpose.QUOTIENT and not may_be_recognised(request.actor, there):
        raise Http404
    try:
        return HttpResponseRedirect(gone_to(request, there, purpose, page_wanted(request)))
    except ProviderTrouble as trouble:
        return _trouble_page(request, there, trouble, purpose, page_wanted(request))


@login_not_required
@never_cache
@sensitive_variables()
@require_http_methods(["GET"])
def back(request: MarelleRequest, provider: str) -> HttpResponse:
    """Where the provider sends back to, with a code that is worth something once."""
    there = provider_asked(provider)
    gone = come_from(request, there, request.GET.get("state", ""))
    if gone is None or (gone.purpose is not Purpose.IN and gone.user_id != request.actor.user_id):
        return _not_waited_for(request, there)
    try:
        attempt = attempt_begin_provider(state=gone.sent.state, origin=origin_of(request), now=request.now)
        try:
            came = _came(request, there, gone)
        except ProviderTrouble as trouble:
            if trouble.why in NO_ANSWER:
                attempt_end(attempt)
            return _trouble_page(request, there, trouble, gone.purpose, gone.wanted)
        attempt_end(attempt)
    except TooManyAttempts as refusal:
        return too_many_attempts(request, refusal)
    told = came.told
    if gone.purpose is Purpose.QUOTIENT:
        return quotient_asked(request, there, came)
    if gone.purpose is Purpose.LINK:
        told_keep(request, told, Purpose.LINK)
        return redirect(
            reverse("account:identity_link", query={"next": gone.wanted} if gone.wanted else None)
        )
    if gone.purpose is Purpose.AGAIN:
        return _again(request, gone, told)
    if request.user.is_authenticated:
        return redirect(gone.wanted or home_of(request.user))
    return _in(request, there, told, gone.wanted)


@login_not_required
@never_cache
@require_safe
def out(request: MarelleRequest, provider: str) -> HttpResponse:
    """After a logout here: leads to the one there, and is where that one comes back to."""
    there = provider_asked(provider)
    leaving = request.session.get(LEAVES)
    if leaving is None or leaving["provider"] != there.key:
        return redirect(settings.LOGIN_URL)
    if request.GET.get("state") == leaving["state"]:
        del request.session[LEAVES]
        told = _("Vous êtes déconnecté chez {name}.")
        if leaving["was_in"]:
            told = _("Vous êtes aussi déconnecté chez {name}. À bientôt !")
        messages.success(request, told.format(name=there.name))
        return redirect(settings.LOGIN_URL)
    came_back = settings.PUBLIC_URL + request.path
    try:
        address = end_address(
            there, token=leaving["token"], back=came_back, state=leaving["state"], now=request.now
        )
    except ProviderTrouble as trouble:
        _logged(there, trouble)
        address = ""
    context = {
        "name": there.name,
        "address": address,
        "was_in": leaving["was_in"],
        "is_in": request.user.is_authenticated,
    }
    answer = render(request, "access/out.html", context)
    if address:
        # No form leads to another host, so that this is a page; who has no patience has its link.
        answer["Refresh"] = f"1; url={address}"
    return answer


def leaving_too(request: MarelleRequest, came_by: Mapping[str, str] | None) -> HttpResponse | None:
    """Where who has just logged out here goes next, if a provider had let it in."""
    if came_by is None or provider_of(came_by["provider"]) is None:
        return None
    return _leads_out(request, **came_by, was_in=True)


def leaves_keep(request: MarelleRequest, provider: str, token: str, *, was_in: bool = False) -> None:
    """Remember in this session who may be logged out at a provider; `was_in` when it has just been here."""
    state = secrets.token_urlsafe(32)
    request.session[LEAVES] = {"provider": provider, "token": token, "state": state, "was_in": was_in}


def _leads_out(request: MarelleRequest, provider: str, token: str, *, was_in: bool) -> HttpResponse:
    leaves_keep(request, provider, token, was_in=was_in)
    return redirect("access:out", provider)


def told_left(request: MarelleRequest, told: Told) -> HttpResponse:
    """Forget who was recognised, and lead it to where it logs out there: on a computer that several share,
    the next one would be recognised as it."""
    told_forget(request)
    if provider_of(told.provider) is None:
        return redirect(settings.LOGIN_URL)
    return _leads_out(request, told.provider, told.token, was_in=False)


def came_by(request: MarelleRequest) -> Mapping[str, str] | None:
    found: Mapping[str, str] | None = request.session.get(CAME_BY)
    return found


def _purpose(request: MarelleRequest) -> Purpose:
    given = request.GET.get("pour", "")
    return Purpose(given) if given in set(Purpose) else Purpose.IN


def _came(request: MarelleRequest, provider: Provider, gone: Gone) -> CameBack:
    """Raises `ProviderTrouble`."""
    code, error = request.GET.get("code", ""), request.GET.get("error", "")
    if error in {"server_error", "temporarily_unavailable"}:
        raise ProviderTrouble(Trouble.DOWN, error)
    if error in {"invalid_scope", "unauthorized_client"}:
        raise ProviderTrouble(Trouble.SCOPE, error)
    if error or not code:
        raise ProviderTrouble(Trouble.DENIED)
    return come_back(
        provider,
        gone.sent,
        code=code,
        issuer=request.GET.get("iss"),
        back=back_address(provider),
        now=request.now,
    )


def _in(request: MarelleRequest, provider: Provider, told: Told, wanted: str) -> HttpResponse:
    shows_second = provider.audience is For.AGENTS and SEVERAL_FACTORS in told.how
    try:
        _known(request, provider, told)
        user = services.connection_by_identity(
            told=told,
            remembered=remembered_of(request),
            shows_second=shows_second,
            origin=origin_of(request),
            now=request.now,
        )
    except SecondWanted as asked:
        second_wait(request, asked.user, provider=provider.key, token=told.token)
        return redirect(reverse("access:second", query={"next": wanted} if wanted else None))
    except OtherIdentity:
        return _not_let_in(request, provider, told, "other")
    except (UnknownIdentity, IdentityTaken):
        return _not_let_in(request, provider, told, "unknown")
    except InDoubt:
        request.session.cycle_key()
        told_keep(request, told, Purpose.IN)
        return redirect("access:first_visit")
    except WorksHere:
        return _not_let_in(request, provider, told, "staff")
    except NotAnAgent as refusal:
        return _not_let_in(request, provider, told, refusal.why)
    except ClosedAccount:
        return _not_let_in(request, provider, told, "closed")
    # Its session at the provider may be hours old, or of an age that is not told: that shows nothing lately.
    by = () if told.since is None else (Factor.PASSWORD,)
    session_begin(request, user, *by, shown_at=min(told.since or request.now, request.now))
    came_by_keep(request, provider.key, told.token)
    return redirect(wanted or home_of(user))


def _not_let_in(request: MarelleRequest, provider: Provider, told: Told, why: str) -> HttpResponse:
    """It is logged in there all the same: the page leads to where it logs out."""
    leaves_keep(request, provider.key, told.token)
    out_url = reverse("access:out", args=[provider.key])
    return _page(request, provider, why, out_url=out_url, status=HTTPStatus.FORBIDDEN)


def _known(request: MarelleRequest, provider: Provider, told: Told) -> None:
    """Links the account of who comes for the first time, where it is known which; of an agent, looks each
    time whether it works where the provider says."""
    arrive = agent_arrive if provider.audience is For.AGENTS else family_arrive
    try:
        owner = identity_owner(told)
    except UnknownIdentity:
        arrive(told=told, provider=provider, origin=origin_of(request), now=request.now)
        return
    if provider.audience is For.AGENTS:
        agent_check(owner, told=told, provider=provider)


def _again(request: MarelleRequest, gone: Gone, told: Told) -> HttpResponse:
    """Who is logged in shows again who it is, by the identity that opens its account."""
    is_owner = opens_account_of(told, request.actor.user_id)
    # Asked to be shown anew: one that was shown before is of whoever left that browser open.
    is_anew = told.since is not None and told.since >= gone.since - CLOCKS
    if not (is_owner and is_anew):
        words = _("Ce n’est pas l’identité de ce compte : rien n’est confirmé.")
        if is_owner:
            words = _("Vous ne vous êtes pas identifié de nouveau là-bas : rien n’est confirmé.")
        messages.error(request, words)
        return redirect(reverse("account:again", query={"next": gone.wanted} if gone.wanted else None))
    services.identity_used(told=told, now=request.now)
    shown = Recognised(request.actor.user_id or 0, request.now, frozenset({Factor.PASSWORD}))
    session_shown_again(request, shown)
    return redirect(gone.wanted or "account:account")


def _not_waited_for(request: MarelleRequest, provider: Provider) -> HttpResponse:
    """What is brought back twice, late, or by another browser."""
    if request.user.is_authenticated:
        messages.info(request, _("Vous êtes déjà connecté."))
        return redirect(home_of(request.user))
    return _page(request, provider, "late", status=HTTPStatus.GONE)


def _trouble_page(
    request: MarelleRequest, provider: Provider, trouble: ProviderTrouble, purpose: Purpose, wanted: str
) -> HttpResponse:
    _logged(provider, trouble)
    said = str(TROUBLES[trouble.why]).format(name=provider.name)
    if purpose is Purpose.QUOTIENT:
        return quotient_unasked(request, said)
    status = {
        Trouble.DENIED: HTTPStatus.OK,
        Trouble.EXPIRED: HTTPStatus.GONE,
        Trouble.LIES: HTTPStatus.BAD_GATEWAY,
        Trouble.SCOPE: HTTPStatus.BAD_GATEWAY,
    }.get(trouble.why, HTTPStatus.SERVICE_UNAVAILABLE)
    again = door(provider, purpose, wanted).url
    return _page(request, provider, "trouble", said=said, again=again, status=status)


def _logged(provider: Provider, trouble: ProviderTrouble) -> None:
    if trouble.why is not Trouble.DENIED:
        logger.warning("%s: %s. %s", provider.name, trouble.why.value, trouble.detail)


def _page(
    request: MarelleRequest,
    provider: Provider,
    why: str,
    *,
    said: str = "",
    again: str = "",
    out_url: str = "",
    status: HTTPStatus,
) -> HttpResponse:
    context = {
        "why": why,
        "said": said,
        "name": provider.name,
        "again": again or door(provider).url,
        "is_in": request.user.is_authenticated,
        "out_url": out_url,
    }
    return render(request, "access/provider.html", context, status=status)
