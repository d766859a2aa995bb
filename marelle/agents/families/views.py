"""« Familles »: find one, open its file, and work in its name on its own screens."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marelle.agents.families import words
from marelle.agents.families.month_words import month_shown
from marelle.agents.families.note_forms import NoteForm
from marelle.agents.families.restriction_words import home_lines
from marelle.agents.families.sections import sections as sections_of
from marelle.agents.families.teens import teen_links
from marelle.agents.guards import staff_only
from marelle.agents.ways import home_ways
from marelle.core.french import day_plain
from marelle.enrolments.models import TeenAccess
from marelle.families.models import FormerFile
from marelle.families.restrictions import restrictions_of_home
from marelle.families.scope import keeps_files
from marelle.flows.actor.acting import OwnHome, acting_start, may_act
from marelle.flows.actor.actors import ACTING_FOR, MAY_ACT
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.office.dossiers import Dossier, dossier
from marelle.flows.office.family_page import family_page
from marelle.flows.office.home_month import home_month
from marelle.flows.office.search import FOUND_AT_MOST, families_found, reads_incomes
from marelle.places.scope import DECIDERS

QUERY_LENGTH = 100

DESTINATIONS = {
    "bord": "/tableau-de-bord/",
    "dossier": "/famille/",
    "inscriptions": "/inscriptions/",
    "reservations": "/reservations/",
    "documents": "/documents/",
    "factures": "/factures/",
    "presences": "/factures/presence/",
    "historique": "/historique/",
}
"""Pages of the family side on which an agent begins to act, by the word that a button posts."""


@require_safe
@staff_only(*DECIDERS)
def search(request: MarelleRequest) -> HttpResponse:
    """The page, or its list alone for the script that asks as one types."""
    query = request.GET.get("q", "").replace("\0", "").strip()[:QUERY_LENGTH]
    found = families_found(request.actor, query, day=request.today)
    context = {
        "query": query,
        "found": found,
        "count": words.count_text(len(found), query, FOUND_AT_MOST),
        "may_act": may_act(request.actor),
        "keeps_files": keeps_files(request.actor),
    }
    part = "found" if request.GET.get("part") == "found" else "search"
    return render(request, f"agents/families/{part}.html", context)


@require_safe
@staff_only(*DECIDERS)
def family(request: MarelleRequest, family_id: int) -> HttpResponse:
    return family_response(request, family_id, NoteForm(actor=request.actor))


def family_response(request: MarelleRequest, family_id: int, note_form: NoteForm) -> HttpResponse:
    """The page of a home, with a note that could not be written still in its form."""
    found = dossier(request.actor, family_id, now=request.now)
    if found is None:
        former = FormerFile.objects.filter(old_id=family_id).first() if may_act(request.actor) else None
        if former is None:
            raise Http404
        return redirect("agents_families:family", former.family_id)
    page, sections, month = None, None, None
    if not found.is_own:
        page = family_page(request.actor, found.family, found.kinds, now=request.now)
        reads = reads_incomes(request.actor, family_id, day=request.today)
        month = home_month(request.actor, family_id, reads=reads, day=request.today)
        sections = sections_of(page, found.first_names, actor=request.actor, now=request.now)
    apart = {home.pk for homes in page.other_homes.values() for home in homes} if page else set()
    ways = home_ways(request, apart)
    context = {
        "family": found.family,
        "residence": found.residence,
        "adults": words.adult_rows(found, may_invite=may_act(request.actor)),
        "children": words.child_rows(found, page, ways, _teens(request, found), request.today),
        "is_own": found.is_own,
        "may_act": may_act(request.actor) and not found.is_own,
        "keeps_files": keeps_files(request.actor),
        "restrictions": home_lines(
            restrictions_of_home(family_id, day=request.today),
            found.kinds,
            linked=may_act(request.actor),
        )
        if not found.is_own
        else (),
        "left_on": day_plain(found.family.left_on) if found.family.left_on else "",
        "sections": sections,
        "month": month and month_shown(month, found.first_names),
        "note_form": note_form,
    }
    return render(request, "agents/families/family.html", context)


def _teens(request: MarelleRequest, found: Dossier) -> Mapping[int, list[tuple[str, str]]]:
    """The accounts of its children, for who may close them; one query."""
    if found.is_own or not may_act(request.actor):
        return {}
    return teen_links(TeenAccess.objects.live().filter(family=found.family).select_related("account"))


@require_POST
@staff_only(*MAY_ACT)
def act_for(request: MarelleRequest, family_id: int) -> HttpResponse:
    try:
        family = acting_start(actor=request.actor, family_id=family_id, now=request.now)
    except OwnHome:
        messages.warning(request, _("C’est votre propre famille : un autre agent doit s’en occuper."))
        return redirect("agents_families:search")
    request.session[ACTING_FOR] = family.pk
    return redirect(DESTINATIONS.get(request.POST.get("vers", ""), DESTINATIONS["bord"]))


@require_POST
@staff_only(*MAY_ACT)
def stop_acting(request: MarelleRequest) -> HttpResponse:
    request.session.pop(ACTING_FOR, None)
    messages.success(request, _("Vous n’agissez plus au nom d’une famille."))
    return redirect("agents_families:search")
