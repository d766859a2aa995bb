"""« Guichet unique »: asking for childcare, with an account or without one, and following one's demands."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.accounts.rules import network_of
from marelle.campaigns.commissions.answering import sheet_answer
from marelle.campaigns.commissions.labels import refusal_text as commission_refusal_text
from marelle.campaigns.commissions.refusals import AnswerRefused
from marelle.cases.services import AlreadyDecided
from marelle.core.converters import id_read
from marelle.core.french import day_plain, instant_long_year
from marelle.core.refusals import Refusal
from marelle.families.models import Person
from marelle.families.nearby import commune_id_of
from marelle.families.selectors import children
from marelle.flows.actor.middleware import MarelleRequest
from marelle.journal.origin import origin_of
from marelle.places.selectors import structures_to_reach
from marelle.portal.guichet.forms import DemandForm
from marelle.portal.guichet.receipts import receipts
from marelle.portal.robots import not_proven_text, too_many_sendings_text
from marelle.relay.labels import STATE_TONES, child_text, refusal_text, weekly_text
from marelle.relay.models import CareRequest
from marelle.relay.rules import OPEN, CareState
from marelle.relay.selectors import demands_of, relay_ids
from marelle.relay.services import care_ask, care_withdraw
from marelle.robots.refusals import NotProven, TooManySendings
from marelle.robots.rules import Allowance
from marelle.robots.services import human_check, sending_count

RECEIVED = "care_demand"
"""Session key: number, hour and relais of the demand just sent, for the page that acknowledges it."""

SENDINGS = Allowance(5, timedelta(hours=1))
"""From one account; of who has none, from one network address and to one mail address."""


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def ask(request: MarelleRequest) -> HttpResponse:
    signed_in = request.actor.user_id is not None
    form = DemandForm(
        request.POST if request.method == "POST" else None,
        now=request.now,
        signed_in=signed_in,
        initial=_known(request),
    )
    if request.method == "POST" and form.is_valid():
        try:
            _prove(request, form)
            row = care_ask(actor=request.actor, demand=form.demand(), now=request.now)
        except NotProven as refusal:
            form.add_error("robot", not_proven_text(refusal))
        except TooManySendings as refusal:
            form.add_error(None, too_many_sendings_text(refusal))
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            request.session[RECEIVED] = [row.reference, instant_long_year(row.received_at), row.structure_id]
            return redirect("guichet:received")
    context = {
        "form": form,
        "rows": form.day_rows(),
        "relays": structures_to_reach(relay_ids(request.actor, day=request.today)),
        "follows": request.actor.family_id is not None,
    }
    return render(request, "portal/guichet/ask.html", context)


@require_safe
@login_not_required
def received(request: MarelleRequest) -> HttpResponse:
    told = request.session.get(RECEIVED)
    if told is None:
        return redirect("guichet:ask")
    reference, at, structure_id = told
    context = {
        "reference": reference,
        "at": at,
        "relays": structures_to_reach([structure_id]),
        "follows": request.actor.family_id is not None,
    }
    return render(request, "portal/guichet/received.html", context)


@require_safe
def mine(request: MarelleRequest) -> HttpResponse:
    if request.actor.family_id is None:
        raise Http404
    sheets = receipts(request.actor, request.today)
    cards = [{**_card(row), "receipts": sheets.get(row.pk, [])} for row in demands_of(request.actor)]
    return render(request, "portal/guichet/mine.html", {"demands": cards})


@require_POST
def answer(request: MarelleRequest, care_sheet_id: int) -> HttpResponse:
    """The place that a commission proposes, accepted or given back."""
    accepts = request.POST.get("answer") == "accept"
    if not accepts and request.POST.get("answer") != "decline":
        messages.warning(request, _("Dites si vous acceptez la place, ou si vous la rendez."))
        return redirect("guichet:mine")
    try:
        sheet_answer(actor=request.actor, sheet_id=care_sheet_id, accepts=accepts, now=request.now)
    except (AnswerRefused, AlreadyDecided) as refusal:
        messages.warning(request, commission_refusal_text(refusal))
    else:
        told = (
            _("La place est à vous. La structure vous contacte pour l’inscription.")
            if accepts
            else _("Vous avez rendu la place. Votre demande reste au guichet unique.")
        )
        messages.success(request, told)
    return redirect("guichet:mine")


@require_POST
def withdraw(request: MarelleRequest, demand_id: int) -> HttpResponse:
    try:
        care_withdraw(actor=request.actor, request_id=demand_id, now=request.now)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, _("Votre demande est retirée. Le relais le sait."))
    return redirect("guichet:mine")


def _prove(request: MarelleRequest, form: DemandForm) -> None:
    """Nobody floods the relais; who is not signed in also shows that a person sends."""
    network = network_of(origin_of(request).address)
    if request.actor.user_id is not None:
        senders = {f"account:{request.actor.user_id}": SENDINGS}
    else:
        human_check(claim=form.cleaned_data["robot"], network=network, now=request.now)
        senders = {f"network:{network}": SENDINGS}
        # Of who is signed in it is not counted: whoever knows its address would use it up in its place.
        if form.cleaned_data["email"]:
            senders[f"mail:{form.cleaned_data['email']}"] = SENDINGS
    sending_count(form="guichet", senders=senders, now=request.now)


def _known(request: MarelleRequest) -> dict[str, Any]:
    """What the account and a child already tell: the one that the address names, else the youngest."""
    actor = request.actor
    if actor.person_id is None or actor.on_behalf_of:
        return {}
    me = Person.objects.get(pk=actor.person_id)
    today = request.today
    found: dict[str, Any] = {
        "asker_name": str(me),
        "email": me.email,
        "phone": me.phone,
        "commune": commune_id_of(actor.family_id, today),
    }
    home = children(actor, day=today)
    if home:
        named = id_read(request.GET.get("enfant", ""))
        chosen = next((one for one in home if one.id == named), home[-1])
        child = Person.objects.get(pk=chosen.id)
        found |= {
            "child_first_name": child.first_name,
            "birth_date": child.birth_date,
            "expected_on": child.expected_on,
        }
    return found


def _card(row: CareRequest) -> dict[str, Any]:
    state = CareState(row.state)
    contacts = list(row.contacts.all())
    return {
        "id": row.pk,
        "reference": row.reference,
        "child": child_text(row),
        "state": state.label,
        "tone": STATE_TONES[state],
        "pairs": [
            (_("Reçue"), instant_long_year(row.received_at)),
            (_("Suivie par"), row.structure.name),
            (_("Recherche"), row.get_care_display()),
            (_("À partir du"), day_plain(row.starts_on)),
            (_("Jours souhaités"), weekly_text(row)),
            (
                _("Contacts du relais"),
                ", ".join(f"{day_plain(one.on)} ({one.get_means_display()})" for one in contacts)
                or _("aucun pour l’instant"),
            ),
            *([(_("Réponse"), row.answer)] if row.answer else []),
        ],
        "is_open": state in OPEN,
    }
