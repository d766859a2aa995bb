"""« FranceConnect, ProConnect »: the identities that open one's own account."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.accounts.models import Identity
from marelle.accounts.oidc.offered import issuer_name, providers
from marelle.accounts.oidc.providers import Provider
from marelle.accounts.refusals import LastWayIn
from marelle.accounts.selectors import own_identities
from marelle.accounts.services import identity_unlink
from marelle.core.french import instant_long_year
from marelle.core.refusals import NotYours, Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.identities.linking import may_link, own_identity_link
from marelle.journal.origin import origin_of
from marelle.portal.access.first_visit import who
from marelle.portal.access.provider_views import told_left
from marelle.portal.access.providers import Door, Purpose, door, provider_asked, told_forget, told_kept
from marelle.portal.access.sessions import device_of
from marelle.shell.again import recognised_first
from marelle.ui.views import page_wanted


@dataclass(frozen=True, slots=True)
class Line:
    """A provider: since when it opens the account (`id` is then the identity's), or where it is linked."""

    name: str
    told: str
    id: int | None = None
    link_url: str = ""


def offered(request: MarelleRequest) -> list[Provider]:
    """Those that may open the account of who is logged in."""
    return [one for one in providers() if may_link(request.actor, one)]


def names_offered(request: MarelleRequest) -> str:
    return ", ".join(one.name for one in offered(request))


def doors_again(request: MarelleRequest) -> list[Door]:
    """By which of the identities of the account its owner may show again who it is."""
    held = {one.issuer for one in own_identities(request.actor)}
    return [door(one, Purpose.AGAIN, page_wanted(request)) for one in providers() if one.issuer in held]


@require_safe
def identities(request: MarelleRequest) -> HttpResponse:
    held = {one.issuer: one for one in own_identities(request.actor)}
    lines = [_linked(one) for one in held.values()]
    lines += [_to_link(one) for one in offered(request) if one.issuer not in held]
    return render(request, "account/identities.html", {"lines": lines})


@never_cache
@require_http_methods(["GET", "POST"])
@recognised_first
def link(request: MarelleRequest) -> HttpResponse:
    """Links who was recognised to this account, once its owner has read who that is: whoever led this browser
    there could have shown somebody else."""
    told, there = told_kept(request, Purpose.LINK), page_wanted(request) or "account:identities"
    if told is None:
        messages.info(request, _("Rien n’est relié : recommencez."))
        return redirect("account:identities")
    provider = provider_asked(told.provider)
    if request.method == "POST" and "not_me" in request.POST:
        return told_left(request, told)
    if request.method == "POST":
        told_forget(request)
        try:
            own_identity_link(
                actor=request.actor,
                told=told,
                provider=provider,
                origin=origin_of(request),
                now=request.now,
            )
        except Refusal as refusal:
            messages.error(request, _why(refusal, provider))
        else:
            messages.success(request, _("{name} ouvre maintenant votre compte.").format(name=provider.name))
        return redirect(there)
    return render(request, "account/identity_link.html", {"name": provider.name, "who": who(told)})


@require_POST
@recognised_first
def unlink(request: MarelleRequest, identity_id: int) -> HttpResponse:
    held = next((one for one in own_identities(request.actor) if one.pk == identity_id), None)
    if held is None:
        raise NotYours
    name = issuer_name(held.issuer)
    try:
        identity_unlink(
            actor=request.actor,
            identity_id=identity_id,
            provider=name,
            kept_device=device_of(request),
            origin=origin_of(request),
            now=request.now,
        )
    except LastWayIn:
        messages.error(request, _("Rien d’autre n’ouvre votre compte : choisissez d’abord un mot de passe."))
    else:
        messages.success(request, _("{name} n’ouvre plus votre compte.").format(name=name))
    return redirect("account:identities")


def _linked(held: Identity) -> Line:
    told = _("Relié le {when}").format(when=instant_long_year(held.since))
    if held.used_at:
        told += " · " + _("utilisé le {when}").format(when=instant_long_year(held.used_at))
    return Line(issuer_name(held.issuer), told, held.pk)


def _to_link(provider: Provider) -> Line:
    return Line(
        provider.name, _("Vous pouvez aussi entrer par là."), link_url=door(provider, Purpose.LINK).url
    )


def _why(refusal: Refusal, provider: Provider) -> str:
    match refusal.code:
        case "not_the_same":
            words = _(
                "Rien n’est relié : l’identité donnée par {name} n’est pas celle de votre dossier. Si c’est "
                "bien vous, faites d’abord corriger votre dossier par l’une des structures."
            )
        case "not_an_agent":
            words = _("Rien n’est relié : selon {name}, vous ne travaillez pas ici.")
        case "identity_taken":
            words = _("Rien n’est relié : cette identité ouvre déjà un autre compte.")
        case "other_identity":
            words = _("Rien n’est relié : votre compte l’est déjà à une autre identité donnée par {name}.")
        case _other:
            words = _("Rien n’est relié : votre compte est fermé.")
    return words.format(name=provider.name)
