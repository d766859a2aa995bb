"""The door as an enrolled tablet opens it, without a login: its own cookie, and the code of who holds it.

At each request the tablet, the duty of the day and the post of who holds it are checked again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.agents.attendance import cookies
from marelle.agents.attendance.answers import answered, batch_answer, form_answer, version
from marelle.agents.attendance.emergency import emergency_lines
from marelle.agents.attendance.showing import child_of, chosen_part, milliseconds, moments, page_of
from marelle.agents.attendance.words import pin_text, refused_text
from marelle.attendance.models import Tablet
from marelle.attendance.selectors import holder_actor, holders
from marelle.attendance.tablets import PinAnswer, pin_check, tablet_claim, tablet_seen
from marelle.core.actor import Actor
from marelle.core.converters import id_read
from marelle.core.french import day_long_year
from marelle.core.refusals import Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.door.emergency import emergency_sheet
from marelle.flows.door.expected import Door, door_of
from marelle.journal.origin import origin_of
from marelle.ui.emergency import render_emergency

FRAME = "agents/attendance/porte.html"
DAY_HEADER, AT_HEADER, FORGET_HEADER = "X-Door-Day", "X-Door-At", "X-Door-Forget"
READ_AGAIN = "X-Door-Again"
OF_WORKER = ("ui/door-store.js", "ui/door-clock.js")
ASSETS = (
    "ui/marelle.css",
    "agents/door.css",
    "ui/favicon.svg",
    "ui/marelle.js",
    *OF_WORKER,
    "ui/door-list.js",
    "ui/door.js",
    "ui/porte.js",
)

DutyView = Callable[[MarelleRequest, Tablet, Actor], HttpResponse]


def on_duty(view: DutyView) -> Callable[[MarelleRequest], HttpResponse]:
    """For who opened this tablet today and still works there; anybody else is led to the names."""

    @wraps(view)
    def guarded(request: MarelleRequest) -> HttpResponse:
        tablet = cookies.tablet_at(request)
        today = request.today
        duty = cookies.duty_at(request, tablet, today) if tablet else None
        actor = holder_actor(tablet, duty.account_id) if tablet and duty else None
        if tablet is None or actor is None:
            return redirect("porte:home")
        tablet_seen(tablet, now=request.now)
        return answered(view(request, tablet, actor))

    return login_not_required(guarded)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def home(request: MarelleRequest) -> HttpResponse:
    """The code of an unknown tablet; the names and the PIN of one that is known. Coming here ends a duty."""
    tablet = cookies.tablet_at(request)
    if tablet is None or tablet.revoked_at is not None:
        return _claim(request, tablet)
    error = ""
    chosen = id_read(request.POST.get("account", "")) or 0
    if request.method == "POST":
        checked = pin_check(
            tablet=tablet, account_id=chosen, pin=request.POST.get("pin", ""), now=request.now
        )
        if checked.answer is PinAnswer.RIGHT:
            opened = redirect("porte:sheet")
            cookies.duty_keep(opened, cookies.duty_token(tablet, chosen, request.today))
            return opened
        error = pin_text(checked)
    tablet_seen(tablet, now=request.now)
    context = {"tablet": tablet, "holders": holders(tablet.structure_id), "error": error, "chosen": chosen}
    response = _dated(request, render(request, "agents/attendance/names.html", context))
    if request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate":
        cookies.duty_forget(response)
    return response


@require_safe
@on_duty
def sheet(request: MarelleRequest, tablet: Tablet, actor: Actor) -> HttpResponse:
    """All the day of the structure, which the script shows a part at a time: it must last without network."""
    door = chosen_part(_door(request, tablet, actor, enrolled=True))
    context = page_of(door, address=_address, now=request.now) | {
        "frame": FRAME,
        "on_tablet": True,
        "scope": "porte",
        "tick_url": reverse("porte:tick"),
        "batch_url": reverse("porte:batch"),
        "changing_url": reverse("porte:home"),
        "who": actor.label,
        "account": actor.user_id,
        "duty": cookies.duty_token(tablet, actor.user_id or 0, door.day),
        "moments": moments(door.openings),
    }
    return _dated(request, render(request, "agents/attendance/sheet.html", context))


@require_safe
@on_duty
def child(request: MarelleRequest, tablet: Tablet, actor: Actor) -> HttpResponse:
    child_id = id_read(request.GET.get("n", "")) or 0
    first = id_read(request.GET.get("s", ""))
    context = child_of(chosen_part(_door(request, tablet, actor)), child_id, first, now=request.now)
    if context is None:
        raise Http404
    context |= {"frame": FRAME, "tick_url": reverse("porte:tick")}
    context["back_url"] = f"{reverse('porte:sheet')}#c{context['row']}"
    return render(request, "agents/attendance/child.html", context)


@require_safe
@on_duty
def emergency(request: MarelleRequest, tablet: Tablet, actor: Actor) -> HttpResponse:
    """Whom to call for each child of the day: kept on the tablet too, for an evacuation."""
    door = _door(request, tablet, actor)
    rows = render_emergency(emergency_lines(emergency_sheet(door)))
    context = {"frame": FRAME, "door": door, "day": day_long_year(door.day), "rows": rows}
    return _dated(request, render(request, "agents/attendance/emergency.html", context))


@require_POST
@on_duty
def tick(request: MarelleRequest, tablet: Tablet, actor: Actor) -> HttpResponse:
    row = form_answer(request, actor=actor, tablet=tablet, structure_id=tablet.structure_id, by=actor.user_id)
    return redirect(reverse("porte:sheet") + (f"#c{row}" if row else ""))


@csrf_exempt
@login_not_required
@require_POST
def batch(request: MarelleRequest) -> HttpResponse:
    """What a tablet kept, a revoked one too: nothing ticked is lost.

    Another site cannot send it: the cookie never leaves with its requests, and JSON is not what a form posts.
    """
    tablet = cookies.tablet_at(request)
    if tablet is None or request.content_type != "application/json":
        raise PermissionDenied
    actor = Actor(user_id=None, label=tablet.name)
    answer = batch_answer(request, actor=actor, tablet=tablet, structure_id=tablet.structure_id)
    return answered(answer)


@login_not_required
@require_safe
def worker(request: MarelleRequest) -> HttpResponse:
    """The worker; and, for who asks for its head alone, what time it is here."""
    assets = [staticfiles_storage.url(name) for name in ASSETS]
    scripts = [staticfiles_storage.url(name) for name in OF_WORKER]
    context = {"version": version(), "assets": json.dumps(assets), "scripts": json.dumps(scripts)[1:-1]}
    response = render(
        request, "agents/attendance/service-worker.js", context, content_type="text/javascript; charset=utf-8"
    )
    response["Cache-Control"] = "no-cache"
    response[AT_HEADER] = milliseconds(request.now)
    return response


@login_not_required
@require_safe
def manifest(_request: MarelleRequest) -> HttpResponse:
    icon = {"src": staticfiles_storage.url("ui/favicon.svg"), "sizes": "any", "type": "image/svg+xml"}
    start = reverse("porte:home")
    told = {
        "name": _("Marelle, à la porte"),
        "short_name": _("À la porte"),
        "lang": "fr",
        "start_url": start,
        "scope": start,
        "display": "standalone",
        "background_color": "#f6f5f0",
        "theme_color": "#0b6468",
        "icons": [icon],
    }
    return JsonResponse(told, content_type="application/manifest+json")


def _claim(request: MarelleRequest, revoked: Tablet | None) -> HttpResponse:
    error = ""
    if request.method == "POST":
        try:
            tablet, secret = tablet_claim(
                code=request.POST.get("code", ""), origin=origin_of(request), now=request.now
            )
        except Refusal as refusal:
            error = refused_text(refusal)
        else:
            messages.success(
                request, _("La tablette est prête : %(place)s.") % {"place": tablet.structure.name}
            )
            claimed = redirect("porte:home")
            cookies.tablet_keep(claimed, secret)
            cookies.duty_forget(claimed)
            return claimed
    context = {"error": error, "revoked": revoked, "typed": request.POST.get("code", "")}
    response = answered(render(request, "agents/attendance/claim.html", context))
    response[FORGET_HEADER] = "1"
    return response


def _door(request: MarelleRequest, tablet: Tablet, actor: Actor, *, enrolled: bool = False) -> Door:
    day = request.today
    notes = READ_AGAIN not in request.headers
    door = door_of(actor, tablet.structure_id, day, now=request.now, notes=notes, enrolled=enrolled)
    if door is None:
        raise Http404
    return door


def _address(child_id: int, first: int) -> str:
    return f"{reverse('porte:child')}?n={child_id}&s={first}"


def _dated(request: MarelleRequest, response: HttpResponse) -> HttpResponse:
    """The day of which the service worker may keep this page, and no longer; and what time it is."""
    response[DAY_HEADER] = request.today.isoformat()
    response[AT_HEADER] = milliseconds(request.now)
    return answered(response)
