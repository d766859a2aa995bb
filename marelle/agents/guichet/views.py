"""« Guichet unique »: the demands of childcare, their contacts, their answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marelle.agents.guards import staff_only
from marelle.agents.guichet.forms import AnswerForm, ContactForm
from marelle.core.clock import local
from marelle.core.french import day_plain, instant_long_year
from marelle.core.phones import phone_text
from marelle.core.refusals import Refusal
from marelle.flows.middleware import MarelleRequest
from marelle.relay import services
from marelle.relay.labels import STATE_TONES, child_text, refusal_text, weekly_text
from marelle.relay.models import CareRequest
from marelle.relay.refusals import NotYours
from marelle.relay.rules import CareState, Means
from marelle.relay.scope import FOLLOWERS
from marelle.relay.selectors import demand as read_demand
from marelle.relay.selectors import demands as read_demands

PER_PAGE = 30


@require_safe
@staff_only(*FOLLOWERS)
def demands(request: MarelleRequest) -> HttpResponse:
    wanted = request.GET.get("etat", "")
    state = CareState(wanted) if wanted in CareState.values else None
    page = Paginator(read_demands(request.actor, state=state), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": [_line(row) for row in page],
        "states": [("", _("En attente ou en cours")), *CareState.choices],
        "wanted": state.value if state else "",
    }
    return render(request, "agents/guichet/demands.html", context)


@require_safe
@staff_only(*FOLLOWERS)
def demand(request: MarelleRequest, demand_id: int) -> HttpResponse:
    return _page(request, _found(request, demand_id))


@require_POST
@staff_only(*FOLLOWERS)
def contact(request: MarelleRequest, demand_id: int) -> HttpResponse:
    row = _found(request, demand_id)
    form = ContactForm(request.POST)
    if not form.is_valid():
        return _page(request, row, contact_form=form)
    return _done(
        request,
        demand_id,
        lambda: services.care_contact(
            actor=request.actor,
            request_id=demand_id,
            on=form.cleaned_data["on"],
            means=Means(form.cleaned_data["means"]),
            note=form.cleaned_data["note"],
            now=request.now,
        ),
        _("Contact noté."),
    )


@require_POST
@staff_only(*FOLLOWERS)
def close(request: MarelleRequest, demand_id: int) -> HttpResponse:
    row = _found(request, demand_id)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, row, answer_form=form)
    told = _("Demande close : la famille reçoit votre réponse.")
    return _done(
        request,
        demand_id,
        lambda: services.care_close(
            actor=request.actor,
            request_id=demand_id,
            outcome=CareState(form.cleaned_data["outcome"]),
            answer=form.cleaned_data["answer"],
            now=request.now,
        ),
        told if row.email else _("Demande close. Sans adresse mail : pensez à appeler la famille."),
    )


def _done(request: MarelleRequest, demand_id: int, work: Any, told: str) -> HttpResponse:
    try:
        work()
    except NotYours as refusal:
        raise Http404 from refusal
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, told)
    return redirect("agents_guichet:demand", demand_id)


def _found(request: MarelleRequest, demand_id: int) -> CareRequest:
    row = read_demand(request.actor, demand_id)
    if row is None:
        raise Http404
    return row


def _line(row: CareRequest) -> dict[str, Any]:
    state = CareState(row.state)
    return {
        "id": row.pk,
        "label": row.asker_name,
        "child": child_text(row),
        "reference": row.reference,
        "since": instant_long_year(row.received_at),
        "state": state.label,
        "tone": STATE_TONES[state],
    }


def _page(
    request: MarelleRequest,
    row: CareRequest,
    *,
    contact_form: ContactForm | None = None,
    answer_form: AnswerForm | None = None,
) -> HttpResponse:
    pairs = [
        (_("Reçue"), instant_long_year(row.received_at)),
        (_("Téléphone"), phone_text(row.phone)),
        (_("Courriel"), row.email),
        (_("Commune"), str(row.commune) if row.commune else _("hors du territoire")),
        (_("Foyer"), str(row.family) if row.family else _("pas encore de dossier")),
        (_("Enfant"), child_text(row)),
        (_("Recherche"), row.get_care_display()),
        (_("À partir du"), day_plain(row.starts_on)),
        (_("Jours souhaités"), weekly_text(row)),
        (_("Précisions"), row.remarks),
        (_("Réponse"), row.answer),
    ]
    context = {
        **_line(row),
        "pairs": [(term, value) for term, value in pairs if value],
        "contacts": [
            {"day": day_plain(one.on), "means": one.get_means_display(), "note": one.note, "by": one.noted_by}
            for one in row.contacts.all()
        ],
        "is_open": row.closed_at is None,
        "contact_form": contact_form or ContactForm(initial={"on": local(request.now).date()}),
        "answer_form": answer_form or AnswerForm(),
    }
    return render(request, "agents/guichet/demand.html", context)
