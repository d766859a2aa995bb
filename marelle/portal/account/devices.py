"""Where an account is connected, and closing what should not be."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from marelle.accounts.models import Device
from marelle.accounts.selectors import own_browsers, own_devices
from marelle.accounts.services import browser_forget, device_close, devices_close
from marelle.accounts.tokens import hash_of
from marelle.core.french import instant_long
from marelle.flows.actor.middleware import MarelleRequest
from marelle.journal.origin import origin_of
from marelle.portal.access.sessions import device_of, remembered_of, session_end


@dataclass(frozen=True, slots=True)
class DeviceLine:
    id: int
    label: str
    first_seen: str
    last_seen: str
    is_this: bool


@dataclass(frozen=True, slots=True)
class BrowserLine:
    id: int
    label: str
    since: str
    until: str


@require_http_methods(["GET"])
def devices(request: MarelleRequest) -> HttpResponse:
    this = device_of(request)
    lines = [_line(device, this) for device in own_devices(request.actor, now=request.now)]
    lines.sort(key=lambda line: not line.is_this)
    others = sum(not line.is_this for line in lines)
    remembered = own_browsers(request.actor, now=request.now)
    others += sum(one.token_hash != hash_of(remembered_of(request)) for one in remembered)
    browsers = [
        BrowserLine(
            one.pk, one.label or _("Appareil inconnu"), instant_long(one.since), instant_long(one.until)
        )
        for one in remembered
    ]
    context = {"devices": lines, "others": others, "browsers": browsers}
    return render(request, "account/devices.html", context)


@require_POST
def forget(request: MarelleRequest, browser_id: int) -> HttpResponse:
    browser_forget(actor=request.actor, browser_id=browser_id, origin=origin_of(request), now=request.now)
    messages.success(request, _("La double authentification sera de nouveau demandée sur cet appareil."))
    return redirect("account:devices")


@require_POST
def close(request: MarelleRequest, device_id: int) -> HttpResponse:
    """One that is not there any more was closed already: the answer is the same."""
    if device_id == device_of(request):
        messages.info(request, _("C’est l’appareil que vous utilisez : déconnectez-vous pour le fermer."))
    else:
        device_close(actor=request.actor, device_id=device_id, origin=origin_of(request), now=request.now)
        messages.success(request, _("L’appareil est déconnecté."))
    return redirect("account:devices")


@require_POST
def close_others(request: MarelleRequest) -> HttpResponse:
    count = devices_close(
        actor=request.actor,
        kept=device_of(request),
        kept_browser=remembered_of(request),
        origin=origin_of(request),
        now=request.now,
    )
    told = ngettext("%d autre appareil est déconnecté.", "%d autres appareils sont déconnectés.", count)
    messages.success(request, told % count if count else _("Aucun autre appareil n’est connecté."))
    return redirect("account:devices")


@require_POST
def close_all(request: MarelleRequest) -> HttpResponse:
    """This one too."""
    devices_close(actor=request.actor, kept=None, origin=origin_of(request), now=request.now)
    session_end(request)
    messages.success(request, _("Votre compte est déconnecté de tous les appareils."))
    return redirect(settings.LOGIN_URL)


def _line(device: Device, this: int | None) -> DeviceLine:
    return DeviceLine(
        id=device.pk,
        label=device.label or _("Appareil inconnu"),
        first_seen=instant_long(device.first_seen),
        last_seen=instant_long(device.last_seen),
        is_this=device.pk == this,
    )
