"""« Guichet unique »: the demands of childcare, their contacts, their answer."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marelle.agents.desk.facts import Fact, home_facts, pair_facts, phone_fact, told
from marelle.agents.desk.layout import case_again, case_page
from marelle.agents.desk.places import place_table
from marelle.agents.families.opening import DEMAND
from marelle.agents.guards import staff_only
from marelle.agents.relay.guichet.forms import AnswerForm, ContactForm
from marelle.campaigns.commissions.labels import outcome_text
from marelle.campaigns.commissions.reading import sheets_on
from marelle.campaigns.models import CommissionSheet
from marelle.core.actor import Actor
from marelle.core.converters import id_read
from marelle.core.french import day_plain, instant_long_year
from marelle.core.refusals import Refusal
from marelle.families.finding.twins import likely_homes
from marelle.families.models import Family
from marelle.families.scope import is_own_file
from marelle.families.services import NewAdult, NewChild
from marelle.flows.actor.acting import may_act
from marelle.flows.actor.actors import MAY_ACT
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.office.home_file import home_file, nursery_places
from marelle.places.scope import DECIDERS, is_office_of
from marelle.relay import services
from marelle.relay.labels import STATE_TONES, child_text, refusal_text, weekly_text
from marelle.relay.models import CareRequest
from marelle.relay.rules import CareState, Means
from marelle.relay.selectors import demand as read_demand
from marelle.relay.selectors import demands as read_demands

PER_PAGE = 30


@require_safe
@staff_only(*DECIDERS)
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
@staff_only(*DECIDERS)
def demand(request: MarelleRequest, demand_id: int) -> HttpResponse:
    return _page(request, _found(request, demand_id))


@require_POST
@staff_only(*DECIDERS)
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
@staff_only(*DECIDERS)
def close(request: MarelleRequest, demand_id: int) -> HttpResponse:
    row = _found(request, demand_id)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, row, answer_form=form)
    told = _("Demande close : la famille reçoit votre réponse.")
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
        told if row.email else _("Demande close. Sans adresse de courriel : pensez à appeler la famille."),
    )


@require_POST
@staff_only(*MAY_ACT)
def file(request: MarelleRequest, demand_id: int) -> HttpResponse:
    """The demand joins the file of a home that was proposed."""
    row = _found(request, demand_id)
    chosen = id_read(request.POST.get("family", ""))
    home = next((home for home in _homes(request, row) if home.pk == chosen), None)
    if home is None:
        messages.warning(
            request, _("Ce dossier n’est pas, ou plus, parmi ceux qui ressemblent à cette demande.")
        )
        return case_again(request, services.KIND, demand_id)
    return _done(
        request,
        demand_id,
        partial(
            services.care_file,
            actor=request.actor,
            request_id=demand_id,
            family_id=home.pk,
            now=request.now,
        ),
        _("Demande rattachée au dossier %(home)s.") % {"home": home},
    )


def _homes(request: MarelleRequest, row: CareRequest) -> list[Family]:
    """Homes that look like who asks without a file: of the same name, mail, telephone or child."""
    if row.family_id is not None or not is_office_of(request.actor, row.structure.authority_id):
        return []
    first_name, _space, last_name = row.asker_name.partition(" ")
    adult = NewAdult("1", first_name, last_name, row.email, row.phone)
    child = NewChild(row.child_first_name, last_name, birth_date=row.birth_date)
    children = [child] if row.child_first_name and row.birth_date else []
    found = likely_homes([adult], children, day=request.today)
    homes = {home.pk: home for home in (*found.homes, *(same.family for same in found.children))}
    return [home for home in homes.values() if home.pk not in request.apart]


def _done(request: MarelleRequest, demand_id: int, work: Any, told: str) -> HttpResponse:
    try:
        work()
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, told)
    return case_again(request, services.KIND, demand_id)


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


def _file_links(actor: Actor, row: CareRequest) -> list[tuple[str, str]]:
    """Where the file of an asker who has none is looked for, or made of what was typed."""
    if row.family_id is not None:
        return []
    found = f"{reverse('agents_families:search')}?{urlencode({'q': row.asker_name})}"
    links = [(_("Chercher « %(name)s » dans les familles") % {"name": row.asker_name}, found)]
    if may_act(actor):
        made = f"{reverse('agents_families:new')}?{urlencode({DEMAND: row.pk})}"
        links.append((_("Créer son dossier"), made))
    return links


def _sheet_fact(sheet: CommissionSheet, day: date) -> Fact:
    state, _tone = outcome_text(sheet, day)
    url = reverse("agents_commissions:sheet", args=[sheet.pk])
    return Fact(_("Fiche"), f"{sheet.commission.name} · {state}", url=url)


def _page(
    request: MarelleRequest,
    row: CareRequest,
    *,
    contact_form: ContactForm | None = None,
    answer_form: AnswerForm | None = None,
) -> HttpResponse:
    day = request.today
    home = home_file(request.actor, row.family_id, authority_id=row.structure.authority_id, now=request.now)
    pairs = [
        (_("Reçue"), instant_long_year(row.received_at)),
        (_("Commune"), str(row.commune) if row.commune else _("hors du territoire")),
        (_("Foyer"), "" if home else str(row.family or _("pas encore de dossier"))),
        (_("Enfant"), child_text(row)),
        (_("Recherche"), row.get_care_display()),
        (_("À partir du"), day_plain(row.starts_on)),
        (_("Jours souhaités"), weekly_text(row)),
        (_("Précisions"), row.remarks),
        (_("Réponse"), row.answer),
    ]
    own_file = row.family_id is not None and is_own_file(
        request.actor, family_id=row.family_id, person_id=None, day=day
    )
    sheets = [] if own_file else sheets_on(request.actor, row.pk)
    context = {
        **_line(row),
        "own_file": own_file,
        "facts": told(
            [
                phone_fact(_("Téléphone"), row.phone),
                Fact(_("Courriel"), row.email, url=f"mailto:{row.email}" if row.email else ""),
                *pair_facts(pairs),
                *(_sheet_fact(one, day) for one in sheets),
                *home_facts(home),
            ]
        ),
        "places": place_table(nursery_places(request.actor, row, day=day)),
        "places_summary": _("À l’heure la plus remplie de la journée, parmi celles qui sont demandées."),
        "contacts": [
            {"day": day_plain(one.on), "means": one.get_means_display(), "note": one.note, "by": one.noted_by}
            for one in row.contacts.all()
        ],
        "is_open": row.closed_at is None,
        "file_links": _file_links(request.actor, row),
        "homes": _homes(request, row),
        "contact_form": contact_form or ContactForm(initial={"on": day}),
        "answer_form": answer_form or AnswerForm(),
    }
    return case_page(
        request,
        "agents/guichet/demand.html",
        kind=services.KIND,
        subject_id=row.pk,
        title=f"{row.asker_name} · {child_text(row)}",
        context=context,
    )
