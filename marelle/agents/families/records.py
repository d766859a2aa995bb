"""What only agents write in a family's file, one plain form for each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.agents.changes.words import refused
from marelle.agents.families.record_forms import (
    CustodyForm,
    DepartureForm,
    QuotientForm,
    RecordForm,
    ResidenceForm,
    SchoolingForm,
)
from marelle.agents.guards import staff_only
from marelle.core.clock import local
from marelle.core.refusals import Refusal
from marelle.families import services
from marelle.families.models import Family, Member
from marelle.families.refusals import NoSuchRow
from marelle.families.selectors import current
from marelle.flows.actors import MAY_ACT
from marelle.flows.middleware import MarelleRequest
from marelle.flows.modifications import family_depart
from marelle.places.rules import school_year_of

either = require_http_methods(["GET", "HEAD", "POST"])


@either
@staff_only(*MAY_ACT)
def residence(request: MarelleRequest, family_id: int) -> HttpResponse:
    form = ResidenceForm(_data(request), day=_day(request))

    def save() -> None:
        services.residence_add(
            actor=request.actor,
            family_id=family_id,
            street=form.value["street"],
            postal_code=form.value["postal_code"],
            city=form.value["city"],
            commune_id=None,
            since=form.cleaned_data["since"],
            source=form.cleaned_data["source"],
            now=request.now,
        )

    return _page(request, family_id, form, save, _("Adresse"))


@either
@staff_only(*MAY_ACT)
def quotient(request: MarelleRequest, family_id: int) -> HttpResponse:
    form = QuotientForm(_data(request), day=_day(request))

    def save() -> None:
        services.quotient_add(
            actor=request.actor,
            family_id=family_id,
            amount=form.amount_checked(),
            since=form.cleaned_data["since"],
            source=form.cleaned_data["source"],
            now=request.now,
        )

    return _page(request, family_id, form, save, _("Quotient familial"))


@either
@staff_only(*MAY_ACT)
def custody(request: MarelleRequest, family_id: int, person_id: int) -> HttpResponse:
    member = _child(request, family_id, person_id)
    form = CustodyForm(_data(request), day=_day(request))

    def save() -> None:
        weeks, holidays = form.custody()
        services.custody_set(
            actor=request.actor,
            member_id=member.pk,
            weeks=weeks,
            holidays=holidays,
            since=form.cleaned_data["since"],
            now=request.now,
        )

    return _page(request, family_id, form, save, _("Garde de %(name)s") % {"name": member.person})


@either
@staff_only(*MAY_ACT)
def schooling(request: MarelleRequest, family_id: int, person_id: int) -> HttpResponse:
    member = _child(request, family_id, person_id)
    form = SchoolingForm(_data(request), day=_day(request))

    def save() -> None:
        services.schooling_set(
            actor=request.actor,
            child_id=person_id,
            school_id=int(form.value["school"]),
            school_year=school_year_of(_day(request)),
            level=form.value["level"],
            teacher=form.value["teacher"],
            now=request.now,
        )

    return _page(request, family_id, form, save, _("École de %(name)s") % {"name": member.person})


@either
@staff_only(*MAY_ACT)
def departure(request: MarelleRequest, family_id: int) -> HttpResponse:
    form = DepartureForm(_data(request), day=_day(request))

    def save() -> None:
        family_depart(
            actor=request.actor, family_id=family_id, left_on=form.cleaned_data["left_on"], now=request.now
        )

    return _page(request, family_id, form, save, _("Départ du foyer"))


def _day(request: MarelleRequest) -> date:
    return local(request.now).date()


def _data(request: MarelleRequest) -> dict[str, str] | None:
    return request.POST.dict() if request.method == "POST" else None


def _child(request: MarelleRequest, family_id: int, person_id: int) -> Member:
    member = (
        Member.objects.filter(
            current(_day(request)), family_id=family_id, person_id=person_id, kind=Member.Kind.CHILD
        )
        .select_related("person")
        .first()
    )
    if member is None:
        raise Http404
    return member


def _page(
    request: MarelleRequest, family_id: int, form: RecordForm, save: Callable[[], object], title: str
) -> HttpResponse:
    family = Family.objects.filter(pk=family_id).first()
    if family is None:
        raise Http404
    if request.method == "POST" and form.is_valid():
        try:
            save()
        except NoSuchRow as refusal:
            raise Http404 from refusal
        except Refusal as refusal:
            form.refuse(refused(refusal))
        else:
            messages.success(request, _("C’est enregistré."))
            return redirect("agents_families:family", family_id)
    return render(request, "agents/families/record.html", {"family": family, "form": form, "heading": title})
