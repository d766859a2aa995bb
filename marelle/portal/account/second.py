"""« Double authentification »: what an account shows beside its password; and showing it again."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.accounts import services
from marelle.accounts.models import Passkey
from marelle.accounts.passkeys import PASSKEYS_AT_MOST, new_asked
from marelle.accounts.recognised import Factor, Recognised
from marelle.accounts.refusals import (
    LastWayIn,
    TooManyAttempts,
    TooManyPasskeys,
    WrongCredentials,
    WrongSecond,
)
from marelle.accounts.second import new_secret, secret_address, secret_picture, spaced
from marelle.accounts.selectors import own_account, own_passkey, own_second
from marelle.core.french import day_plain, instant_long_year
from marelle.core.sealed import CannotOpen, CannotSeal, Sealed, opened, seal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.journal.origin import origin_of
from marelle.places.second import second_wanted_of
from marelle.portal.access.asking import SecondAsked
from marelle.portal.access.forms import CodeForm
from marelle.portal.access.sessions import session_shown_again
from marelle.portal.account.forms import present_password
from marelle.portal.account.identities import doors_again
from marelle.portal.refused import too_many_attempts
from marelle.shell.again import challenge_answered, challenge_keep, recognised_first
from marelle.shell.menus import GUEST_NAMES
from marelle.ui.shell import PORTAL_NAME
from marelle.ui.views import page_wanted

NEW_SECRET = "new_secret"  # noqa: S105 - the name of a session key
"""Session key: the secret, sealed, of an application that is being added."""


NEW_CODES = "new_codes"
"""Session key: recovery codes, sealed, until the page that shows them is read."""


NOT_NOW = lazy("Ce n’est pas possible pour le moment : prévenez l’une des structures.")


class PresentForm(forms.Form):
    present = present_password()


class LabelForm(forms.Form):
    label = forms.CharField(
        label=lazy("Nom de la clé d’accès"),
        help_text=lazy("Pour la reconnaître : « Mon téléphone », « Ordinateur du bureau »."),
        max_length=60,
    )


@dataclass(frozen=True, slots=True)
class PasskeyLine:
    id: int
    label: str
    told: str


@sensitive_post_parameters("present", "code", "passkey")
@never_cache
@require_http_methods(["GET", "POST"])
def again(request: MarelleRequest) -> HttpResponse:
    """Shows again the strongest factor that the account has, then leads back to what asked for it."""
    held = own_second(request.actor)
    asked = SecondAsked(request, held) if held.is_on else None
    form: forms.Form = asked.form if asked else PresentForm(request.POST or None)
    if asked.is_answered if asked else form.is_valid():
        try:
            shown = _by_second(request, asked) if asked else _by_password(request, form)
        except TooManyAttempts as refusal:
            return too_many_attempts(request, refusal)
        if shown is not None:
            session_shown_again(request, shown)
            return redirect(page_wanted(request) or "account:account")
    context = {
        "form": form,
        "asked": asked,
        "next": page_wanted(request),
        "doors": [] if asked else doors_again(request),
        "has_password": asked is not None or own_account(request.actor).has_usable_password(),
    }
    return render(request, "account/again.html", context)


@require_safe
def second(request: MarelleRequest) -> HttpResponse:
    held = own_second(request.actor)
    left = ngettext("Il vous en reste %d.", "Il vous en reste %d.", held.codes) % held.codes
    context = {
        "added": instant_long_year(held.added_at) if held.added_at else "",
        "passkeys": [_line(one) for one in held.passkeys],
        "is_on": held.is_on,
        "wanted": "" if held.is_on else _wanted(request),
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
            made = services.authenticator_add(
                actor=request.actor,
                secret=secret,
                code=form.cleaned_data["code"],
                origin=origin_of(request),
                now=request.now,
            )
            del request.session[NEW_SECRET]
            messages.success(request, _("Votre application est enregistrée."))
            return _added(request, made)
    except WrongSecond:
        form.add_error("code", _("Ce n’est pas le code de cette application. Vérifiez l’heure du téléphone."))
    except (CannotSeal, CannotOpen):
        messages.error(request, str(NOT_NOW))
        return redirect("account:second")
    context = {"form": form, "secret": spaced(secret), "address": _address(request, secret)}
    return render(request, "account/authenticator.html", context)


@never_cache
@require_safe
@recognised_first
def authenticator_picture(request: MarelleRequest) -> HttpResponse:
    """The QR code of the secret that waits in the session."""
    try:
        address = _address(request, _secret(request))
    except (CannotSeal, CannotOpen):
        return HttpResponse(status=404)
    return HttpResponse(secret_picture(address), content_type="image/svg+xml")


@require_POST
@recognised_first
def authenticator_remove(request: MarelleRequest) -> HttpResponse:
    services.authenticator_remove(actor=request.actor, origin=origin_of(request), now=request.now)
    messages.success(request, _("L’application est retirée."))
    return redirect("account:second")


@never_cache
@sensitive_variables()
@require_http_methods(["GET", "POST"])
@recognised_first
def codes(request: MarelleRequest) -> HttpResponse:
    """Makes new recovery codes, or shows once those that were made."""
    try:
        if request.method == "POST":
            made = services.recovery_codes_renew(
                actor=request.actor, origin=origin_of(request), now=request.now
            )
            return _codes_shown(request, made)
        made_before = request.session.pop(NEW_CODES, None)
        shown = opened(Sealed(made_before)) if made_before else ""
    except (CannotSeal, CannotOpen):
        shown = ""
    if not shown:
        return redirect("account:second")
    return render(request, "account/codes.html", {"codes": [spaced(code) for code in shown.split()]})


@sensitive_post_parameters("passkey")
@never_cache
@require_http_methods(["GET", "POST"])
@recognised_first
def passkey_new(request: MarelleRequest) -> HttpResponse:
    form = LabelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.passkey_add(
                actor=request.actor,
                signed=challenge_answered(request),
                label=form.cleaned_data["label"],
                origin=origin_of(request),
                now=request.now,
            )
        except TooManyPasskeys:
            words = _("Votre compte a déjà {count} clés d’accès.")
            form.add_error(None, words.format(count=PASSKEYS_AT_MOST))
        except CannotSeal:
            form.add_error(None, str(NOT_NOW))
        except WrongSecond:
            form.add_error(None, _("La clé d’accès n’a pas été reçue : recommencez."))
        else:
            messages.success(request, _("Votre clé d’accès est enregistrée."))
            return _added(request, made)
    account = own_account(request.actor)
    asked = new_asked(
        user_id=account.pk,
        identifier=account.identifier,
        name=str(account),
        held=[bytes(one.credential) for one in own_second(request.actor).passkeys],
    )
    context = {"form": form, "options": challenge_keep(request, asked)}
    return render(request, "account/passkey_new.html", context)


@require_http_methods(["GET", "POST"])
def passkey(request: MarelleRequest, passkey_id: int) -> HttpResponse:
    held = own_passkey(request.actor, passkey_id)
    form = LabelForm(request.POST or None, initial={"label": held.label})
    if request.method == "POST" and form.is_valid():
        services.passkey_name(
            actor=request.actor, passkey_id=held.pk, label=form.cleaned_data["label"], now=request.now
        )
        messages.success(request, _("Votre clé d’accès est renommée."))
        return redirect("account:second")
    context = {"form": form, "page_heading": _("Renommer une clé d’accès")}
    return render(request, "account/change.html", context)


@require_POST
@recognised_first
def passkey_remove(request: MarelleRequest, passkey_id: int) -> HttpResponse:
    try:
        services.passkey_remove(
            actor=request.actor, passkey_id=passkey_id, origin=origin_of(request), now=request.now
        )
    except LastWayIn:
        messages.error(request, _("Rien d’autre n’ouvre votre compte : choisissez d’abord un mot de passe."))
    else:
        messages.success(request, _("La clé d’accès est retirée."))
    return redirect("account:second")


def _address(request: MarelleRequest, secret: str) -> str:
    account = own_account(request.actor).identifier
    guest = request.actor.guest
    portal = PORTAL_NAME if guest is None else GUEST_NAMES[guest]
    return secret_address(secret, account=account, portal=str(portal))


def _wanted(request: MarelleRequest) -> str:
    """From when on one of its posts asks for it, in words."""
    since = second_wanted_of(request.actor)
    if since is None:
        return ""
    if request.today >= since:
        return _("Votre poste la demande : ajoutez-la maintenant, rien d’autre ne s’ouvre avant.")
    return _("Votre poste la demande à partir du {day}.").format(day=day_plain(since))


def _line(one: Passkey) -> PasskeyLine:
    told = _("Ajoutée le {when}").format(when=instant_long_year(one.added_at))
    if one.used_at:
        told += " · " + _("utilisée le {when}").format(when=instant_long_year(one.used_at))
    return PasskeyLine(one.pk, one.label, told)


def _by_second(request: MarelleRequest, asked: SecondAsked) -> Recognised | None:
    try:
        return services.account_recognise_second(
            actor=request.actor, shown=asked.shown or "", origin=origin_of(request), now=request.now
        )
    except WrongSecond:
        asked.is_wrong()
        return None


def _by_password(request: MarelleRequest, form: forms.Form) -> Recognised | None:
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


def _added(request: MarelleRequest, made: Sealed | None) -> HttpResponse:
    """Who adds a second factor has just shown it."""
    user_id = request.actor.user_id or 0
    session_shown_again(request, Recognised(user_id, request.now, frozenset({Factor.SECOND})))
    return _codes_shown(request, made)


def _codes_shown(request: MarelleRequest, made: Sealed | None) -> HttpResponse:
    """Lead to the page that shows the codes that were made, if any."""
    if made is None:
        return redirect("account:second")
    request.session[NEW_CODES] = made.token
    return redirect("account:codes")
