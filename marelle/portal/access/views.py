"""Connection, first connection and forgotten password."""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from marelle.accounts import services
from marelle.accounts.breached import is_breached
from marelle.accounts.hashing import TooManyHashes
from marelle.accounts.models import LinkPurpose
from marelle.accounts.oidc.offered import provider_name
from marelle.accounts.oidc.providers import For
from marelle.accounts.passkeys import shown_asked
from marelle.accounts.recognised import Factor
from marelle.accounts.refusals import (
    DeadLink,
    IdentifierTaken,
    SecondWanted,
    TooManyAttempts,
    WrongCredentials,
    WrongSecond,
)
from marelle.accounts.selectors import invitation_behind, let_in_by, link_behind, second_held
from marelle.core.actor import Guest
from marelle.flows.actor.middleware import MarelleRequest
from marelle.journal.origin import origin_of
from marelle.portal.access.asking import WRONG_PASSKEY, SecondAsked
from marelle.portal.access.forms import ActivationForm, ForgottenPasswordForm, LoginForm, RememberedCodeForm
from marelle.portal.access.homes import guest_of, home_of
from marelle.portal.access.provider_views import came_by, leaving_too
from marelle.portal.access.providers import came_by_keep, doors
from marelle.portal.access.sessions import (
    browser_known,
    mark_of,
    remembered_keep,
    remembered_of,
    second_wait,
    second_waiting,
    session_begin,
    session_end,
)
from marelle.portal.passwords import NewPasswordForm
from marelle.portal.refused import dead_link, too_many_attempts
from marelle.shell.again import challenge_answered, challenge_keep
from marelle.ui.views import page_wanted

# The demo's list of accounts, where the demo is installed; nothing elsewhere.
ACCOUNTS_SHOWN = ["demo/accounts.html", "access/no_accounts.html"]


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def connection(request: MarelleRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(home_of(request.user))
    form, status = LoginForm(request.POST or None), HTTPStatus.OK
    if request.method == "POST" and form.is_valid():
        try:
            user = services.connection_open(
                name=form.cleaned_data["identifier"],
                password=form.cleaned_data["password"],
                mark=mark_of(request),
                remembered=remembered_of(request),
                origin=origin_of(request),
                now=request.now,
            )
        except TooManyAttempts as refusal:
            return too_many_attempts(request, refusal, by_mail=True)
        except SecondWanted as asked:
            second_wait(request, asked.user)
            _told_if_stolen(request, form)
            return redirect(
                reverse("access:second", query={"next": wanted} if (wanted := page_wanted(request)) else None)
            )
        except WrongCredentials:
            form.add_error(None, _wrong_words())
        except TooManyHashes:
            form.add_error(
                None, _("Trop de personnes se connectent à la fois : réessayez dans quelques secondes.")
            )
            status = HTTPStatus.SERVICE_UNAVAILABLE
        else:
            session_begin(request, user, Factor.PASSWORD)
            _told_if_stolen(request, form)
            return redirect(page_wanted(request) or home_of(user))
    wanted = page_wanted(request)
    context = {
        "form": form,
        "next": wanted,
        "accounts_shown": ACCOUNTS_SHOWN,
        "families_by": doors(For.FAMILIES, wanted),
        "agents_by": doors(For.AGENTS, wanted),
    }
    return render(request, "access/connection.html", context, status=status)


@login_not_required
@never_cache
@sensitive_post_parameters("code", "passkey")
@require_http_methods(["GET", "POST"])
def second(request: MarelleRequest) -> HttpResponse:
    """The second page of a connection: nothing is open before it."""
    waiting = second_waiting(request)
    if request.user.is_authenticated or waiting is None:
        return redirect(settings.LOGIN_URL)
    request.speaks_to = Guest(waiting.guest) if waiting.guest else None
    asked = SecondAsked(
        request,
        second_held(waiting.user_id),
        let_in=let_in_by(waiting.user_id, now=request.now),
        form=RememberedCodeForm,
    )
    if asked.is_answered:
        try:
            user = services.connection_finish(
                user_id=waiting.user_id,
                proof=waiting.proof,
                shown=asked.shown,
                first="identity" if waiting.provider else "password",
                mark=mark_of(request),
                origin=origin_of(request),
                now=request.now,
            )
        except TooManyAttempts as refusal:
            return too_many_attempts(request, refusal)
        except WrongCredentials:
            messages.warning(request, _("Votre compte a changé entre-temps : connectez-vous de nouveau."))
            return redirect(settings.LOGIN_URL)
        except WrongSecond:
            asked.is_wrong()
        else:
            # What was shown at a provider may have been so long before.
            first = () if waiting.provider else (Factor.PASSWORD,)
            session_begin(request, user, *first, Factor.SECOND)
            if waiting.provider:
                came_by_keep(request, waiting.provider, waiting.token)
            opened = redirect(page_wanted(request) or home_of(user))
            if asked.shown is not None and request.POST.get("remember"):
                token = services.browser_remember(
                    user=user, token=remembered_of(request), origin=origin_of(request), now=request.now
                )
                remembered_keep(opened, token)
            return opened
    context = {"asked": asked, "next": page_wanted(request), "by": provider_name(waiting.provider)}
    return render(request, "access/second.html", context)


@login_not_required
@never_cache
@sensitive_post_parameters("passkey")
@require_http_methods(["GET", "POST"])
def passkey(request: MarelleRequest) -> HttpResponse:
    """A connection by a passkey alone."""
    if request.user.is_authenticated:
        return redirect(home_of(request.user))
    if request.method == "POST":
        try:
            user = services.connection_by_passkey(
                signed=challenge_answered(request), origin=origin_of(request), now=request.now
            )
        except TooManyAttempts as refusal:
            return too_many_attempts(request, refusal)
        except WrongSecond:
            messages.error(request, str(WRONG_PASSKEY))
        else:
            session_begin(request, user, Factor.SECOND)
            return redirect(page_wanted(request) or home_of(user))
    asked = {"options": challenge_keep(request, shown_asked())}
    return render(request, "access/passkey.html", {"asked": asked, "next": page_wanted(request)})


@require_POST
def disconnection(request: MarelleRequest) -> HttpResponse:
    services.connection_close(actor=request.actor, origin=origin_of(request), now=request.now)
    by = came_by(request)
    session_end(request)
    if (there := leaving_too(request, by)) is not None:
        return there
    messages.success(request, _("Vous êtes déconnecté. À bientôt !"))
    return redirect(settings.LOGIN_URL)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def forgotten_password(request: MarelleRequest) -> HttpResponse:
    form = ForgottenPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.password_ask(
                name=form.cleaned_data["name"],
                mark=mark_of(request),
                origin=origin_of(request),
                now=request.now,
            )
        except TooManyAttempts as refusal:
            return too_many_attempts(request, refusal)
        return redirect("access:forgotten_password_sent")
    return render(request, "access/forgotten_password.html", {"form": form})


@login_not_required
@require_http_methods(["GET"])
def forgotten_password_sent(request: MarelleRequest) -> HttpResponse:
    return render(request, "access/forgotten_password_sent.html")


@login_not_required
@never_cache
@sensitive_post_parameters("password", "repeated")
@require_http_methods(["GET", "POST"])
def new_password(request: MarelleRequest, token: str) -> HttpResponse:
    link, why = link_behind(token=token, purpose=LinkPurpose.PASSWORD, now=request.now)
    if link is None:
        return dead_link(request, DeadLink(why), template="access/dead_password_link.html", token=token)
    request.speaks_to = guest_of(link.user)
    form = NewPasswordForm(request.POST or None, user=link.user)
    if request.method == "POST" and form.is_valid():
        try:
            user = services.password_choose(
                token=token,
                password=form.cleaned_data["password"],
                origin=origin_of(request),
                now=request.now,
            )
        except DeadLink as refusal:
            return dead_link(request, refusal, template="access/dead_password_link.html", token=token)
        browser_known(request, user, came_in=False)
        messages.success(
            request, _("Votre nouveau mot de passe est enregistré : vous pouvez vous connecter.")
        )
        return redirect(settings.LOGIN_URL)
    return render(request, "access/new_password.html", {"form": form, "account": link.user})


@login_not_required
@never_cache
@sensitive_post_parameters("password", "repeated")
@require_http_methods(["GET", "POST"])
def activation(request: MarelleRequest, token: str) -> HttpResponse:
    invitation, why = invitation_behind(token=token, now=request.now)
    if invitation is None:
        return dead_link(request, DeadLink(why), template="access/dead_invitation.html", token=token)
    request.speaks_to = guest_of(invitation.user)
    form = ActivationForm(request.POST or None, user=invitation.user)
    if request.method == "POST" and form.is_valid():
        try:
            user = services.account_activate(
                token=token,
                identifier=form.cleaned_data["identifier"],
                password=form.cleaned_data["password"],
                origin=origin_of(request),
                now=request.now,
            )
        except DeadLink as refusal:
            return dead_link(request, refusal, template="access/dead_invitation.html", token=token)
        except IdentifierTaken:
            form.add_error("identifier", _("Cet identifiant est déjà pris : choisissez-en un autre."))
        else:
            session_begin(request, user, Factor.PASSWORD)
            messages.success(request, _("Bienvenue ! Votre accès est ouvert."))
            return redirect(home_of(user))
    return render(request, "access/activation.html", {"form": form, "account": invitation.user})


def _told_if_stolen(request: MarelleRequest, form: LoginForm) -> None:
    """A right password that circulates is to be changed, and lets in: who owns it may have no other way."""
    if is_breached(form.cleaned_data["password"]):
        words = _(
            "Votre mot de passe a été volé sur un autre site, et circule : changez-le dans « Modifier les "
            "informations de connexion »."
        )
        messages.warning(request, words)


def _wrong_words() -> str:
    """The same for an unknown account, a wrong password, an address that two accounts share."""
    return _(
        "L’identifiant et le mot de passe ne vont pas ensemble. Vérifiez les majuscules du mot de passe. "
        "Si deux personnes utilisent la même adresse de courriel, entrez plutôt votre identifiant. "
        "Après {count} essais manqués, il faut attendre {minutes} minutes, ou demander par courriel "
        "un nouveau mot de passe."
    ).format(count=settings.ATTEMPTS_PER_ACCOUNT, minutes=settings.ATTEMPTS_MINUTES)
