"""« Double authentification »: what an account shows beside its password; and showing it again."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.accounts import services
from marelle.accounts.recognised import Recognised
from marelle.accounts.refusals import TooManyAttempts, WrongCode, WrongCredentials
from marelle.accounts.second import new_secret, secret_address, secret_picture, spaced
from marelle.accounts.selectors import own_account, own_second
from marelle.core.french import instant_long
from marelle.core.sealed import CannotOpen, CannotSeal, Sealed, opened, seal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.journal.origin import origin_of
from marelle.portal.access.forms import CodeForm
from marelle.portal.account.forms import present_password
from marelle.portal.refused import too_many_attempts
from marelle.shell.again import recognised_first, recognised_keep
from marelle.ui.shell import PORTAL_NAME
from marelle.ui.views import page_wanted

NEW_SECRET = "new_secret"  # noqa: S105 - the name of a session key
"""Session key: the secret, sealed, of an application that is being added."""


class PresentForm(forms.Form):
    present = present_password()


@sensitive_post_parameters("present", "code")
@never_cache
@require_http_methods(["GET", "POST"])
def again(request: MarelleRequest) -> HttpResponse:
    """Shows again the strongest factor that the account has, then leads back to what asked for it."""
    has_second = request.user.is_authenticated and request.user.has_second
    form = CodeForm(request.POST or None) if has_second else PresentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            shown = _shown(request, form)
        except TooManyAttempts as refusal:
            return too_many_attempts(request, refusal)
        if shown is not None:
            recognised_keep(request, shown)
            return redirect(page_wanted(request) or "account:account")
    return render(request, "account/again.html", {"form": form, "next": page_wanted(request)})


@require_safe
def second(request: MarelleRequest) -> HttpResponse:
    held = own_second(request.actor)
    left = ngettext("Il vous en reste %d.", "Il vous en reste %d.", held.codes) % held.codes
    context = {
        "added": instant_long(held.added_at) if held.added_at else "",
        "is_on": held.is_on,
        "codes": left if held.codes else _("Il ne vous en reste aucun."),
    }
    return render(request, "account/second.html", context)


@sensitive_post_parameters("code")
@sensitive_variables()
@never_cache
@require_http_methods(["GET", "POST"])
@recognised_first
def authenticator(request: MarelleRequest) -> HttpResponse:
    """Adds an application. Its secret waits, sealed, in the session until its first code shows that it is
    there."""
    form = CodeForm(request.POST or None)
    form.fields["code"].help_text = _("Les 6 chiffres que l’application montre maintenant.")
    try:
        secret = _secret(request)
        if request.method == "POST" and form.is_valid():
            codes = services.authenticator_add(
                actor=request.actor,
                secret=secret,
                code=form.cleaned_data["code"],
                origin=origin_of(request),
                now=request.now,
            )
            del request.session[NEW_SECRET]
            messages.success(request, _("Votre application est enregistrée."))
            return _codes_shown(request, codes) if codes else redirect("account:second")
    except WrongCode:
        form.add_error("code", _("Ce n’est pas le code de cette application. Vérifiez l’heure du téléphone."))
    except (CannotSeal, CannotOpen):
        messages.error(request, _("Ce n’est pas possible pour le moment : prévenez l’une des structures."))
        return redirect("account:second")
    return render(request, "account/authenticator.html", {"form": form, "secret": spaced(secret)})


@never_cache
@require_safe
@recognised_first
def authenticator_picture(request: MarelleRequest) -> HttpResponse:
    """The QR code of the secret that waits in the session."""
    try:
        secret = _secret(request)
    except (CannotSeal, CannotOpen):
        return HttpResponse(status=404)
    account = own_account(request.actor).identifier
    address = secret_address(secret, account=account, portal=str(PORTAL_NAME))
    return HttpResponse(secret_picture(address), content_type="image/svg+xml")


@require_POST
@recognised_first
def authenticator_remove(request: MarelleRequest) -> HttpResponse:
    services.authenticator_remove(actor=request.actor, origin=origin_of(request), now=request.now)
    messages.success(request, _("L’application est retirée."))
    return redirect("account:second")


@require_POST
@recognised_first
def codes(request: MarelleRequest) -> HttpResponse:
    made = services.recovery_codes_renew(actor=request.actor, origin=origin_of(request), now=request.now)
    return _codes_shown(request, made) if made else redirect("account:second")


def _shown(request: MarelleRequest, form: forms.Form) -> Recognised | None:
    if isinstance(form, CodeForm):
        try:
            return services.account_recognise_second(
                actor=request.actor,
                code=form.cleaned_data["code"],
                origin=origin_of(request),
                now=request.now,
            )
        except WrongCode:
            form.is_wrong()
            return None
    try:
        password = form.cleaned_data["present"]
        return services.account_recognise(actor=request.actor, password=password, now=request.now)
    except WrongCredentials:
        form.add_error("present", _("Ce n’est pas votre mot de passe actuel."))
        return None


def _secret(request: MarelleRequest) -> str:
    """The secret that waits in the session, made when there is none. Raises CannotSeal, CannotOpen."""
    if waiting := request.session.get(NEW_SECRET):
        return opened(Sealed(waiting))
    secret = new_secret()
    request.session[NEW_SECRET] = seal(secret).token
    return secret


def _codes_shown(request: MarelleRequest, made: tuple[str, ...]) -> HttpResponse:
    """They are in this answer alone."""
    return render(request, "account/codes.html", {"codes": [spaced(code) for code in made]})
