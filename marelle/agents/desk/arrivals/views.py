"""A first visit: who was recognised, those whom the office holds and who may be the same, and the answer."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from marelle.agents.desk.addresses import latest_case
from marelle.agents.desk.arrivals import words
from marelle.agents.desk.arrivals.forms import RefuseForm
from marelle.agents.desk.layout import answered, case_again, case_page
from marelle.agents.guards import staff_only
from marelle.core.actor import Role
from marelle.core.converters import id_read
from marelle.core.refusals import NotYours, Refusal
from marelle.families.scope import keeps_files
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.identities.arrivals import arrival, arrival_link, arrival_refuse, arrival_sheet
from marelle.flows.identities.over import KIND
from marelle.shell.again import recognised_first

DECIDE = (Role.ADMINISTRATOR, Role.OFFICE)
NUMBER = "dossier"
"""In an address: the number of a file whose adults are shown as well."""


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDE)
def page(request: MarelleRequest, arrival_id: int) -> HttpResponse:
    """Shows the visit; a POST answers that it is nobody. Who comes second reads who has answered what."""
    row = arrival(request.actor, arrival_id)
    if row is None:
        return _linked_page(request, arrival_id)
    form = RefuseForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            arrival_refuse(
                actor=request.actor,
                arrival_id=row.pk,
                reason=form.cleaned_data["reason"],
                now=request.now,
            )
        except Refusal as refusal:
            messages.warning(request, words.refusal_text(refusal))
            return case_again(request, KIND, row.pk)
        return answered(request, KIND, row.pk, _("C’est noté : la personne reçoit votre réponse."))
    number = request.GET.get(NUMBER, "")[:12]
    sheet = arrival_sheet(request.actor, row, number=number, now=request.now)
    context = {
        "form": form,
        "visit_id": row.pk,
        "number": number,
        "not_found": bool(number.strip()) and not sheet.by_number,
        "new_url": reverse("agents_families:new", query={"visite": row.pk}),
        **words.parts(sheet),
    }
    return case_page(
        request,
        "agents/arrivals/arrival.html",
        kind=KIND,
        subject_id=row.pk,
        title=_("Première visite : %(who)s") % {"who": row},
        context=context,
    )


@require_POST
@staff_only(*DECIDE)
@recognised_first
def link(request: MarelleRequest, arrival_id: int) -> HttpResponse:
    person_id = id_read(request.POST.get("person", ""))
    if arrival(request.actor, arrival_id) is None:
        return _linked_page(request, arrival_id)
    if person_id is None:
        messages.warning(request, _("Choisissez d’abord qui est cette personne."))
        return case_again(request, KIND, arrival_id)
    try:
        arrival_link(actor=request.actor, arrival_id=arrival_id, person_id=person_id, now=request.now)
    except NotYours:
        return _linked_page(request, arrival_id)
    except Refusal as refusal:
        messages.warning(request, words.refusal_text(refusal))
        return case_again(request, KIND, arrival_id)
    told = _("C’est relié : la personne entre maintenant par là, et elle en est prévenue.")
    return answered(request, KIND, arrival_id, told)


def _linked_page(request: MarelleRequest, arrival_id: int) -> HttpResponse:
    """Of one that was linked: what was told of it is gone."""
    case = latest_case(KIND, arrival_id)
    if case is None or not keeps_files(request.actor) or case.family_id in request.apart:
        raise Http404
    if request.method == "POST":
        return case_again(request, KIND, arrival_id)
    return case_page(
        request,
        "agents/arrivals/linked.html",
        kind=KIND,
        subject_id=arrival_id,
        title=_("Première visite"),
        context={},
    )
