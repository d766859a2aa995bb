"""« Places à confirmer »: how many children a gauge counts, before what a count has freed is given."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from marelle.activities.models import Gauge
from marelle.activities.services import kept_by
from marelle.agents.activities.closings.forms import places_field
from marelle.agents.desk.addresses import case_again, latest_case
from marelle.agents.desk.blocked import blocked_text
from marelle.agents.desk.gauges import words
from marelle.agents.desk.layout import answered, case_page
from marelle.agents.guards import staff_only
from marelle.bookings.recounting import KIND
from marelle.cases.models import Case
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.catalogue.recounting import ConfirmRefused, ToConfirm, gauge_confirm, to_confirm
from marelle.places.scope import DECIDERS


class ConfirmForm(forms.Form):
    """`vu` is the number that the page showed."""

    vu = forms.IntegerField(widget=forms.HiddenInput)
    capacity = places_field(gettext_lazy("Combien d’enfants accueillez-vous à la fois ?"))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def gauge(request: MarelleRequest, recounted_id: int) -> HttpResponse:
    row = kept_by(request.actor, Gauge).select_related("structure").filter(pk=recounted_id).first()
    case = latest_case(KIND, recounted_id)
    if row is None or case is None:
        raise Http404
    found = to_confirm(request.actor, recounted_id, now=request.now)
    initial = {"vu": found.capacity, "capacity": found.capacity} if found is not None else {}
    form = ConfirmForm(request.POST or None, initial=initial)
    if request.method == "POST" and found is None:
        messages.info(request, _("Il n’y a plus rien à confirmer de cette jauge."))
        return case_again(request, KIND, recounted_id)
    if request.method == "POST" and form.is_valid():
        try:
            return _confirmed(request, recounted_id, form)
        except ConfirmRefused as refusal:
            form = ConfirmForm({**form.cleaned_data, "vu": initial["vu"]})
            form.add_error("capacity", words.refusal_text(refusal))
    return _page(request, row, case, found, form)


def _confirmed(request: MarelleRequest, gauge_id: int, form: ConfirmForm) -> HttpResponse:
    capacity = form.cleaned_data["capacity"]
    gauge_confirm(
        actor=request.actor,
        gauge_id=gauge_id,
        capacity=capacity,
        seen=form.cleaned_data["vu"],
        now=request.now,
    )
    return answered(request, KIND, gauge_id, words.confirmed_text(capacity))


def _page(
    request: MarelleRequest, row: Gauge, case: Case, found: ToConfirm | None, form: ConfirmForm
) -> HttpResponse:
    return case_page(
        request,
        "agents/gauges/gauge.html",
        kind=KIND,
        subject_id=row.pk,
        title=words.title(row),
        context={
            "gauge": row,
            "told": words.told(found) if found is not None else [],
            "blocked": blocked_text(request.actor, case, own_file=False),
            "form": form,
        },
    )
