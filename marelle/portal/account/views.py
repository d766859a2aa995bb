"""« Modifier les informations de connexion »: identifier, mail address, password."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from marelle.accounts import services
from marelle.accounts.models import LinkPurpose
from marelle.accounts.refusals import DeadLink, IdentifierTaken, TooManyAttempts, WrongCredentials
from marelle.accounts.selectors import link_behind, own_account
from marelle.flows.actor.addresses import address_change, address_confirm
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.home.export import may_export
from marelle.journal.origin import origin_of
from marelle.portal.access.sessions import device_of, session_renew
from marelle.portal.account.forms import (
    EmailForm,
    IdentifierForm,
    PasswordForm,
    notices_text,
)
from marelle.portal.account.identities import names_offered
from marelle.portal.passwords import NewPasswordForm
from marelle.portal.refused import dead_link, too_many_attempts
from marelle.shell.again import recognised_first, second_first


@require_http_methods(["GET"])
def account(request: MarelleRequest) -> HttpResponse:
    user = own_account(request.actor)
    context = {
        "account": user,
        "has_second": request.user.is_authenticated and request.user.has_second,
        "has_password": user.has_usable_password(),
        "providers": names_offered(request),
        "notices": notices_text(user.notices),
        "is_adult": request.actor.person_id is not None,
        "has_data": request.actor.guest is not None or may_export(request.actor),
        "is_guest": request.actor.guest is not None,
    }
    return render(request, "account/account.html", context)


@sensitive_post_parameters("present")
@require_http_methods(["GET", "POST"])
@second_first
def identifier(request: MarelleRequest) -> HttpResponse:
    if not _has_password(request):
        return redirect("account:password")
    user = own_account(request.actor)
    form = IdentifierForm(request.POST or None, initial={"identifier": user.identifier})

    def save(data: dict[str, Any]) -> str:
        services.identifier_change(
            actor=request.actor,
            identifier=data["identifier"],
            password=data["present"],
            origin=origin_of(request),
            now=request.now,
        )
        return _("Votre nouvel identifiant est enregistré.")

    return _change(request, form, save, _("Changer d’identifiant"))


@sensitive_post_parameters("present")
@require_http_methods(["GET", "POST"])
@second_first
def email(request: MarelleRequest) -> HttpResponse:
    if not _has_password(request):
        return redirect("account:password")
    user = own_account(request.actor)
    form = EmailForm(request.POST or None, initial={"email": user.email})

    def save(data: dict[str, Any]) -> str:
        link_sent = address_change(
            actor=request.actor,
            email=data["email"],
            password=data["present"],
            origin=origin_of(request),
            now=request.now,
        )
        if link_sent:
            return _("Un lien vient de partir à la nouvelle adresse : ouvrez-le pour la confirmer.")
        return _("Votre adresse de courriel est retirée.")

    return _change(request, form, save, _("Changer d’adresse de courriel"))


@sensitive_post_parameters("present", "password", "repeated")
@require_http_methods(["GET", "POST"])
@second_first
def password(request: MarelleRequest) -> HttpResponseBase:
    if not own_account(request.actor).has_usable_password():
        return _password_first(request)
    form = PasswordForm(request.POST or None, user=own_account(request.actor))

    def save(data: dict[str, Any]) -> str:
        user = services.password_change(
            actor=request.actor,
            old=data["present"],
            new=data["password"],
            kept_device=device_of(request),
            origin=origin_of(request),
            now=request.now,
        )
        session_renew(request, user)
        return _("Votre nouveau mot de passe est enregistré. Vos autres appareils sont déconnectés.")

    return _change(request, form, save, _("Changer de mot de passe"))


@recognised_first
def _password_first(request: MarelleRequest) -> HttpResponseBase:
    """Of an account that was only ever opened by an identity."""
    form = NewPasswordForm(request.POST or None, user=own_account(request.actor))

    def save(data: dict[str, Any]) -> str:
        user = services.password_first(
            actor=request.actor,
            new=data["password"],
            kept_device=device_of(request),
            origin=origin_of(request),
            now=request.now,
        )
        session_renew(request, user)
        return _("Votre mot de passe est enregistré : il ouvre aussi votre compte, avec votre identifiant.")

    return _change(request, form, save, _("Choisir un mot de passe"))


def _has_password(request: MarelleRequest) -> bool:
    """Says what to do first where it has none."""
    if own_account(request.actor).has_usable_password():
        return True
    messages.info(request, _("Choisissez d’abord un mot de passe : il est demandé pour ce changement."))
    return False


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def confirm_email(request: MarelleRequest, token: str) -> HttpResponse:
    """Confirms by a button: what reads mails for viruses follows links, but presses nothing."""
    link, why = link_behind(token=token, purpose=LinkPurpose.EMAIL, now=request.now)
    if link is None:
        return dead_link(request, DeadLink(why), template="account/dead_email_link.html", token=token)
    if request.method == "POST":
        try:
            address_confirm(token=token, origin=origin_of(request), now=request.now)
        except DeadLink as refusal:
            return dead_link(request, refusal, template="account/dead_email_link.html", token=token)
        messages.success(request, _("Votre nouvelle adresse de courriel est confirmée."))
        return redirect("account:account")
    return render(request, "account/confirm_email.html", {"email": link.email})


def _change(
    request: MarelleRequest, form: forms.Form, save: Callable[[dict[str, Any]], str], heading: str
) -> HttpResponse:
    """Show a form of the account, or save it and come back to the account with what `save` says."""
    if request.method == "POST" and form.is_valid():
        try:
            done = save(form.cleaned_data)
        except TooManyAttempts as refusal:
            return too_many_attempts(request, refusal)
        except WrongCredentials:
            form.add_error("present", _("Ce n’est pas votre mot de passe actuel."))
        except IdentifierTaken:
            form.add_error("identifier", _("Cet identifiant est déjà pris : choisissez-en un autre."))
        else:
            messages.success(request, done)
            return redirect("account:account")
    return render(request, "account/change.html", {"form": form, "page_heading": heading})
